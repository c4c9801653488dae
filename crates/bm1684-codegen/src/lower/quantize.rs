use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::DType;
use umodel::layers::Quantize;

use super::block::{Elements, Kind, Port, Value};
use super::relayout::byte_of;
use super::{Job, Lower};
use crate::command::to_integer;
use crate::error::Reason;
use crate::form::Form;
use crate::plan::split;

impl Lower for Quantize {
    fn forms() -> &'static [Form] {
        &[Form::Quantize]
    }

    /// `trunc(clip(v + copysign(0.5, v)))` with `v = x / scale`, image by image.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let format = job.site.top_format(0);
        let signed = format.dtype == DType::I8;
        let (least, most) = if signed { (-128.0, 127.0) } else { (0.0, 255.0) };
        let (images, values) = split(job.site.bottom_shape(0));
        for image in 0..images {
            let address = job.top(0) + byte_of(image, values);
            let port = |address, kind| Port { address, kind, strides: vec![1] };
            let from = job.bottom(0) + 4 * (image * values) as u64;
            let all = Elements {
                output: port(address, Kind::Bytes { signed }),
                images: 1,
                ..Elements::integers(&[from], address, values)
            };
            let all = all.temporaries(&[1, 1]);
            job.emitter.begin_layer();
            all.lower(job.emitter, |emitter, block| {
                let float = |buffer| (buffer, Precision::F32, true);
                let bits = |buffer| (buffer, Precision::I32, true);
                let integer =
                    |value: u32| Value::Integer(value.cast_signed(), Precision::I32, true);
                let [v, half] = [block.temporaries[0], block.temporaries[1]];
                let scale = Value::Float(1.0 / format.scale);
                let x = float(block.inputs[0]);
                block.compute(emitter, Op::Mul, float(v), x, scale, [0, 0]);
                let sign = integer(0x8000_0000);
                block.compute(emitter, Op::And, bits(half), bits(v), sign, [0, 0]);
                let point_five = integer(0.5f32.to_bits());
                block.compute(emitter, Op::Or, bits(half), bits(half), point_five, [0, 0]);
                let half = Value::In(half, Precision::F32, true);
                block.compute(emitter, Op::Add, float(v), float(v), half, [0, 0]);
                block.compute(emitter, Op::Max, float(v), float(v), Value::Float(least), [0, 0]);
                block.compute(emitter, Op::Min, float(v), float(v), Value::Float(most), [0, 0]);
                let from = block.view(v, Precision::F32, true);
                let to = block.view(block.output, Precision::I32, true);
                emitter.tiu(to_integer(block.words(), to, from), &[v], &[block.output]);
            })?;
        }
        Ok(Form::Quantize)
    }
}
