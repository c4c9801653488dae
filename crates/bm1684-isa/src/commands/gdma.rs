use crate::field::{codes, command};

codes! {
    /// Between which memories the GDMA moves.
    Direction {
        /// DDR to local memory.
        DdrToLocal = 0 "ddr->local",
        /// Local memory to DDR.
        LocalToDdr = 1 "local->ddr",
        /// Within DDR, or between DDR and L2 memory.
        DdrToDdr = 2 "ddr->ddr",
        /// Within local memory.
        LocalToLocal = 3 "local->local",
    }
}

codes! {
    /// What the GDMA does besides copying.
    Function {
        /// Nothing.
        Copy = 0 "copy",
        /// Exchanges N and C; the destination's own sizes of these do not count.
        TransposeNc = 1 "nc_transpose",
        /// Local response normalisation; not understood.
        Lrn = 2 "lrn",
        /// Converts the element type.
        Convert = 3 "convert",
        /// Writes one value everywhere.
        Fill = 4 "fill",
        /// Exchanges C and W.
        TransposeCw = 5 "cw_transpose",
        /// Winograd; not understood.
        Winograd = 6 "winograd",
        /// Filter; not understood.
        Filter = 7 "filter",
    }
}

codes! {
    /// Element types of the GDMA.
    Format {
        /// Any 32-bit word; fp32 where it is converted or added.
        Word = 0 "w32",
        /// 16-bit integer.
        I16 = 1 "i16",
        /// Unsigned byte.
        U8 = 2 "u8",
        /// Signed byte.
        I8 = 3 "i8",
        /// 16-bit floating point.
        F16 = 4 "f16",
    }
}

impl Format {
    /// Bytes of one element.
    pub fn bytes(self) -> usize {
        match self {
            Format::Word => 4,
            Format::I16 | Format::F16 => 2,
            Format::U8 | Format::I8 => 1,
        }
    }
}

command! {
    /// A command of the GDMA, the engine that moves data.
    ///
    /// Members have the vendor's names and default to what its compiler writes.
    Gdma {
        /// The command is valid.
        pio_gdma_enable: bool, 0, 1 = true;
        /// Unknown; 0.
        des_type: bool, 1, 1 = false;
        /// Last command of the stream; the runtime sets it.
        chain_end: bool, 2, 1 = false;
        /// Interrupt when done.
        intr_en: bool, 3, 1 = false;
        /// Set by the vendor's compiler.
        barrier_enable: bool, 4, 1 = true;
        /// Strides are given; else both sides are compact or aligned.
        stride_enable: bool, 5, 1 = true;
        /// Between which memories.
        direction: Direction, 6, 2 = Direction::DdrToLocal;
        /// Add fp32 to the destination.
        acc_write_enable: bool, 8, 1 = false;
        /// Unknown; 0.
        common_mode: bool, 9, 1 = false;
        /// Set by the vendor's compiler.
        prefetch_disable: bool, 10, 1 = true;
        /// Unknown; 0.
        hold_des_value: bool, 11, 1 = false;
        /// Unused.
        reserved: u8, 12, 4 = 0;
        /// Own id, counted from 1.
        cmd_id: u16, 16, 16 = 0;
        /// What is done besides copying.
        special_func: Function, 32, 3 = Function::Copy;
        /// Element type of the destination.
        dst_data_format: Format, 35, 3 = Format::Word;
        /// Unknown; 0.
        chw_copy: bool, 38, 1 = false;
        /// The DDR side is a matrix.
        sys_mem_type: bool, 39, 1 = false;
        /// Element type of the source.
        src_data_format: Format, 40, 3 = Format::Word;
        /// 1 from the vendor's compiler.
        lrn_shift_num: u8, 43, 4 = 1;
        /// Unknown; 0.
        lrn_shift_dir: bool, 47, 1 = false;
        /// The TIU command that must have finished; 0 for none.
        eng0_sync_id: u16, 48, 16 = 0;
        /// Unused engine.
        eng1_sync_id: u16, 64, 16 = 0;
        /// Unused engine.
        eng3_sync_id: u16, 80, 16 = 0;
        /// What a fill writes.
        constant_value: u32, 96, 32 = 0;
        /// Stride of the source along N, in elements.
        src_nstride: u32, 128, 32 = 0;
        /// Stride of the source along C, in elements.
        src_cstride: u32, 160, 32 = 0;
        /// Stride of the source along H, in elements.
        src_hstride: u32, 192, 32 = 0;
        /// Stride of the source along W, in elements.
        src_wstride: u32, 224, 32 = 0;
        /// Stride of the destination along N, in elements.
        dst_nstride: u32, 256, 32 = 0;
        /// Stride of the destination along C, in elements.
        dst_cstride: u32, 288, 32 = 0;
        /// Stride of the destination along H, in elements.
        dst_hstride: u32, 320, 32 = 0;
        /// Stride of the destination along W, in elements.
        dst_wstride: u32, 352, 32 = 0;
        /// Size of the source along N.
        src_nsize: u16, 384, 16 = 0;
        /// Size of the source along C.
        src_csize: u16, 400, 16 = 0;
        /// Size of the source along H.
        src_hsize: u16, 416, 16 = 0;
        /// Size of the source along W.
        src_wsize: u16, 432, 16 = 0;
        /// Size of the destination along N.
        dst_nsize: u16, 448, 16 = 0;
        /// Size of the destination along C.
        dst_csize: u16, 464, 16 = 0;
        /// Size of the destination along H.
        dst_hsize: u16, 480, 16 = 0;
        /// Size of the destination along W.
        dst_wsize: u16, 496, 16 = 0;
        /// Lower 32 bits of the source's address.
        src_start_addr_l32: u32, 512, 32 = 0;
        /// Lower 32 bits of the destination's address.
        dst_start_addr_l32: u32, 544, 32 = 0;
        /// Upper 8 bits of the source's address.
        src_start_addr_h8: u8, 576, 8 = 0;
        /// Upper 8 bits of the destination's address.
        dst_start_addr_h8: u8, 584, 8 = 0;
        /// Unknown; 0.
        src_hshift: u32, 592, 24 = 0;
        /// Unknown; 0.
        src_wshift: u8, 616, 8 = 0;
        /// Unknown; 0.
        dst_hshift: u8, 624, 8 = 0;
        /// Unknown; 0.
        dst_wshift: u8, 632, 8 = 0;
        /// Lanes 0 to 31 that take part.
        localmem_mask_l32: u32, 640, 32 = u32::MAX;
        /// Lanes 32 to 63 that take part.
        localmem_mask_h32: u32, 672, 32 = u32::MAX;
        /// Debugging.
        single_step: bool, 704, 1 = false;
        /// Debugging.
        debug_mode: bool, 705, 1 = false;
    }
}

/// Elements along N, C, H, W: sizes or strides.
pub type Nchw = [u32; 4];

impl Gdma {
    /// The source's address.
    pub fn source(&self) -> u64 {
        u64::from(self.src_start_addr_h8) << 32 | u64::from(self.src_start_addr_l32)
    }

    /// The destination's address.
    pub fn destination(&self) -> u64 {
        u64::from(self.dst_start_addr_h8) << 32 | u64::from(self.dst_start_addr_l32)
    }

    /// Sets the source's address, of which the lower 40 bits count.
    pub fn set_source(&mut self, address: u64) {
        (self.src_start_addr_h8, self.src_start_addr_l32) = split(address);
    }

    /// Sets the destination's address, of which the lower 40 bits count.
    pub fn set_destination(&mut self, address: u64) {
        (self.dst_start_addr_h8, self.dst_start_addr_l32) = split(address);
    }

    /// Sizes and strides of the source.
    pub fn source_layout(&self) -> [Nchw; 2] {
        let sizes = [self.src_nsize, self.src_csize, self.src_hsize, self.src_wsize];
        let strides = [self.src_nstride, self.src_cstride, self.src_hstride, self.src_wstride];
        [sizes.map(u32::from), strides]
    }

    /// Sizes and strides of the destination.
    pub fn destination_layout(&self) -> [Nchw; 2] {
        let sizes = [self.dst_nsize, self.dst_csize, self.dst_hsize, self.dst_wsize];
        let strides = [self.dst_nstride, self.dst_cstride, self.dst_hstride, self.dst_wstride];
        [sizes.map(u32::from), strides]
    }
}

/// The upper 8 and the lower 32 of an address' 40 bits.
fn split(address: u64) -> (u8, u32) {
    let [a, b, c, d, upper, ..] = address.to_le_bytes();
    (upper, u32::from_le_bytes([a, b, c, d]))
}
