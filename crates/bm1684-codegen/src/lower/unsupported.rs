//! Layer types without commands: an explicit list, so that a new type has to be thought about.

use umodel::layers::{
    AbsVal, Accuracy, AnnotatedData, ArgMax, Axpy, BatchNorm, BatchNormKyle, BatchReindex, Bias,
    BilinearInterpolate, Bn, Bnll, BroadcastBinary, Compare, ContrastiveLoss, CumSum, Data,
    Deconvolution, DetectionEvaluate, DetectionOutput, DummyData, Elu, Embed, Erf, EuclideanLoss,
    Exp, Filter, Gather, Gelu, HardSigmoid, HardSwish, Hdf5Data, Hdf5Output, HingeLoss, Im2col,
    ImageData, InfogainLoss, InstanceNorm, Interp, LayerNorm, Log, Lrn, Lstm, LstmUnit, MatMul,
    MaxUnpool, MemoryData, MultiBoxLoss, MultinomialLogisticLoss, Mvn, NonMaxSuppression,
    Normalize, PRelu, Parameter, Power, PriorBox, PriorBoxClustered, Proposal, PsRoiPooling,
    Python, Recurrence, Reduce, Reduction, Region, Resize, Rnn, RoiPooling, Round, Scatter,
    Sigmoid, SigmoidCrossEntropyLoss, Silence, SmoothL1Loss, SoftmaxWithLoss, Spp, Swish, TanH,
    Threshold, TopK, VideoData, Where, WindowData, Yolo, YoloDetectionOutput,
    Yolov3DetectionOutput,
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
    AbsVal, ArgMax, Axpy, BatchNorm, BatchNormKyle, BatchReindex, Bias, BilinearInterpolate, Bn,
    Bnll, BroadcastBinary, Compare, CumSum, Swish, Deconvolution, DetectionOutput, Elu, Embed, Erf, Exp, Filter,
    Gather, Gelu, HardSigmoid, HardSwish, Im2col, InstanceNorm, Interp, LayerNorm, Log, Lrn, Lstm, LstmUnit, MatMul,
    MaxUnpool, Mvn, NonMaxSuppression, Normalize, PRelu, Parameter, Power, PriorBox,
    PriorBoxClustered, Proposal, PsRoiPooling, Python, Recurrence, Reduce, Reduction, Region, Resize, Rnn,
    RoiPooling, Round, Scatter, Sigmoid, Spp, TanH, Threshold, TopK, Where, Yolo, YoloDetectionOutput, Yolov3DetectionOutput,
}

// These read pictures, or are for training and testing.
not_for_deployment! {
    Accuracy, AnnotatedData, ContrastiveLoss, Data, DetectionEvaluate, DummyData, EuclideanLoss,
    Hdf5Data, Hdf5Output, HingeLoss, ImageData, InfogainLoss, MemoryData, MultiBoxLoss,
    MultinomialLogisticLoss, SigmoidCrossEntropyLoss, Silence, SmoothL1Loss, SoftmaxWithLoss,
    VideoData, WindowData,
}
