//! What each layer type computes, fp32 and int8 side by side, one file per type.

mod accuracy;
mod arg_max;
mod axpy;
mod batch_norm;
mod bias;
mod border;
mod broadcast_binary;
mod casts;
mod concat;
mod convolution;
mod deconvolution;
mod dummy_data;
mod eltwise;
mod embed;
mod inner_product;
mod lrn;
mod mat_mul;
mod moving;
mod norms;
mod pooling;
mod prelu;
mod prior_box;
mod reduce;
mod relu;
mod relu6;
mod reshaping;
mod resizing;
mod scale;
mod softmax;
mod unary;
mod unsupported;

use std::sync::Arc;

use ndarray::ArrayD;
use umodel::{Arithmetic, Layer, LayerOp, Net};

use crate::error::KernelError;
use crate::kernels::{PackedColumns, PackedWeights};
use crate::value::{View, ViewMut};

/// Buffers that kernels use and leave to the next one.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) floats: Vec<f32>,
    pub(crate) signed: Vec<i8>,
    pub(crate) unsigned: Vec<u8>,
    pub(crate) words: Vec<i16>,
    pub(crate) packed: PackedColumns,
    pub(crate) sums: Vec<i32>,
}

/// One layer at work: its blobs and all that belongs to it.
pub(crate) struct Call<'a> {
    pub(crate) net: &'a Net,
    pub(crate) layer: &'a Layer,
    pub(crate) bottoms: Vec<View<'a>>,
    pub(crate) tops: Vec<ViewMut<'a>>,
    pub(crate) arithmetic: &'a Arithmetic,
    /// Whether the net is an int8 one, of which fp32 layers are computed as BM1684's program does.
    pub(crate) as_bm1684: bool,
    /// What [`Kernel::pack`] made of the integer weights, one for each group.
    pub(crate) packed: &'a [PackedWeights],
    pub(crate) scratch: &'a mut Scratch,
}

impl<'a> Call<'a> {
    pub(crate) fn bottom_shape(&self, index: usize) -> &'a [usize] {
        &self.net.blob(self.layer.bottoms[index]).shape
    }

    pub(crate) fn top_shape(&self, index: usize) -> &'a [usize] {
        &self.net.blob(self.layer.tops[index]).shape
    }

    pub(crate) fn weights(&self, index: usize) -> &'a [f32] {
        let weights: &'a Arc<ArrayD<f32>> = &self.layer.weights[index];
        weights.as_slice().unwrap_or_default()
    }

    /// An fp32 bottom; formats are checked when the executor is built.
    pub(crate) fn f32(&self, index: usize) -> &'a [f32] {
        match self.bottoms[index] {
            View::F32(values) => values,
            View::I8(_) | View::U8(_) => unreachable!("an fp32 layer has fp32 bottoms"),
        }
    }

    /// The first top, fp32.
    pub(crate) fn f32_top(&mut self) -> &mut [f32] {
        f32_top(&mut self.tops)
    }
}

/// The first top, fp32, where only the tops may be borrowed.
pub(crate) fn f32_top<'a>(tops: &'a mut [ViewMut<'_>]) -> &'a mut [f32] {
    match &mut tops[0] {
        ViewMut::F32(values) => values,
        ViewMut::I8(_) | ViewMut::U8(_) => unreachable!("an fp32 layer has fp32 tops"),
    }
}

/// A layer type's computation.
pub(crate) trait Kernel: Sync {
    /// fp32 bottoms to fp32 tops, as Caffe in the TEST phase.
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError>;

    /// Whether the layer can be run at all with so many tops.
    fn runs(&self, tops: usize) -> bool {
        let _ = tops;
        true
    }

    /// int8 bottoms to int8 tops, as BM1684. Only called for layers that a
    /// [`umodel::QuantizedNet`] gives an integer arithmetic.
    fn i8(&self, call: &mut Call<'_>) {
        unreachable!("{} has no int8 form", call.layer.op.kind());
    }

    /// The integer weights in the form that [`Kernel::i8`] wants, made once.
    fn pack(&self, weights: &ArrayD<i8>) -> Vec<PackedWeights> {
        let _ = weights;
        Vec::new()
    }
}

pub(crate) fn kernel(op: &LayerOp) -> &dyn Kernel {
    umodel::for_each_layer!(match op {
        p => p,
    })
}

/// Runs a body for each int8 storage type that a view can have.
macro_rules! for_ints {
    (($view:expr) $values:ident => $body:expr) => {
        match $view {
            $crate::value::View::I8($values) => $body,
            $crate::value::View::U8($values) => $body,
            $crate::value::View::F32(_) => unreachable!("an int8 layer has int8 bottoms"),
        }
    };
    (mut ($view:expr) $values:ident => $body:expr) => {
        match $view {
            $crate::value::ViewMut::I8($values) => $body,
            $crate::value::ViewMut::U8($values) => $body,
            $crate::value::ViewMut::F32(_) => unreachable!("an int8 layer has int8 tops"),
        }
    };
}
pub(crate) use for_ints;
