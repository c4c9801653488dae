//! `expand_param`: the picture at a random place of a larger one.

use crate::boxes::Area;
use crate::chance::Chance;
use crate::error::Error;
use crate::frame::{Border, Frame, check_size};
use crate::mean::Mean;
use crate::proto::ExpansionParameter;

/// A checked ExpansionParameter.
///
/// # Formula
/// With probability `prob`, both sides grow by one factor from 1 to `max_expand_ratio`, rounded down.
/// What is new has the mean, in bytes, or 0 without one. A maximum within 0.01 of 1 does nothing.
///
/// # Source
/// SSD, DataTransformer: ExpandImage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expansion {
    probability: f32,
    most: f32,
}

const FIELD: &str = "expand_param.max_expand_ratio";

impl Expansion {
    pub(crate) fn new(p: &ExpansionParameter) -> Result<Self, Error> {
        let most = p.max_expand_ratio();
        if !(1.0..=1e3).contains(&most) {
            let reason = format!("{most}: must be from 1 to 1000");
            return Err(Error::Value { field: FIELD, reason });
        }
        Ok(Expansion { probability: p.prob(), most })
    }

    /// The larger picture and where its borders lie in shares of the smaller; None if it stays.
    pub(crate) fn apply(
        &self,
        frame: &Frame,
        mean: &Mean,
        chance: &mut Chance,
    ) -> Result<Option<(Frame, Area)>, Error> {
        if !chance.happens(self.probability) || (self.most - 1.0).abs() < 1e-2 {
            return Ok(None);
        }
        let ratio = chance.uniform(1.0, self.most);
        let old = frame.size();
        let size = old.map(|length| (length as f32 * ratio) as usize);
        check_size(FIELD, size)?;
        let before = [0, 1].map(|axis: usize| {
            chance.uniform(0.0, (size[axis] - old[axis]) as f32).floor() as usize
        });
        let [c, ..] = frame.shape();
        let whole = match mean {
            Mean::None => {
                frame.clone().pad(FIELD, before, size, &Border::Constant(vec![0.0; c]))?
            }
            Mean::Values(values) => {
                let values = crate::mean::per_channel("mean_value", values, c)?;
                frame.clone().pad(FIELD, before, size, &Border::Constant(values))?
            }
            Mean::Picture(_) => {
                let reason = "a mean_file has one size, an expanded picture any".to_owned();
                return Err(Error::Value { field: "expand_param", reason });
            }
        };
        let offset = before.map(|length| -(length as f32));
        Ok(Some((whole, Area::part(offset, size, old))))
    }
}
