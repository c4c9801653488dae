use umodel::layers::{BinaryOp, Scale};
use umodel::{Arithmetic, DType};

use super::convolution::bias_bytes;
use super::window::{Bias, Element, Unit, Weights, WindowLayer};
use super::work::{Bottoms, Work};
use super::{Job, Lower, Pool, Site, broadcast};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::tile::Axis;

/// By learnt factors: a depthwise convolution with single weights.
fn window(site: &Site<'_>, pool: &mut Pool) -> Option<WindowLayer> {
    let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = site.arithmetic() else {
        return None;
    };
    let shape = site.bottom_shape(0);
    let (channels, height) = (shape[1], shape.get(2).copied().unwrap_or(1));
    let width = shape.iter().skip(3).product();
    let bytes: Vec<u8> = weights.iter().map(|weight| weight.cast_unsigned()).collect();
    let bias = bias.as_ref().map(|bias| pool.add(&bias_bytes(bias)));
    Some(WindowLayer {
        images: shape[0],
        input_channels: channels,
        output_channels: channels,
        axes: [Axis::pointwise(height), Axis::pointwise(width)],
        element: Element::Int8,
        input_signed: site.bottom_format(0).dtype == DType::I8,
        relu: site.top_format(0).dtype == DType::U8,
        right_shifts: right_shifts.clone(),
        unit: Unit::Depthwise {
            weights: Weights::Each(pool.add(&bytes)),
            bias: bias.map_or(Bias::None, Bias::Each),
        },
        plane: None,
    })
}

impl Lower for Scale {
    fn forms() -> &'static [Form] {
        &[Form::Scale, Form::Product]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let Some(layer) = window(&job.site, job.coefficients) else {
            return match job.site.layer().bottoms.len() {
                2 => broadcast::lower(job, BinaryOp::Mul, Some(self.axis)),
                _ => Err(job.site.without_code(Int8Form::Type)),
            };
        };
        let addresses = [job.bottom(0), job.top(0)];
        layer.lower(job.emitter, addresses)?;
        Ok(Form::Scale)
    }

    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, pool: &mut Pool) -> Option<(Work<'a>, Form)> {
        match window(site, pool) {
            Some(window) => Some((Work::Window(window), Form::Scale)),
            None => broadcast::work(site, BinaryOp::Mul, Some(self.axis)),
        }
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        broadcast::scratch(site, Some(self.axis)).iter().sum()
    }
}
