use std::fmt::{self, Display, Formatter};

use bm1684_isa::check::{Memory, check};
use bm1684_isa::commands::{Streams, Traffic};
use bm1684_isa::memory::COEFFICIENT_BASE;
use bmodel::{Bmodel, Builder, DataType, StoreMode, TensorInfo};
use umodel::{BlobFormat, DType, Shape};

use crate::error::Error;
use crate::form::Form;

/// An input or output of a program.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Port {
    /// The blob's name.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// How it is stored: fp32 without gaps, 8-bit blobs in 4N form.
    pub format: BlobFormat,
    /// Its address in DDR.
    pub address: u64,
}

/// What computes a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// The caller gives its tops.
    Input,
    /// Nothing: its tops are its bottom under other names.
    Renamed,
    /// The GDMA alone, which moves values.
    Gdma,
    /// The TIU, with integers.
    Int8,
    /// The TIU, in fp32.
    Float,
    /// The processor beside the chip, see [`cut`](crate::cut()).
    Host,
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Place::Input => "input",
            Place::Renamed => "renamed",
            Place::Gdma => "GDMA",
            Place::Int8 => "TIU int8",
            Place::Float => "TIU fp32",
            Place::Host => "host",
        })
    }
}

/// What a layer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerCost {
    /// The layer's name.
    pub layer: String,
    /// Its type.
    pub kind: &'static str,
    /// How it became commands.
    pub form: Form,
    /// What computes it.
    pub place: Place,
    /// Commands of the TIU.
    pub tiu: usize,
    /// Commands of the GDMA.
    pub gdma: usize,
    /// Bytes that they move.
    pub traffic: Traffic,
}

/// A compiled net: command streams, coefficients, and where everything stands in DDR.
///
/// Addresses are those of a bmodel before it is loaded: coefficients from
/// [`COEFFICIENT_BASE`] on, blobs behind them from [`Program::context_address`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Program {
    /// The net's name; may be empty.
    pub name: String,
    /// Groups of command streams, to be run one after the other.
    pub groups: Vec<Streams>,
    /// Packed weights, biases and tables.
    pub coefficients: Vec<u8>,
    /// Where blobs begin.
    pub context_address: u64,
    /// Bytes of all blobs.
    pub context_bytes: u64,
    /// The net's inputs, in the order of [`umodel::Net::inputs`].
    pub inputs: Vec<Port>,
    /// The net's outputs, in the order of [`umodel::Net::outputs`].
    pub outputs: Vec<Port>,
    /// What each layer came to, in order.
    pub costs: Vec<LayerCost>,
    /// The layer of each command of the TIU, and of each command of the GDMA, through all groups.
    pub layers: [Vec<usize>; 2],
}

impl Program {
    /// The DDR that the program uses.
    pub fn memory(&self) -> Memory {
        let coefficients = COEFFICIENT_BASE..COEFFICIENT_BASE + self.coefficients.len() as u64;
        let context = self.context_address..self.context_address + self.context_bytes;
        Memory::new(coefficients, context)
    }

    /// Bytes that all groups move.
    pub fn traffic(&self) -> Traffic {
        self.groups.iter().map(Streams::traffic).sum()
    }

    /// Layers, and how many commands of the TIU and of the GDMA belong to each, in the engines' order. A layer whose
    /// commands stand between those of others comes several times.
    pub(crate) fn runs(&self) -> Vec<(usize, [usize; 2])> {
        let runs = |commands: &[usize]| {
            let runs = commands.chunk_by(|a, b| a == b).map(|run| (run[0], run.len()));
            runs.collect::<Vec<_>>().into_iter().peekable()
        };
        let [mut tiu, mut gdma] = [&self.layers[0], &self.layers[1]].map(|engine| runs(engine));
        let mut all = Vec::new();
        while let Some(layer) =
            [&mut tiu, &mut gdma].into_iter().filter_map(|engine| Some(engine.peek()?.0)).min()
        {
            let counts = [&mut tiu, &mut gdma]
                .map(|engine| engine.next_if(|run| run.0 == layer).map_or(0, |run| run.1));
            all.push((layer, counts));
        }
        all
    }

    /// The program as a bmodel.
    ///
    /// # Errors
    /// [`Error::Command`] if a field of a command is too narrow for its value, [`Error::Bmodel`] if the
    /// file cannot state a size.
    pub fn to_bmodel(&self) -> Result<Bmodel, Error> {
        let ports = |ports: &[Port], scale: &dyn Fn(f32) -> f32| {
            let tensor = |port: &Port| {
                let (data_type, store_mode) = match port.format.dtype {
                    DType::F32 => (DataType::F32, StoreMode::OneN),
                    DType::I8 => (DataType::I8, StoreMode::FourN),
                    DType::U8 => (DataType::U8, StoreMode::FourN),
                };
                let shape = port.shape.iter().map(|&size| size as u64).collect();
                TensorInfo::new(&port.name, data_type, shape)
                    .store_mode(store_mode)
                    .address(port.address)
                    .scale(scale(port.format.scale))
            };
            ports.iter().map(tensor).collect()
        };
        let groups = self.groups.iter().map(Streams::encode).collect::<Result<_, _>>()?;
        let builder = Builder::new(&self.name, "BM1684")
            .coefficients(COEFFICIENT_BASE, self.coefficients.clone())
            .context(self.context_address, self.context_bytes)
            // An input is multiplied by its scale, an output's scale is the value of a step.
            .inputs(ports(&self.inputs, &|step| 1.0 / step))
            .outputs(ports(&self.outputs, &|step| step))
            .groups(groups);
        Ok(builder.build()?)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let memory = self.memory();
        for (index, group) in self.groups.iter().enumerate() {
            check(group, &memory).map_err(|source| Error::Check { group: index + 1, source })?;
        }
        Ok(())
    }
}
