use crate::field::{codes, command};

codes! {
    /// The units of the TIU.
    Task {
        /// Convolution.
        Conv = 0 "conv",
        /// Depthwise convolution and pooling.
        Depthwise = 1 "pord",
        /// Matrix product.
        MatMul = 2 "mm",
        /// Arithmetic, element by element; see [`Arithmetic`].
        Arithmetic = 3 "ar",
        /// Second form of the matrix product.
        MatMul2 = 4 "mm2",
        /// Correlation.
        Correlate = 5 "cc",
        /// Table look-up.
        LookUp = 6 "lut",
        /// Multi-dimensional sum.
        Sum = 7 "md_sum",
        /// Multi-dimensional operation with a scalar.
        Scalar = 8 "md_scalar",
        /// Special functions; operations as in [`Arithmetic`].
        Special = 9 "md_sfu",
        /// Multi-dimensional linear operation.
        Linear = 10 "md_linear",
        /// Rearrangement of local memory.
        Rearrange = 11 "lma",
        /// Decompression of weights.
        Decompress = 12 "decompress",
        /// Comparison with selection.
        Compare = 13 "md_cmp",
        /// Vector correlation.
        VectorCorrelate = 14 "vc",
    }
}

codes! {
    /// Operations of the arithmetic and special-function units: values of `tsk_eu_typ`.
    Arithmetic {
        /// a · b.
        Mul = 0 "mul",
        /// a · b + result.
        Mac = 1 "mac",
        /// a + b.
        Add = 2 "add",
        /// a − b.
        Sub = 3 "sub",
        /// The larger one.
        Max = 4 "max",
        /// The smaller one.
        Min = 5 "min",
        /// a shifted by b.
        Shift = 6 "shift",
        /// Bitwise and.
        And = 7 "and",
        /// Bitwise or.
        Or = 8 "or",
        /// Bitwise exclusive or.
        Xor = 9 "xor",
        /// Selection by greater.
        SelectGreater = 10 "select_gt",
        /// Selection by equality.
        SelectEqual = 11 "select_eq",
        /// a / b.
        Divide = 12 "div",
        /// Taylor series.
        Taylor = 13 "taylor",
        /// fp32 to integer, truncating.
        ToInteger = 14 "f2i",
        /// Normalises an integer.
        IntegerNormalize = 15 "inorm",
        /// Normalises an fp32 number.
        FloatNormalize = 16 "fnorm",
        /// 1/√a.
        ReciprocalRoot = 17 "rsqrt",
        /// Sum by a tree.
        AddTree = 18 "add_tree",
        /// Copy.
        Copy = 19 "copy",
        /// Sum of squares.
        SquareSum = 20 "square_sum",
        /// Squared difference.
        SquareDifference = 21 "square_diff",
        /// Comparison.
        Compare = 22 "cmp",
        /// Selection.
        Select = 23 "select",
        /// Comparison and selection.
        CompareSelect = 24 "cmp_select",
    }
}

codes! {
    /// Element types of the TIU.
    Precision {
        /// 8-bit integer.
        I8 = 0 "i8",
        /// 16-bit floating point.
        F16 = 1 "f16",
        /// 32-bit floating point, and any 32-bit word that is only moved.
        F32 = 2 "f32",
        /// 16-bit integer.
        I16 = 3 "i16",
        /// 32-bit integer.
        I32 = 4 "i32",
    }
}

impl Precision {
    /// How many images share one 32-bit word of local memory.
    pub fn images_per_word(self) -> usize {
        match self {
            Precision::I8 => 4,
            Precision::F16 | Precision::I16 => 2,
            Precision::F32 | Precision::I32 => 1,
        }
    }
}

command! {
    /// A command of the TIU, the engine that computes in local memory.
    ///
    /// Members have the vendor's names and default to what its compiler writes for int8.
    Tiu {
        /// The command is valid.
        cmd_en: bool, 0, 1 = true;
        /// Last command of the stream; the runtime sets it.
        cmd_end: bool, 1, 1 = false;
        /// The command has an id.
        cmd_id_en: bool, 2, 1 = true;
        /// Own id, counted from 1.
        cmd_id_tpu: u16, 3, 16 = 0;
        /// The GDMA command that must have finished; 0 for none.
        cmd_id_gdma: u16, 19, 16 = 0;
        /// Unused.
        cmd_keep: bool, 35, 1 = false;
        /// Interrupt when done.
        cmd_intr_en: bool, 36, 1 = false;
        /// Which unit computes.
        tsk_typ: Task, 37, 4 = Task::Conv;
        /// The unit's operation.
        tsk_eu_typ: u8, 41, 5 = 0;
        /// Number of operands.
        tsk_opd_num: u8, 46, 2 = 0;
        /// Bits shifted out of the result, half rounding up.
        opt_right_shift: u8, 48, 5 = 0;
        /// Bits by which the previous result is shifted before it is added.
        opt_left_shift: u8, 53, 5 = 0;
        /// Arithmetic instead of logical shift.
        opt_shift_typ: bool, 58, 1 = true;
        /// Add to what the result holds.
        opt_res_add: bool, 59, 1 = false;
        /// Clip at 0; an 8-bit result is u8.
        opt_relu: bool, 60, 1 = false;
        /// The left matrix is transposed.
        opt_left_tran: bool, 61, 1 = false;
        /// Winograd weights.
        opt_winograd: bool, 62, 1 = false;
        /// Kernel turned by 180 degrees.
        opt_kernel_rotate: bool, 63, 1 = false;
        /// Whether operand 0 is signed.
        opt_opd0_sign: bool, 64, 1 = false;
        /// Whether operand 1 is signed.
        opt_opd1_sign: bool, 65, 1 = false;
        /// Whether operand 2 is signed.
        opt_opd2_sign: bool, 66, 1 = false;
        /// Precision of the first result.
        opt_res0_prec: Precision, 67, 3 = Precision::I8;
        /// Precision of operand 0.
        opt_opd0_prec: Precision, 70, 3 = Precision::I8;
        /// Precision of operand 1.
        opt_opd1_prec: Precision, 73, 3 = Precision::I8;
        /// Precision of operand 2.
        opt_opd2_prec: Precision, 76, 3 = Precision::I16;
        /// Whether the address of operand 0 holds its only value.
        opt_opd0_const: bool, 79, 1 = false;
        /// Whether the address of operand 1 holds its only value.
        opt_opd1_const: bool, 80, 1 = false;
        /// Whether the address of operand 2 holds its only value.
        opt_opd2_const: bool, 81, 1 = false;
        /// Layout of the first result: 0 aligned, 1 or 2 compact, 3 by the strides.
        short_res0_str: u8, 82, 3 = 0;
        /// Layout of operand 0: 0 aligned, 1 or 2 compact, 3 by the strides.
        short_opd0_str: u8, 85, 3 = 0;
        /// Layout of operand 1: 0 aligned, 1 or 2 compact, 3 by the strides.
        short_opd1_str: u8, 88, 3 = 0;
        /// Layout of operand 2: 0 aligned, 1 or 2 compact, 3 by the strides.
        short_opd2_str: u8, 91, 3 = 0;
        /// Zeros inserted between columns of operand 0.
        opd0_x_ins0: u8, 94, 4 = 0;
        /// Zeros inserted between rows of operand 0.
        opd0_y_ins0: u8, 98, 4 = 0;
        /// Zeros inserted between columns of the kernel: dilation less 1.
        opd1_x_ins0: u8, 102, 4 = 0;
        /// Zeros inserted between rows of the kernel: dilation less 1.
        opd1_y_ins0: u8, 106, 4 = 0;
        /// Rows of padding above.
        opd0_up_pad: u8, 110, 4 = 0;
        /// Rows of padding below.
        opd0_dn_pad: u8, 114, 4 = 0;
        /// Columns of padding on the left.
        opd0_lf_pad: u8, 118, 4 = 0;
        /// Columns of padding on the right.
        opd0_rt_pad: u8, 122, 4 = 0;
        /// Stride along W.
        res_op_x_str: u8, 126, 4 = 1;
        /// Stride along H.
        res_op_y_str: u8, 130, 4 = 1;
        /// Mask of the lanes that take part.
        tsk_lane_num: u64, 134, 64 = u64::MAX;
        /// Size of the first result along N.
        res0_n: u16, 198, 16 = 1;
        /// Size of the first result along C.
        res0_c: u16, 214, 12 = 1;
        /// Size of the first result along H.
        res0_h: u16, 226, 16 = 1;
        /// Size of the first result along W.
        res0_w: u16, 242, 16 = 1;
        /// Size of operand 0 along N.
        opd0_n: u16, 258, 16 = 1;
        /// Size of operand 0 along C.
        opd0_c: u16, 274, 12 = 1;
        /// Size of operand 0 along H.
        opd0_h: u16, 286, 16 = 1;
        /// Size of operand 0 along W.
        opd0_w: u16, 302, 16 = 1;
        /// Size of operand 1 along N.
        opd1_n: u16, 318, 12 = 1;
        /// Size of operand 1 along C.
        opd1_c: u16, 330, 12 = 1;
        /// Size of operand 1 along H.
        opd1_h: u16, 342, 16 = 1;
        /// Size of operand 1 along W.
        opd1_w: u16, 358, 16 = 1;
        /// Unknown; 0.
        res0_h_shift: u8, 374, 4 = 0;
        /// Unknown; 0.
        res0_w_shift: u8, 378, 4 = 0;
        /// Unknown; 0.
        opd0_h_shift: u8, 382, 4 = 0;
        /// Unknown; 0.
        opd0_w_shift: u8, 386, 4 = 0;
        /// Unknown; 0.
        opd1_h_shift: u8, 390, 4 = 0;
        /// Unknown; 0.
        opd1_w_shift: u8, 394, 4 = 0;
        /// Stride of the first result along N, in storage units.
        res0_n_str: u32, 398, 19 = 1;
        /// Stride of the first result along C, in storage units.
        res0_c_str: u32, 417, 19 = 1;
        /// Stride of operand 0 along N, in storage units.
        opd0_n_str: u32, 436, 19 = 1;
        /// Stride of operand 0 along C, in storage units.
        opd0_c_str: u32, 455, 19 = 1;
        /// Stride of operand 1 along N, in storage units.
        opd1_n_str: u32, 474, 19 = 1;
        /// Stride of operand 1 along C, in storage units.
        opd1_c_str: u32, 493, 19 = 1;
        /// Stride of operand 2 along N, in storage units.
        opd2_n_str: u32, 512, 19 = 1;
        /// Stride of operand 2 along C, in storage units.
        opd2_c_str: u32, 531, 19 = 1;
        /// The previous result is signed.
        opt_res_add_sign: bool, 550, 1 = false;
        /// Operand 0 is shared by all images.
        opd0_neq1: bool, 551, 1 = false;
        /// Operand 1 is shared by all images.
        opd1_neq1: bool, 552, 1 = false;
        /// Whether the address of operand 3 holds its only value.
        opt_opd3_const: bool, 553, 1 = false;
        /// Unused.
        rsvd0: u32, 554, 22 = 0;
        /// Address of the first result.
        res0_addr: u32, 576, 32 = 0;
        /// Address of operand 0.
        opd0_addr: u32, 608, 32 = 0;
        /// Address of operand 1.
        opd1_addr: u32, 640, 32 = 0;
        /// Address of operand 2.
        opd2_addr: u32, 672, 32 = 0;
        /// Stride of the first result along H, in storage units.
        res0_h_str: u32, 704, 32 = 1;
        /// Stride of the first result along W, in storage units.
        res0_w_str: u32, 736, 32 = 1;
        /// Stride of operand 0 along H, in storage units.
        opd0_h_str: u32, 768, 32 = 1;
        /// Stride of operand 0 along W, in storage units.
        opd0_w_str: u32, 800, 32 = 1;
        /// Stride of operand 1 along H, in storage units.
        opd1_h_str: u32, 832, 32 = 1;
        /// Stride of operand 1 along W, in storage units.
        opd1_w_str: u32, 864, 32 = 1;
        /// Stride of operand 2 along H, in storage units.
        opd2_h_str: u32, 896, 32 = 1;
        /// Stride of operand 2 along W, in storage units.
        opd2_w_str: u32, 928, 32 = 1;
        /// Address of the second result.
        res1_addr: u32, 960, 32 = 0;
        /// Address of operand 3.
        opd3_addr: u32, 992, 32 = 0;
    }
}

impl Tiu {
    /// The operation of an arithmetic or special-function command.
    pub fn operation(&self) -> Option<Arithmetic> {
        crate::field::Bits::from_bits(u64::from(self.tsk_eu_typ))
    }
}
