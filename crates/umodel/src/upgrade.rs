//! Older forms of a model, brought to the present one as Caffe does when it reads a file.

use crate::Position;
use crate::error::{Error, LayerError};
use crate::proto::v1layer_parameter::LayerType;
use crate::proto::{
    BlobShape, InputParameter, LayerParameter, NetParameter, ParamSpec, V1LayerParameter,
};

/// Turns `layers` (V1) into `layer`. A net has either kind, not both.
pub(crate) fn layers(net: &mut NetParameter, positions: &[Option<Position>]) -> Result<(), Error> {
    if net.layers.is_empty() {
        return Ok(());
    }
    let fail = |index: usize, layer: &V1LayerParameter, source| {
        let position = positions.get(index).copied().flatten();
        let kind = format!("{:?}", layer.type_());
        Error::layer(None, position, layer.name(), &kind, source)
    };
    if let (Some(layer), false) = (net.layers.first(), net.layer.is_empty()) {
        return Err(fail(
            0,
            layer,
            LayerError::BadValue {
                field: "layers",
                value: String::new(),
                reason: "a model has `layers` (V1) or `layer`, not both".to_owned(),
            },
        ));
    }
    for (index, old) in std::mem::take(&mut net.layers).into_iter().enumerate() {
        let Some(kind) = kind(old.type_()) else {
            return Err(fail(index, &old, LayerError::UnsupportedType));
        };
        net.layer.push(upgrade(old, kind));
    }
    Ok(())
}

fn upgrade(old: V1LayerParameter, kind: &str) -> LayerParameter {
    let mut new = LayerParameter::new();
    new.name = old.name;
    new.set_type(kind.to_owned());
    new.bottom = old.bottom;
    new.top = old.top;
    new.blobs = old.blobs;
    new.include = old.include;
    new.exclude = old.exclude;
    new.loss_weight = old.loss_weight;
    for index in 0..old.blobs_lr.len().max(old.weight_decay.len()) {
        let mut spec = ParamSpec::new();
        spec.lr_mult = old.blobs_lr.get(index).copied();
        spec.decay_mult = old.weight_decay.get(index).copied();
        new.param.push(spec);
    }
    new.accuracy_param = old.accuracy_param;
    new.concat_param = old.concat_param;
    new.convolution_param = old.convolution_param;
    new.data_param = old.data_param;
    new.dropout_param = old.dropout_param;
    new.eltwise_param = old.eltwise_param;
    new.inner_product_param = old.inner_product_param;
    new.lrn_param = old.lrn_param;
    new.pooling_param = old.pooling_param;
    new.power_param = old.power_param;
    new.relu_param = old.relu_param;
    new.sigmoid_param = old.sigmoid_param;
    new.softmax_param = old.softmax_param;
    new.tanh_param = old.tanh_param;
    new.transform_param = old.transform_param;
    new.loss_param = old.loss_param;
    new
}

/// The present name of a V1 layer type, for the types that this crate knows.
fn kind(old: LayerType) -> Option<&'static str> {
    Some(match old {
        LayerType::ACCURACY => "Accuracy",
        LayerType::CONCAT => "Concat",
        LayerType::CONVOLUTION => "Convolution",
        LayerType::DATA => "Data",
        LayerType::DROPOUT => "Dropout",
        LayerType::ELTWISE => "Eltwise",
        LayerType::FLATTEN => "Flatten",
        LayerType::INNER_PRODUCT => "InnerProduct",
        LayerType::LRN => "LRN",
        LayerType::POOLING => "Pooling",
        LayerType::POWER => "Power",
        LayerType::RELU => "ReLU",
        LayerType::SIGMOID => "Sigmoid",
        LayerType::SOFTMAX => "Softmax",
        LayerType::SOFTMAX_LOSS => "SoftmaxWithLoss",
        LayerType::SPLIT => "Split",
        LayerType::TANH => "TanH",
        _ => return None,
    })
}

/// Moves what Data layers once had among their own parameters to `transform_param`.
pub(crate) fn data_transformations(net: &mut NetParameter) {
    for layer in net.layer.iter_mut().filter(|layer| layer.type_() == "Data") {
        let Some(data) = layer.data_param.as_mut() else { continue };
        let (scale, mirror) = (data.scale.take(), data.mirror.take());
        let (crop_size, mean_file) = (data.crop_size.take(), data.mean_file.take());
        if scale.is_none() && mirror.is_none() && crop_size.is_none() && mean_file.is_none() {
            continue;
        }
        let transform = layer.transform_param.mut_or_insert_default();
        transform.scale = scale.or(transform.scale);
        transform.mirror = mirror.or(transform.mirror);
        transform.crop_size = crop_size.or(transform.crop_size);
        transform.mean_file = mean_file.or(transform.mean_file.take());
    }
}

/// Turns the net's `input` fields into an Input layer at the front; true if there were any. Each
/// shape has four numbers; a rest of fewer is no shape, which the Input layer then reports.
pub(crate) fn inputs(net: &mut NetParameter) -> bool {
    if net.input.is_empty() {
        return false;
    }
    let mut layer = LayerParameter::new();
    layer.set_name("input".to_owned());
    layer.set_type("Input".to_owned());
    layer.top = std::mem::take(&mut net.input);
    let mut param = InputParameter::new();
    param.shape = std::mem::take(&mut net.input_shape);
    if param.shape.is_empty() {
        param.shape = net.input_dim.chunks_exact(4).map(shape).collect();
    }
    net.input_dim.clear();
    layer.input_param = Some(param).into();
    net.layer.insert(0, layer);
    true
}

fn shape(dims: &[i32]) -> BlobShape {
    let mut shape = BlobShape::new();
    shape.dim = dims.iter().map(|&dim| dim.into()).collect();
    shape
}
