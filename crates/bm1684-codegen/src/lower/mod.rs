//! How each layer type becomes commands, one file per type.

mod concat;
mod convolution;
mod dequantize;
mod eltwise;
mod flat;
mod inner_product;
mod input;
mod pad;
mod pooling;
mod quantize;
mod relayout;
mod relu;
mod scale;
mod softmax;
mod table;
mod unsupported;
mod views;
mod window;

pub use table::lowerings;

use bm1684_isa::memory::{COEFFICIENT_BASE, LINE_BYTES};
use umodel::{Arithmetic, BlobFormat, DType, Layer, LayerOp, QuantizedNet};

use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::{Plan, split};

/// A layer where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) net: &'a QuantizedNet,
    pub(crate) index: usize,
}

impl<'a> Site<'a> {
    pub(crate) fn layer(&self) -> &'a Layer {
        &self.net.net().layers()[self.index]
    }

    pub(crate) fn arithmetic(&self) -> &'a Arithmetic {
        self.net.arithmetic(self.index)
    }

    pub(crate) fn bottom_shape(&self, index: usize) -> &'a [usize] {
        &self.net.net().blob(self.layer().bottoms[index]).shape
    }

    pub(crate) fn top_shape(&self) -> &'a [usize] {
        &self.net.net().blob(self.layer().tops[0]).shape
    }

    pub(crate) fn bottom_format(&self, index: usize) -> BlobFormat {
        self.net.format(self.layer().bottoms[index])
    }

    pub(crate) fn top_format(&self) -> BlobFormat {
        self.net.format(self.layer().tops[0])
    }

    /// Why there is no code: the layer's arithmetic decides. `form` says what of an int8 layer it is.
    pub(crate) fn without_code(&self, form: Int8Form) -> Reason {
        match self.arithmetic() {
            Arithmetic::Float => Reason::Float,
            // Sources of pictures; the casts themselves have code.
            Arithmetic::Cast => Reason::Type,
            Arithmetic::Same
            | Arithmetic::MultiplyAccumulate { .. }
            | Arithmetic::AveragePool { .. }
            | Arithmetic::Rescaled(_)
            | Arithmetic::Product(_)
            | Arithmetic::LeakyRelu(_) => Reason::Int8 { form },
        }
    }

    /// 32-bit words of a blob's storage: of fp32 its values, of int8 its values of four images.
    pub(crate) fn bottom_words(&self, index: usize) -> usize {
        words(self.bottom_shape(index), self.bottom_format(index))
    }
}

/// 32-bit words of a blob's storage.
pub(crate) fn words(shape: &[usize], format: BlobFormat) -> usize {
    let (images, values) = split(shape);
    match format.dtype {
        DType::F32 => images * values,
        DType::I8 | DType::U8 => images.div_ceil(4) * values,
    }
}

/// A layer being lowered, and what it adds to.
pub(crate) struct Job<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) emitter: &'a mut Emitter,
    pub(crate) coefficients: &'a mut Vec<u8>,
}

impl Job<'_> {
    pub(crate) fn bottom(&self, index: usize) -> u64 {
        self.plan.blob(self.site.layer().bottoms[index])
    }

    pub(crate) fn top(&self) -> u64 {
        self.plan.blob(self.site.layer().tops[0])
    }

    pub(crate) fn scratch(&self) -> u64 {
        self.plan.scratch(self.site.index)
    }

    /// Puts bytes among the coefficients; returns their address.
    pub(crate) fn coefficients(&mut self, bytes: &[u8]) -> u64 {
        let start = self.coefficients.len().next_multiple_of(LINE_BYTES);
        self.coefficients.resize(start, 0);
        self.coefficients.extend_from_slice(bytes);
        COEFFICIENT_BASE + start as u64
    }
}

/// How a layer type becomes commands.
pub(crate) trait Lower {
    /// The ways in which layers of this type become commands; none if there is no code. Each has a
    /// listing in `tests/listings`.
    fn forms() -> &'static [Form]
    where
        Self: Sized;

    /// Adds the layer's commands.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason>;

    /// Whether the top is the bottom's storage under another name; then there are no commands.
    fn renames(&self, site: &Site<'_>) -> bool {
        let _ = site;
        false
    }

    /// Bytes of DDR that the layer needs for itself.
    fn scratch(&self, site: &Site<'_>) -> usize {
        let _ = site;
        0
    }
}

pub(crate) fn lower(op: &LayerOp) -> &dyn Lower {
    match op {
        LayerOp::AbsVal(p) => p,
        LayerOp::Accuracy(p) => p,
        LayerOp::AnnotatedData(p) => p,
        LayerOp::ArgMax(p) => p,
        LayerOp::Axpy(p) => p,
        LayerOp::BatchNorm(p) => p,
        LayerOp::BatchNormKyle(p) => p,
        LayerOp::BatchReindex(p) => p,
        LayerOp::Bias(p) => p,
        LayerOp::BilinearInterpolate(p) => p,
        LayerOp::Bn(p) => p,
        LayerOp::Bnll(p) => p,
        LayerOp::BroadcastBinary(p) => p,
        LayerOp::Clip(p) => p,
        LayerOp::Concat(p) => p,
        LayerOp::ContrastiveLoss(p) => p,
        LayerOp::Convolution(p) => p,
        LayerOp::ConvolutionDepthwise(p) => p,
        LayerOp::Crop(p) => p,
        LayerOp::Data(p) => p,
        LayerOp::Deconvolution(p) => p,
        LayerOp::DepthwiseConvolution(p) => p,
        LayerOp::Dequantize(p) => p,
        LayerOp::DetectionEvaluate(p) => p,
        LayerOp::DetectionOutput(p) => p,
        LayerOp::Dropout(p) => p,
        LayerOp::DummyData(p) => p,
        LayerOp::Eltwise(p) => p,
        LayerOp::Elu(p) => p,
        LayerOp::Embed(p) => p,
        LayerOp::EuclideanLoss(p) => p,
        LayerOp::Exp(p) => p,
        LayerOp::Filter(p) => p,
        LayerOp::Flatten(p) => p,
        LayerOp::HardSigmoid(p) => p,
        LayerOp::HardSwish(p) => p,
        LayerOp::Hdf5Data(p) => p,
        LayerOp::Hdf5Output(p) => p,
        LayerOp::HingeLoss(p) => p,
        LayerOp::Im2col(p) => p,
        LayerOp::ImageData(p) => p,
        LayerOp::InfogainLoss(p) => p,
        LayerOp::InnerProduct(p) => p,
        LayerOp::Input(p) => p,
        LayerOp::InstanceNorm(p) => p,
        LayerOp::Interp(p) => p,
        LayerOp::Log(p) => p,
        LayerOp::Lrn(p) => p,
        LayerOp::Lstm(p) => p,
        LayerOp::LstmUnit(p) => p,
        LayerOp::MatMul(p) => p,
        LayerOp::MaxUnpool(p) => p,
        LayerOp::MemoryData(p) => p,
        LayerOp::MultiBoxLoss(p) => p,
        LayerOp::MultinomialLogisticLoss(p) => p,
        LayerOp::Mvn(p) => p,
        LayerOp::Normalize(p) => p,
        LayerOp::Pad(p) => p,
        LayerOp::Parameter(p) => p,
        LayerOp::Permute(p) => p,
        LayerOp::PixelShuffle(p) => p,
        LayerOp::Pooling(p) => p,
        LayerOp::Power(p) => p,
        LayerOp::PRelu(p) => p,
        LayerOp::PriorBox(p) => p,
        LayerOp::Proposal(p) => p,
        LayerOp::PsRoiPooling(p) => p,
        LayerOp::Python(p) => p,
        LayerOp::Quantize(p) => p,
        LayerOp::Reduce(p) => p,
        LayerOp::Reduction(p) => p,
        LayerOp::Region(p) => p,
        LayerOp::Relu(p) => p,
        LayerOp::Relu6(p) => p,
        LayerOp::Reorg(p) => p,
        LayerOp::Resample(p) => p,
        LayerOp::Reshape(p) => p,
        LayerOp::Resize(p) => p,
        LayerOp::Rnn(p) => p,
        LayerOp::RoiPooling(p) => p,
        LayerOp::Scale(p) => p,
        LayerOp::ShuffleChannel(p) => p,
        LayerOp::Sigmoid(p) => p,
        LayerOp::SigmoidCrossEntropyLoss(p) => p,
        LayerOp::Silence(p) => p,
        LayerOp::Slice(p) => p,
        LayerOp::SmoothL1Loss(p) => p,
        LayerOp::Softmax(p) => p,
        LayerOp::SoftmaxWithLoss(p) => p,
        LayerOp::Split(p) => p,
        LayerOp::Spp(p) => p,
        LayerOp::StridedSlice(p) => p,
        LayerOp::Swish(p) => p,
        LayerOp::TanH(p) => p,
        LayerOp::Threshold(p) => p,
        LayerOp::Tile(p) => p,
        LayerOp::Unsqueeze(p) => p,
        LayerOp::Upsample(p) => p,
        LayerOp::VideoData(p) => p,
        LayerOp::WindowData(p) => p,
        LayerOp::Yolo(p) => p,
        LayerOp::YoloDetectionOutput(p) => p,
        LayerOp::Yolov3DetectionOutput(p) => p,
    }
}
