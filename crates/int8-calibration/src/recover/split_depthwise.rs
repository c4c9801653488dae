use std::collections::HashSet;

use ndarray::{ArrayD, Axis};
use umodel::layers::{Concat, Convolution};
use umodel::{LayerOp, LayerSpec, Net};

use crate::error::Error;
use crate::rules::relu::upper_limit;
use crate::statistics::check_weights;

/// The most parts of one layer; channels with yet smaller weights join the last one.
const MOST_PARTS: usize = 8;

/// Splits depthwise convolutions into parts of channels whose weights are of like size. Each part gets a shift of its
/// own. The chip has one shift for a layer, with which a channel of small weights keeps few bits.
///
/// ```text
/// conv ─► ReLU6 ─► depthwise ─► ReLU6 ─► conv
///                                               ⇓
/// conv, some rows ─► ReLU6 ─► depthwise ─► ReLU6 ─┐
/// conv, the others ─► ReLU6 ─► depthwise ─► ReLU6 ┴► Concat ─► conv, its columns in the new order
/// ```
///
/// Only chains like this are split, with or without ReLUs. Their inner blobs are read once, and their other two
/// convolutions have no groups. A part has the name of its layer, and its blob that of the old blob, with `_part0` and
/// so on behind. The Concat and its blob have the last old blob's name with `_sorted` behind. If a name is taken, `_`
/// is added until it is not.
///
/// # Errors
/// [`Error::WeightNotFinite`] for weights that are infinite or NaN, of whatever layer.
pub fn split_depthwise(net: &Net) -> Result<Net, Error> {
    check_weights(net)?;
    let mut specs = net.specs();
    let mut taken = Taken {
        layers: specs.iter().map(|spec| spec.name.clone()).collect(),
        blobs: net.blobs().iter().map(|blob| blob.name.clone()).collect(),
    };
    let depthwise = specs.iter().filter(|spec| is_depthwise(spec));
    let names: Vec<String> = depthwise.map(|spec| spec.name.clone()).collect();
    for name in names {
        if let Some(chain) = Chain::around(&name, &specs) {
            let parts = parts(&specs[chain.depthwise]);
            if parts.len() > 1 {
                specs = chain.split(specs, &parts, &mut taken);
            }
        }
    }
    Ok(Net::from_specs(net.name(), specs)?)
}

/// The names that are in use.
struct Taken {
    layers: HashSet<String>,
    blobs: HashSet<String>,
}

/// This name, or the first one with `_` behind it that is free.
fn fresh(taken: &mut HashSet<String>, mut name: String) -> String {
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// The positions of a depthwise convolution and of its neighbours, in order.
struct Chain {
    /// The first convolution up to the last layer in front of the other one.
    inner: Vec<usize>,
    depthwise: usize,
    after: usize,
}

impl Chain {
    /// Around the depthwise convolution of this name.
    fn around(name: &str, specs: &[LayerSpec]) -> Option<Chain> {
        let depthwise = specs.iter().position(|spec| spec.name == name)?;
        let mut inner = vec![depthwise];
        let before = loop {
            let bottom = specs[inner[0]].bottoms.first()?;
            let before = specs.iter().position(|spec| spec.tops.first() == Some(bottom))?;
            only_reader(before, specs)?;
            inner.insert(0, before);
            if upper_limit(&specs[before].op).is_none() {
                break &specs[before];
            }
        };
        let mut last = depthwise;
        let after = loop {
            let reader = only_reader(last, specs)?;
            if upper_limit(&specs[reader].op).is_none() {
                break reader;
            }
            inner.push(reader);
            last = reader;
        };
        let dense = |spec: &LayerSpec| {
            convolution(&spec.op).is_some_and(|p| p.group == 1) && !spec.weights.is_empty()
        };
        (dense(before) && dense(&specs[after])).then_some(Chain { inner, depthwise, after })
    }

    fn split(
        &self,
        specs: Vec<LayerSpec>,
        parts: &[Vec<usize>],
        taken: &mut Taken,
    ) -> Vec<LayerSpec> {
        let mut changed = Vec::with_capacity(specs.len() + self.inner.len() * parts.len());
        // The blobs between the pieces so far, one for each part.
        let mut blobs: Vec<String> = Vec::new();
        let mut joined = String::new();
        for (index, mut spec) in specs.into_iter().enumerate() {
            if self.inner.contains(&index) {
                let pieces = parts.iter().enumerate().map(|(part, channels)| {
                    piece(&spec, part, channels, blobs.get(part).cloned(), taken)
                });
                let pieces: Vec<LayerSpec> = pieces.collect();
                blobs = pieces.iter().map(|piece| piece.tops[0].clone()).collect();
                changed.extend(pieces);
                if self.inner.last() == Some(&index) {
                    let name = format!("{}_sorted", spec.tops[0]);
                    joined = fresh(&mut taken.blobs, name.clone());
                    let name = fresh(&mut taken.layers, name);
                    let bottoms: Vec<&str> = blobs.iter().map(String::as_str).collect();
                    changed.push(LayerSpec::new(&name, Concat { axis: 1 }, &bottoms, &[&joined]));
                }
                continue;
            }
            if index == self.after {
                spec.bottoms[0] = joined.clone();
                let order: Vec<usize> = parts.concat();
                let mut weights: Vec<ArrayD<f32>> =
                    spec.weights.iter().map(|weights| weights.as_ref().clone()).collect();
                weights[0] = weights[0].select(Axis(1), &order);
                spec.set_weights(weights);
            }
            changed.push(spec);
        }
        changed
    }
}

/// These channels of a layer. It reads `bottom`, or what the layer reads if that is the first of its chain.
fn piece(
    spec: &LayerSpec,
    part: usize,
    channels: &[usize],
    bottom: Option<String>,
    taken: &mut Taken,
) -> LayerSpec {
    let first = bottom.is_none();
    let mut piece = spec.clone();
    piece.name = fresh(&mut taken.layers, format!("{}_part{part}", spec.name));
    piece.tops[0] = fresh(&mut taken.blobs, format!("{}_part{part}", spec.tops[0]));
    if let Some(bottom) = bottom {
        piece.bottoms[0] = bottom;
    }
    piece.set_weights(spec.weights.iter().map(|weights| weights.select(Axis(0), channels)));
    let changed = match &mut piece.op {
        LayerOp::Convolution(p) => Some(p),
        LayerOp::ConvolutionDepthwise(p) => Some(&mut p.convolution),
        LayerOp::DepthwiseConvolution(p) => Some(&mut p.convolution),
        _ => None,
    };
    if let Some(p) = changed {
        p.num_output = channels.len();
        if !first {
            p.group = channels.len();
        }
    }
    piece
}

/// The parameters of a convolution of any kind.
fn convolution(op: &LayerOp) -> Option<&Convolution> {
    match op {
        LayerOp::Convolution(p) => Some(p),
        LayerOp::ConvolutionDepthwise(p) => Some(&p.convolution),
        LayerOp::DepthwiseConvolution(p) => Some(&p.convolution),
        _ => None,
    }
}

/// Whether the layer is a convolution of each channel by itself.
fn is_depthwise(spec: &LayerSpec) -> bool {
    let each = convolution(&spec.op).is_some_and(|p| p.group > 1 && p.group == p.num_output);
    each && spec.weights.first().is_some_and(|weights| weights.shape().get(1) == Some(&1))
}

/// The only layer that reads a layer's only top.
fn only_reader(layer: usize, specs: &[LayerSpec]) -> Option<usize> {
    let [top] = &specs[layer].tops[..] else { return None };
    let mut readers = (0..specs.len()).filter(|&reader| specs[reader].bottoms.contains(top));
    let reader = readers.next().filter(|&reader| specs[reader].bottoms.len() == 1)?;
    readers.next().is_none().then_some(reader)
}

/// The channels of a depthwise convolution by the shift that each would have alone, the smallest one first. Its
/// weights are finite.
#[expect(
    clippy::cast_possible_truncation,
    reason = "shifts are from -122 to 31 for finite weights"
)]
fn parts(depthwise: &LayerSpec) -> Vec<Vec<usize>> {
    let Some(weights) = depthwise.weights.first() else { return Vec::new() };
    let shift = |row: ndarray::ArrayViewD<'_, f32>| {
        let largest = row.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        (127.5 / largest).log2().floor().min(31.0) as i32
    };
    let shifts: Vec<i32> = weights.axis_iter(Axis(0)).map(shift).collect();
    let Some(&least) = shifts.iter().min() else { return Vec::new() };
    let mut parts = vec![Vec::new(); MOST_PARTS];
    for (channel, shift) in shifts.into_iter().enumerate() {
        let part = usize::try_from(shift - least).unwrap_or(0).min(MOST_PARTS - 1);
        parts[part].push(channel);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uframework::{Executor, Random};
    use umodel::BlobFormat;
    use umodel::layers::{DepthwiseConvolution, Eltwise, EltwiseOp, Input, Relu6, TanH};

    use super::*;

    const ORDER: [f32; 6] = [0.5, 0.01, 8.0, 0.0, 7.0, 0.02];

    /// Expanding, depthwise and projecting convolution; a side reader of the depthwise one's bottom if asked for.
    #[expect(clippy::cast_possible_truncation, reason = "weights are fp32")]
    fn net(side: bool) -> Net {
        let convolution = |num_output, kernel, pad, group| Convolution {
            num_output,
            bias: true,
            kernel: [kernel; 2],
            stride: [1; 2],
            pad: [pad; 2],
            dilation: [1; 2],
            group,
        };
        let relu = || Relu6 { negative_slope: 0.0, threshold: 6.0 };
        let mut random = Random::new(7);
        let mut fill = |shape: &[usize]| {
            ArrayD::from_shape_simple_fn(shape.to_vec(), || random.normal() as f32)
        };
        let expand = [fill(&[6, 3, 1, 1]), fill(&[6])];
        let mut each = [fill(&[6, 1, 3, 3]), fill(&[6])];
        for (mut row, size) in each[0].axis_iter_mut(Axis(0)).zip(ORDER) {
            row.mapv_inplace(|w| w * size);
        }
        let project = [fill(&[4, 6, 1, 1]), fill(&[4])];
        let depthwise = DepthwiseConvolution { convolution: convolution(6, 3, 1, 6) };
        let input = Input { shapes: vec![vec![2, 3, 5, 5]], int8_scale: None };
        let mut specs = vec![
            LayerSpec::new("data", input, &[], &["data"]),
            LayerSpec::new("expand", convolution(6, 1, 0, 1), &["data"], &["a"])
                .with_weights(expand),
            LayerSpec::new("relu1", relu(), &["a"], &["b"]),
            LayerSpec::new("depthwise", depthwise, &["b"], &["c"]).with_weights(each),
            LayerSpec::new("relu2", relu(), &["c"], &["d"]),
            LayerSpec::new("project", convolution(4, 1, 0, 1), &["d"], &["e"])
                .with_weights(project),
        ];
        if side {
            let sum = Eltwise { operation: EltwiseOp::Sum(vec![1.0, 1.0]) };
            specs.push(LayerSpec::new("side", sum, &["b", "b"], &["f"]));
        }
        Net::from_specs("net", specs).expect("valid")
    }

    /// 1e-5 of the largest value: the last sum has another order.
    #[test]
    fn the_result_stays() {
        let run = |net: Net| {
            let executor = Executor::new(Arc::new(net)).expect("runs");
            let data = Random::new(3).value(&[2, 3, 5, 5], BlobFormat::F32);
            let id = executor.net().blob_id("data").expect("there");
            executor.outputs(vec![(id, data)]).expect("runs")[0].to_f32(1.0)
        };
        let split = split_depthwise(&net(false)).expect("splits");
        let kinds = |kind| split.layers().iter().filter(|layer| layer.op.kind() == kind).count();
        // Weights of about 8 and 7, of 0.5, and of 0.02, 0.01 and 0.
        assert_eq!(
            (kinds("DepthwiseConvolution"), kinds("Convolution"), kinds("Concat")),
            (4, 5, 1)
        );
        let (found, expected) = (run(split), run(net(false)));
        let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let error = (found - expected).iter().fold(0.0f32, |most, x| most.max(x.abs()));
        assert!(largest > 0.1 && error < 1e-5 * largest, "{error} of {largest}");
    }

    /// Exact: a layer or blob that has a part's name does not keep the chain whole.
    #[test]
    fn taken_names_get_something_behind() {
        let mut specs = net(false).specs();
        let tanh = |name: &str, top: &str| LayerSpec::new(name, TanH, &["data"], &[top]);
        specs.extend([
            tanh("expand_part1", "t"),
            tanh("t", "d_sorted"),
            tanh("d_sorted", "c_part0"),
        ]);
        let split = split_depthwise(&Net::from_specs("", specs).expect("valid")).expect("splits");
        for (layer, top) in [
            ("expand_part0", "a_part0"),
            ("expand_part1_", "a_part1"),
            ("depthwise_part0", "c_part0_"),
            ("d_sorted_", "d_sorted_"),
        ] {
            let index = split.layer_index(layer).unwrap_or_else(|| panic!("{layer}"));
            assert_eq!(split.blob(split.layers()[index].tops[0]).name, top);
        }
    }

    #[test]
    fn weights_that_are_no_numbers_name_their_layer() {
        for (layer, bad) in
            [("depthwise", f32::INFINITY), ("depthwise", f32::NAN), ("project", f32::NAN)]
        {
            let mut specs = net(false).specs();
            let Some(spec) = specs.iter_mut().find(|spec| spec.name == layer) else {
                panic!("{layer}")
            };
            let mut weights: Vec<_> = spec.weights.iter().map(|w| w.as_ref().clone()).collect();
            weights[0][[2, 0, 0, 0]] = bad;
            spec.set_weights(weights);
            let error = split_depthwise(&Net::from_specs("", specs).expect("valid"));
            assert_eq!(
                error.expect_err("no number").to_string(),
                format!(
                    "layer {layer:?}: weight blob 0 has 1 values that are infinite or not a number"
                )
            );
        }
    }

    #[test]
    fn what_others_read_is_not_split() {
        let net = net(true);
        assert_eq!(split_depthwise(&net).expect("valid").layers().len(), net.layers().len());
    }
}
