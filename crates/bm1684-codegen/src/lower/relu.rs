use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::layers::{Clip, Relu, Relu6};
use umodel::{Arithmetic, DType};

use super::block::{Elements, Value};
use super::{Job, Lower, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;

impl Lower for Relu {
    fn forms() -> &'static [Form] {
        &[Form::Relu, Form::LeakyRelu, Form::Renamed]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let leak = match job.site.arithmetic() {
            Arithmetic::Same => None,
            Arithmetic::LeakyRelu(leak) => Some(*leak),
            Arithmetic::Table(_) => return Err(job.site.without_code(Int8Form::Table)),
            _ => return Err(job.site.without_code(Int8Form::Type)),
        };
        if self.renames(&job.site) {
            return Ok(Form::Renamed);
        }
        let temporaries: &[usize] = if leak.is_some() { &[1, 1] } else { &[] };
        let all = Elements::integers(&[job.bottom(0)], job.top(0), job.site.bottom_words(0));
        let all = all.temporaries(temporaries);
        let zero = Value::Integer(0, Precision::I8, true);
        all.lower(job.emitter, |emitter, block| {
            let at = |buffer| (buffer, Precision::I8, true);
            let (x, y) = (at(block.inputs[0]), at(block.output));
            let Some(leak) = leak else {
                block.compute(emitter, Op::Max, y, x, zero, [0, 0]);
                return;
            };
            let (above, below) = (at(block.temporaries[0]), at(block.temporaries[1]));
            let factor = Value::Integer(leak.multiplier.into(), Precision::I8, true);
            block.compute(emitter, Op::Max, above, x, zero, [0, 0]);
            block.compute(emitter, Op::Min, below, x, zero, [0, 0]);
            block.compute(emitter, Op::Mul, below, below, factor, [0, leak.right_shift]);
            let below = Value::In(below.0, Precision::I8, true);
            block.compute(emitter, Op::Add, y, above, below, [0, 0]);
        })?;
        Ok(if leak.is_some() { Form::LeakyRelu } else { Form::Relu })
    }

    /// Nothing is below zero in an unsigned blob.
    fn renames(&self, site: &Site<'_>) -> bool {
        matches!(site.arithmetic(), Arithmetic::Same) && site.bottom_format(0).dtype == DType::U8
    }
}

/// Of integers that do not reach the upper limit only those below zero change.
macro_rules! limited {
    ($($name:ident),*) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[Form::Relu, Form::Renamed]
            }

            fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
                Relu { negative_slope: 0.0 }.lower(job)
            }

            fn renames(&self, site: &Site<'_>) -> bool {
                Relu { negative_slope: 0.0 }.renames(site)
            }
        })*
    };
}
limited!(Clip, Relu6);
