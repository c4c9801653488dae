use sha2::{Digest, Sha256};

use crate::container::wide;
use crate::schema::{Binary, CmdGroup, CoeffMem, Model, Net, NetParameter, Shape, SubNet, Tensor};
use crate::{Bmodel, DataType, Error, Part, StoreMode};

/// Bytes of a command of either engine.
const COMMAND: usize = 128;

/// An input or output of a net that is being built.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// Element type.
    pub data_type: DataType,
    /// How images share words.
    pub store_mode: StoreMode,
    /// Where it stands in DDR before the model is loaded.
    pub address: u64,
    /// Axes from the slowest to the fastest.
    pub shape: Vec<u64>,
    /// Of an input the steps of a unit (127/threshold), of an output the value of a step
    /// (threshold/127).
    pub scale: f32,
}

impl Default for TensorInfo {
    /// A number of fp32 without a name.
    fn default() -> Self {
        TensorInfo {
            name: String::new(),
            data_type: DataType::F32,
            store_mode: StoreMode::OneN,
            address: 0,
            shape: Vec::new(),
            scale: 1.0,
        }
    }
}

impl TensorInfo {
    /// A tensor of this shape, stored without gaps.
    pub fn new(name: impl Into<String>, data_type: DataType, shape: Vec<u64>) -> TensorInfo {
        TensorInfo { name: name.into(), data_type, shape, ..TensorInfo::default() }
    }

    /// Sets [`TensorInfo::store_mode`].
    #[must_use]
    pub fn store_mode(self, store_mode: StoreMode) -> TensorInfo {
        TensorInfo { store_mode, ..self }
    }

    /// Sets [`TensorInfo::address`].
    #[must_use]
    pub fn address(self, address: u64) -> TensorInfo {
        TensorInfo { address, ..self }
    }

    /// Sets [`TensorInfo::scale`].
    #[must_use]
    pub fn scale(self, scale: f32) -> TensorInfo {
        TensorInfo { scale, ..self }
    }
}

/// Makes a bmodel of one net with one stage that runs on one TPU: all that the BM1684's runtime needs.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Builder {
    /// The net's name.
    pub net: String,
    /// The chip's name, `BM1684`.
    pub chip: String,
    /// Weights, biases, tables.
    pub coefficients: Vec<u8>,
    /// Where they stand.
    pub coefficient_address: u64,
    /// Where blobs begin.
    pub context_address: u64,
    /// Bytes of all blobs.
    pub context_bytes: u64,
    /// The net's inputs.
    pub inputs: Vec<TensorInfo>,
    /// The net's outputs.
    pub outputs: Vec<TensorInfo>,
    /// Commands of 128 bytes, TIU and GDMA, for each group.
    pub groups: Vec<[Vec<u8>; 2]>,
}

impl Builder {
    /// A net for a chip, as yet without anything.
    pub fn new(net: impl Into<String>, chip: impl Into<String>) -> Builder {
        Builder { net: net.into(), chip: chip.into(), ..Builder::default() }
    }

    /// Sets the coefficients and their address.
    #[must_use]
    pub fn coefficients(self, address: u64, coefficients: Vec<u8>) -> Builder {
        Builder { coefficient_address: address, coefficients, ..self }
    }

    /// Sets the address and the bytes of all blobs.
    #[must_use]
    pub fn context(self, address: u64, bytes: u64) -> Builder {
        Builder { context_address: address, context_bytes: bytes, ..self }
    }

    /// Sets the net's inputs.
    #[must_use]
    pub fn inputs(self, inputs: Vec<TensorInfo>) -> Builder {
        Builder { inputs, ..self }
    }

    /// Sets the net's outputs.
    #[must_use]
    pub fn outputs(self, outputs: Vec<TensorInfo>) -> Builder {
        Builder { outputs, ..self }
    }

    /// Sets the commands, TIU and GDMA, of each group.
    #[must_use]
    pub fn groups(self, groups: Vec<[Vec<u8>; 2]>) -> Builder {
        Builder { groups, ..self }
    }

    /// The bmodel. It has no date, so that the same net gives the same bytes.
    ///
    /// # Errors
    /// [`Error::StreamLength`] and [`Error::StreamTooLong`] for a stream that is not a whole number of
    /// commands or too long, [`Error::Volume`] for a tensor whose bytes cannot be counted.
    pub fn build(&self) -> Result<Bmodel, Error> {
        let mut data = self.coefficients.clone();
        let mut groups = Vec::with_capacity(self.groups.len());
        for (index, [tiu, gdma]) in self.groups.iter().enumerate() {
            let [bdc_num, bdc_cmd_byte] = counts(index, Part::TiuCommands, tiu.len())?;
            let [gdma_num, gdma_cmd_byte] = counts(index, Part::GdmaCommands, gdma.len())?;
            groups.push(CmdGroup {
                bdc_num,
                gdma_num,
                binary_bdc: append(&mut data, tiu),
                binary_gdma: append(&mut data, gdma),
                bdc_cmd_byte,
                gdma_cmd_byte,
                reloc_entries: None,
            });
        }
        let tensors = |infos: &[TensorInfo], hidden: i32| {
            infos.iter().map(|info| tensor(info, hidden)).collect::<Result<Vec<Tensor>, Error>>()
        };
        let [inputs, outputs] = [tensors(&self.inputs, 1)?, tensors(&self.outputs, 2)?];
        let coefficients = CoeffMem {
            address: self.coefficient_address,
            check_code: Some(Sha256::digest(&self.coefficients).to_vec()),
            binary_coeff: Some(Binary { start: 0, size: wide(self.coefficients.len()) }),
            ..CoeffMem::default()
        };
        let part = SubNet {
            cmd_group: Some(groups.clone()),
            input_tensor: Some(inputs.clone()),
            output_tensor: Some(outputs.clone()),
            id: 0,
            ..SubNet::default()
        };
        let stage = NetParameter {
            input_tensor: inputs,
            output_tensor: outputs,
            ctx_addr: self.context_address,
            ctx_size: self.context_bytes,
            coeff_mem: (!self.coefficients.is_empty()).then(|| Box::new(coefficients)),
            cmd_group: Some(groups),
            sub_net: Some(vec![part]),
            is_dynamic: 0,
            n_dynamic: 0,
            h_w_dynamic: 0,
            net_profile: None,
            stage_ir: None,
            binary_ir: None,
            cpu_mem_size: 0,
            ctx_sizes: None,
            net_stat: None,
            core_num: 0,
            io_addr: 0,
            io_size: 0,
            tensor_loc: None,
            dynamic_ctx_addr: 0,
            dynamic_coeff_offset: 0,
            dynamic_combined_coeff_offset: 0,
        };
        let net = Net {
            name: self.net.clone(),
            net_static: None,
            net_dynamic: None,
            parameter: Some(vec![stage]),
            cascade: None,
            addr_mode: 0,
        };
        let model = Model {
            type_: "quantization-tools".to_owned(),
            version: "2.2".to_owned(),
            time: "not recorded".to_owned(),
            chip: self.chip.clone(),
            net: vec![net],
            neuron_size: self.context_bytes,
            kernel_module: None,
            device_num: 0,
            cpuop_module: None,
            bmodel_type: 0,
            lib_backend: None,
        };
        Ok(Bmodel { model, data })
    }
}

/// Commands and bytes of a stream.
fn counts(group: usize, part: Part, length: usize) -> Result<[u32; 2], Error> {
    if !length.is_multiple_of(COMMAND) {
        return Err(Error::StreamLength { group, part, length });
    }
    let narrow = |count: usize| {
        u32::try_from(count).map_err(|_| Error::StreamTooLong { group, part, length })
    };
    Ok([narrow(length / COMMAND)?, narrow(length)?])
}

/// Puts a stream behind the data; none where it is empty.
fn append(data: &mut Vec<u8>, bytes: &[u8]) -> Option<Binary> {
    let start = wide(data.len());
    data.extend_from_slice(bytes);
    (!bytes.is_empty()).then_some(Binary { start, size: wide(bytes.len()) })
}

/// Bytes that a tensor takes in DDR, where images that share words come in whole groups.
fn bytes(info: &TensorInfo) -> Option<u64> {
    let group = match info.store_mode {
        StoreMode::OneN => 1,
        StoreMode::TwoN => 2,
        StoreMode::FourN => 4,
    };
    let (images, rest) = info.shape.split_first().unwrap_or((&1, &[]));
    let images = images.checked_next_multiple_of(group)?;
    let volume = rest.iter().try_fold(images, |volume, &size| volume.checked_mul(size))?;
    volume.checked_mul(info.data_type.bytes())
}

fn tensor(info: &TensorInfo, hidden: i32) -> Result<Tensor, Error> {
    let size = bytes(info)
        .ok_or_else(|| Error::Volume { tensor: info.name.clone(), shape: info.shape.clone() })?;
    Ok(Tensor {
        name: info.name.clone(),
        data_type: info.data_type.code(),
        gmem_stmode: info.store_mode.code(),
        device_addr: info.address,
        size,
        shape: Some(vec![Shape { dim: Some(info.shape.clone()) }]),
        mem_type: 0,
        scale: info.scale,
        cpu_addr: 0,
        pad_h: 0,
        zero_point: 0,
        hidden,
        index: 0,
        relentry: None,
    })
}

impl Bmodel {
    /// Checks every net's coefficients against the SHA-256 that stands beside them.
    ///
    /// # Errors
    /// [`Error::Checksum`] with the net whose coefficients were changed, [`Error::Outside`].
    pub fn check_coefficients(&self) -> Result<(), Error> {
        for net in &self.model.net {
            for stage in net.parameter.iter().flatten() {
                let Some(memory) = &stage.coeff_mem else { continue };
                if let (Some(place), Some(code)) = (memory.binary_coeff, &memory.check_code)
                    && Sha256::digest(self.bytes(place)?).as_slice() != code.as_slice()
                {
                    return Err(Error::Checksum { net: net.name.clone() });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A model that could not run, but has all that a real one has.
    pub(crate) fn small(net: &str, coefficients: &[u8]) -> Bmodel {
        small_for(net, coefficients, 1)
    }

    /// The same for a number of images.
    pub(crate) fn small_for(net: &str, coefficients: &[u8], images: u64) -> Bmodel {
        builder(net, coefficients, images).build().expect("built")
    }

    fn builder(net: &str, coefficients: &[u8], images: u64) -> Builder {
        let tensor = |name: &str, address, scale| {
            TensorInfo::new(name, DataType::I8, vec![images, 3, 8, 8])
                .store_mode(StoreMode::FourN)
                .address(address)
                .scale(scale)
        };
        Builder::new(net, "BM1684")
            .coefficients(0x1_0510_0000, coefficients.to_vec())
            .context(0x1_0510_1000, 0x1000)
            .inputs(vec![tensor("data", 0x1_0510_1000, 127.0)])
            .outputs(vec![tensor("prob", 0x1_0510_1400, 0.5)])
            .groups(vec![[vec![1; 128], vec![2; 256]], [vec![3; 256], vec![]]])
    }

    /// Exact sizes, and an error where 64 bits do not suffice.
    #[test]
    fn sizes_of_tensors() {
        let size = |data_type, store_mode, shape: &[u64]| {
            let info = TensorInfo::new("x", data_type, shape.to_vec()).store_mode(store_mode);
            tensor(&info, 1).map(|tensor| tensor.size)
        };
        let (big, most) = (1 << 32, u64::MAX);
        let mut wrong = Vec::new();
        for (data_type, store_mode, shape, expected) in [
            (DataType::F32, StoreMode::OneN, &[][..], Some(4)),
            (DataType::F32, StoreMode::OneN, &[5, 3], Some(60)),
            (DataType::F16, StoreMode::TwoN, &[5, 3], Some(36)),
            (DataType::I8, StoreMode::FourN, &[5, 3], Some(24)),
            (DataType::I8, StoreMode::FourN, &[], Some(4)),
            (DataType::I8, StoreMode::OneN, &[most], Some(most)),
            (DataType::I8, StoreMode::FourN, &[most], None),
            (DataType::F32, StoreMode::OneN, &[most / 2], None),
            (DataType::I8, StoreMode::OneN, &[big, big], None),
        ] {
            let found = size(data_type, store_mode, shape);
            let right = match (&found, expected) {
                (Ok(found), Some(expected)) => *found == expected,
                (Err(Error::Volume { tensor, .. }), None) => tensor == "x",
                _ => false,
            };
            if !right {
                wrong.push(format!("{shape:?}: {found:?}, not {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let mut builder = builder("net", &[], 1);
        builder.outputs[0].shape = vec![big, big];
        assert!(matches!(builder.build(), Err(Error::Volume { .. })));
    }

    /// Exact error variants: nothing of a stream is dropped.
    #[test]
    fn streams_are_whole_commands() {
        let mut builder = builder("net", &[], 1);
        builder.groups[1] = [vec![3; 256], vec![4; 130]];
        let part = Part::GdmaCommands;
        let found = builder.build();
        assert!(
            matches!(found, Err(Error::StreamLength { group: 1, part: p, length: 130 }) if p == part),
            "{found:?}"
        );
        // Too long for a test to have in memory.
        let long = counts(2, part, 1 << 32);
        assert!(matches!(long, Err(Error::StreamTooLong { group: 2, .. })), "{long:?}");
        assert_eq!(counts(2, part, 1 << 31).ok(), Some([1 << 24, 1 << 31]));
    }

    /// Bit-exact.
    #[test]
    fn coefficients_are_checked() {
        let mut model = small("net", &[1, 2, 3]);
        model.check_coefficients().expect("good");
        model.data[1] ^= 1;
        assert!(matches!(model.check_coefficients(), Err(Error::Checksum { net }) if net == "net"));
    }
}
