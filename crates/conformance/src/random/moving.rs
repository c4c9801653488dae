//! Layers that only move values, in int8 and in fp32.

use quantization_tools::umodel::{Arithmetic, DType};

use super::{Draw, Layer, any_shape, pair};

/// A layer with one bottom and tops of its type.
fn moved(random: &mut Draw, text: String, shape: Vec<usize>, tops: usize) -> Layer {
    let dtype = random.dtype();
    let arithmetic = match dtype {
        DType::F32 => Arithmetic::Float,
        DType::I8 | DType::U8 => Arithmetic::Same,
    };
    Layer { text, bottoms: vec![(shape, dtype)], tops: vec![dtype; tops], arithmetic }
}

/// As [`moved`]; half of the int8 ones bring each top to a scale of its own.
fn cut(random: &mut Draw, text: String, shape: Vec<usize>, tops: usize) -> Layer {
    let layer = moved(random, text, shape, tops);
    if layer.bottoms[0].1 == DType::F32 || random.once_in(2) {
        return layer;
    }
    let by = (0..tops).map(|_| random.rescale()).collect();
    let tops = (0..tops).map(|_| random.int8()).collect();
    Layer { tops, arithmetic: Arithmetic::Cut(by), ..layer }
}

/// Four axes of moderate length.
fn picture(random: &mut Draw) -> Vec<usize> {
    let size = if random.once_in(5) { pair(random, 60, 130) } else { pair(random, 1, 20) };
    vec![random.batch(), random.size(1, 140), size[0], size[1]]
}

pub(super) fn permute(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 2);
    let mut order: Vec<usize> = (0..shape.len()).collect();
    // The images stay where they are in most nets.
    let first = usize::from(!random.once_in(3));
    for index in (first + 1..order.len()).rev() {
        let other = random.size(first, index);
        order.swap(index, other);
    }
    let text = format!("type: 'Permute' permute_param {{ order: {order:?} }}");
    moved(random, text, shape, 1)
}

/// Sizes that need several tiles.
pub(super) fn large_permute(random: &mut Draw) -> Layer {
    let shape = random.pick(&[
        [1, 255, 40, 40],
        [1, 3, 300, 500],
        [1, 2000, 3, 70],
        [5, 24, 38, 38],
        [1, 1, 40, 9000],
        [1, 70, 1, 20_000],
    ]);
    let order = random.pick(&[[0, 2, 3, 1], [0, 3, 2, 1], [0, 1, 3, 2], [0, 3, 1, 2]]);
    let text = format!("type: 'Permute' permute_param {{ order: {order:?} }}");
    moved(random, text, shape.to_vec(), 1)
}

pub(super) fn slice(random: &mut Draw) -> Layer {
    let mut shape = any_shape(random, 2);
    let axis = if random.once_in(2) { 1 } else { random.size(0, shape.len() - 1) };
    let tops = random.size(2, 4);
    if random.once_in(2) {
        shape[axis] = tops * random.size(1, 30);
        let text = format!("type: 'Slice' slice_param {{ axis: {axis} }}");
        return cut(random, text, shape, tops);
    }
    let mut points = Vec::new();
    let mut end = 0;
    for _ in 1..tops {
        end += random.size(1, 20);
        points.push(end);
    }
    shape[axis] = end + random.size(1, 20);
    let text = format!("type: 'Slice' slice_param {{ axis: {axis} slice_point: {points:?} }}");
    cut(random, text, shape, tops)
}

pub(super) fn strided_slice(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 1);
    let [mut begin, mut end, mut stride] = [Vec::new(), Vec::new(), Vec::new()];
    for (axis, &length) in shape.iter().enumerate() {
        let length = length as i64;
        let whole = axis == 0 && !random.once_in(3);
        let step = if whole { 1 } else { random.pick(&[1, 1, 2, 3, -1, -2]) };
        let first = if whole { 0 } else { random.between(0, (length - 1) / 2) };
        let last = if whole { length } else { random.between((length + 1) / 2, length) };
        let range = if step > 0 { (first, last.max(first + 1)) } else { (last - 1, first - 1) };
        // An end in front of the first index has no number of its own: -1 counts from the end.
        begin.push(range.0);
        end.push(if range.1 < 0 { i64::from(i32::MIN) } else { range.1 });
        stride.push(step);
    }
    let text = format!(
        "type: 'StridedSlice' strided_slice_param {{ begin: {begin:?} end: {end:?} stride: {stride:?} }}"
    );
    cut(random, text, shape, 1)
}

pub(super) fn tile(random: &mut Draw) -> Layer {
    let shape: Vec<usize> = picture(random).into_iter().map(|size| size.min(40)).collect();
    let axis = random.size(0, 3);
    let text = format!("type: 'Tile' tile_param {{ axis: {axis} tiles: {} }}", random.size(1, 5));
    moved(random, text, shape, 1)
}

pub(super) fn crop(random: &mut Draw) -> Layer {
    let shape = picture(random);
    let mut smaller = shape.clone();
    let axis = random.size(1, 3);
    let mut offsets = Vec::new();
    for size in &mut smaller[axis..] {
        let offset = random.size(0, *size - 1);
        *size = random.size(1, *size - offset);
        offsets.push(offset);
    }
    let text = format!("type: 'Crop' crop_param {{ axis: {axis} offset: {offsets:?} }}");
    let mut layer = moved(random, text, shape, 1);
    layer.bottoms.push((smaller, layer.bottoms[0].1));
    layer
}

pub(super) fn pad(random: &mut Draw) -> Layer {
    let shape = picture(random);
    let mode = random.pick(&["CONSTANT", "CONSTANT", "REPLICATE", "REFLECT", "SYMMETRIC"]);
    let most = if mode == "CONSTANT" { 5 } else { shape[2].min(shape[3]).min(5) - 1 };
    let [u, d, l, r] = [0; 4].map(|_: usize| random.size(0, most));
    let mut layer = moved(random, String::new(), shape, 1);
    let value = if layer.bottoms[0].1 == DType::F32 { 1.5 } else { 0.0 };
    let value = if mode == "CONSTANT" { format!("pad_value: {value}") } else { String::new() };
    layer.text = format!(
        "type: 'Pad' pad_param {{ pad_u: {u} pad_d: {d} pad_l: {l} pad_r: {r} \
         pad_type: {mode} {value} }}"
    );
    layer
}

pub(super) fn shuffle_channel(random: &mut Draw) -> Layer {
    let mut shape = picture(random);
    let group = random.size(2, 8);
    shape[1] = group * random.size(1, 30);
    let text = format!("type: 'ShuffleChannel' shuffle_channel_param {{ group: {group} }}");
    moved(random, text, shape, 1)
}

pub(super) fn pixel_shuffle(random: &mut Draw) -> Layer {
    let mut shape = picture(random);
    let factor = random.size(1, 4);
    shape[1] = factor * factor * random.size(1, 9);
    let text = format!("type: 'PixelShuffle' pixelshuffle_param {{ upscale_factor: {factor} }}");
    moved(random, text, shape, 1)
}

pub(super) fn reorg(random: &mut Draw) -> Layer {
    let stride = random.size(1, 3);
    let reverse = random.once_in(2);
    let batch = random.batch();
    let shape = vec![
        batch,
        stride * stride * random.size(1, 20),
        stride * random.size(1, 9),
        stride * random.size(1, 9),
    ];
    let text = format!("type: 'Reorg' reorg_param {{ stride: {stride} reverse: {reverse} }}");
    moved(random, text, shape, 1)
}

pub(super) fn reverse(random: &mut Draw) -> Layer {
    let shape: Vec<usize> = picture(random).into_iter().map(|size| size.min(30)).collect();
    let text = format!("type: 'Reverse' reverse_param {{ axis: {} }}", random.size(0, 3));
    moved(random, text, shape, 1)
}

pub(super) fn upsample(random: &mut Draw) -> Layer {
    let mut shape = picture(random);
    shape[1] = shape[1].min(70);
    let text = format!("type: 'Upsample' upsample_param {{ scale: {} }}", random.size(1, 4));
    moved(random, text, shape, 1)
}

/// To the nearest pixel.
pub(super) fn resample(random: &mut Draw) -> Layer {
    let shape = vec![random.batch(), random.size(1, 80), random.size(1, 12), random.size(1, 12)];
    let coordinates = random.pick(&["ASYMMETRIC", "HALF_PIXEL", "ALIGN_CORNERS"]);
    let [height, width] = pair(random, 1, 30);
    let text = format!(
        "type: 'Resample' resample_param {{ height: {height} width: {width} method: NEAREST \
         coordinates: {coordinates} }}"
    );
    moved(random, text, shape, 1)
}
