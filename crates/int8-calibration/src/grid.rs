use std::collections::BTreeSet;

/// More different values than pixels of three channels have.
const MOST: usize = 1024;
/// How far a value may be from a multiple of the step, in steps.
const NEAR: f32 = 0.01;

/// The different values of a blob, as long as they are few: those of pictures are, since pixels are bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    /// The values as bits; none at all if there are too many.
    values: Option<BTreeSet<u32>>,
}

impl Grid {
    pub(crate) fn new() -> Self {
        Grid { values: Some(BTreeSet::new()) }
    }

    pub(crate) fn add(&mut self, values: &[f32]) {
        let Some(known) = &mut self.values else { return };
        let mut last = None;
        for &value in values {
            let bits = (value + 0.0).to_bits();
            if last != Some(bits) && known.insert(bits) && known.len() > MOST {
                self.values = None;
                return;
            }
            last = Some(bits);
        }
    }

    pub(crate) fn merge(&mut self, other: &Grid) {
        match (&mut self.values, &other.values) {
            (Some(known), Some(others)) if known.len() + others.len() <= 2 * MOST => {
                known.extend(others);
                if known.len() > MOST {
                    self.values = None;
                }
            }
            _ => self.values = None,
        }
    }

    /// The step that all values are multiples of, if none is more than 128 steps from zero: with this scale, pixels are
    /// stored as they are.
    pub(crate) fn step(&self) -> Option<f32> {
        let mut values: Vec<f32> =
            self.values.as_ref()?.iter().map(|&bits| f32::from_bits(bits)).collect();
        values.sort_by(f32::total_cmp);
        let largest = values.iter().fold(0f32, |most, value| most.max(value.abs()));
        let gaps = values.windows(2).map(|pair| pair[1] - pair[0]);
        let least = gaps.filter(|&gap| gap > NEAR * largest / 128.0).min_by(f32::total_cmp)?;
        // The difference of two values knows the step worse than the largest value does.
        let steps = (largest / least).round();
        let step = largest / steps;
        let on_grid = |value: &f32| (value / step - (value / step).round()).abs() < NEAR;
        (steps <= 128.0 && values.iter().all(on_grid)).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative 1e-6: the step of the preprocessing, if there is one.
    #[test]
    fn pixels_tell_their_step() {
        let step = |value: &dyn Fn(f32) -> f32, pixels: &[u8]| {
            let mut grid = Grid::new();
            for part in pixels.chunks(7) {
                let mut more = Grid::new();
                more.add(&part.iter().map(|&pixel| value(f32::from(pixel))).collect::<Vec<_>>());
                grid.merge(&more);
            }
            grid.step()
        };
        let all: Vec<u8> = (0..=255).collect();
        let near = |found: Option<f32>, expected: f32| {
            found.is_some_and(|found| (found / expected - 1.0).abs() < 1e-6)
        };
        assert!(near(step(&|pixel| (pixel - 127.0) / 128.0, &all), 1.0 / 128.0));
        assert!(near(step(&|pixel| pixel - 104.0, &[0, 3, 4, 90, 200]), 1.0));
        assert_eq!(step(&|pixel| pixel / 255.0, &all), None, "255 steps");
        assert_eq!(step(&|pixel| (pixel - 127.5) / 127.5, &all), None, "between the steps");
        assert_eq!(step(&|pixel| (pixel / 255.0 - 0.485) / 0.229, &all), None);
        assert_eq!(step(&|_| 0.0, &all), None);
    }
}
