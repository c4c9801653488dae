use super::{Facts, Int8Form, LayerParam, Role, canonical_axis, one, product, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Fold, RowOperand, Rows, Source, Step};

/// Softmax along one axis.
///
/// # Formula
/// `y = exp(x − max) / Σ exp(x − max)` over the axis.
///
/// # Source
/// BVLC Caffe, SoftmaxLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax {
    /// The class axis; negative counts from the end.
    pub axis: i32,
}

impl Softmax {
    /// `[outer, classes, inner]`: the bottom as seen from the class axis.
    pub fn matrix(&self, bottom: &[usize]) -> Result<[usize; 3], LayerError> {
        around(self.axis, bottom)
    }
}

/// Splits a shape at the class axis of a softmax: `[outer, classes, inner]`.
pub(super) fn around(axis: i32, bottom: &[usize]) -> Result<[usize; 3], LayerError> {
    let axis = canonical_axis("softmax_param.axis", axis, bottom.len())?;
    Ok([product(&bottom[..axis]), bottom[axis], product(&bottom[axis + 1..])])
}

/// The most values that are brought together at once, in BM1684's local memory.
const MOST_ROWS: usize = 8192;

impl LayerParam for Softmax {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Softmax { axis: layer.softmax_param.axis() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        if self.axis != 1 || layer.softmax_param.is_some() {
            layer.softmax_param.mut_or_insert_default().set_axis(self.axis);
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Presents, int8: Int8Form::Float }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let sizes = self.matrix(float.bottoms.first()?).ok()?;
        if sizes[1] <= MOST_ROWS {
            return float.fold(sizes, |x| {
                let e = x.exp_below(x.fold(Fold::Max));
                e * e.fold(Fold::Sum).inverse_of_positive()
            });
        }
        // More than local memory holds are brought together in pieces.
        let mut rows = Rows::default();
        let x = RowOperand::all(Source::Bottom(0), sizes);
        let first = std::slice::from_ref(&x);
        let most = rows.fold(sizes, first, Fold::Max, &|values| values[0], &|most| most);
        let inputs = [x, RowOperand::of_rows(most, sizes)];
        let e = rows.compute(sizes, &inputs, &|values| values[0].exp_below(values[1]));
        let e = RowOperand::all(e, sizes);
        let first = std::slice::from_ref(&e);
        let sum = rows
            .fold(sizes, first, Fold::Sum, &|values| values[0], &|sum| sum.inverse_of_positive());
        let inputs = [e, RowOperand::of_rows(sum, sizes)];
        rows.compute(sizes, &inputs, &|values| values[0] * values[1]);
        rows.finish()
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        self.matrix(one(bottoms)?)?;
        same_shape(bottoms, tops)
    }
}
