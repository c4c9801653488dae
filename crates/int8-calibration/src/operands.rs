//! Layers with constant operands, and joins of many, in forms that the chip has.

use std::collections::HashMap;

use ndarray::{ArrayD, IxDyn};
use umodel::layers::{
    BinaryOp, BroadcastBinary, Eltwise, EltwiseOp, InnerProduct, Parameter, Scale,
};
use umodel::{LayerOp, LayerSpec, Net, Thresholds};

use crate::error::Error;
use crate::fuse::Names;

/// Gives layers other types that compute the same, for [`prepare`](crate::prepare()):
///
/// ```text
/// BroadcastBinary with a constant for each channel  ⇒  Scale
/// MatMul with a constant matrix                     ⇒  InnerProduct
/// Eltwise PROD of three and more                    ⇒  products of two
/// ```
///
/// Parameter layers that nothing reads any more go.
pub(crate) fn replace(net: &Net) -> Result<Net, Error> {
    let mut names = names(net);
    let constants = constants(net);
    let read_before: HashMap<String, bool> = net
        .blob_ids()
        .map(|id| (net.blob(id).name.clone(), !net.consumers(id).is_empty()))
        .collect();
    let mut specs = Vec::with_capacity(net.layers().len());
    for (mut spec, layer) in net.specs().into_iter().zip(net.layers()) {
        let shapes: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
        let top = layer.tops.first().map_or(&[][..], |&id| &net.blob(id).shape);
        match &spec.op {
            LayerOp::BroadcastBinary(p) => {
                let p = *p;
                by_channel(&mut spec, p.operation, &shapes, top, &constants);
            }
            LayerOp::MatMul(p) if !p.transpose_a => {
                let turned = p.transpose_b;
                inner_product(&mut spec, turned, &shapes, &constants);
            }
            LayerOp::Eltwise(Eltwise { operation: EltwiseOp::Product }) if shapes.len() > 2 => {
                specs.extend(products(&mut spec, &mut names));
            }
            _ => {}
        }
        specs.push(spec);
    }
    remove_constants(&mut specs, &read_before);
    Ok(Net::from_specs(net.name(), specs)?)
}

/// Scales and Biases over other axes than channels become BroadcastBinary layers whose constants are Parameter layers;
/// a Bias behind an InnerProduct along the same axis becomes its bias. For [`prepare`](crate::prepare()), once
/// everything by channel has been folded.
pub(crate) fn other_axes(net: &Net) -> Result<Net, Error> {
    let mut names = names(net);
    let mut specs: Vec<LayerSpec> = Vec::with_capacity(net.layers().len());
    for (spec, layer) in net.specs().into_iter().zip(net.layers()) {
        let bottom = layer.bottoms.first().map_or(&[][..], |&id| &net.blob(id).shape);
        let learnt = spec.bottoms.len() == 1 && !spec.weights.is_empty();
        let axis = match &spec.op {
            LayerOp::Scale(p) if learnt && (p.axis, p.num_axes) != (1, 1) => p.axis,
            LayerOp::Bias(p) if learnt => p.axis,
            _ => {
                specs.push(spec);
                continue;
            }
        };
        let only = layer.bottoms.iter().all(|&id| net.consumers(id).len() == 1);
        if let LayerOp::Bias(_) = spec.op
            && only
            && let Some(before) =
                specs.iter_mut().rev().find(|before| before.tops.contains(&spec.bottoms[0]))
            && absorb(before, &spec, axis, bottom.len())
        {
            before.absorb_quantization(&spec);
            before.tops = spec.tops;
            continue;
        }
        specs.extend(constant_operands(spec, axis, bottom, &mut names));
    }
    Ok(Net::from_specs(net.name(), specs)?)
}

fn names(net: &Net) -> Names {
    // New blobs and their layers share a name, which neither kind may have yet.
    let blobs = net.blobs().iter().map(|blob| blob.name.as_str());
    Names::of(blobs.chain(net.layers().iter().map(|layer| layer.name.as_str())))
}

/// The values of each Parameter layer's top.
pub(crate) fn constants(net: &Net) -> HashMap<String, ArrayD<f32>> {
    let constants = net.layers().iter().filter_map(|layer| {
        let (LayerOp::Parameter(_), [values], [top]) =
            (&layer.op, &layer.weights[..], &layer.tops[..])
        else {
            return None;
        };
        Some((net.blob(*top).name.clone(), values.as_ref().clone()))
    });
    constants.collect()
}

/// Removes the Parameter layers that lost their last reader.
pub(crate) fn remove_constants(specs: &mut Vec<LayerSpec>, read_before: &HashMap<String, bool>) {
    let mut read: HashMap<String, bool> = HashMap::new();
    for bottom in specs.iter().flat_map(|spec| &spec.bottoms) {
        read.insert(bottom.clone(), true);
    }
    let is = |names: &HashMap<String, bool>, top: &String| names.get(top).copied() == Some(true);
    specs.retain(|spec| {
        let constant = matches!(spec.op, LayerOp::Parameter(_));
        !constant || spec.tops.iter().any(|top| is(&read, top) || !is(read_before, top))
    });
}

/// `x ∘ c` or `c ∘ x` with one constant, or one for each of the channels of axis 1, becomes a Scale with bias.
fn by_channel(
    spec: &mut LayerSpec,
    operation: BinaryOp,
    shapes: &[&[usize]],
    top: &[usize],
    constants: &HashMap<String, ArrayD<f32>>,
) {
    let [first, second] = &spec.bottoms[..] else { return };
    let (x, values, swapped) = match (constants.get(first), constants.get(second)) {
        (None, Some(values)) => (0, values, false),
        (Some(values), None) => (1, values, true),
        _ => return,
    };
    let (shape, constant) = (shapes[x], shapes[1 - x]);
    let Some(&channels) = shape.get(1) else { return };
    // Of the axes, aligned at the last one, only that of the channels may have a length.
    let axis = |index: usize| (index + shape.len()).checked_sub(constant.len());
    let others =
        constant.iter().enumerate().all(|(index, &size)| size == 1 || axis(index) == Some(1));
    if !others || shape != top || channels == 0 {
        return;
    }
    let values: Vec<f32> = match values.len() {
        1 => values.iter().cycle().take(channels).copied().collect(),
        count if count == channels => values.iter().copied().collect(),
        _ => return,
    };
    let map = |function: fn(f32) -> f32| values.iter().map(|&value| function(value)).collect();
    let ones = |value: f32| vec![value; channels];
    let (factors, offsets): (Vec<f32>, Vec<f32>) = match (operation, swapped) {
        (BinaryOp::Add, _) => (ones(1.0), values),
        (BinaryOp::Sub, false) => (ones(1.0), map(|value| -value)),
        (BinaryOp::Sub, true) => (ones(-1.0), values),
        (BinaryOp::Mul, _) => (values, ones(0.0)),
        (BinaryOp::Div, false) if values.iter().all(|&value| value != 0.0) => {
            (map(|value| 1.0 / value), ones(0.0))
        }
        _ => return,
    };
    let bottom = spec.bottoms.swap_remove(x);
    spec.bottoms = vec![bottom];
    spec.op = Scale { axis: 1, num_axes: 1, bias: true }.into();
    let column = |values: Vec<f32>| ndarray::Array1::from(values).into_dyn();
    spec.set_weights([column(factors), column(offsets)]);
    spec.forget_parameters();
}

/// `x · W` with a constant matrix W becomes an InnerProduct along the last axis.
fn inner_product(
    spec: &mut LayerSpec,
    turned: bool,
    shapes: &[&[usize]],
    constants: &HashMap<String, ArrayD<f32>>,
) {
    let ([x, matrix], [shape, _]) = (&spec.bottoms[..], shapes) else { return };
    let Some(matrix) = constants.get(matrix).filter(|_| !constants.contains_key(x)) else { return };
    let [front @ .., rows, columns] = matrix.shape() else { return };
    // With more axes there would be a matrix for each of them, or another shape of the top.
    let (rows, columns) = (*rows, *columns);
    if front.iter().any(|&size| size != 1) || front.len() + 2 > shape.len() || shape.len() < 2 {
        return;
    }
    let values: Vec<f32> = matrix.iter().copied().collect();
    let Ok(matrix) = ArrayD::from_shape_vec(IxDyn(&[rows, columns]), values) else { return };
    let weights = if turned { matrix } else { matrix.reversed_axes() };
    let Ok(axis) = i32::try_from(shape.len() - 1) else { return };
    let num_output = weights.shape()[0];
    spec.op = InnerProduct { num_output, bias: false, axis, transpose: false }.into();
    spec.bottoms.truncate(1);
    spec.set_weights([weights]);
    spec.forget_parameters();
}

/// A product of many: all but the last of the products of two. What is left of the layer multiplies by the last bottom.
fn products(spec: &mut LayerSpec, names: &mut Names) -> Vec<LayerSpec> {
    let mut bottoms = std::mem::take(&mut spec.bottoms).into_iter();
    let Some(mut product) = bottoms.next() else { return Vec::new() };
    let mut rest: Vec<String> = bottoms.collect();
    let last = rest.pop();
    let mut layers = Vec::with_capacity(rest.len());
    for bottom in rest {
        let name = names.fresh(&format!("{}_product", spec.name));
        let mut layer = spec.clone();
        layer.set_thresholds(Thresholds::default());
        layer.bottoms = vec![product, bottom];
        (layer.name, layer.tops) = (name.clone(), vec![name.clone()]);
        product = name;
        layers.push(layer);
    }
    spec.bottoms = std::iter::once(product).chain(last).collect();
    layers
}

/// Adds a bias to an InnerProduct in front of it that has none along another axis.
fn absorb(before: &mut LayerSpec, bias: &LayerSpec, axis: i32, axes: usize) -> bool {
    let LayerOp::InnerProduct(product) = &mut before.op else { return false };
    let index = |axis: i32| {
        if axis < 0 { i32::try_from(axes).map_or(axis, |axes| axis + axes) } else { axis }
    };
    let [values] = &bias.weights[..] else { return false };
    if index(product.axis) != index(axis) || values.shape() != [product.num_output] {
        return false;
    }
    let offset: ArrayD<f32> = match (product.bias, before.weights.get(1)) {
        (true, Some(old)) => old.as_ref() + values.as_ref(),
        (false, None) => values.as_ref().clone(),
        _ => return false,
    };
    let Some(weights) = before.weights.first().map(|weights| weights.as_ref().clone()) else {
        return false;
    };
    product.bias = true;
    before.set_weights([weights, offset]);
    true
}

/// A Scale or Bias as products and sums with constants.
fn constant_operands(
    spec: LayerSpec,
    axis: i32,
    bottom: &[usize],
    names: &mut Names,
) -> Vec<LayerSpec> {
    let axes = bottom.len();
    let start = usize::try_from(axis)
        .ok()
        .or_else(|| axes.checked_sub(usize::try_from(axis.unsigned_abs()).ok()?));
    let operations: Vec<(BinaryOp, &str)> = match &spec.op {
        LayerOp::Scale(_) => vec![(BinaryOp::Mul, "factor"), (BinaryOp::Add, "offset")],
        _ => vec![(BinaryOp::Add, "offset")],
    };
    let mut layers = Vec::new();
    let mut before = spec.bottoms[0].clone();
    let count = spec.weights.len();
    for (index, (weights, (operation, suffix))) in spec.weights.iter().zip(operations).enumerate() {
        // The constant's axes are aligned at the last one of the bottom.
        let mut shape = weights.shape().to_vec();
        if !shape.is_empty() {
            let end = start.map_or(axes, |start| start + shape.len());
            shape.extend(vec![1; axes.saturating_sub(end)]);
        }
        let values: Vec<f32> = weights.iter().copied().collect();
        let Ok(values) = ArrayD::from_shape_vec(IxDyn(&shape), values) else { return vec![spec] };
        let constant = names.fresh(&format!("{}_{suffix}", spec.name));
        let parameter = LayerSpec::new(&constant, Parameter { shape }, &[], &[&constant]);
        layers.push(parameter.with_weights([values]));
        let mut layer = spec.clone();
        layer.op = BroadcastBinary { operation }.into();
        layer.weights.clear();
        layer.forget_parameters();
        layer.bottoms = vec![before, constant];
        if index + 1 < count {
            layer.set_thresholds(Thresholds::default());
            let name = names.fresh(&format!("{}_scaled", spec.name));
            (layer.name, layer.tops) = (name.clone(), vec![name]);
        }
        before = layer.tops[0].clone();
        layers.push(layer);
    }
    layers
}
