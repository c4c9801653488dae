use bm1684_isa::commands::Precision;
use umodel::layers::PRelu;
use umodel::{Arithmetic, DType};

use super::block::{Elements, Port, Value};
use super::relu::leaky;
use super::{Job, Lower, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;

impl Lower for PRelu {
    fn forms() -> &'static [Form] {
        &[Form::LeakyRelu, Form::Prelu, Form::Renamed]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let (slopes, right_shift) = match job.site.arithmetic() {
            Arithmetic::Prelu { slopes, right_shift } => (slopes, *right_shift),
            Arithmetic::Same => return Ok(Form::Renamed),
            _ => return Err(job.site.without_code(Int8Form::Type)),
        };
        let all = Elements::integers(&[job.bottom(0)], job.top(0), job.site.bottom_words(0));
        if let (1, Some(&slope)) = (slopes.len(), slopes.first()) {
            let factor = Value::Integer(slope.into(), Precision::I8, true);
            all.temporaries(&[1, 1])
                .lower(job.emitter, |emitter, block| leaky(emitter, block, factor, right_shift))?;
            return Ok(Form::LeakyRelu);
        }
        // A word for each channel, with its slope for each of four images.
        let words: Vec<u8> = slopes.iter().flat_map(|slope| [slope.cast_unsigned(); 4]).collect();
        let address = job.coefficients(&words);
        let (images, values) = split(job.site.bottom_shape(0));
        let inner = values / slopes.len().max(1);
        let port = |address, strides| Port { address, strides };
        let dense = vec![values, inner, 1];
        let all = Elements {
            sizes: vec![images.div_ceil(4), slopes.len(), inner],
            inputs: vec![port(job.bottom(0), dense.clone()), port(address, vec![0, 1, 0])],
            output: port(job.top(0), dense),
            ..all
        };
        let all = all.temporaries(&[1, 1]).joined();
        all.lower(job.emitter, |emitter, block| {
            leaky(emitter, block, Value::In(block.inputs[1].i8(true)), right_shift);
        })?;
        Ok(Form::Prelu)
    }

    /// Nothing is below zero in an unsigned blob.
    fn renames(&self, site: &Site<'_>) -> bool {
        matches!(site.arithmetic(), Arithmetic::Same) && site.bottom_format(0).dtype == DType::U8
    }
}
