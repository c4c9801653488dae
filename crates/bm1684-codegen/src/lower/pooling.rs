use umodel::layers::Pooling;
use umodel::{Arithmetic, DType, PoolFactor};

use super::window::{Bias, Element, Unit, Weights, WindowLayer};
use super::{Job, Lower};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::tile::Axis;

impl Lower for Pooling {
    fn forms() -> &'static [Form] {
        &[
            Form::MaxPooling,
            Form::AveragePooling,
            Form::SignedAveragePooling,
            Form::ClippedAveragePooling,
        ]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        if job.site.layer().tops.len() > 1 {
            return Err(job.site.without_code(Int8Form::PoolingPositions));
        }
        let (from, to) = (job.site.bottom_format(0).dtype, job.site.top_format(0).dtype);
        // The pooling command has a table of factors; a depthwise convolution takes any.
        let (average, bias) = if from == DType::U8 && to == DType::I8 {
            (Form::SignedAveragePooling, Bias::Zero)
        } else {
            (Form::AveragePooling, Bias::None)
        };
        let averaging = |factor: PoolFactor| {
            let unit = Unit::Depthwise { weights: Weights::All(factor.multiplier), bias };
            (unit, factor.right_shift)
        };
        // What is computed under windows that reach beyond no edge, the right one, the lower one, and both.
        let (form, units) = match job.site.arithmetic() {
            Arithmetic::Same => (Form::MaxPooling, vec![(Unit::Max, 0)]),
            &Arithmetic::AveragePool { multiplier, right_shift } => {
                (average, vec![averaging(PoolFactor { multiplier, right_shift })])
            }
            Arithmetic::ClippedAveragePool(factors) => {
                (Form::ClippedAveragePooling, factors.iter().copied().map(averaging).collect())
            }
            _ => return Err(job.site.without_code(Int8Form::Type)),
        };
        let (bottom, top) = (job.site.bottom_shape(0), job.site.top_shape(0));
        let Ok(window) = self.window(bottom) else { unreachable!("the top has a shape") };
        let axes = [0, 1].map(|axis| {
            Axis {
                kernel: window.kernel[axis],
                stride: window.stride[axis],
                pad: window.pad[axis].cast_signed(),
                ..Axis::pointwise(bottom[2 + axis])
            }
            .to(top[2 + axis])
        });
        // The first output whose window reaches beyond the padding.
        let beyond = |axis: &Axis| {
            let padded = axis.input + 2 * axis.pad.unsigned_abs();
            let inside = |output: &usize| output * axis.stride + axis.kernel <= padded;
            (0..axis.output).take_while(inside).count()
        };
        let several = units.len() > 1;
        for (index, (unit, right_shift)) in units.into_iter().enumerate() {
            let mut axes = axes;
            if several {
                for (axis, over) in axes.iter_mut().zip([index / 2 == 1, index % 2 == 1]) {
                    let border = beyond(axis);
                    axis.part = if over { [border, axis.output] } else { [0, border] };
                }
            }
            if axes.iter().any(|axis| axis.len() == 0) {
                continue;
            }
            job.emitter.begin_layer();
            let layer = WindowLayer {
                input: job.bottom(0),
                output: job.top(0),
                images: bottom[0],
                input_channels: bottom[1],
                output_channels: bottom[1],
                axes,
                element: Element::Int8,
                input_signed: from == DType::I8,
                relu: from == DType::I8 && to == DType::U8,
                right_shifts: right_shift.into(),
                unit,
            };
            layer.lower(job)?;
        }
        Ok(form)
    }
}
