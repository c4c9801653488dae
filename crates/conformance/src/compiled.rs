//! Compiled nets, their cost, and our executor beside a simulator of the chip.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use bm1684_codegen::{Cut, Error, Optimization, Package, Program, Unplaced};
use libtest_mimic::Failed;
use ndarray::ArrayD;
use quantization_tools::prelude::*;
use quantization_tools::umodel::{Blob, BlobFormat, BlobId, DType};

use crate::chain;
use crate::chip::{Simulator, execute, optimization, same_bytes};
use crate::runs::{Hashes, hashes};

/// What both made of a net.
pub struct Run {
    /// Of the bmodel, the inputs and the outputs.
    pub hashes: Hashes,
    /// The outputs' bytes, one output behind the other.
    pub outputs: Vec<u8>,
    /// Seconds that our executor took.
    pub executed: f32,
    /// Seconds that the simulator took.
    pub simulated: f32,
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
        Compiled::at(optimization(), net)
    }

    /// The same with more or less done for speed.
    ///
    /// # Errors
    /// As [`Compiled::new`].
    pub fn at(level: Optimization, net: &QuantizedNet) -> Result<Self, Failed> {
        Compiled::of(Package::build(std::slice::from_ref(net), level))
    }

    /// The same, but nothing for a net of which the chip can compute nothing.
    ///
    /// # Errors
    /// As [`Compiled::new`].
    pub fn if_placed(net: &QuantizedNet) -> Result<Option<Self>, Failed> {
        match Package::build(std::slice::from_ref(net), optimization()) {
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

    /// Bit-exact: a simulator of the chip against our executor.
    ///
    /// # Errors
    /// If one of the two fails, or the bytes differ.
    pub fn agrees(&self, simulator: &Simulator, inputs: &[(BlobId, Value)]) -> Result<Run, Failed> {
        let start = Instant::now();
        let expected = execute(&Arc::new(self.cut.chip.clone()), inputs)?;
        let executed = start.elapsed().as_secs_f32();
        let start = Instant::now();
        let found = simulator.run(&self.bmodel, 0, inputs)?;
        let simulated = start.elapsed().as_secs_f32();
        same_bytes(&found, &expected).map_err(|difference| {
            let message = difference.message().unwrap_or_default();
            format!("{message}; {}", self.place(&found, &expected))
        })?;
        let hashes = hashes(&self.bmodel, inputs, &found);
        Ok(Run { hashes, outputs: found, executed, simulated })
    }

    /// As [`Compiled::agrees`], for outputs that are not the same everywhere. Prints what it took.
    ///
    /// # Errors
    /// As [`Compiled::agrees`]; if each output has one value everywhere, which would prove nothing.
    pub fn agrees_and_varies(
        &self,
        name: &str,
        simulator: &Simulator,
        inputs: &[(BlobId, Value)],
    ) -> Result<Hashes, Failed> {
        let Run { hashes, outputs, executed, simulated } = self.agrees(simulator, inputs)?;
        let summary = self.summary();
        println!("{name}: {summary}; executor {executed:.2} s, simulator {simulated:.1} s");
        self.vary(&outputs)?;
        Ok(hashes)
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
