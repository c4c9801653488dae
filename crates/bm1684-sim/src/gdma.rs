//! The engine that moves data.

use bm1684_isa::commands::{Direction, Format, Function, Gdma};
use bm1684_isa::memory::{LANES, Layout, Place, local_address};

use crate::memory::{Bytes, FILLER, KNOWN, Memory, UNWRITTEN};
use crate::view::{MOST_UNITS, View, index};
use crate::{Fault, float};

/// Where one side of a command lies.
#[derive(Clone, Copy, Debug)]
enum Room {
    Local(View),
    L2 { first: usize },
    Ddr { segment: usize, first: usize },
}

/// One side of a command.
#[derive(Clone, Copy, Debug)]
struct Side {
    room: Room,
    address: u64,
    sizes: [usize; 4],
    /// In bytes.
    strides: [usize; 4],
    /// Bytes of an element.
    unit: usize,
}

impl Side {
    fn new(
        memory: &Memory,
        address: u64,
        [sizes, strides]: [[usize; 4]; 2],
        unit: usize,
    ) -> Result<Side, Fault> {
        if sizes.contains(&0) {
            return Err(Fault::Field { field: "a size", value: 0 });
        }
        if !address.is_multiple_of(unit.try_into().unwrap_or(1)) {
            return Err(Fault::Field { field: "an address", value: address });
        }
        let count = sizes.iter().fold(1usize, |product, size| product.saturating_mul(*size));
        // Repeated elements are of no use; more than all local memory in one command neither.
        if count > MOST_UNITS {
            let [steps, limit] = [count, MOST_UNITS].map(|units| units.try_into().unwrap_or(0));
            return Err(Fault::TooLong { steps, limit });
        }
        let length = Layout { sizes, strides, unit }.bytes();
        let outside = Fault::Outside { address, length };
        let room = match Place::of(address) {
            Place::Local { .. } => {
                let address = u32::try_from(address).map_err(|_| outside)?;
                Room::Local(View::new(address, sizes, strides, unit)?)
            }
            Place::L2(first) => {
                let first = usize::try_from(first).unwrap_or(usize::MAX);
                if first.saturating_add(length) > memory.l2.values.len() {
                    return Err(outside);
                }
                Room::L2 { first }
            }
            Place::Ddr(_) => {
                let (segment, range) = memory.find(address, length).ok_or(outside)?;
                Room::Ddr { segment, first: range.start }
            }
            Place::Unmapped(_) => return Err(outside),
        };
        let strides =
            [0, 1, 2, 3].map(|axis| if sizes[axis] > 1 { strides[axis] * unit } else { 0 });
        Ok(Side { room, address, sizes, strides, unit })
    }

    fn count(&self) -> usize {
        self.sizes.iter().product()
    }

    /// The memory of a row, and its first byte there.
    fn row(&self, n: usize, c: usize, h: usize) -> (usize, usize) {
        let plain = n * self.strides[0] + c * self.strides[1] + h * self.strides[2];
        match self.room {
            Room::Local(view) => view.row(n, c, h),
            Room::L2 { first } => (LANES, first + plain),
            Room::Ddr { segment, first } => (LANES + 1 + segment, first + plain),
        }
    }

    fn rows(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let [n, c, h, _] = self.sizes;
        (0..n).flat_map(move |n| (0..c).flat_map(move |c| (0..h).map(move |h| self.row(n, c, h))))
    }

    /// Bytes from one element of a row to the next.
    fn step(&self) -> usize {
        match self.room {
            Room::Local(view) => view.strides[3],
            _ => self.strides[3],
        }
    }

    /// All elements in their order, without gaps.
    fn read(&self, memory: &Memory) -> Bytes {
        let mut all = Bytes::default();
        all.values.reserve(self.count() * self.unit);
        all.states.reserve(self.count() * self.unit);
        let (width, step, unit) = (self.sizes[3], self.step(), self.unit);
        for (room, at) in self.rows() {
            let bytes = bytes(memory, room);
            if step == unit {
                all.values.extend_from_slice(&bytes.values[at..at + width * unit]);
                all.states.extend_from_slice(&bytes.states[at..at + width * unit]);
                continue;
            }
            for w in 0..width {
                let at = at + w * step;
                all.values.extend_from_slice(&bytes.values[at..at + unit]);
                all.states.extend_from_slice(&bytes.states[at..at + unit]);
            }
        }
        all
    }

    fn write(&self, memory: &mut Memory, all: &Bytes) -> Result<(), Fault> {
        self.check_writable(memory)?;
        let (width, step, unit) = (self.sizes[3], self.step(), self.unit);
        let lines =
            all.values.chunks_exact(width * unit).zip(all.states.chunks_exact(width * unit));
        for ((room, at), (values, states)) in self.rows().zip(lines) {
            let bytes = bytes_mut(memory, room);
            if step == unit {
                bytes.values[at..at + width * unit].copy_from_slice(values);
                bytes.states[at..at + width * unit].copy_from_slice(states);
                continue;
            }
            for w in 0..width {
                let at = at + w * step;
                let element = w * unit..(w + 1) * unit;
                bytes.values[at..at + unit].copy_from_slice(&values[element.clone()]);
                bytes.states[at..at + unit].copy_from_slice(&states[element]);
            }
        }
        Ok(())
    }

    fn check_writable(&self, memory: &Memory) -> Result<(), Fault> {
        match self.room {
            Room::Ddr { segment, .. } if !memory.ddr[segment].writable => {
                Err(Fault::ReadOnly { address: self.address })
            }
            _ => Ok(()),
        }
    }

    /// The error of the first byte that was never written; none if all were.
    fn written(&self, memory: &Memory, all: &Bytes) -> Result<(), Fault> {
        let Some(first) = all.states.iter().position(|state| *state == UNWRITTEN) else {
            return Ok(());
        };
        let (element, byte) = (first / self.unit, first % self.unit);
        let [_, c, h, w] = self.sizes;
        let (room, at) = self.row(element / w / h / c, element / w / h % c, element / w % h);
        let at = at + element % w * self.step() + byte;
        let address = match room.checked_sub(LANES) {
            None => local_address(room, at).into(),
            Some(0) => bm1684_isa::memory::L2_BASE + u64::try_from(at).unwrap_or(0),
            Some(segment) => memory.ddr[segment - 1].base + u64::try_from(at).unwrap_or(0),
        };
        Err(Fault::Unwritten { address })
    }
}

fn bytes(memory: &Memory, room: usize) -> &Bytes {
    match room.checked_sub(LANES) {
        None => &memory.lanes[room],
        Some(0) => &memory.l2,
        Some(segment) => &memory.ddr[segment - 1].bytes,
    }
}

fn bytes_mut(memory: &mut Memory, room: usize) -> &mut Bytes {
    match room.checked_sub(LANES) {
        None => &mut memory.lanes[room],
        Some(0) => &mut memory.l2,
        Some(segment) => &mut memory.ddr[segment - 1].bytes,
    }
}

/// Executes a command.
pub(crate) fn run(g: &Gdma, memory: &mut Memory) -> Result<(), Fault> {
    for (set, what) in [
        (g.des_type, "this type of command"),
        (g.common_mode, "the common mode"),
        (g.chw_copy, "a copy of C, H, W"),
        (g.localmem_mask_l32 & g.localmem_mask_h32 != u32::MAX, "a mask of lanes"),
        (g.src_hshift != 0 || g.src_wshift != 0, "a shift of the source"),
        (g.dst_hshift != 0 || g.dst_wshift != 0, "a shift of the destination"),
        (!g.pio_gdma_enable, "a command that is not enabled"),
    ] {
        if set {
            return Err(Fault::Unknown { what });
        }
    }
    if g.src_data_format == Format::F16 || g.dst_data_format == Format::F16 {
        return Err(Fault::Unknown { what: "16-bit floating point" });
    }
    if g.acc_write_enable && (g.dst_data_format != Format::Word || g.special_func != Function::Copy)
    {
        return Err(Fault::Unknown { what: "an addition of this form" });
    }
    let local = |address: u64| matches!(Place::of(address), Place::Local { .. });
    let (from, to) = (local(g.source()), local(g.destination()));
    let fill = g.special_func == Function::Fill;
    let fits = match g.direction {
        Direction::DdrToLocal => (fill || !from) && to,
        Direction::LocalToDdr => (fill || from) && !to,
        Direction::DdrToDdr => (fill || !from) && !to,
        Direction::LocalToLocal => (fill || from) && to,
    };
    if !fits {
        let address = if fill
            || from == matches!(g.direction, Direction::LocalToDdr | Direction::LocalToLocal)
        {
            g.destination()
        } else {
            g.source()
        };
        return Err(Fault::Outside { address, length: g.dst_data_format.bytes() });
    }
    match g.special_func {
        Function::Fill => run_fill(g, memory),
        Function::Copy if g.sys_mem_type => matrix(g, memory),
        Function::Copy => copy(g, memory),
        Function::TransposeNc => transpose(g, memory),
        Function::Convert => convert(g, memory),
        Function::Lrn => Err(Fault::Unknown { what: "the GDMA's function lrn" }),
        Function::TransposeCw => transpose_cw(g, memory),
        Function::Winograd => Err(Fault::Unknown { what: "the GDMA's function winograd" }),
        Function::Filter => Err(Fault::Unknown { what: "the GDMA's function filter" }),
    }
}

/// Sizes and strides; without strides DDR is compact, local memory aligned.
fn layout(g: &Gdma, address: u64, layout: [[u32; 4]; 2], unit: usize) -> [[usize; 4]; 2] {
    let [sizes, strides] = layout.map(|axes| axes.map(index));
    if g.stride_enable {
        return [sizes, strides];
    }
    match Place::of(address) {
        Place::Local { lane, .. } => [sizes, Layout::local_aligned(sizes, unit, lane).strides],
        _ => [sizes, Layout::ddr(sizes, unit).strides],
    }
}

fn source(g: &Gdma, memory: &Memory) -> Result<Side, Fault> {
    let unit = g.src_data_format.bytes();
    let layout = layout(g, g.source(), g.source_layout(), unit);
    Side::new(memory, g.source(), layout, unit)
}

fn destination(g: &Gdma, memory: &Memory) -> Result<Side, Fault> {
    let unit = g.dst_data_format.bytes();
    let layout = layout(g, g.destination(), g.destination_layout(), unit);
    Side::new(memory, g.destination(), layout, unit)
}

fn same_format(g: &Gdma) -> Result<(), Fault> {
    if g.src_data_format.bytes() == g.dst_data_format.bytes() {
        return Ok(());
    }
    Err(Fault::Unknown { what: "a copy between element types" })
}

fn same_count(source: &Side, destination: &Side) -> Result<(), Fault> {
    if source.count() == destination.count() {
        return Ok(());
    }
    let value = destination.count().try_into().unwrap_or(u64::MAX);
    Err(Fault::Field { field: "the number of the destination's elements", value })
}

fn copy(g: &Gdma, memory: &mut Memory) -> Result<(), Fault> {
    same_format(g)?;
    let (from, to) = (source(g, memory)?, destination(g, memory)?);
    same_count(&from, &to)?;
    let mut all = from.read(memory);
    if g.acc_write_enable {
        from.written(memory, &all)?;
        let before = to.read(memory);
        to.written(memory, &before)?;
        add(&mut all, &before);
    }
    to.write(memory, &all)
}

/// Adds fp32 numbers.
fn add(all: &mut Bytes, before: &Bytes) {
    for at in (0..all.values.len()).step_by(4) {
        let ([a, of_a], [b, of_b]) = (before.word(at), all.word(at));
        let sum = float::add(f32::from_bits(a), f32::from_bits(b));
        let low = crate::memory::lowest(of_a & of_b);
        all.set_word(at, [sum.to_bits(), u32::from(low) * 0x0101_0101]);
    }
}

fn run_fill(g: &Gdma, memory: &mut Memory) -> Result<(), Fault> {
    let to = destination(g, memory)?;
    let value = &g.constant_value.to_le_bytes()[..to.unit];
    to.write(memory, &Bytes::known(value.repeat(to.count())))
}

/// Exchanges N and C. What the destination says of their sizes does not count: the vendor's compiler repeats the source's.
fn transpose(g: &Gdma, memory: &mut Memory) -> Result<(), Fault> {
    same_format(g)?;
    let from = source(g, memory)?;
    let [n, c, h, w] = from.sizes;
    let unit = g.dst_data_format.bytes();
    let [_, _, height, width] = g.destination_layout()[0].map(index);
    if [height, width] != [h, w] {
        return Err(Fault::Field { field: "dst_hsize", value: g.dst_hsize.into() });
    }
    let turned = [g.src_csize.into(), g.src_nsize.into(), g.src_hsize.into(), g.src_wsize.into()];
    let strides = g.destination_layout()[1];
    let layout = layout(g, g.destination(), [turned, strides], unit);
    let to = Side::new(memory, g.destination(), layout, unit)?;
    let all = from.read(memory);
    let mut turned = Bytes::default();
    let plane = h * w * from.unit;
    for c_at in 0..c {
        for n_at in 0..n {
            let range = (n_at * c + c_at) * plane..(n_at * c + c_at + 1) * plane;
            turned.values.extend_from_slice(&all.values[range.clone()]);
            turned.states.extend_from_slice(&all.states[range]);
        }
    }
    to.write(memory, &turned)
}

/// Exchanges C and W of one row of one image within local memory.
fn transpose_cw(g: &Gdma, memory: &mut Memory) -> Result<(), Fault> {
    same_format(g)?;
    let (from, to) = (source(g, memory)?, destination(g, memory)?);
    let [n, c, h, w] = from.sizes;
    // Of several rows or images the vendor's simulator moves only the first.
    if g.direction != Direction::LocalToLocal || n != 1 || h != 1 || to.sizes != [1, w, 1, c] {
        return Err(Fault::Unknown { what: "an exchange of C and W of this form" });
    }
    let all = from.read(memory);
    let mut turned = Bytes::default();
    for w_at in 0..w {
        for c_at in 0..c {
            let range = (c_at * w + w_at) * from.unit..(c_at * w + w_at + 1) * from.unit;
            turned.values.extend_from_slice(&all.values[range.clone()]);
            turned.states.extend_from_slice(&all.states[range]);
        }
    }
    to.write(memory, &turned)
}

/// A matrix in DDR, of which each row is an image in local memory, its columns in pieces over the channels.
fn matrix(g: &Gdma, memory: &mut Memory) -> Result<(), Fault> {
    same_format(g)?;
    let (from, to) = (source(g, memory)?, destination(g, memory)?);
    let (ddr, local, load) = match g.direction {
        Direction::DdrToLocal => (from, to, true),
        Direction::LocalToDdr => (to, from, false),
        Direction::DdrToDdr | Direction::LocalToLocal => {
            return Err(Fault::Unknown { what: "a matrix within one memory" });
        }
    };
    let ([dn, dc, rows, columns], [n, c, h, w]) = (ddr.sizes, local.sizes);
    let fits = dn == 1 && dc == 1 && n == rows && h == 1 && c == columns.div_ceil(w);
    if !fits {
        return Err(Fault::Unknown { what: "a matrix of these sizes" });
    }
    let unit = from.unit;
    if load {
        local.check_writable(memory)?;
    } else {
        ddr.check_writable(memory)?;
    }
    for row in 0..rows {
        let (room, ddr_at) = ddr.row(0, 0, row);
        for piece in 0..c {
            let (lane, local_at) = local.row(row, piece, 0);
            for at in 0..w.min(columns - piece * w) {
                let outside = ddr_at + (piece * w + at) * ddr.step();
                let inside = local_at + at * local.step();
                let (from, to) = if load {
                    ((room, outside), (lane, inside))
                } else {
                    ((lane, inside), (room, outside))
                };
                let read = bytes(memory, from.0);
                let mut element = [[0; 4]; 2];
                element[0][..unit].copy_from_slice(&read.values[from.1..from.1 + unit]);
                element[1][..unit].copy_from_slice(&read.states[from.1..from.1 + unit]);
                let write = bytes_mut(memory, to.0);
                write.values[to.1..to.1 + unit].copy_from_slice(&element[0][..unit]);
                write.states[to.1..to.1 + unit].copy_from_slice(&element[1][..unit]);
            }
        }
    }
    Ok(())
}

/// Bytes to fp32 and back, rounded half to even.
fn convert(g: &Gdma, memory: &mut Memory) -> Result<(), Fault> {
    let (from, to) = (source(g, memory)?, destination(g, memory)?);
    same_count(&from, &to)?;
    let all = from.read(memory);
    from.written(memory, &all)?;
    let function: fn(&[u8]) -> [u8; 4] = match (g.src_data_format, g.dst_data_format) {
        (Format::I8, Format::Word) => |bytes| f32::from(bytes[0].cast_signed()).to_le_bytes(),
        (Format::U8, Format::Word) => |bytes| f32::from(bytes[0]).to_le_bytes(),
        (Format::Word, Format::I8) => |bytes| nearest(bytes, -128.0, 127.0).to_le_bytes(),
        (Format::Word, Format::U8) => |bytes| nearest(bytes, 0.0, 255.0).to_le_bytes(),
        _ => return Err(Fault::Unknown { what: "a conversion of these types" }),
    };
    let mut converted = Bytes::default();
    for (values, states) in
        all.values.chunks_exact(from.unit).zip(all.states.chunks_exact(from.unit))
    {
        let low = states.iter().fold(KNOWN, |low, state| low & state);
        converted.values.extend_from_slice(&function(values)[..to.unit]);
        converted.states.extend(std::iter::repeat_n(low.max(FILLER), to.unit));
    }
    to.write(memory, &converted)
}

#[expect(clippy::cast_possible_truncation, reason = "it is clipped")]
fn nearest(bytes: &[u8], least: f32, most: f32) -> i32 {
    let value = bytes.first_chunk().map_or(0.0, |word: &[u8; 4]| f32::from_le_bytes(*word));
    value.round_ties_even().clamp(least, most) as i32
}
