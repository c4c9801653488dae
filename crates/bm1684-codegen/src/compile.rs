use bm1684_isa::check::{Memory, check};
use bm1684_isa::commands::{Gdma, Streams, Traffic};
use bm1684_isa::memory::{COEFFICIENT_BASE, DDR_BASE};
use bmodel::{Bmodel, Builder, DataType, StoreMode, TensorInfo};
use umodel::{BlobFormat, BlobId, DType, QuantizedNet, Shape};

use crate::emit::Emitter;
use crate::error::{Error, Reason};
use crate::form::Form;
use crate::lower::{Job, Site, lower};
use crate::plan::{CONTEXT_BASE, Need, Plan, context_address};

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
    /// Commands of the TIU.
    pub tiu: usize,
    /// Commands of the GDMA.
    pub gdma: usize,
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
}

/// Compiles a deploy net.
///
/// The same net gives the same program, byte for byte. Every program has passed
/// [`bm1684_isa::check`].
///
/// # Errors
/// [`Error::Layer`] names a layer that cannot be placed, why, and what to do; [`Error::Size`] if all
/// together is too large; [`Error::Empty`] and [`Error::NoValues`] if there is nothing to compute.
pub fn compile(net: &QuantizedNet) -> Result<Program, Error> {
    let graph = net.net();
    if graph.layers().is_empty() {
        return Err(Error::Empty);
    }
    if let Some(blob) = graph.blobs().iter().find(|blob| blob.shape.contains(&0)) {
        return Err(Error::NoValues { blob: blob.name.clone(), shape: blob.shape.clone() });
    }
    let needs = graph.layers().iter().enumerate().map(|(index, _)| {
        let site = Site { net, index };
        let lower = lower(&site);
        Need { renames: lower.renames(&site), scratch: lower.scratch(&site) }
    });
    let plan = Plan::new(net, &needs.collect::<Vec<_>>());
    // This comes before commands are made, because their number grows with the blobs.
    check_addresses(&plan, 0)?;
    let mut emitter = Emitter::default();
    let mut coefficients = Vec::new();
    let mut costs = Vec::with_capacity(graph.layers().len());
    for (index, layer) in graph.layers().iter().enumerate() {
        let before = emitter.counts();
        emitter.begin_layer();
        let mut job = Job {
            site: Site { net, index },
            plan: &plan,
            emitter: &mut emitter,
            coefficients: &mut coefficients,
        };
        let kind = layer.op.kind();
        let lowered = lower(&job.site).lower(&mut job);
        let form =
            lowered.map_err(|source| Error::Layer { layer: layer.name.clone(), kind, source })?;
        let after = emitter.counts();
        let [tiu, gdma] = [after[0] - before[0], after[1] - before[1]];
        costs.push(LayerCost { layer: layer.name.clone(), kind, form, tiu, gdma });
    }
    let [context_address, context_bytes] = check_addresses(&plan, coefficients.len())?;
    let mut groups = emitter.finish();
    for command in groups.iter_mut().flat_map(|group| &mut group.gdma) {
        relocate(command, context_address);
    }
    let program = Program {
        name: graph.name().to_owned(),
        groups,
        context_address,
        context_bytes,
        inputs: ports(net, &plan, context_address, &graph.inputs()),
        outputs: ports(net, &plan, context_address, &graph.outputs()),
        coefficients,
        costs,
    };
    program.check()?;
    Ok(program)
}

/// Where blobs begin behind so many bytes of coefficients, and how many bytes they take.
fn check_addresses(plan: &Plan, coefficients: usize) -> Result<[u64; 2], Error> {
    let start = context_address(coefficients);
    let bytes = plan.bytes.next_multiple_of(4096);
    if start + bytes > DDR_BASE + (4 << 30) {
        let needed = start + bytes - COEFFICIENT_BASE;
        return Err(Error::Size(Reason::Ddr { needed }));
    }
    Ok([start, bytes])
}

/// Moves blobs from their place during lowering to the one behind the coefficients.
fn relocate(command: &mut Gdma, context: u64) {
    let moved = |address: u64| {
        if address >= CONTEXT_BASE { address - CONTEXT_BASE + context } else { address }
    };
    command.set_source(moved(command.source()));
    command.set_destination(moved(command.destination()));
}

fn ports(net: &QuantizedNet, plan: &Plan, context: u64, ids: &[BlobId]) -> Vec<Port> {
    let port = |&id: &BlobId| {
        let blob = net.net().blob(id);
        Port {
            name: blob.name.clone(),
            shape: blob.shape.clone(),
            format: net.format(id),
            address: plan.blob(id) - CONTEXT_BASE + context,
        }
    };
    ids.iter().map(port).collect()
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

    fn check(&self) -> Result<(), Error> {
        let memory = self.memory();
        for (index, group) in self.groups.iter().enumerate() {
            check(group, &memory).map_err(|source| Error::Check { group: index + 1, source })?;
        }
        Ok(())
    }
}
