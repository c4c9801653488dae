//! A picture of a net's graph.

mod layered;
mod svg;

use std::collections::HashMap;

use quantization_tools::prelude::*;
use quantization_tools::umodel::{LayerRecord, Outline, OutlineLayer, Shape};
use quantization_tools_cli::cli::{Failure, shape_text};

use self::layered::{Size, layered};
use self::svg::{Block, Document};
use crate::plain::plain_and_short;

/// Characters of the longest line in a box; the whole line is in the box's title.
const LINE: usize = 60;
/// Characters of a title.
const TITLE: usize = 2000;

/// What is drawn of a layer.
struct Node {
    name: String,
    kind: String,
    bottoms: Vec<String>,
    /// Names and, where they are known, shapes.
    tops: Vec<(String, String)>,
    /// Whether it brings integers; none where the file does not tell.
    int8: Option<bool>,
}

/// A picture of the graph, from top to bottom: layers as boxes, blobs as arrows.
///
/// # Errors
/// If the phase has no layers.
pub(crate) fn svg(model: &NetParameter, phase: Phase) -> Result<String, Failure> {
    let nodes = nodes(model, phase)?;
    if nodes.is_empty() {
        let file = model.path().map(|path| format!("{}: ", path.display())).unwrap_or_default();
        return Err(format!("{file}no layers in phase {phase:?}, nothing to draw").into());
    }
    let blocks: Vec<Block> = nodes.iter().map(block).collect();
    let mut writers: HashMap<&str, usize> = HashMap::new();
    let mut edges = Vec::new();
    for (reader, node) in nodes.iter().enumerate() {
        let found = node.bottoms.iter().filter_map(|bottom| writers.get(bottom.as_str()));
        edges.extend(found.map(|&writer| (writer, reader)));
        writers.extend(node.tops.iter().map(|(top, _)| (top.as_str(), reader)));
    }
    let sizes: Vec<Size> = blocks.iter().map(Block::size).collect();
    let name = if model.name().is_empty() { "a net without a name" } else { model.name() };
    let document = Document {
        title: format!("Graph of {}", plain_and_short(name, TITLE)),
        description: format!("{} layers, from top to bottom", nodes.len()),
        legend: nodes.iter().any(|node| node.int8.is_some()),
    };
    Ok(document.write(&blocks, &layered(&sizes, &edges)))
}

fn block(node: &Node) -> Block {
    let shapes = node.tops.iter().map(|(_, shape)| shape.as_str());
    let shapes: Vec<&str> = shapes.filter(|shape| !shape.is_empty()).collect();
    let lines = [node.name.as_str(), &node.kind, &shapes.join(", ")];
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    let tops: Vec<&str> = node.tops.iter().map(|(top, _)| top.as_str()).collect();
    let kept = match node.int8 {
        None => "",
        Some(true) => ", int8",
        Some(false) => ", fp32",
    };
    let (name, kind) = (&node.name, &node.kind);
    let (bottoms, tops) = (node.bottoms.join(", "), tops.join(", "));
    Block {
        lines: lines.map(|line| plain_and_short(line, LINE)).collect(),
        title: plain_and_short(&format!("{name} ({kind}{kept}): {bottoms} → {tops}"), TITLE),
        fill: fill(&node.kind),
        int8: node.int8,
    }
}

/// The layers with unique tops and, where they are known, shapes.
fn nodes(model: &NetParameter, phase: Phase) -> Result<Vec<Node>, Failure> {
    // Only the layers of an int8umodel tell, and a layer that then says nothing computes in fp32.
    let tells = model.layers().any(|layer| layer.brings_integers().is_some());
    let int8 = |layer: LayerRecord<'_>| tells.then(|| layer.brings_integers().unwrap_or(false));
    let outline = Outline::new(model, phase, &DatabaseSources)?;
    let node = |layer: &OutlineLayer<'_>| {
        let shape = |shape: &Option<Shape>| shape.as_deref().map(shape_text).unwrap_or_default();
        Node {
            name: layer.name.clone(),
            kind: layer.record.kind().to_owned(),
            bottoms: layer.bottoms.clone(),
            tops: layer.tops.iter().map(|(name, of)| (name.clone(), shape(of))).collect(),
            int8: int8(layer.record),
        }
    };
    Ok(outline.layers().iter().map(node).collect())
}

/// A fill by what a layer does.
fn fill(kind: &str) -> &'static str {
    match kind {
        "Input" | "Data" | "AnnotatedData" | "ImageData" | "DummyData" | "MemoryData"
        | "HDF5Data" => "#e8e8e8",
        "Convolution"
        | "Deconvolution"
        | "InnerProduct"
        | "DepthwiseConvolution"
        | "ConvolutionDepthwise" => "#cfe2f3",
        "Pooling" | "SPP" | "ROIPooling" | "PSROIPooling" => "#f4cccc",
        "BatchNorm" | "BN" | "Scale" | "Bias" | "LRN" | "MVN" | "Normalize" => "#d9ead3",
        "Concat" | "Eltwise" | "Slice" | "Split" | "Crop" => "#fff2cc",
        "Softmax" | "SoftmaxWithLoss" | "Accuracy" | "DetectionOutput" => "#d9d2e9",
        _ => "#ffffff",
    }
}
