//! Layers of other forks of Caffe that are ones of this crate in another form. Whatever is not the same stays as it is;
//! its type then says what is wrong.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::collections::HashSet;

use crate::Position;
use crate::proto::pooling_parameter::PoolMethod;
use crate::proto::pooling_parameter::RoundMode;
use crate::proto::upsample_parameter::UpsampleOp;
use crate::proto::{
    BilinearInterpolateParameter, ConvolutionParameter, LayerParameter, MaxUnPoolParameter,
    NetParameter, PadParameter, PermuteParameter, PoolingParameter, UpsampleParameter,
};

/// Brings all layers to the forms of this crate; `positions` are those of `layer`.
pub(crate) fn rewrite(net: &mut NetParameter, positions: &mut Vec<Option<Position>>) {
    for layer in &mut net.layer {
        match layer.type_() {
            "Padding" => padding(layer),
            "Transpose" => transpose(layer),
            "Upsample" => upsample(layer),
            "UpsampleDarknet" => upsample_darknet(layer),
            _ => {}
        }
    }
    pads(net, positions);
}

/// The vendor's Padding is a Pad.
fn padding(layer: &mut LayerParameter) {
    let Some(p) = layer.padding_param.take() else { return };
    let side = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
    let mut pad = pad(side(p.pad_t()), side(p.pad_b()), side(p.pad_l()), side(p.pad_r()));
    // A number in 32 bits that is no number of fp32 is the nearest one there, too.
    let value = p.pad_value().to_string().parse::<f32>().unwrap_or(0.0);
    pad.pad_value = (value != 0.0).then_some(value);
    layer.pad_param = Some(pad).into();
    layer.set_type("Pad".to_owned());
}

fn pad(top: i32, bottom: i32, left: i32, right: i32) -> PadParameter {
    let given = |side: i32| (side != 0).then_some(side);
    PadParameter {
        pad_u: given(top),
        pad_d: given(bottom),
        pad_l: given(left),
        pad_r: given(right),
        ..Default::default()
    }
}

/// A Transpose is a Permute. The vendor's `order` always has eight numbers: those behind the blob's axes are 0.
fn transpose(layer: &mut LayerParameter) {
    let Some(p) = layer.transpose_param.as_ref() else { return };
    let axes = match (p.dim.as_slice(), p.order.as_slice()) {
        (axes, []) | ([], axes) => axes,
        _ => return,
    };
    let mut seen = HashSet::new();
    let first = axes.iter().take_while(|&&axis| seen.insert(axis));
    let order: Result<Vec<u32>, _> = first.map(|&axis| u32::try_from(axis)).collect();
    let Ok(order) = order else { return };
    if axes.iter().skip(order.len()).any(|&axis| axis != 0) {
        return;
    }
    layer.permute_param = Some(PermuteParameter { order, ..Default::default() }).into();
    layer.transpose_param.take();
    layer.set_type("Permute".to_owned());
}

fn upsample_darknet(layer: &mut LayerParameter) {
    let p = layer.upsample_darknet_param.take().unwrap_or_default();
    let scale = Some(p.stride());
    layer.upsample_param = Some(UpsampleParameter { scale, ..Default::default() }).into();
    layer.set_type("Upsample".to_owned());
}

/// An Upsample with `mode` is a plain one or a BilinearInterpolate; one with a mask is SegNet's, a MaxUnPool.
fn upsample(layer: &mut LayerParameter) {
    let p = layer.upsample_param.get_or_default();
    if layer.bottom.len() == 2 && p.mode.is_none() {
        if let Some(p) = unpool(p) {
            layer.max_unpool_param = Some(p).into();
            layer.upsample_param.take();
            layer.set_type("MaxUnPool".to_owned());
        }
        return;
    }
    if layer.bottom.len() != 1 || p.scale.is_some() {
        return;
    }
    let mode = p.mode.map(|mode| mode.enum_value_or_default()).unwrap_or(UpsampleOp::NEAREST);
    let sides = [p.height, p.width, p.height_scale, p.width_scale];
    match (mode, sides) {
        (UpsampleOp::NEAREST, [None, None, Some(h), Some(w)]) => {
            let (scale_h, scale_w) = (Some(h), Some(w));
            let p = UpsampleParameter { scale_h, scale_w, ..Default::default() };
            layer.upsample_param = Some(p).into();
        }
        (UpsampleOp::BILINEAR, [Some(h), Some(w), _, _]) => {
            let side = |side: u32| Some(i32::try_from(side).unwrap_or(i32::MAX));
            let (dst_h, dst_w) = (side(h), side(w));
            interpolate(layer, BilinearInterpolateParameter { dst_h, dst_w, ..Default::default() });
        }
        // Scales beyond this are sizes that no blob has.
        (UpsampleOp::BILINEAR, [None, None, Some(h), Some(w)]) if h == w => {
            let Ok(scale) = u16::try_from(h) else { return };
            let scale_factor = Some(f32::from(scale));
            interpolate(layer, BilinearInterpolateParameter { scale_factor, ..Default::default() });
        }
        _ => {}
    }
}

/// The size that SegNet's layer gives its top; a scale of 2 is its default.
fn unpool(p: &UpsampleParameter) -> Option<MaxUnPoolParameter> {
    if let (Some(h), Some(w)) = (p.upsample_h, p.upsample_w) {
        return Some(MaxUnPoolParameter { dst_h: Some(h), dst_w: Some(w), ..Default::default() });
    }
    let scale = match (p.scale, p.scale_h, p.scale_w) {
        (scale, None, None) => u32::try_from(scale.unwrap_or(2)).ok().map(|scale| [scale; 2])?,
        (None, Some(h), Some(w)) => [h, w],
        _ => return None,
    };
    let less = [p.pad_out_h(), p.pad_out_w()];
    // A row less is only meant for a scale of 2.
    if less.iter().zip(scale).any(|(&less, scale)| less && scale != 2) {
        return None;
    }
    Some(MaxUnPoolParameter {
        scale_h: Some(scale[0]),
        scale_w: Some(scale[1]),
        less_h: less[0].then_some(true),
        less_w: less[1].then_some(true),
        ..Default::default()
    })
}

/// With corners that stay, which is this layer's default.
fn interpolate(layer: &mut LayerParameter, p: BilinearInterpolateParameter) {
    layer.bilinear_interpolate_param = Some(p).into();
    layer.upsample_param.take();
    layer.set_type("BilinearInterpolate".to_owned());
}

/// Padding by sides, as Synopsys' fork has it: the same on both sides is a plain pad; otherwise a Pad layer comes in
/// front.
fn pads(net: &mut NetParameter, positions: &mut Vec<Option<Position>>) {
    if !net.layer.iter().any(|layer| sides(layer).is_some()) {
        return;
    }
    let tops = net.layer.iter().flat_map(|layer| &layer.top);
    let names = net.layer.iter().filter_map(|layer| layer.name.as_ref());
    let mut taken: HashSet<String> = tops.chain(names).cloned().collect();
    let old_positions = std::mem::take(positions);
    let mut layers = Vec::with_capacity(net.layer.len());
    let all = std::mem::take(&mut net.layer).into_iter().enumerate();
    for (index, mut layer) in all {
        let position = old_positions.get(index).copied().flatten();
        if let Some(sides) = sides(&layer)
            && let Some(pad) = split(&mut layer, sides, &mut taken)
        {
            layers.push(pad);
            positions.push(position);
        }
        layers.push(layer);
        positions.push(position);
    }
    net.layer = layers;
}

/// Top, bottom, left, right.
type Sides = [i32; 4];

/// The padding of a layer that has it by sides, and in no other form.
fn sides(layer: &LayerParameter) -> Option<Sides> {
    let plain = |pads: &[u32], both: [Option<u32>; 2]| {
        pads.iter().copied().chain(both.into_iter().flatten()).all(|pad| pad == 0)
    };
    let sides = match layer.type_() {
        "Convolution" | "ConvolutionDepthwise" | "DepthwiseConvolution" | "Deconvolution" => {
            let p = &layer.convolution_param;
            if !plain(&p.pad, [p.pad_h, p.pad_w]) {
                return None;
            }
            [p.pad_t(), p.pad_b(), p.pad_l(), p.pad_r()]
        }
        "Pooling" => {
            let p = &layer.pooling_param;
            if !plain(p.pad.as_slice(), [p.pad_h, p.pad_w]) {
                return None;
            }
            [p.pad_t(), p.pad_b(), p.pad_l(), p.pad_r()]
        }
        _ => return None,
    };
    (sides != [0; 4] && sides.iter().all(|&side| side >= 0)).then_some(sides)
}

/// Takes the sides away from a layer; the layer that has to come in front of it. The layer stays as it is if its kind
/// cannot have other pads.
fn split(
    layer: &mut LayerParameter,
    sides: Sides,
    taken: &mut HashSet<String>,
) -> Option<LayerParameter> {
    let [top, bottom, left, right] = sides;
    let same = top == bottom && left == right;
    let (high, wide) = (top.unsigned_abs(), left.unsigned_abs());
    let both = same.then_some((high, wide));
    let fill = if layer.type_() == "Pooling" {
        let p = layer.pooling_param.as_mut()?;
        if !same && !begin_inside(p, sides) {
            return None;
        }
        clear_pooling(p);
        (p.pad_h, p.pad_w) = (both.map(|both| both.0), both.map(|both| both.1));
        if p.pool() == PoolMethod::MAX { f32::MIN } else { 0.0 }
    } else {
        if !same && layer.type_() == "Deconvolution" {
            return None;
        }
        let p = layer.convolution_param.as_mut()?;
        clear_convolution(p);
        (p.pad_h, p.pad_w) = (both.map(|both| both.0), both.map(|both| both.1));
        0.0
    };
    if same {
        return None;
    }
    let mut free = |wanted: String| {
        let numbered = |number: u64| match number {
            0 => wanted.clone(),
            number => format!("{wanted}_{number}"),
        };
        (0..).map(numbered).find(|name| taken.insert(name.clone())).unwrap_or_default()
    };
    let from = layer.bottom.first_mut()?;
    let name = free(format!("{}_pad", layer.name.as_deref().unwrap_or_default()));
    let mut p = pad(top, bottom, left, right);
    p.pad_value = (fill != 0.0).then_some(fill);
    let before = LayerParameter {
        name: Some(name.clone()),
        type_: Some("Pad".to_owned()),
        bottom: vec![std::mem::replace(from, name.clone())],
        top: vec![name],
        include: layer.include.clone(),
        exclude: layer.exclude.clone(),
        pad_param: Some(p).into(),
        ..Default::default()
    };
    Some(before)
}

fn clear_convolution(p: &mut ConvolutionParameter) {
    (p.pad_l, p.pad_r, p.pad_t, p.pad_b) = (None, None, None, None);
    p.pad.clear();
}

fn clear_pooling(p: &mut PoolingParameter) {
    (p.pad_l, p.pad_r, p.pad_t, p.pad_b) = (None, None, None, None);
    p.pad = None;
}

/// Whether no window begins in the padding behind the picture, whatever its size. Such a one is left out, which a
/// pooling of a padded picture does not do.
fn begin_inside(p: &PoolingParameter, [_, bottom, _, right]: Sides) -> bool {
    let ceil = p.round_mode() == RoundMode::CEIL && p.ceil_mode();
    let axis = |side: Option<u32>, stride: Option<u32>, pad: i32| {
        let kernel = i64::from(side.or(p.kernel_size).unwrap_or(0));
        let stride = i64::from(stride.or(p.stride).unwrap_or(1));
        kernel >= i64::from(pad) + if ceil { stride } else { 1 }
    };
    !p.global_pooling()
        && axis(p.kernel_h, p.stride_h, bottom)
        && axis(p.kernel_w, p.stride_w, right)
}

#[cfg(test)]
mod tests {
    use crate::NetParameter;

    fn read(layer: &str) -> String {
        let text = format!("layer {{ name: 'y' {layer} top: 'y' }}");
        let model = NetParameter::parse_text(&text).expect("text").to_text();
        model.split_whitespace().collect::<Vec<_>>().join(" ").replace('"', "'")
    }

    /// Exact.
    #[test]
    fn layers_of_other_forks_become_ones_of_this_crate() {
        for (layer, expected) in [
            (
                "type: 'Padding' bottom: 'x' padding_param { pad_t: 1 pad_l: 2 pad_value: -3 }",
                "type: 'Pad' bottom: 'x' top: 'y' pad_param { pad_u: 1 pad_l: 2 pad_value: -3 }",
            ),
            (
                "type: 'Transpose' bottom: 'x' transpose_param { dim: [2, 0, 1] }",
                "type: 'Permute' bottom: 'x' top: 'y' permute_param { order: 2 order: 0 order: 1 }",
            ),
            (
                "type: 'Transpose' bottom: 'x' transpose_param { order: [0, 2, 1, 0, 0, 0, 0, 0] }",
                "type: 'Permute' bottom: 'x' top: 'y' permute_param { order: 0 order: 2 order: 1 }",
            ),
            (
                "type: 'UpsampleDarknet' bottom: 'x' upsample_darknet_param { stride: 2 }",
                "type: 'Upsample' bottom: 'x' top: 'y' upsample_param { scale: 2 }",
            ),
            (
                "type: 'Upsample' bottom: 'x' upsample_param { height_scale: 2 width_scale: 3 mode: NEAREST }",
                "type: 'Upsample' bottom: 'x' top: 'y' upsample_param { scale_w: 3 scale_h: 2 }",
            ),
            (
                "type: 'Upsample' bottom: 'x' upsample_param { height_scale: 2 width_scale: 2 mode: BILINEAR }",
                "type: 'BilinearInterpolate' bottom: 'x' top: 'y' bilinear_interpolate_param { scale_factor: 2 }",
            ),
            (
                "type: 'Upsample' bottom: 'x' upsample_param { height: 9 width: 8 mode: BILINEAR }",
                "type: 'BilinearInterpolate' bottom: 'x' top: 'y' bilinear_interpolate_param { dst_h: 9 dst_w: 8 }",
            ),
            (
                "type: 'Upsample' bottom: 'x' bottom: 'm' upsample_param { scale: 2 upsample_w: 30 upsample_h: 23 }",
                "type: 'MaxUnPool' bottom: 'x' bottom: 'm' top: 'y' max_unpool_param { dst_h: 23 dst_w: 30 }",
            ),
            (
                "type: 'Upsample' bottom: 'x' bottom: 'm' upsample_param { scale: 2 pad_out_h: true }",
                "type: 'MaxUnPool' bottom: 'x' bottom: 'm' top: 'y' \
                 max_unpool_param { scale_h: 2 scale_w: 2 less_h: true }",
            ),
            (
                "type: 'Upsample' bottom: 'x' bottom: 'm'",
                "type: 'MaxUnPool' bottom: 'x' bottom: 'm' top: 'y' max_unpool_param { scale_h: 2 scale_w: 2 }",
            ),
            (
                "type: 'Convolution' bottom: 'x' \
                 convolution_param { num_output: 1 kernel_size: 3 pad_l: 1 pad_r: 1 pad_t: 2 pad_b: 2 }",
                "type: 'Convolution' bottom: 'x' top: 'y' \
                 convolution_param { num_output: 1 kernel_size: 3 pad_h: 2 pad_w: 1 }",
            ),
        ] {
            assert_eq!(read(layer), format!("layer {{ name: 'y' {expected} }}"), "{layer}");
        }
        // What is none of them stays, and is an error when it is to compute.
        for layer in [
            "type: 'Transpose' bottom: 'x' transpose_param { dim: [1, 1] }",
            "type: 'Upsample' bottom: 'x' upsample_param { scale: 2 mode: BILINEAR }",
            "type: 'Upsample' bottom: 'x' upsample_param { height: 4 width: 4 mode: NEAREST }",
            "type: 'Upsample' bottom: 'x' bottom: 'm' upsample_param { scale: 3 pad_out_w: true }",
            "type: 'Deconvolution' bottom: 'x' convolution_param { num_output: 1 kernel_size: 3 pad_b: 1 }",
            "type: 'Pooling' bottom: 'x' pooling_param { kernel_size: 2 stride: 2 pad_b: 1 }",
            "type: 'Pooling' bottom: 'x' pooling_param { pad: 1 kernel_size: 3 pad_b: 1 }",
        ] {
            let kind = layer.split('\'').nth(1).expect("a type");
            assert!(read(layer).contains(&format!("type: '{kind}'")), "{}", read(layer));
            let text = format!(
                "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 1, 9, 9] }} }} }}
                 layer {{ name: 'm' type: 'Split' bottom: 'x' top: 'm' }} layer {{ name: 'y' {layer} top: 'y' }}"
            );
            let model = NetParameter::parse_text(&text).expect("text");
            let net = crate::Net::new(&model, None, crate::Phase::Test, &crate::NoSources);
            assert!(net.is_err(), "{layer}");
        }
    }

    /// Exact: the layer in front has a name of its own, and the rules of the one behind it.
    #[test]
    fn other_pads_become_a_layer() {
        let text =
            "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2, 8, 8] } } }
            layer { name: 'y_pad' type: 'Split' bottom: 'x' top: 'z' }
            layer { name: 'y' type: 'Pooling' bottom: 'x' top: 'y' include { phase: TEST }
                    pooling_param { kernel_size: 3 stride: 2 pad_r: 1 pad_b: 1 } }
            layer { name: 'c' type: 'Convolution' bottom: 'y' top: 'c'
                    convolution_param { num_output: 1 kernel_size: 2 pad_b: 1 } }";
        let model = NetParameter::parse_text(text).expect("text");
        let net =
            crate::Net::new(&model, None, crate::Phase::Test, &crate::NoSources).expect("valid");
        let layers: Vec<String> = net
            .layers()
            .iter()
            .map(|layer| {
                let top = net.blob(*layer.tops.first().expect("a top"));
                format!("{} {} {:?}", layer.name, top.name, top.shape)
            })
            .collect();
        assert_eq!(
            layers,
            [
                "x x [1, 2, 8, 8]",
                "y_pad z [1, 2, 8, 8]",
                "y_pad_1 y_pad_1 [1, 2, 9, 9]",
                "y y [1, 2, 4, 4]",
                "c_pad c_pad [1, 2, 5, 4]",
                "c c [1, 1, 4, 3]",
            ]
        );
        assert!(model.to_text().contains("pad_value: -3.40282347e+38"), "{}", model.to_text());
        let train = crate::Net::new(&model, None, crate::Phase::Train, &crate::NoSources);
        assert!(train.is_err(), "nothing makes y in training, and no pad is left over");
    }
}
