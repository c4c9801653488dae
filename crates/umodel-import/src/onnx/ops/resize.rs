use umodel::layers::{Coordinates, NearestRounding, ResampleMethod};

use super::convolution::{as_picture, from_picture};
use crate::error::NodeError;
use crate::graph::{Importer, Layout, Result, Tensor, Value};
use crate::onnx::node::Node;
use crate::ops::resize::{Resize2d, resize as core};
use crate::ops::{self};

/// From operator set 11 on; what operator set 10 has is [`upsample`] under this name.
pub(super) fn resize(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    if node.opset < 11 {
        return upsample(importer, node);
    }
    if node.flag("exclude_outside", false) || node.flag("antialias", false) {
        return Err(NodeError::unsupported("exclude_outside or antialias"));
    }
    let policy = node.string("keep_aspect_ratio_policy", "stretch");
    if policy != "stretch" {
        return Err(NodeError::unsupported(format!("keep_aspect_ratio_policy {policy}")));
    }
    let coordinates = node.string("coordinate_transformation_mode", "half_pixel");
    let coordinates = match coordinates.as_str() {
        "half_pixel" => Coordinates::HalfPixel,
        "pytorch_half_pixel" => Coordinates::PytorchHalfPixel,
        "align_corners" => Coordinates::AlignCorners,
        "asymmetric" => Coordinates::Asymmetric,
        "tf_half_pixel_for_nn" => Coordinates::TfHalfPixelForNn,
        _ => return Err(NodeError::unsupported(format!("coordinates {coordinates}"))),
    };
    let mode = node.string("mode", "nearest");
    let method = match mode.as_str() {
        "nearest" => {
            let rounding = node.string("nearest_mode", "round_prefer_floor");
            ResampleMethod::Nearest(match rounding.as_str() {
                "round_prefer_floor" => NearestRounding::PreferFloor,
                "round_prefer_ceil" => NearestRounding::PreferCeil,
                "floor" => NearestRounding::Floor,
                "ceil" => NearestRounding::Ceil,
                _ => return Err(NodeError::attribute("nearest_mode", rounding)),
            })
        }
        "linear" => ResampleMethod::Linear,
        "cubic" => ResampleMethod::Cubic { a: node.float("cubic_coeff_a", -0.75) },
        _ => return Err(NodeError::attribute("mode", mode)),
    };
    let given = |index: usize| -> Result<Option<&Tensor>> {
        Ok(node.optional_constant(index)?.filter(|tensor| tensor.len() > 0))
    };
    let scales = given(2)?.map(Tensor::floats);
    let sizes = given(3)?.map(Tensor::ints);
    to(importer, node, scales, sizes, method, coordinates)
}

/// Factors are an attribute before operator set 9, an input from then on.
pub(super) fn upsample(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let scales = match node.floats("scales") {
        Some(scales) => scales.to_vec(),
        None => node.constant(1)?.floats(),
    };
    let mode = node.string("mode", "nearest");
    let method = match mode.as_str() {
        "nearest" => ResampleMethod::Nearest(NearestRounding::Floor),
        "linear" => ResampleMethod::Linear,
        _ => return Err(NodeError::attribute("mode", mode)),
    };
    to(importer, node, Some(scales), None, method, Coordinates::Asymmetric)
}

fn to(
    importer: &mut Importer,
    node: &Node<'_>,
    scales: Option<Vec<f32>>,
    sizes: Option<Vec<i64>>,
    method: ResampleMethod,
    coordinates: Coordinates,
) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let rank = x.shape().len();
    let axes = match node.ints("axes") {
        None => (0..rank).collect(),
        Some(axes) => axes.iter().map(|&axis| ops::axis(axis, rank)).collect::<Result<Vec<_>>>()?,
    };
    let count = scales.as_ref().map(Vec::len).or(sizes.as_ref().map(Vec::len));
    if count != Some(axes.len()) {
        return Err(NodeError::shapes(format!("factors or sizes for the axes {axes:?}")));
    }
    let mut shape = x.shape().to_vec();
    let mut factors = vec![1.0f32; rank];
    for (index, &axis) in axes.iter().enumerate() {
        if let Some(scales) = &scales {
            factors[axis] = scales[index];
            let size = (shape[axis] as f64 * f64::from(scales[index])).floor();
            if !(size >= 1.0 && size < f64::from(u32::MAX)) {
                return Err(NodeError::attribute("scales", format!("{scales:?}")));
            }
            shape[axis] = size as usize;
        } else if let Some(sizes) = &sizes {
            shape[axis] = usize::try_from(sizes[index])
                .map_err(|_| NodeError::attribute("sizes", format!("{sizes:?}")))?;
        }
    }
    if shape == x.shape() && factors.iter().all(|&factor| factor == 1.0) {
        return Ok(vec![x.clone()]);
    }
    let line = rank == 3;
    if !(3..=4).contains(&rank) || shape[..2] != x.shape()[..2] {
        let reason = format!("resizes {:?} to {shape:?}, not height and width", x.shape());
        return Err(NodeError::unsupported(reason));
    }
    let width = rank - 1;
    let height = if line { 1 } else { shape[2] };
    let scale = scales.map(|_| [if line { 1.0 } else { factors[2] }, factors[width]]);
    let p = Resize2d {
        layout: Layout::ChannelsFirst,
        size: [height, shape[width]],
        scale,
        method,
        coordinates,
    };
    let x = as_picture(&site, x, line)?;
    let top = core(importer, &site, &x, &p)?;
    Ok(vec![from_picture(&site, &top, line)?])
}
