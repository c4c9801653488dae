use std::collections::HashMap;
use std::ops::Range;

use bm1684_isa::commands::{Gdma, Streams, Traffic};
use bm1684_isa::memory::{COEFFICIENT_BASE, DDR_BASE, LINE_BYTES};
use umodel::{Arithmetic, BlobId, LayerOp, QuantizedNet};

use crate::emit::Emitter;
use crate::error::{Error, Reason};
use crate::form::Form;
use crate::local;
use crate::lower::{Job, Pool, Site, lower};
use crate::optimization::Optimization;
use crate::place;
use crate::plan::{CONTEXT_BASE, DDR_BYTES, Need, Plan, context_address};
use crate::program::{LayerCost, Place, Port, Program};

/// Compiles a deploy net.
///
/// The same net gives the same program, byte for byte. Every program has passed
/// [`bm1684_isa::check`].
///
/// # Errors
/// [`Error::Layers`] names all layers that cannot be placed, why, and what to do; [`Error::Memory`] and [`Error::Size`]
/// if all together is too large; [`Error::Empty`] if there is nothing to compute.
pub fn compile(net: &QuantizedNet) -> Result<Program, Error> {
    compile_with(net, Optimization::default())
}

/// The same with more or less done for speed.
///
/// # Errors
/// As [`compile()`].
pub fn compile_with(net: &QuantizedNet, optimization: Optimization) -> Result<Program, Error> {
    let mut programs = link(vec![lowered(net, optimization)?])?;
    programs.pop().ok_or(Error::NoStages)
}

/// Compiles one net for several shapes of its inputs: programs for the stages of one bmodel. They share coefficients:
/// each has those of all, and what several need is there once.
///
/// # Errors
/// As [`compile()`], within [`Error::Stage`] where there are several nets.
pub fn compile_stages(
    nets: &[QuantizedNet],
    optimization: Optimization,
) -> Result<Vec<Program>, Error> {
    let lowered =
        |net| lowered(net, optimization).map_err(|error| of_stage(net, nets.len(), error));
    link(nets.iter().map(lowered).collect::<Result<_, _>>()?)
}

/// An error that tells for which shapes it is, where there are several.
pub(crate) fn of_stage(net: &QuantizedNet, stages: usize, error: Error) -> Error {
    if stages < 2 {
        return error;
    }
    let graph = net.net();
    let shapes = graph.inputs().into_iter().map(|id| graph.blob(id).shape.clone()).collect();
    Error::Stage { shapes, source: Box::new(error) }
}

/// A net whose commands do not know yet where coefficients and blobs stand.
struct Lowered<'a> {
    net: &'a QuantizedNet,
    plan: Plan,
    groups: Vec<Streams>,
    coefficients: Vec<u8>,
    /// The coefficients of each layer that has some.
    parts: Vec<Range<usize>>,
    costs: Vec<LayerCost>,
    /// The layer of each command of the TIU and of the GDMA.
    layers: [Vec<usize>; 2],
}

fn lowered(net: &QuantizedNet, optimization: Optimization) -> Result<Lowered<'_>, Error> {
    let graph = net.net();
    if graph.layers().is_empty() {
        return Err(Error::Empty);
    }
    if graph.blobs().iter().any(|blob| blob.shape.contains(&0)) {
        return Err(refused(net, Error::Empty));
    }
    let mut pool = Pool::default();
    let local = local::plan(net, optimization, &mut pool);
    let needs = graph.layers().iter().enumerate().map(|(index, _)| {
        let site = Site { net, index };
        let lower = lower(&site);
        let scratch = if local.form(index).is_some() { 0 } else { lower.scratch(&site) };
        Need { renames: lower.renames(&site), scratch, steps: local.together(index) }
    });
    let needs: Vec<Need> = needs.collect();
    let plan = Plan::new(net, local.order(), &needs, |blob| local.in_ddr(blob));
    // This comes before commands are made, because their number grows with the blobs.
    check_addresses(net, &plan, 0).map_err(|error| refused(net, error))?;
    let mut emitter = Emitter::default();
    let mut forms: Vec<Option<Form>> =
        (0..graph.layers().len()).map(|index| local.form(index)).collect();
    let mut parts = local.coefficients().to_vec();
    let done = local.emit(&plan, &mut emitter, |emitter, index| {
        let start = pool.0.len().next_multiple_of(LINE_BYTES);
        let site = Site { net, index };
        let mut job = Job { site, plan: &plan, emitter, coefficients: &mut pool };
        forms[index] = Some(lower(&site).lower(&mut job)?);
        if pool.0.len() > start {
            parts.push(start..pool.0.len());
        }
        Ok(())
    });
    done.map_err(|reason| refused(net, Error::Size(reason)))?;
    let (groups, layers) = emitter.finish();
    let costs = costs(net, &forms, &groups, &layers);
    Ok(Lowered { net, plan, groups, coefficients: pool.0, parts, costs, layers })
}

/// What each layer came to.
fn costs(
    net: &QuantizedNet,
    forms: &[Option<Form>],
    groups: &[Streams],
    [tiu, gdma]: &[Vec<usize>; 2],
) -> Vec<LayerCost> {
    let layers = net.net().layers();
    let mut costs: Vec<LayerCost> = layers
        .iter()
        .zip(forms)
        .map(|(layer, form)| LayerCost {
            layer: layer.name.clone(),
            kind: layer.op.kind(),
            form: form.unwrap_or(match layer.op {
                LayerOp::Input(_) => Form::Input,
                _ => Form::Renamed,
            }),
            place: Place::Renamed,
            tiu: 0,
            gdma: 0,
            traffic: Traffic::default(),
        })
        .collect();
    for &layer in tiu {
        costs[layer].tiu += 1;
    }
    let commands = groups.iter().flat_map(|group| &group.gdma);
    for (command, &layer) in commands.zip(gdma) {
        let cost = &mut costs[layer];
        cost.gdma += 1;
        let one = Streams { tiu: Vec::new(), gdma: vec![*command] }.traffic();
        cost.traffic = [cost.traffic, one].into_iter().sum();
    }
    for (index, cost) in costs.iter_mut().enumerate() {
        cost.place = place_of(cost.form, net.arithmetic(index), cost.tiu, cost.gdma);
    }
    costs
}

/// Why a net is refused: the layers that cannot be placed, each by itself, or the error of the whole if all can.
fn refused(net: &QuantizedNet, error: Error) -> Error {
    let unplaced = place::unplaced(net);
    if unplaced.is_empty() {
        return error;
    }
    Error::Layers { unplaced, layers: net.net().layers().len() }
}

fn place_of(form: Form, arithmetic: &Arithmetic, tiu: usize, gdma: usize) -> Place {
    match (form, tiu, gdma) {
        (Form::Input, ..) => Place::Input,
        (_, 0, 0) => Place::Renamed,
        (_, 0, _) => Place::Gdma,
        _ if matches!(arithmetic, Arithmetic::Float | Arithmetic::Cast) => Place::Float,
        _ => Place::Int8,
    }
}

/// Gives coefficients and blobs their places.
fn link(nets: Vec<Lowered<'_>>) -> Result<Vec<Program>, Error> {
    let mut pool = Vec::new();
    let mut places: Vec<Vec<usize>> = Vec::with_capacity(nets.len());
    let mut known: HashMap<&[u8], usize> = HashMap::new();
    for net in &nets {
        let place = |part: &Range<usize>| {
            let bytes = &net.coefficients[part.clone()];
            *known.entry(bytes).or_insert_with(|| {
                let start = pool.len().next_multiple_of(LINE_BYTES);
                pool.resize(start, 0);
                pool.extend_from_slice(bytes);
                start
            })
        };
        places.push(net.parts.iter().map(place).collect());
    }
    // The runtime has one memory for the blobs of all stages, as large as the first one says. To make it larger for a
    // later stage is something that it can do on a board, but not in the simulator.
    let bytes = nets.iter().map(|net| net.plan.bytes).max().unwrap_or(0);
    let programs = nets.iter().zip(&places).map(|(net, places)| {
        let mut program =
            program(net, places, &pool).map_err(|error| of_stage(net.net, nets.len(), error))?;
        program.context_bytes = bytes.next_multiple_of(4096);
        Ok(program)
    });
    programs.collect()
}

fn program(lowered: &Lowered<'_>, places: &[usize], pool: &[u8]) -> Result<Program, Error> {
    let Lowered { net, plan, parts, .. } = lowered;
    let [context_address, context_bytes] = check_addresses(net, plan, pool.len())?;
    let moved = |address: u64| {
        if address >= CONTEXT_BASE {
            return address - CONTEXT_BASE + context_address;
        }
        let offset = address.checked_sub(COEFFICIENT_BASE);
        let offset = offset.and_then(|offset| usize::try_from(offset).ok());
        let part = offset.map(|offset| parts.partition_point(|part| part.start <= offset));
        match (offset, part.and_then(|part| part.checked_sub(1))) {
            (Some(offset), Some(part)) => {
                COEFFICIENT_BASE + (places[part] + offset - parts[part].start) as u64
            }
            _ => address,
        }
    };
    let mut groups = lowered.groups.clone();
    for command in groups.iter_mut().flat_map(|group| &mut group.gdma) {
        relocate(command, moved);
    }
    let graph = net.net();
    let program = Program {
        name: graph.name().to_owned(),
        groups,
        context_address,
        context_bytes,
        inputs: ports(net, plan, context_address, &graph.inputs()),
        outputs: ports(net, plan, context_address, &graph.outputs()),
        coefficients: pool.to_vec(),
        costs: lowered.costs.clone(),
        layers: lowered.layers.clone(),
    };
    program.check()?;
    Ok(program)
}

/// Where blobs begin behind so many bytes of coefficients, and how many bytes they take.
fn check_addresses(
    net: &QuantizedNet,
    plan: &Plan,
    coefficients: usize,
) -> Result<[u64; 2], Error> {
    let start = context_address(coefficients);
    let bytes = plan.bytes.next_multiple_of(4096);
    if start + bytes <= DDR_BASE + DDR_BYTES {
        return Ok([start, bytes]);
    }
    let needed = start + bytes - COEFFICIENT_BASE;
    let layers = net.net().layers();
    let fullest = plan.fullest();
    Err(match fullest.and_then(|(layer, bytes)| Some((layers.get(layer)?, bytes))) {
        Some((layer, bytes)) => {
            Error::Memory { needed, layer: layer.name.clone(), kind: layer.op.kind(), bytes }
        }
        None => Error::Size(Reason::Ddr { needed }),
    })
}

/// Moves what a command reads and writes to its final place.
fn relocate(command: &mut Gdma, moved: impl Fn(u64) -> u64) {
    command.set_source(moved(command.source()));
    command.set_destination(moved(command.destination()));
}

fn ports(net: &QuantizedNet, plan: &Plan, context: u64, ids: &[BlobId]) -> Vec<Port> {
    let port = |&id: &BlobId| {
        let blob = net.net().blob(id);
        Port {
            name: blob.name.clone(),
            shape: blob.shape.clone(),
            format: net.format(id),
            address: plan.blob(id) - CONTEXT_BASE + context,
        }
    };
    ids.iter().map(port).collect()
}
