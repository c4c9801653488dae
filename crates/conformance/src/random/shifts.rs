//! int8 layers in which blocks of 64 output channels have shifts of their own.

use quantization_tools::umodel::{Arithmetic, Shifts};

use super::{Draw, Geometry, Layer, convolve, pair, product};

/// Channels on both sides of the borders of blocks.
fn channels(random: &mut Draw) -> usize {
    let blocks = random.pick(&[1, 1, 2, 2, 3, 4, 6]);
    match random.size(0, 3) {
        0 => 64 * (blocks + 1),
        1 => 64 * blocks + random.size(1, 3),
        2 => 64 * (blocks + 1) - random.size(1, 3),
        _ => 64 * blocks + random.size(1, 64),
    }
}

/// A shift for each block; some have their neighbour's.
fn of_blocks(random: &mut Draw, outputs: usize, [least, most]: [usize; 2]) -> Shifts {
    let mut shifts: Vec<u8> = Vec::new();
    for _ in 0..outputs.div_ceil(Shifts::BLOCK) {
        let drawn = random.size(least, most) as u8;
        let shift = shifts.last().copied().filter(|_| random.once_in(4)).unwrap_or(drawn);
        shifts.push(shift);
    }
    Shifts::of_blocks(shifts)
}

/// The layer with a shift for each block in the place of its own, from four below it to three above.
fn shifted(random: &mut Draw, mut layer: Layer, outputs: usize) -> Layer {
    if let Arithmetic::MultiplyAccumulate { right_shifts, .. } = &mut layer.arithmetic {
        let middle = usize::from(right_shifts.of_channel(0));
        *right_shifts = of_blocks(random, outputs, [middle.saturating_sub(4), middle + 3]);
    }
    layer
}

/// One in five is larger than local memory.
pub(super) fn convolution(random: &mut Draw) -> Layer {
    let large = random.once_in(5);
    let outputs = channels(random);
    let kernel = pair(random, 1, 3);
    let geometry = Geometry {
        channels: [if large { random.size(100, 300) } else { random.size(1, 100) }, outputs],
        group: 1,
        size: if large { pair(random, 30, 60) } else { pair(random, 1, 12) },
        kernel,
        stride: pair(random, 1, 2),
        pad: pair(random, 0, 2),
        dilation: if random.once_in(4) { pair(random, 1, 2) } else { [1, 1] },
    };
    let batch = random.batch();
    let layer = convolve(random, batch, &geometry);
    shifted(random, layer, outputs)
}

/// Borders of blocks lie within groups, and groups within blocks.
pub(super) fn grouped(random: &mut Draw) -> Layer {
    let (group, each) = match random.size(0, 3) {
        // Blocks and groups agree.
        0 => (random.size(2, 4), 64 * random.size(1, 2)),
        1 => (random.size(2, 4), random.size(33, 150)),
        2 => (random.size(9, 20), random.size(7, 20)),
        // One channel, and one or several outputs of it.
        _ => (random.size(40, 90), random.size(2, 4)),
    };
    let outputs = group * each;
    let inputs = group * random.pick(&[1, 1, 2, 5]);
    let geometry = Geometry {
        channels: [inputs, outputs],
        group,
        size: pair(random, 2, 9),
        kernel: pair(random, 1, 2),
        stride: pair(random, 1, 2),
        pad: pair(random, 0, 1),
        dilation: [1, 1],
    };
    let batch = random.batch();
    let layer = convolve(random, batch, &geometry);
    shifted(random, layer, outputs)
}

pub(super) fn depthwise(random: &mut Draw) -> Layer {
    let channels = channels(random);
    let large = random.once_in(5);
    let geometry = Geometry {
        channels: [channels; 2],
        group: channels,
        size: if large { pair(random, 60, 110) } else { pair(random, 3, 14) },
        kernel: pair(random, 1, 5),
        stride: pair(random, 1, 3),
        pad: pair(random, 0, 2),
        dilation: if random.once_in(4) { [1, 2] } else { [1, 1] },
    };
    let batch = if large { 1 } else { random.batch() };
    let layer = convolve(random, batch, &geometry);
    shifted(random, layer, channels)
}

pub(super) fn inner_product(random: &mut Draw) -> Layer {
    let outputs = channels(random);
    let bottom = match random.size(0, 5) {
        0 => vec![random.batch(), random.size(4096, 6000)],
        1 => vec![random.batch(), random.size(1, 9), random.size(1, 5)],
        _ => vec![random.batch(), random.size(1, 100), random.size(1, 5), random.size(1, 5)],
    };
    product(random, outputs, bottom, |random| of_blocks(random, outputs, [6, 16]))
}

/// Of one group, of two, or of one for each channel; one in six with zeros that no command inserts.
pub(super) fn deconvolution(random: &mut Draw) -> Layer {
    let outputs = channels(random);
    let (inputs, outputs, group) = match random.size(0, 3) {
        0 => (outputs, outputs, outputs),
        1 => (2 * random.size(1, 20), 2 * outputs.div_ceil(2), 2),
        _ => (random.size(1, 40), outputs, 1),
    };
    let kernel = pair(random, 1, 4);
    let most = if random.once_in(6) { 18 } else { 3 };
    let stride = pair(random, 1, most);
    let pad = pair(random, 0, 2);
    let size = pair(random, 1, 8);
    let with_bias = !random.once_in(3);
    Layer {
        text: format!(
            "type: 'Deconvolution' convolution_param {{ num_output: {outputs} group: {group} \
             kernel_size: {kernel:?} stride: {stride:?} pad: {pad:?} bias_term: {with_bias} }}"
        ),
        bottoms: vec![(vec![random.batch(), inputs, size[0], size[1]], random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::MultiplyAccumulate {
            weights: random.weights(&[inputs, outputs / group, kernel[0], kernel[1]]),
            bias: with_bias.then(|| random.bias(outputs)),
            right_shifts: of_blocks(random, outputs, [6, 14]),
        },
    }
}

pub(super) fn scale(random: &mut Draw) -> Layer {
    let channels = channels(random);
    let mut shape = vec![random.batch(), channels];
    for _ in 0..random.size(0, 2) {
        shape.push(random.size(1, 24));
    }
    let with_bias = !random.once_in(3);
    Layer {
        text: format!("type: 'Scale' scale_param {{ bias_term: {with_bias} }}"),
        bottoms: vec![(shape, random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::MultiplyAccumulate {
            weights: random.weights(&[channels]),
            bias: with_bias.then(|| random.bias(channels)),
            right_shifts: of_blocks(random, channels, [0, 9]),
        },
    }
}
