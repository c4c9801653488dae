//! How large the tables become once nothing is shared any more.
//!
//! In a FlatBuffers block many places may refer to one table. Tables of six levels could so become
//! terabytes out of a few kilobytes, so they are counted before anything is allocated. What is counted
//! is never more than the bytes that unshared tables take: 8 for a table in a vector (its offset and its
//! own first word), 1 for a number or a byte. So tables without sharing always pass, and those of the vendor's
//! tools, which share a little, do, too.

use planus::{Result, Vector};

use crate::Error;
use crate::schema::{
    CmdGroupRef, CoeffMemRef, CoreCommandsRef, CpuParamRef, ModelRef, NetParameterRef, NetRef,
    SubNetRef, TensorRef,
};

/// The least that a table in a vector takes: its offset, and the offset of its field list.
const TABLE: usize = 8;

/// Checks that the tables count for at most `limit` bytes.
pub(crate) fn check(model: ModelRef<'_>, limit: usize) -> std::result::Result<(), Error> {
    let mut budget = Budget { left: limit };
    match budget.model(model) {
        Ok(Some(())) => Ok(()),
        Ok(None) => Err(Error::Expansion { limit }),
        Err(error) => Err(Error::tables(error)),
    }
}

/// `Ok(None)`: nothing is left.
type Counted = Result<Option<()>>;

struct Budget {
    left: usize,
}

/// Goes on unless the budget is used up or the data are damaged.
macro_rules! go {
    ($counted:expr) => {
        if $counted?.is_none() {
            return Ok(None);
        }
    };
}

impl Budget {
    fn take(&mut self, count: usize) -> Counted {
        Ok(self.left.checked_sub(count).map(|left| self.left = left))
    }

    fn length<T>(&mut self, vector: Result<Option<Vector<'_, T>>>) -> Counted {
        let length = vector?.map_or(0, |vector| vector.len());
        self.take(length)
    }

    fn each<'a, T>(
        &mut self,
        vector: Result<Option<Vector<'a, Result<T>>>>,
        count: impl Fn(&mut Self, T) -> Counted,
    ) -> Counted
    where
        Result<T>: planus::VectorRead<'a>,
    {
        let Some(vector) = vector? else { return Ok(Some(())) };
        go!(self.take(vector.len().saturating_mul(TABLE)));
        for element in vector {
            go!(count(self, element?));
        }
        Ok(Some(()))
    }

    fn model(&mut self, model: ModelRef<'_>) -> Counted {
        for text in [model.type_()?, model.version()?, model.time()?, model.chip()?] {
            go!(self.take(text.len()));
        }
        if let Some(module) = model.kernel_module()? {
            go!(self.take(module.file_name()?.len()));
        }
        if let Some(module) = model.cpuop_module()? {
            go!(self.take(module.file_name()?.len()));
        }
        self.each(model.net().map(Some), Self::net)
    }

    fn net(&mut self, net: NetRef<'_>) -> Counted {
        go!(self.take(net.name()?.len()));
        go!(self.length(net.net_static()));
        go!(self.length(net.net_dynamic()));
        if let Some(cascade) = net.cascade()? {
            go!(self.take(cascade.main_name()?.map_or(0, str::len)));
        }
        self.each(net.parameter(), Self::stage)
    }

    fn stage(&mut self, stage: NetParameterRef<'_>) -> Counted {
        go!(self.each(stage.input_tensor().map(Some), Self::tensor));
        go!(self.each(stage.output_tensor().map(Some), Self::tensor));
        if let Some(memory) = stage.coeff_mem()? {
            go!(self.coefficients(memory));
        }
        go!(self.each(stage.cmd_group(), Self::group));
        go!(self.length(stage.stage_ir()));
        go!(self.length(stage.ctx_sizes()));
        self.each(stage.sub_net(), Self::sub_net)
    }

    fn coefficients(&mut self, memory: CoeffMemRef<'_>) -> Counted {
        go!(self.take(memory.check_code()?.map_or(0, <[u8]>::len)));
        self.each(memory.location(), |budget, location| budget.take(location.name()?.len()))
    }

    fn tensor(&mut self, tensor: TensorRef<'_>) -> Counted {
        go!(self.take(tensor.name()?.len()));
        self.each(tensor.shape(), |budget, shape| budget.length(shape.dim()))
    }

    fn group(&mut self, group: CmdGroupRef<'_>) -> Counted {
        self.length(group.reloc_entries())
    }

    fn core(&mut self, core: CoreCommandsRef<'_>) -> Counted {
        go!(self.length(core.sdma_commands()));
        go!(self.length(core.hau_commands()));
        go!(self.length(core.cdma_commands()));
        self.each(core.gdma_tiu_commands(), Self::group)
    }

    fn host_layer(&mut self, layer: CpuParamRef<'_>) -> Counted {
        self.each(layer.cpu_const(), |budget, constant| {
            go!(budget.take(constant.name()?.map_or(0, str::len)));
            budget.take(constant.check_code()?.map_or(0, <[u8]>::len))
        })
    }

    fn sub_net(&mut self, part: SubNetRef<'_>) -> Counted {
        go!(self.each(part.cmd_group(), Self::group));
        go!(self.each(part.cpu_param(), Self::host_layer));
        go!(self.each(part.input_tensor(), Self::tensor));
        go!(self.each(part.output_tensor(), Self::tensor));
        go!(self.length(part.next_subnet_ids()));
        if let Some(merge) = part.merge_param()? {
            go!(self.each(merge.output_from(), |budget, from| budget.length(from.indice())));
        }
        if let Some(switch) = part.switch_param()? {
            go!(self.length(switch.output_from()));
            go!(self.length(switch.output_branch()));
        }
        self.each(part.core_commands(), Self::core)
    }
}
