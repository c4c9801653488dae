use umodel::layers::Accuracy;

use super::softmax::{class, ignored};
use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(Accuracy);

impl Work for Accuracy {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let [_, classes, inner] = self.matrix(call.bottom_shape(0))?;
        let (scores, labels) = (call.f32(0), call.f32(1));
        let (mut right, mut counted) = (0usize, 0usize);
        for (position, &label) in labels.iter().enumerate() {
            if ignored(label, self.ignore_label) {
                continue;
            }
            let start = position / inner * classes * inner + position % inner;
            let score = |class: usize| scores[start + class * inner];
            let own = class(label, classes)?;
            let better =
                (0..classes).filter(|&other| other != own && score(other) >= score(own)).count();
            right += usize::from(better < self.top_k);
            counted += 1;
        }
        call.f32_top()[0] = if counted == 0 { 0.0 } else { right as f32 / counted as f32 };
        Ok(())
    }
}
