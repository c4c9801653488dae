//! A net of a bmodel, ready to run.

use bm1684_isa::commands::Streams;
use bmodel::schema::{CmdGroup, NetParameter};
use bmodel::{Bmodel, DataType, StoreMode};

use crate::{Chip, Error, State};

/// Bytes of coefficients and blobs at most: the DDR of a chip.
const MOST_DDR: u64 = 1 << 32;

/// An input or output of a program.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Sizes of its axes.
    pub shape: Vec<usize>,
    /// The type of its values.
    pub data_type: DataType,
    /// Inputs: steps for a unit; outputs: value of a step.
    pub scale: f32,
    mode: StoreMode,
    address: u64,
}

impl Tensor {
    fn of(tensor: &bmodel::schema::Tensor) -> Result<Tensor, Error> {
        let kind =
            |field, value: i64| Error::TensorKind { name: tensor.name.clone(), field, value };
        let data_type = DataType::from_code(tensor.data_type)
            .ok_or_else(|| kind("type", tensor.data_type.into()))?;
        let mode = StoreMode::from_code(tensor.gmem_stmode)
            .ok_or_else(|| kind("mode", tensor.gmem_stmode.into()))?;
        let fits = match mode {
            StoreMode::OneN => true,
            StoreMode::TwoN => data_type.bytes() == 2,
            StoreMode::FourN => data_type.bytes() == 1,
        };
        if !fits {
            return Err(kind("mode", tensor.gmem_stmode.into()));
        }
        let shapes = tensor.shape.as_deref().unwrap_or_default();
        let sizes = shapes.first().and_then(|shape| shape.dim.as_deref()).unwrap_or_default();
        let shape: Option<Vec<usize>> =
            sizes.iter().map(|&size| usize::try_from(size).ok()).collect();
        let shape = shape.filter(|shape| {
            let volume = shape.iter().try_fold(1usize, |all, &size| all.checked_mul(size));
            volume.is_some_and(|volume| volume <= 1 << 30)
        });
        let shape = shape.ok_or_else(|| kind("axes", shapes.len().try_into().unwrap_or(0)))?;
        let (name, scale) = (tensor.name.clone(), tensor.scale);
        Ok(Tensor { name, shape, data_type, scale, mode, address: tensor.device_addr })
    }

    /// Bytes of its values in plain N, C, H, W.
    pub fn bytes(&self) -> usize {
        self.shape.iter().product::<usize>() * self.width()
    }

    fn width(&self) -> usize {
        usize::try_from(self.data_type.bytes()).unwrap_or(4)
    }

    /// Images in a word of DDR.
    fn shared(&self) -> usize {
        match self.mode {
            StoreMode::OneN => 1,
            StoreMode::TwoN => 2,
            StoreMode::FourN => 4,
        }
    }

    /// Images, and the values of each.
    fn images(&self) -> (usize, usize) {
        let mut sizes = self.shape.iter().copied();
        let images = sizes.next().unwrap_or(1);
        (images, sizes.product())
    }

    /// Bytes that it has in DDR.
    fn stored(&self) -> usize {
        let (images, each) = self.images();
        images.next_multiple_of(self.shared()) * each * self.width()
    }

    /// Where a value of the plain order is in DDR.
    fn place(&self, value: usize) -> usize {
        let (_, each) = self.images();
        let (image, at) = (value / each.max(1), value % each.max(1));
        let shared = self.shared();
        ((image / shared * each + at) * shared + image % shared) * self.width()
    }
}

/// A stage of a net of a bmodel.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it reads.
    pub inputs: Vec<Tensor>,
    /// What it writes.
    pub outputs: Vec<Tensor>,
    groups: Vec<Streams>,
    coefficients: (u64, Vec<u8>),
    /// Parts of DDR that it may write: where they begin, and their bytes.
    blobs: Vec<(u64, u64)>,
    threads: Option<usize>,
    lenient: bool,
}

impl Program {
    /// Takes a stage of a net; both count from 0.
    ///
    /// # Errors
    /// If it is not there, not a program of commands only, or not for this chip; and what decoding reports.
    pub fn load(bmodel: &Bmodel, net: usize, stage: usize) -> Result<Program, Error> {
        let model = &bmodel.model;
        if model.chip != "BM1684" {
            return Err(Error::Chip { chip: model.chip.clone() });
        }
        let count = model.net.len();
        let net = model.net.get(net).ok_or(Error::Net { net, count })?;
        let stages = net.parameter.as_deref().unwrap_or_default();
        let count = stages.len();
        let stage = stages.get(stage).ok_or(Error::Stage { stage, count })?;
        let groups = groups(stage)?.into_iter().enumerate().map(|(group, commands)| {
            let [tiu, gdma] = bmodel.commands(commands)?;
            Streams::decode(tiu, gdma).map_err(|source| Error::Decode { group, source })
        });
        let groups = groups.collect::<Result<_, Error>>()?;
        let memory = stage.coeff_mem.as_ref();
        let coefficients = match memory.and_then(|memory| memory.binary_coeff) {
            Some(part) => bmodel.bytes(part)?.to_vec(),
            None => Vec::new(),
        };
        let size = match &stage.ctx_sizes {
            Some(sizes) if !sizes.is_empty() => {
                sizes.iter().fold(0, |sum: u64, &size| sum.saturating_add(size))
            }
            _ => stage.ctx_size,
        };
        let mut blobs = vec![(stage.ctx_addr, size)];
        if stage.io_size > 0 {
            blobs.push((stage.io_addr, stage.io_size));
        }
        let bytes = blobs.iter().fold(0, |sum: u64, (_, size)| sum.saturating_add(*size));
        if bytes > MOST_DDR {
            return Err(Error::Memory { bytes, limit: MOST_DDR });
        }
        let tensors = |tensors: &[bmodel::schema::Tensor]| -> Result<Vec<Tensor>, Error> {
            tensors.iter().map(Tensor::of).collect()
        };
        Ok(Program {
            inputs: tensors(&stage.input_tensor)?,
            outputs: tensors(&stage.output_tensor)?,
            groups,
            coefficients: (memory.map_or(0, |memory| memory.address), coefficients),
            blobs,
            threads: None,
            lenient: false,
        })
    }

    /// Computes with so many threads instead of one for each processor. Results do not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Program {
        Program { threads: Some(threads), ..self }
    }

    /// Lets commands compute with bytes that were never written, as long as no output depends on them. The vendor's
    /// compiler does so: its commands take whole words of four images, or all lanes, where fewer hold something.
    #[must_use]
    pub fn lenient(self) -> Program {
        Program { lenient: true, ..self }
    }

    /// The commands, group by group.
    pub fn groups(&self) -> &[Streams] {
        &self.groups
    }

    /// Runs the program on a chip that was just switched on. Inputs and outputs are the bytes of their values in plain
    /// N, C, H, W, in the program's order, as the vendor's runtime has them.
    ///
    /// # Errors
    /// If the inputs do not fit, if a command is at fault, or if an output has values that mean nothing.
    pub fn run(&self, inputs: &[&[u8]]) -> Result<Vec<Vec<u8>>, Error> {
        let mut chip = self.start(inputs)?;
        for (group, streams) in self.groups.iter().enumerate() {
            chip.execute(streams, group)?;
        }
        self.outputs.iter().map(|tensor| output(&chip, tensor)).collect()
    }

    /// A chip with coefficients and inputs in its memory.
    ///
    /// # Errors
    /// If the inputs do not fit.
    pub fn start(&self, inputs: &[&[u8]]) -> Result<Chip, Error> {
        if inputs.len() != self.inputs.len() {
            let (expected, found) = (self.inputs.len(), inputs.len());
            return Err(Error::InputCount { expected, found });
        }
        let mut chip = Chip::new();
        if let Some(threads) = self.threads {
            chip = chip.threads(threads);
        }
        if self.lenient {
            chip = chip.lenient();
        }
        let (address, coefficients) = &self.coefficients;
        chip.memory.add_ddr(*address, coefficients.clone(), State::Known, false);
        for (address, size) in &self.blobs {
            let size = usize::try_from(*size).unwrap_or(0);
            chip.memory.add_ddr(*address, vec![0; size], State::Unwritten, true);
        }
        for (tensor, values) in self.inputs.iter().zip(inputs) {
            input(&mut chip, tensor, values)?;
        }
        Ok(chip)
    }
}

/// The groups of commands in the order in which they run.
fn groups(stage: &NetParameter) -> Result<Vec<&CmdGroup>, Error> {
    if stage.is_dynamic != 0 {
        return Err(Error::Stages { problem: "is dynamic" });
    }
    let parts = stage.sub_net.as_deref().unwrap_or_default();
    if parts.iter().any(|part| part.subnet_mode != 0) {
        return Err(Error::Stages { problem: "has parts for the host" });
    }
    if parts.iter().any(|part| part.is_dynamic != 0) {
        return Err(Error::Stages { problem: "has dynamic parts" });
    }
    let of_parts: Vec<&CmdGroup> =
        parts.iter().flat_map(|part| part.cmd_group.iter().flatten()).collect();
    if of_parts.is_empty() { Ok(stage.cmd_group.iter().flatten().collect()) } else { Ok(of_parts) }
}

fn place_error(tensor: &Tensor) -> Error {
    let (name, address, length) = (tensor.name.clone(), tensor.address, tensor.stored());
    Error::TensorPlace { name, address, length }
}

/// Writes an input as the program expects it. Bytes of images that there are none of are filler.
fn input(chip: &mut Chip, tensor: &Tensor, values: &[u8]) -> Result<(), Error> {
    if values.len() != tensor.bytes() {
        let (name, expected, found) = (tensor.name.clone(), tensor.bytes(), values.len());
        return Err(Error::InputLength { name, expected, found });
    }
    let memory = &mut chip.memory;
    let outside = || place_error(tensor);
    if tensor.shared() == 1 {
        return memory.write_ddr(tensor.address, values, State::Known).ok_or_else(outside);
    }
    let zeros = vec![0; tensor.stored()];
    memory.write_ddr(tensor.address, &zeros, State::Filler).ok_or_else(outside)?;
    let (segment, range) = memory.find(tensor.address, zeros.len()).ok_or_else(outside)?;
    let bytes = &mut memory.ddr[segment].bytes;
    for (index, value) in values.chunks_exact(tensor.width()).enumerate() {
        bytes.write(range.start + tensor.place(index), value, State::Known);
    }
    Ok(())
}

fn output(chip: &Chip, tensor: &Tensor) -> Result<Vec<u8>, Error> {
    let found = chip.memory.find(tensor.address, tensor.stored());
    let (segment, range) = found.ok_or_else(|| place_error(tensor))?;
    let bytes = &chip.memory.ddr[segment].bytes;
    let width = tensor.width();
    let mut values = Vec::with_capacity(tensor.bytes());
    for index in 0..tensor.bytes() / width {
        let at = range.start + tensor.place(index);
        let states = &bytes.states[at..at + width];
        if let Some(state) = states.iter().find(|state| **state != crate::memory::KNOWN) {
            let unwritten = *state == crate::memory::UNWRITTEN;
            let name = tensor.name.clone();
            return Err(Error::Output { name, index, unwritten, first: chip.doubt() });
        }
        values.extend_from_slice(&bytes.values[at..at + width]);
    }
    Ok(values)
}
