use umodel::layers::InnerProduct;
use umodel::{Arithmetic, DType};

use super::convolution::bias_bytes;
use super::relayout::{relayout, scratch_bytes};
use super::window::{Element, MAX_CHANNELS, Unit, WindowLayer};
use super::work::{Bottoms, Work};
use super::{Job, Lower, Pool, Site};
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

/// A convolution whose kernel covers the whole input, which is seen as channels of so many columns: it needs no other
/// layout of blobs than the other layers, and its sums are of any length.
fn window(
    layer: &InnerProduct,
    site: &Site<'_>,
    width: usize,
    pool: &mut Pool,
) -> Result<WindowLayer, Reason> {
    let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = site.arithmetic() else {
        return Err(site.without_code(Int8Form::Type));
    };
    let [(rows, length), _] = matrices(layer, site);
    let channels = length / width;
    let padded = channels.next_multiple_of(4);
    let mut packed = vec![0; layer.num_output * width * padded];
    for (index, &weight) in weights.iter().enumerate() {
        let (row, at) = (index / length, index % length);
        packed[(row * width + at % width) * padded + at / width] = weight.cast_unsigned();
    }
    let bias = bias.as_ref().map(|bias| pool.add(&bias_bytes(bias)));
    let kernel = Axis { kernel: width, ..Axis::pointwise(width) }.to(1);
    Ok(WindowLayer {
        images: rows,
        input_channels: channels,
        output_channels: layer.num_output,
        axes: [Axis::pointwise(1), kernel],
        element: Element::Int8,
        input_signed: site.bottom_format(0).dtype == DType::I8,
        relu: site.top_format(0).dtype == DType::U8,
        right_shifts: right_shifts.clone(),
        unit: Unit::Convolution { groups: 1, weights: pool.add(&packed), bias, turned: false },
        plane: None,
    })
}

impl Lower for InnerProduct {
    fn forms() -> &'static [Form] {
        &[Form::InnerProduct, Form::RecutInnerProduct]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let [below, above] = matrices(self, &job.site);
        let (_, length) = below;
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
        let layer = window(self, &job.site, width, job.coefficients)?;
        layer.lower(job.emitter, [input, output])?;
        if recut[1] {
            relayout(job.emitter, [output, job.top(0)], [above, shapes[1]], plain)?;
        }
        Ok(if recut == [false; 2] { Form::InnerProduct } else { Form::RecutInnerProduct })
    }

    /// Of one row for each image.
    fn work<'a>(
        &self,
        site: &Site<'a>,
        bottoms: &Bottoms,
        pool: &mut Pool,
    ) -> Option<(Work<'a>, Form)> {
        let [below, above] = matrices(self, site);
        let whole = split(site.bottom_shape(0)) == below && split(site.top_shape(0)) == above;
        let &[channels, height, width] = bottoms.sizes.first()?;
        let fits = whole && channels <= MAX_CHANNELS && channels * height * width == below.1;
        if !fits {
            return None;
        }
        let window = window(self, site, height * width, pool).ok()?;
        Some((Work::Window(window), Form::InnerProduct))
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
