//! Layer types that nets may have but that cannot be run yet: an explicit list, so that a new type has to
//! be thought about.

use umodel::Arithmetic;
use umodel::layers::{
    BatchNormKyle, BatchReindex, ContrastiveLoss, DetectionEvaluate, DetectionOutput,
    EuclideanLoss, Filter, Hdf5Output, HingeLoss, Im2col, InfogainLoss, Lstm, LstmUnit, MaxUnpool,
    MultiBoxLoss, MultinomialLogisticLoss, Proposal, PsRoiPooling, Python, Region, Rnn, RoiPooling,
    SigmoidCrossEntropyLoss, SmoothL1Loss, Spp, VideoData, WindowData, Yolo, YoloDetectionOutput,
    Yolov3DetectionOutput,
};

use super::{Kernel, Site, Work};
use crate::error::KernelError;

macro_rules! unsupported {
    ($($name:ident),*) => {
        $(impl Kernel for $name {
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                Err(site.not_executable())
            }

            fn i8(&self, site: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
                Err(site.not_executable())
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
