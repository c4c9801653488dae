use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::layers::{Clip, Relu, Relu6};
use umodel::{Arithmetic, DType};

use super::block::{Block, Elements, Value};
use super::table::look_up;
use super::{Job, Lower, Site};
use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;

impl Lower for Relu {
    fn forms() -> &'static [Form] {
        &[Form::Relu, Form::LeakyRelu, Form::Table, Form::Renamed]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let leak = match job.site.arithmetic() {
            Arithmetic::Same => None,
            Arithmetic::LeakyRelu(leak) => Some(*leak),
            Arithmetic::Table(_) => return look_up(job),
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
            let (x, y) = (block.inputs[0].i8(true), block.output.i8(true));
            match leak {
                None => block.compute(emitter, Op::Max, y, x, zero, [0, 0]),
                Some(leak) => {
                    let factor = Value::Integer(leak.multiplier.into(), Precision::I8, true);
                    leaky(emitter, block, factor, leak.right_shift);
                }
            }
        })?;
        Ok(if leak.is_some() { Form::LeakyRelu } else { Form::Relu })
    }

    /// Nothing is below zero in an unsigned blob.
    fn renames(&self, site: &Site<'_>) -> bool {
        matches!(site.arithmetic(), Arithmetic::Same) && site.bottom_format(0).dtype == DType::U8
    }
}

/// `sat(max(x, 0) + sat(rsh(min(x, 0)·m, r)))` of signed bytes.
///
/// Temporaries: two of one word.
pub(super) fn leaky(emitter: &mut Emitter, block: &Block, factor: Value, right_shift: u8) {
    let zero = Value::Integer(0, Precision::I8, true);
    let (x, y) = (block.inputs[0].i8(true), block.output.i8(true));
    let [above, below] = [0, 1].map(|index| block.temporaries[index].i8(true));
    block.compute(emitter, Op::Max, above, x, zero, [0, 0]);
    block.compute(emitter, Op::Min, below, x, zero, [0, 0]);
    block.compute(emitter, Op::Mul, below, below, factor, [0, right_shift]);
    block.compute(emitter, Op::Add, y, above, Value::In(below), [0, 0]);
}

/// Of integers that do not reach the upper limit only those below zero change.
macro_rules! limited {
    ($($name:ident),*) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[Form::Relu, Form::Table, Form::Renamed]
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
