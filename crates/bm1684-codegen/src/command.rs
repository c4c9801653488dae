//! Commands from sizes and addresses. Fields that are not mentioned keep the vendor's constants.

use bm1684_isa::commands::{Arithmetic, Direction, Format, Function, Gdma, Precision, Task, Tiu};
use bm1684_isa::memory::{Layout, local_address};

/// Sizes or strides along N, C, H, W.
pub(crate) type Sizes = [usize; 4];

fn words(sizes: Sizes) -> [u32; 4] {
    sizes.map(narrow)
}

/// A size or stride as a field has it. Tiles keep sizes within fields; strides count elements of memories
/// that have fewer than 2^32, for a plan of more than 4 GiB is refused before there are commands.
fn narrow<T: TryFrom<usize>>(value: usize) -> T {
    let Ok(narrow) = T::try_from(value) else {
        unreachable!("{value} is beyond what tiles and memories have")
    };
    narrow
}

/// Moves `sizes` elements between DDR and local memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    /// Element type on the side of DDR; local memory has the same, or words after a conversion.
    pub(crate) format: Format,
    pub(crate) sizes: Sizes,
    pub(crate) ddr: u64,
    pub(crate) ddr_strides: Sizes,
    /// Byte of lane 0.
    pub(crate) local: usize,
    pub(crate) local_strides: Sizes,
}

impl Move {
    pub(crate) fn load(&self) -> Gdma {
        let source = (self.ddr, self.sizes, self.ddr_strides, self.format);
        let address = local_address(0, self.local).into();
        copy(Direction::DdrToLocal, source, (address, self.sizes, self.local_strides, self.format))
    }

    pub(crate) fn store(&self) -> Gdma {
        let destination = (self.ddr, self.sizes, self.ddr_strides, self.format);
        let address = local_address(0, self.local).into();
        copy(
            Direction::LocalToDdr,
            (address, self.sizes, self.local_strides, self.format),
            destination,
        )
    }
}

type Side = (u64, Sizes, Sizes, Format);

/// Copies between any two places.
pub(crate) fn copy(direction: Direction, source: Side, destination: Side) -> Gdma {
    let (address, sizes, strides, format) = source;
    let mut command = Gdma { direction, src_data_format: format, ..Gdma::default() };
    command.set_source(address);
    [command.src_nsize, command.src_csize, command.src_hsize, command.src_wsize] =
        sizes.map(narrow);
    [command.src_nstride, command.src_cstride, command.src_hstride, command.src_wstride] =
        words(strides);
    let (address, sizes, strides, format) = destination;
    command.dst_data_format = format;
    command.set_destination(address);
    [command.dst_nsize, command.dst_csize, command.dst_hsize, command.dst_wsize] =
        sizes.map(narrow);
    [command.dst_nstride, command.dst_cstride, command.dst_hstride, command.dst_wstride] =
        words(strides);
    command
}

/// Writes one value to a part of local memory.
pub(crate) fn fill(format: Format, value: u32, local: usize, layout: Layout) -> Gdma {
    let mut command = Gdma {
        direction: Direction::LocalToLocal,
        special_func: Function::Fill,
        constant_value: value,
        src_data_format: format,
        dst_data_format: format,
        ..Gdma::default()
    };
    command.set_destination(local_address(0, local).into());
    [command.dst_nsize, command.dst_csize, command.dst_hsize, command.dst_wsize] =
        layout.sizes.map(narrow);
    [command.dst_nstride, command.dst_cstride, command.dst_hstride, command.dst_wstride] =
        words(layout.strides);
    command
}

/// Writes one word to a part of DDR; strides count words.
pub(crate) fn fill_ddr(value: u32, address: u64, sizes: Sizes, strides: Sizes) -> Gdma {
    let destination = (address, sizes, strides, Format::Word);
    let nothing = (0, [0; 4], [0; 4], Format::Word);
    Gdma {
        special_func: Function::Fill,
        constant_value: value,
        ..copy(Direction::DdrToDdr, nothing, destination)
    }
}

/// What convolutions, depthwise convolutions and pooling have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowCommand {
    /// Images, a multiple of 4, and the output's channels, height, width.
    pub(crate) output: Sizes,
    /// Input channels, height, width.
    pub(crate) input: [usize; 3],
    /// Words from one channel of the input to the next one in its lane, where those are not as close as lines allow;
    /// convolutions only.
    pub(crate) plane: Option<usize>,
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
    pub(crate) dilation: [usize; 2],
    /// Zeros between two inputs.
    pub(crate) insert: [usize; 2],
    /// Whether the kernel is turned by half a circle.
    pub(crate) turned: bool,
    /// Above, below, left, right.
    pub(crate) pad: [usize; 4],
    /// Whether all operands are fp32.
    pub(crate) float: bool,
    /// One fp32 weight for all.
    pub(crate) number: Option<f32>,
    pub(crate) right_shift: u8,
    pub(crate) relu: bool,
    pub(crate) input_signed: bool,
    pub(crate) weights_signed: bool,
    /// Bytes of lane 0.
    pub(crate) output_at: usize,
    pub(crate) input_at: usize,
    pub(crate) weights_at: usize,
    pub(crate) bias_at: Option<usize>,
}

impl WindowCommand {
    fn common(&self, task: Task) -> Tiu {
        let [images, channels, height, width] = self.output;
        let [up, down, left, right] = self.pad;
        Tiu {
            tsk_typ: task,
            tsk_opd_num: if self.bias_at.is_some() { 3 } else { 2 },
            opt_right_shift: self.right_shift,
            opt_relu: self.relu || self.float,
            // Of fp32 operands the vendor calls all but the first signed, which means nothing.
            opt_opd0_sign: self.input_signed && !self.float,
            opt_opd1_sign: self.weights_signed || self.float,
            opt_opd2_sign: self.bias_at.is_some() || self.float,
            opd1_x_ins0: narrow(self.dilation[1] - 1),
            opd1_y_ins0: narrow(self.dilation[0] - 1),
            opd0_x_ins0: narrow(self.insert[1]),
            opd0_y_ins0: narrow(self.insert[0]),
            opt_kernel_rotate: self.turned,
            opd0_up_pad: narrow(up),
            opd0_dn_pad: narrow(down),
            opd0_lf_pad: narrow(left),
            opd0_rt_pad: narrow(right),
            res_op_x_str: narrow(self.stride[1]),
            res_op_y_str: narrow(self.stride[0]),
            res0_n: narrow(images),
            res0_c: narrow(channels),
            res0_h: narrow(height),
            res0_w: narrow(width),
            opd0_h: narrow(self.input[1]),
            opd0_w: narrow(self.input[2]),
            opd1_h: narrow(self.kernel[0]),
            opd1_w: narrow(self.kernel[1]),
            res0_addr: local_address(0, self.output_at),
            opd0_addr: local_address(0, self.input_at),
            opd1_addr: local_address(0, self.weights_at),
            opd2_addr: self.bias_at.map_or(0, |offset| local_address(0, offset)),
            ..self.precisions()
        }
    }

    /// Operands of 8 bits with a bias of 16, or all fp32. The vendor sets the ReLU bit in all fp32 commands, where it has
    /// no effect.
    fn precisions(&self) -> Tiu {
        if !self.float {
            return Tiu::default();
        }
        let all = Precision::F32;
        Tiu {
            opt_res0_prec: all,
            opt_opd0_prec: all,
            opt_opd1_prec: all,
            opt_opd2_prec: all,
            ..Tiu::default()
        }
    }

    /// A convolution over all input channels.
    pub(crate) fn convolution(&self) -> Tiu {
        let [channels, height, width] = self.input;
        let groups = if self.float { self.output[0] } else { self.output[0].div_ceil(4) };
        let [n, c, h, w] =
            words(Layout::local_aligned([groups, channels, height, width], 4, 0).strides);
        let c = self.plane.map_or(c, |plane| words([plane; 4])[0]);
        let [kernel_h, kernel_w] = self.kernel;
        // Words of four inputs, or pairs of fp32 ones, follow each other under every tap.
        let depth = channels.div_ceil(if self.float { 2 } else { 4 });
        // The input lies aligned. The vendor states strides all the same, and for int8 that is not turned they count.
        let [n, c, h, w] = if self.float { [1; 4] } else { [n, c, h, w] };
        Tiu {
            short_opd0_str: if self.float || self.turned { 0 } else { 3 },
            short_opd1_str: 3,
            short_opd2_str: if self.float { 2 } else { 1 },
            opd0_c: narrow(channels),
            opd0_n_str: n,
            opd0_c_str: c,
            opd0_h_str: h,
            opd0_w_str: w,
            opd1_n_str: 1,
            opd1_c_str: narrow(kernel_h * kernel_w * depth),
            opd1_h_str: narrow(kernel_w * depth),
            opd1_w_str: narrow(depth),
            ..self.common(Task::Conv)
        }
    }

    /// A convolution of each channel by itself.
    pub(crate) fn depthwise(&self) -> Tiu {
        let mut command = Tiu {
            tsk_eu_typ: Arithmetic::Mac.code(),
            short_opd2_str: 2,
            ..self.common(Task::Depthwise)
        };
        if let Some(number) = self.number {
            command.opt_opd1_const = true;
            command.opd1_addr = number.to_bits();
        }
        command
    }

    /// The largest value under the kernel.
    pub(crate) fn max_pooling(&self) -> Tiu {
        Tiu {
            tsk_eu_typ: Arithmetic::Max.code(),
            tsk_opd_num: 1,
            short_opd2_str: 2,
            opd1_addr: 0,
            opt_opd1_sign: self.float,
            opt_opd2_sign: self.float,
            ..self.common(Task::Depthwise)
        }
    }
}

/// An operand of an element-wise command.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand {
    /// In local memory.
    At(View),
    /// One integer for all.
    Integer(i32, Precision, bool),
    /// One fp32 number for all.
    Float(f32),
}

/// Where an operand lies: one word for each element, or, of several images, one for four or two of
/// them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Byte of lane 0.
    pub(crate) offset: usize,
    /// In words.
    pub(crate) strides: Sizes,
    pub(crate) precision: Precision,
    pub(crate) signed: bool,
}

/// `result = a op b` for images, channels, height, width; for [`Arithmetic::Mac`] the result is also
/// an operand.
pub(crate) fn arithmetic(
    operation: Arithmetic,
    sizes: Sizes,
    result: View,
    a: Operand,
    b: Option<Operand>,
) -> Tiu {
    let (a, b) = as_the_vendor_has_them(operation, result.precision, a, b);
    let mut command = Tiu {
        tsk_typ: Task::Arithmetic,
        tsk_eu_typ: operation.code(),
        tsk_opd_num: if b.is_some() { 2 } else { 1 },
        opt_res_add_sign: operation == Arithmetic::Mac && result.precision == Precision::I16,
        ..elementwise(sizes, result)
    };
    match a {
        Operand::At(view) => set_operand0(&mut command, view),
        Operand::Integer(..) | Operand::Float(_) => {
            let (bits, precision, signed) = constant(a);
            command.opt_opd0_const = true;
            command.opd0_addr = bits;
            command.opt_opd0_prec = precision;
            command.opt_opd0_sign = signed;
        }
    }
    match b {
        Some(Operand::At(view)) => {
            command.opd1_addr = local_address(0, view.offset);
            command.opt_opd1_prec = view.precision;
            command.opt_opd1_sign = view.signed;
            command.short_opd1_str = 3;
            [command.opd1_n_str, command.opd1_c_str, command.opd1_h_str, command.opd1_w_str] =
                words(view.strides);
        }
        Some(b) => {
            let (bits, precision, signed) = constant(b);
            command.opt_opd1_const = true;
            command.opd1_addr = bits;
            command.opt_opd1_prec = precision;
            command.opt_opd1_sign = signed;
        }
        None => {}
    }
    set_unused_bits(&mut command, operation);
    command
}

/// The factors of an integer product in the vendor's order: a constant or the signed one first.
fn as_the_vendor_has_them(
    operation: Arithmetic,
    precision: Precision,
    a: Operand,
    b: Option<Operand>,
) -> (Operand, Option<Operand>) {
    let swapped = operation == Arithmetic::Mul
        && precision == Precision::I16
        && match (a, b) {
            (Operand::At(_), Some(Operand::Integer(..))) => true,
            (Operand::At(a), Some(Operand::At(b))) => !a.signed && b.signed,
            _ => false,
        };
    match b {
        Some(b) if swapped => (b, Some(a)),
        b => (a, b),
    }
}

/// Bits that mean nothing to an operation, as the vendor's compiler sets them.
fn set_unused_bits(command: &mut Tiu, operation: Arithmetic) {
    let precision = command.opt_res0_prec;
    if matches!(precision, Precision::F32 | Precision::I32) {
        (command.opt_opd0_sign, command.opt_opd1_sign) = (false, true);
        command.opt_opd2_prec = precision;
        if operation == Arithmetic::Copy {
            command.opt_opd1_prec = precision;
        }
    }
    // Only shifts look at this one: whether the sign moves in. Shifts of words move zeros in.
    command.opt_shift_typ = match operation {
        Arithmetic::Shift => precision.images_per_word() > 1 && command.opt_opd0_sign,
        Arithmetic::Mul | Arithmetic::Mac => precision.images_per_word() > 1,
        Arithmetic::Add => precision == Precision::I8,
        Arithmetic::Copy => true,
        _ => false,
    };
}

/// `result = trunc(a)`, fp32 to i32.
pub(crate) fn to_integer(sizes: Sizes, result: View, a: View) -> Tiu {
    let mut command = Tiu {
        tsk_typ: Task::Special,
        tsk_eu_typ: Arithmetic::ToInteger.code(),
        tsk_opd_num: 2,
        opt_opd1_sign: true,
        opt_opd1_prec: Precision::F32,
        ..elementwise(sizes, result)
    };
    set_operand0(&mut command, a);
    aligned(&mut command);
    command
}

/// `result = table[low byte of a]`, the table being 256 words at this byte of L2 memory.
pub(crate) fn look_up(sizes: Sizes, result: View, a: View, table: u32) -> Tiu {
    let mut command = Tiu {
        tsk_typ: Task::LookUp,
        tsk_opd_num: 2,
        opt_opd1_sign: true,
        opt_opd1_prec: Precision::F32,
        opd1_h: 8,
        opd1_addr: table,
        ..elementwise(sizes, result)
    };
    set_operand0(&mut command, a);
    aligned(&mut command);
    command
}

/// Result and operand lie aligned, so that no strides are stated.
fn aligned(command: &mut Tiu) {
    let usual = Tiu::default();
    *command = Tiu {
        short_res0_str: 0,
        short_opd0_str: 0,
        opt_opd0_sign: false,
        res0_n_str: usual.res0_n_str,
        res0_c_str: usual.res0_c_str,
        res0_h_str: usual.res0_h_str,
        res0_w_str: usual.res0_w_str,
        opd0_n_str: usual.opd0_n_str,
        opd0_c_str: usual.opd0_c_str,
        opd0_h_str: usual.opd0_h_str,
        opd0_w_str: usual.opd0_w_str,
        ..*command
    };
}

fn elementwise([n, c, h, w]: Sizes, result: View) -> Tiu {
    let [n_str, c_str, h_str, w_str] = words(result.strides);
    Tiu {
        // The vendor sets this bit in all commands on 32-bit words, where it has no effect.
        opt_relu: matches!(result.precision, Precision::F32 | Precision::I32),
        opt_shift_typ: true,
        opt_opd2_sign: true,
        opt_opd2_prec: Precision::F32,
        opt_res0_prec: result.precision,
        short_res0_str: 3,
        short_opd2_str: 2,
        res0_n: narrow(n),
        res0_c: narrow(c),
        res0_h: narrow(h),
        res0_w: narrow(w),
        res0_addr: local_address(0, result.offset),
        res0_n_str: n_str,
        res0_c_str: c_str,
        res0_h_str: h_str,
        res0_w_str: w_str,
        ..Tiu::default()
    }
}

fn set_operand0(command: &mut Tiu, view: View) {
    command.opd0_addr = local_address(0, view.offset);
    command.opt_opd0_prec = view.precision;
    command.opt_opd0_sign = view.signed;
    command.short_opd0_str = 3;
    [command.opd0_n_str, command.opd0_c_str, command.opd0_h_str, command.opd0_w_str] =
        words(view.strides);
}

fn constant(operand: Operand) -> (u32, Precision, bool) {
    match operand {
        Operand::Integer(value, precision, signed) => (value.cast_unsigned(), precision, signed),
        Operand::Float(value) => (value.to_bits(), Precision::F32, true),
        Operand::At(view) => (local_address(0, view.offset), view.precision, view.signed),
    }
}
