//! Operands as the fields of a TIU command state them.

use bm1684_isa::commands::{Precision, Tiu};

use crate::Fault;
use crate::elements::{Images, bytes_of};
use crate::view::{View, index};

/// Whether one of the operands that a command has is signed.
pub(crate) fn any_signed(t: &Tiu) -> bool {
    let signs = [t.opt_opd0_sign, t.opt_opd1_sign, t.opt_opd2_sign];
    signs.iter().take(t.tsk_opd_num.into()).any(|sign| *sign)
}

/// Words, aligned (code 0) or with strides of their own (3).
fn words(address: u32, short: u8, sizes: [usize; 4], strides: [u32; 4]) -> Result<View, Fault> {
    match short {
        0 => View::aligned(address, sizes, 4),
        3 => View::new(address, sizes, strides.map(index), 4),
        _ => Err(Fault::Unknown { what: "this layout of an operand" }),
    }
}

/// The words of the first result.
pub(crate) fn result(t: &Tiu, sizes: [usize; 4]) -> Result<View, Fault> {
    let strides = [t.res0_n_str, t.res0_c_str, t.res0_h_str, t.res0_w_str];
    words(t.res0_addr, t.short_res0_str, sizes, strides)
}

/// The words of operand 0.
pub(crate) fn first(t: &Tiu, sizes: [usize; 4]) -> Result<View, Fault> {
    let strides = [t.opd0_n_str, t.opd0_c_str, t.opd0_h_str, t.opd0_w_str];
    words(t.opd0_addr, t.short_opd0_str, sizes, strides)
}

/// The words of operand 1.
pub(crate) fn second(t: &Tiu, sizes: [usize; 4]) -> Result<View, Fault> {
    let strides = [t.opd1_n_str, t.opd1_c_str, t.opd1_h_str, t.opd1_w_str];
    words(t.opd1_addr, t.short_opd1_str, sizes, strides)
}

/// The bias of a convolution, one number for each channel without gaps, if it has one.
pub(crate) fn bias(t: &Tiu, channels: usize) -> Result<Option<Images>, Fault> {
    if t.tsk_opd_num < 3 {
        return Ok(None);
    }
    if t.opt_opd2_const {
        return Err(Fault::Unknown { what: "a constant bias" });
    }
    let expected = if t.opt_opd0_prec == Precision::F32 { Precision::F32 } else { Precision::I16 };
    if t.opt_opd2_prec != expected || !matches!(t.short_opd2_str, 1 | 2) {
        return Err(Fault::Unknown { what: "a bias of this type or layout" });
    }
    if expected == Precision::I16 && !t.opd2_addr.is_multiple_of(2) {
        return Err(Fault::Field { field: "opd2_addr", value: t.opd2_addr.into() });
    }
    let view = View::compact(t.opd2_addr, [1, channels, 1, 1], bytes_of(expected))?;
    let signed = t.opt_opd2_sign;
    Ok(Some(Images { view, count: 1, precision: expected, signed, shared: true }))
}
