//! What each layer type computes, fp32 and int8 side by side, one file per type.

mod accuracy;
mod arg_max;
mod axpy;
mod batch_norm;
mod bias;
mod border;
mod boxes;
mod broadcast_binary;
mod broadcast_i8;
mod casts;
mod compare;
mod concat;
mod convolution;
mod cum_sum;
mod deconvolution;
mod detection_evaluate;
mod detection_output;
mod dummy_data;
mod eltwise;
mod embed;
mod gather;
mod im2col;
mod inner_product;
mod losses;
mod lrn;
mod mat_mul;
mod moving;
mod multi_box_loss;
mod non_max_suppression;
mod norms;
mod picking;
mod pooling;
mod prelu;
mod prior_box;
mod proposal;
mod recurrence;
mod recurrent;
mod reduce;
mod regions;
mod relu;
mod relu6;
mod reshaping;
mod resizing;
mod scale;
mod softmax;
mod spp;
pub(crate) mod staged;
mod table;
#[cfg(test)]
mod tests;
mod top_k;
mod unary;
mod unsupported;
mod yolo;

use std::fmt::Debug;
use std::sync::Arc;

use ndarray::ArrayD;
use umodel::{Arithmetic, BlobFormat, BlobId, Layer, LayerOp, Net};

use crate::error::KernelError;
use crate::kernels::PackedColumns;
use crate::value::{View, ViewMut};

pub use unsupported::NOT_COMPUTED;

/// Buffers that kernels use and leave to the next one.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) floats: Vec<f32>,
    pub(crate) signed: Vec<i8>,
    pub(crate) unsigned: Vec<u8>,
    pub(crate) words: Vec<i16>,
    pub(crate) packed: PackedColumns,
    pub(crate) sums: Vec<i32>,
    pub(crate) planes: Vec<i32>,
}

impl Scratch {
    /// What the buffers hold, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let floats = size_of::<f32>() * self.floats.capacity();
        let bytes = self.signed.capacity() + self.unsigned.capacity();
        let words = size_of::<i16>() * self.words.capacity();
        let sums = size_of::<i32>() * (self.sums.capacity() + self.planes.capacity());
        floats + bytes + words + sums + self.packed.bytes()
    }
}

/// The shapes of a layer's blobs: those of the net, or of one pass if a length is known only when it runs.
#[derive(Clone, Debug)]
pub(crate) struct Shapes<'a> {
    pub(crate) bottoms: Vec<&'a [usize]>,
    pub(crate) tops: Vec<&'a [usize]>,
}

impl<'a> Shapes<'a> {
    pub(crate) fn of(net: &'a Net, layer: &'a Layer) -> Self {
        let shapes = |ids: &'a [BlobId]| ids.iter().map(|&id| net.blob(id).shape.as_slice());
        Shapes { bottoms: shapes(&layer.bottoms).collect(), tops: shapes(&layer.tops).collect() }
    }
}

/// A layer's place in its net: what is known of it before there are values.
pub(crate) struct Site<'a> {
    pub(crate) layer: &'a Layer,
    pub(crate) shapes: Shapes<'a>,
    /// How each blob is stored, by its id's index; fp32 if it is not there.
    pub(crate) formats: &'a [BlobFormat],
    /// Whether the net is an int8 one, of which fp32 layers are computed as BM1684's program does.
    pub(crate) as_bm1684: bool,
}

impl<'a> Site<'a> {
    pub(crate) fn bottom_shape(&self, index: usize) -> &'a [usize] {
        self.shapes.bottoms[index]
    }

    pub(crate) fn top_shape(&self, index: usize) -> &'a [usize] {
        self.shapes.tops[index]
    }

    pub(crate) fn format(&self, id: BlobId) -> BlobFormat {
        self.formats.get(id.index()).copied().unwrap_or(BlobFormat::F32)
    }

    /// What a type says that is not computed.
    pub(crate) fn not_executable(&self) -> KernelError {
        KernelError::NotExecutable { kind: self.layer.op.kind() }
    }

    /// What a type says that has no int8 form, or none with an arithmetic.
    pub(crate) fn no_integers(&self) -> KernelError {
        KernelError::NoIntegers { kind: self.layer.op.kind() }
    }
}

/// One layer at work: its blobs and all that belongs to it.
pub(crate) struct Call<'a> {
    pub(crate) layer: &'a Layer,
    /// Of this pass. Tops whose length is known only now are as long as they can be.
    pub(crate) shapes: Shapes<'a>,
    pub(crate) bottoms: Vec<View<'a>>,
    pub(crate) tops: Vec<ViewMut<'a>>,
    pub(crate) scratch: &'a mut Scratch,
    /// For each top, the length along its [counted axis](LayerOp::counted_axis) if it is not the whole one.
    pub(crate) counts: Vec<Option<usize>>,
}

impl<'a> Call<'a> {
    pub(crate) fn bottom_shape(&self, index: usize) -> &'a [usize] {
        self.shapes.bottoms[index]
    }

    pub(crate) fn top_shape(&self, index: usize) -> &'a [usize] {
        self.shapes.tops[index]
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

/// Refuses an fp32 bottom with NaN, which no comparison of boxes or scores could tell from others.
pub(crate) fn no_nan(call: &Call<'_>, bottom: usize) -> Result<(), KernelError> {
    match call.f32(bottom).iter().filter(|value| value.is_nan()).count() {
        0 => Ok(()),
        count => Err(KernelError::NotANumber { bottom, count }),
    }
}

/// An axis that shape inference has accepted.
pub(crate) fn axis_of(axis: i32, shape: &[usize]) -> usize {
    let place = usize::try_from(axis.unsigned_abs()).unwrap_or(0);
    let axis = if axis < 0 { shape.len().saturating_sub(place) } else { place };
    axis.min(shape.len().saturating_sub(1))
}

/// A layer of one net, ready to be computed any number of times: all that depends on shapes, formats and
/// integers only has been done.
pub(crate) trait Work: Debug + Send + Sync {
    /// Fills the tops.
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError>;
}

/// A layer type's two ways to be computed. Neither has a default: a type that lacks one says so.
pub(crate) trait Kernel {
    /// fp32 bottoms to fp32 tops, as Caffe in the TEST phase.
    ///
    /// # Errors
    /// [`Site::not_executable`] if the type, or the layer with its parameters and tops, is not computed.
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError>;

    /// int8 bottoms to int8 tops with these integers, as BM1684.
    ///
    /// # Errors
    /// [`Site::no_integers`] if the type has no int8 form, or none with such integers.
    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError>;
}

/// Types that are computed in fp32 only, with nothing to prepare: the layer is its own work.
macro_rules! fp32_only {
    ($($layer:ty),* $(,)?) => {$(
        impl $crate::layers::Kernel for $layer {
            fn f32(
                &self,
                _: &$crate::layers::Site<'_>,
            ) -> Result<Box<dyn $crate::layers::Work>, $crate::error::KernelError> {
                Ok(Box::new(<$layer as Clone>::clone(self)))
            }

            fn i8(
                &self,
                site: &$crate::layers::Site<'_>,
                _: &umodel::Arithmetic,
            ) -> Result<Box<dyn $crate::layers::Work>, $crate::error::KernelError> {
                Err(site.no_integers())
            }
        }
    )*};
}
pub(crate) use fp32_only;

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
