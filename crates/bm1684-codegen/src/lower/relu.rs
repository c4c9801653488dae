use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::layers::{Clip, Relu, Relu6};
use umodel::{Arithmetic, DType};

use super::block::{Block, Value};
use super::table::table;
use super::work::{ElementWork, Work};
use super::{Bottoms, Job, Lower, Pool, Site};
use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;

/// What a ReLU does, and how that is called.
fn elements<'a>(site: &Site<'a>) -> Result<(ElementWork<'a>, Form), Reason> {
    match site.arithmetic() {
        Arithmetic::Same => {
            let zero = Value::Integer(0, Precision::I8, true);
            let work = ElementWork::new(&[], move |emitter, block| {
                let (x, y) = (block.inputs[0].i8(true), block.output.i8(true));
                block.compute(emitter, Op::Max, y, x, zero, [0, 0]);
            });
            Ok((work, Form::Relu))
        }
        &Arithmetic::LeakyRelu(leak) => {
            let factor = Value::Integer(leak.multiplier.into(), Precision::I8, true);
            let work = ElementWork::new(&[1, 1], move |emitter, block| {
                leaky(emitter, block, factor, leak.right_shift);
            });
            Ok((work, Form::LeakyRelu))
        }
        Arithmetic::Table(results) => Ok((table(results), Form::Table)),
        _ => Err(site.without_code(Int8Form::Type)),
    }
}

impl Lower for Relu {
    fn forms() -> &'static [Form] {
        &[Form::Relu, Form::LeakyRelu, Form::Table, Form::Renamed]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        if self.renames(&job.site) {
            return Ok(Form::Renamed);
        }
        let (work, form) = elements(&job.site)?;
        work.lower(job)?;
        Ok(form)
    }

    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, _: &mut Pool) -> Option<(Work<'a>, Form)> {
        elements(site).ok().map(|(work, form)| (Work::Elements(work), form))
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

            fn work<'a>(
                &self,
                site: &Site<'a>,
                bottoms: &Bottoms,
                pool: &mut Pool,
            ) -> Option<(Work<'a>, Form)> {
                Relu { negative_slope: 0.0 }.work(site, bottoms, pool)
            }

            fn renames(&self, site: &Site<'_>) -> bool {
                Relu { negative_slope: 0.0 }.renames(site)
            }
        })*
    };
}
limited!(Clip, Relu6);
