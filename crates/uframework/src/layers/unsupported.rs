//! Layer types that nets may have but that cannot be run yet: an explicit list, so that a new type has to
//! be thought about.

use umodel::Arithmetic;
use umodel::layers::{
    BatchNormKyle, BatchReindex, ContrastiveLoss, EuclideanLoss, Filter, Hdf5Output, HingeLoss,
    Im2col, InfogainLoss, Lstm, LstmUnit, MaxUnpool, MultiBoxLoss, MultinomialLogisticLoss, Python,
    Region, Rnn, SigmoidCrossEntropyLoss, SmoothL1Loss, Spp, VideoData, WindowData, Yolo,
    YoloDetectionOutput, Yolov3DetectionOutput,
};

use super::{Kernel, Site, Work};
use crate::error::KernelError;

macro_rules! unsupported {
    ($($text:literal => $name:ident),* $(,)?) => {
        /// The types of layers that nets may have but that cannot be run yet.
        pub const NOT_COMPUTED: &[&str] = &[$($text),*];

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

unsupported! {
    "BatchNormKyle" => BatchNormKyle,
    "BatchReindex" => BatchReindex,
    "ContrastiveLoss" => ContrastiveLoss,
    "EuclideanLoss" => EuclideanLoss,
    "Filter" => Filter,
    "HDF5Output" => Hdf5Output,
    "HingeLoss" => HingeLoss,
    "Im2col" => Im2col,
    "InfogainLoss" => InfogainLoss,
    "LSTM" => Lstm,
    "LSTMUnit" => LstmUnit,
    "MaxUnPool" => MaxUnpool,
    "MultiBoxLoss" => MultiBoxLoss,
    "MultinomialLogisticLoss" => MultinomialLogisticLoss,
    "Python" => Python,
    "Region" => Region,
    "RNN" => Rnn,
    "SigmoidCrossEntropyLoss" => SigmoidCrossEntropyLoss,
    "SmoothL1Loss" => SmoothL1Loss,
    "SPP" => Spp,
    "VideoData" => VideoData,
    "WindowData" => WindowData,
    "Yolo" => Yolo,
    "YoloDetectionOutput" => YoloDetectionOutput,
    "Yolov3DetectionOutput" => Yolov3DetectionOutput,
}
