//! The shape of a TIU command.

use super::operand::{Operand, Strides};
use super::{Shape, chosen, odd};
use crate::commands::{Arithmetic, Precision, Task, Tiu};
use crate::memory::{LANES, LINE_BYTES, Place};

/// Fields that the text says in another way, ids and what the runtime sets, and sizes and places.
const SAID: &[&str] = &[
    "cmd_end",
    "cmd_id_tpu",
    "cmd_id_gdma",
    "tsk_typ",
    "tsk_eu_typ",
    "tsk_opd_num",
    "opt_right_shift",
    "opt_left_shift",
    "opt_shift_typ",
    "opt_res_add",
    "opt_relu",
    "opt_left_tran",
    "opt_winograd",
    "opt_kernel_rotate",
    "opt_opd0_sign",
    "opt_opd1_sign",
    "opt_opd2_sign",
    "opt_res0_prec",
    "opt_opd0_prec",
    "opt_opd1_prec",
    "opt_opd2_prec",
    "opt_opd0_const",
    "opt_opd1_const",
    "opt_opd2_const",
    "short_res0_str",
    "short_opd0_str",
    "short_opd1_str",
    "short_opd2_str",
    "res0_n",
    "res0_c",
    "res0_h",
    "res0_w",
    "opd0_n",
    "opd0_c",
    "opd0_h",
    "opd0_w",
    "opd1_n",
    "opd1_c",
    "opd1_h",
    "opd1_w",
    "res0_n_str",
    "res0_c_str",
    "res0_h_str",
    "res0_w_str",
    "opd0_n_str",
    "opd0_c_str",
    "opd0_h_str",
    "opd0_w_str",
    "opd1_n_str",
    "opd1_c_str",
    "opd1_h_str",
    "opd1_w_str",
    "opd2_n_str",
    "opd2_c_str",
    "opd2_h_str",
    "opd2_w_str",
    "res0_addr",
    "opd0_addr",
    "opd1_addr",
    "opd2_addr",
    "res1_addr",
    "opd3_addr",
    "opd0_neq1",
    "opd1_neq1",
    "opt_opd3_const",
    "opt_res_add_sign",
];

/// Fields of a window, which mean something to convolution and pooling only.
const WINDOW: &[&str] = &[
    "opd0_x_ins0",
    "opd0_y_ins0",
    "opd1_x_ins0",
    "opd1_y_ins0",
    "opd0_up_pad",
    "opd0_dn_pad",
    "opd0_lf_pad",
    "opd0_rt_pad",
    "res_op_x_str",
    "res_op_y_str",
];

pub(super) fn shape(t: &Tiu) -> Shape {
    let window = matches!(t.tsk_typ, Task::Conv | Task::Depthwise);
    let mut options = chosen(&[
        (t.opt_shift_typ, "arithmetic"),
        (t.opt_relu, "relu"),
        (t.opt_res_add, "add"),
        (t.opt_res_add_sign, "add-signed"),
        (t.opt_left_tran, "transposed"),
        (t.opt_winograd, "winograd"),
        (t.opt_kernel_rotate, "rotated"),
        (t.opd0_neq1, "neq1-0"),
        (t.opd1_neq1, "neq1-1"),
        (t.opt_opd3_const, "const-3"),
        (window && (t.opd0_x_ins0, t.opd0_y_ins0) != (0, 0), "insert"),
        (window && (t.opd1_x_ins0, t.opd1_y_ins0) != (0, 0), "dilated"),
        (sized(t), "sized"),
    ]);
    let said = |field: &str| SAID.contains(&field) || window && WINDOW.contains(&field);
    options.extend(odd(t.values(), Tiu::default().values(), said));
    let operation = format!("tiu {} {}", name(t), t.tsk_opd_num);
    Shape {
        operation,
        operands: operands(t).into(),
        shifts: [t.opt_right_shift, t.opt_left_shift].map(|bits| bits != 0),
        options,
    }
}

fn name(t: &Tiu) -> String {
    let unit = t.tsk_typ.mnemonic();
    match (t.tsk_typ, t.operation()) {
        (Task::Conv | Task::MatMul | Task::LookUp, Some(Arithmetic::Mul)) => unit.into(),
        (_, Some(operation)) => format!("{unit}.{}", operation.mnemonic()),
        (_, None) => format!("{unit}.{}", t.tsk_eu_typ),
    }
}

/// Integers with their signs; of fp32 the bit stays visible, too.
fn kind(precision: Precision, signed: bool) -> String {
    let sign = if signed { "s" } else { "u" };
    match precision {
        Precision::I8 => format!("{sign}8"),
        Precision::I16 => format!("{sign}16"),
        Precision::I32 => format!("{sign}32"),
        Precision::F32 | Precision::F16 => {
            format!("{}{}", precision.mnemonic(), if signed { "+" } else { "" })
        }
    }
}

/// Sizes that the operation does not use are not 1.
fn sized(t: &Tiu) -> bool {
    let unused: &[u16] = &match t.tsk_typ {
        Task::Conv => vec![t.opd0_n, t.opd1_n, t.opd1_c],
        Task::Depthwise => vec![t.opd0_n, t.opd0_c, t.opd1_n, t.opd1_c],
        Task::LookUp => vec![t.opd0_n, t.opd0_c, t.opd0_h, t.opd0_w, t.opd1_n, t.opd1_c, t.opd1_w],
        Task::Special => vec![t.opd0_n, t.opd0_c, t.opd0_h, t.opd0_w, t.opd1_c, t.opd1_h, t.opd1_w],
        Task::Arithmetic | Task::Scalar | Task::Linear | Task::Compare => {
            vec![t.opd0_n, t.opd0_c, t.opd0_h, t.opd0_w, t.opd1_n, t.opd1_c, t.opd1_h, t.opd1_w]
        }
        Task::MatMul
        | Task::MatMul2
        | Task::Correlate
        | Task::Sum
        | Task::Rearrange
        | Task::Decompress
        | Task::VectorCorrelate => vec![],
    };
    unused.iter().any(|&size| size != 1)
}

/// The result and three operands.
fn operands(t: &Tiu) -> [Operand; 4] {
    let all = [t.res0_n, t.res0_c, t.res0_h, t.res0_w];
    let [first, second] = match t.tsk_typ {
        // Of the second: words of input channels, output channels, the kernel.
        Task::Conv => {
            let words = t.opd0_c.div_ceil(if t.opt_opd1_prec == Precision::I8 { 4 } else { 1 });
            [[t.res0_n, t.opd0_c, t.opd0_h, t.opd0_w], [words, t.res0_c, t.opd1_h, t.opd1_w]]
        }
        Task::Depthwise => {
            [[t.res0_n, t.res0_c, t.opd0_h, t.opd0_w], [1, t.res0_c, t.opd1_h, t.opd1_w]]
        }
        Task::MatMul
        | Task::MatMul2
        | Task::Correlate
        | Task::Sum
        | Task::Rearrange
        | Task::Decompress
        | Task::VectorCorrelate => {
            [[t.opd0_n, t.opd0_c, t.opd0_h, t.opd0_w], [t.opd1_n, t.opd1_c, t.opd1_h, t.opd1_w]]
        }
        Task::Arithmetic
        | Task::LookUp
        | Task::Scalar
        | Task::Special
        | Task::Linear
        | Task::Compare => [all, all],
    };
    let window = matches!(t.tsk_typ, Task::Conv | Task::Depthwise);
    // A comparison with selection states no number.
    let count = if t.tsk_typ == Task::Compare { 3 } else { t.tsk_opd_num };
    let result = Fields {
        kind: t.opt_res0_prec.mnemonic().into(),
        precision: t.opt_res0_prec,
        address: t.res0_addr,
        constant: false,
        short: t.short_res0_str,
        sizes: all,
        strides: [t.res0_n_str, t.res0_c_str, t.res0_h_str, t.res0_w_str],
        coefficients: false,
        unused: false,
    };
    let first = Fields {
        kind: kind(t.opt_opd0_prec, t.opt_opd0_sign),
        precision: t.opt_opd0_prec,
        address: t.opd0_addr,
        constant: t.opt_opd0_const,
        short: t.short_opd0_str,
        sizes: first,
        strides: [t.opd0_n_str, t.opd0_c_str, t.opd0_h_str, t.opd0_w_str],
        coefficients: false,
        unused: count < 1,
    };
    let second = Fields {
        kind: kind(t.opt_opd1_prec, t.opt_opd1_sign),
        precision: t.opt_opd1_prec,
        address: t.opd1_addr,
        constant: t.opt_opd1_const,
        short: t.short_opd1_str,
        sizes: second,
        strides: [t.opd1_n_str, t.opd1_c_str, t.opd1_h_str, t.opd1_w_str],
        coefficients: window,
        unused: count < 2,
    };
    let third = Fields {
        kind: kind(t.opt_opd2_prec, t.opt_opd2_sign),
        precision: t.opt_opd2_prec,
        address: t.opd2_addr,
        constant: t.opt_opd2_const,
        short: t.short_opd2_str,
        sizes: all,
        strides: [t.opd2_n_str, t.opd2_c_str, t.opd2_h_str, t.opd2_w_str],
        coefficients: window,
        unused: count < 3,
    };
    [result, first, second, third].map(Fields::operand)
}

/// The fields of a result or operand.
struct Fields {
    kind: String,
    precision: Precision,
    address: u32,
    constant: bool,
    /// Code of the `short_*_str` field.
    short: u8,
    /// Images, channels, height, width.
    sizes: [u16; 4],
    strides: [u32; 4],
    /// Weights and biases lie anywhere: lines do not matter.
    coefficients: bool,
    unused: bool,
}

impl Fields {
    fn operand(self) -> Operand {
        let Fields {
            kind,
            precision,
            address,
            constant,
            short,
            sizes,
            strides,
            coefficients,
            unused,
        } = self;
        let code = short.to_string();
        if unused {
            let place = if constant { vec![code.as_str(), "const"] } else { vec![code.as_str()] };
            return Operand { unused, ..Operand::new(&kind, &place) };
        }
        if constant {
            return Operand::new(&kind, &["const"]);
        }
        let at = Place::of(address.into());
        let (lane, offset) = match at {
            Place::Local { lane, offset } => (lane, offset),
            // Tables lie in L2 memory.
            Place::L2(_) | Place::Ddr(_) | Place::Unmapped(_) => (0, 0),
        };
        let mut place = vec![code.as_str()];
        for (set, word) in [
            (short != 3 && strides != [1; 4], "given"),
            (!matches!(at, Place::Local { .. }), "elsewhere"),
            (lane != 0, "lane"),
        ] {
            place.extend(set.then_some(word));
        }
        let [n, c, h, w] = sizes.map(usize::from);
        let steps = strides.map(|stride| usize::try_from(stride).unwrap_or(usize::MAX));
        let [n_step, c_step, ..] = steps;
        if coefficients {
            let strides = (short == 3).then(|| Strides::of_weights(n, h * w, n_step));
            return Operand { strides, ..Operand::new(&kind, &place) };
        }
        let images = n.div_ceil(precision.images_per_word());
        let rows = (lane + c).div_ceil(LANES);
        let stated = Strides::of([images, c, h, w], steps, Some(rows), false);
        let on_lines = |words: usize| words.is_multiple_of(LINE_BYTES / 4);
        let gaps = short == 3 && (images > 1 && !on_lines(n_step) || rows > 1 && !on_lines(c_step));
        let loose = !offset.is_multiple_of(LINE_BYTES) || gaps;
        Operand { strides: (short == 3).then_some(stated), loose, ..Operand::new(&kind, &place) }
    }
}
