//! Convolutions over all input channels.

use bm1684_isa::commands::{Precision, Tiu};
use bm1684_isa::memory::local_address;

use crate::elements::{number, range, rounded};
use crate::memory::{Bytes, FILLER, KNOWN, UNWRITTEN};
use crate::operand;
use crate::threads::spread;
use crate::view::{View, index};
use crate::window::{Axis, axes, states};
use crate::{Fault, float};

/// Products of a command at most: some thousand times those of the largest layers.
const MOST_PRODUCTS: u64 = 1 << 40;
/// Outputs of a channel whose inputs are brought together at once.
const PIXELS: usize = 32;
/// Output channels of a task, where there are not enough pixels for all threads.
const CHANNELS: usize = 64;

/// A convolution with all that it needs to know.
struct Conv {
    axes: [Axis; 2],
    images: usize,
    inputs: usize,
    outputs: usize,
    input: View,
    /// Words under each tap, and the numbers in a word.
    depth: usize,
    each: usize,
}

impl Conv {
    fn of(t: &Tiu) -> Result<Conv, Fault> {
        let float = t.opt_opd0_prec == Precision::F32;
        let images = usize::from(t.res0_n);
        let inputs = usize::from(t.opd0_c);
        let words = if float { images } else { images.div_ceil(4) };
        let sizes = [words, inputs, t.opd0_h.into(), t.opd0_w.into()];
        let conv = Conv {
            axes: axes(t)?,
            images,
            inputs,
            outputs: t.res0_c.into(),
            input: operand::first(t, sizes)?,
            depth: inputs.div_ceil(if float { 2 } else { 4 }),
            each: if float { 2 } else { 4 },
        };
        let [rows, columns] = &conv.axes;
        let factors = [images, conv.outputs, rows.output, columns.output, conv.taps()];
        let steps = factors.iter().fold(conv.steps(), |product, factor| {
            product.saturating_mul((*factor).try_into().unwrap_or(u64::MAX))
        });
        if steps > MOST_PRODUCTS {
            return Err(Fault::TooLong { steps, limit: MOST_PRODUCTS });
        }
        Ok(conv)
    }

    fn steps(&self) -> u64 {
        (self.depth * self.each).try_into().unwrap_or(u64::MAX)
    }

    fn taps(&self) -> usize {
        let [rows, columns] = &self.axes;
        rows.kernel * columns.kernel
    }

    fn pixels(&self) -> usize {
        let [rows, columns] = &self.axes;
        rows.output * columns.output
    }

    /// Numbers that an output is computed from.
    fn length(&self) -> usize {
        self.taps() * self.depth * self.each
    }

    /// The words of the result.
    fn result(&self, t: &Tiu, words: usize) -> Result<View, Fault> {
        let [rows, columns] = &self.axes;
        View::aligned(t.res0_addr, [words, self.outputs, rows.output, columns.output], 4)
    }

    /// The weights' words: along N those under a tap, then output channels and the kernel's axes.
    fn weights(&self, t: &Tiu) -> Result<View, Fault> {
        let [rows, columns] = &self.axes;
        if t.short_opd1_str != 3 {
            return Err(Fault::Unknown { what: "this layout of weights" });
        }
        let strides = [t.opd1_n_str, t.opd1_c_str, t.opd1_h_str, t.opd1_w_str].map(index);
        let sizes = [self.depth, self.outputs, rows.kernel, columns.kernel];
        View::new(t.opd1_addr, sizes, strides, if self.each == 2 { 8 } else { 4 })
    }

    /// The bytes of each weight in the order of an output's inputs: output channel, tap, input channel.
    fn visit_weights(
        &self,
        t: &Tiu,
        lanes: &[Bytes],
        mut take: impl FnMut([u8; 4]),
    ) -> Result<Vec<u8>, Fault> {
        let size = if self.each == 2 { 4 } else { 1 };
        let mut states = vec![KNOWN; self.outputs];
        if t.opt_opd1_const {
            for _ in 0..self.outputs * self.taps() {
                for channel in 0..self.depth * self.each {
                    take(if channel < self.inputs { t.opd1_addr.to_le_bytes() } else { [0; 4] });
                }
            }
            return Ok(states);
        }
        let view = self.weights(t)?;
        let [rows, columns] = &self.axes;
        for (output, low) in states.iter_mut().enumerate() {
            let (lane, start) = view.row(0, output, 0);
            let Bytes { values, states: of } = &lanes[lane];
            for row in 0..rows.kernel {
                for column in 0..columns.kernel {
                    let [row, column] = if t.opt_kernel_rotate {
                        [rows.kernel - 1 - row, columns.kernel - 1 - column]
                    } else {
                        [row, column]
                    };
                    for channel in 0..self.depth * self.each {
                        if channel >= self.inputs {
                            take([0; 4]);
                            continue;
                        }
                        let at = start
                            + row * view.strides[2]
                            + column * view.strides[3]
                            + channel / self.each * view.strides[0]
                            + channel % self.each * size;
                        let mut bytes = [0; 4];
                        bytes[..size].copy_from_slice(&values[at..at + size]);
                        for (byte, state) in (at..).zip(&of[at..at + size]) {
                            *low &= state;
                            if *state == UNWRITTEN {
                                let address = local_address(lane, byte).into();
                                return Err(Fault::Unwritten { address });
                            }
                        }
                        take(bytes);
                    }
                }
            }
        }
        Ok(states)
    }

    /// The states of an image's pixels, each the lowest of its channels'; `byte` is the image's place in a word.
    fn map(&self, lanes: &[Bytes], word: usize, bytes: std::ops::Range<usize>) -> Vec<u8> {
        let [_, channels, height, width] = self.input.sizes;
        let mut map = vec![KNOWN; height * width];
        for c in 0..channels {
            for h in 0..height {
                let (lane, at) = self.input.row(word, c, h);
                let states = &lanes[lane].states;
                for (w, state) in map[h * width..][..width].iter_mut().enumerate() {
                    let at = at + w * self.input.strides[3];
                    for byte in bytes.clone() {
                        *state &= states[at + byte];
                    }
                }
            }
        }
        map
    }

    /// The states of an image's outputs; an error if one is computed from a byte that was never written.
    fn states(
        &self,
        lanes: &[Bytes],
        word: usize,
        bytes: std::ops::Range<usize>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let map = self.map(lanes, word, bytes.clone());
        if map.iter().all(|state| *state == KNOWN) {
            return Ok(None);
        }
        if map.iter().all(|state| *state == FILLER) {
            return Ok(Some(vec![FILLER; self.pixels()]));
        }
        let states = states(&self.axes, &map);
        if states.contains(&UNWRITTEN) {
            return Err(self.first_unwritten(lanes, word, bytes));
        }
        Ok(Some(states))
    }

    fn first_unwritten(
        &self,
        lanes: &[Bytes],
        word: usize,
        bytes: std::ops::Range<usize>,
    ) -> Fault {
        let [_, channels, _, _] = self.input.sizes;
        let [rows, columns] = &self.axes;
        let ways = |axis: &Axis| -> Vec<usize> {
            let outputs = 0..axis.output;
            outputs.flat_map(|o| (0..axis.kernel).filter_map(move |k| axis.place(o, k))).collect()
        };
        for c in 0..channels {
            for h in ways(rows) {
                let (lane, at) = self.input.row(word, c, h);
                for w in ways(columns) {
                    let at = at + w * self.input.strides[3];
                    for byte in bytes.clone() {
                        if lanes[lane].states[at + byte] == UNWRITTEN {
                            return Fault::Unwritten {
                                address: local_address(lane, at + byte).into(),
                            };
                        }
                    }
                }
            }
        }
        Fault::Unwritten { address: local_address(self.input.lane, self.input.offset).into() }
    }
}

/// Executes a convolution.
pub(crate) fn run(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    for (set, what) in [
        (t.opt_res_add, "a convolution that is added to its result"),
        (t.opt_winograd, "a Winograd convolution"),
        (t.opt_opd0_const, "a convolution of a constant"),
        (t.opt_opd2_const, "a constant bias of a convolution"),
        (t.tsk_eu_typ != 0, "this operation of convolutions"),
        (t.tsk_opd_num < 2, "a convolution without weights"),
    ] {
        if set {
            return Err(Fault::Unknown { what });
        }
    }
    match [t.opt_res0_prec, t.opt_opd0_prec, t.opt_opd1_prec] {
        [Precision::I8, Precision::I8, Precision::I8] => integer(t, lanes, threads),
        [Precision::F32, Precision::F32, Precision::F32] => float(t, lanes, threads),
        _ => Err(Fault::Unknown { what: "a convolution of these types" }),
    }
}

fn integer(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let conv = Conv::of(t)?;
    let result = conv.result(t, conv.images.div_ceil(4))?;
    let bias = operand::bias(t, conv.outputs)?;
    let length = conv.length();
    let mut weights: Vec<i16> = Vec::with_capacity(conv.outputs * length);
    let signed = t.opt_opd1_sign;
    let weight_states = conv.visit_weights(t, lanes, |bytes| {
        weights.push(short(number(bytes, Precision::I8, signed)));
    })?;
    let biases = bias.map_or(Ok(None), |bias| bias.read(lanes).map(Some))?;
    let unsigned = t.opt_relu || !operand::any_signed(t);
    let limits = range(Precision::I8, !unsigned);
    let pixels = conv.pixels();
    for image in 0..conv.images {
        let (word, byte) = (image / 4, image % 4);
        let states = conv.states(lanes, word, byte..byte + 1)?;
        let skipped = states.as_ref().is_some_and(|states| !states.contains(&KNOWN));
        let mut sums = vec![0u8; conv.outputs * pixels];
        if !skipped {
            let input = dense(&conv, lanes, word, byte, t.opt_opd0_sign);
            let finish = |output: usize, sum: i32| {
                let bias = biases.as_ref().map_or(0, |biases| biases.values[output]);
                let value = rounded(sum.wrapping_add(bias), t.opt_right_shift);
                let [low, ..] = value.clamp(limits.0, limits.1).to_le_bytes();
                low
            };
            multiply(&conv, &input, &weights, threads, &mut sums, &finish);
        }
        let known = vec![KNOWN; pixels];
        let states = states.unwrap_or(known);
        for output in 0..conv.outputs {
            let mut low = weight_states[output];
            if let Some(biases) = &biases {
                low &= biases.states[output];
            }
            let [_, _, height, width] = result.sizes;
            for row in 0..height {
                let (lane, at) = result.row(word, output, row);
                let Bytes { values, states: of } = &mut lanes[lane];
                let sums = &sums[output * pixels + row * width..][..width];
                let states = &states[row * width..][..width];
                for (w, (sum, state)) in sums.iter().zip(states).enumerate() {
                    values[at + 4 * w + byte] = *sum;
                    of[at + 4 * w + byte] = state & low;
                }
            }
        }
    }
    Ok(())
}

/// A number of 8 bits.
#[expect(clippy::cast_possible_truncation, reason = "all callers have 9 bits at most")]
fn short(value: i32) -> i16 {
    value as i16
}

/// An image with its channels side by side, filled up with zeros to whole words.
fn dense(conv: &Conv, lanes: &[Bytes], word: usize, byte: usize, signed: bool) -> Vec<i16> {
    let [_, channels, height, width] = conv.input.sizes;
    let depth = conv.depth * conv.each;
    let mut input = vec![0i16; height * width * depth];
    for c in 0..channels {
        for h in 0..height {
            let (lane, at) = conv.input.row(word, c, h);
            let values = &lanes[lane].values;
            let row = &mut input[h * width * depth..][..width * depth];
            for w in 0..width {
                let value = values[at + byte + w * conv.input.strides[3]];
                row[w * depth + c] =
                    if signed { i16::from(value.cast_signed()) } else { i16::from(value) };
            }
        }
    }
    input
}

/// All outputs of an image, channel by channel.
fn multiply(
    conv: &Conv,
    input: &[i16],
    weights: &[i16],
    threads: usize,
    sums: &mut [u8],
    finish: &(impl Fn(usize, i32) -> u8 + Sync),
) {
    let (pixels, length) = (conv.pixels(), conv.length());
    let tiles = pixels.div_ceil(PIXELS);
    // Few pixels: the channels are spread, too.
    let channels = if tiles >= 2 * threads { conv.outputs } else { CHANNELS.min(conv.outputs) };
    let parts = conv.outputs.div_ceil(channels);
    let steps = [pixels, length, conv.outputs]
        .iter()
        .fold(1u64, |product, size| product.saturating_mul((*size).try_into().unwrap_or(u64::MAX)));
    let results = spread(threads, tiles * parts, steps, |task| {
        let (tile, part) = (task / parts, task % parts);
        let first = tile * PIXELS;
        let count = PIXELS.min(pixels - first);
        let outputs = part * channels..conv.outputs.min((part + 1) * channels);
        let mut columns = vec![0i16; count * length];
        for (pixel, column) in columns.chunks_exact_mut(length).enumerate() {
            gather(conv, input, first + pixel, column);
        }
        let mut result = vec![0u8; outputs.len() * count];
        for (output, row) in outputs.clone().zip(result.chunks_exact_mut(count)) {
            let weights = &weights[output * length..][..length];
            let mut pixel = 0;
            while pixel + 4 <= count {
                let four = products(weights, &columns[pixel * length..][..4 * length]);
                for (sum, value) in four.into_iter().zip(&mut row[pixel..]) {
                    *value = finish(output, sum);
                }
                pixel += 4;
            }
            for (column, value) in
                columns[pixel * length..].chunks_exact(length).zip(&mut row[pixel..])
            {
                *value = finish(output, product(weights, column));
            }
        }
        result
    });
    for (task, result) in results.iter().enumerate() {
        let (tile, part) = (task / parts, task % parts);
        let first = tile * PIXELS;
        let count = PIXELS.min(pixels - first);
        for (row, values) in result.chunks_exact(count).enumerate() {
            let at = (part * channels + row) * pixels + first;
            sums[at..at + count].copy_from_slice(values);
        }
    }
}

/// The inputs of an output, tap by tap.
fn gather(conv: &Conv, input: &[i16], pixel: usize, column: &mut [i16]) {
    let [rows, columns] = &conv.axes;
    let depth = conv.depth * conv.each;
    let (y, x) = (pixel / columns.output, pixel % columns.output);
    let width = columns.input;
    for (tap, line) in column.chunks_exact_mut(columns.kernel * depth).enumerate() {
        let Some(row) = rows.place(y, tap) else { continue };
        let row = &input[row * width * depth..][..width * depth];
        if columns.dense()
            && columns.place(x, 0).is_some()
            && columns.place(x, columns.kernel - 1).is_some()
        {
            let first = columns.place(x, 0).unwrap_or(0);
            line.copy_from_slice(&row[first * depth..][..columns.kernel * depth]);
            continue;
        }
        for (tap, part) in line.chunks_exact_mut(depth).enumerate() {
            if let Some(place) = columns.place(x, tap) {
                part.copy_from_slice(&row[place * depth..][..depth]);
            }
        }
    }
}

/// The sum of products, wrapping. The compiler makes vectors of this, which add pairs of products at once.
#[inline]
fn product(a: &[i16], b: &[i16]) -> i32 {
    a.iter()
        .zip(b)
        .fold(0i32, |sum, (a, b)| sum.wrapping_add(i32::from(*a).wrapping_mul(i32::from(*b))))
}

/// Those of four columns, one behind the other.
#[inline]
fn products(weights: &[i16], columns: &[i16]) -> [i32; 4] {
    let length = weights.len();
    let (a, rest) = columns.split_at(length);
    let (b, rest) = rest.split_at(length);
    let (c, d) = rest.split_at(length);
    let d = &d[..length];
    let mut sums = [0i32; 4];
    for index in 0..length {
        let weight = i32::from(weights[index]);
        sums[0] = sums[0].wrapping_add(weight.wrapping_mul(i32::from(a[index])));
        sums[1] = sums[1].wrapping_add(weight.wrapping_mul(i32::from(b[index])));
        sums[2] = sums[2].wrapping_add(weight.wrapping_mul(i32::from(c[index])));
        sums[3] = sums[3].wrapping_add(weight.wrapping_mul(i32::from(d[index])));
    }
    sums
}

/// Four sums: of even and odd input channels, each of even and odd pairs of channels, counted through all taps.
fn float(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let conv = Conv::of(t)?;
    let result = conv.result(t, conv.images)?;
    let bias = operand::bias(t, conv.outputs)?;
    let length = conv.length();
    let mut weights: Vec<f32> = Vec::with_capacity(conv.outputs * length);
    let weight_states =
        conv.visit_weights(t, lanes, |bytes| weights.push(f32::from_le_bytes(bytes)))?;
    let biases = bias.map_or(Ok(None), |bias| bias.read(lanes).map(Some))?;
    let [rows, columns] = &conv.axes;
    for image in 0..conv.images {
        let states = conv.states(lanes, image, 0..4)?.unwrap_or(vec![KNOWN; conv.pixels()]);
        let [_, channels, height, width] = conv.input.sizes;
        let words = View { sizes: [1, channels, height, width], ..conv.input };
        let (_, start) = conv.input.row(image, 0, 0);
        let words = View { offset: start - conv.input.row(0, 0, 0).1 + conv.input.offset, ..words };
        let input = words.words(lanes).values;
        let steps = u64::try_from(conv.pixels() * length).unwrap_or(u64::MAX);
        let steps = steps.saturating_mul(conv.outputs.try_into().unwrap_or(u64::MAX));
        let all = spread(threads, conv.outputs, steps, |output| {
            let weights = &weights[output * length..][..length];
            let bias = biases.as_ref().map(|biases| biases.values[output].cast_unsigned());
            let mut values = Vec::with_capacity(conv.pixels());
            for y in 0..rows.output {
                for x in 0..columns.output {
                    let mut sums = [0.0f32; 4];
                    for row in 0..rows.kernel {
                        let Some(at_row) = rows.place(y, row) else { continue };
                        for column in 0..columns.kernel {
                            let Some(at) = columns.place(x, column) else { continue };
                            let tap = row * columns.kernel + column;
                            for channel in 0..conv.inputs {
                                let step = tap * conv.depth + channel / 2;
                                let sum = &mut sums[2 * (channel % 2) + step % 2];
                                let value = input[(channel * height + at_row) * width + at];
                                let weight = weights[tap * conv.depth * 2 + channel];
                                *sum = float::add(*sum, float::mul(f32::from_bits(value), weight));
                            }
                        }
                    }
                    let sum =
                        float::add(float::add(sums[0], sums[1]), float::add(sums[2], sums[3]));
                    let sum = bias.map_or(sum, |bias| float::add(sum, f32::from_bits(bias)));
                    values.push(sum.to_bits());
                }
            }
            values
        });
        for (output, values) in all.iter().enumerate() {
            let mut low = weight_states[output];
            if let Some(biases) = &biases {
                low &= biases.states[output];
            }
            let [_, _, height, width] = result.sizes;
            for row in 0..height {
                let (lane, at) = result.row(image, output, row);
                for w in 0..width {
                    let state = states[row * width + w] & low;
                    let word = [values[row * width + w], u32::from(state) * 0x0101_0101];
                    lanes[lane].set_word(at + 4 * w, word);
                }
            }
        }
    }
    Ok(())
}
