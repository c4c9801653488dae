//! What goes in and what comes out, for programs that run a compiled net.

use serde::{Deserialize, Serialize};
use umodel::{BlobFormat, DType, QuantizedNet, Shape};

/// The contents of `io_info.json`: the tensors of the chip's part and of the host's part, for each stage. The project's
/// docs/compiling.md says what each field means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IoInfo {
    /// The net's name.
    pub net: String,
    /// The chip.
    pub target: String,
    /// The file with the chip's part.
    pub bmodel: String,
    /// For each stage of the bmodel, in its order.
    pub stages: Vec<StageInfo>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StageInfo {
    /// Names of the whole net's inputs.
    pub inputs: Vec<String>,
    /// Names of the whole net's outputs; each is an output of the chip's part or of the host's.
    pub outputs: Vec<String>,
    /// What the chip computes.
    pub chip: ChipInfo,
    /// What the host computes of that; none if the chip computes all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostInfo>,
}

/// The chip's part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChipInfo {
    /// What it takes, in the bmodel's order.
    pub inputs: Vec<TensorInfo>,
    /// What it gives, in the bmodel's order.
    pub outputs: Vec<TensorInfo>,
}

/// The host's part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostInfo {
    /// The file with its layers.
    pub prototxt: String,
    /// The file with its weights, scales and integers, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// What it takes: outputs of the chip's part and inputs of the net, by name.
    pub inputs: Vec<TensorInfo>,
    /// What it gives.
    pub outputs: Vec<TensorInfo>,
}

/// One tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TensorInfo {
    /// The blob's name.
    pub name: String,
    /// Its axes, N, C, H, W for pictures.
    pub shape: Shape,
    /// How its values are stored.
    pub dtype: TensorType,
    /// The real value of one step: `real = stored · scale`. 1 for fp32.
    pub scale: f32,
    /// The axis whose length is known only when the net runs, as that of boxes; `shape` has the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_axis: Option<usize>,
}

/// How values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TensorType {
    /// fp32.
    Float32,
    /// Signed 8 bits.
    Int8,
    /// Unsigned 8 bits.
    Uint8,
}

impl TensorType {
    /// The same as the net says it.
    pub fn dtype(self) -> DType {
        match self {
            TensorType::Float32 => DType::F32,
            TensorType::Int8 => DType::I8,
            TensorType::Uint8 => DType::U8,
        }
    }
}

impl IoInfo {
    /// Reads the text of an `io_info.json`.
    ///
    /// # Errors
    /// If it is no such text.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// The contents of `compilation.layers.json`: which commands belong to which layer, for each stage of the bmodel. The
/// commands of each engine are those of the first entry, of the second one, and so on, through all groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LayersInfo {
    /// For each stage of the bmodel, in its order.
    pub stages: Vec<StageLayers>,
}

/// The layers of one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StageLayers {
    /// Those that have commands, in the order of these. A layer whose commands do not stand together occurs several times.
    pub layers: Vec<LayerCommands>,
}

/// The commands of one layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LayerCommands {
    /// The layer's name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many commands of the TIU it has.
    pub tiu: usize,
    /// How many commands of the GDMA it has.
    pub gdma: usize,
}

impl LayersInfo {
    /// Reads the text of a `compilation.layers.json`.
    ///
    /// # Errors
    /// If it is no such text.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text, a line for each layer.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut stages = Vec::new();
        for stage in &self.stages {
            let layers = stage.layers.iter().map(serde_json::to_string);
            let layers = layers.collect::<Result<Vec<_>, _>>()?.join(",\n");
            stages.push(format!("{{\"layers\":[\n{layers}\n]}}"));
        }
        Ok(format!("{{\"stages\":[{}]}}\n", stages.join(",")))
    }
}

impl TensorInfo {
    pub(crate) fn new(name: &str, shape: &[usize], format: BlobFormat) -> Self {
        let dtype = match format.dtype {
            DType::F32 => TensorType::Float32,
            DType::I8 => TensorType::Int8,
            DType::U8 => TensorType::Uint8,
        };
        let (name, shape) = (name.to_owned(), shape.to_vec());
        TensorInfo { name, shape, dtype, scale: format.scale, counted_axis: None }
    }

    /// The inputs and outputs of a net.
    pub(crate) fn of(net: &QuantizedNet) -> [Vec<TensorInfo>; 2] {
        let graph = net.net();
        [graph.inputs(), graph.outputs()].map(|ids| {
            let tensor = |id| {
                let blob = graph.blob(id);
                let layer = &graph.layers()[graph.producer(id)];
                let top = layer.tops.iter().position(|&top| top == id).unwrap_or(0);
                let counted_axis = layer.op.counted_axis(top, &blob.shape);
                let info = TensorInfo::new(&blob.name, &blob.shape, net.format(id));
                TensorInfo { counted_axis, ..info }
            };
            ids.into_iter().map(tensor).collect()
        })
    }

    /// Bytes of its values, one behind the other; none if they cannot be counted.
    pub fn bytes(&self) -> Option<u64> {
        let size = match self.dtype {
            TensorType::Float32 => 4,
            TensorType::Int8 | TensorType::Uint8 => 1,
        };
        self.shape.iter().try_fold(size, |all: u64, &side| all.checked_mul(side as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn layers_are_written_one_on_a_line() {
        let layer = |name: &str, tiu| {
            let (name, kind) = (name.to_owned(), "ReLU".to_owned());
            LayerCommands { name, kind, tiu, gdma: 2 }
        };
        let stages = vec![
            StageLayers { layers: vec![layer("a\"", 1), layer("b", 0)] },
            StageLayers { layers: vec![] },
        ];
        let info = LayersInfo { stages };
        let text = info.to_json().expect("text");
        let expected = "{\"stages\":[{\"layers\":[\n\
            {\"name\":\"a\\\"\",\"type\":\"ReLU\",\"tiu\":1,\"gdma\":2},\n\
            {\"name\":\"b\",\"type\":\"ReLU\",\"tiu\":0,\"gdma\":2}\n]},{\"layers\":[\n\n]}]}\n";
        assert_eq!(text, expected);
        assert_eq!(LayersInfo::from_json(&text).expect("read"), info);
    }
}
