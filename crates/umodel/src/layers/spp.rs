use super::{Facts, LayerParam, PoolMethod, PoolWindow, Pooling, nchw, one, one_top, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{LayerParameter, sppparameter::PoolMethod as ProtoMethod};

/// Spatial pyramid pooling: pools of 1, 2, 4, … bins along each axis, flattened and joined.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, C · Σ bins]`; with a single level `[N, C, 1, 1]`.
///
/// # Formula
/// Level l pools with `ceil(size / 2^l)` pixels along each axis, as many as its stride, and half of what is missing as
/// padding.
///
/// # Source
/// BVLC Caffe, SPPLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spp {
    /// Number of levels, 1 to 16.
    pub levels: usize,
    /// How values are pooled.
    pub method: PoolMethod,
}

impl Spp {
    /// The pooling of one level, which has `2^level` bins along each axis.
    fn pooling(&self, level: usize, [height, width]: [usize; 2]) -> Pooling {
        let bins = 1usize << level;
        let kernel = [height.div_ceil(bins), width.div_ceil(bins)];
        let missing = [kernel[0] * bins - height, kernel[1] * bins - width];
        Pooling {
            method: self.method,
            kernel,
            stride: kernel,
            pad: missing.map(|missing| missing.div_ceil(2)),
            global: false,
            ceil: true,
        }
    }

    /// The windows of each level over a bottom `[N, C, H, W]`.
    ///
    /// # Errors
    /// For another bottom, for one that is too small, and for impossible parameters.
    pub fn windows(&self, bottom: &[usize]) -> Result<Vec<PoolWindow>, LayerError> {
        self.check()?;
        let [_, _, h, w] = nchw(bottom)?;
        let window = |level: usize| {
            let pooling = self.pooling(level, [h, w]);
            if [0, 1].iter().any(|&axis| pooling.pad[axis] >= pooling.kernel[axis]) {
                let reason = ValueError::Pyramid { level, height: h, width: w };
                return Err(LayerError::bad("spp_param.pyramid_height", self.levels, reason));
            }
            pooling.slide(bottom)
        };
        (0..self.levels).map(window).collect()
    }
}

impl LayerParam for Spp {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.spp_param;
        let method = match p.pool() {
            ProtoMethod::MAX => PoolMethod::Max,
            ProtoMethod::AVE => PoolMethod::Average,
            ProtoMethod::STOCHASTIC => {
                return Err(LayerError::bad(
                    "spp_param.pool",
                    "STOCHASTIC",
                    ValueError::PoolMethod,
                ));
            }
        };
        Ok(Spp { levels: size(p.pyramid_height()), method })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.spp_param.mut_or_insert_default();
        p.set_pyramid_height(wire(self.levels));
        p.pool = (self.method == PoolMethod::Average).then(|| ProtoMethod::AVE.into());
    }

    fn check(&self) -> Result<(), LayerError> {
        if !(1..=16).contains(&self.levels) {
            let reason = ValueError::Within { least: 1, most: 16 };
            return Err(LayerError::bad("spp_param.pyramid_height", self.levels, reason));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let [n, c, _, _] = nchw(bottom)?;
        let bins = self.windows(bottom)?.iter().fold(0usize, |bins, window| {
            let [rows, columns] = window.output;
            bins.saturating_add(rows.saturating_mul(columns))
        });
        one_top(
            tops,
            if self.levels == 1 { vec![n, c, 1, 1] } else { vec![n, c.saturating_mul(bins)] },
        )
    }
}
