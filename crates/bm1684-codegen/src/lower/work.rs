//! What layers do with tensors in local memory, whose channels go over the lanes.

use umodel::{DType, Rescale};

use super::Job;
use super::block::Block;
use super::elements::{Elements, Port};
use super::float::Tables;
use super::window::WindowLayer;
use crate::emit::Emitter;
use crate::error::Reason;
use crate::plan::split;

/// The bottoms of a layer in local memory.
#[derive(Clone, Debug)]
pub(crate) struct Bottoms {
    /// Channels, height and width of each. A blob that was only reshaped keeps those that it had before.
    pub(crate) sizes: Vec<[usize; 3]>,
}

/// A layer's work on tensors of one group of four images.
pub(crate) enum Work<'a> {
    /// A window slides over the bottom.
    Window(WindowLayer),
    /// Each value of the top is made of the bottoms' values at its place.
    Elements(ElementWork<'a>),
    /// The bottoms' channels one after the other, each brought to the top's scale before if it is not `None`.
    Concat(Vec<Option<(Rescale, [DType; 2])>>),
    /// Every value is repeated along height and width.
    Repeat([usize; 2]),
    /// Of height and of width, the values from one on at some distance.
    Sample([[usize; 2]; 2]),
    /// Channels from this one on.
    Slice(Vec<usize>),
}

/// Adds the commands for one block of words.
pub(crate) type Compute<'a> = Box<dyn Fn(&mut Emitter, &Block) + 'a>;

/// A layer that works value by value on bottoms of one shape, of which some may have one value for each channel instead.
pub(crate) struct ElementWork<'a> {
    /// Words of each temporary buffer for a word of the top.
    pub(crate) temporaries: Vec<usize>,
    /// Address in DDR of a word for each channel, which is one more input behind the bottoms.
    pub(crate) channel_words: Option<u64>,
    /// Tables of 256 words that the block has in L2 memory.
    pub(crate) tables: Vec<Vec<u32>>,
    /// The commands.
    pub(crate) compute: Compute<'a>,
}

impl<'a> ElementWork<'a> {
    /// Work with so many temporary words for a word of the top.
    pub(super) fn new(
        temporaries: &[usize],
        compute: impl Fn(&mut Emitter, &Block) + 'a,
    ) -> ElementWork<'a> {
        ElementWork {
            temporaries: temporaries.to_vec(),
            channel_words: None,
            tables: Vec::new(),
            compute: Box::new(compute),
        }
    }

    /// Adds the commands of a whole layer that reads its bottoms from DDR and writes its top there.
    pub(super) fn lower(&self, job: &mut Job<'_>) -> Result<(), Reason> {
        let site = job.site;
        let bottoms: Vec<u64> =
            (0..site.layer().bottoms.len()).map(|index| job.bottom(index)).collect();
        let tables = (!self.tables.is_empty()).then(|| Tables::load(job, &self.tables));
        let all = Elements::integers(&bottoms, job.top(0), site.bottom_words(0));
        let all = all.of_images(split(site.bottom_shape(0)).0);
        let all = match self.channel_words {
            Some(address) => per_channel(all, address, site.bottom_shape(0)),
            None => all,
        };
        let mut all = all.temporaries(&self.temporaries).joined();
        if let Some(tables) = tables {
            job.emitter.begin_layer();
            all.tables = Some(tables.place(job.emitter));
        }
        all.lower(job.emitter, &self.compute)
    }
}

/// The same with one more input that has a word for each channel.
fn per_channel(all: Elements, address: u64, shape: &[usize]) -> Elements {
    let channels = shape.get(1).copied().unwrap_or(1);
    let (images, values) = split(shape);
    let inner = values / channels.max(1);
    let dense = |port: &Port| Port { strides: vec![values, inner, 1], ..port.clone() };
    let words = Port { address, strides: vec![0, 1, 0] };
    Elements {
        sizes: vec![images.div_ceil(4), channels, inner],
        inputs: all.inputs.iter().map(dense).chain([words]).collect(),
        output: dense(&all.output),
        ..all
    }
}
