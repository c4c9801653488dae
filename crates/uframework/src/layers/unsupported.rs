//! Layer types that nets may have but that cannot be run yet: an explicit list, so that a new type has to
//! be thought about.

use umodel::layers::{
    BatchNormKyle, BatchReindex, ContrastiveLoss, DetectionEvaluate, DetectionOutput,
    EuclideanLoss, Filter, Hdf5Output, HingeLoss, Im2col, InfogainLoss, Lstm, LstmUnit, MaxUnpool,
    MultiBoxLoss, MultinomialLogisticLoss, Proposal, PsRoiPooling, Python, Region, Rnn, RoiPooling,
    SigmoidCrossEntropyLoss, SmoothL1Loss, Spp, VideoData, WindowData, Yolo, YoloDetectionOutput,
    Yolov3DetectionOutput,
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
    BatchNormKyle,
    BatchReindex,
    ContrastiveLoss,
    DetectionEvaluate,
    DetectionOutput,
    EuclideanLoss,
    Filter,
    Hdf5Output,
    HingeLoss,
    Im2col,
    InfogainLoss,
    Lstm,
    LstmUnit,
    MaxUnpool,
    MultiBoxLoss,
    MultinomialLogisticLoss,
    Proposal,
    PsRoiPooling,
    Python,
    Region,
    Rnn,
    RoiPooling,
    SigmoidCrossEntropyLoss,
    SmoothL1Loss,
    Spp,
    VideoData,
    WindowData,
    Yolo,
    YoloDetectionOutput,
    Yolov3DetectionOutput
);
