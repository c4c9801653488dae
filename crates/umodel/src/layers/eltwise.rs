use super::{LayerParam, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, eltwise_parameter::EltwiseOp as ProtoOp};

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
            return Err(LayerError::BadValue {
                field: "eltwise_param.coeff",
                value: format!("{:?}", p.coeff),
                reason: format!("only for SUM, one for each of the {bottoms} bottoms"),
            });
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

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [first, rest @ ..] = bottoms else {
            return Err(LayerError::BottomCount { expected: "2 or more", found: 0 });
        };
        if rest.is_empty() {
            return Err(LayerError::BottomCount { expected: "2 or more", found: 1 });
        }
        if let EltwiseOp::Sum(coefficients) = &self.operation
            && coefficients.len() != bottoms.len()
        {
            return Err(LayerError::BadValue {
                field: "eltwise_param.coeff",
                value: format!("{coefficients:?}"),
                reason: format!("one for each of the {} bottoms", bottoms.len()),
            });
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
