use bmodel::Bmodel;
use umodel::{DType, NetParameter, QuantizedNet};

use crate::compile::compile_stages;
use crate::cut::{Cut, cut_stages};
use crate::error::Error;
use crate::info::{
    ChipInfo, HostInfo, IoInfo, LayerCommands, LayersInfo, StageInfo, StageLayers, TensorInfo,
};
use crate::optimization::Optimization;
use crate::program::{Port, Program};

/// All that a net is compiled to: the chip's program for each stage, and what is left for the host.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Package {
    /// One for each stage, all of the same name.
    pub programs: Vec<Program>,
    /// One for each stage, or none at all.
    pub hosts: Vec<QuantizedNet>,
    /// The names of the whole net's inputs.
    pub inputs: Vec<String>,
    /// The names of the whole net's outputs.
    pub outputs: Vec<String>,
}

impl Package {
    /// Compiles nets of one net's layers for several shapes of its inputs, each cut at the same place.
    ///
    /// # Errors
    /// As [`compile_stages`].
    pub fn new(cuts: &[Cut], optimization: Optimization) -> Result<Self, Error> {
        let chips: Vec<QuantizedNet> = cuts.iter().map(|cut| cut.chip.clone()).collect();
        let first = cuts.first().ok_or(Error::NoStages)?;
        Ok(Package {
            programs: compile_stages(&chips, optimization)?,
            hosts: cuts.iter().filter_map(|cut| cut.host.clone()).collect(),
            inputs: first.inputs.clone(),
            outputs: first.outputs.clone(),
        })
    }

    /// Compiles one net for several shapes of its inputs, whole if all of it can be placed, else cut by [`cut_stages`].
    ///
    /// # Errors
    /// As [`compile_stages`] and [`cut_stages`].
    pub fn build(
        nets: &[QuantizedNet],
        optimization: Optimization,
    ) -> Result<(Self, Vec<Cut>), Error> {
        let whole: Vec<Cut> = nets.iter().map(Cut::none).collect();
        match Package::new(&whole, optimization) {
            Err(error) if error.is_of_layers() => {
                let cuts = cut_stages(nets)?;
                Ok((Package::new(&cuts, optimization)?, cuts))
            }
            package => Ok((package?, whole)),
        }
    }

    /// Gives the net another name.
    pub fn rename(&mut self, name: &str) {
        for program in &mut self.programs {
            name.clone_into(&mut program.name);
        }
    }

    /// The net's name; may be empty.
    pub fn name(&self) -> &str {
        self.programs.first().map_or("", |program| &program.name)
    }

    /// The bmodel of all stages. Equal coefficients are there once.
    ///
    /// # Errors
    /// As [`Program::to_bmodel`]; [`Error::Bmodel`] for stages whose inputs have the same shapes.
    pub fn to_bmodel(&self) -> Result<Bmodel, Error> {
        match &self.programs[..] {
            [] => Err(Error::NoStages),
            [one] => one.to_bmodel(),
            all => {
                let all: Vec<Bmodel> =
                    all.iter().map(Program::to_bmodel).collect::<Result<_, _>>()?;
                Ok(bmodel::combine(&all)?)
            }
        }
    }

    /// What goes in and what comes out.
    pub fn info(&self) -> IoInfo {
        let ports = |ports: &[Port]| {
            let tensor = |port: &Port| TensorInfo::new(&port.name, &port.shape, port.format);
            ports.iter().map(tensor).collect()
        };
        let stage = |(index, program): (usize, &Program)| StageInfo {
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
            chip: ChipInfo { inputs: ports(&program.inputs), outputs: ports(&program.outputs) },
            host: self.hosts.get(index).map(|host| {
                let [inputs, outputs] = TensorInfo::of(host);
                let prototxt = self.host_prototxt(index);
                let weights = self.host_weights().map(|(name, _)| name);
                HostInfo { prototxt, weights, inputs, outputs }
            }),
        };
        IoInfo {
            net: self.name().to_owned(),
            target: "BM1684".to_owned(),
            bmodel: crate::write::BMODEL.to_owned(),
            stages: self.programs.iter().enumerate().map(stage).collect(),
        }
    }

    /// Which commands belong to which layer.
    pub fn layers(&self) -> LayersInfo {
        let stage = |program: &Program| {
            let runs = program.runs().into_iter();
            let layer = |(layer, [tiu, gdma]): (usize, [usize; 2])| {
                let cost = &program.costs[layer];
                LayerCommands { name: cost.layer.clone(), kind: cost.kind.to_owned(), tiu, gdma }
            };
            StageLayers { layers: runs.map(layer).collect() }
        };
        LayersInfo { stages: self.programs.iter().map(stage).collect() }
    }

    /// The name of the file with the host's layers.
    pub(crate) fn host_prototxt(&self, stage: usize) -> String {
        let name = file_name(self.name());
        match stage {
            0 => format!("{name}_host.prototxt"),
            stage => format!("{name}_host_stage{stage}.prototxt"),
        }
    }

    /// The file with the host's weights, scales and integers, if it has any: one for all stages, for they do not depend on
    /// shapes.
    pub(crate) fn host_weights(&self) -> Option<(String, NetParameter)> {
        let host = self.hosts.first()?;
        let graph = host.net();
        let integers = graph.blob_ids().any(|id| host.format(id).dtype != DType::F32);
        if !integers && graph.layers().iter().all(|layer| layer.weights.is_empty()) {
            return None;
        }
        let name = format!("{}_host.umodel", file_name(self.name()));
        Some((name, host.to_parameter_with_weights()))
    }
}

impl From<Program> for Package {
    /// A net of one stage without a host's part.
    fn from(program: Program) -> Self {
        let names = |ports: &[Port]| ports.iter().map(|port| port.name.clone()).collect();
        Package {
            inputs: names(&program.inputs),
            outputs: names(&program.outputs),
            programs: vec![program],
            hosts: Vec::new(),
        }
    }
}

/// A net's name as a part of the name of a file.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = name.chars().take(100).map(plain).collect();
    if name.chars().all(|c| c == '.' || c == '_') { "net".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn names_become_names_of_files() {
        for (name, expected) in
            [("ssd", "ssd"), ("a/b c", "a_b_c"), ("", "net"), ("..", "net"), ("ü-1.x", "ü-1.x")]
        {
            assert_eq!(file_name(name), expected);
        }
        assert_eq!(file_name(&"a".repeat(1000)).len(), 100);
    }
}
