use super::{Facts, LayerParam, MOST, fit, legacy, mismatch, one_top, pair, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{LayerParameter, MaxUnPoolParameter};

/// Puts pooled values back where their maxima were.
///
/// # Shapes
/// bottoms: values and mask `[N, C, H, W]`; top `[N, C, height, width]`.
///
/// # Formula
/// `y[mask[i]] = x[i]` in each plane, 0 elsewhere; of several values for one place the last one counts. Masks are
/// the second top of a max Pooling.
///
/// # Source
/// Caffe forks for PyTorch models, MaxUnPoolLayer. SegNet's fork, UpsampleLayer with a mask: prototxts with it are read
/// as this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxUnpool {
    /// Height and width of the top.
    pub size: UnpoolSize,
}

/// The size of a [`MaxUnpool`]'s top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnpoolSize {
    /// This height and width.
    Fixed([usize; 2]),
    /// The bottom's, so often along height and width, less a row or a column.
    Scaled {
        /// How often; at least 1.
        scale: [usize; 2],
        /// Whether a row, a column less.
        less: [bool; 2],
    },
}

const HEIGHT: &str = "max_unpool_param.dst_h";
const WIDTH: &str = "max_unpool_param.dst_w";
const SCALE: &str = "max_unpool_param.scale_h";

impl LayerParam for MaxUnpool {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.max_unpool_param;
        let given =
            |field, side: Option<u32>| side.map(size).ok_or(LayerError::MissingField { field });
        let size = match (p.scale_h, p.scale_w) {
            (None, None) => UnpoolSize::Fixed([given(HEIGHT, p.dst_h)?, given(WIDTH, p.dst_w)?]),
            (h, w) if p.dst_h.is_none() && p.dst_w.is_none() => UnpoolSize::Scaled {
                scale: [given(SCALE, h)?, given("max_unpool_param.scale_w", w)?],
                less: [p.less_h(), p.less_w()],
            },
            _ => return Err(LayerError::bad(SCALE, "", ValueError::Beside("dst_h, dst_w"))),
        };
        Ok(MaxUnpool { size })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let mut p = MaxUnPoolParameter::new();
        match self.size {
            UnpoolSize::Fixed([h, w]) => (p.dst_h, p.dst_w) = (Some(wire(h)), Some(wire(w))),
            UnpoolSize::Scaled { scale: [h, w], less } => {
                (p.scale_h, p.scale_w) = (Some(wire(h)), Some(wire(w)));
                [p.less_h, p.less_w] = less.map(|less| less.then_some(true));
            }
        }
        layer.max_unpool_param = Some(p).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        match self.size {
            UnpoolSize::Fixed([h, w]) => fit(&[(HEIGHT, h), (WIDTH, w)]),
            UnpoolSize::Scaled { scale, .. } => {
                let most = MOST as u64;
                if scale.iter().all(|scale| (1..=MOST).contains(scale)) {
                    return Ok(());
                }
                let reason = ValueError::Within { least: 1, most };
                Err(LayerError::bad(SCALE, format_args!("{scale:?}"), reason))
            }
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [values, mask] = pair(bottoms)?;
        if values != mask {
            return Err(mismatch(values, mask));
        }
        let [n, c, h, w] = legacy(values)?;
        let [h, w] = match self.size {
            UnpoolSize::Fixed(size) => size,
            UnpoolSize::Scaled { scale, less } => {
                let side = |axis: usize, length: usize| {
                    let grown = length.saturating_mul(scale[axis]);
                    grown.saturating_sub(usize::from(less[axis]))
                };
                [side(0, h), side(1, w)]
            }
        };
        one_top(tops, vec![n, c, h, w])
    }
}
