use super::{Facts, Int8Form, LayerParam, Role, one_top};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::{LayerParameter, eltwise_parameter::EltwiseOp as ProtoOp};
use crate::quant::float::{Float, Step};

/// How the bottoms of an [`Eltwise`] layer are joined.
#[derive(Clone, Debug, PartialEq)]
pub enum EltwiseOp {
    /// The product.
    Product,
    /// The sum, each bottom multiplied by its coefficient (as many as there are bottoms).
    Sum(Vec<f32>),
    /// The maximum.
    Max,
}

/// Joins two or more bottoms of one shape, element by element.
///
/// # Source
/// BVLC Caffe, EltwiseLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct Eltwise {
    /// Sum, product or maximum.
    pub operation: EltwiseOp,
}

impl LayerParam for Eltwise {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.eltwise_param;
        let bottoms = layer.bottom.len();
        if !p.coeff.is_empty() && (p.operation() != ProtoOp::SUM || p.coeff.len() != bottoms) {
            let coefficients = format_args!("{:?}", p.coeff);
            let reason = ValueError::Coefficients(bottoms);
            return Err(LayerError::bad("eltwise_param.coeff", coefficients, reason));
        }
        let operation = match p.operation() {
            ProtoOp::PROD => EltwiseOp::Product,
            ProtoOp::MAX => EltwiseOp::Max,
            ProtoOp::SUM if p.coeff.is_empty() => EltwiseOp::Sum(vec![1.0; bottoms]),
            ProtoOp::SUM => EltwiseOp::Sum(p.coeff.clone()),
        };
        Ok(Eltwise { operation })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.eltwise_param.mut_or_insert_default();
        p.coeff.clear();
        let operation = match &self.operation {
            EltwiseOp::Product => ProtoOp::PROD,
            EltwiseOp::Max => ProtoOp::MAX,
            EltwiseOp::Sum(coefficients) => {
                if coefficients.iter().any(|&c| c != 1.0) {
                    p.coeff = coefficients.clone();
                }
                ProtoOp::SUM
            }
        };
        p.set_operation(operation);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match &self.operation {
            EltwiseOp::Product => Int8Form::Product,
            EltwiseOp::Sum(coefficients) => Int8Form::Sum(coefficients),
            EltwiseOp::Max => Int8Form::Max,
        };
        Facts { role: Role::Computes, int8 }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.combine(|bottoms| {
            let (&first, rest) = bottoms.split_first()?;
            Some(match &self.operation {
                EltwiseOp::Product => rest.iter().fold(first, |y, &x| y * x),
                EltwiseOp::Max => rest.iter().fold(first, |y, &x| y.max(x)),
                EltwiseOp::Sum(coefficients) => {
                    let scaled = |x: &_, factor: f32| if factor == 1.0 { *x } else { *x * factor };
                    let factor = |index: usize| coefficients.get(index).copied().unwrap_or(1.0);
                    let parts = rest.iter().enumerate();
                    parts.fold(scaled(&first, factor(0)), |sum, (index, x)| {
                        sum + scaled(x, factor(index + 1))
                    })
                }
            })
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [first, rest @ ..] = bottoms else {
            return Err(LayerError::bottoms(Count::AtLeast(2), 0));
        };
        if rest.is_empty() {
            return Err(LayerError::bottoms(Count::AtLeast(2), 1));
        }
        if let EltwiseOp::Sum(coefficients) = &self.operation
            && coefficients.len() != bottoms.len()
        {
            let (value, reason) =
                (format_args!("{coefficients:?}"), ValueError::EachBottom(bottoms.len()));
            return Err(LayerError::bad("eltwise_param.coeff", value, reason));
        }
        for (index, other) in rest.iter().enumerate() {
            if other != first {
                return Err(LayerError::BottomShape {
                    index: index + 1,
                    expected: first.to_vec(),
                    found: other.to_vec(),
                });
            }
        }
        one_top(tops, first.to_vec())
    }
}
