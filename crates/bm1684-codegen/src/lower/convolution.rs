use ndarray::{ArrayD, Ix4};
use umodel::layers::{Convolution, ConvolutionDepthwise, DepthwiseConvolution};
use umodel::{Arithmetic, DType};

use super::window::{Bias, Element, NIBBLE, Unit, Weights, WindowLayer, check_kernel};
use super::work::{Bottoms, Work};
use super::{Job, Lower, Pool, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::tile::Axis;

/// The largest dilation of a command; beyond it the kernel itself gets the zeros.
pub(super) const MAX_DILATION: usize = NIBBLE + 1;

/// A convolution as the tiler sees it; its weights and biases join the coefficients.
fn window(layer: &Convolution, site: &Site<'_>, pool: &mut Pool) -> Result<WindowLayer, Reason> {
    let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = site.arithmetic() else {
        return Err(site.without_code(Int8Form::Type));
    };
    let (bottom, top) = (site.bottom_shape(0), site.top_shape(0));
    let spread = layer.dilation.map(|dilation| dilation > MAX_DILATION);
    let axes = [0, 1].map(|axis| {
        let reach = layer.dilation[axis] * (layer.kernel[axis] - 1) + 1;
        let (kernel, dilation) =
            if spread[axis] { (reach, 1) } else { (layer.kernel[axis], layer.dilation[axis]) };
        Axis {
            kernel,
            stride: layer.stride[axis],
            pad: layer.pad[axis].cast_signed(),
            dilation,
            ..Axis::pointwise(bottom[2 + axis])
        }
        .to(top[2 + axis])
    });
    let steps = [0, 1].map(|axis| if spread[axis] { layer.dilation[axis] } else { 1 });
    let kernel = axes.map(|axis| axis.kernel);
    let depthwise = layer.group > 1 && layer.group == bottom[1] && layer.group == layer.num_output;
    // Zeros are added before the tiler has looked at the kernel.
    let depth = if depthwise { 1 } else { (bottom[1] / layer.group).next_multiple_of(4) };
    check_kernel(kernel, kernel[0].saturating_mul(kernel[1]).saturating_mul(depth))?;
    let bias = bias.as_ref().map(|bias| pool.add(&bias_bytes(bias)));
    let unit = if depthwise {
        let weights = pool.add(&pack(weights, kernel, steps, 1));
        Unit::Depthwise {
            weights: Weights::Each(weights),
            bias: bias.map_or(Bias::None, Bias::Each),
        }
    } else {
        let weights = pool.add(&pack(weights, kernel, steps, 4));
        Unit::Convolution { groups: layer.group, weights, bias, turned: false }
    };
    Ok(WindowLayer {
        images: bottom[0],
        input_channels: bottom[1],
        output_channels: layer.num_output,
        axes,
        element: Element::Int8,
        input_signed: site.bottom_format(0).dtype == DType::I8,
        relu: site.top_format(0).dtype == DType::U8,
        right_shifts: right_shifts.clone(),
        unit,
        plane: None,
    })
}

fn form(window: &WindowLayer) -> Form {
    match window.unit {
        Unit::Convolution { groups: 1, .. } => Form::Convolution,
        Unit::Convolution { .. } => Form::GroupedConvolution,
        Unit::Depthwise { .. } | Unit::Max => Form::DepthwiseConvolution,
    }
}

impl Lower for Convolution {
    fn forms() -> &'static [Form] {
        &[Form::Convolution, Form::GroupedConvolution, Form::DepthwiseConvolution]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let layer = window(self, &job.site, job.coefficients)?;
        let addresses = [job.bottom(0), job.top(0)];
        layer.lower(job.emitter, addresses)?;
        Ok(form(&layer))
    }

    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, pool: &mut Pool) -> Option<(Work<'a>, Form)> {
        let window = window(self, site, pool).ok()?;
        let form = form(&window);
        Some((Work::Window(window), form))
    }
}

impl Lower for ConvolutionDepthwise {
    fn forms() -> &'static [Form] {
        &[Form::Convolution, Form::GroupedConvolution, Form::DepthwiseConvolution]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        self.convolution.lower(job)
    }

    fn work<'a>(
        &self,
        site: &Site<'a>,
        bottoms: &Bottoms,
        pool: &mut Pool,
    ) -> Option<(Work<'a>, Form)> {
        self.convolution.work(site, bottoms, pool)
    }
}

impl Lower for DepthwiseConvolution {
    fn forms() -> &'static [Form] {
        &[Form::Convolution, Form::GroupedConvolution, Form::DepthwiseConvolution]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        self.convolution.lower(job)
    }

    fn work<'a>(
        &self,
        site: &Site<'a>,
        bottoms: &Bottoms,
        pool: &mut Pool,
    ) -> Option<(Work<'a>, Form)> {
        self.convolution.work(site, bottoms, pool)
    }
}

/// i16, little-endian.
pub(super) fn bias_bytes(bias: &ndarray::Array1<i16>) -> Vec<u8> {
    bias.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Weights `[outputs, inputs, kh, kw]` as `[outputs][kh][kw][inputs]`, the inputs padded to a multiple
/// of `depth`, the kernel spread to `kernel` by `steps` with zeros between.
pub(super) fn pack(
    weights: &ArrayD<i8>,
    kernel: [usize; 2],
    steps: [usize; 2],
    depth: usize,
) -> Vec<u8> {
    let Ok(weights) = weights.view().into_dimensionality::<Ix4>() else {
        unreachable!("a QuantizedNet's convolution has weights of four axes")
    };
    let (outputs, inputs, _, _) = weights.dim();
    let padded = inputs.next_multiple_of(depth);
    let mut bytes = vec![0; outputs * kernel[0] * kernel[1] * padded];
    for ((output, input, y, x), &weight) in weights.indexed_iter() {
        let row = output * kernel[0] + y * steps[0];
        bytes[(row * kernel[1] + x * steps[1]) * padded + input] = weight.cast_unsigned();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact, by the definition.
    #[test]
    fn packing() {
        let weights: ArrayD<i8> = ArrayD::from_shape_fn(vec![2, 2, 1, 2], |at| {
            i8::try_from(100 * at[0] + 10 * at[1] + at[3]).expect("small")
        });
        assert_eq!(
            pack(&weights, [1, 2], [1, 1], 4),
            [0, 10, 0, 0, 1, 11, 0, 0, 100, 110, 0, 0, 101, 111, 0, 0]
        );
        assert_eq!(
            pack(&weights, [1, 3], [1, 2], 2),
            [0, 10, 0, 0, 1, 11, 100, 110, 0, 0, 101, 111]
        );
    }
}
