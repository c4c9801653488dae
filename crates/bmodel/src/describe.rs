use std::fmt::Write;

use crate::Bmodel;
use crate::schema::{CmdGroup, Net, NetParameter, Tensor};

/// A table of codes and their names.
macro_rules! codes {
    (
        $(#[$doc:meta])* $name:ident: $type:ty {
            $($(#[$item_doc:meta])* $item:ident = $code:literal, $text:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$item_doc])* $item,)*
        }

        impl $name {
            /// The number in the file.
            pub fn code(self) -> $type {
                match self { $($name::$item => $code,)* }
            }

            /// What this number in the file stands for.
            pub fn from_code(code: $type) -> Option<Self> {
                match code { $($code => Some($name::$item),)* _ => None }
            }

            /// As it is printed.
            pub fn name(self) -> &'static str {
                match self { $($name::$item => $text,)* }
            }
        }
    };
}

codes! {
    /// Element types.
    DataType: u32 {
        /// 32-bit floating point.
        F32 = 0, "float32";
        /// 16-bit floating point.
        F16 = 1, "float16";
        /// Signed byte.
        I8 = 2, "int8";
        /// Unsigned byte.
        U8 = 3, "uint8";
        /// Signed, 16 bits.
        I16 = 4, "int16";
        /// Unsigned, 16 bits.
        U16 = 5, "uint16";
        /// Signed, 32 bits.
        I32 = 6, "int32";
        /// Unsigned, 32 bits.
        U32 = 7, "uint32";
    }
}

impl DataType {
    /// Bytes of an element.
    pub fn bytes(self) -> u64 {
        match self {
            DataType::F32 | DataType::I32 | DataType::U32 => 4,
            DataType::F16 | DataType::I16 | DataType::U16 => 2,
            DataType::I8 | DataType::U8 => 1,
        }
    }
}

codes! {
    /// How many images share a 32-bit word in DDR.
    StoreMode: i32 {
        /// None: values stand one behind the other.
        OneN = 0, "1N";
        /// Two, of 16 bits each.
        TwoN = 1, "2N";
        /// Four, of 8 bits each.
        FourN = 2, "4N";
    }
}

/// What a bmodel holds, for people.
pub fn info(bmodel: &Bmodel) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_info(&mut text, bmodel);
    text
}

fn write_info(out: &mut String, bmodel: &Bmodel) -> std::fmt::Result {
    let model = &bmodel.model;
    writeln!(out, "chip: {}", model.chip)?;
    writeln!(out, "made by: {} {}", model.type_, model.version)?;
    writeln!(out, "made on: {}", model.time.trim_end())?;
    writeln!(out, "binary block: {} bytes", bmodel.data.len())?;
    if let Some(module) = &model.kernel_module {
        writeln!(out, "firmware: {}, {} bytes", module.file_name, module.binary.size)?;
    }
    for (index, net) in model.net.iter().enumerate() {
        writeln!(out, "\nnet {index}: {}", net.name)?;
        for (index, stage) in net.parameter.iter().flatten().enumerate() {
            write_stage(out, net, index, stage)?;
        }
    }
    Ok(())
}

fn write_stage(
    out: &mut String,
    net: &Net,
    index: usize,
    stage: &NetParameter,
) -> std::fmt::Result {
    let kind = if stage.is_dynamic == 0 { "static" } else { "dynamic" };
    writeln!(out, "stage {index}: {kind}")?;
    for (what, tensors) in [("input", &stage.input_tensor), ("output", &stage.output_tensor)] {
        for tensor in tensors {
            writeln!(out, "  {what} {}", tensor_line(tensor))?;
        }
    }
    let coefficients =
        stage.coeff_mem.as_ref().and_then(|memory| memory.binary_coeff).map_or(0, |part| part.size);
    writeln!(out, "  coefficients: {coefficients} bytes")?;
    let blobs = match &stage.ctx_sizes {
        Some(sizes) => sizes.iter().fold(0u64, |sum, &size| sum.saturating_add(size)),
        None => stage.ctx_size,
    };
    writeln!(out, "  blobs: {blobs} bytes")?;
    if net.addr_mode != 0 {
        writeln!(out, "  inputs and outputs: {} bytes of their own", stage.io_size)?;
    }
    write_groups(out, "  ", stage.cmd_group.iter().flatten())?;
    let parts: Vec<_> = stage.sub_net.iter().flatten().collect();
    for (index, part) in parts.iter().enumerate() {
        let place = if part.subnet_mode == 0 { "TPU" } else { "host" };
        writeln!(out, "  part {index}: {place}")?;
        if parts.len() > 1 {
            write_groups(out, "    ", part.cmd_group.iter().flatten())?;
        }
        for (index, core) in part.core_commands.iter().flatten().enumerate() {
            writeln!(out, "    core {index}")?;
            write_groups(out, "      ", core.gdma_tiu_commands.iter().flatten())?;
        }
    }
    Ok(())
}

fn write_groups<'a>(
    out: &mut String,
    indent: &str,
    groups: impl Iterator<Item = &'a CmdGroup>,
) -> std::fmt::Result {
    for (index, group) in groups.enumerate() {
        let bytes = |part: Option<crate::schema::Binary>| part.map_or(0, |part| part.size);
        writeln!(
            out,
            "{indent}group {index}: {} TIU commands ({} bytes), {} GDMA commands ({} bytes)",
            group.bdc_num,
            bytes(group.binary_bdc),
            group.gdma_num,
            bytes(group.binary_gdma)
        )?;
    }
    Ok(())
}

fn tensor_line(tensor: &Tensor) -> String {
    let shapes: Vec<String> = tensor
        .shape
        .iter()
        .flatten()
        .map(|shape| format!("{:?}", shape.dim.as_deref().unwrap_or_default()))
        .collect();
    let kind = DataType::from_code(tensor.data_type)
        .map_or_else(|| format!("type {}", tensor.data_type), |kind| kind.name().to_owned());
    let mode = StoreMode::from_code(tensor.gmem_stmode)
        .map_or_else(|| format!("mode {}", tensor.gmem_stmode), |mode| mode.name().to_owned());
    format!(
        "{}: {} {kind} {mode}, scale {}, zero point {}",
        tensor.name,
        shapes.join(" or "),
        tensor.scale,
        tensor.zero_point
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::tests::small;
    use crate::schema::{CoreCommands, SubNet};

    /// Exact text.
    #[test]
    fn everything_is_named() {
        let text = info(&small("lenet", &[0; 7]));
        let expected = "\
chip: BM1684
made by: quantization-tools 2.2
made on: not recorded
binary block: 647 bytes

net 0: lenet
stage 0: static
  input data: [1, 3, 8, 8] int8 4N, scale 127, zero point 0
  output prob: [1, 3, 8, 8] int8 4N, scale 0.5, zero point 0
  coefficients: 7 bytes
  blobs: 4096 bytes
  group 0: 1 TIU commands (128 bytes), 2 GDMA commands (256 bytes)
  group 1: 2 TIU commands (256 bytes), 0 GDMA commands (0 bytes)
  part 0: TPU
";
        assert_eq!(text, expected);
    }

    /// Exact lines: a dynamic net, layers on the host, commands for each core.
    #[test]
    fn other_chips_models_are_described() {
        let mut model = small("lenet", &[]);
        let net = &mut model.model.net[0];
        net.addr_mode = 1;
        let stage = &mut net.parameter.as_mut().expect("stage")[0];
        (stage.is_dynamic, stage.io_size, stage.ctx_sizes) = (1, 64, Some(vec![u64::MAX, 5]));
        stage.input_tensor[0].data_type = 99;
        stage.input_tensor[0].gmem_stmode = -1;
        let groups = stage.cmd_group.take();
        let parts = stage.sub_net.as_mut().expect("part");
        parts.push(SubNet { subnet_mode: 1, ..SubNet::default() });
        parts[0].cmd_group = None;
        let core = CoreCommands { gdma_tiu_commands: groups, ..CoreCommands::default() };
        parts[0].core_commands = Some(vec![core]);
        let text = info(&model);
        for line in [
            "stage 0: dynamic",
            "  input data: [1, 3, 8, 8] type 99 mode -1, scale 127, zero point 0",
            "  blobs: 18446744073709551615 bytes",
            "  inputs and outputs: 64 bytes of their own",
            "  part 0: TPU",
            "    core 0",
            "      group 1: 2 TIU commands (256 bytes), 0 GDMA commands (0 bytes)",
            "  part 1: host",
        ] {
            assert!(text.lines().any(|found| found == line), "{line:?} is not in {text}");
        }
    }

    /// Exact values.
    #[test]
    fn it_is_json() {
        let json = serde_json::to_value(&small("lenet", &[]).model).expect("JSON");
        assert_eq!(json["net"][0]["name"], "lenet");
    }
}
