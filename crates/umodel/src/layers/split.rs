use super::{Facts, LayerParam, Role, one};
use crate::Shape;
use crate::error::{Count, LayerError};
use crate::proto::LayerParameter;

/// Copies one blob to several tops.
///
/// # Source
/// BVLC Caffe, SplitLayer, which Caffe puts in by itself wherever a blob has several readers.
/// A [`Net`](crate::Net) does not need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split;

impl LayerParam for Split {
    fn parse(_: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Split)
    }

    fn write(&self, _: &mut LayerParameter) {}

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Split)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        if tops == 0 {
            return Err(LayerError::tops(Count::AtLeast(1), 0));
        }
        Ok(vec![one(bottoms)?.to_vec(); tops])
    }
}
