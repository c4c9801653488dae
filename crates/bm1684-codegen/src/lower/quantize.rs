use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::DType;
use umodel::layers::Quantize;

use super::block::{Block, Cell, Value};
use super::elements::Elements;
use super::relayout::{group, set_byte};
use super::{Job, Lower};
use crate::emit::Emitter;
use crate::error::Reason;
use crate::form::Form;
use crate::plan::split;

impl Lower for Quantize {
    fn forms() -> &'static [Form] {
        &[Form::Quantize]
    }

    /// Up to four images become one word.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let format = job.site.top_format(0);
        let (images, values) = split(job.site.bottom_shape(0));
        for first in (0..images).step_by(4) {
            let count = (images - first).min(4);
            let from: Vec<u64> = (first..first + count)
                .map(|image| job.bottom(0) + 4 * (image * values) as u64)
                .collect();
            let to = job.top(0) + group(first, values);
            job.emitter.begin_layer();
            let all = Elements { images: 1, ..Elements::integers(&from, to, values) };
            all.temporaries(&[1, 1]).lower(job.emitter, |emitter, block| {
                let [v, half] = [block.temporaries[0], block.temporaries[1]];
                for (k, &x) in block.inputs.iter().enumerate() {
                    to_integer(emitter, block, x, [v, half], format.scale, format.dtype);
                    set_byte(emitter, block, block.output, v, k);
                }
            })?;
        }
        Ok(Form::Quantize)
    }
}

/// `v = trunc(clip(u + copysign(0.5, u)))` with `u = x / scale`.
fn to_integer(
    emitter: &mut Emitter,
    block: &Block,
    x: Cell,
    [v, half]: [Cell; 2],
    scale: f32,
    dtype: DType,
) {
    let (least, most) = if dtype == DType::I8 { (-128.0, 127.0) } else { (0.0, 255.0) };
    let integer = |value: u32| Value::Integer(value.cast_signed(), Precision::I32, true);
    block.compute(emitter, Op::Mul, v.f32(), x.f32(), Value::Float(1.0 / scale), [0, 0]);
    block.compute(emitter, Op::And, half.i32(), v.i32(), integer(0x8000_0000), [0, 0]);
    let point_five = integer(0.5f32.to_bits());
    block.compute(emitter, Op::Or, half.i32(), half.i32(), point_five, [0, 0]);
    block.compute(emitter, Op::Add, v.f32(), v.f32(), Value::In(half.f32()), [0, 0]);
    block.compute(emitter, Op::Max, v.f32(), v.f32(), Value::Float(least), [0, 0]);
    block.compute(emitter, Op::Min, v.f32(), v.f32(), Value::Float(most), [0, 0]);
    block.to_integer(emitter, v, v);
}
