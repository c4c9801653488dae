//! Weights and other constants.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use ndarray::{ArrayD, IxDyn};
use prost::bytes::Bytes;

use super::proto::TensorProto;
use super::proto::tensor_proto::{DataLocation, DataType};
use crate::error::Error;
use crate::graph::{Tensor, volume};

/// Where tensors that are not in the model may be.
pub(super) struct ExternalData {
    folder: Option<PathBuf>,
}

impl ExternalData {
    pub(super) fn new(folder: Option<&Path>) -> Self {
        ExternalData { folder: folder.map(Path::to_owned) }
    }

    /// The bytes of a tensor in a file. The file must lie in the model's folder, whatever links and `..` its
    /// name leads through: a model must not be able to read anything else.
    fn bytes(&self, tensor: &TensorProto, wanted: usize) -> Result<Bytes, String> {
        let entry = |key: &str| {
            tensor
                .external_data
                .iter()
                .find(|entry| entry.key == key)
                .map(|entry| entry.value.as_str())
        };
        let location = entry("location").ok_or("external data without a location")?;
        let number = |key: &str| {
            let number = entry(key).map(str::parse::<u64>).transpose();
            number.map_err(|_| format!("external data with a bad {key}"))
        };
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        let folder = self.folder.as_ref().ok_or("external data, but no folder to look in")?;
        let refused = |error: std::io::Error| format!("external data {location:?}: {error}");
        let folder = folder.canonicalize().map_err(refused)?;
        let path = folder.join(location).canonicalize().map_err(refused)?;
        if !path.starts_with(&folder) {
            return Err(format!("external data {location:?} outside the model's folder"));
        }
        let mut file = File::open(&path).map_err(refused)?;
        let meta = file.metadata().map_err(refused)?;
        if !meta.is_file() {
            return Err(format!("external data {location:?} is no file"));
        }
        if length.is_some_and(|length| length != wanted as u64) {
            let length = length.unwrap_or(0);
            return Err(format!("external data of {length} bytes, its shape needs {wanted}"));
        }
        if offset.checked_add(wanted as u64).is_none_or(|end| end > meta.len()) {
            let found = meta.len();
            return Err(format!(
                "external data {location:?} has {found} bytes, {wanted} from {offset} on are wanted"
            ));
        }
        let mut bytes = vec![0; wanted];
        file.seek(SeekFrom::Start(offset)).map_err(refused)?;
        file.read_exact(&mut bytes).map_err(refused)?;
        Ok(bytes.into())
    }
}

/// A tensor's shape, and its values in the type that constants have here.
pub(super) fn read(tensor: &TensorProto, external: &ExternalData) -> Result<Tensor, Error> {
    values(tensor, external).map_err(|reason| Error::Tensor { name: tensor.name.clone(), reason })
}

fn values(tensor: &TensorProto, external: &ExternalData) -> Result<Tensor, String> {
    let dims = &tensor.dims;
    let shape: Option<Vec<usize>> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
    let shape = shape.ok_or_else(|| format!("shape {dims:?}"))?;
    let count = volume(&shape).map_err(|error| error.to_string())?;
    let kind = DataType::try_from(tensor.data_type)
        .map_err(|_| format!("unsupported data type {}", tensor.data_type))?;
    let size = match kind {
        DataType::Uint8 | DataType::Int8 | DataType::Bool => 1,
        DataType::Uint16 | DataType::Int16 | DataType::Float16 | DataType::Bfloat16 => 2,
        DataType::Float | DataType::Int32 | DataType::Uint32 => 4,
        DataType::Double | DataType::Int64 | DataType::Uint64 => 8,
        DataType::Undefined | DataType::String | DataType::Complex64 | DataType::Complex128 => {
            return Err(format!("unsupported data type {}", kind.as_str_name()));
        }
    };
    let raw = if tensor.data_location() == DataLocation::External {
        Some(external.bytes(tensor, count * size)?)
    } else if tensor.raw_data.is_empty() {
        None
    } else {
        Some(tensor.raw_data.clone())
    };
    if let Some(raw) = &raw
        && raw.len() != count * size
    {
        return Err(format!("{} bytes, shape {shape:?} needs {}", raw.len(), count * size));
    }
    // Halves stand in int32_data as their bits.
    let bits = |value: &i32| value.cast_unsigned() as u16;
    let ints = &tensor.int32_data;
    Ok(match kind {
        DataType::Float => match &raw {
            Some(raw) => array(&shape, each(raw, f32::from_le_bytes))?.into(),
            None => array(&shape, tensor.float_data.clone())?.into(),
        },
        DataType::Double => match &raw {
            Some(raw) => array(&shape, each(raw, |bytes| f64::from_le_bytes(bytes) as f32))?.into(),
            None => array(&shape, tensor.double_data.iter().map(|&v| v as f32).collect())?.into(),
        },
        DataType::Float16 => match &raw {
            Some(raw) => array(&shape, each(raw, |b| f16::from_le_bytes(b).to_f32()))?.into(),
            None => array(&shape, ints.iter().map(|v| f16::from_bits(bits(v)).to_f32()).collect())?
                .into(),
        },
        DataType::Bfloat16 => match &raw {
            Some(raw) => array(&shape, each(raw, |b| bf16::from_le_bytes(b).to_f32()))?.into(),
            None => {
                array(&shape, ints.iter().map(|v| bf16::from_bits(bits(v)).to_f32()).collect())?
                    .into()
            }
        },
        DataType::Bool => match &raw {
            Some(raw) => {
                array(&shape, raw.iter().map(|&byte| byte != 0).collect::<Vec<_>>())?.into()
            }
            None => array(&shape, ints.iter().map(|&value| value != 0).collect::<Vec<_>>())?.into(),
        },
        _ => {
            let integers = match (&raw, kind) {
                (Some(raw), DataType::Uint8) => each(raw, |[byte]: [u8; 1]| i64::from(byte)),
                (Some(raw), DataType::Int8) => each(raw, |b| i64::from(i8::from_le_bytes(b))),
                (Some(raw), DataType::Uint16) => each(raw, |b| i64::from(u16::from_le_bytes(b))),
                (Some(raw), DataType::Int16) => each(raw, |b| i64::from(i16::from_le_bytes(b))),
                (Some(raw), DataType::Int32) => each(raw, |b| i64::from(i32::from_le_bytes(b))),
                (Some(raw), DataType::Uint32) => each(raw, |b| i64::from(u32::from_le_bytes(b))),
                (Some(raw), DataType::Uint64) => {
                    each(raw, |b| i64::try_from(u64::from_le_bytes(b)).unwrap_or(i64::MAX))
                }
                (Some(raw), _) => each(raw, i64::from_le_bytes),
                (None, DataType::Int64) => tensor.int64_data.clone(),
                (None, DataType::Uint32 | DataType::Uint64) => {
                    let all = tensor.uint64_data.iter();
                    all.map(|&value| i64::try_from(value).unwrap_or(i64::MAX)).collect()
                }
                (None, _) => ints.iter().map(|&value| i64::from(value)).collect(),
            };
            array(&shape, integers)?.into()
        }
    })
}

fn each<const N: usize, T>(bytes: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|&bytes| value(bytes)).collect()
}

fn array<T>(shape: &[usize], values: Vec<T>) -> Result<ArrayD<T>, String> {
    let found = values.len();
    ArrayD::from_shape_vec(IxDyn(shape), values)
        .map_err(|_| format!("{found} values for shape {shape:?}"))
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

    fn floats(tensor: &TensorProto) -> Vec<f32> {
        read(tensor, &ExternalData::new(None)).expect("values").floats()
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
        let error = read(&short, &ExternalData::new(None)).expect_err("7 bytes").to_string();
        assert!(error.contains("7 bytes"), "{error}");
        let huge = TensorProto { dims: vec![1 << 40, 1 << 40], ..tensor(DataType::Float, &[]) };
        assert!(read(&huge, &ExternalData::new(None)).is_err());
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
        let data = ExternalData::new(Some(&folder));
        let read = |location: &str, offset: &str| read(&external(location, offset), &data);
        assert_eq!(read("weights", "4").expect("values").floats(), [1.0, 2.0]);
        assert!(read("weights", "8").expect_err("too short").to_string().contains("has 12 bytes"));
        let outside = |error: Error| error.to_string().contains("outside the model's folder");
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
