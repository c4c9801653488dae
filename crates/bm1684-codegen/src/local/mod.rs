//! Layers whose blobs stay in local memory.
//!
//! Layers that can work there become a [`sequence`] of operations on [`tensor`]s, loads and stores; others read and write
//! DDR and stand between them. [`memory`] finds a place for everything, [`stream`] makes the two command streams.

mod bands;
mod build;
mod channels;
mod elements;
mod forms;
mod gather;
mod memory;
mod sequence;
mod stream;
mod tensor;
mod transfer;
mod window;
mod words;

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use bm1684_isa::memory::LANES;
use umodel::{BlobId, DType, LayerOp, QuantizedNet};

use self::build::Builder;
use self::memory::Places;
use self::sequence::Sequence;
pub(crate) use self::tensor::Rows;
use crate::emit::Emitter;
use crate::error::Reason;
use crate::form::Form;
use crate::lower::{Bottoms, Pool, Site, Work, lower};
use crate::optimization::Optimization;
use crate::plan::{Plan, split};

/// How often a net is planned anew without the layers that find no room, before all of its layers go through DDR.
const MOST_TRIES: usize = 64;
/// The most channels of a command that are whole rows of lanes.
const MOST_CHANNELS: usize = 4032;

/// A layer that works in local memory.
struct LocalLayer<'a> {
    work: Work<'a>,
    form: Form,
    /// Its coefficients.
    pool: Pool,
}

/// Where a layer works.
enum Own<'a> {
    /// It has no commands.
    Nothing,
    /// It reads DDR and writes DDR.
    Through,
    /// In local memory.
    Local(Rc<LocalLayer<'a>>),
}

/// What is known of a net before anything has a place. Blobs that are others under new names count as those.
pub(crate) struct Facts<'a> {
    net: &'a QuantizedNet,
    owns: Vec<Own<'a>>,
    /// The blob whose storage each blob is.
    owners: Vec<usize>,
    ids: Vec<BlobId>,
    /// Channels, height and width of each blob in local memory.
    sizes: Vec<[usize; 3]>,
    images: Vec<usize>,
    /// Blobs that local layers write and something needs in DDR.
    stored: Vec<bool>,
    /// Blobs that stand in DDR at some time.
    in_ddr: Vec<bool>,
    /// The blob, made by a Concat, that a blob is a part of, and from which row of lanes on.
    homes: Vec<Option<(usize, usize)>>,
}

/// A net in order, with a place for everything in local memory.
pub(crate) struct Local<'a> {
    facts: Facts<'a>,
    sequence: Sequence<'a>,
    places: Places,
    /// Runs of layers that work on one group of images after the other.
    turns: Vec<Range<usize>>,
}

/// Chooses where layers work and where everything stands; coefficients of layers that work in local memory join the pool.
pub(crate) fn plan<'a>(
    net: &'a QuantizedNet,
    optimization: Optimization,
    pool: &mut Pool,
) -> Local<'a> {
    let all = 0..net.net().layers().len();
    let mut through: BTreeSet<usize> = match optimization {
        Optimization::Layers => all.clone().collect(),
        Optimization::Groups | Optimization::Search => BTreeSet::new(),
    };
    let mut tries = 0;
    loop {
        let facts = Facts::new(net, &through);
        let forms = match optimization {
            Optimization::Search => forms::choose(&facts),
            Optimization::Layers | Optimization::Groups => facts.images_only(),
        };
        let start = pool.0.len();
        let sequence = Builder::new(&facts, &forms, Some(pool)).build();
        match memory::place(&sequence) {
            Ok(places) => {
                let turns = facts.turns();
                return Local { facts, sequence, places, turns };
            }
            Err(full) => {
                pool.0.truncate(start);
                through.insert(sequence.ops[full.op].layer);
                let large = sequence.ops.iter().filter(|op| sequence.is_too_large(op));
                through.extend(large.map(|op| op.layer));
                tries += 1;
                if tries == MOST_TRIES {
                    through.extend(all.clone());
                }
            }
        }
    }
}

impl Local<'_> {
    /// Whether a blob needs a place in DDR.
    pub(crate) fn in_ddr(&self, blob: BlobId) -> bool {
        self.facts.in_ddr[self.facts.owner(blob)]
    }

    /// Where in the pool the coefficients of each load are, so that equal ones can be there once.
    pub(crate) fn coefficients(&self) -> &[Range<usize>] {
        &self.sequence.coefficients
    }

    /// The layers whose commands take turns with a layer's, because they work on four images after the other.
    pub(crate) fn together(&self, layer: usize) -> Range<usize> {
        let holds = |layers: &&Range<usize>| layers.contains(&layer);
        self.turns.iter().find(holds).cloned().unwrap_or(layer..layer + 1)
    }

    /// How a layer that works in local memory becomes commands.
    pub(crate) fn form(&self, layer: usize) -> Option<Form> {
        match &self.facts.owns[layer] {
            Own::Local(local) => Some(local.form),
            Own::Nothing | Own::Through => None,
        }
    }

    /// Adds all commands; `through` adds those of a layer from DDR to DDR.
    pub(crate) fn emit(
        &self,
        plan: &Plan,
        emitter: &mut Emitter,
        through: impl FnMut(&mut Emitter, usize) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        stream::emit(&self.sequence, &self.places, plan, emitter, through)
    }
}

/// Channels, height and width of a shape.
fn natural(shape: &[usize]) -> [usize; 3] {
    let at = |axis: usize| shape.get(axis).copied().unwrap_or(1);
    [at(1), at(2), shape.iter().skip(3).product()]
}

impl<'a> Facts<'a> {
    fn new(net: &'a QuantizedNet, through: &BTreeSet<usize>) -> Facts<'a> {
        let graph = net.net();
        let blobs = graph.blobs().len();
        let shapes = || graph.blobs().iter().map(|blob| blob.shape.as_slice());
        let mut facts = Facts {
            net,
            owns: Vec::new(),
            owners: (0..blobs).collect(),
            ids: graph.blob_ids().collect(),
            sizes: shapes().map(natural).collect(),
            images: shapes().map(|shape| split(shape).0).collect(),
            stored: vec![false; blobs],
            in_ddr: vec![false; blobs],
            homes: vec![None; blobs],
        };
        for (index, layer) in graph.layers().iter().enumerate() {
            let site = Site { net, index };
            let own = if matches!(layer.op, LayerOp::Input(_)) {
                Own::Nothing
            } else if lower(&site).renames(&site) {
                for &top in &layer.tops {
                    let owner = facts.owner(layer.bottoms[0]);
                    facts.owners[top.index()] = owner;
                }
                Own::Nothing
            } else if through.contains(&index) {
                Own::Through
            } else {
                facts.own(&site)
            };
            facts.owns.push(own);
        }
        facts.find_ddr();
        facts.find_homes();
        facts
    }

    fn owner(&self, blob: BlobId) -> usize {
        self.owners[blob.index()]
    }

    fn images_only(&self) -> Vec<Rows> {
        vec![Rows::Images; self.owners.len()]
    }

    /// Groups of four images of the layers that work in local memory.
    fn groups(&self, layers: Range<usize>) -> usize {
        let tops = layers.filter(|&layer| matches!(self.owns[layer], Own::Local(_))).map(|layer| {
            let top = self.owner(self.net.net().layers()[layer].tops[0]);
            self.images[top].div_ceil(4)
        });
        tops.max().unwrap_or(1)
    }

    /// Runs of layers in local memory, between those that go from DDR to DDR, that have more than four images.
    fn turns(&self) -> Vec<Range<usize>> {
        let ends = (0..self.owns.len()).filter(|&layer| matches!(self.owns[layer], Own::Through));
        let mut start = 0;
        let runs = ends.chain([self.owns.len()]).map(|end| {
            let run = start..end;
            start = end + 1;
            run
        });
        runs.filter(|run| self.groups(run.clone()) > 1).collect()
    }

    /// Local work, if the layer has any.
    fn own(&mut self, site: &Site<'a>) -> Own<'a> {
        self.local(site).map_or(Own::Through, |local| Own::Local(Rc::new(local)))
    }

    fn local(&mut self, site: &Site<'a>) -> Option<LocalLayer<'a>> {
        let layer = site.layer();
        let blobs = || layer.bottoms.iter().chain(&layer.tops).copied();
        let graph = self.net.net();
        let shape = |id: BlobId| graph.blob(id).shape.as_slice();
        let images = self.images[layer.bottoms.first()?.index()];
        let alike = blobs().all(|id| {
            self.net.format(id).dtype != DType::F32
                && split(shape(id)).0 == images
                && !shape(id).contains(&0)
        });
        let large = |&[channels, height, width]: &[usize; 3]| {
            channels > MOST_CHANNELS || height.max(width) > usize::from(u16::MAX)
        };
        if blobs().any(|id| large(&self.sizes[self.owner(id)])) {
            return None;
        }
        // Words of several groups do not stand side by side in local memory.
        if !alike || layer.bottoms.iter().any(|&id| shape(id).len() < 2) {
            return None;
        }
        let sizes: Vec<[usize; 3]> =
            layer.bottoms.iter().map(|&id| self.sizes[self.owner(id)]).collect();
        let plain =
            layer.bottoms.iter().zip(&sizes).all(|(&id, sizes)| natural(shape(id)) == *sizes);
        let mut pool = Pool::default();
        let bottoms = Bottoms { sizes: sizes.clone() };
        let (work, form) = lower(site).work(site, &bottoms, &mut pool)?;
        let fits = match &work {
            Work::Window(window) => window.is_local() && (plain || form == Form::InnerProduct),
            Work::Elements(work) => {
                let whole = *sizes.iter().max_by_key(|size| size[1] * size[2])?;
                let by_channel = [whole[0], 1, 1];
                let same = sizes.iter().all(|size| *size == whole || *size == by_channel);
                let own = layer.tops.first()?.index();
                self.sizes[own] = whole;
                same && (plain || work.channel_words.is_none())
            }
            Work::Concat(_) | Work::Repeat(_) | Work::Sample(_) | Work::Slice(_) => plain,
        };
        if let (Work::Window(window), Form::InnerProduct) = (&work, form) {
            // Its outputs are channels, whichever axis has them in the net.
            let top = layer.tops.first()?.index();
            self.sizes[top] = [window.output_channels, 1, 1];
        }
        fits.then_some(LocalLayer { work, form, pool })
    }

    /// Which blobs stand in DDR, and which of them local layers store there.
    fn find_ddr(&mut self) {
        let graph = self.net.net();
        // How many layers from DDR to DDR there are in front of the layer that makes a blob.
        let mut made = vec![None; self.owners.len()];
        let mut barriers = 0;
        for (index, layer) in graph.layers().iter().enumerate() {
            match self.owns[index] {
                Own::Through => {
                    barriers += 1;
                    for &id in layer.bottoms.iter().chain(&layer.tops) {
                        let owner = self.owner(id);
                        self.in_ddr[owner] = true;
                    }
                }
                Own::Local(_) => {
                    for &id in &layer.bottoms {
                        let owner = self.owner(id);
                        if made[owner] != Some(barriers) {
                            self.in_ddr[owner] = true;
                        }
                    }
                    for &id in &layer.tops {
                        made[self.owner(id)] = Some(barriers);
                    }
                }
                Own::Nothing => {
                    if matches!(layer.op, LayerOp::Input(_)) {
                        for &id in &layer.tops {
                            let owner = self.owner(id);
                            self.in_ddr[owner] = true;
                        }
                    }
                }
            }
        }
        for id in graph.outputs() {
            let owner = self.owner(id);
            self.in_ddr[owner] = true;
        }
        for (owner, made) in made.iter().enumerate() {
            self.stored[owner] = made.is_some() && self.in_ddr[owner];
        }
    }

    /// Bottoms of a Concat that are written where they stand in its top.
    fn find_homes(&mut self) {
        let graph = self.net.net();
        let mut maker = vec![None; self.owners.len()];
        for (index, layer) in graph.layers().iter().enumerate() {
            if let Own::Local(local) = &self.owns[index]
                && let Work::Concat(rescales) = &local.work
            {
                let top = self.owner(layer.tops[0]);
                let mut first = 0usize;
                let mut homes = Vec::new();
                for (&bottom, rescale) in layer.bottoms.iter().zip(rescales) {
                    let owner = self.owner(bottom);
                    let whole = first.is_multiple_of(LANES) && rescale.is_none();
                    let own = maker[owner].is_some_and(|maker| self.near(maker, index));
                    if whole && own && self.homes[owner].is_none() {
                        homes.push((owner, first / LANES));
                    }
                    first += self.sizes[owner][0];
                }
                for (owner, row) in homes {
                    self.homes[owner] = Some((top, row));
                }
            }
            if matches!(self.owns[index], Own::Local(_)) {
                for &id in &layer.tops {
                    maker[self.owner(id)] = Some(index);
                }
            }
        }
    }

    /// Whether no layer from DDR to DDR stands between two.
    fn near(&self, from: usize, to: usize) -> bool {
        !self.owns[from..to].iter().any(|own| matches!(own, Own::Through))
    }
}
