use std::collections::HashSet;

use super::{Facts, LayerParam, Role, fit, one, one_top, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::Movement;
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
            return Err(LayerError::bad(
                "permute_param.order",
                axis,
                ValueError::Axes(bottom.len()),
            ));
        }
        let rest = (0..bottom.len()).filter(|axis| !self.order.contains(axis));
        Ok(self.order.iter().copied().chain(rest).collect())
    }
}

impl LayerParam for Permute {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let order = layer.permute_param.order.iter().map(|&axis| size(axis)).collect();
        Ok(Permute { order })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let order = self.order.iter().map(|&axis| wire(axis)).collect();
        layer.permute_param.mut_or_insert_default().order = order;
    }

    fn check(&self) -> Result<(), LayerError> {
        let mut known = HashSet::new();
        if let Some(&axis) = self.order.iter().find(|&axis| !known.insert(axis)) {
            let order = format_args!("{:?}", self.order);
            return Err(LayerError::bad("permute_param.order", order, ValueError::Twice(axis)));
        }
        self.order.iter().try_for_each(|&axis| fit(&[("permute_param.order", axis)]))
    }

    fn facts(&self) -> Facts<'_> {
        let in_order = self.order.iter().enumerate().all(|(index, &axis)| index == axis);
        Facts::moves(if in_order { Role::Identity } else { Role::Computes })
    }

    fn movement(
        &self,
        bottom: &[usize],
        _: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        Ok(Some(Movement::permuted(bottom, &self.axes(bottom)?)))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        one_top(tops, self.axes(bottom)?.into_iter().map(|axis| bottom[axis]).collect())
    }
}
