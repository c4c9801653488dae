use super::{Facts, LayerParam, Role, same_shape};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::LayerParameter;

/// Dropout; the identity in the TEST phase, which is the only one executed.
///
/// # Source
/// BVLC Caffe, DropoutLayer (trained weights are already scaled).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Share of values dropped in training, `0 ≤ ratio < 1`.
    pub ratio: f32,
}

impl LayerParam for Dropout {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        if !layer.dropout_param.scale_train() {
            let field = "dropout_param.scale_train";
            return Err(LayerError::bad(field, false, ValueError::ScaledInTest));
        }
        Ok(Dropout { ratio: layer.dropout_param.dropout_ratio() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        layer.dropout_param.mut_or_insert_default().set_dropout_ratio(self.ratio);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Identity)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
