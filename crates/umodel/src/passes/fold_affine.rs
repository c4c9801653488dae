use std::collections::HashMap;

use ndarray::{Array1, ArrayD, Axis};

use crate::LayerSpec;
use crate::blob::narrow;
use crate::error::Error;
use crate::layers::{Affine, Role, Scale};
use crate::net::Net;
use crate::passes::reader_counts;

/// Folds per-channel affine layers (BatchNorm, BN, Scale, Bias, Power with power 1) into the convolution of any
/// kind, Deconvolution or InnerProduct in front of them, and joins those that remain into single Scales.
///
/// A layer is folded only if nothing else reads the blob between the two. The folded layer keeps
/// the first layer's name and the last layer's top. What the prototxt says of its quantization is joined, see
/// [`LayerSpec::absorb_quantization`]. Factors are computed in f64.
///
/// ```text
/// Convolution ─► BatchNorm ─► Scale ─► ReLU        ⇒        Convolution ─► ReLU
/// Eltwise ─► BatchNorm ─► Scale                    ⇒        Eltwise ─► Scale
/// ```
///
/// # Formula
/// `a · (W·x + b) + c = (a·W)·x + (a·b + c)`, a and c per output channel.
///
/// # Errors
/// None for a net that was valid before; the new net is checked again all the same.
pub fn fold_affine(net: &Net) -> Result<Net, Error> {
    let specs = net.specs();
    let counts = reader_counts(&specs);
    let mut kept: Vec<LayerSpec> = Vec::with_capacity(specs.len());
    // Where in `kept` the layer is whose first top this is: a search would take quadratic time.
    let mut writers: HashMap<String, usize> = HashMap::new();
    for (spec, layer) in specs.into_iter().zip(net.layers()) {
        let shape = layer.bottoms.first().map(|&id| net.blob(id).shape.as_slice());
        let Some(affine) = shape.and_then(|shape| Channels::of(&spec, shape)) else {
            writers.extend(spec.tops.first().map(|top| (top.clone(), kept.len())));
            kept.push(spec);
            continue;
        };
        let bottom = spec.bottoms.first();
        let before = bottom.and_then(|name| writers.get(name)).and_then(|&at| kept.get_mut(at));
        let only_reader = bottom.and_then(|name| counts.get(name)) == Some(&1);
        if let Some(before) = before.filter(|_| only_reader)
            && affine.fold_into(before)
        {
            before.absorb_quantization(&spec);
            before.tops = spec.tops;
            let at = bottom.and_then(|name| writers.remove(name));
            writers.extend(before.tops.first().cloned().zip(at));
        } else {
            writers.extend(spec.tops.first().map(|top| (top.clone(), kept.len())));
            kept.push(affine.into_scale(spec));
        }
    }
    Net::from_specs(net.name(), kept)
}

/// `y = factor · x + offset`, per channel of axis 1.
struct Channels {
    factor: Array1<f64>,
    offset: Array1<f64>,
}

impl Channels {
    /// The layer as a per-channel affine function, if it is one.
    fn of(spec: &LayerSpec, bottom: &[usize]) -> Option<Channels> {
        let Role::Affine(affine) = spec.op.role() else { return None };
        let &channels = bottom.get(1)?;
        let column = |index: usize| {
            let values = spec.weights.get(index)?;
            let values: Array1<f64> = values.iter().map(|&value| f64::from(value)).collect();
            (values.len() == channels).then_some(values)
        };
        let ones = Array1::<f64>::ones(channels);
        let zeros = Array1::<f64>::zeros(channels);
        Some(match affine {
            Affine::Constant { factor, offset } => {
                Channels { factor: ones * f64::from(factor), offset: zeros + f64::from(offset) }
            }
            Affine::Statistics { eps, learnt } => {
                let stored = f64::from(*spec.weights.get(2)?.first()?);
                let norm = if stored == 0.0 { 0.0 } else { 1.0 / stored };
                let factor = (column(1)? * norm).mapv(|v| 1.0 / (v + f64::from(eps)).sqrt());
                let offset = -(column(0)? * norm) * &factor;
                if learnt {
                    let scale = column(3)?;
                    Channels { offset: offset * &scale + column(4)?, factor: factor * scale }
                } else {
                    Channels { offset, factor }
                }
            }
            Affine::Normalized => {
                let factor = column(0)? * column(3)?;
                Channels { offset: column(1)? - column(2)? * &factor, factor }
            }
            Affine::Learnt { axis, num_axes, factor, offset } => {
                // Axis 1, counted from either end, and no other.
                let first =
                    axis == 1 || i32::try_from(bottom.len()).is_ok_and(|axes| axis == 1 - axes);
                let alone = num_axes == 1 || (num_axes == -1 && bottom.len() == 2);
                if !(spec.bottoms.len() == 1 && first && alone) {
                    return None;
                }
                Channels {
                    factor: if factor { column(0)? } else { ones },
                    offset: if offset { column(usize::from(factor))? } else { zeros },
                }
            }
        })
    }

    /// Multiplies the weights of the layer before; false if that layer cannot take them.
    fn fold_into(&self, before: &mut LayerSpec) -> bool {
        // The axis of output channels, and how many groups repeat it along axis 0.
        let (channel_axis, groups) = match before.op.role() {
            Role::Linear { axis, groups } => (axis, groups),
            // A Scale by channel, whose factors are weights.
            Role::Affine(Affine::Learnt { axis: 1, num_axes: 1, factor: true, .. })
                if before.bottoms.len() == 1 =>
            {
                (0, 1)
            }
            Role::Affine(_)
            | Role::Input
            | Role::Pictures { .. }
            | Role::Loss
            | Role::Identity
            | Role::Split
            | Role::Joins
            | Role::Reshapes
            | Role::Presents
            | Role::Computes => return false,
        };
        let Some(bias) = before.op.param_mut().bias_mut() else { return false };
        let Some(weights) = before.weights.first() else { return false };
        let Some(&channels) = weights.shape().get(channel_axis) else { return false };
        if channels * groups != self.factor.len() || weights.shape()[0] < groups {
            return false;
        }
        let mut scaled: ArrayD<f32> = weights.as_ref().clone();
        let rows = weights.shape()[0] / groups;
        for (group, mut part) in scaled.axis_chunks_iter_mut(Axis(0), rows.max(1)).enumerate() {
            let factors = self.factor.iter().skip(group * channels);
            for (mut row, &factor) in part.axis_iter_mut(Axis(channel_axis)).zip(factors) {
                row.mapv_inplace(|value| narrow(f64::from(value) * factor));
            }
        }
        let mut offset = self.offset.clone();
        if *bias && let Some(old) = before.weights.get(1) {
            for ((new, &old), &factor) in offset.iter_mut().zip(old.iter()).zip(&self.factor) {
                *new += f64::from(old) * factor;
            }
        }
        *bias = true;
        before.set_weights([scaled, to_f32(&offset)]);
        true
    }

    fn into_scale(self, mut spec: LayerSpec) -> LayerSpec {
        spec.op = Scale { axis: 1, num_axes: 1, bias: true }.into();
        spec.set_weights([to_f32(&self.factor), to_f32(&self.offset)]);
        spec.forget_parameters();
        spec
    }
}

fn to_f32(values: &Array1<f64>) -> ArrayD<f32> {
    values.mapv(narrow).into_dyn()
}
