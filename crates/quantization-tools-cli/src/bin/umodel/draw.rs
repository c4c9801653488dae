use std::collections::HashMap;

use layout::backends::svg::SVGWriter;
use layout::core::base::Orientation;
use layout::core::color::Color;
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;
use quantization_tools::prelude::*;

use crate::{net, of_phase, shape_text};

/// What is drawn of a layer.
struct Node {
    name: String,
    kind: String,
    bottoms: Vec<String>,
    /// Names and, where they are known, shapes.
    tops: Vec<(String, String)>,
}

/// A picture of the graph, from top to bottom: layers as boxes, blobs as arrows.
pub(crate) fn svg(model: &NetParameter, phase: Phase) -> String {
    let nodes = nodes(model, phase);
    let mut graph = VisualGraph::new(Orientation::TopToBottom);
    let mut writers = HashMap::new();
    for node in &nodes {
        let shapes = node.tops.iter().map(|(_, shape)| shape.as_str());
        let shapes: Vec<&str> = shapes.filter(|shape| !shape.is_empty()).collect();
        let lines = [node.name.as_str(), &node.kind, &shapes.join(", ")];
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(1);
        let size = Point::new(24.0 + 8.0 * longest as f64, 14.0 + 17.0 * lines.len() as f64);
        let style = StyleAttr::new(Color::fast("black"), 1, Some(color(&node.kind)), 4, 14);
        let shape = ShapeKind::new_box(&lines.join("\n"));
        let handle = graph.add_node(Element::create(shape, style, Orientation::TopToBottom, size));
        for bottom in &node.bottoms {
            if let Some(&writer) = writers.get(bottom) {
                graph.add_edge(Arrow::simple(""), writer, handle);
            }
        }
        for (top, _) in &node.tops {
            writers.insert(top.clone(), handle);
        }
    }
    let mut svg = SVGWriter::new();
    graph.do_it(false, false, false, &mut svg);
    svg.finalize()
}

/// The layers with unique tops and shapes; as they stand in the file where the net cannot be built.
fn nodes(model: &NetParameter, phase: Phase) -> Vec<Node> {
    let Ok(net) = net(model, phase) else {
        let node = |layer: quantization_tools::umodel::LayerRecord<'_>| Node {
            name: layer.name().to_owned(),
            kind: layer.kind().to_owned(),
            bottoms: layer.bottoms().to_vec(),
            tops: layer.tops().iter().map(|top| (top.clone(), String::new())).collect(),
        };
        return of_phase(model, phase).layers().map(node).collect();
    };
    let node = |layer: &quantization_tools::umodel::Layer| Node {
        name: layer.name.clone(),
        kind: layer.op.kind().to_owned(),
        bottoms: layer.bottoms.iter().map(|&id| net.blob(id).name.clone()).collect(),
        tops: layer
            .tops
            .iter()
            .map(|&id| (net.blob(id).name.clone(), shape_text(&net.blob(id).shape)))
            .collect(),
    };
    net.layers().iter().map(node).collect()
}

/// A fill by what a layer does.
fn color(kind: &str) -> Color {
    Color::new(match kind {
        "Input" | "Data" | "AnnotatedData" | "ImageData" | "DummyData" | "MemoryData" => {
            0xe8e8_e8ff
        }
        "Convolution"
        | "Deconvolution"
        | "InnerProduct"
        | "DepthwiseConvolution"
        | "ConvolutionDepthwise" => 0xcfe2_f3ff,
        "Pooling" | "SPP" | "ROIPooling" | "PSROIPooling" => 0xf4cc_ccff,
        "BatchNorm" | "BN" | "Scale" | "Bias" | "LRN" | "MVN" | "Normalize" => 0xd9ea_d3ff,
        "Concat" | "Eltwise" | "Slice" | "Split" | "Crop" => 0xfff2_ccff,
        "Softmax" | "SoftmaxWithLoss" | "Accuracy" | "DetectionOutput" => 0xd9d2_e9ff,
        _ => 0xffff_ffff,
    })
}
