//! Products of matrices. Each row is an image, its columns lie in pieces over the channels.

use bm1684_isa::commands::{Precision, Tiu};

use crate::elements::{Elements, bytes_of, range, rounded};
use crate::memory::{Bytes, KNOWN};
use crate::threads::spread;
use crate::view::View;
use crate::{Fault, float, operand};

/// Products of a command at most.
const MOST_PRODUCTS: usize = 1 << 36;

/// A matrix in local memory.
struct Matrix {
    rows: usize,
    columns: usize,
    /// All pieces as one: what lies behind the last column is read, too.
    view: View,
    precision: Precision,
    signed: bool,
}

impl Matrix {
    fn new(
        address: u32,
        [rows, pieces, width]: [usize; 3],
        columns: usize,
        (precision, signed): (Precision, bool),
    ) -> Result<Matrix, Fault> {
        let view = View::aligned(address, [rows, pieces, 1, width], bytes_of(precision))?;
        Ok(Matrix { rows, columns, view, precision, signed })
    }

    /// The matrix row by row.
    fn read(&self, lanes: &[Bytes]) -> Result<Elements, Fault> {
        let [_, pieces, _, width] = self.view.sizes;
        let mut all = Elements::default();
        let size = bytes_of(self.precision);
        for row in 0..self.rows {
            for piece in 0..pieces {
                let (lane, at) = self.view.row(row, piece, 0);
                let Bytes { values, states } = &lanes[lane];
                let count = width.min(self.columns - piece * width);
                for column in 0..count {
                    let at = at + column * size;
                    let mut bytes = [0; 4];
                    bytes[..size].copy_from_slice(&values[at..at + size]);
                    let state = states[at..at + size].iter().fold(KNOWN, |low, s| low & s);
                    if state == 0 {
                        let unit = (row * pieces + piece) * width + column;
                        return Err(self.view.unwritten(lanes, unit, 0..size));
                    }
                    all.values.push(crate::elements::number(bytes, self.precision, self.signed));
                    all.states.push(state);
                }
            }
        }
        Ok(all)
    }

    fn write(&self, lanes: &mut [Bytes], all: &Elements) {
        let [_, pieces, _, width] = self.view.sizes;
        let size = bytes_of(self.precision);
        let mut next = all.values.iter().zip(&all.states);
        for row in 0..self.rows {
            for piece in 0..pieces {
                let (lane, at) = self.view.row(row, piece, 0);
                for (column, (value, state)) in next.by_ref().take(width).enumerate() {
                    let at = at + column * size;
                    lanes[lane].values[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
                    lanes[lane].states[at..at + size].fill(*state);
                }
            }
        }
    }
}

/// Executes a product of matrices.
pub(crate) fn run(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let shorts = [t.short_res0_str, t.short_opd0_str, t.short_opd1_str, t.short_opd2_str];
    for (set, what) in [
        (t.tsk_eu_typ != 0, "this operation of matrices"),
        (shorts != [0, 0, 0, 2], "matrices of this layout"),
        (t.opt_opd0_const || t.opt_opd1_const || t.opt_opd2_const, "a product with a constant"),
        (t.res0_n != 1 || t.res0_h != 1 || t.opd0_h != 1, "matrices of these axes"),
        (!matches!(t.tsk_opd_num, 2 | 3), "a product of so many operands"),
    ] {
        if set {
            return Err(Fault::Unknown { what });
        }
    }
    match [t.opt_opd0_prec, t.opt_opd1_prec] {
        [Precision::I8, Precision::I8] => integer(t, lanes, threads),
        [Precision::F32, Precision::F32] => float(t, lanes, threads),
        _ => Err(Fault::Unknown { what: "a product of matrices of these types" }),
    }
}

/// The columns of a matrix of so many pieces of a width, of which the last has fewer.
fn columns(pieces: u16, width: u16, last: u16) -> Result<usize, Fault> {
    if pieces == 0 || last == 0 || last > width {
        return Err(Fault::Field { field: "opd1_w", value: last.into() });
    }
    Ok((usize::from(pieces) - 1) * usize::from(width) + usize::from(last))
}

/// The shapes that a command's fields state.
struct Shapes {
    left: Matrix,
    right: Matrix,
    result: Matrix,
    /// Columns of the left, rows of the right matrix.
    depth: usize,
    steps: u64,
}

fn shapes(t: &Tiu) -> Result<Shapes, Fault> {
    let left_columns = columns(t.opd0_c, t.opd0_w, t.opd1_w)?;
    let [left, right, to] = [
        (t.opt_opd0_prec, t.opt_opd0_sign),
        (t.opt_opd1_prec, t.opt_opd1_sign),
        (t.opt_res0_prec, true),
    ];
    let sizes = [t.opd0_n, t.opd0_c, t.opd0_w].map(usize::from);
    let left = Matrix::new(t.opd0_addr, sizes, left_columns, left)?;
    let [rows, depth] =
        if t.opt_left_tran { [left_columns, left.rows] } else { [left.rows, left_columns] };
    let [pieces, width] = [t.res0_c, t.res0_w].map(usize::from);
    let across = pieces * width;
    let right = Matrix::new(t.opd1_addr, [depth, pieces, width], across, right)?;
    let result = Matrix::new(t.res0_addr, [rows, pieces, width], across, to)?;
    let steps = rows.saturating_mul(depth).saturating_mul(across);
    if steps > MOST_PRODUCTS {
        let [steps, limit] = [steps, MOST_PRODUCTS].map(|steps| steps.try_into().unwrap_or(0));
        return Err(Fault::TooLong { steps, limit });
    }
    let steps = steps.try_into().unwrap_or(u64::MAX);
    Ok(Shapes { left, right, result, depth, steps })
}

/// A bias of this type, one number for each column, if there is one.
fn bias(
    t: &Tiu,
    result: &Matrix,
    lanes: &[Bytes],
    precision: Precision,
) -> Result<Option<Elements>, Fault> {
    if t.tsk_opd_num < 3 {
        return Ok(None);
    }
    if t.opt_opd2_prec != precision {
        return Err(Fault::Unknown { what: "a bias of this type" });
    }
    let [_, pieces, _, width] = result.view.sizes;
    let of = (precision, t.opt_opd2_sign);
    let bias = Matrix::new(t.opd2_addr, [1, pieces, width], result.columns, of)?;
    bias.read(lanes).map(Some)
}

fn integer(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let Shapes { left, right, result, depth, steps } = shapes(t)?;
    let (rows, across) = (result.rows, result.columns);
    if !matches!(t.opt_res0_prec, Precision::I8 | Precision::I16) {
        return Err(Fault::Unknown { what: "a product of this type" });
    }
    let bias = bias(t, &result, lanes, Precision::I16)?;
    let before = if t.opt_res_add {
        let view = View::aligned(t.res0_addr, result.view.sizes, 2)?;
        let (precision, signed) = (Precision::I16, t.opt_res_add_sign);
        let matrix = Matrix { rows, columns: across, view, precision, signed };
        Some(matrix.read(lanes)?)
    } else {
        None
    };
    let [a, b] = [left.read(lanes)?, right.read(lanes)?];
    let (least, most) = range(t.opt_res0_prec, operand::any_signed(t) && !t.opt_relu);
    let at = |row: usize, k: usize| if t.opt_left_tran { k * rows + row } else { row * depth + k };
    let all = spread(threads, rows, steps, |row| {
        let mut sums = vec![0i32; across];
        let mut low = vec![KNOWN; across];
        for k in 0..depth {
            let left = a.values[at(row, k)];
            let line = k * across..(k + 1) * across;
            let state = a.states[at(row, k)];
            for (sum, right) in sums.iter_mut().zip(&b.values[line.clone()]) {
                *sum = sum.wrapping_add(left.wrapping_mul(*right));
            }
            for (low, right) in low.iter_mut().zip(&b.states[line]) {
                *low &= state & right;
            }
        }
        for (column, (sum, low)) in sums.iter_mut().zip(&mut low).enumerate() {
            if let Some(bias) = &bias {
                *sum = sum.wrapping_add(bias.values[column]);
                *low &= bias.states[column];
            }
            if let Some(before) = &before {
                let value = before.values[row * across + column];
                *sum = sum.wrapping_add(value.wrapping_shl(t.opt_left_shift.into()));
                *low &= before.states[row * across + column];
            }
            *sum = rounded(*sum, t.opt_right_shift).clamp(least, most);
        }
        (sums, low)
    });
    result.write(lanes, &joined(all));
    Ok(())
}

/// Rows one behind the other.
fn joined(rows: impl IntoIterator<Item = (Vec<i32>, Vec<u8>)>) -> Elements {
    let mut elements = Elements::default();
    for (values, states) in rows {
        elements.values.extend(values);
        elements.states.extend(states);
    }
    elements
}

/// Two sums, of even and of odd products.
fn float(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let Shapes { left, right, result, depth, steps } = shapes(t)?;
    let (rows, across) = (result.rows, result.columns);
    if t.opt_res0_prec != Precision::F32 || t.opt_res_add || t.opt_left_tran {
        return Err(Fault::Unknown { what: "an fp32 product of this form" });
    }
    let bias = bias(t, &result, lanes, Precision::F32)?;
    let [a, b] = [left.read(lanes)?, right.read(lanes)?];
    let number = |bits: i32| f32::from_bits(bits.cast_unsigned());
    let all = spread(threads, rows, steps, |row| {
        let mut sums = [vec![0.0f32; across], vec![0.0; across]];
        let mut low = vec![KNOWN; across];
        for k in 0..depth {
            let at = row * depth + k;
            let line = k * across..(k + 1) * across;
            let rights = b.values[line.clone()].iter().zip(&b.states[line]);
            for ((sum, low), (right, state)) in sums[k % 2].iter_mut().zip(&mut low).zip(rights) {
                *sum = float::add(*sum, float::mul(number(a.values[at]), number(*right)));
                *low &= state & a.states[at];
            }
        }
        let [even, odd] = sums;
        let mut values = Vec::with_capacity(across);
        for (column, (even, odd)) in even.into_iter().zip(odd).enumerate() {
            let mut sum = float::add(even, odd);
            if let Some(bias) = &bias {
                sum = float::add(sum, number(bias.values[column]));
                low[column] &= bias.states[column];
            }
            values.push(sum.to_bits().cast_signed());
        }
        (values, low)
    });
    result.write(lanes, &joined(all));
    Ok(())
}
