//! Layer types that nets may have but that cannot be run yet: an explicit list, so that a new type has to
//! be thought about.

use umodel::layers::{
    AbsVal, AnnotatedData, ArgMax, Axpy, BatchNormKyle, BatchReindex, BilinearInterpolate, Bn,
    Bnll, ContrastiveLoss, ConvolutionDepthwise, Crop, Deconvolution, DepthwiseConvolution,
    DetectionEvaluate, DetectionOutput, DummyData, Embed, EuclideanLoss, Exp, Filter, HardSigmoid,
    HardSwish, Hdf5Data, Hdf5Output, HingeLoss, Im2col, ImageData, InfogainLoss, Interp, Log, Lstm,
    LstmUnit, MaxUnpool, MemoryData, MultiBoxLoss, MultinomialLogisticLoss, Mvn, Normalize, PRelu,
    Pad, Parameter, Permute, PixelShuffle, PriorBox, Proposal, PsRoiPooling, Python, Reduction,
    Region, Relu6, Reorg, Resize, Rnn, RoiPooling, ShuffleChannel, SigmoidCrossEntropyLoss,
    Silence, Slice, SmoothL1Loss, Spp, Threshold, Tile, Unsqueeze, Upsample, VideoData, WindowData,
    Yolo, YoloDetectionOutput, Yolov3DetectionOutput,
};

use super::{Call, Kernel};
use crate::error::KernelError;

macro_rules! unsupported {
    ($($name:ident),*) => {
        $(impl Kernel for $name {
            fn f32(&self, _: &mut Call<'_>) -> Result<(), KernelError> {
                unreachable!("an executor is not made of such layers")
            }

            fn runs(&self, _: usize) -> bool {
                false
            }
        })*
    };
}

unsupported!(
    AbsVal,
    AnnotatedData,
    ArgMax,
    Axpy,
    BatchNormKyle,
    BatchReindex,
    BilinearInterpolate,
    Bn,
    Bnll,
    ContrastiveLoss,
    ConvolutionDepthwise,
    Crop,
    Deconvolution,
    DepthwiseConvolution,
    DetectionEvaluate,
    DetectionOutput,
    DummyData,
    Embed,
    EuclideanLoss,
    Exp,
    Filter,
    HardSigmoid,
    HardSwish,
    Hdf5Data,
    Hdf5Output,
    HingeLoss,
    Im2col,
    ImageData,
    InfogainLoss,
    Interp,
    Log,
    Lstm,
    LstmUnit,
    MaxUnpool,
    MemoryData,
    MultiBoxLoss,
    MultinomialLogisticLoss,
    Mvn,
    Normalize,
    PRelu,
    Pad,
    Parameter,
    Permute,
    PixelShuffle,
    PriorBox,
    Proposal,
    PsRoiPooling,
    Python,
    Reduction,
    Region,
    Relu6,
    Reorg,
    Resize,
    Rnn,
    RoiPooling,
    ShuffleChannel,
    SigmoidCrossEntropyLoss,
    Silence,
    Slice,
    SmoothL1Loss,
    Spp,
    Threshold,
    Tile,
    Unsqueeze,
    Upsample,
    VideoData,
    WindowData,
    Yolo,
    YoloDetectionOutput,
    Yolov3DetectionOutput
);
