use super::broadcast_binary::broadcast;
use super::{Facts, mismatch, one_top, pair};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// The product of two blobs' last two axes.
    ///
    /// # Shapes
    /// bottoms `[..., M, K]` and `[..., K, N]`, each transposed if the flag says so; top `[..., M, N]`. Axes in
    /// front are broadcast as in [`BroadcastBinary`](super::BroadcastBinary).
    ///
    /// # Source
    /// ONNX MatMul, TensorFlow BatchMatMulV2.
    MatMul from mat_mul_param {
        /// Whether the first bottom is `[..., K, M]`.
        transpose_a: bool,
        /// Whether the second bottom is `[..., N, K]`.
        transpose_b: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [a, b] = pair(bottoms)?;
        let ([front_a @ .., a0, a1], [front_b @ .., b0, b1]) = (a, b) else {
            let found = if a.len() < 2 { a } else { b };
            return Err(LayerError::AxisCount { expected: 2, found: found.to_vec() });
        };
        let [m, depth] = if self.transpose_a { [a1, a0] } else { [a0, a1] };
        let [rows, n] = if self.transpose_b { [b1, b0] } else { [b0, b1] };
        if depth != rows {
            return Err(mismatch(a, b));
        }
        let front = broadcast(front_a, front_b).map_err(|_| mismatch(a, b))?;
        one_top(tops, [front, vec![*m, *n]].concat())
    }

    fn macs(&self, bottoms: &[&[usize]], tops: &[&[usize]]) -> u64 {
        let ([[.., a0, a1], _], [top]) = (bottoms, tops) else { return 0 };
        let depth = if self.transpose_a { a0 } else { a1 };
        top.iter().chain([depth]).fold(1u64, |macs, &size| macs.saturating_mul(size as u64))
    }
}
