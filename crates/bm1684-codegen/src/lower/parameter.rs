use umodel::Arithmetic;
use umodel::layers::Parameter;

use super::moving::copy_words;
use super::{Job, Lower};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;

impl Lower for Parameter {
    fn forms() -> &'static [Form] {
        &[Form::Constant]
    }

    /// Values among the coefficients, copied to where blobs are.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let bytes: Vec<u8> = match job.site.arithmetic() {
            Arithmetic::Constant(values) => {
                let (images, count) = split(job.site.top_shape(0));
                let mut words = vec![0; images.div_ceil(4) * count * 4];
                for (index, value) in values.iter().enumerate() {
                    let (image, place) = (index / count.max(1), index % count.max(1));
                    words[(image / 4 * count + place) * 4 + image % 4] = value.cast_unsigned();
                }
                words
            }
            Arithmetic::Float => {
                let Some(values) = job.site.layer().weights.first() else {
                    return Err(job.site.without_code(Int8Form::Type));
                };
                values.iter().flat_map(|value| value.to_le_bytes()).collect()
            }
            _ => return Err(job.site.without_code(Int8Form::Type)),
        };
        let from = job.coefficients(&bytes);
        copy_words(job.emitter, [from, job.top(0)], bytes.len() / 4)?;
        Ok(Form::Constant)
    }
}
