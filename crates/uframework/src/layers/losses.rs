//! Losses that are one sum over their bottoms. SoftmaxWithLoss stands beside Softmax, MultiBoxLoss has a file of its
//! own.

use umodel::layers::{
    ContrastiveLoss, EuclideanLoss, HingeLoss, HingeNorm, InfogainLoss, MultinomialLogisticLoss,
    SigmoidCrossEntropyLoss, SmoothL1Loss,
};
use umodel::{Arithmetic, LayerError};

use super::softmax::{class, ignored, softmax};
use super::{Call, Kernel, Site, Work, fp32_only};
use crate::error::KernelError;
use crate::value::ViewMut;

fp32_only!(
    ContrastiveLoss,
    EuclideanLoss,
    HingeLoss,
    MultinomialLogisticLoss,
    SigmoidCrossEntropyLoss,
    SmoothL1Loss
);

/// Probabilities are at least so much before their logarithm is taken.
const LEAST: f32 = 1e-20;

/// N and the values of each of N.
fn rows(shape: &[usize]) -> (usize, usize) {
    let Some((&count, rest)) = shape.split_first() else { return (1, 1) };
    (count, rest.iter().product())
}

/// Fills the top with a sum that was taken in double precision.
#[expect(clippy::cast_possible_truncation, reason = "the top is fp32")]
fn put(call: &mut Call<'_>, sum: f64, divisor: usize) {
    call.f32_top()[0] = (sum / divisor as f64) as f32;
}

/// The cross entropy of one score and its target, without overflow.
pub(super) fn cross_entropy(x: f32, target: f32) -> f32 {
    let above = f32::from(u8::from(x >= 0.0));
    (x - 2.0 * x * above).exp().ln_1p() - x * (target - above)
}

impl Work for EuclideanLoss {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (count, _) = rows(call.bottom_shape(0));
        let pairs = call.f32(0).iter().zip(call.f32(1));
        let sum: f64 = pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum();
        put(call, sum / 2.0, count);
        Ok(())
    }
}

impl Work for SigmoidCrossEntropyLoss {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (outer, inner) = rows(call.bottom_shape(0));
        let (mut sum, mut valid) = (0.0, 0);
        for (&x, &target) in call.f32(0).iter().zip(call.f32(1)) {
            if ignored(target.trunc(), self.ignore_label) {
                continue;
            }
            sum += f64::from(cross_entropy(x, target));
            valid += 1;
        }
        put(call, sum, self.normalization.divisor(outer, inner, valid));
        Ok(())
    }
}

impl Work for HingeLoss {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (count, classes) = rows(call.bottom_shape(0));
        let mut sum = 0.0;
        for (scores, &label) in call.f32(0).chunks_exact(classes.max(1)).zip(call.f32(1)) {
            let label = class(label, classes)?;
            for (index, &score) in scores.iter().enumerate() {
                let score = if index == label { -score } else { score };
                let distance = f64::from((1.0 + score).max(0.0));
                sum += match self.norm {
                    HingeNorm::L1 => distance,
                    HingeNorm::L2 => distance * distance,
                };
            }
        }
        put(call, sum, count);
        Ok(())
    }
}

impl Work for MultinomialLogisticLoss {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (count, classes) = rows(call.bottom_shape(0));
        let mut sum = 0.0;
        for (values, &label) in call.f32(0).chunks_exact(classes.max(1)).zip(call.f32(1)) {
            sum -= f64::from(values[class(label, classes)?].max(LEAST).ln());
        }
        put(call, sum, count);
        Ok(())
    }
}

impl Work for ContrastiveLoss {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (count, length) = rows(call.bottom_shape(0));
        let (a, b) = (call.f32(0), call.f32(1));
        let pairs = a.chunks_exact(length.max(1)).zip(b.chunks_exact(length.max(1)));
        let mut sum = 0.0;
        for ((a, b), &alike) in pairs.zip(call.f32(2)) {
            let square: f32 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
            sum += f64::from(if alike.trunc() != 0.0 {
                square
            } else if self.legacy_version {
                (self.margin - square).max(0.0)
            } else {
                (self.margin - square.sqrt()).max(0.0).powi(2)
            });
        }
        put(call, sum / 2.0, count);
        Ok(())
    }
}

impl Work for SmoothL1Loss {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (count, _) = rows(call.bottom_shape(0));
        let squared = self.sigma * self.sigma;
        let (a, b) = (call.f32(0), call.f32(1));
        let weights = [2, 3].map(|index| (index < call.bottoms.len()).then(|| call.f32(index)));
        let weight = |which: usize, at: usize| weights[which].map_or(1.0, |weights| weights[at]);
        let mut sum = 0.0;
        for (at, (a, b)) in a.iter().zip(b).enumerate() {
            let distance = ((a - b) * weight(0, at)).abs();
            let loss = if distance < 1.0 / squared {
                0.5 * squared * distance * distance
            } else {
                distance - 0.5 / squared
            };
            sum += f64::from(loss * weight(1, at));
        }
        put(call, sum, count);
        Ok(())
    }
}

impl Kernel for InfogainLoss {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        let matrix @ [_, classes, _] = self.matrix(site.bottom_shape(0))?;
        let gains = if site.layer.bottoms.len() == 2 {
            let gains = umodel::read_blob(&self.source).map_err(KernelError::file)?;
            if gains.len() != classes * classes {
                let expected = vec![1, 1, classes, classes];
                let found = gains.shape().to_vec();
                return Err(LayerError::BottomShape { index: 2, expected, found }.into());
            }
            Some(gains.into_iter().collect())
        } else {
            None
        };
        Ok(Box::new(Infogain { layer: self.clone(), matrix, gains }))
    }

    fn i8(&self, site: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        Err(site.no_integers())
    }
}

/// The loss with the matrix of its file.
#[derive(Debug)]
struct Infogain {
    layer: InfogainLoss,
    matrix: [usize; 3],
    gains: Option<Vec<f32>>,
}

impl Work for Infogain {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let [outer, classes, inner] = self.matrix;
        let (input, labels) = (call.f32(0), call.f32(1));
        let gains = match &self.gains {
            Some(gains) => gains,
            None => call.f32(2),
        };
        let mut probabilities = std::mem::take(&mut call.scratch.floats);
        probabilities.clear();
        probabilities.extend_from_slice(input);
        if self.layer.scores.is_some() {
            softmax(self.matrix, input, &mut probabilities);
        }
        let ignore_label = self.layer.scores.and_then(|scores| scores.ignore_label);
        let (mut sum, mut valid) = (0.0, 0);
        for (position, &label) in labels.iter().take(outer * inner).enumerate() {
            if ignored(label, ignore_label) {
                continue;
            }
            let gains = &gains[class(label, classes)? * classes..][..classes];
            let first = position / inner * classes * inner + position % inner;
            for (index, gain) in gains.iter().enumerate() {
                let probability = probabilities[first + index * inner].max(LEAST);
                sum -= f64::from(gain * probability.ln());
            }
            valid += 1;
        }
        let divisor = match self.layer.scores {
            Some(scores) => scores.normalization.divisor(outer, inner, valid),
            None => outer,
        };
        put(call, sum, divisor);
        if let Some(ViewMut::F32(top)) = call.tops.get_mut(1) {
            top.copy_from_slice(&probabilities);
        }
        call.scratch.floats = probabilities;
        Ok(())
    }
}
