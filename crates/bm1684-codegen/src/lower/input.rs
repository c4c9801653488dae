use umodel::layers::Input;

use super::{Job, Lower};
use crate::error::Reason;

impl Lower for Input {
    /// The runtime puts the values in place.
    fn lower(&self, _: &mut Job<'_>) -> Result<(), Reason> {
        Ok(())
    }
}
