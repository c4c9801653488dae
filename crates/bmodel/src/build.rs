use sha2::{Digest, Sha256};

use crate::schema::{Binary, CmdGroup, CoeffMem, Model, Net, NetParameter, Shape, SubNet, Tensor};
use crate::{Bmodel, DataType, Error, StoreMode};

/// An input or output of a net that is being built.
#[derive(Clone, Debug, PartialEq)]
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

/// Makes a bmodel of one net with one stage that runs on one TPU: all that the BM1684's runtime needs.
#[derive(Clone, Debug, Default)]
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
    /// The bmodel. It has no date, so that the same net gives the same bytes.
    pub fn build(&self) -> Bmodel {
        let mut data = self.coefficients.clone();
        let mut part = |bytes: &[u8]| {
            let start = data.len() as u64;
            data.extend_from_slice(bytes);
            (!bytes.is_empty()).then_some(Binary { start, size: bytes.len() as u64 })
        };
        let group = |[tiu, gdma]: &[Vec<u8>; 2]| CmdGroup {
            bdc_num: (tiu.len() / 128) as u32,
            gdma_num: (gdma.len() / 128) as u32,
            binary_bdc: part(tiu),
            binary_gdma: part(gdma),
            bdc_cmd_byte: tiu.len() as u32,
            gdma_cmd_byte: gdma.len() as u32,
            reloc_entries: None,
        };
        let groups: Vec<CmdGroup> = self.groups.iter().map(group).collect();
        let inputs: Vec<Tensor> = self.inputs.iter().map(|info| tensor(info, 1)).collect();
        let outputs: Vec<Tensor> = self.outputs.iter().map(|info| tensor(info, 2)).collect();
        let coefficients = CoeffMem {
            address: self.coefficient_address,
            check_code: Some(Sha256::digest(&self.coefficients).to_vec()),
            binary_coeff: Some(Binary { start: 0, size: self.coefficients.len() as u64 }),
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
        Bmodel { model, data }
    }
}

fn tensor(info: &TensorInfo, hidden: i32) -> Tensor {
    let volume: u64 = match (info.store_mode, info.shape.as_slice()) {
        (StoreMode::FourN, [images, rest @ ..]) => {
            images.next_multiple_of(4) * rest.iter().product::<u64>()
        }
        (StoreMode::TwoN, [images, rest @ ..]) => {
            images.next_multiple_of(2) * rest.iter().product::<u64>()
        }
        (_, shape) => shape.iter().product(),
    };
    Tensor {
        name: info.name.clone(),
        data_type: info.data_type.code(),
        gmem_stmode: info.store_mode.code(),
        device_addr: info.address,
        size: volume * info.data_type.bytes(),
        shape: Some(vec![Shape { dim: Some(info.shape.clone()) }]),
        mem_type: 0,
        scale: info.scale,
        cpu_addr: 0,
        pad_h: 0,
        zero_point: 0,
        hidden,
        index: 0,
        relentry: None,
    }
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
        let tensor = |name: &str, address, scale| TensorInfo {
            name: name.to_owned(),
            data_type: DataType::I8,
            store_mode: StoreMode::FourN,
            address,
            shape: vec![images, 3, 8, 8],
            scale,
        };
        Builder {
            net: net.to_owned(),
            chip: "BM1684".to_owned(),
            coefficients: coefficients.to_vec(),
            coefficient_address: 0x1_0510_0000,
            context_address: 0x1_0510_1000,
            context_bytes: 0x1000,
            inputs: vec![tensor("data", 0x1_0510_1000, 127.0)],
            outputs: vec![tensor("prob", 0x1_0510_1400, 0.5)],
            groups: vec![[vec![1; 128], vec![2; 256]], [vec![3; 256], vec![]]],
        }
        .build()
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
