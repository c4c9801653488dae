use umodel::Arithmetic;
use umodel::layers::{Softmax, SoftmaxWithLoss};
use umodel::quant::softmax as chip;

use super::{Call, Kernel, Site, Work, fp32_only};
use crate::error::KernelError;
use crate::value::ViewMut;

/// Softmax over the middle of `[outer, classes, inner]`.
pub(super) fn softmax([outer, classes, inner]: [usize; 3], input: &[f32], output: &mut [f32]) {
    for row in 0..outer {
        for column in 0..inner {
            let start = row * classes * inner + column;
            let at = |class: usize| start + class * inner;
            let most = (0..classes).map(|class| input[at(class)]).fold(f32::MIN, f32::max);
            let mut sum = 0.0;
            for class in 0..classes {
                let power = (input[at(class)] - most).exp();
                output[at(class)] = power;
                sum += power;
            }
            for class in 0..classes {
                output[at(class)] /= sum;
            }
        }
    }
}

/// A label as a class index.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number below classes"
)]
pub(super) fn class(label: f32, classes: usize) -> Result<usize, KernelError> {
    if label >= 0.0 && label < classes as f32 && label.fract() == 0.0 {
        Ok(label as usize)
    } else {
        Err(KernelError::Label { label, classes })
    }
}

/// Whether the label says that nothing shall be counted.
pub(super) fn ignored(label: f32, ignore_label: Option<i32>) -> bool {
    ignore_label.is_some_and(|ignore| label == ignore as f32)
}

impl Kernel for Softmax {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        let matrix = self.matrix(site.bottom_shape(0))?;
        Ok(if site.as_bm1684 {
            Box::new(AsBm1684 { matrix })
        } else {
            Box::new(AsCaffe { matrix })
        })
    }

    fn i8(&self, site: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        Err(site.no_integers())
    }
}

/// The softmax of an fp32 net.
#[derive(Debug)]
struct AsCaffe {
    matrix: [usize; 3],
}

impl Work for AsCaffe {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        softmax(self.matrix, input, call.f32_top());
        Ok(())
    }
}

/// The fp32 softmax of an int8 net.
#[derive(Debug)]
struct AsBm1684 {
    matrix: [usize; 3],
}

impl Work for AsBm1684 {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        softmax_as_bm1684(self.matrix, input, call.f32_top());
        Ok(())
    }
}

/// The softmax of an int8 net: operation by operation as [`umodel::quant::softmax`] states it.
fn softmax_as_bm1684([outer, classes, inner]: [usize; 3], input: &[f32], output: &mut [f32]) {
    if classes == 0 {
        return;
    }
    let (powers, reciprocals) = (chip::powers(), chip::reciprocals());
    let mut sums = vec![0.0; classes];
    for position in 0..outer * inner {
        let start = position / inner * classes * inner + position % inner;
        let at = |class: usize| start + class * inner;
        let most = (0..classes).map(|class| input[at(class)]).fold(f32::MIN, f32::max);
        for (class, sum) in sums.iter_mut().enumerate() {
            let difference = (input[at(class)] - most).max(chip::FLOOR);
            let rounded = difference + chip::ROUND;
            let rest = difference - (rounded - chip::ROUND);
            let [first, coefficients @ ..] = chip::COEFFICIENTS;
            let mut polynomial = rest * first;
            for coefficient in coefficients {
                polynomial = (polynomial + coefficient) * rest;
            }
            let power = (polynomial + 1.0) * powers[(rounded.to_bits() & 0xff) as usize];
            output[at(class)] = power;
            *sum = power;
        }
        let mut left = classes;
        while left > 1 {
            let half = left / 2;
            left -= half;
            let (first, last) = sums.split_at_mut(left);
            first.iter_mut().zip(last).take(half).for_each(|(sum, &mut other)| *sum += other);
        }
        let sum = sums[0];
        let index = (sum.to_bits() >> chip::MANTISSA_SHIFT) & 0xff;
        let exponent = (sum.to_bits() & chip::EXPONENT) ^ chip::EXPONENT;
        let mut inverse = reciprocals[index as usize] * f32::from_bits(exponent);
        for _ in 0..2 {
            inverse *= 2.0 - sum * inverse;
        }
        for class in 0..classes {
            output[at(class)] *= inverse;
        }
    }
}

fp32_only!(SoftmaxWithLoss);

impl Work for SoftmaxWithLoss {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let matrix @ [outer, classes, inner] = self.matrix(call.bottom_shape(0))?;
        let (input, labels) = (call.f32(0), call.f32(1));
        let mut probabilities = std::mem::take(&mut call.scratch.floats);
        probabilities.resize(input.len(), 0.0);
        softmax(matrix, input, &mut probabilities);
        let mut loss = 0.0f32;
        let mut counted = 0usize;
        for (position, &label) in labels.iter().enumerate() {
            if ignored(label, self.ignore_label) {
                continue;
            }
            let (row, column) = (position / inner, position % inner);
            let at = (row * classes + class(label, classes)?) * inner + column;
            loss -= probabilities[at].max(f32::MIN_POSITIVE).ln();
            counted += 1;
        }
        let divisor = self.normalization.divisor(outer, inner, counted);
        call.f32_top()[0] = loss / divisor as f32;
        if let Some(ViewMut::F32(top)) = call.tops.get_mut(1) {
            top.copy_from_slice(&probabilities);
        }
        call.scratch.floats = probabilities;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative, 1e-6: against the definition in f64.
    #[test]
    fn the_chips_softmax_is_a_softmax() {
        let mut state = 1u32;
        for (classes, inner) in [(1, 1), (2, 3), (10, 1), (1000, 1), (21, 5)] {
            let input: Vec<f32> = (0..classes * inner)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 8) as f32 / (1 << 24) as f32 * 60.0 - 30.0
                })
                .collect();
            let mut found = vec![0.0; input.len()];
            softmax_as_bm1684([1, classes, inner], &input, &mut found);
            for position in 0..inner {
                let values = (0..classes).map(|class| input[class * inner + position]);
                let most = values.clone().fold(f32::MIN, f32::max);
                // Differences are rounded to fp32 in either form.
                let values: Vec<f64> = values.map(|value| f64::from(value - most)).collect();
                let sum: f64 = values.iter().map(|value| value.exp()).sum();
                for (class, value) in values.iter().enumerate() {
                    let exact = value.exp() / sum;
                    let error = f64::from(found[class * inner + position]) / exact - 1.0;
                    assert!(error.abs() < 1e-6, "{classes} classes, {value}: {error}");
                }
            }
        }
    }
}
