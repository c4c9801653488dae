//! Whole nets: from fp32 and pictures to what the chip computes.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Failed;
use ndarray::{ArrayD, Axis};
use quantization_tools::int8_calibration::prepare;
use quantization_tools::prelude::*;
use quantization_tools::uframework::data::Batches;
use quantization_tools::umodel::passes;
use quantization_tools::umodel_import::dataset::Dataset;
use quantization_tools_cli::cli::read_npz;

use crate::cases::Inputs;
use crate::chain;

/// The most pictures that calibrate a net.
const PICTURES: usize = 9;

/// A net that reads these pictures, C, H, W as the net wants them, from a database instead of its only input.
///
/// # Errors
/// What the database's writer and umodel report.
pub fn with_pictures(net: &Net, pictures: &[ArrayD<f32>], database: &Path) -> Result<Net, Failed> {
    let mut writer = create(database, Backend::Lmdb, Existing::Refuse)?;
    for (index, picture) in pictures.iter().take(PICTURES).enumerate() {
        let &[channels, height, width] = picture.shape() else {
            return Err(format!("a picture of the shape {:?}", picture.shape()).into());
        };
        let values = DatumData::Floats(picture.iter().copied().collect());
        let datum = Datum::new([channels, height, width], values, 0)?;
        writer.put(format!("{index:04}").as_bytes(), &datum.to_wire())?;
    }
    writer.finish()?;
    let source = database.display().to_string();
    Dataset::new(source).attach(net, "").map_err(|error| chain(&error).into())
}

/// The net `NAME.onnx` of a folder, and its inputs among the arrays of `NAME.npz`.
///
/// # Errors
/// What the importer reports; if an input is not recorded.
pub fn read_with_inputs(folder: &Path, name: &str) -> Result<(Net, Inputs), Failed> {
    let arrays = read_npz(&folder.join(format!("{name}.npz")))?;
    let options = quantization_tools::umodel_import::Options::default();
    let path = folder.join(format!("{name}.onnx"));
    let imported = quantization_tools::umodel_import::onnx::read(path, &options);
    let imported = imported.map_err(|error| chain(&error))?;
    let mut inputs = Vec::new();
    for input in &imported.inputs {
        let found = arrays.iter().find(|(name, _)| *name == input.tensor);
        let blob = found.and_then(|(_, array)| input.to_blob(array));
        let id = imported.net.blob_id(&input.blob).ok_or("no such blob")?;
        let blob = blob.ok_or_else(|| format!("no values of {}", input.tensor))?;
        inputs.push((id, Value::F32(blob)));
    }
    Ok((imported.net, inputs))
}

/// The names of the files of this kind in a folder, in order.
///
/// # Errors
/// If the folder cannot be read.
pub fn stems(folder: &Path, kind: &str) -> Result<Vec<String>, Failed> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind)
            && let Some(stem) = path.file_stem()
        {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The net `NAME.onnx`, or `NAME.prototxt` and `NAME.caffemodel`, of a folder, with the pictures of `NAME.npz`.
///
/// # Errors
/// What the importers and umodel report.
pub fn read_with_pictures(folder: &Path, name: &str, database: &Path) -> Result<Net, Failed> {
    let path = |kind: &str| folder.join(format!("{name}.{kind}"));
    let arrays = read_npz(&path("npz"))?;
    let (_, pictures) = arrays.into_iter().next().ok_or("no pictures")?;
    let pictures: Vec<_> = pictures.axis_iter(Axis(0)).map(|picture| picture.to_owned()).collect();
    let net = if path("onnx").exists() {
        let options = quantization_tools::umodel_import::Options::default();
        let imported = quantization_tools::umodel_import::onnx::read(path("onnx"), &options);
        imported.map_err(|error| chain(&error))?.net
    } else {
        let model = NetParameter::read(path("prototxt"))?;
        let weights = NetParameter::read(path("caffemodel"))?;
        passes::deploy(&Net::new(&model, Some(&weights), Phase::Test, &NoSources)?)?
    };
    with_pictures(&net, &pictures, database)
}

/// A calibrated net as it is deployed, and an input for it.
pub struct Whole {
    /// The net.
    pub net: QuantizedNet,
    /// Its first batch.
    pub inputs: BTreeMap<String, Value>,
}

impl Whole {
    /// A net with a Data layer in fp32, prepared as for a calibration. Its first batch becomes the input.
    ///
    /// # Errors
    /// What int8-calibration and uframework report.
    pub fn float(net: &Net) -> Result<Self, Failed> {
        let deploy = passes::deploy(&prepare(net).map_err(|error| chain(&error))?)?;
        Whole::new(net, QuantizedNet::from_float(deploy)?)
    }

    /// Calibrates a net with a Data layer. Its first batch becomes the input.
    ///
    /// # Errors
    /// What int8-calibration and uframework report.
    pub fn calibrate(net: &Net, options: &Options) -> Result<Self, Failed> {
        let calibration = calibrate(net, options, |_| ()).map_err(|error| chain(&error))?;
        Whole::new(net, calibration.quantized.deploy()?)
    }

    fn new(net: &Net, deployed: QuantizedNet) -> Result<Self, Failed> {
        let mut batches = Batches::open(net)?;
        let batch = batches.read()?;
        let mut inputs = BTreeMap::new();
        for (id, value) in batches.transform(&batch)? {
            let name = &net.blob(id).name;
            if let Some(id) = deployed.net().blob_id(name) {
                inputs.insert(name.clone(), value.into_format(deployed.format(id)));
            }
        }
        Ok(Whole { net: deployed, inputs })
    }
}
