//! Which bytes a command reads and writes.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

use super::Violation;
use crate::commands::{Arithmetic, Direction, Function, Gdma, Nchw, Precision, Task, Tiu};
use crate::memory::{L2_BYTES, LANE_BYTES, LANES, Layout, Place, wide};

/// A part of a memory, bounded from outside: gaps between strides count as part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Region {
    /// The same bytes of some lanes.
    Local {
        /// Bit i stands for lane i.
        lanes: u64,
        /// Bytes within each lane.
        bytes: Range<usize>,
    },
    /// Bytes of L2 memory.
    L2(Range<u64>),
    /// Bytes of DDR, by absolute address.
    Ddr(Range<u64>),
}

impl Region {
    /// Whether both have a byte in common.
    pub fn overlaps(&self, other: &Region) -> bool {
        match (self, other) {
            (Region::Local { lanes: a, bytes: x }, Region::Local { lanes: b, bytes: y }) => {
                a & b != 0 && overlap(x, y)
            }
            (Region::L2(x), Region::L2(y)) | (Region::Ddr(x), Region::Ddr(y)) => overlap(x, y),
            _ => false,
        }
    }
}

impl Display for Region {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Region::Local { lanes, bytes } => {
                write!(f, "bytes {:#x}..{:#x} of lanes {lanes:#x}", bytes.start, bytes.end)
            }
            Region::L2(bytes) => write!(f, "L2 {:#x}..{:#x}", bytes.start, bytes.end),
            Region::Ddr(bytes) => write!(f, "DDR {:#x}..{:#x}", bytes.start, bytes.end),
        }
    }
}

fn overlap<T: PartialOrd>(x: &Range<T>, y: &Range<T>) -> bool {
    x.start < y.end && y.start < x.end
}

/// All that a command touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// What it reads.
    pub reads: Vec<Region>,
    /// What it writes.
    pub writes: Vec<Region>,
}

/// Shape and strides of one operand of a TIU command.
#[derive(Clone, Copy)]
struct Operand {
    address: u32,
    /// Code of the `short_*_str` field.
    short: u8,
    precision: Precision,
    /// Images, channels, height, width.
    sizes: [usize; 4],
    strides: [usize; 4],
}

impl Operand {
    /// Strides count 32-bit words, which several images share.
    fn region(self) -> Result<Region, Violation> {
        let [n, c, h, w] = self.sizes;
        let words = [n.div_ceil(self.precision.images_per_word()), c, h, w];
        let lane = lane_of(self.address)?;
        let strides = match self.short {
            0 => Layout::local_aligned(words, 4, lane.0).strides,
            3 => self.strides,
            _ => return Err(Violation::Unknown),
        };
        local(lane, words, strides, 4)
    }
}

fn sizes(n: u16, c: u16, h: u16, w: u16) -> [usize; 4] {
    [n, c, h, w].map(usize::from)
}

fn strides(n: u32, c: u32, h: u32, w: u32) -> [usize; 4] {
    [n, c, h, w].map(index)
}

/// A size or stride of a command.
fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn result(t: &Tiu, sizes: [usize; 4], short: u8) -> Operand {
    let strides = strides(t.res0_n_str, t.res0_c_str, t.res0_h_str, t.res0_w_str);
    Operand { address: t.res0_addr, short, precision: t.opt_res0_prec, sizes, strides }
}

fn operand0(t: &Tiu, sizes: [usize; 4]) -> Operand {
    let strides = strides(t.opd0_n_str, t.opd0_c_str, t.opd0_h_str, t.opd0_w_str);
    let (short, precision) = (t.short_opd0_str, t.opt_opd0_prec);
    Operand { address: t.opd0_addr, short, precision, sizes, strides }
}

fn operand1(t: &Tiu, sizes: [usize; 4]) -> Operand {
    let strides = strides(t.opd1_n_str, t.opd1_c_str, t.opd1_h_str, t.opd1_w_str);
    let (short, precision) = (t.short_opd1_str, t.opt_opd1_prec);
    Operand { address: t.opd1_addr, short, precision, sizes, strides }
}

/// What a TIU command touches.
///
/// # Errors
/// [`Violation::Unknown`] for operations whose operands this crate does not know,
/// [`Violation::Lane`] and [`Violation::Address`] for operands outside local memory, [`Violation::L2`]
/// for tables that end beyond L2 memory.
pub fn of_tiu(t: &Tiu) -> Result<Access, Violation> {
    let all = sizes(t.res0_n, t.res0_c, t.res0_h, t.res0_w);
    let [images, channels, ..] = all;
    let below = [images, channels, t.opd0_h.into(), t.opd0_w.into()];
    let kernel = usize::from(t.opd1_h) * usize::from(t.opd1_w);
    let mut access = Access::default();
    match (t.tsk_typ, t.operation()) {
        (Task::Conv, _) => {
            // The result is always aligned, whatever the code of its layout says.
            access.writes.push(result(t, all, 0).region()?);
            let [_, _, h, w] = below;
            access.reads.push(operand0(t, [images, t.opd0_c.into(), h, w]).region()?);
            if !t.opt_opd1_const {
                // Words of four 8-bit inputs, or pairs of fp32 ones.
                let (inputs, unit) = match t.opt_opd1_prec {
                    Precision::F32 => (2, 8),
                    other => (other.images_per_word(), 4),
                };
                let words = usize::from(t.opd0_c).div_ceil(inputs);
                let strides = strides(t.opd1_n_str, t.opd1_c_str, t.opd1_h_str, t.opd1_w_str);
                let sizes = [words, channels, t.opd1_h.into(), t.opd1_w.into()];
                access.reads.push(local(lane_of(t.opd1_addr)?, sizes, strides, unit)?);
            }
            bias(t, channels, &mut access)?;
        }
        (Task::Depthwise, Some(Arithmetic::Mac | Arithmetic::Max)) => {
            access.writes.push(result(t, all, t.short_res0_str).region()?);
            access.reads.push(operand0(t, below).region()?);
            if t.tsk_opd_num >= 2 && !t.opt_opd1_const {
                let unit = 4 / t.opt_opd1_prec.images_per_word();
                access.reads.push(compact(t.opd1_addr, channels, kernel, unit)?);
            }
            bias(t, channels, &mut access)?;
        }
        (
            Task::Arithmetic,
            Some(
                operation @ (Arithmetic::Mul
                | Arithmetic::Mac
                | Arithmetic::Add
                | Arithmetic::Sub
                | Arithmetic::Max
                | Arithmetic::Min
                | Arithmetic::Shift
                | Arithmetic::And
                | Arithmetic::Or
                | Arithmetic::Xor
                | Arithmetic::Divide
                | Arithmetic::SelectGreater
                | Arithmetic::SelectEqual
                | Arithmetic::Copy),
            ),
        ) => {
            let written = result(t, all, t.short_res0_str).region()?;
            if operation == Arithmetic::Mac {
                access.reads.push(written.clone());
            }
            access.writes.push(written);
            if !t.opt_opd0_const {
                access.reads.push(operand0(t, all).region()?);
            }
            if t.tsk_opd_num >= 2 && !t.opt_opd1_const {
                access.reads.push(operand1(t, all).region()?);
            }
        }
        (Task::LookUp, _) => {
            access.writes.push(result(t, all, t.short_res0_str).region()?);
            access.reads.push(operand0(t, all).region()?);
            // The field holds the logarithm of the number of words.
            let words = 1u64.checked_shl(t.opd1_h.into()).unwrap_or(u64::MAX);
            let bytes = words.saturating_mul(4);
            access.reads.push(l2(t.opd1_addr.into(), bytes)?);
        }
        (
            Task::Special,
            Some(
                operation @ (Arithmetic::ToInteger
                | Arithmetic::IntegerNormalize
                | Arithmetic::FloatNormalize
                | Arithmetic::ReciprocalRoot
                | Arithmetic::Taylor),
            ),
        ) => {
            access.writes.push(result(t, all, t.short_res0_str).region()?);
            access.reads.push(operand0(t, all).region()?);
            if operation == Arithmetic::Taylor {
                access.reads.push(l2(t.opd1_addr.into(), u64::from(t.opd1_n) * 4)?);
            }
        }
        (Task::Scalar, Some(_)) => {
            access.writes.push(result(t, all, t.short_res0_str).region()?);
            for (constant, operand) in
                [(t.opt_opd0_const, operand0(t, all)), (t.opt_opd1_const, operand1(t, all))]
            {
                if !constant {
                    access.reads.push(operand.region()?);
                }
            }
        }
        (Task::Linear, Some(Arithmetic::Mac)) => {
            access.writes.push(result(t, all, t.short_res0_str).region()?);
            access.reads.push(operand0(t, all).region()?);
            for (constant, address) in
                [(t.opt_opd1_const, t.opd1_addr), (t.opt_opd2_const, t.opd2_addr)]
            {
                if !constant {
                    access.reads.push(compact(address, channels, 1, 4)?);
                }
            }
        }
        (Task::Compare, Some(Arithmetic::Select)) => {
            // It writes the second result.
            access.writes.push(aligned(t.res1_addr, all, Precision::F32)?);
            for (constant, address) in [
                (t.opt_opd0_const, t.opd0_addr),
                (t.opt_opd1_const, t.opd1_addr),
                (t.opt_opd2_const, t.opd2_addr),
                (t.opt_opd3_const, t.opd3_addr),
            ] {
                if !constant {
                    access.reads.push(aligned(address, all, Precision::F32)?);
                }
            }
        }
        (Task::MatMul, _) => of_product(t, &mut access)?,
        _ => return Err(Violation::Unknown),
    }
    Ok(access)
}

/// Aligned words.
fn aligned(address: u32, sizes: [usize; 4], precision: Precision) -> Result<Region, Violation> {
    Operand { address, short: 0, precision, sizes, strides: [0; 4] }.region()
}

/// Matrices: rows are images, columns lie in pieces over the channels, as bytes of their own.
fn of_product(t: &Tiu, access: &mut Access) -> Result<(), Violation> {
    let matrix = |address: u32, rows: usize, [pieces, width]: [u16; 2], precision: Precision| {
        let lane = lane_of(address)?;
        let unit = 4 / precision.images_per_word();
        let sizes = [rows, pieces.into(), 1, width.into()];
        local(lane, sizes, Layout::local_aligned(sizes, unit, lane.0).strides, unit)
    };
    let [stored, across] = [[t.opd0_c, t.opd0_w], [t.res0_c, t.res0_w]];
    let columns = (usize::from(t.opd0_c).saturating_sub(1) * usize::from(t.opd0_w))
        .saturating_add(t.opd1_w.into());
    let left = usize::from(t.opd0_n);
    let [rows, depth] = if t.opt_left_tran { [columns, left] } else { [left, columns] };
    access.writes.push(matrix(t.res0_addr, rows, across, t.opt_res0_prec)?);
    if t.opt_res_add {
        access.reads.push(matrix(t.res0_addr, rows, across, Precision::I16)?);
    }
    if !t.opt_opd0_const {
        access.reads.push(matrix(t.opd0_addr, left, stored, t.opt_opd0_prec)?);
    }
    if !t.opt_opd1_const {
        access.reads.push(matrix(t.opd1_addr, depth, across, t.opt_opd1_prec)?);
    }
    if t.tsk_opd_num >= 3 && !t.opt_opd2_const {
        access.reads.push(matrix(t.opd2_addr, 1, across, t.opt_opd2_prec)?);
    }
    Ok(())
}

fn bias(t: &Tiu, channels: usize, access: &mut Access) -> Result<(), Violation> {
    if t.tsk_opd_num >= 3 && !t.opt_opd2_const {
        let unit = 4 / t.opt_opd2_prec.images_per_word();
        access.reads.push(compact(t.opd2_addr, channels, 1, unit)?);
    }
    Ok(())
}

/// `count` units for each channel, without gaps.
fn compact(address: u32, channels: usize, count: usize, unit: usize) -> Result<Region, Violation> {
    let lane = lane_of(address)?;
    let sizes = [1, channels, 1, count];
    local(lane, sizes, Layout::local_compact(sizes, unit, lane.0).strides, unit)
}

/// What a GDMA command touches.
///
/// # Errors
/// [`Violation::Unknown`] for functions that this crate does not know, [`Violation::Lane`],
/// [`Violation::L2`] and [`Violation::Address`] for operands outside the memories.
pub fn of_gdma(g: &Gdma) -> Result<Access, Violation> {
    let mut access = Access::default();
    match g.special_func {
        Function::Copy
        | Function::Convert
        | Function::Fill
        | Function::TransposeNc
        | Function::TransposeCw => {}
        Function::Lrn | Function::Winograd | Function::Filter => {
            return Err(Violation::Unknown);
        }
    }
    let local = |from: bool| match g.direction {
        Direction::DdrToLocal => !from,
        Direction::LocalToDdr => from,
        Direction::DdrToDdr => false,
        Direction::LocalToLocal => true,
    };
    if g.special_func != Function::Fill {
        let side = (g.source(), g.source_layout(), g.src_data_format.bytes());
        access.reads.push(moved(side, g.stride_enable, local(true))?);
    }
    // A fill of local memory is known by its address.
    let fills_local = g.special_func == Function::Fill && g.direction != Direction::DdrToDdr;
    let mut layout = g.destination_layout();
    if g.special_func == Function::TransposeNc {
        // Of the destination's sizes the chip reads those of H and W only.
        layout[0] =
            [g.src_csize.into(), g.src_nsize.into(), g.dst_hsize.into(), g.dst_wsize.into()];
    }
    let side = (g.destination(), layout, g.dst_data_format.bytes());
    let written = moved(side, g.stride_enable, local(false) || fills_local)?;
    if g.acc_write_enable {
        access.reads.push(written.clone());
    }
    access.writes.push(written);
    Ok(access)
}

fn moved(
    (address, [sizes, strides], unit): (u64, [Nchw; 2], usize),
    strided: bool,
    in_local: bool,
) -> Result<Region, Violation> {
    let [sizes, strides] = [sizes, strides].map(|axes| axes.map(index));
    match (Place::of(address), in_local) {
        (Place::Local { lane, offset }, true) => {
            let strides =
                if strided { strides } else { Layout::local_aligned(sizes, unit, lane).strides };
            local((lane, offset), sizes, strides, unit)
        }
        (place @ (Place::Ddr(_) | Place::L2(_)), false) => {
            let layout =
                if strided { Layout { sizes, strides, unit } } else { Layout::ddr(sizes, unit) };
            let length = wide(layout.bytes());
            match place {
                Place::L2(start) => l2(start, length),
                _ => Ok(Region::Ddr(address..address.saturating_add(length))),
            }
        }
        _ => Err(Violation::Address { address }),
    }
}

/// A part of L2 memory, none of which may lie beyond its end.
fn l2(start: u64, length: u64) -> Result<Region, Violation> {
    let bytes = start..start.saturating_add(length);
    if bytes.end > L2_BYTES { Err(Violation::L2 { bytes }) } else { Ok(Region::L2(bytes)) }
}

fn lane_of(address: u32) -> Result<(usize, usize), Violation> {
    match Place::of(address.into()) {
        Place::Local { lane, offset } => Ok((lane, offset)),
        _ => Err(Violation::Address { address: address.into() }),
    }
}

fn local(
    (lane, offset): (usize, usize),
    [n, c, h, w]: [usize; 4],
    strides: [usize; 4],
    unit: usize,
) -> Result<Region, Violation> {
    let rows = (lane + c).div_ceil(LANES);
    // Only the extent along C differs from a plain tensor's: it runs over the rows of a lane.
    let length = Layout { sizes: [n, rows, h, w], strides, unit }.bytes();
    let bytes = offset..offset.saturating_add(length);
    if bytes.end > LANE_BYTES {
        return Err(Violation::Lane { bytes });
    }
    let lanes = if lane + c > LANES || c == LANES { u64::MAX } else { ((1u64 << c) - 1) << lane };
    Ok(Region::Local { lanes, bytes })
}
