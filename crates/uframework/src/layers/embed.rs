use umodel::layers::Embed;

use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(Embed);

impl Work for Embed {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the index of a row, checked to be one"
    )]
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let length = self.num_output;
        let weights = call.weights(0);
        let bias = self.bias_term.then(|| call.weights(1));
        let input = call.f32(0);
        for (&index, top) in input.iter().zip(call.f32_top().chunks_exact_mut(length)) {
            // NaN and negative numbers above -1 must not become 0.
            let row = (index >= 0.0 && index < self.input_dim as f32).then_some(index as usize);
            let row = row.and_then(|row| weights.get(row * length..(row + 1) * length));
            let row = row.ok_or(KernelError::Label { label: index, classes: self.input_dim })?;
            top.copy_from_slice(row);
            if let Some(bias) = bias {
                top.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
            }
        }
        Ok(())
    }
}
