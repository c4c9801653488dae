use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::DType;
use umodel::layers::Dequantize;

use super::block::Value;
use super::elements::Elements;
use super::relayout::{byte_of, group};
use super::{Job, Lower};
use crate::error::Reason;
use crate::form::Form;
use crate::plan::split;

impl Lower for Dequantize {
    fn forms() -> &'static [Form] {
        &[Form::Dequantize]
    }

    /// `x · scale`, image by image.
    ///
    /// A byte b becomes fp32 as the last bits of a number's mantissa: `(1 + b·2⁻²³ − 1) · 2²³`. A signed one is moved to
    /// 0…255 before, and back by subtracting 128 more.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let format = job.site.bottom_format(0);
        let (mask, zero) = match format.dtype {
            DType::I8 => (0x80, 0x3f80_0080),
            DType::U8 | DType::F32 => (0, 0x3f80_0000),
        };
        let (images, values) = split(job.site.bottom_shape(0));
        for image in 0..images {
            let from = job.bottom(0) + group(image, values);
            let to = job.top(0) + 4 * (image * values) as u64;
            job.emitter.begin_layer();
            let all = Elements { images: 1, ..Elements::integers(&[from], to, values) };
            all.lower(job.emitter, |emitter, block| {
                let y = block.output;
                byte_of(emitter, block, y, block.inputs[0], image % 4);
                let bits = |value: u32| Value::Integer(value.cast_signed(), Precision::I32, true);
                if mask != 0 {
                    block.compute(emitter, Op::Xor, y.i32(), y.i32(), bits(mask), [0, 0]);
                }
                let one = bits(1.0f32.to_bits());
                block.compute(emitter, Op::Or, y.i32(), y.i32(), one, [0, 0]);
                let y = y.f32();
                let zero = Value::Float(f32::from_bits(zero));
                block.compute(emitter, Op::Sub, y, y, zero, [0, 0]);
                block.compute(emitter, Op::Mul, y, y, Value::Float(8_388_608.0), [0, 0]);
                block.compute(emitter, Op::Mul, y, y, Value::Float(format.scale), [0, 0]);
            })?;
        }
        Ok(Form::Dequantize)
    }
}
