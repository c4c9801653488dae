//! Older forms of a model, brought to the present one as Caffe does when it reads a file, and other forks' forms of
//! layers.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::collections::HashMap;

use protobuf::{EnumOrUnknown, MessageField};

use crate::error::{Error, LayerError, ValueError};
use crate::proto::param_spec::DimCheckMode;
use crate::proto::pooling_parameter::PoolMethod;
use crate::proto::v0layer_parameter::PoolMethod as V0PoolMethod;
use crate::proto::v1layer_parameter::{DimCheckMode as V1DimCheckMode, LayerType};
use crate::proto::{
    BlobShape, InputParameter, LayerParameter, NetParameter, ParamSpec, TransformationParameter,
    V0LayerParameter, V1LayerParameter,
};
use crate::{Position, dialects};

/// All upgrades, in Caffe's order; `positions` are those of `layers` and `layer`, in order, and become
/// those of `layer`.
pub(crate) fn upgrade(
    net: &mut NetParameter,
    positions: &mut Vec<Option<Position>>,
) -> Result<(), Error> {
    positions.resize(net.layers.len() + net.layer.len(), None);
    if net.layers.iter().any(|layer| layer.layer.is_some()) {
        from_v0(net, positions)?;
    }
    data_transformations(net);
    from_v1(net, positions)?;
    if inputs(net) {
        positions.insert(0, None);
    }
    batch_norms(net);
    dialects::rewrite(net, positions);
    Ok(())
}

/// An error at the layer of this index; its type as the file spells it.
fn fail(
    positions: &[Option<Position>],
    index: usize,
    (name, kind): (&str, &str),
    source: LayerError,
) -> Error {
    Error::layer(None, positions.get(index).copied().flatten(), name, kind, source)
}

/// Turns V0 layers into V1 layers, and padding layers into the padding of those that read them.
fn from_v0(net: &mut NetParameter, positions: &mut Vec<Option<Position>>) -> Result<(), Error> {
    let old = std::mem::take(&mut net.layers);
    let rest = positions.split_off(old.len());
    let old_positions = std::mem::replace(positions, Vec::with_capacity(old.len()));
    // The padding layers so far: where they lead, by the name of their top.
    let mut paddings: HashMap<String, (String, u32)> = HashMap::new();
    for (index, mut outer) in old.into_iter().enumerate() {
        let inner = outer.layer.take().unwrap_or_default();
        let place = (inner.name(), inner.type_());
        let bad = |reason| {
            fail(&old_positions, index, place, LayerError::bad("layers.layer", "", reason))
        };
        let mut pad = None;
        for bottom in &mut outer.bottom {
            let Some((source, size)) = paddings.get(bottom) else { continue };
            if !["conv", "pool"].contains(&inner.type_()) {
                return Err(bad(ValueError::PaddingReader));
            }
            (*bottom, pad) = (source.clone(), Some(*size));
        }
        if inner.type_() == "padding" {
            let ([bottom], [top]) = (outer.bottom.as_slice(), outer.top.as_slice()) else {
                return Err(bad(ValueError::PaddingBlobs));
            };
            paddings.insert(top.clone(), (bottom.clone(), inner.pad()));
            continue;
        }
        for top in &outer.top {
            paddings.remove(top);
        }
        let Some(kind) = v0_kind(inner.type_()) else {
            let reason = LayerError::UnsupportedType { nearest: Vec::new() };
            return Err(fail(&old_positions, index, place, reason));
        };
        net.layers.push(v1_of_v0(outer, inner, kind, pad));
        positions.push(old_positions.get(index).copied().flatten());
    }
    positions.extend(rest);
    Ok(())
}

/// A parameter goes to the layer types that have it and is dropped for all others, as in Caffe.
fn v1_of_v0(
    outer: V1LayerParameter,
    old: V0LayerParameter,
    kind: LayerType,
    pad: Option<u32>,
) -> V1LayerParameter {
    let mut new = V1LayerParameter::new();
    (new.bottom, new.top, new.name) = (outer.bottom, outer.top, old.name);
    new.set_type(kind);
    (new.blobs, new.blobs_lr, new.weight_decay) = (old.blobs, old.blobs_lr, old.weight_decay);
    let pad = pad.or(old.pad);
    match kind {
        LayerType::CONVOLUTION => {
            let p = new.convolution_param.mut_or_insert_default();
            (p.num_output, p.bias_term, p.group) = (old.num_output, old.biasterm, old.group);
            (p.weight_filler, p.bias_filler) = (old.weight_filler, old.bias_filler);
            p.pad.extend(pad);
            p.kernel_size.extend(old.kernelsize);
            p.stride.extend(old.stride);
        }
        LayerType::INNER_PRODUCT => {
            let p = new.inner_product_param.mut_or_insert_default();
            (p.num_output, p.bias_term) = (old.num_output, old.biasterm);
            (p.weight_filler, p.bias_filler) = (old.weight_filler, old.bias_filler);
        }
        LayerType::POOLING => {
            let p = new.pooling_param.mut_or_insert_default();
            (p.pad, p.kernel_size, p.stride) = (pad, old.kernelsize, old.stride);
            p.pool = old.pool.map(|pool| {
                EnumOrUnknown::new(match pool.enum_value_or_default() {
                    V0PoolMethod::MAX => PoolMethod::MAX,
                    V0PoolMethod::AVE => PoolMethod::AVE,
                    V0PoolMethod::STOCHASTIC => PoolMethod::STOCHASTIC,
                })
            });
        }
        LayerType::DROPOUT => {
            new.dropout_param.mut_or_insert_default().dropout_ratio = old.dropout_ratio;
        }
        LayerType::LRN => {
            let p = new.lrn_param.mut_or_insert_default();
            (p.local_size, p.alpha, p.beta, p.k) = (old.local_size, old.alpha, old.beta, old.k);
        }
        LayerType::CONCAT => {
            new.concat_param.mut_or_insert_default().concat_dim = old.concat_dim;
        }
        LayerType::DATA => {
            let p = new.data_param.mut_or_insert_default();
            (p.source, p.batch_size, p.rand_skip) = (old.source, old.batchsize, old.rand_skip);
        }
        LayerType::HDF5_DATA => {
            let p = new.hdf5_data_param.mut_or_insert_default();
            (p.source, p.batch_size) = (old.source, old.batchsize);
        }
        LayerType::IMAGE_DATA => {
            let p = new.image_data_param.mut_or_insert_default();
            (p.source, p.batch_size, p.rand_skip) = (old.source, old.batchsize, old.rand_skip);
            p.shuffle = old.shuffle_images;
            p.new_height = old.new_height.map(i32::cast_unsigned);
            p.new_width = old.new_width.map(i32::cast_unsigned);
        }
        LayerType::WINDOW_DATA => {
            let p = new.window_data_param.mut_or_insert_default();
            (p.source, p.batch_size) = (old.source, old.batchsize);
            (p.fg_threshold, p.bg_threshold) = (old.det_fg_threshold, old.det_bg_threshold);
            (p.fg_fraction, p.context_pad) = (old.det_fg_fraction, old.det_context_pad);
            p.crop_mode = old.det_crop_mode;
        }
        LayerType::INFOGAIN_LOSS => {
            new.infogain_loss_param.mut_or_insert_default().source = old.source;
        }
        LayerType::HDF5_OUTPUT => new.hdf5_output_param = old.hdf5_output_param,
        _ => {}
    }
    let transform = TransformationParameter {
        scale: old.scale,
        mean_file: old.meanfile,
        crop_size: old.cropsize,
        mirror: old.mirror,
        ..Default::default()
    };
    new.transform_param = Some(transform).into();
    drop_empty(&mut new);
    new
}

/// A message stands there only if one of its fields was given.
fn drop_empty(layer: &mut V1LayerParameter) {
    macro_rules! each {
        ($($field:ident),*) => {
            $(if layer.$field.as_ref().is_some_and(|p| *p == Default::default()) {
                layer.$field.clear();
            })*
        };
    }
    each!(
        convolution_param,
        inner_product_param,
        pooling_param,
        dropout_param,
        lrn_param,
        concat_param,
        data_param,
        hdf5_data_param,
        image_data_param,
        window_data_param,
        infogain_loss_param,
        transform_param
    );
}

fn v0_kind(name: &str) -> Option<LayerType> {
    Some(match name {
        "accuracy" => LayerType::ACCURACY,
        "bnll" => LayerType::BNLL,
        "concat" => LayerType::CONCAT,
        "conv" => LayerType::CONVOLUTION,
        "data" => LayerType::DATA,
        "dropout" => LayerType::DROPOUT,
        "euclidean_loss" => LayerType::EUCLIDEAN_LOSS,
        "flatten" => LayerType::FLATTEN,
        "hdf5_data" => LayerType::HDF5_DATA,
        "hdf5_output" => LayerType::HDF5_OUTPUT,
        "im2col" => LayerType::IM2COL,
        "images" => LayerType::IMAGE_DATA,
        "infogain_loss" => LayerType::INFOGAIN_LOSS,
        "innerproduct" => LayerType::INNER_PRODUCT,
        "lrn" => LayerType::LRN,
        "multinomial_logistic_loss" => LayerType::MULTINOMIAL_LOGISTIC_LOSS,
        "pool" => LayerType::POOLING,
        "relu" => LayerType::RELU,
        "sigmoid" => LayerType::SIGMOID,
        "softmax" => LayerType::SOFTMAX,
        "softmax_loss" => LayerType::SOFTMAX_LOSS,
        "split" => LayerType::SPLIT,
        "tanh" => LayerType::TANH,
        "window_data" => LayerType::WINDOW_DATA,
        _ => return None,
    })
}

/// Moves what V1 data layers once had among their own parameters to `transform_param`.
fn data_transformations(net: &mut NetParameter) {
    macro_rules! for_each {
        (|$layer:ident, $p:ident| $body:expr) => {
            for $layer in &mut net.layers {
                match $layer.type_() {
                    LayerType::DATA => {
                        let $p = &mut $layer.data_param;
                        $body
                    }
                    LayerType::IMAGE_DATA => {
                        let $p = &mut $layer.image_data_param;
                        $body
                    }
                    LayerType::WINDOW_DATA => {
                        let $p = &mut $layer.window_data_param;
                        $body
                    }
                    _ => {}
                }
            }
        };
    }
    let mut needed = false;
    for_each!(|layer, p| needed |= p.as_ref().is_some_and(|p| {
        p.scale.is_some() || p.mean_file.is_some() || p.crop_size.is_some() || p.mirror.is_some()
    }));
    if !needed {
        return;
    }
    for_each!(|layer, p| {
        let p = p.mut_or_insert_default();
        let transform = layer.transform_param.mut_or_insert_default();
        transform.scale = p.scale.take().or(transform.scale);
        transform.mean_file = p.mean_file.take().or(transform.mean_file.take());
        transform.crop_size = p.crop_size.take().or(transform.crop_size);
        transform.mirror = p.mirror.take().or(transform.mirror);
    });
}

/// Turns `layers` (V1) into `layer`. A net has either kind, not both.
fn from_v1(net: &mut NetParameter, positions: &[Option<Position>]) -> Result<(), Error> {
    let Some(first) = net.layers.first() else { return Ok(()) };
    if !net.layer.is_empty() {
        let kind = v1_kind(first.type_());
        let source = LayerError::bad("layers", "", ValueError::TwoVersions);
        return Err(fail(positions, 0, (first.name(), kind), source));
    }
    net.layer = std::mem::take(&mut net.layers).into_iter().map(layer_of_v1).collect();
    Ok(())
}

fn layer_of_v1(old: V1LayerParameter) -> LayerParameter {
    let mut new = LayerParameter::new();
    if old.type_.is_some() {
        new.set_type(v1_kind(old.type_()).to_owned());
    }
    let mut spec = |index: usize, set: &dyn Fn(&mut ParamSpec)| {
        while new.param.len() <= index {
            new.param.push(ParamSpec::new());
        }
        if let Some(spec) = new.param.get_mut(index) {
            set(spec);
        }
    };
    for (index, name) in old.param.iter().enumerate() {
        spec(index, &|spec| spec.set_name(name.clone()));
    }
    for (index, mode) in old.blob_share_mode.iter().enumerate() {
        let mode = match mode.enum_value_or_default() {
            V1DimCheckMode::STRICT => DimCheckMode::STRICT,
            V1DimCheckMode::PERMISSIVE => DimCheckMode::PERMISSIVE,
        };
        spec(index, &|spec| spec.set_share_mode(mode));
    }
    for (index, &rate) in old.blobs_lr.iter().enumerate() {
        spec(index, &|spec| spec.set_lr_mult(rate));
    }
    for (index, &decay) in old.weight_decay.iter().enumerate() {
        spec(index, &|spec| spec.set_decay_mult(decay));
    }
    macro_rules! take {
        ($($field:ident),*) => { $(new.$field = old.$field;)* };
    }
    take!(name, bottom, top, blobs, include, exclude, loss_weight);
    take!(accuracy_param, argmax_param, batch_norm_param, concat_param, contrastive_loss_param);
    take!(convolution_param, data_param, dropout_param, dummy_data_param, eltwise_param);
    take!(exp_param, hdf5_data_param, hdf5_output_param, hinge_loss_param, image_data_param);
    take!(infogain_loss_param, inner_product_param, loss_param, lrn_param, memory_data_param);
    take!(mvn_param, pooling_param, power_param, relu_param, sigmoid_param, slice_param);
    take!(softmax_param, tanh_param, threshold_param, transform_param, window_data_param);
    new
}

/// The present name of a V1 layer type.
fn v1_kind(old: LayerType) -> &'static str {
    match old {
        LayerType::NONE => "",
        LayerType::ABSVAL => "AbsVal",
        LayerType::ACCURACY => "Accuracy",
        LayerType::ARGMAX => "ArgMax",
        LayerType::BNLL => "BNLL",
        LayerType::CONCAT => "Concat",
        LayerType::CONTRASTIVE_LOSS => "ContrastiveLoss",
        LayerType::CONVOLUTION => "Convolution",
        LayerType::DATA => "Data",
        LayerType::DECONVOLUTION => "Deconvolution",
        LayerType::DROPOUT => "Dropout",
        LayerType::DUMMY_DATA => "DummyData",
        LayerType::ELTWISE => "Eltwise",
        LayerType::EUCLIDEAN_LOSS => "EuclideanLoss",
        LayerType::EXP => "Exp",
        LayerType::FLATTEN => "Flatten",
        LayerType::HDF5_DATA => "HDF5Data",
        LayerType::HDF5_OUTPUT => "HDF5Output",
        LayerType::HINGE_LOSS => "HingeLoss",
        LayerType::IM2COL => "Im2col",
        LayerType::IMAGE_DATA => "ImageData",
        LayerType::INFOGAIN_LOSS => "InfogainLoss",
        LayerType::INNER_PRODUCT => "InnerProduct",
        LayerType::LRN => "LRN",
        LayerType::MEMORY_DATA => "MemoryData",
        LayerType::MULTINOMIAL_LOGISTIC_LOSS => "MultinomialLogisticLoss",
        LayerType::MVN => "MVN",
        LayerType::POOLING => "Pooling",
        LayerType::POWER => "Power",
        LayerType::RELU => "ReLU",
        LayerType::SIGMOID => "Sigmoid",
        LayerType::SIGMOID_CROSS_ENTROPY_LOSS => "SigmoidCrossEntropyLoss",
        LayerType::SILENCE => "Silence",
        LayerType::SLICE => "Slice",
        LayerType::SOFTMAX => "Softmax",
        LayerType::SOFTMAX_LOSS => "SoftmaxWithLoss",
        LayerType::SPLIT => "Split",
        LayerType::TANH => "TanH",
        LayerType::THRESHOLD => "Threshold",
        LayerType::WINDOW_DATA => "WindowData",
    }
}

/// Turns the net's `input` fields into an Input layer at the front; true if there were any. Inputs without
/// any shape vanish, as in Caffe; a shape too few is what the Input layer then reports.
fn inputs(net: &mut NetParameter) -> bool {
    let (tops, dims) = (std::mem::take(&mut net.input), std::mem::take(&mut net.input_dim));
    let mut shapes = std::mem::take(&mut net.input_shape);
    if tops.is_empty() || (shapes.is_empty() && dims.is_empty()) {
        return false;
    }
    if shapes.is_empty() {
        shapes = dims.chunks_exact(4).map(shape).collect();
    }
    shapes.truncate(tops.len());
    let mut layer = LayerParameter::new();
    layer.set_name("input".to_owned());
    layer.set_type("Input".to_owned());
    layer.top = tops;
    layer.input_param = MessageField::some(InputParameter { shape: shapes, ..Default::default() });
    net.layer.insert(0, layer);
    true
}

fn shape(dims: &[i32]) -> BlobShape {
    let mut shape = BlobShape::new();
    shape.dim = dims.iter().map(|&dim| dim.into()).collect();
    shape
}

/// BatchNorm layers once said that their three weights are not to be learnt; now they never are.
fn batch_norms(net: &mut NetParameter) {
    for layer in &mut net.layer {
        if layer.type_() == "BatchNorm" && layer.param.len() == 3 {
            layer.param.clear();
        }
    }
}
