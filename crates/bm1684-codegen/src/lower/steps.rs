//! Layer types that are nothing but the steps that umodel states, where they are computed in fp32.

use umodel::layers::{
    AbsVal, Axpy, Bnll, BroadcastBinary, Compare, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, Log,
    Power, Round, Sigmoid, Softmax, Swish, TanH, Threshold, Where,
};

use super::float;
use super::{Job, Lower, Site};
use crate::error::Reason;
use crate::form::Form;

macro_rules! by_steps {
    ($($name:ident),* $(,)?) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[Form::Float]
            }

            fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
                float::lower(job)
            }

            fn computes_float(&self) -> bool {
                true
            }

            fn scratch(&self, site: &Site<'_>) -> usize {
                float::scratch(site)
            }
        })*
    };
}
by_steps! {
    AbsVal, Axpy, Bnll, BroadcastBinary, Compare, Swish, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, Log, Power, Round, Sigmoid, TanH, Threshold, Where, Softmax
}
