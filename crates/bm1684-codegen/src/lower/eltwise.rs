use bm1684_isa::commands::Arithmetic as Op;
use umodel::layers::{Eltwise, EltwiseOp};
use umodel::{Arithmetic, DType};

use super::joins::{extreme, product, sum};
use super::work::{Bottoms, ElementWork, Work};
use super::{Job, Lower, Pool, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;

fn elements<'a>(layer: &Eltwise, site: &Site<'a>) -> Result<(ElementWork<'a>, Form), Reason> {
    let count = site.layer().bottoms.len();
    let types: Vec<DType> = (0..count).map(|i| site.bottom_format(i).dtype).collect();
    let top = site.top_format(0).dtype;
    Ok(match (&layer.operation, site.arithmetic()) {
        (EltwiseOp::Sum(_), Arithmetic::Rescaled(by)) => {
            let work = ElementWork::new(&[2], move |emitter, block| {
                sum(emitter, block, &types, by, top);
            });
            (work, Form::Sum)
        }
        (EltwiseOp::Max, Arithmetic::Rescaled(by)) => {
            let work = ElementWork::new(&[1, 2], move |emitter, block| {
                extreme(emitter, block, Op::Max, &types, by, top);
            });
            (work, Form::Max)
        }
        (EltwiseOp::Product, Arithmetic::Product(by)) => {
            let work = ElementWork::new(&[2, 2, 1, 1], move |emitter, block| {
                product(emitter, block, [types[0], types[1]], *by, top);
            });
            (work, Form::Product)
        }
        _ => return Err(site.without_code(Int8Form::Type)),
    })
}

impl Lower for Eltwise {
    fn forms() -> &'static [Form] {
        &[Form::Sum, Form::Max, Form::Product]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let (work, form) = elements(self, &job.site)?;
        work.lower(job)?;
        Ok(form)
    }

    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, _: &mut Pool) -> Option<(Work<'a>, Form)> {
        elements(self, site).ok().map(|(work, form)| (Work::Elements(work), form))
    }
}
