//! Layer types without commands: an explicit list, so that a new type has to be thought about.

use umodel::layers::{
    Accuracy, AnnotatedData, ArgMax, Axpy, BatchNorm, BatchNormKyle, BatchReindex, Bn, Compare,
    ContrastiveLoss, CumSum, Data, DetectionEvaluate, DetectionOutput, DummyData, Embed,
    EuclideanLoss, Filter, Gather, Hdf5Data, Hdf5Output, HingeLoss, Im2col, ImageData,
    InfogainLoss, InstanceNorm, LayerNorm, Lrn, Lstm, LstmUnit, MatMul, MaxUnpool, MemoryData,
    MultiBoxLoss, MultinomialLogisticLoss, Mvn, NonMaxSuppression, Normalize, PriorBox,
    PriorBoxClustered, Proposal, PsRoiPooling, Python, Recurrence, Region, Rnn, RoiPooling,
    Scatter, SigmoidCrossEntropyLoss, Silence, SmoothL1Loss, Softmax, SoftmaxWithLoss, Spp, TopK,
    VideoData, Where, WindowData, Yolo, YoloDetectionOutput, Yolov3DetectionOutput,
};

use super::{Job, Lower};
use crate::error::{Int8Form, Reason};
use crate::form::Form;

macro_rules! without_code {
    ($($name:ident),* $(,)?) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[]
            }

            fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
                Err(job.site.without_code(Int8Form::Type))
            }
        })*
    };
}

macro_rules! not_for_deployment {
    ($($name:ident),* $(,)?) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[]
            }

            fn lower(&self, _: &mut Job<'_>) -> Result<Form, Reason> {
                Err(Reason::Type)
            }
        })*
    };
}

// A chip could compute these.
without_code! {
    Axpy, Compare, Softmax, Where,
    ArgMax, BatchNorm, BatchNormKyle, BatchReindex, Bn,
    CumSum, DetectionOutput, Embed, Filter,
    Gather, Im2col, InstanceNorm, LayerNorm, Lrn, Lstm, LstmUnit, MatMul,
    MaxUnpool, Mvn, NonMaxSuppression, Normalize, PriorBox,
    PriorBoxClustered, Proposal, PsRoiPooling, Python, Recurrence, Region, Rnn,
    RoiPooling, Scatter, Spp, TopK, Yolo, YoloDetectionOutput, Yolov3DetectionOutput,
}

// These read pictures, or are for training and testing.
not_for_deployment! {
    Accuracy, AnnotatedData, ContrastiveLoss, Data, DetectionEvaluate, DummyData, EuclideanLoss,
    Hdf5Data, Hdf5Output, HingeLoss, ImageData, InfogainLoss, MemoryData, MultiBoxLoss,
    MultinomialLogisticLoss, SigmoidCrossEntropyLoss, Silence, SmoothL1Loss, SoftmaxWithLoss,
    VideoData, WindowData,
}
