use umodel::layers::{Pad, PadMode};
use umodel::{Arithmetic, DType};

use super::window::{Bias, Unit, Weights, WindowLayer};
use super::{Job, Lower};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::tile::Axis;

impl Lower for Pad {
    fn forms() -> &'static [Form] {
        &[Form::Pad]
    }

    /// Zeros around height and width: a depthwise convolution with one weight of 1, whose padding they are.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let (bottom, top) = (job.site.bottom_shape(0), job.site.top_shape());
        let pads = match (job.site.arithmetic(), self.mode, self.pads.as_slice()) {
            (Arithmetic::Same, PadMode::Constant(0.0), [.., h, w]) if bottom.len() == 4 => [h, w],
            (_, PadMode::Constant(0.0), _) => {
                return Err(job.site.without_code(Int8Form::PadAxes));
            }
            _ => return Err(job.site.without_code(Int8Form::PadMode)),
        };
        let front = &self.pads[..self.pads.len() - 2];
        if front.iter().any(|pads| *pads != [0, 0]) || pads.iter().any(|[a, b]| *a < 0 || *b < 0) {
            return Err(job.site.without_code(Int8Form::PadAxes));
        }
        let axes = [0, 1].map(|axis| Axis {
            output: top[2 + axis],
            pad: usize::try_from(pads[axis][0]).unwrap_or(0),
            ..Axis::pointwise(bottom[2 + axis])
        });
        let layer = WindowLayer {
            input: job.bottom(0),
            output: job.top(),
            images: bottom[0],
            input_channels: bottom[1],
            output_channels: bottom[1],
            axes,
            input_signed: job.site.bottom_format(0).dtype == DType::I8,
            relu: false,
            right_shift: 0,
            unit: Unit::Depthwise { weights: Weights::All(1), bias: Bias::None },
        };
        layer.lower(job)?;
        Ok(Form::Pad)
    }
}
