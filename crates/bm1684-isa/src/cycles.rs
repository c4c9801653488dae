//! What a command costs: the vendor's own estimates as formulas.
//!
//! The vendor's back end counts cycles for each command that it emits. The formulas here were fitted to these counts
//! over many shapes, and give them again; `docs/bm1684.md` has a table of them, and how far each is from the count.
//! A count knows nothing of bank conflicts or of the other engine; [`timeline`](crate::timeline) adds the waits.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use crate::commands::{Arithmetic, Direction, Function, Gdma, Nchw, Precision, Task, Tiu};
use crate::memory::{LANES, Place, wide};

/// Cycles of a second: the chip's clock.
pub const HERTZ: u64 = 550_000_000;

/// Words of a lane that the TIU takes at once in the vendor's counts.
const WORDS: u64 = 16;

/// Cycles of a command of the TIU.
pub fn tiu(command: &Tiu) -> u64 {
    let float = command.opt_res0_prec == Precision::F32;
    match command.tsk_typ {
        Task::Conv if command.opt_winograd => winograd(command, float),
        Task::Conv if float => float_convolution(command),
        Task::Conv => convolution(command),
        Task::Depthwise => window(command, float),
        Task::MatMul | Task::MatMul2 => product(command, float),
        _ => words(command).saturating_mul(per_unit(command)),
    }
}

/// Runs of 64 lanes that the channels of the result take.
fn lane_rows(command: &Tiu) -> u64 {
    let first = match Place::of(command.res0_addr.into()) {
        Place::Local { lane, .. } => lane,
        Place::L2(_) | Place::Ddr(_) | Place::Unmapped(_) => 0,
    };
    wide((first + usize::from(command.res0_c)).div_ceil(LANES))
}

/// Values of a channel of one image of the result.
fn plane(command: &Tiu) -> u64 {
    u64::from(command.res0_h) * u64::from(command.res0_w)
}

/// Steps of 16 words of an operation on words, one by one.
fn words(command: &Tiu) -> u64 {
    let n = u64::from(command.res0_n);
    // Half words are counted like bytes, four images at a time.
    let whole = |precision: Precision| precision.images_per_word() == 1;
    let groups = if whole(command.opt_res0_prec) && whole(command.opt_opd0_prec) {
        n
    } else {
        n.div_ceil(4)
    };
    groups * lane_rows(command) * plane(command).div_ceil(WORDS)
}

/// Cycles of 16 words of an operation, one by one.
fn per_unit(command: &Tiu) -> u64 {
    use Arithmetic::{Add, Copy, Divide, Mac, Max, Min, Mul, ReciprocalRoot, Shift, Sub, Taylor};
    use Precision::{I8, I16};
    let operation = command.operation();
    match (command.tsk_typ, operation) {
        (Task::LookUp, _) => 24,
        (Task::Special, Some(ReciprocalRoot)) => 27,
        (Task::Special, Some(Taylor)) => 4 * u64::from(command.opd1_n) + 2,
        (Task::Linear, _) => 4,
        (Task::Arithmetic | Task::Scalar | Task::Special, Some(Divide)) => 30,
        (Task::Arithmetic, Some(Copy)) => 1,
        (Task::Arithmetic, Some(operation)) => {
            match (operation, command.opt_opd0_prec, command.opt_res0_prec) {
                (Mac, I8 | I16, _) | (Add, I16, I8) => 4,
                (Mac, _, _) => 5,
                (Mul, I8, I8) | (Add | Sub | Max | Shift, I16, _) => 3,
                (Max | Min, I8, _) => 1,
                _ => 2,
            }
        }
        _ => 1,
    }
}

/// An int8 convolution.
fn convolution(command: &Tiu) -> u64 {
    let units =
        u64::from(command.res0_n).div_ceil(4) * lane_rows(command) * plane(command).div_ceil(WORDS);
    let words = usize::from(command.opd0_c).div_ceil(4);
    let stride = usize::from(command.res_op_y_str.min(command.res_op_x_str));
    let row = stride.clamp(1, FEW_CHANNELS.len()) - 1;
    let percent = FEW_CHANNELS
        .get(row)
        .and_then(|row| row.get(words.checked_sub(1)?))
        .map_or(100, |p| u64::from(*p));
    let start = if command.tsk_opd_num > 2 { 10 } else { 8 };
    units.saturating_mul(taps(command) * wide(words) * percent + start * 100) / 100
}

/// What a tap of few input channels costs, in percent of one cycle for each word of four channels. Rows are strides from
/// 1, the last stands for all beyond; columns are words. Beyond a row's end it is 100.
const FEW_CHANNELS: [&[u16]; 10] = [
    &[682, 391, 155, 130, 115, 105],
    &[789, 443, 329, 135, 120, 109, 103],
    &[956, 526, 384, 312, 134, 121, 112, 105, 101],
    &[994, 543, 395, 321, 277, 124, 114, 107, 102],
    &[1127, 607, 438, 353, 302, 123, 115, 109, 104, 101],
    &[1204, 651, 467, 375, 320, 283, 128, 119, 113, 107, 103],
    &[731, 511, 398, 340, 304, 274, 250, 122, 116, 110, 105, 102],
    &[1378, 736, 524, 418, 354, 311, 281, 259, 122, 115, 110, 105, 102],
    &[1418, 756, 537, 428, 362, 318, 287, 264, 242, 119, 113, 109, 105, 101],
    &[1562, 830, 584, 463, 390, 342, 307, 281, 261, 245, 224, 114, 109, 106, 102],
];

fn taps(command: &Tiu) -> u64 {
    u64::from(command.opd1_h) * u64::from(command.opd1_w)
}

/// An fp32 convolution.
fn float_convolution(command: &Tiu) -> u64 {
    let units = u64::from(command.res0_n) * lane_rows(command) * plane(command).div_ceil(WORDS);
    let channels = u64::from(command.opd0_c).max(1);
    // Three channels are counted as if they were ten.
    let pairs = if channels == 3 { 5 } else { channels.div_ceil(2) };
    let stride = u64::from(command.res_op_x_str);
    // In parts of the number of channels, so that nothing is lost.
    let tap = (pairs * channels).max((stride + 1) * pairs);
    let start = if command.tsk_opd_num > 2 { 5 } else { 3 };
    units.saturating_mul(taps(command) * tap + start * channels) / channels
}

/// A convolution of 3 × 3 by Winograd's method, in tiles of 2 × 2 outputs.
fn winograd(command: &Tiu, float: bool) -> u64 {
    let tiles = u64::from(command.res0_h).div_ceil(2)
        * u64::from(command.res0_w).div_ceil(2)
        * lane_rows(command);
    let (n, channels) = (u64::from(command.res0_n), u64::from(command.opd0_c));
    let bias = command.tsk_opd_num > 2;
    if float {
        let start = if bias { 13 } else { 6 };
        return (tiles * n).saturating_mul(channels + start) / 2;
    }
    // Three channels are counted as if they were twenty.
    let words = if channels == 3 { 5 } else { channels.div_ceil(4) };
    (tiles * n.div_ceil(4)).saturating_mul(words + if bias { 10 } else { 11 })
}

/// A depthwise convolution or a pooling.
fn window(command: &Tiu, float: bool) -> u64 {
    let words = if float { WORDS } else { 64 };
    let units = u64::from(command.res0_n) * lane_rows(command) * plane(command).div_ceil(words);
    let taps = taps(command) * (u64::from(command.res_op_x_str) + 1);
    let maximum = command.operation() == Some(Arithmetic::Max);
    let cycles = match (float, maximum) {
        (false, true) => taps.saturating_sub(1),
        (false, false) => taps + 1,
        (true, true) => taps.saturating_sub(command.opd1_h.into()),
        (true, false) => (taps + 5).saturating_sub(command.opd1_h.into()),
    };
    units.saturating_mul(cycles)
}

/// A matrix product.
fn product(command: &Tiu, float: bool) -> u64 {
    let (words, start) = if float { (WORDS, 6) } else { (64, 5) };
    let units = lane_rows(command) * u64::from(command.res0_w).div_ceil(words);
    let rows = u64::from(command.opd0_n);
    let shared = u64::from(command.opd0_c.saturating_sub(1)) * u64::from(command.opd0_w)
        + u64::from(command.opd1_w);
    let more = u64::from(command.tsk_opd_num > 2) + u64::from(command.opt_res_add);
    (rows * units).saturating_mul(shared + start + 2 * more)
}

/// Parts of a cycle that the GDMA's numbers are in.
const PART: u64 = 10_000_000;

/// What a transfer costs, in parts of a cycle.
struct Rate {
    /// A command.
    start: u64,
    /// A piece without gaps, at least.
    piece: u64,
    /// A byte.
    byte: u64,
}

/// Bytes of DDR that are open at once, and the parts of a cycle that the next ones take to open. Counted only where bytes
/// are read that do not lie beside one another.
const PAGE: (u64, u64) = (4096, 587_200_000);

impl Rate {
    /// Parts of a cycle of elements in pieces of so many.
    fn cost(&self, elements: u64, piece: u64, unit: u64) -> u64 {
        if piece.saturating_mul(unit).saturating_mul(self.byte) >= self.piece {
            elements.saturating_mul(unit).saturating_mul(self.byte)
        } else {
            elements.saturating_mul(self.piece) / piece.max(1)
        }
    }
}

/// Cycles of a command of the GDMA.
pub fn gdma(command: &Gdma) -> u64 {
    let fill = command.special_func == Function::Fill;
    let [source, destination] = [command.source_layout(), command.destination_layout()];
    let [from, to] = [command.src_data_format.bytes(), command.dst_data_format.bytes()];
    let unit = wide(if fill { to } else { from.max(to) });
    let [from_local, to_local] = match command.direction {
        Direction::DdrToLocal => [false, true],
        Direction::LocalToDdr => [true, false],
        Direction::DdrToDdr => [false, false],
        Direction::LocalToLocal => [true, true],
    };
    let local = command.direction == Direction::LocalToLocal;
    let (start, piece, byte) = match (fill, local) {
        (true, true) => (70_000_000, 5_000_000, 156_250),
        (true, false) => (77_600_000, 5_539_790, 187_376),
        (false, true) => (30_000_000, 10_000_000, 312_500),
        (false, false) if from_local => (454_270_000, 5_539_790, 187_376),
        (false, false) => (1_373_880_000, 5_539_790, 187_376),
    };
    let rate = Rate { start, piece, byte };
    let elements = volume(if fill { destination } else { source });
    let steps = [source, destination].map(|[_, strides]| u64::from(strides[3]));
    let cost = if !fill && !local && command.stride_enable && steps.iter().any(|step| *step > 1) {
        let row = u64::from(source[0][3]);
        let cost = rate.cost(elements, row, unit).saturating_mul(2);
        if from_local {
            cost
        } else {
            // The row and its gaps are read.
            let [step, _] = steps;
            let read = (row.max(1) - 1) * step + 1;
            cost.saturating_mul(read) / row.max(1) + extent(source) / PAGE.0 * PAGE.1
        }
    } else {
        // Channels lie in lanes of their own, and images are pieces of their own on both sides.
        let run = |[sizes, strides]: [Nchw; 2], local: bool| {
            let together = if local { 2 } else { 1 };
            let inner = sizes.into_iter().zip(strides).skip(together);
            if command.stride_enable {
                run(inner.rev())
            } else {
                inner.map(|(size, _)| u64::from(size)).product()
            }
        };
        let mut piece = run(destination, to_local);
        if !fill {
            piece = piece.min(run(source, from_local));
        }
        rate.cost(elements, piece, unit)
    };
    cost.saturating_add(rate.start) / PART
}

fn volume([sizes, _]: [Nchw; 2]) -> u64 {
    sizes.into_iter().map(u64::from).fold(1, u64::saturating_mul)
}

/// Elements from the first to behind the last.
fn extent([sizes, strides]: [Nchw; 2]) -> u64 {
    let steps = sizes
        .into_iter()
        .zip(strides)
        .map(|(size, stride)| u64::from(size.saturating_sub(1)) * u64::from(stride));
    steps.fold(u64::from(strides[3]), u64::saturating_add)
}

/// How many elements lie one behind the other: sizes and strides, the innermost first.
fn run(axes: impl Iterator<Item = (u32, u32)>) -> u64 {
    let mut run = 1u64;
    for (size, stride) in axes.filter(|(size, _)| *size != 1) {
        if u64::from(stride) != run {
            break;
        }
        run = run.saturating_mul(size.into());
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{COEFFICIENT_BASE, local_address};

    /// Exact: counts of the vendor's back end.
    #[test]
    fn commands_cost_what_the_vendor_counts() {
        let conv = Tiu {
            tsk_opd_num: 3,
            res0_n: 1,
            res0_c: 64,
            res0_h: 8,
            res0_w: 8,
            opd0_c: 64,
            opd1_h: 3,
            opd1_w: 3,
            res0_addr: local_address(0, 0),
            ..Tiu::default()
        };
        assert_eq!(tiu(&conv), 616);
        assert_eq!(tiu(&Tiu { res0_c: 65, ..conv }), 1232);
        assert_eq!(tiu(&Tiu { opd0_c: 4, ..conv }), 285);
        assert_eq!(tiu(&Tiu { opd0_c: 16, tsk_opd_num: 2, ..conv }), 219);
        let float =
            Tiu { opt_res0_prec: Precision::F32, tsk_opd_num: 2, res0_h: 6, res0_w: 6, ..conv };
        assert_eq!(tiu(&float), 873);
        let maximum =
            Tiu { tsk_typ: Task::Depthwise, tsk_eu_typ: 4, tsk_opd_num: 1, res0_n: 4, ..conv };
        assert_eq!(tiu(&maximum), 68);
        assert_eq!(tiu(&Tiu { tsk_eu_typ: 1, ..maximum }), 76);
        let mul = Tiu { tsk_typ: Task::Arithmetic, tsk_opd_num: 2, res0_n: 4, ..conv };
        assert_eq!(tiu(&mul), 12);
        assert_eq!(tiu(&Tiu { res0_addr: local_address(1, 0), ..mul }), 24);
    }

    /// Exact: counts of the vendor's back end.
    #[test]
    fn moves_cost_what_the_vendor_counts() {
        let strides = [4096, 64, 8, 1];
        let mut load = Gdma::default();
        [load.src_nsize, load.src_csize, load.src_hsize, load.src_wsize] = [1, 64, 8, 8];
        [load.dst_nsize, load.dst_csize, load.dst_hsize, load.dst_wsize] = [1, 64, 8, 8];
        [load.src_nstride, load.src_cstride, load.src_hstride, load.src_wstride] = strides;
        [load.dst_nstride, load.dst_cstride, load.dst_hstride, load.dst_wstride] = strides;
        load.set_source(COEFFICIENT_BASE);
        assert_eq!(gdma(&load), 444);
        assert_eq!(gdma(&Gdma { direction: Direction::LocalToDdr, ..load }), 352);
        assert_eq!(gdma(&Gdma { direction: Direction::LocalToLocal, ..load }), 515);
        let fill = Gdma { special_func: Function::Fill, ..load };
        assert_eq!(gdma(&Gdma { direction: Direction::LocalToLocal, ..fill }), 263);
        assert_eq!(gdma(&Gdma { direction: Direction::DdrToDdr, ..fill }), 314);
        assert_eq!(gdma(&Gdma { stride_enable: false, ..load }), 444);
    }
}
