use umodel::layers::Pooling;
use umodel::{Arithmetic, DType, PoolFactor};

use super::window::{Bias, Element, Unit, Weights, WindowLayer};
use super::work::{Bottoms, Work};
use super::{Job, Lower, Pool, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::tile::Axis;

/// The windows of a pooling layer: one, or up to four that share the top.
fn windows(layer: &Pooling, site: &Site<'_>) -> Result<(Vec<WindowLayer>, Form), Reason> {
    if site.layer().tops.len() > 1 {
        return Err(site.without_code(Int8Form::PoolingPositions));
    }
    let (from, to) = (site.bottom_format(0).dtype, site.top_format(0).dtype);
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
    let (form, units) = match site.arithmetic() {
        Arithmetic::Same => (Form::MaxPooling, vec![(Unit::Max, 0)]),
        &Arithmetic::AveragePool { multiplier, right_shift } => {
            (average, vec![averaging(PoolFactor { multiplier, right_shift })])
        }
        Arithmetic::ClippedAveragePool(factors) => {
            (Form::ClippedAveragePooling, factors.iter().copied().map(averaging).collect())
        }
        _ => return Err(site.without_code(Int8Form::Type)),
    };
    let (bottom, top) = (site.bottom_shape(0), site.top_shape(0));
    let Ok(window) = layer.window(bottom) else { unreachable!("the top has a shape") };
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
    let mut windows = Vec::with_capacity(units.len());
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
        windows.push(WindowLayer {
            images: bottom[0],
            input_channels: bottom[1],
            output_channels: bottom[1],
            axes,
            element: Element::Int8,
            input_signed: from == DType::I8,
            relu: from == DType::I8 && to == DType::U8,
            right_shifts: right_shift.into(),
            unit,
            plane: None,
        });
    }
    Ok((windows, form))
}

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
        let (windows, form) = windows(self, &job.site)?;
        for window in windows {
            job.emitter.begin_layer();
            let addresses = [job.bottom(0), job.top(0)];
            window.lower(job.emitter, addresses)?;
        }
        Ok(form)
    }

    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, _: &mut Pool) -> Option<(Work<'a>, Form)> {
        let (windows, form) = windows(self, site).ok()?;
        let [window] = <[WindowLayer; 1]>::try_from(windows).ok()?;
        Some((Work::Window(window), form))
    }
}
