//! Layer types without commands: an explicit list, so that a new type has to be thought about.

use umodel::layers::{
    Accuracy, BatchNorm, Bias, Data, Elu, Lrn, Power, Sigmoid, SoftmaxWithLoss, TanH,
};

use super::{Job, Lower};
use crate::error::Reason;

macro_rules! unsupported {
    ($reason:expr => $($name:ident),*) => {
        $(impl Lower for $name {
            fn lower(&self, _: &mut Job<'_>) -> Result<(), Reason> {
                Err($reason)
            }
        })*
    };
}

unsupported!(Reason::Float => BatchNorm, Bias, Elu, Lrn, Power, Sigmoid, TanH);
unsupported!(Reason::Type => Accuracy, Data, SoftmaxWithLoss);
