//! Every part of the binary block that the tables refer to.

use std::fmt::{self, Display, Formatter};

use crate::schema::{Binary, CmdGroup, CoreCommands, Model, NetParameter, SubNet};

/// A part of a bmodel's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The firmware of the chip's processors.
    Firmware,
    /// Code of layers that the host computes.
    HostCode,
    /// The library of a back end.
    BackEnd,
    /// Weights, biases, tables.
    Coefficients,
    /// Measured times.
    Profile,
    /// The intermediate code of a dynamic net.
    IntermediateCode,
    /// Statistics of a net.
    Statistics,
    /// Where tensors stand.
    TensorLocations,
    /// Parameters of a layer that the host computes.
    HostParameters,
    /// A constant of a layer that the host computes.
    HostConstant,
    /// Commands of the TIU.
    TiuCommands,
    /// Commands of the GDMA.
    GdmaCommands,
    /// Commands of another engine.
    Commands,
    /// Any part, where it is not known which.
    Unnamed,
}

impl Display for Part {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Firmware => "firmware",
            Part::HostCode => "host code",
            Part::BackEnd => "back end",
            Part::Coefficients => "coefficients",
            Part::Profile => "profile",
            Part::IntermediateCode => "intermediate code",
            Part::Statistics => "statistics",
            Part::TensorLocations => "tensor locations",
            Part::HostParameters => "host parameters",
            Part::HostConstant => "host constant",
            Part::TiuCommands => "TIU commands",
            Part::GdmaCommands => "GDMA commands",
            Part::Commands => "commands",
            Part::Unnamed => "part",
        })
    }
}

/// Calls `visit` with the name and place of every part.
pub(crate) fn visit<E>(
    model: &mut Model,
    visit: &mut dyn FnMut(Part, &mut Binary) -> Result<(), E>,
) -> Result<(), E> {
    for stage in model.net.iter_mut().filter_map(|net| net.parameter.as_mut()).flatten() {
        visit_stage(stage, visit)?;
    }
    if let Some(module) = &mut model.kernel_module {
        visit(Part::Firmware, &mut module.binary)?;
    }
    if let Some(module) = &mut model.cpuop_module {
        visit(Part::HostCode, &mut module.binary)?;
    }
    optional(Part::BackEnd, &mut model.lib_backend, visit)
}

type Visit<'a, E> = &'a mut dyn FnMut(Part, &mut Binary) -> Result<(), E>;

fn optional<E>(name: Part, part: &mut Option<Binary>, visit: Visit<'_, E>) -> Result<(), E> {
    part.as_mut().map_or(Ok(()), |part| visit(name, part))
}

fn visit_stage<E>(stage: &mut NetParameter, visit: Visit<'_, E>) -> Result<(), E> {
    if let Some(memory) = &mut stage.coeff_mem {
        optional(Part::Coefficients, &mut memory.binary_coeff, visit)?;
    }
    for group in stage.cmd_group.iter_mut().flatten() {
        visit_group(group, visit)?;
    }
    optional(Part::Profile, &mut stage.net_profile, visit)?;
    optional(Part::IntermediateCode, &mut stage.binary_ir, visit)?;
    optional(Part::Statistics, &mut stage.net_stat, visit)?;
    optional(Part::TensorLocations, &mut stage.tensor_loc, visit)?;
    for part in stage.sub_net.iter_mut().flatten() {
        visit_sub_net(part, visit)?;
    }
    Ok(())
}

fn visit_sub_net<E>(part: &mut SubNet, visit: Visit<'_, E>) -> Result<(), E> {
    for group in part.cmd_group.iter_mut().flatten() {
        visit_group(group, visit)?;
    }
    for layer in part.cpu_param.iter_mut().flatten() {
        optional(Part::HostParameters, &mut layer.binary_param, visit)?;
        for constant in layer.cpu_const.iter_mut().flatten() {
            optional(Part::HostConstant, &mut constant.const_data, visit)?;
        }
    }
    for core in part.core_commands.iter_mut().flatten() {
        visit_core(core, visit)?;
    }
    Ok(())
}

fn visit_core<E>(core: &mut CoreCommands, visit: Visit<'_, E>) -> Result<(), E> {
    for group in core.gdma_tiu_commands.iter_mut().flatten() {
        visit_group(group, visit)?;
    }
    let CoreCommands { sdma_commands, hau_commands, cdma_commands, .. } = core;
    for parts in [sdma_commands, hau_commands, cdma_commands] {
        for part in parts.iter_mut().flatten() {
            visit(Part::Commands, part)?;
        }
    }
    Ok(())
}

fn visit_group<E>(group: &mut CmdGroup, visit: Visit<'_, E>) -> Result<(), E> {
    optional(Part::TiuCommands, &mut group.binary_bdc, visit)?;
    optional(Part::GdmaCommands, &mut group.binary_gdma, visit)
}
