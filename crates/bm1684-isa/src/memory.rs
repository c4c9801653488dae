//! The chip's memories and how tensors lie in them.

/// Lanes (the vendor's NPUs), each with a local memory of its own.
pub const LANES: usize = 64;
/// Bytes of local memory in a lane.
pub const LANE_BYTES: usize = 512 << 10;
/// Banks of a lane's local memory. Operands of one command in different banks do not get into each
/// other's way; results do not depend on it.
pub const BANKS: usize = 8;
/// Bytes of a bank.
pub const BANK_BYTES: usize = LANE_BYTES / BANKS;
/// Bytes of a line: what a lane's 32 units of 32 bits take at once.
pub const LINE_BYTES: usize = 128;

/// Where DDR begins.
pub const DDR_BASE: u64 = 0x1_0000_0000;
/// Where the runtime expects coefficients; addresses from here on are relocated when a bmodel is
/// loaded.
pub const COEFFICIENT_BASE: u64 = 0x1_0510_0000;
/// Where lane 0's local memory begins.
pub const LOCAL_BASE: u32 = 0x0800_0000;
/// Where L2 memory begins, for the GDMA; the TIU's tables are addressed without it.
pub const L2_BASE: u64 = 0x1000_0000;
/// Bytes of L2 memory.
pub const L2_BYTES: u64 = 4 << 20;

/// A memory and an address within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Local memory.
    Local {
        /// The lane.
        lane: usize,
        /// Byte within the lane.
        offset: usize,
    },
    /// L2 memory, by its byte.
    L2(u64),
    /// DDR, by the absolute address.
    Ddr(u64),
    /// Nowhere.
    Unmapped(u64),
}

impl Place {
    /// What a command's address means.
    pub fn of(address: u64) -> Place {
        let local =
            address.checked_sub(LOCAL_BASE.into()).and_then(|byte| usize::try_from(byte).ok());
        if address >= DDR_BASE {
            Place::Ddr(address)
        } else if (L2_BASE..L2_BASE + L2_BYTES).contains(&address) {
            Place::L2(address - L2_BASE)
        } else if let Some(byte) = local.filter(|&byte| byte < LANES * LANE_BYTES) {
            Place::Local { lane: byte / LANE_BYTES, offset: byte % LANE_BYTES }
        } else {
            Place::Unmapped(address)
        }
    }
}

/// The address of a byte of local memory.
///
/// # Panics
/// If the lane or the offset does not exist.
#[expect(clippy::cast_possible_truncation, reason = "all lanes together have 2^25 bytes")]
pub fn local_address(lane: usize, offset: usize) -> u32 {
    assert!(lane < LANES && offset < LANE_BYTES, "lane {lane}, byte {offset}");
    LOCAL_BASE + (lane * LANE_BYTES + offset) as u32
}

/// Sizes and strides along N, C, H, W, in storage units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Units along N, C, H, W.
    pub sizes: [usize; 4],
    /// Units from one to the next along N, C, H, W; along C in local memory from one channel to the
    /// next of the same lane.
    pub strides: [usize; 4],
    /// Bytes of a unit.
    pub unit: usize,
}

impl Layout {
    /// A tensor in DDR without gaps.
    pub fn ddr(sizes: [usize; 4], unit: usize) -> Layout {
        let [_, c, h, w] = sizes;
        Layout { sizes, strides: [c * h * w, h * w, w, 1], unit }
    }

    /// An 8-bit blob in DDR in the chip's 4N form `[ceil(N/4)][C][H][W][4]`: words in which byte k is
    /// the image 4·group + k.
    pub fn ddr_4n([n, c, h, w]: [usize; 4]) -> Layout {
        Layout::ddr([n.div_ceil(4), c, h, w], 4)
    }

    /// A tensor in local memory whose channels begin on lines: channel c lies in lane
    /// `(first + c) mod 64`, row `(first + c) / 64`.
    pub fn local_aligned(sizes: [usize; 4], unit: usize, first_lane: usize) -> Layout {
        let [_, c, h, w] = sizes;
        let channel = (h * w).next_multiple_of(LINE_BYTES / unit);
        Layout { sizes, strides: [channel * (first_lane + c).div_ceil(LANES), channel, w, 1], unit }
    }

    /// A tensor in local memory without gaps between the channels of a lane: weights and biases.
    pub fn local_compact(sizes: [usize; 4], unit: usize, first_lane: usize) -> Layout {
        let [_, c, h, w] = sizes;
        Layout { sizes, strides: [h * w * (first_lane + c).div_ceil(LANES), h * w, w, 1], unit }
    }

    /// Bytes in DDR from the first to behind the last unit.
    pub fn bytes(&self) -> usize {
        self.extent(self.sizes)
    }

    /// Bytes in each lane from the first to behind the last unit, when channels begin in lane 0.
    pub fn lane_bytes(&self) -> usize {
        let [n, c, h, w] = self.sizes;
        self.extent([n, c.div_ceil(LANES), h, w])
    }

    fn extent(&self, sizes: [usize; 4]) -> usize {
        if sizes.contains(&0) {
            return 0;
        }
        let last = sizes
            .iter()
            .zip(self.strides)
            .fold(0usize, |sum, (size, step)| sum.saturating_add((size - 1).saturating_mul(step)));
        last.saturating_add(1).saturating_mul(self.unit)
    }
}

/// A number of bytes beside addresses.
pub(crate) fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact: strides that the simulator confirmed.
    #[test]
    fn layouts() {
        let input = Layout::local_aligned([2, 5, 7, 6], 4, 0);
        assert_eq!(input.strides, [64, 64, 6, 1]);
        assert_eq!(input.lane_bytes(), (64 + 42) * 4);
        assert_eq!(Layout::local_aligned([3, 70, 5, 7], 4, 0).strides, [128, 64, 7, 1]);
        assert_eq!(Layout::local_aligned([3, 60, 5, 7], 4, 5).strides, [128, 64, 7, 1]);
        assert_eq!(Layout::local_aligned([1, 3, 1, 5], 2, 0).strides, [64, 64, 5, 1]);
        let bias = Layout::local_compact([1, 130, 1, 1], 2, 0);
        assert_eq!((bias.strides, bias.lane_bytes()), ([3, 1, 1, 1], 6));
        let blob = Layout::ddr_4n([5, 5, 7, 6]);
        assert_eq!((blob.sizes, blob.strides), ([2, 5, 7, 6], [210, 42, 6, 1]));
        assert_eq!(blob.bytes(), 2 * 210 * 4);
    }

    #[test]
    fn places() {
        assert_eq!(Place::of(0x0808_0010), Place::Local { lane: 1, offset: 0x10 });
        assert_eq!(Place::of(0x1032_3800), Place::L2(0x32_3800));
        assert_eq!(Place::of(COEFFICIENT_BASE), Place::Ddr(COEFFICIENT_BASE));
        assert_eq!(Place::of(7), Place::Unmapped(7));
        assert_eq!(
            Place::of(u64::from(local_address(63, 5))),
            Place::Local { lane: 63, offset: 5 }
        );
    }
}
