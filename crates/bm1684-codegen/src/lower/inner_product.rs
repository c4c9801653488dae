use umodel::layers::InnerProduct;
use umodel::{Arithmetic, DType};

use super::convolution::bias_bytes;
use super::relayout::{relayout, scratch_bytes};
use super::window::{Element, MAX_CHANNELS, Unit, WindowLayer};
use super::{Job, Lower, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;
use crate::tile::Axis;

/// The bottom as the layer reads it, `[M, K]`, and the top, `[M, num_output]`.
fn matrices(layer: &InnerProduct, site: &Site<'_>) -> [(usize, usize); 2] {
    let [rows, length] = layer.matrix(site.bottom_shape(0)).unwrap_or_default();
    [(rows, length), (rows, layer.num_output)]
}

/// Bytes of an int8 matrix in 4N form.
fn bytes((rows, length): (usize, usize)) -> usize {
    (rows.div_ceil(4) * length * 4).next_multiple_of(128)
}

impl Lower for InnerProduct {
    fn forms() -> &'static [Form] {
        &[Form::InnerProduct, Form::RecutInnerProduct]
    }

    /// A convolution whose kernel covers the whole input: it needs no other layout of blobs than the
    /// other layers, and its sums are of any length.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = job.site.arithmetic()
        else {
            return Err(job.site.without_code(Int8Form::Type));
        };
        let [below, above] = matrices(self, &job.site);
        let (rows, length) = below;
        let (mut input, mut output) = (job.bottom(0), job.top(0));
        let shapes = [split(job.site.bottom_shape(0)), split(job.site.top_shape(0))];
        // Commands work on whole images, so rows that are not images are copied until each is one.
        let recut = [shapes[0] != below, shapes[1] != above];
        let plain = job.scratch();
        let places = [plain + plain_bytes(self, &job.site) as u64; 2];
        let places = [places[0], places[1] + bytes(below) as u64];
        if recut[0] {
            relayout(job.emitter, [input, places[0]], [shapes[0], below], plain)?;
            input = places[0];
        }
        if recut[1] {
            output = places[1];
        }
        let depth = length.div_ceil(MAX_CHANNELS);
        let width = (depth..=length).find(|&width| length.is_multiple_of(width)).unwrap_or(length);
        let channels = length / width;
        let padded = channels.next_multiple_of(4);
        let mut packed = vec![0; self.num_output * width * padded];
        for (index, &weight) in weights.iter().enumerate() {
            let (row, at) = (index / length, index % length);
            packed[(row * width + at % width) * padded + at / width] = weight.cast_unsigned();
        }
        let bias = bias.as_ref().map(|bias| job.coefficients(&bias_bytes(bias)));
        let kernel = Axis { kernel: width, ..Axis::pointwise(width) }.to(1);
        let layer = WindowLayer {
            input,
            output,
            images: rows,
            input_channels: channels,
            output_channels: self.num_output,
            axes: [Axis::pointwise(1), kernel],
            element: Element::Int8,
            input_signed: job.site.bottom_format(0).dtype == DType::I8,
            relu: job.site.top_format(0).dtype == DType::U8,
            right_shifts: right_shifts.clone(),
            unit: Unit::Convolution {
                groups: 1,
                weights: job.coefficients(&packed),
                bias,
                turned: false,
            },
        };
        layer.lower(job)?;
        if recut[1] {
            relayout(job.emitter, [output, job.top(0)], [above, shapes[1]], plain)?;
        }
        Ok(if recut == [false; 2] { Form::InnerProduct } else { Form::RecutInnerProduct })
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        let [below, above] = matrices(self, site);
        if split(site.bottom_shape(0)) == below && split(site.top_shape(0)) == above {
            return 0;
        }
        plain_bytes(self, site) + bytes(below) + bytes(above)
    }
}

fn plain_bytes(layer: &InnerProduct, site: &Site<'_>) -> usize {
    let [below, above] = matrices(layer, site);
    scratch_bytes(below).max(scratch_bytes(above)).next_multiple_of(128)
}
