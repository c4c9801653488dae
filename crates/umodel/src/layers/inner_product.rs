use super::{
    Facts, Int8Form, LayerParam, Role, canonical_axis, check_given, macs_at, one, one_top, product,
    size, wire,
};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{InnerProductParameter, LayerParameter};
use crate::quant::float::{Float, Step};

/// Fully connected layer.
///
/// # Shapes
/// The bottom is read as `[M, K]`: the axes before `axis` and those from it on. Top: the axes
/// before `axis`, then `num_output`. Weights `[num_output, K]` (`[K, num_output]` when
/// `transpose`), bias `[num_output]`.
///
/// # Source
/// BVLC Caffe, InnerProductLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct InnerProduct {
    /// Output features.
    pub num_output: usize,
    /// Whether a bias is added.
    pub bias: bool,
    /// First axis that is summed over; negative counts from the end.
    pub axis: i32,
    /// Whether the weights are kept as `[K, num_output]`.
    pub transpose: bool,
}

impl InnerProduct {
    /// `[M, K]`: the number of rows of the bottom and the length of each.
    pub fn matrix(&self, bottom: &[usize]) -> Result<[usize; 2], LayerError> {
        let axis = canonical_axis("inner_product_param.axis", self.axis, bottom.len())?;
        let (outer, inner) = bottom.split_at(axis);
        Ok([product(outer), product(inner)])
    }
}

impl LayerParam for InnerProduct {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.inner_product_param;
        Ok(InnerProduct {
            num_output: size(p.num_output()),
            bias: p.bias_term(),
            axis: p.axis(),
            transpose: p.transpose(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let old = layer.inner_product_param.get_or_default();
        let mut p = InnerProductParameter {
            weight_filler: old.weight_filler.clone(),
            bias_filler: old.bias_filler.clone(),
            ..Default::default()
        };
        p.set_num_output(wire(self.num_output));
        if !self.bias {
            p.set_bias_term(false);
        }
        if self.axis != 1 {
            p.set_axis(self.axis);
        }
        if self.transpose {
            p.set_transpose(true);
        }
        layer.inner_product_param = Some(p).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        check_given("inner_product_param.num_output", self.num_output)
    }

    fn facts(&self) -> Facts<'_> {
        let (bias, transposed) = (self.bias, self.transpose);
        let role = match self.axis {
            1 => Role::Linear { axis: usize::from(transposed), groups: 1 },
            _ => Role::Computes,
        };
        Facts { role, int8: Int8Form::MultiplyAccumulate { bias, transposed } }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let matrix = self.matrix(float.bottoms.first()?).ok()?;
        float.rows(matrix, self.num_output, self.bias, self.transpose)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axis = canonical_axis("inner_product_param.axis", self.axis, bottom.len())?;
        let mut top: Shape = bottom.iter().take(axis).copied().collect();
        top.push(self.num_output);
        one_top(tops, top)
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let [_, k] = self.matrix(one(bottoms)?)?;
        let weights =
            if self.transpose { vec![k, self.num_output] } else { vec![self.num_output, k] };
        Ok(if self.bias { vec![weights, vec![self.num_output]] } else { vec![weights] })
    }

    fn macs(&self, bottoms: &[&[usize]], _: &[&[usize]]) -> u64 {
        let rows = one(bottoms).and_then(|bottom| self.matrix(bottom)).map_or(0, |[rows, _]| rows);
        macs_at(&[rows], self.weight_shapes(bottoms))
    }

    fn bias_mut(&mut self) -> Option<&mut bool> {
        Some(&mut self.bias)
    }
}
