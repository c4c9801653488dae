use bm1684_isa::commands::Precision;
use umodel::layers::PRelu;
use umodel::{Arithmetic, DType};

use super::block::Value;
use super::relu::leaky;
use super::work::{Bottoms, ElementWork, Work};
use super::{Job, Lower, Pool, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;

fn elements<'a>(site: &Site<'a>, pool: &mut Pool) -> Result<(ElementWork<'a>, Form), Reason> {
    let &Arithmetic::Prelu { ref slopes, right_shift } = site.arithmetic() else {
        return Err(site.without_code(Int8Form::Type));
    };
    if let (1, Some(slope)) = (slopes.len(), slopes.first()) {
        let factor = Value::Integer((*slope).into(), Precision::I8, true);
        let work = ElementWork::new(&[1, 1], move |emitter, block| {
            leaky(emitter, block, factor, right_shift);
        });
        return Ok((work, Form::LeakyRelu));
    }
    // A word for each channel, with its slope for each of four images.
    let words: Vec<u8> = slopes.iter().flat_map(|slope| [slope.cast_unsigned(); 4]).collect();
    let work = ElementWork::new(&[1, 1], move |emitter, block| {
        leaky(emitter, block, Value::In(block.inputs[1].i8(true)), right_shift);
    });
    Ok((ElementWork { channel_words: Some(pool.add(&words)), ..work }, Form::Prelu))
}

impl Lower for PRelu {
    fn forms() -> &'static [Form] {
        &[Form::LeakyRelu, Form::Prelu, Form::Renamed]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        if *job.site.arithmetic() == Arithmetic::Same {
            return Ok(Form::Renamed);
        }
        let (work, form) = elements(&job.site, job.coefficients)?;
        work.lower(job)?;
        Ok(form)
    }

    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, pool: &mut Pool) -> Option<(Work<'a>, Form)> {
        elements(site, pool).ok().map(|(work, form)| (Work::Elements(work), form))
    }

    /// Nothing is below zero in an unsigned blob.
    fn renames(&self, site: &Site<'_>) -> bool {
        matches!(site.arithmetic(), Arithmetic::Same) && site.bottom_format(0).dtype == DType::U8
    }
}
