use umodel::layers::{Normalization, Softmax, SoftmaxWithLoss};

use super::{Call, Kernel};
use crate::error::KernelError;
use crate::value::ViewMut;

/// Softmax over the middle of `[outer, classes, inner]`.
fn softmax([outer, classes, inner]: [usize; 3], input: &[f32], output: &mut [f32]) {
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
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let matrix = self.matrix(call.bottom_shape(0))?;
        let input = call.f32(0);
        softmax(matrix, input, call.f32_top());
        Ok(())
    }
}

impl Kernel for SoftmaxWithLoss {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
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
        let normalizer = match self.normalization {
            Normalization::Full => outer * inner,
            Normalization::Valid => counted,
            Normalization::BatchSize => outer,
            Normalization::None => 1,
        };
        call.f32_top()[0] = loss / normalizer.max(1) as f32;
        if let Some(ViewMut::F32(top)) = call.tops.get_mut(1) {
            top.copy_from_slice(&probabilities);
        }
        call.scratch.floats = probabilities;
        Ok(())
    }
}
