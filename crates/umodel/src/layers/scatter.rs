use super::gather::{axes, check_axes};
use super::{Facts, LayerParam, one_top, size, wire};
use crate::Shape;
use crate::error::{Count, LayerError};
use crate::proto::{LayerParameter, scatter_parameter::Reduction as ProtoReduction};

/// What a [`Scatter`] layer makes of an old and a new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScatterReduction {
    /// The new one.
    Replace,
    /// Their sum.
    Add,
    /// Their product.
    Mul,
    /// The larger one.
    Max,
    /// The smaller one.
    Min,
}

/// Puts entries to places by their numbers.
///
/// # Shapes
/// bottoms: data `[A…, P…, B…]` with `num_axes` axes P from `axis` on, which count as one, indices of any shape I,
/// and updates `[A…, I…, B…]`; top as data
///
/// # Formula
/// The top is the data, with `updates[a, i, b]` at `[a, indices[i], b]`, joined with what is there; negative numbers
/// count from the end, of equal ones the last counts. One that is not there is an error when the net runs.
///
/// # Source
/// ONNX ScatterND and ScatterElements, with places that the import has worked out. Constant indices come from a
/// [`Parameter`](super::Parameter) layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scatter {
    /// The first axis to which entries are put; negative counts from the end.
    pub axis: i32,
    /// How many axes count as one; at least 1.
    pub num_axes: usize,
    /// What an old and a new value become.
    pub reduction: ScatterReduction,
}

impl Scatter {
    /// The first axis to which entries are put, and the one behind the last.
    ///
    /// # Errors
    /// If the blob does not have them.
    pub fn axes(&self, data: &[usize]) -> Result<[usize; 2], LayerError> {
        axes("scatter_param.axis", self.axis, self.num_axes, data)
    }
}

impl LayerParam for Scatter {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.scatter_param;
        let reduction = match p.reduction() {
            ProtoReduction::REPLACE => ScatterReduction::Replace,
            ProtoReduction::ADD => ScatterReduction::Add,
            ProtoReduction::MUL => ScatterReduction::Mul,
            ProtoReduction::MAX => ScatterReduction::Max,
            ProtoReduction::MIN => ScatterReduction::Min,
        };
        Ok(Scatter { axis: p.axis(), num_axes: size(p.num_axes()), reduction })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.scatter_param.mut_or_insert_default();
        p.axis = (self.axis != 0).then_some(self.axis);
        p.num_axes = (self.num_axes != 1).then_some(wire(self.num_axes));
        let reduction = match self.reduction {
            ScatterReduction::Replace => ProtoReduction::REPLACE,
            ScatterReduction::Add => ProtoReduction::ADD,
            ScatterReduction::Mul => ProtoReduction::MUL,
            ScatterReduction::Max => ProtoReduction::MAX,
            ScatterReduction::Min => ProtoReduction::MIN,
        };
        p.reduction = (self.reduction != ScatterReduction::Replace).then_some(reduction.into());
    }

    fn check(&self) -> Result<(), LayerError> {
        super::fit(&[("scatter_param.num_axes", self.num_axes)])?;
        check_axes("scatter_param.num_axes", self.num_axes)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let &[data, indices, updates] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(3), bottoms.len()));
        };
        let [from, to] = self.axes(data)?;
        let expected = [&data[..from], indices, &data[to..]].concat();
        if updates != expected {
            let found = updates.to_vec();
            return Err(LayerError::BottomShape { index: 2, expected, found });
        }
        one_top(tops, data.to_vec())
    }
}
