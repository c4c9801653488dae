//! Layers that only look at their bottom in another way.

use umodel::DType;
use umodel::layers::{Dropout, Flatten, Reshape, Split, Squeeze, Unsqueeze};

use super::relayout::{relayout, scratch_bytes};
use super::{Job, Lower, Site};
use crate::error::Reason;
use crate::form::Form;
use crate::plan::split;

impl Lower for Split {
    fn forms() -> &'static [Form] {
        &[Form::Renamed]
    }

    fn lower(&self, _: &mut Job<'_>) -> Result<Form, Reason> {
        Ok(Form::Renamed)
    }

    fn renames(&self, _: &Site<'_>) -> bool {
        true
    }
}

impl Lower for Dropout {
    fn forms() -> &'static [Form] {
        &[Form::Renamed]
    }

    fn lower(&self, _: &mut Job<'_>) -> Result<Form, Reason> {
        Ok(Form::Renamed)
    }

    fn renames(&self, _: &Site<'_>) -> bool {
        true
    }
}

/// Values stay where they are, unless int8 values come to belong to another image: four images share each
/// word.
fn keeps_storage(site: &Site<'_>) -> bool {
    site.bottom_format(0).dtype == DType::F32
        || split(site.bottom_shape(0)) == split(site.top_shape(0))
}

macro_rules! reshaping {
    ($($name:ident),*) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[Form::Renamed, Form::Recut]
            }

            fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
                if keeps_storage(&job.site) {
                    return Ok(Form::Renamed);
                }
                let shapes = [job.site.bottom_shape(0), job.site.top_shape(0)].map(split);
                let addresses = [job.bottom(0), job.top(0)];
                let scratch = job.scratch();
                relayout(job.emitter, addresses, shapes, scratch)?;
                Ok(Form::Recut)
            }

            fn renames(&self, site: &Site<'_>) -> bool {
                keeps_storage(site)
            }

            fn scratch(&self, site: &Site<'_>) -> usize {
                if keeps_storage(site) { 0 } else { scratch_bytes(split(site.bottom_shape(0))) }
            }
        })*
    };
}
reshaping!(Flatten, Reshape, Squeeze, Unsqueeze);
