//! Writing numpy's archives of arrays, whose values may be more than fit into memory.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use file_set::FileSet;
use ndarray::ArrayD;

use super::Failure;

/// How several arrays of one name become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// One behind the other along a new first axis.
    Stack,
    /// One behind the other along their first axis.
    Append,
}

/// An npz file of fp32 arrays that grow piece by piece. Until all is there the pieces are in files that vanish with
/// the set.
pub struct NpzWriter {
    path: PathBuf,
    join: Join,
    arrays: Vec<Array>,
}

struct Array {
    name: String,
    values: BufWriter<File>,
    shapes: Vec<Vec<usize>>,
}

impl NpzWriter {
    /// Starts a file that will stand at `path` when the set is published.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn new(files: &mut FileSet, path: &Path, join: Join) -> Result<Self, Failure> {
        // Better known before hours of work than behind them.
        files.scratch(path)?;
        Ok(NpzWriter { path: path.to_owned(), join, arrays: Vec::new() })
    }

    /// Adds a piece to the array of this name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn push(
        &mut self,
        files: &mut FileSet,
        name: &str,
        piece: &ArrayD<f32>,
    ) -> Result<(), Failure> {
        let found = self.arrays.iter().position(|array| array.name == name);
        if found.is_none() {
            let values = BufWriter::new(files.scratch(&self.path)?);
            self.arrays.push(Array { name: name.to_owned(), values, shapes: Vec::new() });
        }
        let array = match found {
            Some(index) => self.arrays.get_mut(index),
            None => self.arrays.last_mut(),
        };
        let Some(array) = array else { return Ok(()) };
        array.shapes.push(piece.shape().to_vec());
        let written =
            piece.iter().try_for_each(|value| array.values.write_all(&value.to_le_bytes()));
        written.map_err(|error| format!("cannot write {}: {error}", self.path.display()).into())
    }

    /// Adds the file to the set. Pieces whose shapes do not let them be joined are arrays of their own: NAME/0, NAME/1
    /// and so on.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self, files: &mut FileSet) -> Result<(), Failure> {
        let NpzWriter { path, join, arrays } = self;
        files.add_with(path, move |out| {
            let mut zip = Zip { out, at: 0, entries: Vec::new() };
            for array in arrays {
                let mut values = array.values.into_inner()?;
                match joined(&array.shapes, join) {
                    Some(shape) => {
                        values.rewind()?;
                        zip.array(&array.name, &shape, &mut values)?;
                    }
                    None => {
                        let mut start = 0;
                        for (index, shape) in array.shapes.iter().enumerate() {
                            values.seek(io::SeekFrom::Start(start))?;
                            zip.array(&format!("{}/{index}", array.name), shape, &mut values)?;
                            start += bytes(shape);
                        }
                    }
                }
            }
            zip.end()
        })?;
        Ok(())
    }
}

/// The shape of all pieces together, if they have one.
fn joined(shapes: &[Vec<usize>], join: Join) -> Option<Vec<usize>> {
    let first = shapes.first()?;
    if join == Join::Append {
        if shapes.len() == 1 {
            return Some(first.clone());
        }
        if let Some((_, inner)) = first.split_first() {
            let alike = |shape: &Vec<usize>| shape.split_first().is_some_and(|(_, i)| i == inner);
            let sum = shapes.iter().filter_map(|shape| shape.first()).sum();
            let all = [&[sum], inner].concat();
            return shapes.iter().all(alike).then_some(all);
        }
    }
    let all = [&[shapes.len()], first.as_slice()].concat();
    shapes.iter().all(|shape| shape == first).then_some(all)
}

fn bytes(shape: &[usize]) -> u64 {
    4 * shape.iter().map(|&side| wide(side)).product::<u64>()
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A ZIP archive without compression, in the form of more than 4 GiB where it has to be.
struct Zip<'a> {
    out: &'a mut dyn Write,
    at: u64,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    crc: u32,
    size: u64,
    at: u64,
}

/// Stands in fields of 32 bits for a number in a field of 64.
const LARGE: u32 = u32::MAX;

impl Zip<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += wide(bytes.len());
        self.out.write_all(bytes)
    }

    /// An array as `numpy.save` writes it. The values stand in `file` where it is.
    fn array(&mut self, name: &str, shape: &[usize], file: &mut File) -> io::Result<()> {
        let header = header(shape);
        let length = bytes(shape);
        let start = file.stream_position()?;
        let mut crc = Crc::default();
        crc.add(&header);
        pieces(file, length, |piece| {
            crc.add(piece);
            Ok(())
        })?;
        let entry = Entry {
            name: format!("{name}.npy"),
            crc: crc.value(),
            size: wide(header.len()) + length,
            at: self.at,
        };
        let sizes = [entry.size; 2];
        let fields = fields(&sizes, &[]);
        self.write(b"PK\x03\x04")?;
        self.write(&entry.head(&fields))?;
        self.write(entry.name.as_bytes())?;
        self.write(&fields.extra)?;
        self.write(&header)?;
        file.seek(io::SeekFrom::Start(start))?;
        pieces(file, length, |piece| self.write(piece))?;
        self.entries.push(entry);
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        let (start, count) = (self.at, wide(self.entries.len()));
        for entry in std::mem::take(&mut self.entries) {
            let fields = fields(&[entry.size; 2], &[entry.at]);
            self.write(b"PK\x01\x02")?;
            // Made by version 4.5 on any system.
            self.write(&45u16.to_le_bytes())?;
            self.write(&entry.head(&fields))?;
            // No comment, disk 0, no attributes.
            self.write(&[0; 10])?;
            for at in &fields.others {
                self.write(&at.to_le_bytes())?;
            }
            self.write(entry.name.as_bytes())?;
            self.write(&fields.extra)?;
        }
        let (size, end) = (self.at - start, self.at);
        let small = |number: u64| u32::try_from(number).unwrap_or(LARGE);
        let few = u16::try_from(count).unwrap_or(u16::MAX);
        if few == u16::MAX || small(start) == LARGE || small(size) == LARGE {
            self.write(b"PK\x06\x06")?;
            self.write(&44u64.to_le_bytes())?;
            self.write(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
            for number in [count, count, size, start] {
                self.write(&number.to_le_bytes())?;
            }
            self.write(b"PK\x06\x07\0\0\0\0")?;
            self.write(&end.to_le_bytes())?;
            self.write(&1u32.to_le_bytes())?;
        }
        self.write(b"PK\x05\x06\0\0\0\0")?;
        self.write(&[few.to_le_bytes(), few.to_le_bytes()].concat())?;
        self.write(&[small(size).to_le_bytes(), small(start).to_le_bytes()].concat())?;
        self.write(&[0; 2])?;
        self.out.flush()
    }
}

/// Numbers in fields of 32 bits; those that are too large stand in the extra field.
struct Fields {
    sizes: Vec<u32>,
    others: Vec<u32>,
    extra: Vec<u8>,
}

fn fields(sizes: &[u64], others: &[u64]) -> Fields {
    let mut large = Vec::new();
    let mut field = |&number: &u64| match u32::try_from(number) {
        Ok(small) if small != LARGE => small,
        _ => {
            large.extend(number.to_le_bytes());
            LARGE
        }
    };
    let (sizes, others) =
        (sizes.iter().map(&mut field).collect(), others.iter().map(&mut field).collect());
    let mut extra = Vec::new();
    if !large.is_empty() {
        extra.extend([1, 0]);
        extra.extend(u16::try_from(large.len()).unwrap_or(0).to_le_bytes());
        extra.extend(large);
    }
    Fields { sizes, others, extra }
}

impl Entry {
    /// What an entry says of itself in both places.
    fn head(&self, fields: &Fields) -> Vec<u8> {
        // Version 4.5, names in UTF-8, not compressed, the first day that ZIP knows.
        let mut head = vec![45, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
        head.extend(self.crc.to_le_bytes());
        head.extend(fields.sizes.iter().flat_map(|size| size.to_le_bytes()));
        for length in [self.name.len(), fields.extra.len()] {
            head.extend(u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
        }
        head
    }
}

/// What stands in front of the values of an fp32 array.
fn header(shape: &[usize]) -> Vec<u8> {
    let sides: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let sides = sides.join(", ");
    let mut text =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({sides}{comma}), }}");
    // The values begin at a multiple of 64.
    let padding = 63 - (10 + text.len()) % 64;
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend(text.bytes());
    bytes
}

/// The next bytes of a file, in pieces.
fn pieces(
    file: &mut File,
    length: u64,
    mut work: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    let mut left = file.take(length);
    loop {
        let read = left.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(piece @ [_, ..]) => work(piece)?,
            _ if left.limit() > 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => return Ok(()),
        }
    }
}

/// ZIP's sum of 32 bits: the reflected polynomial 0xEDB88320.
struct Crc(u32, [u32; 256]);

impl Default for Crc {
    fn default() -> Self {
        let of = |byte: u32| {
            (0..8)
                .fold(byte, |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
        };
        let mut table = [0; 256];
        table.iter_mut().zip(0..).for_each(|(entry, byte)| *entry = of(byte));
        Crc(u32::MAX, table)
    }
}

impl Crc {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let [low, ..] = self.0.to_le_bytes();
            let entry = self.1.get(usize::from(low ^ byte)).copied().unwrap_or(0);
            self.0 = (self.0 >> 8) ^ entry;
        }
    }

    fn value(&self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array, arr0, arr1, arr2};

    use super::super::read_arrays;
    use super::*;

    /// Exact.
    #[test]
    fn sums_are_those_of_zip() {
        let mut crc = Crc::default();
        crc.add(b"123456789");
        assert_eq!(crc.value(), 0xCBF4_3926, "the polynomial's check value");
    }

    /// Exact: what is written is what is read again, and numpy reads it if it is there.
    #[test]
    fn pieces_are_joined() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let row = |from: f32| Array::range(from, from + 3.0, 1.0).into_dyn();
        for (join, expected) in [
            (
                Join::Stack,
                &[
                    ("rows", &[3usize, 3][..]),
                    ("loss", &[3]),
                    ("boxes/0", &[1, 2]),
                    ("boxes/1", &[3, 2]),
                    ("boxes/2", &[0, 2]),
                ][..],
            ),
            (Join::Append, &[("rows", &[9]), ("loss", &[3]), ("boxes", &[4, 2])]),
        ] {
            let path = folder.path().join("out.npz");
            let mut files = FileSet::new();
            let mut npz = NpzWriter::new(&mut files, &path, join).expect("writable");
            for (start, boxes) in [(0.0, 1), (1.0, 3), (2.0, 0)] {
                let mut push = |name: &str, piece: &ArrayD<f32>| {
                    npz.push(&mut files, name, piece).expect("written");
                };
                push("rows", &row(start));
                push("loss", &arr0(0.5).into_dyn());
                push("boxes", &ArrayD::from_elem(vec![boxes, 2], 7.0));
            }
            npz.finish(&mut files).expect("written");
            files.commit().expect("published");
            let read = read_arrays(&path).expect("an archive");
            let shapes: Vec<_> =
                read.iter().map(|(name, a)| (name.as_str(), a.values.shape())).collect();
            assert_eq!(shapes, expected, "{join:?}");
            let rows: Vec<f32> = read[0].1.values.iter().copied().collect();
            assert_eq!(rows, [0.0, 1.0, 2.0, 1.0, 2.0, 3.0, 2.0, 3.0, 4.0]);
            assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
        }
    }

    #[test]
    fn one_piece_keeps_its_shape() {
        let one = [arr1(&[1.0]).into_dyn(), arr2(&[[1.0, 2.0]]).into_dyn(), arr0(1.0).into_dyn()];
        for array in one {
            let shapes = [array.shape().to_vec()];
            assert_eq!(joined(&shapes, Join::Append).as_deref(), Some(array.shape()));
        }
    }

    /// Exact: the layout of fields of 64 bits.
    #[test]
    fn large_numbers_stand_in_the_extra_field() {
        let size = 5u64 << 32;
        let found = fields(&[size, size], &[7]);
        assert_eq!((found.sizes, found.others), (vec![LARGE, LARGE], vec![7]));
        let expected = [&[1, 0, 16, 0][..], &size.to_le_bytes(), &size.to_le_bytes()].concat();
        assert_eq!(found.extra, expected);
    }
}
