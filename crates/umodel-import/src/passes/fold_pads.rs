use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use umodel::layers::{Convolution, LayerOp, Pad, PadMode, PoolMethod, Pooling};
use umodel::{Error, LayerSpec, Net};

/// By how much a kernel's area may grow at most, as a fraction: from 2 × 2 to 3 × 3.
const MAX_GROWTH: [usize; 2] = [9, 4];

/// Folds Pad layers of zeros into the only layer behind each, where that gives the same values:
///
/// - into a Convolution: pads that are alike on both sides become its own. For those that are not, the kernel
///   gets rows or columns of zeros, and the larger pad holds on both sides; so no layer is left that
///   the quantization and the chip would have to know.
/// - into average pooling with pads alike on both sides, and into maximum pooling of values that are not
///   negative.
///
/// Blobs that are `kept` stay.
pub(super) fn fold_pads(net: &Net, kept: &[&str]) -> Result<Net, Error> {
    let mut specs = net.specs();
    let mut readers: HashMap<String, usize> = HashMap::new();
    for bottom in specs.iter().flat_map(|spec| &spec.bottoms) {
        *readers.entry(bottom.clone()).or_default() += 1;
    }
    let by_top: HashMap<String, usize> = specs
        .iter()
        .enumerate()
        .flat_map(|(index, spec)| spec.tops.iter().map(move |top| (top.clone(), index)))
        .collect();
    let mut folded = HashSet::new();
    for index in 0..specs.len() {
        let [bottom] = specs[index].bottoms.as_slice() else { continue };
        let Some(&before) = by_top.get(bottom) else { continue };
        let only = readers.get(bottom) == Some(&1) && !kept.contains(&bottom.as_str());
        let (Some(pads), true) = (zero_pads(&specs[before]), only) else { continue };
        let Some(source) = specs[before].bottoms.first().cloned() else { continue };
        let shape = |blob: &str| net.blob_id(blob).map(|id| net.blob(id).shape.clone());
        let done = match &specs[index].op {
            LayerOp::Convolution(p) => {
                let p = p.clone();
                into_convolution(&mut specs[index], p, pads)
            }
            LayerOp::Pooling(p) => {
                let (Some(inner), Some(outer)) = (shape(&source), shape(bottom)) else { continue };
                let positive = by_top.get(&source).is_some_and(|&at| is_positive(&specs[at].op));
                match pooled(p, pads, &inner, &outer, positive) {
                    Some(pooling) => {
                        specs[index].op = pooling.into();
                        true
                    }
                    None => false,
                }
            }
            _ => false,
        };
        if done {
            specs[index].bottoms = vec![source];
            folded.insert(before);
        }
    }
    if folded.is_empty() {
        return Ok(net.clone());
    }
    let rest = specs.into_iter().enumerate().filter(|(index, _)| !folded.contains(index));
    Net::from_specs(net.name(), rest.map(|(_, spec)| spec).collect())
}

/// What a Pad layer adds to height and width, if that is zeros and all that it does.
fn zero_pads(spec: &LayerSpec) -> Option<[[usize; 2]; 2]> {
    let LayerOp::Pad(Pad { pads, mode: PadMode::Constant(0.0) }) = &spec.op else { return None };
    let (others, &[rows, columns]) = pads.split_last_chunk::<2>()?;
    let size = |pad: i32| usize::try_from(pad).ok();
    let pair = |[before, after]: [i32; 2]| Some([size(before)?, size(after)?]);
    let plain = others.iter().all(|pad| *pad == [0, 0]);
    plain.then_some([pair(rows)?, pair(columns)?])
}

fn into_convolution(spec: &mut LayerSpec, mut p: Convolution, pads: [[usize; 2]; 2]) -> bool {
    let old = p.kernel;
    // Zeros in front of the kernel's own values, along each axis.
    let mut front = [0, 0];
    for axis in 0..2 {
        let [before, after] = pads[axis].map(|pad| pad + p.pad[axis]);
        let difference = before.abs_diff(after);
        if !difference.is_multiple_of(p.dilation[axis]) {
            return false;
        }
        let more = difference / p.dilation[axis];
        front[axis] = if after > before { more } else { 0 };
        p.kernel[axis] += more;
        p.pad[axis] = before.max(after);
    }
    let area = |kernel: [usize; 2]| kernel[0].saturating_mul(kernel[1]);
    if area(p.kernel).saturating_mul(MAX_GROWTH[1]) > area(old).saturating_mul(MAX_GROWTH[0]) {
        return false;
    }
    if let Some(weights) = spec.weights.first_mut().filter(|_| p.kernel != old) {
        let &[outputs, inputs, _, _] = weights.shape() else { return false };
        let grown = ArrayD::from_shape_fn(
            IxDyn(&[outputs, inputs, p.kernel[0], p.kernel[1]]),
            |at| match [at[2].checked_sub(front[0]), at[3].checked_sub(front[1])] {
                [Some(y), Some(x)] if y < old[0] && x < old[1] => weights[[at[0], at[1], y, x]],
                _ => 0.0,
            },
        );
        *weights = Arc::new(grown);
    }
    spec.op = p.into();
    true
}

/// The pooling with its own padding, if its windows and values stay the same. `inner` is the shape without the
/// pads, `outer` the one with them.
fn pooled(
    p: &Pooling,
    pads: [[usize; 2]; 2],
    inner: &[usize],
    outer: &[usize],
    positive: bool,
) -> Option<Pooling> {
    if p.global || p.pad != [0, 0] {
        return None;
    }
    let pad = [pads[0][0], pads[1][0]];
    let own = Pooling { pad, ..p.clone() };
    let fits = pad[0] < p.kernel[0] && pad[1] < p.kernel[1];
    let windows = (own.window(inner).ok()?, p.window(outer).ok()?);
    let symmetric = pads.iter().all(|[before, after]| before == after);
    let same = match p.method {
        PoolMethod::Max => positive,
        // Caffe's average counts the padding, but not what lies beyond.
        PoolMethod::Average => {
            symmetric && !own.overhangs(inner).ok()? && !p.overhangs(outer).ok()?
        }
    };
    (fits && same && windows.0.output == windows.1.output).then_some(own)
}

/// Whether nothing that a layer gives is negative.
fn is_positive(op: &LayerOp) -> bool {
    match op {
        LayerOp::Relu(p) => p.negative_slope == 0.0,
        LayerOp::Relu6(p) => p.negative_slope == 0.0,
        LayerOp::Clip(p) => p.min >= 0.0,
        LayerOp::Sigmoid(_) | LayerOp::Softmax(_) | LayerOp::AbsVal(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use umodel::layers::{Input, Relu};

    use super::*;

    fn net(
        pads: [[i32; 2]; 2],
        relu: bool,
        last: impl Into<LayerOp>,
        weights: Vec<ArrayD<f32>>,
    ) -> Net {
        let input = Input { shapes: vec![vec![1, 2, 8, 8]], int8_scale: None };
        let first: LayerOp =
            if relu { Relu { negative_slope: 0.0 }.into() } else { umodel::layers::TanH.into() };
        let pad = Pad { pads: pads.to_vec(), mode: PadMode::Constant(0.0) };
        Net::from_specs(
            "net",
            vec![
                LayerSpec::new("x", input, &[], &["x"]),
                LayerSpec::new("first", first, &["x"], &["first"]),
                LayerSpec::new("pad", pad, &["first"], &["pad"]),
                LayerSpec::new("last", last, &["pad"], &["last"]).with_weights(weights),
            ],
        )
        .expect("a net")
    }

    fn convolution() -> Convolution {
        Convolution {
            num_output: 1,
            bias: false,
            kernel: [3, 3],
            stride: [2, 2],
            pad: [0, 0],
            dilation: [1, 1],
            group: 1,
        }
    }

    #[test]
    fn uneven_pads_become_zeros_of_the_kernel() {
        let weights = ArrayD::from_shape_fn(vec![1, 2, 3, 3], |at| (1 + at[2] * 3 + at[3]) as f32);
        let net = net([[0, 1], [2, 1]], false, convolution(), vec![weights]);
        let folded = fold_pads(&net, &[]).expect("a net");
        let layer = folded.layers().last().expect("a layer");
        let LayerOp::Convolution(p) = &layer.op else { panic!("{:?}", layer.op) };
        assert_eq!((p.kernel, p.pad), ([4, 4], [1, 2]));
        let plane: Vec<f32> = layer.weights[0].iter().take(16).copied().collect();
        let rows = [[0.0; 4], [1.0, 2.0, 3.0, 0.0], [4.0, 5.0, 6.0, 0.0], [7.0, 8.0, 9.0, 0.0]];
        assert_eq!(plane, rows.concat());
        let shape = |net: &Net| net.blobs().last().map(|blob| blob.shape.clone());
        assert_eq!((folded.layers().len(), shape(&folded)), (3, shape(&net)));
        assert_eq!(fold_pads(&net, &["pad"]).expect("a net").layers().len(), 4, "pad is kept");
    }

    #[test]
    fn poolings_only_where_values_stay() {
        let pooling = |method| Pooling {
            method,
            kernel: [3, 3],
            stride: [2, 2],
            pad: [0, 0],
            global: false,
            ceil: false,
        };
        for (method, relu, pads, expected) in [
            (PoolMethod::Max, true, [[1, 1], [1, 1]], 3),
            (PoolMethod::Max, false, [[1, 1], [1, 1]], 4),
            (PoolMethod::Average, false, [[1, 1], [1, 1]], 3),
            (PoolMethod::Average, false, [[0, 1], [0, 1]], 4),
        ] {
            let net = net(pads, relu, pooling(method), vec![]);
            let folded = fold_pads(&net, &[]).expect("a net");
            assert_eq!(folded.layers().len(), expected, "{method:?} {relu} {pads:?}");
        }
    }
}
