//! Functions of one int8 value: a table of the results.

use bm1684_isa::commands::Arithmetic as Op;
use umodel::Arithmetic;
use umodel::layers::{
    AbsVal, Bnll, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, Log, Power, Round, Sigmoid, Swish,
    TanH, Threshold,
};

use super::block::{Elements, Value};
use super::float::Tables;
use super::relayout::right;
use super::{Job, Lower};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;

/// `y = table[x]`.
///
/// A look-up reads the lowest byte of a word. So the bytes of a word are brought there one after the other, and for each
/// there is a table that has the results at its byte. A last word of fewer images needs fewer of them.
pub(super) fn look_up(job: &mut Job<'_>) -> Result<Form, Reason> {
    let Arithmetic::Table(results) = job.site.arithmetic() else {
        return Err(job.site.without_code(Int8Form::Type));
    };
    let images = split(job.site.bottom_shape(0)).0.min(4);
    let tables: Vec<Vec<u32>> = (0..images)
        .map(|image| results.iter().map(|&result| u32::from(result) << (8 * image)).collect())
        .collect();
    let tables = Tables::load(job, &tables);
    let all = Elements::integers(&[job.bottom(0)], job.top(0), job.site.bottom_words(0));
    job.emitter.begin_layer();
    let table = tables.buffer(job.emitter);
    all.temporaries(&[1]).lower(job.emitter, |emitter, block| {
        let (x, y, byte) = (block.inputs[0], block.output, block.temporaries[0]);
        block.look_up(emitter, y, x, (table, tables.place(0)));
        for image in 1..images {
            block.compute(emitter, Op::Shift, byte.i32(), x.i32(), right(image), [0, 0]);
            block.look_up(emitter, byte, byte, (table, tables.place(image)));
            block.compute(emitter, Op::Or, y.i32(), y.i32(), Value::In(byte.i32()), [0, 0]);
        }
    })?;
    Ok(Form::Table)
}

macro_rules! tables {
    ($($name:ident),* $(,)?) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[Form::Table]
            }

            fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
                look_up(job)
            }
        })*
    };
}
tables! {
    AbsVal, Bnll, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, Log, Power, Round, Sigmoid, Swish,
    TanH, Threshold,
}
