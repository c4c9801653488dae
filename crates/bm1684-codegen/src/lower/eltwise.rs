use bm1684_isa::commands::Arithmetic as Op;
use umodel::layers::{Eltwise, EltwiseOp};
use umodel::{Arithmetic, DType};

use super::block::Elements;
use super::joins::{extreme, product, sum};
use super::{Job, Lower};
use crate::error::{Int8Form, Reason};
use crate::form::Form;

impl Lower for Eltwise {
    fn forms() -> &'static [Form] {
        &[Form::Sum, Form::Max, Form::Product]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let count = job.site.layer().bottoms.len();
        let types: Vec<DType> = (0..count).map(|i| job.site.bottom_format(i).dtype).collect();
        let top = job.site.top_format(0).dtype;
        let inputs: Vec<u64> = (0..count).map(|index| job.bottom(index)).collect();
        let all = Elements::integers(&inputs, job.top(0), job.site.bottom_words(0));
        match (&self.operation, job.site.arithmetic()) {
            (EltwiseOp::Sum(_), Arithmetic::Rescaled(by)) => {
                let all = all.temporaries(&[2]);
                all.lower(job.emitter, |emitter, block| sum(emitter, block, &types, by, top))?;
                Ok(Form::Sum)
            }
            (EltwiseOp::Max, Arithmetic::Rescaled(by)) => {
                let all = all.temporaries(&[1, 2]);
                all.lower(job.emitter, |emitter, block| {
                    extreme(emitter, block, Op::Max, &types, by, top);
                })?;
                Ok(Form::Max)
            }
            (EltwiseOp::Product, Arithmetic::Product(by)) => {
                let all = all.temporaries(&[2, 2, 1, 1]);
                all.lower(job.emitter, |emitter, block| {
                    product(emitter, block, [types[0], types[1]], *by, top);
                })?;
                Ok(Form::Product)
            }
            _ => Err(job.site.without_code(Int8Form::Type)),
        }
    }
}
