//! Whole nets: from fp32 and pictures to what the chip computes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bm1684_codegen::{Cut, Error, Package, Program, Unplaced};
use libtest_mimic::Failed;
use ndarray::{ArrayD, Axis};
use quantization_tools::int8_calibration::prepare;
use quantization_tools::prelude::*;
use quantization_tools::uframework::data::Batches;
use quantization_tools::umodel::{Blob, BlobFormat, BlobId, DType, passes};
use quantization_tools::umodel_import::dataset::Dataset;
use quantization_tools_cli::cli::read_npz;

use crate::chain;
use crate::chip::{execute, same_bytes, simulate};
use crate::runs::{Hashes, hashes};

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

/// What a net came to.
pub struct Compiled {
    /// Both parts.
    pub cut: Cut,
    /// The program of the chip's.
    pub program: Program,
    /// It as a file.
    pub bmodel: Vec<u8>,
}

impl Compiled {
    /// Compiles a net, cut if it has to be.
    ///
    /// # Errors
    /// What the code generator reports.
    pub fn new(net: &QuantizedNet) -> Result<Self, Failed> {
        Compiled::of(Package::build(std::slice::from_ref(net)))
    }

    /// The same, but nothing for a net of which the chip can compute nothing.
    ///
    /// # Errors
    /// As [`Compiled::new`].
    pub fn if_placed(net: &QuantizedNet) -> Result<Option<Self>, Failed> {
        match Package::build(std::slice::from_ref(net)) {
            Err(Error::NothingPlaced { .. }) => Ok(None),
            built => Compiled::of(built).map(Some),
        }
    }

    fn of(built: Result<(Package, Vec<Cut>), Error>) -> Result<Self, Failed> {
        let (mut package, mut cuts) = built.map_err(|error| chain(&error))?;
        let bmodel = package.to_bmodel()?.to_bytes()?;
        let program = package.programs.pop().ok_or("no program")?;
        let cut = cuts.pop().ok_or("no cut")?;
        Ok(Compiled { cut, program, bmodel })
    }

    /// The inputs of the chip's part by their names.
    ///
    /// # Errors
    /// If one is not given.
    pub fn inputs(&self, given: &BTreeMap<String, Value>) -> Result<Vec<(BlobId, Value)>, Failed> {
        let net = self.cut.chip.net();
        let input = |id: BlobId| {
            let name = &net.blob(id).name;
            let value = given.get(name).ok_or_else(|| format!("no value for {name}"))?;
            Ok((id, value.clone()))
        };
        net.inputs().into_iter().map(input).collect()
    }

    /// The same for several images, each a bit different from the first.
    ///
    /// # Errors
    /// As [`Compiled::inputs`].
    pub fn repeated(
        &self,
        given: &BTreeMap<String, Value>,
    ) -> Result<Vec<(BlobId, Value)>, Failed> {
        let net = self.cut.chip.net();
        let mut repeated = BTreeMap::new();
        for id in net.inputs() {
            let name = &net.blob(id).name;
            let value = given.get(name).ok_or_else(|| format!("no value for {name}"))?;
            repeated.insert(name.clone(), many(value, net.blob(id).shape[0])?);
        }
        self.inputs(&repeated)
    }

    /// The hashes of our executor's run.
    ///
    /// # Errors
    /// What the executor reports.
    pub fn execute(&self, inputs: &[(BlobId, Value)]) -> Result<Hashes, Failed> {
        let outputs = execute(&Arc::new(self.cut.chip.clone()), inputs)?;
        Ok(hashes(&self.bmodel, inputs, &outputs))
    }

    /// Bit-exact: the vendor's runtime and simulator against our executor. Prints what it took.
    ///
    /// # Errors
    /// If one of the two fails, or the bytes differ.
    pub fn agrees(
        &self,
        name: &str,
        [runner, oracle]: [&Path; 2],
        inputs: &[(BlobId, Value)],
    ) -> Result<Hashes, Failed> {
        let start = Instant::now();
        let expected = execute(&Arc::new(self.cut.chip.clone()), inputs)?;
        let executed = start.elapsed().as_secs_f32();
        let start = Instant::now();
        let found = simulate(runner, oracle, &self.bmodel, inputs)?;
        let simulated = start.elapsed().as_secs_f32();
        println!(
            "{name}: {}; executor {executed:.2} s, simulator {simulated:.1} s",
            self.summary()
        );
        self.vary(&expected)?;
        same_bytes(&found, &expected).map_err(|difference| {
            let message = difference.message().unwrap_or_default();
            format!("{message}; {}", self.place(&found, &expected))
        })?;
        Ok(hashes(&self.bmodel, inputs, &found))
    }

    /// The outputs, their formats, and where their bytes are.
    fn outputs(&self) -> Vec<(&Blob, BlobFormat, Range<usize>)> {
        let (mut begin, net) = (0, self.cut.chip.net());
        let output = |id: BlobId| {
            let (blob, format) = (net.blob(id), self.cut.chip.format(id));
            let value = if format.dtype == DType::F32 { 4 } else { 1 };
            let range = begin..begin + blob.shape.iter().product::<usize>() * value;
            begin = range.end;
            (blob, format, range)
        };
        net.outputs().into_iter().map(output).collect()
    }

    /// The first output that differs.
    fn place(&self, found: &[u8], expected: &[u8]) -> String {
        let outputs = self.outputs();
        let first = outputs
            .iter()
            .find(|(.., range)| found.get(range.clone()) != expected.get(range.clone()));
        first.map_or(String::new(), |(blob, format, _)| {
            format!("first in {} {:?} {:?}", blob.name, blob.shape, format.dtype)
        })
    }

    /// Outputs that are the same everywhere would prove nothing.
    fn vary(&self, outputs: &[u8]) -> Result<(), Failed> {
        let varies = |(_, format, range): &(&Blob, BlobFormat, Range<usize>)| {
            let size = if format.dtype == DType::F32 { 4 } else { 1 };
            let mut values = outputs.get(range.clone()).unwrap_or_default().chunks(size);
            let first = values.next();
            range.len() <= size || values.any(|value| Some(value) != first)
        };
        if self.outputs().iter().any(varies) {
            return Ok(());
        }
        Err("every output has one value everywhere".into())
    }

    /// Why the net is cut.
    fn causes(&self) -> String {
        let causes = self.cut.causes();
        let cause = |cause: &&Unplaced| format!("{} {}: {}", cause.kind, cause.layer, cause.reason);
        let causes: Vec<String> = causes.iter().map(cause).collect();
        if causes.is_empty() { String::new() } else { format!(" ({})", causes.join("; ")) }
    }

    /// How many layers run where, commands, and bytes from and to DDR.
    pub fn summary(&self) -> String {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for cost in &self.program.costs {
            *places.entry(cost.place.to_string()).or_default() += 1;
        }
        let places: Vec<String> =
            places.iter().map(|(place, count)| format!("{place} {count}")).collect();
        let tiu: usize = self.program.groups.iter().map(|group| group.tiu.len()).sum();
        let gdma: usize = self.program.groups.iter().map(|group| group.gdma.len()).sum();
        let traffic = self.program.traffic();
        format!(
            "{}, host {}{}; {tiu} TIU and {gdma} GDMA commands; DDR {} bytes read, {} written, {} copied",
            places.join(", "),
            self.cut.on_host.len(),
            self.causes(),
            traffic.read,
            traffic.written,
            traffic.copied
        )
    }
}

/// A value's only image several times, each moved on by a few values.
fn many(value: &Value, count: usize) -> Result<Value, Failed> {
    fn rolled<T: Copy>(array: &ArrayD<T>, count: usize) -> Result<ArrayD<T>, Failed> {
        let mut shape = array.shape().to_vec();
        shape[0] *= count;
        let values: Vec<T> = array.iter().copied().collect();
        let all = (0..count).flat_map(|image| {
            let (begin, end) = values.split_at((image * 7).min(values.len()));
            end.iter().chain(begin).copied()
        });
        Ok(ArrayD::from_shape_vec(shape, all.collect())?)
    }
    Ok(match value {
        Value::F32(array) => Value::F32(rolled(array, count)?),
        Value::I8(array) => Value::I8(rolled(array, count)?),
        Value::U8(array) => Value::U8(rolled(array, count)?),
    })
}
