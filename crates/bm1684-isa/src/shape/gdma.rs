//! The shape of a GDMA command.

use super::operand::{Operand, Strides};
use super::{Shape, chosen, odd};
use crate::commands::{Direction, Format, Function, Gdma, Nchw};
use crate::memory::{LANES, Place};

/// Fields that the text says in another way, and ids and what the runtime sets.
const SAID: &[&str] = &[
    "cmd_id",
    "eng0_sync_id",
    "chain_end",
    "direction",
    "special_func",
    "stride_enable",
    "dst_data_format",
    "src_data_format",
    "acc_write_enable",
    "sys_mem_type",
    "constant_value",
    "src_nstride",
    "src_cstride",
    "src_hstride",
    "src_wstride",
    "dst_nstride",
    "dst_cstride",
    "dst_hstride",
    "dst_wstride",
    "src_nsize",
    "src_csize",
    "src_hsize",
    "src_wsize",
    "dst_nsize",
    "dst_csize",
    "dst_hsize",
    "dst_wsize",
    "src_start_addr_l32",
    "src_start_addr_h8",
    "dst_start_addr_l32",
    "dst_start_addr_h8",
];

pub(super) fn shape(g: &Gdma) -> Shape {
    let name = match g.direction {
        Direction::DdrToLocal => "load",
        Direction::LocalToDdr => "store",
        Direction::DdrToDdr => "move",
        Direction::LocalToLocal => "shuffle",
    };
    let filled = g.special_func == Function::Fill;
    let transposed = matches!(g.special_func, Function::TransposeNc | Function::TransposeCw);
    let (source, destination) = (g.source_layout(), g.destination_layout());
    let mut operands = vec![side(g, g.dst_data_format, g.destination(), destination)];
    if !filled {
        operands.push(side(g, g.src_data_format, g.source(), source));
    }
    let [[sizes, strides], [written, _]] = [source, destination];
    let nothing = g.source() == 0
        && sizes == [0; 4]
        && strides == [0; 4]
        && g.src_data_format == g.dst_data_format;
    let mut options = chosen(&[
        (filled && !nothing, "source"),
        (!filled && g.constant_value != 0, "constant"),
        (!filled && !transposed && sizes != written, "resized"),
        (g.sys_mem_type, "matrix"),
        (g.acc_write_enable, "accumulate"),
    ]);
    options.extend(odd(g.values(), Gdma::default().values(), |field| SAID.contains(&field)));
    Shape {
        operation: format!("gdma {name} {}", g.special_func.mnemonic()),
        operands,
        shifts: [false; 2],
        options,
    }
}

fn side(g: &Gdma, format: Format, address: u64, [sizes, strides]: [Nchw; 2]) -> Operand {
    let mut place = vec![memory(address)];
    let index = |axes: Nchw| axes.map(|value| usize::try_from(value).unwrap_or(usize::MAX));
    let [_, channels, ..] = index(sizes);
    let rows = match Place::of(address) {
        Place::Local { lane, .. } => Some((lane + channels).div_ceil(LANES)),
        Place::L2(_) | Place::Ddr(_) | Place::Unmapped(_) => None,
    };
    let found = Strides::of(index(sizes), index(strides), rows, format.bytes() == 1);
    if !g.stride_enable && strides != [0; 4] {
        place.push("given");
    }
    Operand { strides: g.stride_enable.then_some(found), ..Operand::new(format.mnemonic(), &place) }
}

fn memory(address: u64) -> &'static str {
    match Place::of(address) {
        Place::Local { .. } => "local",
        Place::L2(_) => "l2",
        Place::Ddr(_) => "ddr",
        Place::Unmapped(_) => "nowhere",
    }
}
