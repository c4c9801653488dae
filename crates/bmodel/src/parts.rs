//! Every part of the binary block that the tables refer to.

use crate::schema::{Binary, CmdGroup, CoreCommands, Model, NetParameter, SubNet};

/// Calls `visit` with the name and place of every part.
pub(crate) fn visit<E>(
    model: &mut Model,
    visit: &mut dyn FnMut(&'static str, &mut Binary) -> Result<(), E>,
) -> Result<(), E> {
    for stage in model.net.iter_mut().filter_map(|net| net.parameter.as_mut()).flatten() {
        visit_stage(stage, visit)?;
    }
    if let Some(module) = &mut model.kernel_module {
        visit("firmware", &mut module.binary)?;
    }
    if let Some(module) = &mut model.cpuop_module {
        visit("host code", &mut module.binary)?;
    }
    optional("back end", &mut model.lib_backend, visit)
}

type Visit<'a, E> = &'a mut dyn FnMut(&'static str, &mut Binary) -> Result<(), E>;

fn optional<E>(
    name: &'static str,
    part: &mut Option<Binary>,
    visit: Visit<'_, E>,
) -> Result<(), E> {
    part.as_mut().map_or(Ok(()), |part| visit(name, part))
}

fn visit_stage<E>(stage: &mut NetParameter, visit: Visit<'_, E>) -> Result<(), E> {
    if let Some(memory) = &mut stage.coeff_mem {
        optional("coefficients", &mut memory.binary_coeff, visit)?;
    }
    for group in stage.cmd_group.iter_mut().flatten() {
        visit_group(group, visit)?;
    }
    optional("profile", &mut stage.net_profile, visit)?;
    optional("intermediate code", &mut stage.binary_ir, visit)?;
    optional("statistics", &mut stage.net_stat, visit)?;
    optional("tensor locations", &mut stage.tensor_loc, visit)?;
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
        optional("host parameters", &mut layer.binary_param, visit)?;
        for constant in layer.cpu_const.iter_mut().flatten() {
            optional("host constant", &mut constant.const_data, visit)?;
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
            visit("commands", part)?;
        }
    }
    Ok(())
}

fn visit_group<E>(group: &mut CmdGroup, visit: Visit<'_, E>) -> Result<(), E> {
    optional("TIU commands", &mut group.binary_bdc, visit)?;
    optional("GDMA commands", &mut group.binary_gdma, visit)
}
