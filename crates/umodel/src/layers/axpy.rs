use super::{Facts, legacy, mismatch, one_top};
use crate::Shape;
use crate::error::{Count, LayerError};
use crate::quant::float::{Float, RowOperand, Rows, Source, Step};

layer! {
    /// Scales channels and adds.
    ///
    /// # Shapes
    /// a `[N, C]` (or with axes of 1 behind), x and b `[N, C, H, W]`, top as x.
    ///
    /// # Formula
    /// `y = a · x + b`, a by image and channel
    ///
    /// # Source
    /// SENet, AxpyLayer.
    Axpy;

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let &[factors, x, _] = float.bottoms else { return None };
        let rows: usize = factors.iter().product();
        let inner = x.iter().product::<usize>() / rows.max(1);
        let sizes = [rows, 1, inner];
        let mut steps = Rows::default();
        let inputs = [
            RowOperand::each(Source::Bottom(0)),
            RowOperand::all(Source::Bottom(1), sizes),
            RowOperand::all(Source::Bottom(2), sizes),
        ];
        steps.compute(sizes, &inputs, &|values| values[0] * values[1] + values[2]);
        steps.finish()
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [scale, x, b] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(3), bottoms.len()));
        };
        if x != b {
            return Err(mismatch(x, b));
        }
        if x.len() < 2 || legacy(scale)? != [x[0], x[1], 1, 1] {
            return Err(mismatch(x, scale));
        }
        one_top(tops, x.to_vec())
    }
}
