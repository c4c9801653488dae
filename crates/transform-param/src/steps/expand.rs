//! `expand_param`: the picture at a random place of a larger one.

use crate::boxes::{Area, float};
use crate::chance::Chance;
use crate::error::{Error, ValueError};
use crate::frame::{Border, check_size};
use crate::mean::Mean;
use crate::param::ExpandParam;
use crate::scene::Scene;

/// A checked [`ExpandParam`].
#[derive(Clone, Debug)]
pub(crate) struct Expand {
    probability: f32,
    most: f32,
    /// What the new pixels have.
    mean: Mean,
}

const FIELD: &str = "expand_param.max_expand_ratio";

impl Expand {
    pub(crate) fn new(p: &ExpandParam, mean: &Mean) -> Result<Self, Error> {
        let most = p.max_expand_ratio;
        if !(1.0..=1e3).contains(&most) {
            let reason = ValueError::Outside { found: most, low: 1.0, high: 1e3 };
            return Err(Error::Value { field: FIELD, reason });
        }
        Ok(Expand { probability: p.prob, most, mean: mean.clone() })
    }

    pub(crate) fn apply(&self, scene: &mut Scene, chance: &mut Chance) -> Result<(), Error> {
        if !chance.happens(self.probability) || (self.most - 1.0).abs() < 1e-2 {
            return Ok(());
        }
        let ratio = chance.uniform(1.0, self.most);
        let [c, h, w] = scene.frame.shape();
        let old = [h, w];
        let size = old.map(|side| down(float(side) * ratio));
        check_size(FIELD, size)?;
        let before = [0, 1]
            .map(|axis: usize| down(chance.uniform(0.0, float(size[axis] - old[axis])).floor()));
        let border = Border::Constant(match &self.mean {
            Mean::None => vec![0.0; c],
            Mean::Values(values) => crate::mean::per_channel("mean_value", values, c)?,
            Mean::Picture(_) => {
                let reason = ValueError::ExpandedMean;
                return Err(Error::Value { field: "expand_param", reason });
            }
        });
        let larger = scene.take().pad(FIELD, before, size, &border)?;
        scene.store(larger)?;
        scene.cut(Area::part(before.map(|side| -float(side)), size, old));
        Ok(())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and as C++ converts"
)]
fn down(value: f32) -> usize {
    value as usize
}
