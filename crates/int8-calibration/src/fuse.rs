//! Activations that the layer in front of them computes.

use std::collections::{HashMap, HashSet};

use umodel::{LayerOp, LayerSpec, Net};

use crate::rules::relu::upper_limit;

/// Removes each ReLU without a slope, ReLU6 and Clip from zero on behind a layer that can clip at zero and whose values
/// are read by nothing else. Gives the layers, and by the tops that have become unsigned what was removed. `float` has
/// the names of the layers that are kept in fp32.
///
/// What the prototxt says of the thresholds of the removed layer, or else of the one in front of it, is said of the top
/// that both have then.
///
/// Layers that read the shape of the blob between the two read that of the ReLU's top instead.
pub(crate) fn fuse_relu(
    net: &Net,
    float: impl Fn(&LayerSpec) -> bool,
) -> (Vec<LayerSpec>, HashMap<String, LayerOp>) {
    let mut kept: Vec<LayerSpec> = Vec::new();
    let mut fused = HashMap::new();
    let mut renamed: HashMap<String, String> = HashMap::new();
    // Where in `kept` the layer is whose first top this is.
    let mut writers: HashMap<String, usize> = HashMap::new();
    for (spec, layer) in net.specs().into_iter().zip(net.layers()) {
        let plain = upper_limit(&spec.op).is_some() && !float(&spec);
        let only = plain && {
            let readers = net.consumers(layer.bottoms[0]);
            let values = readers.iter().filter(|&&reader| {
                let reader = &net.layers()[reader];
                let reads = reader.bottoms.iter().enumerate();
                reads.clone().any(|(index, &id)| {
                    id == layer.bottoms[0]
                        && (reader.op.reads_values(index) || reader.tops.is_empty())
                })
            });
            // A reader of the shape would make of an output of the net a blob that is read.
            let read = !net.consumers(layer.tops[0]).is_empty();
            values.count() == 1 && (read || readers.len() == 1)
        };
        let at = spec.bottoms.first().and_then(|bottom| writers.get(bottom)).copied();
        match at.and_then(|at| Some((at, kept.get_mut(at)?))) {
            Some((at, before))
                if only
                    && before.op.int8_form().clips()
                    && !float(before)
                    && !fused.contains_key(&before.tops[0]) =>
            {
                writers.remove(&before.tops[0]);
                writers.insert(spec.tops[0].clone(), at);
                renamed.insert(before.tops[0].clone(), spec.tops[0].clone());
                before.absorb_quantization(&spec);
                fused.insert(spec.tops[0].clone(), spec.op);
                before.tops = spec.tops;
            }
            _ => {
                writers.extend(spec.tops.first().map(|top| (top.clone(), kept.len())));
                kept.push(spec);
            }
        }
    }
    for bottom in kept.iter_mut().flat_map(|spec| &mut spec.bottoms) {
        if let Some(name) = renamed.get(bottom) {
            bottom.clone_from(name);
        }
    }
    (kept, fused)
}

/// Names that are in use, and new ones.
#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        Names(names.map(str::to_owned).collect())
    }

    /// The name, with `_` behind it as long as it is taken. From now on it is.
    pub(crate) fn fresh(&mut self, name: &str) -> String {
        let mut fresh = name.to_owned();
        while !self.0.insert(fresh.clone()) {
            fresh.push('_');
        }
        fresh
    }
}
