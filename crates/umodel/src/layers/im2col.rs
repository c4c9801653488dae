use super::{LayerParam, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{ConvolutionParameter, LayerParameter};

/// The patches of a convolution as channels.
///
/// # Shapes
/// bottom `[N, C, ...]` with any number of axes behind the channels; top `[N, C·kernel, ...]`, the
/// other axes as a convolution has them.
///
/// # Source
/// BVLC Caffe, Im2colLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct Im2col {
    /// The axis of the channels; negative counts from the end.
    pub axis: i32,
    /// Kernel size along each further axis, or one number for all.
    pub kernel: Vec<usize>,
    /// Strides; none stands for 1.
    pub stride: Vec<usize>,
    /// Padding on either side; none stands for 0.
    pub pad: Vec<usize>,
    /// Dilation; none stands for 1.
    pub dilation: Vec<usize>,
}

impl LayerParam for Im2col {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.convolution_param;
        let list = |field, list: &[u32], h: Option<u32>, w: Option<u32>, default, least| {
            let values = match (list, h, w) {
                (_, None, None) => list.to_vec(),
                ([], h, w) => vec![h.unwrap_or(default), w.unwrap_or(default)],
                _ => {
                    return Err(LayerError::BadValue {
                        field,
                        value: format!("{list:?}"),
                        reason: "either the field or its _h and _w forms, not both".into(),
                    });
                }
            };
            if values.iter().any(|&value| value < least || value > 1 << 16) {
                return Err(LayerError::BadValue {
                    field,
                    value: format!("{values:?}"),
                    reason: format!("must be from {least} to 65536"),
                });
            }
            Ok(values.into_iter().map(|value| value as usize).collect::<Vec<usize>>())
        };
        let kernel =
            list("convolution_param.kernel_size", &p.kernel_size, p.kernel_h, p.kernel_w, 0, 1)?;
        if kernel.is_empty() {
            return Err(LayerError::MissingField { field: "convolution_param.kernel_size" });
        }
        Ok(Im2col {
            axis: p.axis(),
            kernel,
            stride: list("convolution_param.stride", &p.stride, p.stride_h, p.stride_w, 1, 1)?,
            pad: list("convolution_param.pad", &p.pad, p.pad_h, p.pad_w, 0, 0)?,
            dilation: list("convolution_param.dilation", &p.dilation, None, None, 1, 1)?,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let list = |values: &[usize]| values.iter().map(|&value| value as u32).collect();
        layer.convolution_param = Some(ConvolutionParameter {
            axis: (self.axis != 1).then_some(self.axis),
            kernel_size: list(&self.kernel),
            stride: list(&self.stride),
            pad: list(&self.pad),
            dilation: list(&self.dilation),
            force_nd_im2col: layer.convolution_param.force_nd_im2col,
            ..Default::default()
        })
        .into();
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let channels = canonical_axis("convolution_param.axis", self.axis, bottom.len())?;
        let mut top = bottom.to_vec();
        let count = bottom.len() - channels - 1;
        let at = |field, values: &[usize], index: usize, default| match values {
            [] => Ok(default),
            [all] => Ok(*all),
            each if each.len() == count => Ok(each[index]),
            each => Err(LayerError::BadValue {
                field,
                value: format!("{each:?}"),
                reason: format!("one number, or one for each of {count} axes"),
            }),
        };
        if count == 0 {
            return Err(LayerError::AxisCount { expected: channels + 2, found: bottom.to_vec() });
        }
        for index in 0..count {
            let kernel = at("convolution_param.kernel_size", &self.kernel, index, 1)?;
            let stride = at("convolution_param.stride", &self.stride, index, 1)?;
            let pad = at("convolution_param.pad", &self.pad, index, 0)?;
            let dilation = at("convolution_param.dilation", &self.dilation, index, 1)?;
            let reach = dilation * (kernel - 1) + 1;
            let length = &mut top[channels + 1 + index];
            let room = (*length + 2 * pad).checked_sub(reach).ok_or_else(|| LayerError::BadValue {
                field: "convolution_param.kernel_size",
                value: kernel.to_string(),
                reason: format!("covers {reach} pixels, the padded bottom has {}", *length + 2 * pad),
            })?;
            *length = room / stride + 1;
            top[channels] = top[channels].saturating_mul(kernel);
        }
        one_top(tops, top)
    }
}
