use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::DType;
use umodel::layers::Dequantize;

use super::block::{Elements, Kind, Port, Value};
use super::relayout::byte_of;
use super::{Job, Lower};
use crate::error::Reason;
use crate::form::Form;
use crate::plan::split;

impl Lower for Dequantize {
    fn forms() -> &'static [Form] {
        &[Form::Dequantize]
    }

    /// `x · scale`, image by image; the GDMA turns bytes into fp32 on the way.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let format = job.site.bottom_format(0);
        let signed = format.dtype == DType::I8;
        let (images, values) = split(job.site.bottom_shape(0));
        for image in 0..images {
            let address = job.bottom(0) + byte_of(image, values);
            let port = |address, kind| Port { address, kind, strides: vec![1] };
            let to = job.top(0) + 4 * (image * values) as u64;
            let all = Elements {
                inputs: vec![port(address, Kind::Bytes { signed })],
                images: 1,
                ..Elements::integers(&[], to, values)
            };
            job.emitter.begin_layer();
            all.lower(job.emitter, |emitter, block| {
                let float = |buffer| (buffer, Precision::F32, true);
                let (x, y) = (float(block.inputs[0]), float(block.output));
                block.compute(emitter, Op::Mul, y, x, Value::Float(format.scale), [0, 0]);
            })?;
        }
        Ok(Form::Dequantize)
    }
}
