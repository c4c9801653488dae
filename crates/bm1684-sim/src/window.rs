//! How a kernel moves over an input: strides, pads, zeros between inputs and between weights.

use bm1684_isa::commands::Tiu;

use crate::Fault;

/// One axis of a kernel's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) kernel: usize,
    stride: usize,
    /// From one weight to the next, among inputs with zeros between them.
    dilation: usize,
    /// From one input to the next among such zeros.
    spread: usize,
    pad: usize,
}

impl Axis {
    /// The input under a tap of the kernel at an output; nothing for a zero.
    #[inline]
    pub(crate) fn place(&self, output: usize, tap: usize) -> Option<usize> {
        let at = (output * self.stride + tap * self.dilation).checked_sub(self.pad)?;
        let input = at / self.spread;
        (at.is_multiple_of(self.spread) && input < self.input).then_some(input)
    }

    /// Whether neighbouring taps are neighbouring inputs.
    pub(crate) fn dense(&self) -> bool {
        self.dilation == 1 && self.spread == 1
    }
}

/// Rows and columns.
pub(crate) fn axes(t: &Tiu) -> Result<[Axis; 2], Fault> {
    let rows = Axis {
        input: t.opd0_h.into(),
        output: t.res0_h.into(),
        kernel: t.opd1_h.into(),
        stride: t.res_op_y_str.into(),
        dilation: usize::from(t.opd1_y_ins0) + 1,
        spread: usize::from(t.opd0_y_ins0) + 1,
        pad: t.opd0_up_pad.into(),
    };
    let columns = Axis {
        input: t.opd0_w.into(),
        output: t.res0_w.into(),
        kernel: t.opd1_w.into(),
        stride: t.res_op_x_str.into(),
        dilation: usize::from(t.opd1_x_ins0) + 1,
        spread: usize::from(t.opd0_x_ins0) + 1,
        pad: t.opd0_lf_pad.into(),
    };
    check(&rows, t.opd0_dn_pad, "res0_h")?;
    check(&columns, t.opd0_rt_pad, "res0_w")?;
    Ok([rows, columns])
}

/// The kernel must stay within the padded input.
fn check(axis: &Axis, pad_after: u8, field: &'static str) -> Result<(), Fault> {
    let Axis { input, output, kernel, stride, dilation, spread, pad } = *axis;
    for (value, field) in [
        (input, "an input's size"),
        (output, field),
        (kernel, "a kernel's size"),
        (stride, "a stride"),
    ] {
        if value == 0 {
            return Err(Fault::Field { field, value: 0 });
        }
    }
    let reached = (output - 1) * stride + (kernel - 1) * dilation + 1;
    let there = pad + (input - 1) * spread + 1 + usize::from(pad_after);
    if reached > there {
        return Err(Fault::Field { field, value: output.try_into().unwrap_or(u64::MAX) });
    }
    Ok(())
}

/// The states of results, each the lowest of those under the kernel; `map` has those of the pixels.
pub(crate) fn states([rows, columns]: &[Axis; 2], map: &[u8]) -> Vec<u8> {
    let mut states = Vec::with_capacity(rows.output * columns.output);
    for y in 0..rows.output {
        for x in 0..columns.output {
            let mut state = crate::memory::KNOWN;
            for row in (0..rows.kernel).filter_map(|tap| rows.place(y, tap)) {
                for column in (0..columns.kernel).filter_map(|tap| columns.place(x, tap)) {
                    state &= map[row * columns.input + column];
                }
            }
            states.push(state);
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let axis =
            Axis { input: 4, output: 3, kernel: 2, stride: 2, dilation: 3, spread: 2, pad: 1 };
        assert_eq!(axis.place(0, 0), None, "padding");
        assert_eq!(axis.place(0, 1), Some(1));
        assert_eq!(axis.place(1, 0), None, "a zero between inputs");
        assert_eq!(axis.place(2, 1), Some(3));
        assert!(check(&axis, 0, "res0_h").is_ok());
        assert!(check(&Axis { output: 4, ..axis }, 0, "res0_h").is_err());
    }
}
