//! Commands as an assembly listing.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::fmt::{self, Display, Formatter, Write};

use crate::commands::{Arithmetic, Direction, Function, Gdma, Precision, Streams, Task, Tiu};
use crate::memory::Place;

/// Both streams merged: every command stands behind those that it waits for, and otherwise as early as
/// it can start. `B` are commands of the TIU, `D` of the GDMA; `@` names what is waited for.
impl Display for Streams {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (mut t, mut g) = (0, 0);
        loop {
            let tiu = self.tiu.get(t).filter(|command| usize::from(command.cmd_id_gdma) <= g);
            let gdma = self.gdma.get(g).filter(|command| usize::from(command.eng0_sync_id) <= t);
            match (gdma, tiu) {
                (Some(command), _) => {
                    writeln!(f, "{command}")?;
                    g += 1;
                }
                (None, Some(command)) => {
                    writeln!(f, "{command}")?;
                    t += 1;
                }
                (None, None) => break,
            }
        }
        for command in self.gdma.iter().skip(g) {
            writeln!(f, "{command}  ; never starts")?;
        }
        for command in self.tiu.iter().skip(t) {
            writeln!(f, "{command}  ; never starts")?;
        }
        Ok(())
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Place::Local { lane, offset } => write!(f, "L{lane}+{offset:#x}"),
            Place::L2(offset) => write!(f, "L2+{offset:#x}"),
            Place::Ddr(address) | Place::Unmapped(address) => write!(f, "{address:#x}"),
        }
    }
}

fn head(f: &mut Formatter<'_>, own: char, id: u16, other: char, wait: u16) -> fmt::Result {
    let id = format!("{own}{id}");
    let wait = if wait == 0 { String::new() } else { format!("@{other}{wait}") };
    write!(f, "{id:<6}{wait:<7}")
}

fn list(values: impl IntoIterator<Item = impl Display>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    values.join(",")
}

impl Gdma {
    /// The command's name in listings.
    pub fn mnemonic(&self) -> &'static str {
        match (self.direction, self.special_func) {
            (_, Function::Fill) => "fill",
            (Direction::DdrToLocal, _) => "load",
            (Direction::LocalToDdr, _) => "store",
            (Direction::DdrToDdr, _) => "copy",
            (Direction::LocalToLocal, _) => "shuffle",
        }
    }
}

impl Display for Gdma {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        head(f, 'D', self.cmd_id, 'B', self.eng0_sync_id)?;
        write!(f, "{:<8}", self.mnemonic())?;
        let side = |address: u64, [sizes, strides]: [[u32; 4]; 2]| {
            let strides =
                if self.stride_enable { format!("({})", list(strides)) } else { String::new() };
            format!("{}[{}]{strides}", Place::of(address), list(sizes))
        };
        write!(
            f,
            "{} {} = ",
            self.dst_data_format.mnemonic(),
            side(self.destination(), self.destination_layout())
        )?;
        if self.special_func == Function::Fill {
            write!(f, "{:#x}", self.constant_value)?;
        } else {
            let format = self.src_data_format.mnemonic();
            write!(f, "{format} {}", side(self.source(), self.source_layout()))?;
        }
        match self.special_func {
            Function::Copy | Function::Fill => {}
            other => write!(f, " {}", other.mnemonic())?,
        }
        for (set, name) in [
            (self.sys_mem_type, "matrix"),
            (self.acc_write_enable, "accumulate"),
            (self.common_mode, "common_mode"),
            (self.chw_copy, "chw_copy"),
            (self.chain_end, "end"),
        ] {
            if set {
                write!(f, " {name}")?;
            }
        }
        Ok(())
    }
}

/// An operand of a TIU command, as printed.
struct Operand {
    address: u32,
    constant: bool,
    signed: bool,
    precision: Precision,
    sizes: String,
    /// Printed only where the command gives them.
    strides: Option<[u32; 4]>,
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = match (self.signed, self.precision) {
            (false, Precision::I8) => "u8",
            (false, Precision::I16) => "u16",
            (_, precision) => precision.mnemonic(),
        };
        if self.constant {
            return match self.precision {
                Precision::F32 => write!(f, "{kind} {:?}", f32::from_bits(self.address)),
                _ => write!(f, "{kind} {}", self.address.cast_signed()),
            };
        }
        write!(f, "{kind} {}{}", Place::of(self.address.into()), self.sizes)?;
        if let Some(strides) = self.strides {
            write!(f, "({})", list(strides))?;
        }
        Ok(())
    }
}

impl Tiu {
    /// The command's name in listings.
    pub fn mnemonic(&self) -> &'static str {
        match (self.tsk_typ, self.operation()) {
            (Task::Arithmetic, Some(operation)) => operation.mnemonic(),
            (Task::Special, Some(operation)) => operation.mnemonic(),
            (Task::Depthwise, Some(Arithmetic::Max)) => "maxpool",
            (Task::Depthwise, Some(Arithmetic::Mac)) if self.opt_opd1_const => "avgpool",
            (Task::Depthwise, _) => "dwconv",
            (task, _) => task.mnemonic(),
        }
    }

    fn operands(&self) -> Vec<Operand> {
        let strided = |short: u8, strides: [u32; 4]| (short == 3).then_some(strides);
        let all = [self.res0_n, self.res0_c, self.res0_h, self.res0_w];
        let elementwise =
            matches!(self.tsk_typ, Task::Arithmetic | Task::LookUp | Task::Special | Task::Compare);
        let sizes = |own: [u16; 4]| {
            if elementwise { String::new() } else { format!("[{}]", list(own)) }
        };
        let result = Operand {
            address: self.res0_addr,
            constant: false,
            // An 8-bit result is unsigned behind a ReLU or if all operands are.
            signed: !self.opt_relu
                && (self.opt_opd0_sign || (self.tsk_opd_num > 1 && self.opt_opd1_sign)),
            precision: self.opt_res0_prec,
            sizes: format!("[{}]", list(all)),
            strides: strided(
                self.short_res0_str,
                [self.res0_n_str, self.res0_c_str, self.res0_h_str, self.res0_w_str],
            ),
        };
        let first = Operand {
            address: self.opd0_addr,
            constant: self.opt_opd0_const,
            signed: self.opt_opd0_sign,
            precision: self.opt_opd0_prec,
            sizes: sizes([self.opd0_n, self.opd0_c, self.opd0_h, self.opd0_w]),
            strides: strided(
                self.short_opd0_str,
                [self.opd0_n_str, self.opd0_c_str, self.opd0_h_str, self.opd0_w_str],
            ),
        };
        let second = Operand {
            address: self.opd1_addr,
            constant: self.opt_opd1_const,
            signed: self.opt_opd1_sign,
            precision: self.opt_opd1_prec,
            sizes: sizes([self.opd1_n, self.opd1_c, self.opd1_h, self.opd1_w]),
            strides: strided(
                self.short_opd1_str,
                [self.opd1_n_str, self.opd1_c_str, self.opd1_h_str, self.opd1_w_str],
            ),
        };
        let third = Operand {
            address: self.opd2_addr,
            constant: self.opt_opd2_const,
            signed: self.opt_opd2_sign,
            precision: self.opt_opd2_prec,
            sizes: String::new(),
            strides: None,
        };
        let count = usize::from(self.tsk_opd_num) + 1;
        [result, first, second, third].into_iter().take(count).collect()
    }
}

impl Display for Tiu {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        head(f, 'B', self.cmd_id_tpu, 'D', self.cmd_id_gdma)?;
        let operands = self.operands();
        let (result, inputs) = operands.split_at(1);
        write!(f, "{:<7} {} = {}", self.mnemonic(), list(result), {
            let inputs: Vec<String> = inputs.iter().map(Operand::to_string).collect();
            inputs.join(", ")
        })?;
        let mut options = String::new();
        if matches!(self.tsk_typ, Task::Conv | Task::Depthwise) {
            let pads = [self.opd0_up_pad, self.opd0_dn_pad, self.opd0_lf_pad, self.opd0_rt_pad];
            if self.tsk_typ == Task::Depthwise && self.tsk_opd_num == 1 {
                write!(options, " kernel {},{}", self.opd1_h, self.opd1_w)?;
            }
            if pads != [0; 4] {
                write!(options, " pad {}", list(pads))?;
            }
            write!(options, " stride {},{}", self.res_op_y_str, self.res_op_x_str)?;
            let [down, right] =
                [self.opd1_y_ins0, self.opd1_x_ins0].map(|zeros| u16::from(zeros) + 1);
            if (down, right) != (1, 1) {
                write!(options, " dilation {down},{right}")?;
            }
            if (self.opd0_y_ins0, self.opd0_x_ins0) != (0, 0) {
                write!(options, " insert {},{}", self.opd0_y_ins0, self.opd0_x_ins0)?;
            }
        }
        for (shift, arrow) in [(self.opt_left_shift, "<<"), (self.opt_right_shift, ">>")] {
            if shift != 0 {
                write!(options, " {arrow}{shift}")?;
            }
        }
        for (set, name) in [
            (self.opt_relu, "relu"),
            (self.opt_res_add, "accumulate"),
            (self.opt_left_tran, "transposed"),
            (self.opt_kernel_rotate, "rotated"),
            (self.opt_winograd, "winograd"),
            (self.cmd_end, "end"),
        ] {
            if set {
                write!(options, " {name}")?;
            }
        }
        f.write_str(&options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Format;
    use crate::memory::local_address;

    #[test]
    fn a_convolution_reads_like_one() {
        let mut load = Gdma {
            cmd_id: 1,
            src_data_format: Format::I8,
            dst_data_format: Format::I8,
            src_nsize: 1,
            dst_nsize: 1,
            ..Gdma::default()
        };
        load.set_source(0x1_0510_1000);
        load.set_destination(local_address(0, 0).into());
        let conv = Tiu {
            cmd_id_tpu: 1,
            cmd_id_gdma: 1,
            tsk_opd_num: 3,
            opt_right_shift: 8,
            opt_opd0_sign: true,
            opt_opd1_sign: true,
            opt_opd2_sign: true,
            res0_n: 8,
            res0_c: 6,
            res0_h: 7,
            res0_w: 6,
            opd0_c: 5,
            opd0_h: 7,
            opd0_w: 6,
            opd1_h: 3,
            opd1_w: 3,
            opd0_up_pad: 1,
            res0_addr: local_address(0, 0x40000),
            opd0_addr: local_address(0, 0x20000),
            opd1_addr: local_address(0, 0),
            opd2_addr: local_address(0, 0x48),
            ..Tiu::default()
        };
        let text = Streams { tiu: vec![conv], gdma: vec![load] }.to_string();
        assert_eq!(
            text,
            "D1           load    i8 L0+0x0[1,0,0,0](0,0,0,0) = i8 0x105101000[1,0,0,0](0,0,0,0)\n\
             B1    @D1    conv    i8 L0+0x40000[8,6,7,6] = i8 L0+0x20000[1,5,7,6], \
             i8 L0+0x0[1,1,3,3], i16 L0+0x48 pad 1,0,0,0 stride 1,1 >>8\n"
        );
    }
}
