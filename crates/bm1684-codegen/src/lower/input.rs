use umodel::layers::Input;

use super::{Job, Lower};
use crate::error::Reason;
use crate::form::Form;

impl Lower for Input {
    fn forms() -> &'static [Form] {
        &[Form::Input]
    }

    /// The runtime puts the values in place.
    fn lower(&self, _: &mut Job<'_>) -> Result<Form, Reason> {
        Ok(Form::Input)
    }
}
