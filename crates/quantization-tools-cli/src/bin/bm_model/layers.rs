//! Which layer each command of a bmodel belongs to, by files beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quantization_tools::bm1684_codegen::{LayersInfo, StageLayers, foreign_files};
use quantization_tools::bm1684_isa::commands::Streams;
use quantization_tools_cli::cli::{self, Failure};

/// Bytes of a description of layers at most.
const MOST: u64 = 1 << 26;

/// No layer.
const NONE: usize = usize::MAX;

/// Which layers the commands of a stage belong to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Layers {
    /// Names and types, none twice.
    pub(crate) names: Vec<[String; 2]>,
    /// For each command of the TIU and of the GDMA, through all groups, the index of its layer.
    pub(crate) owners: [Vec<usize>; 2],
}

impl Layers {
    /// As bmnetu describes them, for a stage with so many commands.
    fn ours(stage: StageLayers, counts: [usize; 2]) -> Result<Layers, &'static str> {
        let mut names = Names::default();
        let mut layers = Layers::default();
        for layer in stage.layers {
            let index = names.index([layer.name, layer.kind]);
            for (engine, more) in [layer.tiu, layer.gdma].into_iter().enumerate() {
                let owners = &mut layers.owners[engine];
                let end = owners.len().checked_add(more).filter(|end| *end <= counts[engine]);
                owners.resize(end.ok_or(UNFIT)?, index);
            }
        }
        layers.names = names.all;
        layers.checked(counts)
    }

    /// As the vendor's compiler describes them: ids of both engines before and after each operation.
    fn vendor(operations: Vec<Operation>, counts: [usize; 2]) -> Result<Layers, &'static str> {
        let mut names = Names::default();
        let mut layers = Layers { owners: counts.map(|count| vec![NONE; count]), names: vec![] };
        // Each part of a net counts from 0: where its commands start, and where those seen so far end.
        let (mut part, mut start, mut end) = (0, [0usize; 2], [0usize; 2]);
        for operation in operations {
            if operation.subnet_id != part {
                (part, start) = (operation.subnet_id, end);
            }
            // What is beyond all numbers is beyond the commands, too.
            let [tiu, gdma] = [0, 1].map(|engine| {
                let ids = [operation.before[engine], operation.after[engine]];
                let [from, to] = ids.map(|id| start[engine].saturating_add(id));
                from..to
            });
            if tiu.is_empty() && gdma.is_empty() {
                continue;
            }
            let name = operation.results.into_iter().find_map(|result| result.name);
            let kind = operation.opcode.trim_start_matches("tpu.").to_owned();
            let index = names.index([name.unwrap_or_default(), kind]);
            for (engine, commands) in [tiu, gdma].into_iter().enumerate() {
                // Where an empty range lies says nothing.
                if !commands.is_empty() {
                    end[engine] = end[engine].max(commands.end);
                    let owners = &mut layers.owners[engine];
                    owners.get_mut(commands).ok_or(UNFIT)?.fill(index);
                }
            }
        }
        layers.names = names.all;
        layers.checked(counts)
    }

    /// Each command has its layer.
    fn checked(self, counts: [usize; 2]) -> Result<Layers, &'static str> {
        let whole = self.owners.iter().all(|owners| !owners.contains(&NONE));
        if whole && self.owners.each_ref().map(Vec::len) == counts { Ok(self) } else { Err(UNFIT) }
    }
}

const UNFIT: &str = "it does not fit the bmodel's commands";

/// Layers in the order in which they were met first.
#[derive(Default)]
struct Names {
    all: Vec<[String; 2]>,
    known: BTreeMap<[String; 2], usize>,
}

impl Names {
    fn index(&mut self, name: [String; 2]) -> usize {
        *self.known.entry(name).or_insert_with_key(|name| {
            self.all.push(name.clone());
            self.all.len() - 1
        })
    }
}

/// An operation in the file that the vendor's compiler writes beside a bmodel.
#[derive(serde::Deserialize)]
struct Operation {
    subnet_id: usize,
    opcode: String,
    #[serde(rename = "tiu_dma_id(before)")]
    before: [usize; 2],
    #[serde(rename = "tiu_dma_id(after)")]
    after: [usize; 2],
    results: Vec<OperationResult>,
}

#[derive(serde::Deserialize)]
struct OperationResult {
    name: Option<String>,
}

/// The layers of each stage, if a file beside the bmodel names them: FILE.layers.json from bmnetu or FILE.bmodel.json from
/// the vendor's compiler. Of a file that cannot be used this is noted.
pub(crate) fn read(bmodel: &Path, stages: &[(String, Vec<Streams>)]) -> Vec<Layers> {
    let ours = bmodel.with_extension("layers.json");
    let mut vendors = bmodel.as_os_str().to_owned();
    vendors.push(".json");
    let vendors = PathBuf::from(vendors);
    let counts: Vec<[usize; 2]> = stages.iter().map(|(_, groups)| counts(groups)).collect();
    let (path, layers) = if ours.is_file() {
        let layers = read_ours(bmodel, &ours, &counts);
        (ours, layers)
    } else if vendors.is_file() {
        let layers = read_vendors(&vendors, &counts);
        (vendors, layers)
    } else {
        return Vec::new();
    };
    layers.unwrap_or_else(|error| {
        cli::note!("warning: {}: {error}; nothing is told by layer", path.display());
        Vec::new()
    })
}

fn counts(groups: &[Streams]) -> [usize; 2] {
    let add =
        |[tiu, gdma]: [usize; 2], group: &Streams| [tiu + group.tiu.len(), gdma + group.gdma.len()];
    groups.iter().fold([0, 0], add)
}

fn read_ours(bmodel: &Path, path: &Path, counts: &[[usize; 2]]) -> Result<Vec<Layers>, Failure> {
    if foreign_files(bmodel)?.iter().any(|foreign| foreign == path || foreign == bmodel) {
        return Err("it and the bmodel are of two runs of bmnetu".into());
    }
    let stages = LayersInfo::from_json(&text(path)?)?.stages;
    if stages.len() != counts.len() {
        return Err(UNFIT.into());
    }
    let layers = stages.into_iter().zip(counts).map(|(stage, counts)| Layers::ours(stage, *counts));
    Ok(layers.collect::<Result<_, _>>()?)
}

fn read_vendors(path: &Path, counts: &[[usize; 2]]) -> Result<Vec<Layers>, Failure> {
    let [counts] = counts else { return Err(UNFIT.into()) };
    Ok(vec![Layers::vendor(serde_json::from_str(&text(path)?)?, *counts)?])
}

fn text(path: &Path) -> Result<String, Failure> {
    if std::fs::metadata(path)?.len() > MOST {
        return Err(format!("it has more than {MOST} bytes").into());
    }
    Ok(std::fs::read_to_string(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_of_bmnetu() {
        // Commands of a layer need not stand together.
        let text = r#"{"stages":[{"layers":[
            {"name":"a","type":"Convolution","tiu":2,"gdma":1},
            {"name":"b","type":"Permute","tiu":0,"gdma":2},
            {"name":"a","type":"Convolution","tiu":0,"gdma":1}
        ]}]}"#;
        let stage = || LayersInfo::from_json(text).expect("JSON").stages.remove(0);
        let names = vec![["a", "Convolution"], ["b", "Permute"]];
        let names = names.into_iter().map(|names| names.map(str::to_owned)).collect();
        let expected = Layers { names, owners: [vec![0, 0], vec![0, 1, 1, 0]] };
        assert_eq!(Layers::ours(stage(), [2, 4]), Ok(expected));
        for counts in [[2, 3], [1, 4], [3, 4], [2, 5]] {
            assert_eq!(Layers::ours(stage(), counts), Err(UNFIT), "{counts:?}");
        }
    }

    #[test]
    fn layers_of_the_vendors_compiler() {
        let text = r#"[
            {"subnet_id":0,"opcode":"tpu.Load","tiu_dma_id(before)":[0,0],"tiu_dma_id(after)":[0,2],"results":[{},{"name":"w"}]},
            {"subnet_id":0,"opcode":"tpu.Conv2D","tiu_dma_id(before)":[0,3],"tiu_dma_id(after)":[1,3],"results":[]},
            {"subnet_id":0,"opcode":"tpu.Reshape","tiu_dma_id(before)":[9,9],"tiu_dma_id(after)":[9,9],"results":[]},
            {"subnet_id":0,"opcode":"tpu.Load","tiu_dma_id(before)":[0,2],"tiu_dma_id(after)":[0,3],"results":[{"name":"x"}]}
        ]"#;
        let layers = |counts| Layers::vendor(serde_json::from_str(text).expect("JSON"), counts);
        let found = layers([1, 3]).expect("fits");
        assert_eq!(found.owners, [vec![1], vec![0, 0, 2]]);
        assert_eq!(found.names, [["w", "Load"], ["", "Conv2D"], ["x", "Load"]]);
        for counts in [[1, 2], [0, 3], [1, 4], [2, 3]] {
            assert_eq!(layers(counts), Err(UNFIT), "{counts:?}");
        }
    }

    /// Part 1 is the host's and has no commands.
    #[test]
    fn parts_of_a_net_count_for_themselves() {
        let text = r#"[
            {"subnet_id":0,"opcode":"tpu.Load","tiu_dma_id(before)":[0,0],"tiu_dma_id(after)":[0,1],"results":[]},
            {"subnet_id":0,"opcode":"tpu.Conv2D","tiu_dma_id(before)":[0,1],"tiu_dma_id(after)":[2,1],"results":[]},
            {"subnet_id":2,"opcode":"tpu.MatMul","tiu_dma_id(before)":[0,0],"tiu_dma_id(after)":[1,2],"results":[]}
        ]"#;
        let layers = Layers::vendor(serde_json::from_str(text).expect("JSON"), [3, 3]);
        assert_eq!(layers.expect("fits").owners, [vec![1, 1, 2], vec![0, 2, 2]]);
    }
}
