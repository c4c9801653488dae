//! Resizing along an axis: each value of the output is a weighted sum of some of the input.

/// For each index of the output the values of the input that make it, as many everywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Taps {
    /// Values for each index.
    pub count: usize,
    /// Their places, `count` for each index.
    pub places: Vec<usize>,
    /// Their weights.
    pub weights: Vec<f32>,
}

impl Taps {
    /// Linear interpolation at positions that lie between 0 and the last index.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clipped to the indices of the input"
    )]
    pub fn linear(length: usize, positions: impl Iterator<Item = f32>) -> Self {
        let last = length.saturating_sub(1);
        let mut taps = Taps { count: 2, places: Vec::new(), weights: Vec::new() };
        for position in positions {
            let position = position.clamp(0.0, last as f32);
            let first = (position as usize).min(last);
            let part = position - first as f32;
            taps.places.extend([first, (first + 1).min(last)]);
            taps.weights.extend([1.0 - part, part]);
        }
        taps
    }

    /// Keys' cubic interpolation with coefficient `a`, values beyond the edges being the edges'.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "clipped to the indices of the input"
    )]
    pub(crate) fn cubic(a: f32, length: usize, positions: impl Iterator<Item = f32>) -> Self {
        let mut taps = Taps { count: 4, places: Vec::new(), weights: Vec::new() };
        for position in positions {
            let floor = position.floor();
            let t = position - floor;
            for step in -1i64..=2 {
                let place = (floor as i64 + step).clamp(0, length as i64 - 1);
                taps.places.push(usize::try_from(place).unwrap_or(0));
                let d = (t - step as f32).abs();
                taps.weights.push(if d <= 1.0 {
                    ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
                } else {
                    ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a
                });
            }
        }
        taps
    }

    /// The number of indices of the output.
    pub fn len(&self) -> usize {
        self.places.len() / self.count
    }

    /// Whether the output is empty.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The places of an index's values, and their weights.
    pub fn at(&self, index: usize) -> impl Iterator<Item = (usize, f32)> {
        let span = index * self.count..(index + 1) * self.count;
        self.places[span.clone()].iter().copied().zip(self.weights[span].iter().copied())
    }
}
