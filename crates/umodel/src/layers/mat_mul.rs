use super::broadcast_binary::broadcast;
use super::{Facts, mismatch, one_top, pair};
use crate::Shape;
use crate::error::LayerError;
use crate::movement::{Axis, Movement, strides};
use crate::quant::float::{Float, Step};

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

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let &[a, b] = float.bottoms else { return None };
        let ([front_a @ .., a0, a1], [front_b @ .., b0, b1]) = (a, b) else { return None };
        let [m, k] = if self.transpose_a { [*a1, *a0] } else { [*a0, *a1] };
        let n = if self.transpose_b { *b0 } else { *b1 };
        let front = &float.top[..float.top.len() - 2];
        let count: usize = front.iter().product();
        let turned = [self.transpose_a, self.transpose_b];
        if !self.transpose_a && front_b.iter().all(|&size| size == 1) && front_a == front {
            // One matrix for all rows.
            return float.products(1, [count * m, k, n], turned, [None, None]);
        }
        let repeat = |own: &[usize], size: usize| {
            let strides = strides(own);
            let missing = front.len() - own.len();
            let axis = |(axis, &count): (usize, &usize)| match axis.checked_sub(missing) {
                Some(axis) if own[axis] != 1 => Axis::run(0, strides[axis] * size, count),
                _ => Axis::run(0, 0, count),
            };
            let axes = front.iter().enumerate().map(axis).chain([Axis::run(0, 1, size)]);
            (own.iter().product::<usize>() != count).then(|| Movement::new(axes.collect()))
        };
        float.products(count, [m, k, n], turned, [repeat(front_a, m * k), repeat(front_b, k * n)])
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
