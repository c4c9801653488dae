//! Huffman codes and the blocks that are written in them.

#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "the inner loops of the decoder: values are of a few bits, and tables have a place for each"
)]

/// Entropy-coded data without stuffed bytes and markers, followed by [`PADDING`] bytes.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    data: &'a [u8],
    /// The byte after those in `buffer`.
    at: usize,
    /// The next bits, from the top.
    buffer: u64,
    /// How many of them are valid. Bits below those may be set already; the next filling sets them to the same.
    count: u32,
}

/// What a reader may look at beyond the end of its data.
pub(super) const PADDING: usize = 8;

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Bits { data, at: 0, buffer: 0, count: 0 }
    }

    /// Bits read so far, those beyond the data included.
    pub(super) fn position(&self) -> usize {
        (8 * self.at).saturating_sub(self.count as usize)
    }

    /// At least 56 bits are there afterwards; beyond the data they are zeros.
    #[inline(always)]
    fn fill(&mut self) {
        let next = self.data.get(self.at..).and_then(|rest| rest.first_chunk());
        self.buffer |= u64::from_be_bytes(*next.unwrap_or(&[0; 8])) >> self.count;
        let bytes = (63 - self.count) >> 3;
        self.at += bytes as usize;
        self.count += bytes * 8;
    }

    /// The next `count` bits, 1 to 16, which stay.
    #[inline(always)]
    fn peek(&self, count: u32) -> usize {
        (self.buffer >> (64 - count)) as usize
    }

    #[inline(always)]
    fn drop(&mut self, count: u32) {
        self.buffer <<= count;
        self.count = self.count.wrapping_sub(count);
    }

    /// A number of 64 − `free` bits after `skip` others; they stay. Those that begin with 0 are
    /// negative.
    #[inline(always)]
    fn number(&self, skip: u32, free: u32) -> i32 {
        let from_here = self.buffer << skip;
        let magnitude = (from_here >> free) as i32;
        // All ones if the first bit is 0.
        let negative = !((from_here as i64 >> 63) as i32);
        magnitude - (negative & (u64::MAX >> free) as i32)
    }
}

/// Codes of up to so many bits are looked up.
const LOOKAHEAD: u32 = 10;

/// A code: symbols by length, then by value.
struct Code {
    symbols: [u8; 256],
    /// Of each length, the first code that is longer, moved to 16 bits.
    limits: [u32; 16],
    /// Of each length, the index of its first symbol minus its first code.
    offsets: [i32; 16],
}

/// What the next bits begin with, looked up.
type Short<E> = Box<[E; 1 << LOOKAHEAD]>;

impl Code {
    /// `entry` makes of a code's length and symbol what is looked up. Longer codes have the default.
    fn new<E: Copy + Default>(
        lengths: &[u8; 16],
        symbols: &[u8],
        entry: impl Fn(u32, u8) -> E,
    ) -> Option<(Self, Short<E>)> {
        let mut code = Code { symbols: [0; 256], limits: [0; 16], offsets: [0; 16] };
        code.symbols.get_mut(..symbols.len())?.copy_from_slice(symbols);
        let mut short = Box::new([E::default(); 1 << LOOKAHEAD]);
        let (mut next, mut index) = (0u32, 0usize);
        for (at, &count) in lengths.iter().enumerate() {
            let length = at as u32 + 1;
            code.offsets[at] = index as i32 - next as i32;
            let end = index + usize::from(count);
            let codes = symbols.get(index..end)?;
            if let Some(free) = LOOKAHEAD.checked_sub(length) {
                let entries = short.chunks_exact_mut(1 << free).skip(next as usize);
                entries.zip(codes).for_each(|(part, &symbol)| part.fill(entry(length, symbol)));
            }
            next += u32::from(count);
            // No code is all ones.
            if next >= 1 << length {
                return None;
            }
            code.limits[at] = next << (16 - length);
            next <<= 1;
            index = end;
        }
        Some((code, short))
    }

    /// Length and symbol of the code that the next 16 bits begin with.
    #[cold]
    fn find(&self, ahead: usize) -> Option<(u32, u8)> {
        let ahead = ahead as u32;
        let at = self.limits.iter().position(|&limit| ahead < limit)?;
        let length = at as u32 + 1;
        let index = (ahead >> (16 - length)) as i32 + self.offsets[at];
        Some((length, *self.symbols.get(usize::try_from(index).ok()?)?))
    }
}

/// Codes of the DC differences' sizes.
pub(super) struct DcTable {
    code: Code,
    /// Length and size; length 0 if the code is longer.
    short: Short<[u8; 2]>,
}

impl DcTable {
    pub(super) fn new(lengths: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let entry = |length, symbol| [length as u8, symbol];
        let (code, short) = Code::new(lengths, symbols, entry)?;
        symbols.iter().all(|&size| size < 16).then_some(DcTable { code, short })
    }

    #[inline(always)]
    fn read(&self, bits: &mut Bits) -> Option<i32> {
        let (length, size) = match self.short[bits.peek(LOOKAHEAD)] {
            [0, _] => self.code.find(bits.peek(16))?,
            [length, size] => (length.into(), size),
        };
        let number = if size == 0 { 0 } else { bits.number(length, 64 - u32::from(size)) };
        bits.drop(length + u32::from(size));
        Some(number)
    }
}

/// Codes of runs of zeros and sizes of the coefficients after them.
pub(super) struct AcTable {
    code: Code,
    short: Short<AcEntry>,
}

/// The code that the next bits begin with. From the lowest byte up: bits of the code and of the
/// coefficient after it, bits of the code alone, 64 less those of the coefficient, zeros before it.
///
/// One number, because the next code's place depends on its lowest bits alone, which a shift takes as
/// they are.
#[derive(Clone, Copy, Default)]
struct AcEntry(u32);

impl AcEntry {
    fn new(length: u32, symbol: u8) -> Self {
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        AcEntry(run << 24 | (64 - size) << 16 | length << 8 | (length + size))
    }

    /// Whether there is no coefficient after it: a run of zeros, the end of the block, or a code that
    /// is too long to be looked up.
    #[inline(always)]
    fn is_bare(self) -> bool {
        self.0 & 0x3F_0000 == 0
    }

    /// Whether it is no code.
    fn is_none(self) -> bool {
        self.0 == 0
    }

    #[inline(always)]
    fn run(self) -> u32 {
        self.0 >> 24
    }
}

impl AcTable {
    pub(super) fn new(lengths: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let (code, short) = Code::new(lengths, symbols, AcEntry::new)?;
        Some(AcTable { code, short })
    }
}

/// A block's coefficients without their steps, row after row.
pub(super) type Block = [[i16; 8]; 8];

/// Where the coefficients of the zigzag order are: 8 · row + column.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Reads a block. `dc` is the one of the block before.
///
/// Nothing for what libjpeg would warn of, and for a first coefficient that no picture has. Else,
/// whether there are coefficients besides the first.
#[inline(always)]
pub(super) fn read_block(
    stored: &mut Bits,
    dc_table: &DcTable,
    ac_table: &AcTable,
    dc: &mut i32,
    block: &mut Block,
) -> Option<bool> {
    // Kept in registers.
    let bits = &mut { *stored };
    *block = [[0; 8]; 8];
    let flat = block.as_flattened_mut();
    bits.fill();
    *dc += dc_table.read(bits)?;
    if !(-2048..2048).contains(dc) {
        return None;
    }
    flat[0] = *dc as i16;
    let mut k = 1;
    'codes: while k < 64 {
        bits.fill();
        // 56 bits are enough for two codes that can be looked up, each with 15 bits after it.
        for _ in 0..2 {
            let mut entry = ac_table.short[bits.peek(LOOKAHEAD)];
            if entry.is_bare() {
                if entry.is_none() {
                    bits.fill();
                    let (length, symbol) = ac_table.code.find(bits.peek(16))?;
                    entry = AcEntry::new(length, symbol);
                }
                if entry.is_bare() {
                    bits.drop(entry.0 & 63);
                    if entry.run() < 15 {
                        break 'codes;
                    }
                    k += 16;
                    continue 'codes;
                }
            }
            let value = bits.number(entry.0 >> 8 & 63, entry.0 >> 16 & 63);
            bits.drop(entry.0 & 63);
            k += entry.run() as usize;
            flat[usize::from(ZIGZAG.get(k)? & 63)] = value as i16;
            k += 1;
            if k == 64 {
                break;
            }
        }
    }
    *stored = *bits;
    (k <= 64).then_some(k > 1)
}
