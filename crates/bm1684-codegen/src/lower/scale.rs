use umodel::layers::{BinaryOp, Scale};
use umodel::{Arithmetic, DType};

use super::convolution::bias_bytes;
use super::window::{Bias, Element, Unit, Weights, WindowLayer};
use super::{Job, Lower, Site, broadcast};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::tile::Axis;

impl Lower for Scale {
    fn forms() -> &'static [Form] {
        &[Form::Scale, Form::Product]
    }

    /// By learnt factors: a depthwise convolution with single weights.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = job.site.arithmetic()
        else {
            return match job.site.layer().bottoms.len() {
                2 => broadcast::lower(job, BinaryOp::Mul, Some(self.axis)),
                _ => Err(job.site.without_code(Int8Form::Type)),
            };
        };
        let shape = job.site.bottom_shape(0);
        let (channels, height) = (shape[1], shape.get(2).copied().unwrap_or(1));
        let width = shape.iter().skip(3).product();
        let bytes: Vec<u8> = weights.iter().map(|weight| weight.cast_unsigned()).collect();
        let bias = bias.as_ref().map(|bias| job.coefficients(&bias_bytes(bias)));
        let layer = WindowLayer {
            input: job.bottom(0),
            output: job.top(0),
            images: shape[0],
            input_channels: channels,
            output_channels: channels,
            axes: [Axis::pointwise(height), Axis::pointwise(width)],
            element: Element::Int8,
            input_signed: job.site.bottom_format(0).dtype == DType::I8,
            relu: job.site.top_format(0).dtype == DType::U8,
            right_shifts: right_shifts.clone(),
            unit: Unit::Depthwise {
                weights: Weights::Each(job.coefficients(&bytes)),
                bias: bias.map_or(Bias::None, Bias::Each),
            },
        };
        layer.lower(job)?;
        Ok(Form::Scale)
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        broadcast::scratch(site, Some(self.axis)).iter().sum()
    }
}
