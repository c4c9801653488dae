//! Reading numpy's arrays and archives of arrays, as `numpy.save` and `numpy.savez` write them.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::path::Path;

use ndarray::{ArrayD, IxDyn};

use super::Failure;

/// Bytes of a file at most.
const MAX_BYTES: u64 = 1 << 36;
/// What a file of one array begins with.
const MAGIC: &[u8] = b"\x93NUMPY";
/// Values of an array at most.
const MAX_VALUES: usize = 1 << 31;

/// An array of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Npy {
    /// Its numbers as fp32.
    pub values: ArrayD<f32>,
    /// How they were stored.
    pub kind: NpyKind,
}

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NpyKind {
    /// `numpy.int8`.
    Int8,
    /// `numpy.uint8`.
    Uint8,
    /// Any other type.
    Other,
}

/// Reads all arrays of numbers of an npz file, in the file's order, as fp32.
///
/// # Errors
/// For files that cannot be read, are compressed, or hold arrays of other types.
pub fn read_npz(path: &Path) -> Result<Vec<(String, ArrayD<f32>)>, Failure> {
    Ok(read_arrays(path)?.into_iter().map(|(name, array)| (name, array.values)).collect())
}

/// The same with the arrays' types; a file of `numpy.save` is one array without a name.
///
/// # Errors
/// As [`read_npz`].
pub fn read_arrays(path: &Path) -> Result<Vec<(String, Npy)>, Failure> {
    let bytes = datum_store::read_file(path, MAX_BYTES)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if bytes.starts_with(MAGIC) {
        let array = npy(&bytes).map_err(|reason| format!("{}: {reason}", path.display()))?;
        return Ok(vec![(String::new(), array)]);
    }
    let mut arrays = Vec::new();
    for (name, data) in entries(&bytes).map_err(|reason| format!("{}: {reason}", path.display()))? {
        let array = npy(data).map_err(|reason| format!("{}: {name}: {reason}", path.display()))?;
        arrays.push((name.strip_suffix(".npy").unwrap_or(&name).to_owned(), array));
    }
    Ok(arrays)
}

/// Names and contents of a ZIP archive without compression.
fn entries(bytes: &[u8]) -> Result<Vec<(String, &[u8])>, String> {
    const END: &[u8] = b"PK\x05\x06";
    let cut = || "the archive is truncated".to_owned();
    let u16_at = |at: usize| {
        let field = bytes.get(at..)?.first_chunk::<2>()?;
        Some(usize::from(u16::from_le_bytes(*field)))
    };
    let u32_at = |at: usize| {
        let field = bytes.get(at..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*field)).ok()
    };
    // The last record has a comment of up to 64 KiB behind it.
    let tail = bytes.len().saturating_sub((64 << 10) + 22);
    let end = bytes.get(tail..).unwrap_or_default().windows(4).rposition(|window| window == END);
    let end = tail + end.ok_or("no npz file, or a truncated one")?;
    let count = u16_at(end + 10).ok_or_else(cut)?;
    let mut at = u32_at(end + 16).ok_or_else(cut)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        if bytes.get(at..at.saturating_add(4)) != Some(b"PK\x01\x02") {
            return Err(cut());
        }
        let method = u16_at(at + 10).ok_or_else(cut)?;
        let size = u32_at(at + 24).ok_or_else(cut)?;
        let lengths = [28, 30, 32].map(|field| u16_at(at + field));
        let [Some(name), Some(extra), Some(comment)] = lengths else { return Err(cut()) };
        let local = u32_at(at + 42).ok_or_else(cut)?;
        let text = bytes.get(at + 46..at + 46 + name).ok_or_else(cut)?;
        let text = String::from_utf8_lossy(text).into_owned();
        if method != 0 {
            return Err(format!("{text} is compressed; write the file by numpy.savez"));
        }
        let [Some(name_there), Some(extra_there)] = [26, 28].map(|field| u16_at(local + field))
        else {
            return Err(cut());
        };
        let start = local + 30 + name_there + extra_there;
        let data = start.checked_add(size).and_then(|end| bytes.get(start..end));
        entries.push((text, data.ok_or_else(cut)?));
        at += 46 + name + extra + comment;
    }
    Ok(entries)
}

/// An array as `numpy.save` writes it.
fn npy(bytes: &[u8]) -> Result<Npy, String> {
    let cut = || "no npy array, or a truncated one".to_owned();
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(cut)?;
    let (length, header) = match rest {
        [1, _, a, b, header @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), header),
        [2 | 3, _, a, b, c, d, header @ ..] => {
            (usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).map_err(|_| cut())?, header)
        }
        _ => return Err(cut()),
    };
    let (header, data) = header.split_at_checked(length).ok_or_else(cut)?;
    let header = String::from_utf8_lossy(header);
    let value = |key: &str| {
        let (_, rest) = header.split_once(&format!("'{key}':"))?;
        Some(rest.trim_start())
    };
    if value("fortran_order").is_none_or(|order| order.starts_with("True")) {
        return Err(
            "arrays in Fortran order are not supported: save numpy.ascontiguousarray(a)".to_owned()
        );
    }
    let shape = value("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')'));
    let (shape, _) = shape.ok_or_else(cut)?;
    let sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty());
    let shape: Vec<usize> =
        sizes.map(|size| size.parse().map_err(|_| cut())).collect::<Result<_, _>>()?;
    let count = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    let count = count.filter(|&count| count <= MAX_VALUES).ok_or("the array is too large")?;
    let stored: String = value("descr")
        .and_then(|rest| rest.strip_prefix('\'')?.split_once('\''))
        .map(|(kind, _)| kind.to_owned())
        .ok_or_else(cut)?;
    let values: Vec<f32> = match stored.as_str() {
        "<f4" => numbers(data, f32::from_le_bytes),
        "<f8" => numbers(data, |bytes| rounded(f64::from_le_bytes(bytes))),
        "<i4" => numbers(data, |bytes| rounded(f64::from(i32::from_le_bytes(bytes)))),
        "<i8" => numbers(data, |bytes| integer(i64::from_le_bytes(bytes))),
        "|u1" | "|b1" => numbers(data, |[byte]| f32::from(byte)),
        "|i1" => numbers(data, |[byte]: [u8; 1]| f32::from(byte.cast_signed())),
        other => return Err(format!("arrays of type {other} are not supported")),
    };
    let found = values.len();
    let array =
        (found == count).then(|| ArrayD::from_shape_vec(IxDyn(&shape), values).ok()).flatten();
    let kind = match stored.as_str() {
        "|i1" => NpyKind::Int8,
        "|u1" => NpyKind::Uint8,
        _ => NpyKind::Other,
    };
    let values = array.ok_or_else(|| format!("{found} values for shape {shape:?}"))?;
    Ok(Npy { values, kind })
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the nearest fp32 is what is asked for, and there is no other conversion"
)]
fn rounded(value: f64) -> f32 {
    value as f32
}

#[expect(
    clippy::as_conversions,
    reason = "the nearest fp32 is what is asked for, and there is no other conversion"
)]
fn integer(value: i64) -> f32 {
    value as f32
}

fn numbers<const N: usize>(data: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    data.as_chunks::<N>().0.iter().map(|&bytes| value(bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn arrays() {
        let values = |bytes: &[u8]| npy(bytes).expect("an array").values;
        let read = values(&array("<f4", "(1, 2)", &[0, 0, 128, 63, 0, 0, 0, 192]));
        assert_eq!((read.shape(), read.as_slice()), (&[1, 2][..], Some(&[1.0, -2.0][..])));
        let signed = npy(&array("|i1", "(2,)", &[255, 3])).expect("an array");
        assert_eq!(
            (signed.values.as_slice(), signed.kind),
            (Some(&[-1.0, 3.0][..]), NpyKind::Int8)
        );
        assert_eq!(values(&array("|u1", "()", &[7])).shape(), &[0usize; 0]);
        for bad in
            [array("<c8", "(1,)", &[0; 8]), array("<f4", "(2,)", &[0; 7]), b"\x93NUMPY".to_vec()]
        {
            assert!(npy(&bad).is_err());
        }
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        for bad in
            [&b""[..], b"PK\x05\x06", b"PK\x05\x06\0\0\0\0\x01\0\x01\0\0\0\0\0\xff\0\0\0\0\0"]
        {
            assert!(entries(bad).is_err());
        }
    }
}
