//! Look-ups in tables of L2 memory.

use bm1684_isa::commands::{Precision, Tiu};
use bm1684_isa::memory::L2_BASE;

use crate::Fault;
use crate::memory::{Bytes, KNOWN, KNOWN_WORD, UNWRITTEN};
use crate::operand;
use crate::view::Words;

/// `result = table[low byte of operand 0]`, for each word.
pub(crate) fn run(t: &Tiu, lanes: &mut [Bytes], l2: &Bytes) -> Result<(), Fault> {
    if [t.opt_res0_prec, t.opt_opd0_prec] != [Precision::F32; 2]
        || t.opd1_h != 8
        || t.tsk_eu_typ != 0
        || t.tsk_opd_num != 2
        || t.opt_opd0_const
        || t.opt_opd1_const
    {
        return Err(Fault::Unknown { what: "a look-up of this form" });
    }
    let sizes = [t.res0_n, t.res0_c, t.res0_h, t.res0_w].map(usize::from);
    let result = operand::result(t, sizes)?;
    let input = operand::first(t, sizes)?;
    let table = crate::view::index(t.opd1_addr);
    let address = L2_BASE + u64::from(t.opd1_addr);
    if table.saturating_add(1024) > l2.values.len() {
        return Err(Fault::Outside { address, length: 1024 });
    }
    let read = input.words(lanes);
    let fixed = fixed_bytes(l2, table);
    let mut words = Words::default();
    for (at, (value, states)) in read.values.iter().zip(&read.states).enumerate() {
        let [byte, ..] = value.to_le_bytes();
        let [state, ..] = states.to_le_bytes();
        if state == UNWRITTEN {
            return Err(input.unwritten(lanes, at, 0..1));
        }
        let entry = table + 4 * usize::from(byte);
        let [value, mut states] = l2.word(entry);
        if states != KNOWN_WORD && state == KNOWN && crate::memory::lowest(states) == UNWRITTEN {
            return Err(Fault::Unwritten { address: address + 4 * u64::from(byte) });
        }
        states &= (u32::from(state) * 0x0101_0101) | fixed;
        words.values.push(value);
        words.states.push(states);
    }
    result.set_words(lanes, &words);
    Ok(())
}

/// The bytes that all words of a table have in common, as states: whatever the index, they are known.
fn fixed_bytes(l2: &Bytes, table: usize) -> u32 {
    let [first, _] = l2.word(table);
    let (mut differing, mut states) = (0, KNOWN_WORD);
    for entry in 0..256 {
        let [value, state] = l2.word(table + 4 * entry);
        differing |= value ^ first;
        states &= state;
    }
    let byte = |byte: u8, state: u8| if byte == 0 { state } else { UNWRITTEN };
    let ([a, b, c, d], [e, f, g, h]) = (differing.to_le_bytes(), states.to_le_bytes());
    u32::from_le_bytes([byte(a, e), byte(b, f), byte(c, g), byte(d, h)])
}
