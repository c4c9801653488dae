//! Which layers work together in local memory: cut points by dynamic programming over exact timelines.

use std::ops::Range;

use bm1684_isa::Engine;
use bm1684_isa::timeline::Timeline;

use super::build::Builder;
use super::memory::Start;
use super::tensor::Rows;
use super::{Facts, Own, memory, stream};
use crate::emit::Emitter;
use crate::lower::{Job, Pool, Site, lower};
use crate::plan::Plan;

/// Layers whose blobs stay in local memory, or one that goes from DDR to DDR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Places in the order of layers.
    pub(super) steps: Range<usize>,
    /// Into how many slices along the height it is cut; 0 for a layer from DDR to DDR.
    pub(super) slices: usize,
    /// Whether coefficients stay for all slices.
    pub(super) keeps: bool,
}

/// Slices worth trying.
const SLICES: [usize; 14] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48];
/// How many more slices are tried than a group needs at least.
const MORE: usize = 2;
/// Local layers of a group that are all tried; from there on the numbers grow by a quarter.
const EACH: usize = 8;
/// After how many groups with one start, each dearer than another way to its end, longer ones are not tried.
const WORSE: usize = 4;
/// How many groups are tried for a net. All later layers go from DDR to DDR.
const MOST_TRIES: usize = 20_000;

impl Group {
    fn through(step: usize) -> Group {
        Group { steps: step..step + 1, slices: 0, keeps: false }
    }

    fn local(steps: Range<usize>) -> Group {
        Group { steps, slices: 1, keeps: false }
    }
}

/// All layers between those that have no work in local memory are one group.
pub(super) fn whole(facts: &Facts<'_>) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut start = 0;
    for step in 0..facts.order.len() {
        if matches!(facts.step(step).1, Own::Through) {
            groups.extend((start < step).then(|| Group::local(start..step)));
            groups.push(Group::through(step));
            start = step + 1;
        }
    }
    groups.extend((start < facts.order.len()).then(|| Group::local(start..facts.order.len())));
    groups
}

/// Cuts the groups that do not fit into local memory.
pub(super) fn cut(facts: &Facts<'_>, forms: &[Rows], groups: Vec<Group>) -> Vec<Group> {
    let mut search = Search { facts, forms, plan: Plan::on_trial(facts.net), tries: 0 };
    groups
        .into_iter()
        .flat_map(|group| {
            if group.slices == 0 || search.fits(&group) {
                vec![group]
            } else {
                search.cut(group.steps)
            }
        })
        .collect()
}

struct Search<'s, 'a> {
    facts: &'s Facts<'a>,
    forms: &'s [Rows],
    plan: Plan,
    tries: usize,
}

/// The cheapest way to the end of some layers.
#[derive(Clone)]
struct Way {
    cost: u64,
    /// Where the last group begins.
    from: usize,
    last: Group,
}

impl Search<'_, '_> {
    fn fits(&self, group: &Group) -> bool {
        let groups = std::slice::from_ref(group);
        let sequence = Builder::new(self.facts, self.forms, None).build(groups);
        memory::place(&sequence, Start::Group).is_ok()
    }

    /// The cheapest groups of a run of layers.
    fn cut(&mut self, steps: Range<usize>) -> Vec<Group> {
        let is_local = |&step: &usize| matches!(self.facts.step(step).1, Own::Local(_));
        // A group begins with the run or with a layer that has work.
        let mut starts: Vec<usize> = steps.clone().filter(is_local).collect();
        let Some(first) = starts.first_mut() else { return vec![Group::local(steps)] };
        *first = steps.start;
        let count = starts.len();
        starts.push(steps.end);
        let mut ways: Vec<Option<Way>> = vec![None; count + 1];
        for from in 0..count {
            let before = ways[from].as_ref().map_or(0, |way| way.cost);
            let mut offer = |to: usize, cost: u64, last: Group| {
                let cost = before + cost;
                let better = ways[to].as_ref().is_none_or(|way| cost < way.cost);
                if better {
                    ways[to] = Some(Way { cost, from, last });
                }
                better
            };
            let step = (starts[from]..starts[from + 1]).find(is_local).unwrap_or(starts[from]);
            offer(from + 1, self.through(step), Group::through(step));
            let mut least = 0;
            let mut length = 1;
            let mut worse = 0;
            while worse < WORSE && from + length <= count {
                let span = starts[from]..starts[from + length];
                let Some((cost, group, slices)) = self.group(&span, least) else { break };
                least = slices;
                worse = if offer(from + length, cost, group) { 0 } else { worse + 1 };
                let more = if length < EACH { 1 } else { length / 4 };
                length = if from + length < count {
                    (length + more).min(count - from)
                } else {
                    count + 1
                };
            }
        }
        let mut groups = Vec::new();
        let mut at = count;
        while let Some(way) = ways[at].take() {
            at = way.from;
            groups.push(way.last);
        }
        groups.reverse();
        groups
    }

    /// The cheapest form of a group, and the place among numbers of slices of the least that it needs.
    fn group(&mut self, steps: &Range<usize>, least: usize) -> Option<(u64, Group, usize)> {
        let mut first = None;
        let mut best: Option<(u64, Group)> = None;
        for (index, &slices) in SLICES.iter().enumerate().skip(least) {
            if first.is_some_and(|first| index > first + MORE) || self.tries >= MOST_TRIES {
                break;
            }
            for keeps in [true, false] {
                if slices == 1 && self.facts.groups(steps.clone()) == 1 && keeps {
                    continue;
                }
                let group = Group { steps: steps.clone(), slices, keeps };
                self.tries += 1;
                let Some(cost) = self.cost(&group) else { continue };
                first = first.or(Some(index));
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, group));
                }
                break;
            }
        }
        let (cost, group) = best?;
        Some((cost, group, first?))
    }

    /// Cycles of a group by itself and a part of those of the GDMA, whose time other groups could use.
    fn cost(&self, group: &Group) -> Option<u64> {
        let sequence =
            Builder::new(self.facts, self.forms, None).build(std::slice::from_ref(group));
        let places = memory::place(&sequence, Start::Group).ok()?;
        let mut emitter = Emitter::default();
        stream::emit(&sequence, &places, &self.plan, &mut emitter, |_, _| Ok(())).ok()?;
        cycles(emitter)
    }

    fn through(&self, step: usize) -> u64 {
        let site = Site { net: self.facts.net, index: self.facts.order[step] };
        let mut emitter = Emitter::default();
        emitter.begin_layer();
        let mut coefficients = Pool::default();
        let mut job =
            Job { site, plan: &self.plan, emitter: &mut emitter, coefficients: &mut coefficients };
        let done = lower(&site).lower(&mut job);
        // The error comes when the layer is made.
        done.ok().and_then(|_| cycles(emitter)).unwrap_or(u64::MAX / 1_000_000)
    }
}

fn cycles(emitter: Emitter) -> Option<u64> {
    let (streams, _) = emitter.finish();
    let timeline = Timeline::of(&streams).ok()?;
    Some(timeline.cycles() + timeline.busy(Engine::Gdma) / 4)
}
