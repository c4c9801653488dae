use super::{Facts, Role, check_given, one, same_shape};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::Movement;

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

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        check_given("shuffle_channel_param.group", self.group)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Computes)
    }

    fn movement(
        &self,
        bottom: &[usize],
        _: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let images = bottom.first().copied().unwrap_or(1);
        let channels = bottom.get(1).copied().unwrap_or(1);
        let inner = bottom.iter().skip(2).product();
        let view = [images, self.group, channels / self.group, inner];
        Ok(Some(Movement::permuted(&view, &[0, 2, 1, 3])))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let channels = one(bottoms)?.get(1).copied().unwrap_or(1);
        if !channels.is_multiple_of(self.group) {
            let reason = ValueError::DividesChannels(channels);
            return Err(LayerError::bad("shuffle_channel_param.group", self.group, reason));
        }
        same_shape(bottoms, tops)
    }
}
