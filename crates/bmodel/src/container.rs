use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use byteorder::{ByteOrder, LittleEndian};
use file_set::FileSet;
use planus::{ReadAsRoot, WriteAsOffset};

use crate::schema::{Binary, CmdGroup, Model, ModelRef};
use crate::{Error, Part, Section, expansion, parts};

const MAGIC: u32 = 0xFF55_AAEE;
const HEADER: usize = 64;
/// Bytes of a file at most: the chip's memory and as much again.
const MAX_BYTES: u64 = 1 << 33;
const HEADER_BYTES: u32 = 64;

/// A bmodel: its tables, and the binary block that they refer to.
#[derive(Clone, Debug, PartialEq)]
pub struct Bmodel {
    /// The tables.
    pub model: Model,
    /// The binary block: coefficients, commands. Each [`Binary`] of the tables counts from its begin.
    pub data: Vec<u8>,
}

impl Bmodel {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Read`]; [`Error::File`] around what [`Bmodel::from_bytes`] reports.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        // A pipe or device, which tells no length, could go on for ever.
        let mut bytes = Vec::new();
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if u64::try_from(read).is_ok_and(|read| read > MAX_BYTES) {
            return Err(failed(ErrorKind::FileTooLarge.into()));
        }
        Self::from_bytes(&bytes)
            .map_err(|source| Error::File { path: path.to_owned(), source: Box::new(source) })
    }

    /// Reads a file's bytes. Every part that the tables refer to lies within the binary block
    /// afterwards.
    ///
    /// # Errors
    /// [`Error::Magic`], [`Error::Header`], [`Error::Truncated`], [`Error::Tables`],
    /// [`Error::Expansion`], [`Error::Outside`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let truncated =
            |section, end: u64| Error::Truncated { section, end, length: wide(bytes.len()) };
        let (header, rest) = bytes
            .split_at_checked(HEADER)
            .ok_or_else(|| truncated(Section::Header, HEADER_BYTES.into()))?;
        // Offsets within the header: magic 0, its size 4, tables' bytes 8, binary block's bytes 12.
        let word = |at: usize| header.get(at..at + 4).map_or(0, LittleEndian::read_u32);
        if word(0) != MAGIC {
            return Err(Error::Magic { found: word(0) });
        }
        if word(4) != HEADER_BYTES {
            return Err(Error::Header { found: word(4) });
        }
        let tables = u64::from(word(8));
        let binary = u64::from(word(12)) | u64::from(word(16)) << 32;
        let end = u64::from(HEADER_BYTES) + tables;
        let (tables, rest) = usize::try_from(tables)
            .ok()
            .and_then(|tables| rest.split_at_checked(tables))
            .ok_or_else(|| truncated(Section::Tables, end))?;
        let data = usize::try_from(binary)
            .ok()
            .and_then(|binary| rest.get(..binary))
            .ok_or_else(|| truncated(Section::Binary, end.saturating_add(binary)))?;
        let root = ModelRef::read_as_root(tables).map_err(Error::tables)?;
        expansion::check(root, tables.len())?;
        let mut model = Model::try_from(root).map_err(Error::tables)?;
        parts::visit(&mut model, &mut |part, &mut place| slice(data, part, place).map(|_| ()))?;
        Ok(Bmodel { model, data: data.to_vec() })
    }

    /// The file's bytes. The same model gives the same bytes.
    ///
    /// # Errors
    /// [`Error::TablesTooLong`] if the tables have more bytes than the header can state.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut builder = planus::Builder::new();
        let root = self.model.prepare(&mut builder);
        let tables = builder.finish(root, None);
        let length = u32::try_from(tables.len())
            .map_err(|_| Error::TablesTooLong { length: tables.len() })?;
        let mut bytes = vec![0; HEADER];
        for (at, word) in [(0, MAGIC), (4, HEADER_BYTES), (8, length)] {
            if let Some(place) = bytes.get_mut(at..at + 4) {
                LittleEndian::write_u32(place, word);
            }
        }
        if let Some(place) = bytes.get_mut(12..20) {
            LittleEndian::write_u64(place, wide(self.data.len()));
        }
        bytes.extend_from_slice(tables);
        bytes.extend_from_slice(&self.data);
        Ok(bytes)
    }

    /// Writes a file: all of it or nothing. It gets the permissions of any new file. A link is followed, a device or
    /// FIFO written into.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::File`] around what [`Bmodel::to_bytes`] reports.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let bytes = self
            .to_bytes()
            .map_err(|source| Error::File { path: path.to_owned(), source: Box::new(source) })?;
        let mut files = FileSet::new();
        files.add(path, &bytes).and_then(|()| files.commit()).map_err(Error::Write)
    }

    /// A part of the binary block.
    ///
    /// # Errors
    /// [`Error::Outside`] if it is none.
    pub fn bytes(&self, place: Binary) -> Result<&[u8], Error> {
        slice(&self.data, Part::Unnamed, place)
    }

    /// The commands of a group, TIU and GDMA; empty where it has none.
    ///
    /// # Errors
    /// [`Error::Outside`] if they are not in the binary block.
    pub fn commands(&self, group: &CmdGroup) -> Result<[&[u8]; 2], Error> {
        let part = |place: Option<Binary>| place.map_or(Ok(&[][..]), |place| self.bytes(place));
        Ok([part(group.binary_bdc)?, part(group.binary_gdma)?])
    }
}

/// A length beside the file's 64-bit numbers.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

pub(crate) fn slice(data: &[u8], part: Part, place: Binary) -> Result<&[u8], Error> {
    let Binary { start, size } = place;
    let range = || {
        let first = usize::try_from(start).ok()?;
        data.get(first..first.checked_add(usize::try_from(size).ok()?)?)
    };
    range().ok_or(Error::Outside { part, start, size, length: data.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::tests::small;
    use crate::schema::{Net, NetParameter, Shape, Tensor};

    /// Bit-exact.
    #[test]
    fn what_is_written_reads_the_same() {
        let model = small("net", &[1, 2, 3]);
        let bytes = model.to_bytes().expect("bytes");
        let read = Bmodel::from_bytes(&bytes).expect("whole");
        assert_eq!(read, model);
        assert_eq!(read.to_bytes().expect("bytes"), bytes);
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.bmodel");
        model.write(&path).expect("written");
        assert_eq!(Bmodel::read(&path).expect("read"), model);
        assert!(matches!(Bmodel::read(folder.path().join("b")), Err(Error::Read { .. })));
        assert!(matches!(model.write(folder.path().join("no/b")), Err(Error::Write(_))));
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
    }

    /// Exact permissions. The umask belongs to the process, so another one writes the files.
    #[cfg(unix)]
    #[test]
    fn files_keep_the_umask() {
        use std::os::unix::fs::PermissionsExt;
        const FOLDER: &str = "BMODEL_TEST_FOLDER";
        if let Some(folder) = std::env::var_os(FOLDER) {
            small("net", &[]).write(Path::new(&folder).join("a.bmodel")).expect("written");
            return;
        }
        for (umask, expected) in [("027", 0o640), ("002", 0o664), ("077", 0o600)] {
            let folder = tempfile::tempdir().expect("folder");
            let status = std::process::Command::new("sh")
                .args(["-c", &format!("umask {umask} && exec \"$0\" --exact \"$1\"")])
                .arg(std::env::current_exe().expect("this program"))
                .arg("container::tests::files_keep_the_umask")
                .env(FOLDER, folder.path())
                .stdout(std::process::Stdio::null())
                .status();
            assert!(status.expect("sh").success());
            let file = std::fs::metadata(folder.path().join("a.bmodel")).expect("file");
            assert_eq!(file.permissions().mode() & 0o777, expected, "umask {umask}");
        }
    }

    /// An error for each length.
    #[test]
    fn every_truncation_is_an_error() {
        let bytes = small("net", &[1, 2, 3]).to_bytes().expect("bytes");
        for length in 0..bytes.len() {
            assert!(Bmodel::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
    }

    /// No panic, whatever the result.
    #[test]
    fn no_bit_flip_panics() {
        let bytes = small("net", &[1, 2, 3]).to_bytes().expect("bytes");
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(model) = Bmodel::from_bytes(&bytes) {
                let _ = crate::info(&model);
                let _ = crate::extract(&model);
                let _ = model.check_coefficients();
            }
        }
    }

    /// Exact error variants.
    #[test]
    fn parts_outside_the_block_are_errors() {
        let mut model = small("net", &[1, 2, 3]);
        for (start, size) in [(0, 1 << 40), (u64::MAX, 2), (1, u64::MAX)] {
            let memory = model.model.net[0].parameter.as_mut().expect("stage")[0]
                .coeff_mem
                .as_mut()
                .expect("coefficients");
            memory.binary_coeff = Some(Binary { start, size });
            let read = Bmodel::from_bytes(&model.to_bytes().expect("bytes"));
            assert!(
                matches!(read, Err(Error::Outside { part: Part::Coefficients, .. })),
                "{read:?}"
            );
        }
    }

    /// Equal names are stored as often as they occur, so that what is written can be read.
    #[test]
    fn equal_names_are_not_sharing() {
        let mut model = small("net", &[1, 2, 3]);
        let stages = model.model.net[0].parameter.as_mut().expect("stage");
        stages[0].input_tensor[0].name = "x".repeat(10_000);
        let stage = stages[0].clone();
        stages.resize(100, stage);
        assert_eq!(Bmodel::from_bytes(&model.to_bytes().expect("bytes")).expect("read"), model);
    }

    fn file(tables: &[u8]) -> Vec<u8> {
        let mut bytes = small("net", &[]).to_bytes().expect("bytes")[..HEADER].to_vec();
        LittleEndian::write_u32(&mut bytes[8..12], u32::try_from(tables.len()).expect("few"));
        LittleEndian::write_u64(&mut bytes[12..20], 0);
        bytes.extend_from_slice(tables);
        bytes
    }

    /// Each level refers many times to the one table of the next: 300^5 shapes in a few kilobytes.
    #[test]
    fn shared_tables_do_not_expand_without_limit() {
        let mut b = planus::Builder::new();
        let shape = Shape { dim: Some(vec![1; 300]) }.prepare(&mut b);
        let shapes = b.create_vector([shape; 300]);
        let tensor = Tensor::builder()
            .name("x")
            .data_type_as_default()
            .gmem_stmode_as_default()
            .device_addr_as_default()
            .size_as_default()
            .shape(shapes)
            .mem_type_as_default()
            .scale_as_default()
            .cpu_addr_as_default()
            .pad_h_as_default()
            .zero_point_as_default()
            .hidden_as_default()
            .index_as_default()
            .relentry_as_null()
            .finish(&mut b);
        let tensors = b.create_vector([tensor; 300]);
        let u = 0u64;
        let stage = NetParameter::create(
            &mut b,
            tensors,
            tensors,
            u,
            u,
            (),
            0,
            0,
            0,
            (),
            (),
            (),
            (),
            (),
            0u32,
            (),
            (),
            0u32,
            u,
            u,
            (),
            u,
            u,
            u,
        );
        let stages = b.create_vector([stage; 300]);
        let net = Net::create(&mut b, "net", (), (), stages, (), 0);
        let nets = b.create_vector([net; 300]);
        let model = Model::create(&mut b, "", "", "", "", nets, 0u64, (), 0u32, (), 0u32, ());
        let bytes = file(b.finish(model, None));
        assert!(bytes.len() < 10_000);
        assert!(matches!(Bmodel::from_bytes(&bytes), Err(Error::Expansion { .. })));
    }
}
