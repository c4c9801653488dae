use super::{LayerParam, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Brings axes into another order.
///
/// # Shapes
/// axis i of the top is axis `order[i]` of the bottom; axes that `order` lacks follow in their order.
///
/// # Source
/// SSD, PermuteLayer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permute {
    /// Axes of the bottom, none twice.
    pub order: Vec<usize>,
}

impl Permute {
    /// The bottom's axis for each of the top's.
    ///
    /// # Errors
    /// For an axis that the bottom does not have.
    pub fn axes(&self, bottom: &[usize]) -> Result<Vec<usize>, LayerError> {
        if let Some(axis) = self.order.iter().find(|&&axis| axis >= bottom.len()) {
            return Err(LayerError::BadValue {
                field: "permute_param.order",
                value: axis.to_string(),
                reason: format!("the bottom has {} axes", bottom.len()),
            });
        }
        let rest = (0..bottom.len()).filter(|axis| !self.order.contains(axis));
        Ok(self.order.iter().copied().chain(rest).collect())
    }
}

impl LayerParam for Permute {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let order: Vec<usize> = layer.permute_param.order.iter().map(|&axis| axis as usize).collect();
        for (index, axis) in order.iter().enumerate() {
            if order[..index].contains(axis) {
                return Err(LayerError::BadValue {
                    field: "permute_param.order",
                    value: format!("{order:?}"),
                    reason: format!("axis {axis} stands there twice"),
                });
            }
        }
        Ok(Permute { order })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let order = self.order.iter().map(|&axis| axis as u32).collect();
        layer.permute_param.mut_or_insert_default().order = order;
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        one_top(tops, self.axes(bottom)?.into_iter().map(|axis| bottom[axis]).collect())
    }
}
