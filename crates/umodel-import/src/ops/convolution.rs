//! Convolutions of pictures, and transposed ones.

use umodel::layers::{Bias, Convolution, Deconvolution};

use super::pad::{self, Padding};
use crate::error::{AttributeError, ShapeError, Unsupported};
use crate::graph::{Importer, Layout, Result, Site, Tensor, Value, View, Weight, signed};

/// A convolution's parameters.
#[derive(Clone, Debug)]
pub(crate) struct Conv2d {
    /// The order of the value's axes.
    pub(crate) layout: Layout,
    /// `[outputs, inputs/groups, kh, kw]`; of a transposed one `[inputs, outputs/groups, kh, kw]`.
    pub(crate) weights: Tensor,
    /// One value for each output.
    pub(crate) bias: Option<Tensor>,
    pub(crate) strides: [usize; 2],
    pub(crate) dilations: [usize; 2],
    /// Rows above, columns left, rows below, columns right; negative ones cut.
    pub(crate) pads: [i64; 4],
    pub(crate) groups: usize,
}

/// The pads of TensorFlow's SAME rule (ONNX's SAME_UPPER) along one axis, before and after; the odd one is
/// after.
pub(crate) fn same_pads(length: usize, kernel: usize, stride: usize, dilation: usize) -> [i64; 2] {
    let windows = length.div_ceil(stride.max(1));
    let reach = kernel.saturating_sub(1).saturating_mul(dilation).saturating_add(1);
    let needed = windows.saturating_sub(1).saturating_mul(stride).saturating_add(reach);
    let total = signed(needed.saturating_sub(length));
    [total / 2, total - total / 2]
}

impl Conv2d {
    fn kernel(&self) -> Result<[usize; 4]> {
        match *self.weights.shape() {
            [a, b, kh, kw] if ![a, b, kh, kw].contains(&0) => Ok([a, b, kh, kw]),
            _ => Err(ShapeError::Weights { shape: self.weights.shape().to_vec() }.into()),
        }
    }

    fn check(&self) -> Result<()> {
        for (name, sizes) in [
            ("strides", &self.strides[..]),
            ("dilations", &self.dilations[..]),
            ("group", &[self.groups][..]),
        ] {
            if sizes.contains(&0) {
                return Err(AttributeError::Value { found: sizes.into() }.of(name));
            }
        }
        Ok(())
    }
}

/// A picture as a blob N, C, H, W.
pub(super) fn picture(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    layout: Layout,
) -> Result<View> {
    if x.shape().len() != 4 {
        return Err(Unsupported::NoPicture { shape: x.shape().to_vec() }.into());
    }
    let view = importer.blob(site, x)?;
    let blob = importer.arrange(&view, &layout.order())?;
    let shape = layout.order().iter().map(|&axis| view.shape[axis]).collect();
    Ok(View::plain(&blob, shape))
}

/// The blob N, C, H, W as the foreign graph sees it.
pub(super) fn seen(blob: View, layout: Layout) -> Value {
    View::ordered(&blob.blob, blob.blob_shape, &layout.order()).into()
}

/// Convolves a picture. Pads that differ between the sides become a Pad layer.
pub(crate) fn convolution(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    p: &Conv2d,
) -> Result<Value> {
    p.check()?;
    let [outputs, _, kh, kw] = p.kernel()?;
    let x = picture(importer, site, x, p.layout)?;
    let (x, pad) = even_pads(importer, site, x, p.pads)?;
    let convolution = Convolution {
        num_output: outputs,
        bias: p.bias.is_some(),
        kernel: [kh, kw],
        stride: p.strides,
        pad,
        dilation: p.dilations,
        group: p.groups,
    };
    let weights = weights(p, outputs)?;
    let top = importer.add(site, convolution, &[&x.blob], weights)?;
    Ok(seen(top, p.layout))
}

/// The backward pass of a convolution; `p.pads` are cut from its result, `output_padding` rows and columns
/// are added to it below and on the right.
pub(crate) fn transposed(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    p: &Conv2d,
    output_padding: [usize; 2],
) -> Result<Value> {
    p.check()?;
    let [_, outputs, kh, kw] = p.kernel()?;
    let outputs = outputs.checked_mul(p.groups).ok_or(ShapeError::Overflow)?;
    let x = picture(importer, site, x, p.layout)?;
    let [top, left, bottom, right] = p.pads;
    let [added_rows, added_columns] = output_padding.map(signed);
    let (below, beside) = (bottom - added_rows, right - added_columns);
    let even = even(top, below).zip(even(left, beside));
    let pad = even.map_or([0, 0], |(rows, columns)| [rows, columns]);
    let convolution = Convolution {
        num_output: outputs,
        bias: p.bias.is_some() && even.is_some(),
        kernel: [kh, kw],
        stride: p.strides,
        pad,
        dilation: p.dilations,
        group: p.groups,
    };
    let deconvolution = Deconvolution { convolution };
    let mut weights = weights(p, outputs)?;
    if even.is_some() {
        let top = importer.add(site, deconvolution, &[&x.blob], weights)?;
        return Ok(seen(top, p.layout));
    }
    let bias = weights.split_off(1);
    let full = importer.add(&site.sub("full"), deconvolution, &[&x.blob], weights)?;
    let cut = [[0, 0], [0, 0], [-top, -below], [-left, -beside]];
    let at = if bias.is_empty() { site.clone() } else { site.sub("cut") };
    let cut = pad::pad(importer, &at, &full.into(), &cut, Padding::Constant(0.0))?;
    let mut cut = importer.blob(site, &cut)?;
    if !bias.is_empty() {
        cut = importer.add(site, Bias { axis: 1, num_axes: 1 }, &[&cut.blob], bias)?;
    }
    Ok(seen(cut, p.layout))
}

fn weights(p: &Conv2d, outputs: usize) -> Result<Vec<Weight>> {
    let mut weights = vec![p.weights.to_f32()?.weight()];
    if let Some(bias) = &p.bias {
        if bias.len() != outputs {
            return Err(ShapeError::Channels { found: bias.len(), channels: outputs }.into());
        }
        weights.push(bias.reshaped(&[outputs])?.to_f32()?.weight());
    }
    Ok(weights)
}

/// The pad of both sides, if it is the same and adds something or nothing.
fn even(before: i64, after: i64) -> Option<usize> {
    usize::try_from(before).ok().filter(|_| before == after)
}

/// Makes pads even by padding the bottom.
fn even_pads(
    importer: &mut Importer,
    site: &Site,
    x: View,
    [top, left, bottom, right]: [i64; 4],
) -> Result<(View, [usize; 2])> {
    if let (Some(rows), Some(columns)) = (even(top, bottom), even(left, right)) {
        return Ok((x, [rows, columns]));
    }
    let pads = [[0, 0], [0, 0], [top, bottom], [left, right]];
    let padded = pad::pad(importer, &site.sub("pad"), &x.into(), &pads, Padding::Constant(0.0))?;
    Ok((importer.blob(site, &padded)?, [0, 0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_pads_put_the_odd_one_behind() {
        for (arguments, expected) in [
            ((224, 3, 2, 1), [0, 1]),
            ((112, 3, 1, 1), [1, 1]),
            ((7, 2, 1, 1), [0, 1]),
            ((5, 1, 2, 1), [0, 0]),
            ((10, 3, 1, 2), [2, 2]),
        ] {
            let (length, kernel, stride, dilation) = arguments;
            assert_eq!(same_pads(length, kernel, stride, dilation), expected, "{arguments:?}");
        }
    }
}
