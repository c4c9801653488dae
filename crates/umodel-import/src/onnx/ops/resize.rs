use umodel::layers::{Coordinates, NearestRounding, ResampleMethod};

use super::convolution::{as_picture, from_picture};
use crate::error::{AttributeError, NodeError, Unsupported};
use crate::graph::{Importer, Layout, Result, Tensor, Value};
use crate::onnx::node::Node;
use crate::ops::resize::{Resize2d, resize as core};
use crate::ops::{self};

/// From operator set 11 on; what operator set 10 has is [`upsample`] under this name.
pub(super) fn resize(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    if node.opset < 11 {
        return upsample(importer, node);
    }
    for name in ["exclude_outside", "antialias"] {
        if node.flag(name, false) {
            return Err(Unsupported::Value { name, found: 1i64.into() }.into());
        }
    }
    let policy = node.string("keep_aspect_ratio_policy", "stretch");
    if policy != "stretch" {
        let found = policy.as_str().into();
        return Err(Unsupported::Value { name: "keep_aspect_ratio_policy", found }.into());
    }
    let coordinates = node.string("coordinate_transformation_mode", "half_pixel");
    let coordinates = match coordinates.as_str() {
        "half_pixel" => Coordinates::HalfPixel,
        "pytorch_half_pixel" => Coordinates::PytorchHalfPixel,
        "align_corners" => Coordinates::AlignCorners,
        "asymmetric" => Coordinates::Asymmetric,
        "tf_half_pixel_for_nn" => Coordinates::TfHalfPixelForNn,
        other => {
            let name = "coordinate_transformation_mode";
            return Err(Unsupported::Value { name, found: other.into() }.into());
        }
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
                _ => return Err(NodeError::attribute("nearest_mode", rounding.as_str())),
            })
        }
        "linear" => ResampleMethod::Linear,
        "cubic" => ResampleMethod::Cubic { a: node.float("cubic_coeff_a", -0.75) },
        _ => return Err(NodeError::attribute("mode", mode.as_str())),
    };
    let given = |index: usize| -> Result<Option<&Tensor>> {
        Ok(node.optional_constant(index)?.filter(|tensor| tensor.len() > 0))
    };
    let scales = given(2)?.map(Tensor::floats);
    let sizes = given(3)?.map(Tensor::ints);
    // The scales stand in front of the sizes, and only one of the two is there.
    let target = match (scales, sizes) {
        (Some(scales), _) => Target::Scales(scales),
        (None, Some(sizes)) => Target::Sizes(sizes),
        (None, None) => return Err(NodeError::MissingInput { index: 3 }),
    };
    to(importer, node, &target, method, coordinates)
}

/// What a resizing is told.
enum Target {
    Scales(Vec<f32>),
    Sizes(Vec<i64>),
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
        _ => return Err(NodeError::attribute("mode", mode.as_str())),
    };
    to(importer, node, &Target::Scales(scales), method, Coordinates::Asymmetric)
}

fn to(
    importer: &mut Importer,
    node: &Node<'_>,
    target: &Target,
    method: ResampleMethod,
    coordinates: Coordinates,
) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let rank = x.shape().len();
    let axes = match node.ints("axes") {
        None => (0..rank).collect(),
        Some(axes) => axes.iter().map(|&axis| ops::axis(axis, rank)).collect::<Result<Vec<_>>>()?,
    };
    let (name, found) = match target {
        Target::Scales(scales) => ("scales", scales.len()),
        Target::Sizes(sizes) => ("sizes", sizes.len()),
    };
    if found != axes.len() {
        return Err(AttributeError::Count { found, expected: axes.len() }.of(name));
    }
    let mut shape = x.shape().to_vec();
    let mut factors = vec![1.0f32; rank];
    for (index, &axis) in axes.iter().enumerate() {
        let (Some(size), Some(factor)) = (shape.get_mut(axis), factors.get_mut(axis)) else {
            continue;
        };
        match target {
            Target::Scales(scales) => {
                *factor = scales.get(index).copied().unwrap_or(1.0);
                let scaled = scaled(*size, *factor);
                *size = scaled.ok_or_else(|| NodeError::attribute(name, scales.as_slice()))?;
            }
            Target::Sizes(sizes) => {
                let wanted = sizes.get(index).and_then(|&size| usize::try_from(size).ok());
                // The batch that the model was made for is the one that it gets.
                let own = importer.batch.filter(|_| index == 0).map(|[own, _]| own);
                let wanted = if own.is_some() && wanted == own { Some(*size) } else { wanted };
                *size = wanted.ok_or_else(|| NodeError::attribute(name, sizes.as_slice()))?;
            }
        }
    }
    if shape == x.shape() && factors.iter().all(|&factor| factor == 1.0) {
        return Ok(vec![x.clone()]);
    }
    // A line is a picture of height 1.
    let (line, size, factors) = match (x.shape(), shape.as_slice(), factors.as_slice()) {
        (&[n, c, _], &[to_n, to_c, width], &[_, _, factor]) if [n, c] == [to_n, to_c] => {
            (true, [1, width], [1.0, factor])
        }
        (&[n, c, _, _], &[to_n, to_c, height, width], &[_, _, rows, columns])
            if [n, c] == [to_n, to_c] =>
        {
            (false, [height, width], [rows, columns])
        }
        (from, ..) => {
            return Err(Unsupported::ResizedAxes { from: from.to_vec(), to: shape }.into());
        }
    };
    let scale = matches!(target, Target::Scales(_)).then_some(factors);
    let p = Resize2d { layout: Layout::ChannelsFirst, size, scale, method, coordinates };
    let x = as_picture(&site, x, line)?;
    let top = core(importer, &site, &x, &p)?;
    Ok(vec![from_picture(&site, &top, line)?])
}

/// A size times a factor, rounded down; nothing below 1 and far beyond what a tensor may have.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are below 2^31, and the product is compared with its limits"
)]
fn scaled(size: usize, factor: f32) -> Option<usize> {
    let size = (size as f64 * f64::from(factor)).floor();
    (size >= 1.0 && size < f64::from(u32::MAX)).then_some(size as usize)
}
