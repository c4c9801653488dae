//! Weights and other constants.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use half::{bf16, f16};
use prost::bytes::Bytes;

use super::proto::TensorProto;
use super::proto::tensor_proto::{DataLocation, DataType};
use crate::error::{ExternalError, TensorError};
use crate::graph::{Array, Budget, Room, Tensor, narrowed};

/// Reads the model's tensors, of which some may be in files beside it.
pub(super) struct Tensors {
    folder: Option<PathBuf>,
    pub(super) budget: Rc<Budget>,
    /// The files that were opened: each counts once as a part of the model.
    opened: RefCell<HashSet<PathBuf>>,
}

impl Tensors {
    pub(super) fn new(folder: Option<&Path>, budget: Rc<Budget>) -> Self {
        let folder = folder.map(Path::to_owned);
        Tensors { folder, budget, opened: RefCell::default() }
    }

    /// A tensor's shape, and its values in the type that constants have here.
    pub(super) fn read(&self, tensor: &TensorProto) -> Result<Tensor, TensorError> {
        let dims = &tensor.dims;
        let shape: Option<Vec<usize>> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
        let shape = shape.ok_or_else(|| TensorError::Dims { dims: dims.clone() })?;
        let unsupported = TensorError::Type { data_type: tensor.data_type };
        let Ok(kind) = DataType::try_from(tensor.data_type) else { return Err(unsupported) };
        let values = Values { tensor, shape, tensors: self };
        let ints = &tensor.int32_data;
        let longs = &tensor.uint64_data;
        // What does not fit has no use as a size or an index.
        let long = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let half = |value: f16| value.to_f32();
        let brain = |value: bf16| value.to_f32();
        Ok(match kind {
            DataType::Float => values.read(f32::from_le_bytes, &tensor.float_data, |v| v)?.into(),
            DataType::Double => {
                let narrow = |bytes| narrowed(f64::from_le_bytes(bytes));
                values.read(narrow, &tensor.double_data, narrowed)?.into()
            }
            DataType::Float16 => {
                let listed = |value| half(f16::from_bits(low_bits(value)));
                values.read(|bytes| half(f16::from_le_bytes(bytes)), ints, listed)?.into()
            }
            DataType::Bfloat16 => {
                let listed = |value| brain(bf16::from_bits(low_bits(value)));
                values.read(|bytes| brain(bf16::from_le_bytes(bytes)), ints, listed)?.into()
            }
            DataType::Bool => values.read(|[byte]| byte != 0, ints, |value| value != 0)?.into(),
            DataType::Uint8 => values.read(|[byte]| i64::from(byte), ints, i64::from)?.into(),
            DataType::Int8 => {
                values.read(|bytes| i64::from(i8::from_le_bytes(bytes)), ints, i64::from)?.into()
            }
            DataType::Uint16 => {
                values.read(|bytes| i64::from(u16::from_le_bytes(bytes)), ints, i64::from)?.into()
            }
            DataType::Int16 => {
                values.read(|bytes| i64::from(i16::from_le_bytes(bytes)), ints, i64::from)?.into()
            }
            DataType::Int32 => {
                values.read(|bytes| i64::from(i32::from_le_bytes(bytes)), ints, i64::from)?.into()
            }
            DataType::Uint32 => {
                values.read(|bytes| i64::from(u32::from_le_bytes(bytes)), longs, long)?.into()
            }
            DataType::Uint64 => {
                values.read(|bytes| long(u64::from_le_bytes(bytes)), longs, long)?.into()
            }
            DataType::Int64 => values.read(i64::from_le_bytes, &tensor.int64_data, |v| v)?.into(),
            DataType::Undefined | DataType::String | DataType::Complex64 | DataType::Complex128 => {
                return Err(unsupported);
            }
        })
    }

    /// The bytes of a tensor in a file. The file must lie in the model's folder, whatever links and `..` its
    /// name leads through: a model must not be able to read anything else.
    fn external(&self, tensor: &TensorProto, wanted: u64) -> Result<Bytes, TensorError> {
        let entry = |key: &str| {
            let entry = tensor.external_data.iter().find(|entry| entry.key == key)?;
            Some(entry.value.as_str())
        };
        let location = entry("location").unwrap_or_default();
        let failed = |source| TensorError::External { location: location.to_owned(), source };
        let number = |key: &'static str| match entry(key) {
            None => Ok(None),
            Some(text) => text
                .parse::<u64>()
                .map(Some)
                .map_err(|_| failed(ExternalError::Number { key, value: text.to_owned() })),
        };
        if location.is_empty() {
            return Err(failed(ExternalError::NoLocation));
        }
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        let folder = self.folder.as_ref().ok_or_else(|| failed(ExternalError::NoFolder))?;
        let refused = |source: std::io::Error, path: &Path| {
            failed(ExternalError::Read { path: path.to_owned(), source })
        };
        let folder = folder.canonicalize().map_err(|error| refused(error, folder))?;
        let path = folder.join(location);
        let path = path.canonicalize().map_err(|error| refused(error, &path))?;
        if !path.starts_with(&folder) {
            return Err(failed(ExternalError::Outside));
        }
        let mut file = File::open(&path).map_err(|error| refused(error, &path))?;
        let meta = file.metadata().map_err(|error| refused(error, &path))?;
        if !meta.is_file() {
            return Err(failed(ExternalError::NoFile));
        }
        if let Some(found) = length.filter(|&length| length != wanted) {
            return Err(failed(ExternalError::Length { found, expected: wanted }));
        }
        if offset.checked_add(wanted).is_none_or(|end| end > meta.len()) {
            let found = meta.len();
            return Err(failed(ExternalError::TooShort { found, offset, wanted }));
        }
        if self.opened.borrow_mut().insert(path.clone()) {
            self.budget.add_file(meta.len());
        }
        // These bytes are dropped as soon as they are values, but until then both are there.
        let room = self.budget.room::<u8>(&[usize::try_from(wanted).unwrap_or(usize::MAX)])?;
        let mut bytes = vec![0; room.volume()];
        file.seek(SeekFrom::Start(offset)).map_err(|error| refused(error, &path))?;
        file.read_exact(&mut bytes).map_err(|error| refused(error, &path))?;
        Ok(bytes.into())
    }
}

/// The values of a tensor, wherever they stand.
struct Values<'a> {
    tensor: &'a TensorProto,
    shape: Vec<usize>,
    tensors: &'a Tensors,
}

impl Values<'_> {
    /// Values from their bytes, or else from the list that a type has.
    fn read<const N: usize, L: Copy, T: Clone>(
        &self,
        from_bytes: impl Fn([u8; N]) -> T,
        list: &[L],
        from_list: impl Fn(L) -> T,
    ) -> Result<Array<T>, TensorError> {
        let Values { tensor, shape, tensors, .. } = self;
        let count = crate::graph::volume(shape)?;
        let expected = count.saturating_mul(N);
        let external = tensor.data_location() == DataLocation::External;
        let raw = match external {
            true => tensors.external(tensor, u64::try_from(expected).unwrap_or(u64::MAX))?,
            false => tensor.raw_data.clone(),
        };
        if raw.is_empty() && !external {
            let found = list.len();
            let bad = || TensorError::Values { found, shape: shape.clone() };
            if found != count {
                return Err(bad());
            }
            let room: Room<T> = tensors.budget.room(shape)?;
            return room
                .values(list.iter().map(|&value| from_list(value)).collect())
                .map_err(|_| bad());
        }
        if raw.len() != expected {
            return Err(TensorError::Bytes { found: raw.len(), expected, shape: shape.clone() });
        }
        let room: Room<T> = tensors.budget.room(shape)?;
        let values = raw.as_chunks::<N>().0.iter().map(|&bytes| from_bytes(bytes)).collect();
        let bad = |_| TensorError::Values { found: count, shape: shape.clone() };
        room.values(values).map_err(bad)
    }
}

/// Halves stand in lists of integers as their bits.
fn low_bits(value: i32) -> u16 {
    let [low, high, ..] = value.to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::StringStringEntryProto;

    fn tensor(kind: DataType, raw: &[u8]) -> TensorProto {
        TensorProto {
            dims: vec![2],
            data_type: kind.into(),
            raw_data: Bytes::copy_from_slice(raw),
            ..Default::default()
        }
    }

    fn tensors(folder: Option<&Path>) -> Tensors {
        Tensors::new(folder, Budget::new(None, 0))
    }

    fn floats(tensor: &TensorProto) -> Vec<f32> {
        tensors(None).read(tensor).expect("values").floats()
    }

    #[test]
    fn every_number_type_is_read() {
        assert_eq!(floats(&tensor(DataType::Float16, &[0, 0x3c, 0, 0xc0])), [1.0, -2.0]);
        assert_eq!(floats(&tensor(DataType::Bfloat16, &[0x80, 0x3f, 0, 0xc0])), [1.0, -2.0]);
        assert_eq!(floats(&tensor(DataType::Int8, &[0xff, 3])), [-1.0, 3.0]);
        assert_eq!(floats(&tensor(DataType::Uint8, &[0xff, 3])), [255.0, 3.0]);
        assert_eq!(floats(&tensor(DataType::Bool, &[2, 0])), [1.0, 0.0]);
        let double = [1.5f64.to_le_bytes(), (-2.0f64).to_le_bytes()].concat();
        assert_eq!(floats(&tensor(DataType::Double, &double)), [1.5, -2.0]);
        let listed =
            TensorProto { int32_data: vec![0x3c00, 0xc000], ..tensor(DataType::Float16, &[]) };
        assert_eq!(floats(&listed), [1.0, -2.0]);
    }

    #[test]
    fn sizes_are_checked() {
        let short = tensor(DataType::Float, &[0; 7]);
        let error = tensors(None).read(&short).expect_err("7 bytes").to_string();
        assert!(error.contains("7 bytes"), "{error}");
        let huge = TensorProto { dims: vec![1 << 40, 1 << 40], ..tensor(DataType::Float, &[]) };
        assert!(tensors(None).read(&huge).is_err());
    }

    #[test]
    fn external_data_stays_in_its_folder() {
        let base = std::env::temp_dir().join(format!("umodel-import-{}", std::process::id()));
        let folder = base.join("model");
        std::fs::create_dir_all(&folder).expect("folder");
        std::fs::write(folder.join("weights"), [0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64])
            .expect("file");
        std::fs::write(base.join("secret"), [0; 64]).expect("file");
        let entry = |key: &str, value: &str| StringStringEntryProto {
            key: key.into(),
            value: value.into(),
        };
        let external = |location: &str, offset: &str| TensorProto {
            external_data: vec![entry("location", location), entry("offset", offset)],
            data_location: DataLocation::External.into(),
            ..tensor(DataType::Float, &[])
        };
        let data = tensors(Some(&folder));
        let read = |location: &str, offset: &str| data.read(&external(location, offset));
        assert_eq!(read("weights", "4").expect("values").floats(), [1.0, 2.0]);
        let cause = |error: TensorError| match error {
            TensorError::External { source, .. } => source,
            error => panic!("{error}"),
        };
        let short = cause(read("weights", "8").expect_err("too short"));
        assert!(matches!(short, ExternalError::TooShort { found: 12, .. }), "{short}");
        let outside = |error: TensorError| matches!(cause(error), ExternalError::Outside);
        assert!(outside(read("../secret", "0").expect_err("outside")));
        assert!(outside(read("/etc/passwd", "0").expect_err("outside")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(base.join("secret"), folder.join("link")).expect("link");
            assert!(outside(read("link", "0").expect_err("outside")));
        }
        std::fs::remove_dir_all(&base).expect("removed");
    }
}
