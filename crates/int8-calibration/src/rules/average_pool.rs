use umodel::layers::{PoolMethod, Pooling};
use umodel::{Arithmetic, LayerSpec};

use super::passing::same;
use super::{Context, Quantized, Rule, largest_shift};

impl Rule for Pooling {
    /// Maximum: the bottom's format. Average: `m / 2^r = s_in / (s_out · area)` with 8 bits of m;
    /// stays fp32 if Caffe's windows have different areas.
    fn quantize(&self, _: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        if self.method == PoolMethod::Max {
            return same(context);
        }
        let shape = context.shapes.first()?;
        if self.overhangs(shape).ok()? {
            return None;
        }
        let area: usize = self.window(shape).ok()?.kernel.iter().product();
        let top = context.top(context.all_unsigned());
        let ratio = f64::from(context.bottoms.first()?.scale) / f64::from(top.scale) / area as f64;
        let right_shift = largest_shift(ratio, 255.5, 31)?;
        let multiplier = (ratio * f64::from(1u32 << right_shift)).round() as u8;
        (multiplier > 0).then_some((Arithmetic::AveragePool { multiplier, right_shift }, top))
    }
}
