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
mod groups;
mod memory;
mod order;
mod sequence;
mod slices;
mod stream;
mod tensor;
mod transfer;
mod window;
mod words;

use std::ops::Range;
use std::rc::Rc;

use bm1684_isa::memory::LANES;
use umodel::{BlobId, DType, Layer, LayerOp, QuantizedNet};

use self::build::Builder;
use self::groups::Group;
use self::memory::{Places, Start};
use self::sequence::Sequence;
pub(crate) use self::tensor::Rows;
use crate::emit::Emitter;
use crate::error::Reason;
use crate::form::Form;
use crate::lower::{Bottoms, Pool, Site, Work, lower};
use crate::optimization::Optimization;
use crate::plan::{Plan, split};

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
    /// Where each layer works.
    owns: Vec<Own<'a>>,
    /// The layer of each step, and the step of each layer.
    order: Vec<usize>,
    steps: Vec<usize>,
    /// The blob whose storage each blob is.
    owners: Vec<usize>,
    ids: Vec<BlobId>,
    /// Channels, height and width of each blob in local memory.
    sizes: Vec<[usize; 3]>,
    images: Vec<usize>,
    /// The step that makes each blob.
    makers: Vec<Option<usize>>,
    /// The last step that reads each blob; behind all steps for the net's outputs.
    readers: Vec<Option<usize>>,
    homes: Vec<Option<Home>>,
}

/// The blob that a blob is a part of.
#[derive(Clone, Copy, Debug)]
struct Home {
    blob: usize,
    /// The first row of lanes.
    row: usize,
    /// The step that joins the parts.
    concat: usize,
}

/// A net in order, with a place for everything in local memory.
pub(crate) struct Local<'a> {
    facts: Facts<'a>,
    sequence: Sequence<'a>,
    places: Places,
    groups: Vec<Group>,
    /// Blobs that stand in DDR at some time.
    in_ddr: Vec<bool>,
}

/// Chooses where layers work and where everything stands; coefficients of layers that work in local memory join the pool.
pub(crate) fn plan<'a>(
    net: &'a QuantizedNet,
    optimization: Optimization,
    pool: &mut Pool,
) -> Local<'a> {
    let facts = Facts::new(net, optimization);
    let whole = groups::whole(&facts);
    let forms = match optimization {
        Optimization::Search => forms::choose(&facts, &whole),
        Optimization::Layers | Optimization::Groups => facts.images_only(),
    };
    let groups = groups::cut(&facts, &forms, whole);
    let start = pool.0.len();
    let sequence = Builder::new(&facts, &forms, Some(pool)).build(&groups);
    // Groups fit one by one; loads that come earlier can leave gaps where the next group's do not fit.
    let placed = memory::place(&sequence, Start::Anywhere);
    let Ok(places) = placed.or_else(|_| memory::place(&sequence, Start::Group)) else {
        pool.0.truncate(start);
        return plan(net, Optimization::Layers, pool);
    };
    let in_ddr = facts.in_ddr(&groups);
    Local { facts, sequence, places, groups, in_ddr }
}

impl Local<'_> {
    /// Whether a blob needs a place in DDR.
    pub(crate) fn in_ddr(&self, blob: BlobId) -> bool {
        self.in_ddr[self.facts.owner(blob)]
    }

    /// Where in the pool the coefficients of each load are, so that equal ones can be there once.
    pub(crate) fn coefficients(&self) -> &[Range<usize>] {
        &self.sequence.coefficients
    }

    /// The layers in the order of their commands.
    pub(crate) fn order(&self) -> &[usize] {
        &self.facts.order
    }

    /// The group of a layer; none of a layer without commands beside one from DDR to DDR.
    fn group(&self, layer: usize) -> Option<&Group> {
        let step = self.facts.steps[layer];
        let at = self.groups.partition_point(|group| group.steps.end <= step);
        self.groups.get(at).filter(|group| group.steps.contains(&step))
    }

    /// The steps whose commands take turns with a layer's, because they work on slices or on four images after the other.
    pub(crate) fn together(&self, layer: usize) -> Range<usize> {
        let own = self.facts.steps[layer]..self.facts.steps[layer] + 1;
        let Some(Group { steps, slices, .. }) = self.group(layer) else { return own };
        let turns = *slices > 1 || *slices == 1 && self.facts.groups(steps.clone()) > 1;
        if turns { steps.clone() } else { own }
    }

    /// How a layer that works in local memory becomes commands.
    pub(crate) fn form(&self, layer: usize) -> Option<Form> {
        match &self.facts.owns[layer] {
            Own::Local(local) => {
                self.group(layer).filter(|group| group.slices > 0).map(|_| local.form)
            }
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
    fn new(net: &'a QuantizedNet, optimization: Optimization) -> Facts<'a> {
        let graph = net.net();
        let blobs = graph.blobs().len();
        let shapes = || graph.blobs().iter().map(|blob| blob.shape.as_slice());
        let mut facts = Facts {
            net,
            owns: Vec::new(),
            order: Vec::new(),
            steps: vec![0; graph.layers().len()],
            owners: (0..blobs).collect(),
            ids: graph.blob_ids().collect(),
            sizes: shapes().map(natural).collect(),
            images: shapes().map(|shape| split(shape).0).collect(),
            makers: vec![None; blobs],
            readers: vec![None; blobs],
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
            } else if optimization == Optimization::Layers {
                Own::Through
            } else {
                facts.own(&site)
            };
            facts.owns.push(own);
        }
        facts.order = order::order(graph, &facts.owns);
        for (step, &layer) in facts.order.iter().enumerate() {
            facts.steps[layer] = step;
        }
        facts.find_users();
        facts.find_homes();
        facts
    }

    fn owner(&self, blob: BlobId) -> usize {
        self.owners[blob.index()]
    }

    fn images_only(&self) -> Vec<Rows> {
        vec![Rows::Images; self.owners.len()]
    }

    /// The layer of a step, and where it works.
    fn step(&self, step: usize) -> (&'a Layer, &Own<'a>) {
        let layer = self.order[step];
        (&self.net.net().layers()[layer], &self.owns[layer])
    }

    /// Groups of four images of the layers that work in local memory.
    fn groups(&self, steps: Range<usize>) -> usize {
        let tops = steps.map(|step| self.step(step)).filter_map(|(layer, own)| match own {
            Own::Local(_) => Some(self.images[self.owner(layer.tops[0])].div_ceil(4)),
            Own::Nothing | Own::Through => None,
        });
        tops.max().unwrap_or(1)
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

    /// Who makes and who reads each blob.
    fn find_users(&mut self) {
        for step in 0..self.order.len() {
            let (layer, own) = self.step(step);
            if matches!(own, Own::Nothing) {
                continue;
            }
            for &id in &layer.bottoms {
                let owner = self.owner(id);
                self.readers[owner] = Some(step);
            }
            for &id in &layer.tops {
                let owner = self.owner(id);
                self.makers[owner] = Some(step);
            }
        }
        for id in self.net.net().outputs() {
            let owner = self.owner(id);
            self.readers[owner] = Some(self.owns.len());
        }
    }

    /// Whether one of some steps makes a blob.
    fn is_made_in(&self, blob: usize, steps: &Range<usize>) -> bool {
        self.makers[blob].is_some_and(|maker| steps.contains(&maker))
    }

    /// Whether a blob that steps of a group make is needed behind that.
    fn is_stored(&self, blob: usize, steps: &Range<usize>) -> bool {
        let later = self.readers[blob].is_some_and(|reader| reader >= steps.end);
        later && self.is_made_in(blob, steps)
    }

    /// Which blobs stand in DDR: those that do not live and die within one group.
    fn in_ddr(&self, groups: &[Group]) -> Vec<bool> {
        let mut in_ddr = vec![true; self.owners.len()];
        for Group { steps, .. } in groups.iter().filter(|group| group.slices > 0) {
            for layer in steps.clone().map(|step| self.step(step).0) {
                for &top in &layer.tops {
                    let top = self.owner(top);
                    if self.is_made_in(top, steps) {
                        in_ddr[top] = self.is_stored(top, steps);
                    }
                }
            }
        }
        in_ddr
    }

    /// Bottoms of a Concat that are written where they stand in its top.
    fn find_homes(&mut self) {
        for concat in 0..self.order.len() {
            let (layer, own) = self.step(concat);
            let Own::Local(local) = own else { continue };
            let Work::Concat(rescales) = &local.work else { continue };
            let blob = self.owner(layer.tops[0]);
            let mut first = 0usize;
            let mut homes = Vec::new();
            for (&bottom, rescale) in layer.bottoms.iter().zip(rescales) {
                let owner = self.owner(bottom);
                let whole = first.is_multiple_of(LANES) && rescale.is_none();
                if whole && self.makers[owner].is_some() && self.homes[owner].is_none() {
                    homes.push((owner, Home { blob, row: first / LANES, concat }));
                }
                first += self.sizes[owner][0];
            }
            for (owner, home) in homes {
                self.homes[owner] = Some(home);
            }
        }
    }
}
