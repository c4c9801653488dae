use umodel::layers::Pooling;
use umodel::{Arithmetic, DType};

use super::window::{Bias, Unit, Weights, WindowLayer};
use super::{Job, Lower};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::tile::Axis;

impl Lower for Pooling {
    fn forms() -> &'static [Form] {
        &[Form::MaxPooling, Form::AveragePooling, Form::SignedAveragePooling]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        if job.site.layer().tops.len() > 1 {
            return Err(job.site.without_code(Int8Form::PoolingPositions));
        }
        let (from, to) = (job.site.bottom_format(0).dtype, job.site.top_format(0).dtype);
        let (form, unit, right_shift) = match job.site.arithmetic() {
            Arithmetic::Same => (Form::MaxPooling, Unit::Max, 0),
            // The pooling command has a table of factors; a depthwise convolution takes any.
            Arithmetic::AveragePool { multiplier, right_shift } => {
                let (form, bias) = if from == DType::U8 && to == DType::I8 {
                    (Form::SignedAveragePooling, Bias::Zero)
                } else {
                    (Form::AveragePooling, Bias::None)
                };
                let unit = Unit::Depthwise { weights: Weights::All(*multiplier), bias };
                (form, unit, *right_shift)
            }
            Arithmetic::ClippedAveragePool(_) => {
                return Err(job.site.without_code(Int8Form::ClippedWindows));
            }
            _ => return Err(job.site.without_code(Int8Form::Type)),
        };
        let (bottom, top) = (job.site.bottom_shape(0), job.site.top_shape(0));
        let Ok(window) = self.window(bottom) else { unreachable!("the top has a shape") };
        let axes = [0, 1].map(|axis| Axis {
            input: bottom[2 + axis],
            output: top[2 + axis],
            kernel: window.kernel[axis],
            stride: window.stride[axis],
            pad: window.pad[axis],
            dilation: 1,
        });
        let layer = WindowLayer {
            input: job.bottom(0),
            output: job.top(0),
            images: bottom[0],
            input_channels: bottom[1],
            output_channels: bottom[1],
            axes,
            input_signed: from == DType::I8,
            relu: from == DType::I8 && to == DType::U8,
            right_shift,
            unit,
        };
        layer.lower(job)?;
        Ok(form)
    }
}
