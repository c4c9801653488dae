//! Windows that move over each channel by itself: depthwise convolutions and pooling.

use bm1684_isa::commands::{Arithmetic, Precision, Tiu};

use crate::elements::{Elements, Images, number, range, rounded};
use crate::memory::{Bytes, FILLER, KNOWN, UNWRITTEN};
use crate::operand;
use crate::threads::spread;
use crate::view::View;
use crate::window::{Axis, axes, states};
use crate::{Fault, float};

/// Products of a command at most.
const MOST_PRODUCTS: u64 = 1 << 36;

/// Where the taps of a kernel lie for each output along an axis: tap and input.
type Taps = Vec<Vec<(usize, usize)>>;

fn taps(axis: &Axis) -> Taps {
    let of = |output| (0..axis.kernel).filter_map(move |tap| Some((tap, axis.place(output, tap)?)));
    (0..axis.output).map(|output| of(output).collect()).collect()
}

struct Window {
    axes: [Axis; 2],
    images: usize,
    channels: usize,
    input: View,
    result: View,
    /// Images in a word, and bytes of each.
    shared: usize,
    size: usize,
}

impl Window {
    fn of(t: &Tiu) -> Result<Window, Fault> {
        let (images, channels) = (usize::from(t.res0_n), usize::from(t.res0_c));
        let shared = t.opt_opd0_prec.images_per_word();
        let words = images.div_ceil(shared);
        let axes = axes(t)?;
        let [rows, columns] = &axes;
        if t.short_opd0_str != 0 || t.short_res0_str != 0 {
            return Err(Fault::Unknown { what: "a window of operands that are not aligned" });
        }
        let window = Window {
            images,
            channels,
            input: operand::first(t, [words, channels, rows.input, columns.input])?,
            result: operand::result(t, [words, channels, rows.output, columns.output])?,
            shared,
            size: 4 / shared,
            axes,
        };
        let steps = window.steps();
        if steps > MOST_PRODUCTS {
            return Err(Fault::TooLong { steps, limit: MOST_PRODUCTS });
        }
        Ok(window)
    }

    fn steps(&self) -> u64 {
        let [rows, columns] = &self.axes;
        let factors =
            [self.images, self.channels, rows.output, columns.output, rows.kernel, columns.kernel];
        let factors = factors.iter().map(|factor| u64::try_from(*factor).unwrap_or(u64::MAX));
        factors.fold(1, u64::saturating_mul)
    }

    /// A channel of an image.
    fn plane(&self, lanes: &[Bytes], t: &Tiu, image: usize, channel: usize) -> Elements {
        let [_, _, height, width] = self.input.sizes;
        let byte = image % self.shared * self.size;
        let mut plane = Elements::default();
        for h in 0..height {
            let (lane, at) = self.input.row(image / self.shared, channel, h);
            let Bytes { values, states } = &lanes[lane];
            for w in 0..width {
                let at = at + byte + w * self.input.strides[3];
                let mut bytes = [0; 4];
                bytes[..self.size].copy_from_slice(&values[at..at + self.size]);
                plane.values.push(number(bytes, t.opt_opd0_prec, t.opt_opd0_sign));
                let state = states[at..at + self.size].iter().fold(KNOWN, |low, state| low & state);
                plane.states.push(state);
            }
        }
        plane
    }

    /// Computes every channel of every image. `function` gets the plane, the channel and the taps along both axes.
    fn run(
        &self,
        t: &Tiu,
        lanes: &mut [Bytes],
        threads: usize,
        low: impl Fn(usize) -> u8 + Sync,
        function: impl Fn(&[i32], usize, &Taps, &Taps) -> Vec<i32> + Sync,
    ) -> Result<(), Fault> {
        let [rows, columns] = &self.axes;
        let [down, across] = [taps(rows), taps(columns)];
        let pixels = rows.output * columns.output;
        let from: &[Bytes] = lanes;
        let planes = spread(threads, self.images * self.channels, self.steps(), |index| {
            let (image, channel) = (index / self.channels, index % self.channels);
            let plane = self.plane(from, t, image, channel);
            if plane.states.iter().all(|state| *state == FILLER) {
                return Ok((vec![0; pixels], vec![FILLER; pixels]));
            }
            let mut of = if crate::view::all_known(&plane.states) {
                vec![KNOWN; pixels]
            } else {
                states(&self.axes, &plane.states)
            };
            if of.contains(&UNWRITTEN) {
                return Err((image, channel, plane.states));
            }
            of.iter_mut().for_each(|state| *state &= low(channel));
            Ok((function(&plane.values, channel, &down, &across), of))
        });
        for (index, plane) in planes.into_iter().enumerate() {
            let (image, channel) = (index / self.channels, index % self.channels);
            let (values, states) = plane.map_err(|(image, channel, states)| {
                self.unwritten(lanes, (image, channel), &states, [&down, &across])
            })?;
            let byte = image % self.shared * self.size;
            for y in 0..rows.output {
                let (lane, at) = self.result.row(image / self.shared, channel, y);
                let Bytes { values: to, states: of } = &mut lanes[lane];
                for x in 0..columns.output {
                    let at = at + byte + x * self.result.strides[3];
                    let value = values[y * columns.output + x].to_le_bytes();
                    to[at..at + self.size].copy_from_slice(&value[..self.size]);
                    of[at..at + self.size].fill(states[y * columns.output + x]);
                }
            }
        }
        Ok(())
    }

    /// The error of the first byte that is read and was never written.
    fn unwritten(
        &self,
        lanes: &[Bytes],
        (image, channel): (usize, usize),
        states: &[u8],
        [down, across]: [&Taps; 2],
    ) -> Fault {
        let [_, channels, height, width] = self.input.sizes;
        let read = |axis: &Taps, place: usize| axis.iter().flatten().any(|(_, at)| *at == place);
        let missing = |at: &usize| {
            states[*at] == UNWRITTEN && read(down, at / width) && read(across, at % width)
        };
        let first = (0..states.len()).find(missing).unwrap_or(0);
        let unit = (image / self.shared * channels + channel) * height * width + first;
        let byte = image % self.shared * self.size;
        self.input.unwritten(lanes, unit, byte..byte + self.size)
    }
}

/// Executes a depthwise convolution or pooling.
pub(crate) fn run(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    for (set, what) in [
        (t.opt_res_add, "a window that is added to its result"),
        (t.opt_opd0_const, "a window over a constant"),
        (t.opt_kernel_rotate, "a rotated kernel of a depthwise convolution"),
    ] {
        if set {
            return Err(Fault::Unknown { what });
        }
    }
    let float = match [t.opt_res0_prec, t.opt_opd0_prec] {
        [Precision::I8, Precision::I8] => false,
        [Precision::F32, Precision::F32] => true,
        _ => return Err(Fault::Unknown { what: "a window of these types" }),
    };
    match (t.operation(), float) {
        (Some(Arithmetic::Max), false) => max_integer(t, lanes, threads),
        (Some(Arithmetic::Max), true) => max_float(t, lanes, threads),
        (Some(Arithmetic::Mac), false) => integer(t, lanes, threads),
        (Some(Arithmetic::Mac), true) => sums_float(t, lanes, threads),
        _ => Err(Fault::Unknown { what: "this operation of a window" }),
    }
}

fn max_integer(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let window = Window::of(t)?;
    let [rows, columns] = &window.axes;
    if !rows.dense() || !columns.dense() {
        return Err(Fault::Unknown { what: "a maximum with dilation or inserted zeros" });
    }
    let (least, _) = range(Precision::I8, t.opt_opd0_sign);
    // The ReLU sees each byte as a signed one, also of an unsigned map.
    let close = |most: i32| if t.opt_relu && !(0..128).contains(&most) { 0 } else { most };
    let width = columns.input;
    window.run(
        t,
        lanes,
        threads,
        |_| KNOWN,
        |plane, _, down, across| {
            let values = down.iter().flat_map(|rows| {
                across.iter().map(move |columns| {
                    let mut most = least;
                    for (_, row) in rows {
                        for (_, column) in columns {
                            most = most.max(plane[row * width + column]);
                        }
                    }
                    close(most)
                })
            });
            values.collect()
        },
    )
}

/// Begins with the least number; what is no number is never larger.
fn max_float(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let window = Window::of(t)?;
    let [rows, columns] = &window.axes;
    if !rows.dense() || !columns.dense() {
        return Err(Fault::Unknown { what: "a maximum with dilation or inserted zeros" });
    }
    let width = columns.input;
    window.run(
        t,
        lanes,
        threads,
        |_| KNOWN,
        |plane, _, down, across| {
            let values = down.iter().flat_map(|rows| {
                across.iter().map(move |columns| {
                    let mut most = f32::MIN;
                    for (_, row) in rows {
                        for (_, column) in columns {
                            let value = f32::from_bits(plane[row * width + column].cast_unsigned());
                            if float::flushed(value) > float::flushed(most) {
                                most = value;
                            }
                        }
                    }
                    float::flushed(most).to_bits().cast_signed()
                })
            });
            values.collect()
        },
    )
}

/// The chip's own factor and shift of an average over so many values.
fn average(area: usize) -> Option<(i32, u8)> {
    // These give zeros on the vendor's simulator, as if the table had a hole there.
    if area == 0 || (226..256).contains(&area) {
        return None;
    }
    let area = u64::try_from(area).ok()?;
    let nearest = |shift: u8| ((1u64 << shift) * 2 + area) / (2 * area);
    let mut shift = (0..32u8).find(|shift| nearest(*shift) >= 128)?;
    let mut factor = nearest(shift);
    while factor.is_multiple_of(2) && shift > 0 {
        factor /= 2;
        shift -= 1;
    }
    Some((i32::try_from(factor).ok()?, shift))
}

/// The weights of a depthwise convolution, tap by tap for each channel.
fn weights(t: &Tiu, window: &Window) -> Result<Images, Fault> {
    let [rows, columns] = &window.axes;
    if t.opt_opd1_prec != t.opt_opd0_prec || t.short_opd1_str != 0 {
        return Err(Fault::Unknown { what: "weights of this type or layout" });
    }
    let sizes = [1, window.channels, rows.kernel, columns.kernel];
    let view = View::compact(t.opd1_addr, sizes, window.size)?;
    let signed = t.opt_opd1_sign;
    Ok(Images { view, count: 1, precision: t.opt_opd1_prec, signed, shared: true })
}

fn integer(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let window = Window::of(t)?;
    let [rows, columns] = &window.axes;
    let (area, width, across_taps) = (rows.kernel * columns.kernel, columns.input, columns.kernel);
    let limits = range(Precision::I8, operand::any_signed(t) && !t.opt_relu);
    let biases = operand::bias(t, window.channels)?;
    let biases = biases.map_or(Ok(None), |bias| bias.read(lanes).map(Some))?;
    let bias = |channel: usize| {
        biases.as_ref().map_or((0, KNOWN), |all| (all.values[channel], all.states[channel]))
    };
    if t.opt_opd1_const {
        if biases.is_some() {
            return Err(Fault::Unknown { what: "an average with a bias" });
        }
        let (factor, least) =
            average(area).ok_or(Fault::Unknown { what: "an average over so many values" })?;
        if t.opt_right_shift < least {
            return Err(Fault::Unknown { what: "an average with so small a shift" });
        }
        return window.run(
            t,
            lanes,
            threads,
            |_| KNOWN,
            |plane, _, down, across| {
                let values = down.iter().flat_map(|rows| {
                    across.iter().map(move |columns| {
                        let mut sum = 0i32;
                        for (_, row) in rows {
                            for (_, column) in columns {
                                sum = sum.wrapping_add(plane[row * width + column]);
                            }
                        }
                        let value = rounded(sum.wrapping_mul(factor), t.opt_right_shift);
                        value.clamp(limits.0, limits.1)
                    })
                });
                values.collect()
            },
        );
    }
    let weights = weights(t, &window)?.read(lanes)?;
    let low = |channel: usize| {
        let states = &weights.states[channel * area..][..area];
        states.iter().fold(bias(channel).1, |low, state| low & state)
    };
    window.run(t, lanes, threads, low, |plane, channel, down, across| {
        let weights = &weights.values[channel * area..][..area];
        let (bias, _) = bias(channel);
        let values = down.iter().flat_map(|rows| {
            across.iter().map(move |columns| {
                let mut sum = bias;
                for (tap_row, row) in rows {
                    for (tap, column) in columns {
                        let weight = weights[tap_row * across_taps + tap];
                        sum = sum.wrapping_add(plane[row * width + column].wrapping_mul(weight));
                    }
                }
                rounded(sum, t.opt_right_shift).clamp(limits.0, limits.1)
            })
        });
        values.collect()
    })
}

/// Two sums, of even and of odd taps.
fn sums_float(t: &Tiu, lanes: &mut [Bytes], threads: usize) -> Result<(), Fault> {
    let window = Window::of(t)?;
    let [rows, columns] = &window.axes;
    let (area, width, across_taps) = (rows.kernel * columns.kernel, columns.input, columns.kernel);
    let biases = operand::bias(t, window.channels)?;
    let biases = biases.map_or(Ok(None), |bias| bias.read(lanes).map(Some))?;
    let weights = if t.opt_opd1_const {
        let count = window.channels * area;
        Elements { values: vec![t.opd1_addr.cast_signed(); count], states: vec![KNOWN; count] }
    } else {
        weights(t, &window)?.read(lanes)?
    };
    let low = |channel: usize| {
        let states = &weights.states[channel * area..][..area];
        let bias = biases.as_ref().map_or(KNOWN, |all| all.states[channel]);
        states.iter().fold(bias, |low, state| low & state)
    };
    let number = |bits: i32| f32::from_bits(bits.cast_unsigned());
    window.run(t, lanes, threads, low, |plane, channel, down, across| {
        let weights = &weights.values[channel * area..][..area];
        let bias = biases.as_ref().map(|all| number(all.values[channel]));
        let values = down.iter().flat_map(|rows| {
            across.iter().map(move |columns| {
                let mut sums = [0.0f32; 2];
                for (tap_row, row) in rows {
                    for (tap, column) in columns {
                        let tap = tap_row * across_taps + tap;
                        let product =
                            float::mul(number(plane[row * width + column]), number(weights[tap]));
                        sums[tap % 2] = float::add(sums[tap % 2], product);
                    }
                }
                let sum = float::add(sums[0], sums[1]);
                let sum = bias.map_or(sum, |bias| float::add(sum, bias));
                sum.to_bits().cast_signed()
            })
        });
        values.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: factors that the vendor's compiler and simulator have.
    #[test]
    fn factors_of_averages() {
        for (area, expected) in [
            (4, (1, 2)),
            (9, (57, 9)),
            (25, (41, 10)),
            (36, (57, 11)),
            (49, (167, 13)),
            (196, (167, 15)),
        ] {
            assert_eq!(average(area), Some(expected), "{area}");
        }
        assert_eq!(average(230), None);
    }
}
