use super::{one, same_shape};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Mixes the channels of groups.
    ///
    /// # Shapes
    /// bottom and top `[N, C, ...]`.
    ///
    /// # Formula
    /// channel `g·C/group + i` goes to `i·group + g`
    ///
    /// # Source
    /// ShuffleNet, ShuffleChannelLayer.
    ShuffleChannel from shuffle_channel_param {
        /// Number of groups.
        group: usize,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let channels = one(bottoms)?.get(1).copied().unwrap_or(1);
        if !channels.is_multiple_of(self.group) {
            return Err(LayerError::BadValue {
                field: "shuffle_channel_param.group",
                value: self.group.to_string(),
                reason: format!("does not divide {channels} channels"),
            });
        }
        same_shape(bottoms, tops)
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.group == 0 {
            return Err(LayerError::MissingField { field: "shuffle_channel_param.group" });
        }
        Ok(())
    }
}
