//! Borders: Quantize and Dequantize, and the sources, whose tops the caller fills.

use umodel::layers::{
    AnnotatedData, Data, Dequantize, Hdf5Data, ImageData, Input, MemoryData, Quantize,
};

use super::{Call, Kernel};
use crate::error::KernelError;

macro_rules! outside {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            /// Never called: the executor casts by itself, as it alone knows the formats.
            fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
                Err(KernelError::NotExecutable { kind: call.layer.op.kind() })
            }
        }
    )*};
}

outside!(AnnotatedData, Data, Dequantize, Hdf5Data, ImageData, Input, MemoryData, Quantize);
