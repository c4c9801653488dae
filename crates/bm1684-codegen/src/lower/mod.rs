//! How each layer type becomes commands, one file per type.

mod block;
mod broadcast;
mod concat;
mod convolution;
mod deconvolution;
mod dequantize;
mod elements;
mod eltwise;
mod float;
mod inner_product;
mod input;
mod joins;
mod list;
mod moving;
mod parameter;
mod pooling;
mod prelu;
mod quantize;
mod reduce;
mod relayout;
mod relu;
mod resizing;
mod scale;
mod table;
mod unsupported;
mod views;
mod window;
mod work;

pub(crate) use block::{Block, Cell};
pub(crate) use float::TABLES;
pub use list::lowerings;
pub(crate) use window::{Halo, KernelRow, Piece, WindowLayer};
pub(crate) use work::{Bottoms, ElementWork, Work};

use bm1684_isa::memory::{COEFFICIENT_BASE, LINE_BYTES};
use umodel::{Arithmetic, BlobFormat, DType, Layer, QuantizedNet};

use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::{Plan, split};

/// A layer where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) net: &'a QuantizedNet,
    pub(crate) index: usize,
}

impl<'a> Site<'a> {
    pub(crate) fn layer(&self) -> &'a Layer {
        &self.net.net().layers()[self.index]
    }

    pub(crate) fn arithmetic(&self) -> &'a Arithmetic {
        self.net.arithmetic(self.index)
    }

    pub(crate) fn bottom_shape(&self, index: usize) -> &'a [usize] {
        &self.net.net().blob(self.layer().bottoms[index]).shape
    }

    pub(crate) fn top_shape(&self, index: usize) -> &'a [usize] {
        &self.net.net().blob(self.layer().tops[index]).shape
    }

    pub(crate) fn bottom_format(&self, index: usize) -> BlobFormat {
        self.net.format(self.layer().bottoms[index])
    }

    pub(crate) fn top_format(&self, index: usize) -> BlobFormat {
        self.net.format(self.layer().tops[index])
    }

    /// Why there is no code: the layer's arithmetic decides. `form` says what of an int8 layer it is.
    pub(crate) fn without_code(&self, form: Int8Form) -> Reason {
        match self.arithmetic() {
            Arithmetic::Float => Reason::Float,
            // Sources of pictures; the casts themselves have code.
            Arithmetic::Cast => Reason::Type,
            Arithmetic::Same
            | Arithmetic::MultiplyAccumulate { .. }
            | Arithmetic::AveragePool { .. }
            | Arithmetic::Rescaled(_)
            | Arithmetic::Product(_)
            | Arithmetic::LeakyRelu(_)
            | Arithmetic::Table(_)
            | Arithmetic::Prelu { .. }
            | Arithmetic::Interpolate
            | Arithmetic::ClippedAveragePool(_)
            | Arithmetic::Constant(_)
            | Arithmetic::Cut(_) => Reason::Int8 { form },
        }
    }

    /// 32-bit words of a blob's storage: of fp32 its values, of int8 its values of four images.
    pub(crate) fn bottom_words(&self, index: usize) -> usize {
        words(self.bottom_shape(index), self.bottom_format(index))
    }
}

/// 32-bit words of a blob's storage.
pub(crate) fn words(shape: &[usize], format: BlobFormat) -> usize {
    let (images, values) = split(shape);
    match format.dtype {
        DType::F32 => images * values,
        DType::I8 | DType::U8 => images.div_ceil(4) * values,
    }
}

/// A layer being lowered, and what it adds to.
pub(crate) struct Job<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) emitter: &'a mut Emitter,
    pub(crate) coefficients: &'a mut Pool,
}

impl Job<'_> {
    pub(crate) fn bottom(&self, index: usize) -> u64 {
        self.plan.blob(self.site.layer().bottoms[index])
    }

    pub(crate) fn top(&self, index: usize) -> u64 {
        self.plan.blob(self.site.layer().tops[index])
    }

    pub(crate) fn scratch(&self) -> u64 {
        self.plan.scratch(self.site.index)
    }

    /// Puts bytes among the coefficients; returns their address.
    pub(crate) fn coefficients(&mut self, bytes: &[u8]) -> u64 {
        self.coefficients.add(bytes)
    }
}

/// The coefficients of a net as they grow.
#[derive(Debug, Default)]
pub(crate) struct Pool(pub(crate) Vec<u8>);

impl Pool {
    /// Puts bytes among the coefficients; returns their address.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> u64 {
        let start = self.0.len().next_multiple_of(LINE_BYTES);
        self.0.resize(start, 0);
        self.0.extend_from_slice(bytes);
        COEFFICIENT_BASE + start as u64
    }
}

/// How a layer type becomes commands.
pub(crate) trait Lower {
    /// The ways in which layers of this type become commands; none if there is no code. Each has a
    /// listing in `tests/listings`.
    fn forms() -> &'static [Form]
    where
        Self: Sized;

    /// Adds the layer's commands.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason>;

    /// What the layer does with tensors in local memory; `None` if it reads and writes DDR only.
    fn work<'a>(
        &self,
        site: &Site<'a>,
        bottoms: &Bottoms,
        pool: &mut Pool,
    ) -> Option<(Work<'a>, Form)> {
        let _ = (site, bottoms, pool);
        None
    }

    /// Whether the top is the bottom's storage under another name; then there are no commands.
    fn renames(&self, site: &Site<'_>) -> bool {
        let _ = site;
        false
    }

    /// Bytes of DDR that the layer needs for itself.
    fn scratch(&self, site: &Site<'_>) -> usize {
        let _ = site;
        0
    }
}

/// How a layer becomes commands.
pub(crate) fn lower<'a>(site: &Site<'a>) -> &'a dyn Lower {
    if float::has_steps(site) {
        return &float::Steps;
    }
    let op = &site.layer().op;
    umodel::for_each_layer!(match op {
        p => p,
    })
}
