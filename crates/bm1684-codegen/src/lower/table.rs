//! Functions of one int8 value: a table of the results.

use bm1684_isa::commands::Arithmetic as Op;
use umodel::Arithmetic;
use umodel::layers::{
    AbsVal, Bnll, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, Log, Power, Round, Sigmoid, Swish,
    TanH, Threshold,
};

use super::block::Value;
use super::relayout::right;
use super::work::{ElementWork, Work};
use super::{Bottoms, Job, Lower, Pool, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;

/// `y = table[x]`.
///
/// A look-up reads the lowest byte of a word. So the bytes of a word are brought there one after the other, and for each
/// there is a table that has the results at its byte. Words of fewer images need fewer of them.
pub(super) fn table<'a>(results: &[u8; 256]) -> ElementWork<'a> {
    let tables = (0..4)
        .map(|image| results.iter().map(|&result| u32::from(result) << (8 * image)).collect())
        .collect();
    let work = ElementWork::new(&[1], |emitter, block| {
        let (x, y, byte) = (block.inputs[0], block.output, block.temporaries[0]);
        block.look_up(emitter, y, x, 0);
        for image in 1..block.images() {
            block.compute(emitter, Op::Shift, byte.i32(), x.i32(), right(image), [0, 0]);
            block.look_up(emitter, byte, byte, image);
            block.compute(emitter, Op::Or, y.i32(), y.i32(), Value::In(byte.i32()), [0, 0]);
        }
    });
    ElementWork { tables, ..work }
}

macro_rules! tables {
    ($($name:ident),* $(,)?) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[Form::Table]
            }

            fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
                let Arithmetic::Table(results) = job.site.arithmetic() else {
                    return Err(job.site.without_code(Int8Form::Type));
                };
                table(results).lower(job)?;
                Ok(Form::Table)
            }

            fn work<'a>(
                &self,
                site: &Site<'a>,
                _: &Bottoms,
                _: &mut Pool,
            ) -> Option<(Work<'a>, Form)> {
                let Arithmetic::Table(results) = site.arithmetic() else { return None };
                Some((Work::Elements(table(results)), Form::Table))
            }
        })*
    };
}
tables! {
    AbsVal, Bnll, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, Log, Power, Round, Sigmoid, Swish,
    TanH, Threshold,
}
