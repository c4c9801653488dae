use detection::precision::ssd::Detections;
use ndarray::{ArrayD, ArrayViewD};
use uframework::{Capture, Executor, Value, Workspace, extract, for_each_result};
use umodel::layers::Role;
use umodel::{BlobId, LayerOp, Net, Shape};

use crate::error::Error;

/// The mean of one blob over a test, element by element.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputMean {
    /// The blob's name.
    pub name: String,
    /// What each unit of the blob's values adds to the net's loss: see [`umodel::Layer::loss_weight`].
    pub loss_weight: f32,
    /// The blob's shape; empty for a scalar.
    pub shape: Shape,
    /// Its elements' means, in the order of the blob's. None for [`OutputMean::detections`], and for a blob of another
    /// length in each batch, whose elements do not belong together.
    pub values: Vec<f32>,
    /// What a DetectionEvaluate layer said of the boxes that were found.
    pub detections: Option<Detections>,
}

impl OutputMean {
    /// What the blob adds to the net's loss: the sum of its values, weighted.
    pub fn loss(&self) -> f32 {
        self.values.iter().map(|value| value * self.loss_weight).sum()
    }
}

/// Runs a net over its Data layers and averages its outputs, as `caffe test` does, and every other blob that
/// adds to its loss.
///
/// The outputs of an iteration are added to the sums as soon as those of all iterations before it have been, and
/// then dropped, so that memory does not grow with the iterations and results do not depend on threads.
///
/// # Errors
/// [`Error::NoIterations`]; [`Error::Execution`].
pub fn evaluate(
    executor: &Executor,
    iterations: usize,
    progress: impl Fn(usize) + Sync,
) -> Result<Vec<OutputMean>, Error> {
    evaluate_each(executor, iterations, |_| Ok(()), progress)
}

/// [`evaluate`], and each iteration's outputs go to `each` in the iterations' order: name and values of every blob
/// whose mean is told.
///
/// # Errors
/// As [`evaluate`]; the first error of `each`.
pub fn evaluate_each(
    executor: &Executor,
    iterations: usize,
    mut each: impl FnMut(&[(&str, ArrayD<f32>)]) -> Result<(), uframework::Error> + Send,
    progress: impl Fn(usize) + Sync,
) -> Result<Vec<OutputMean>, Error> {
    if iterations == 0 {
        return Err(Error::NoIterations);
    }
    let net = executor.net();
    let counts = |&id: &BlobId| net.consumers(id).is_empty() || net.loss_weight(id) != 0.0;
    let wanted: Vec<BlobId> = net.blob_ids().filter(counts).collect();
    let mut sums: Vec<Sum> = wanted.iter().map(|&id| Sum::of(net, id)).collect();
    let add = |values: Vec<ArrayD<f32>>| {
        sums.iter_mut().zip(&values).for_each(|(sum, values)| sum.add(values));
        let names = wanted.iter().map(|&id| net.blob(id).name.as_str());
        each(&names.zip(values).collect::<Vec<_>>())
    };
    extract(executor, iterations, &wanted, add, progress)?;
    let mean = |(&id, sum): (&BlobId, Sum)| {
        let (values, detections) = match sum {
            Sum::Values { sums, .. } => {
                let mean = |sum: &f64| nearest_f32(sum / iterations as f64);
                (sums.iter().map(mean).collect(), None)
            }
            Sum::Detections(detections) => (Vec::new(), Some(detections)),
            Sum::Varies => (Vec::new(), None),
        };
        OutputMean {
            name: net.blob(id).name.clone(),
            loss_weight: net.loss_weight(id),
            shape: net.blob(id).shape.clone(),
            values,
            detections,
        }
    };
    Ok(wanted.iter().zip(sums).map(mean).collect())
}

/// What is kept of one blob from iteration to iteration.
enum Sum {
    /// The sum of each element.
    Values {
        shape: Shape,
        sums: Vec<f64>,
    },
    Detections(Detections),
    /// The lengths of two batches differ, so that elements do not belong together.
    Varies,
}

impl Sum {
    fn of(net: &Net, id: BlobId) -> Self {
        match &net.layers()[net.producer(id)].op {
            LayerOp::DetectionEvaluate(_) => Sum::Detections(Detections::default()),
            _ => Sum::Values { shape: Shape::new(), sums: Vec::new() },
        }
    }

    fn add(&mut self, values: &ArrayD<f32>) {
        match self {
            Sum::Values { shape, sums } => {
                if sums.is_empty() {
                    *shape = values.shape().to_vec();
                    sums.resize(values.len(), 0.0);
                }
                if shape != values.shape() {
                    *self = Sum::Varies;
                    return;
                }
                sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f64::from(value));
            }
            Sum::Detections(detections) => {
                let values = values.as_slice().unwrap_or_default();
                let (rows, _) = values.as_chunks::<5>();
                detections.add(rows.iter().copied());
            }
            Sum::Varies => {}
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest value is meant")]
fn nearest_f32(value: f64) -> f32 {
    value as f32
}

/// How near the int8 net's values of one blob are to the fp32 net's.
#[derive(Clone, Debug, PartialEq)]
pub struct Similarity {
    /// The blob's name in both nets.
    pub name: String,
    /// Cosine of the angle between the two, the worst of all iterations.
    pub worst_cosine: f64,
    /// The mean over all iterations.
    pub mean_cosine: f64,
    /// For an output of one value for each class: the share of pictures whose best class is the same in both nets.
    /// Such an output comes from a Softmax, or is the only one of several values.
    pub same_best: Option<f64>,
}

/// Runs both nets over their Data layers and compares the blobs that have the same name in both;
/// blobs of a single value are left out.
///
/// # Errors
/// [`Error::NoIterations`]; [`Error::Execution`].
pub fn similarity(
    float: &Executor,
    quantized: &Executor,
    iterations: usize,
    progress: impl Fn(usize) + Sync,
) -> Result<Vec<Similarity>, Error> {
    similarity_each(float, quantized, iterations, |_| Ok(()), progress)
}

/// A blob of both nets.
type Pair = (ArrayD<f32>, ArrayD<f32>);

/// The outputs of both nets in one iteration: name, fp32 and int8.
pub type OutputPair<'a> = (&'a str, ArrayD<f32>, ArrayD<f32>);

/// [`similarity`], and each iteration's outputs that both nets have go to `each` in the iterations' order.
///
/// # Errors
/// As [`similarity`]; the first error of `each`.
pub fn similarity_each(
    float: &Executor,
    quantized: &Executor,
    iterations: usize,
    mut each: impl FnMut(&[OutputPair<'_>]) -> Result<(), uframework::Error> + Send,
    progress: impl Fn(usize) + Sync,
) -> Result<Vec<Similarity>, Error> {
    let mut names = Vec::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for layer in float.net().layers() {
        for &id in &layer.tops {
            let blob = float.net().blob(id);
            let several = blob.shape.iter().product::<usize>() > 1 && !layer.bottoms.is_empty();
            if let Some(other) = quantized.net().blob_id(&blob.name).filter(|_| several) {
                names.push(blob.name.clone());
                ours.push(id);
                theirs.push(other);
            }
        }
    }
    if iterations == 0 {
        return Err(Error::NoIterations);
    }
    // What goes to `each` is captured behind what is compared.
    let outputs = float.net().outputs();
    let both = |&id: &BlobId| {
        let name = float.net().blob(id).name.as_str();
        quantized.net().blob_id(name).map(|other| (name, id, other))
    };
    let pairs: Vec<(&str, BlobId, BlobId)> = outputs.iter().filter_map(both).collect();
    let wanted = |own: &[BlobId], of: fn(&(&str, BlobId, BlobId)) -> BlobId| -> Vec<BlobId> {
        own.iter().copied().chain(pairs.iter().map(of)).collect()
    };
    let (all_ours, all_theirs) = (wanted(&ours, |pair| pair.1), wanted(&theirs, |pair| pair.2));
    let run = |workspace: &mut Workspace, sources: Vec<(BlobId, Value)>| {
        let mut capture = Capture::new(float, &all_ours);
        let renamed = sources.iter().map(|(id, value)| {
            let name = &float.net().blob(*id).name;
            quantized.net().blob_id(name).map(|id| (id, value.clone()))
        });
        let other_sources: Vec<_> = renamed.flatten().collect();
        float.forward(workspace, sources, &mut capture)?;
        let mut other = Capture::new(quantized, &all_theirs);
        quantized.forward(workspace, other_sources, &mut other)?;
        let values = capture.values.iter().zip(&other.values).take(ours.len());
        let compared: Vec<_> = values.map(|(a, b)| (cosine(a, b), same_best(a, b))).collect();
        let [ours, theirs] = [capture.values, other.values].map(|mut values| {
            let outputs = values.split_off(compared.len());
            outputs.into_iter()
        });
        Ok((compared, ours.zip(theirs).collect::<Vec<_>>()))
    };
    let mut runs = Vec::with_capacity(iterations);
    let sink = |(compared, values): (Vec<_>, Vec<Pair>)| {
        runs.push(compared);
        let named = pairs.iter().zip(values).map(|(&(name, ..), (a, b))| (name, a, b));
        each(&named.collect::<Vec<_>>())
    };
    for_each_result(float, iterations, run, sink, progress)?;
    let summary = |(index, name): (usize, String)| {
        let cosines = runs.iter().map(|run| run[index].0);
        let same = runs.iter().map(|run| run[index].1).sum::<Option<f64>>();
        Similarity {
            name,
            worst_cosine: cosines.clone().fold(1.0, f64::min),
            mean_cosine: cosines.sum::<f64>() / iterations as f64,
            same_best: same
                .filter(|_| outputs.contains(&ours[index]) && scores(float.net(), ours[index]))
                .map(|sum| sum / iterations as f64),
        }
    };
    Ok(names.into_iter().enumerate().map(summary).collect())
}

/// Whether an output has scores of classes: what a Softmax over axis 1 makes, or one value for each class as the
/// net's only output of more than one value. Heads of detectors are several outputs, or maps that were flattened.
fn scores(net: &Net, output: BlobId) -> bool {
    let is_map = |shape: &[usize]| shape.get(2..).unwrap_or_default().iter().any(|&side| side != 1);
    let mut blob = output;
    loop {
        if is_map(&net.blob(blob).shape) {
            return false;
        }
        let layer = &net.layers()[net.producer(blob)];
        match (&layer.op, layer.op.role(), layer.bottoms.as_slice()) {
            (LayerOp::Softmax(softmax), ..) => {
                let last = i32::try_from(net.blob(blob).shape.len()).unwrap_or(i32::MAX) - 1;
                return softmax.axis == 1 || (softmax.axis == -1 && last == 1);
            }
            (_, Role::Reshapes | Role::Identity | Role::Split, &[bottom]) => blob = bottom,
            _ => break,
        }
    }
    let several = |id: &BlobId| net.blob(*id).shape.iter().skip(1).product::<usize>() > 1;
    net.outputs().into_iter().filter(several).eq([output])
}

/// Cosine of the angle between two blobs; 1 if both are zero, 0 if one is. Blobs of different lengths, such as the
/// boxes that two nets find, have no angle: 0.
pub(crate) fn cosine(a: &ArrayD<f32>, b: &ArrayD<f32>) -> f64 {
    let dot = |x: &ArrayD<f32>, y: &ArrayD<f32>| -> f64 {
        x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
    };
    if a.shape() != b.shape() {
        return 0.0;
    }
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 {
        dot(a, b) / lengths
    } else if dot(a, a) == dot(b, b) {
        1.0
    } else {
        0.0
    }
}

/// The share of a batch's pictures whose largest value is at the same place; `None` for blobs that are not one row
/// for each picture.
pub(crate) fn same_best(a: &ArrayD<f32>, b: &ArrayD<f32>) -> Option<f64> {
    let [pictures, classes, ref window @ ..] = *a.shape() else { return None };
    if pictures == 0
        || classes < 2
        || window.iter().any(|&side| side != 1)
        || a.shape() != b.shape()
    {
        return None;
    }
    let best = |row: ArrayViewD<'_, f32>| {
        row.iter().enumerate().max_by(|x, y| x.1.total_cmp(y.1)).map(|(class, _)| class)
    };
    let rows = a.outer_iter().zip(b.outer_iter());
    Some(rows.filter(|(a, b)| best(a.view()) == best(b.view())).count() as f64 / pictures as f64)
}

#[cfg(test)]
mod tests {
    use ndarray::{arr1, arr2};

    use super::*;

    #[test]
    fn cosines() {
        let of = |a: &[f32], b: &[f32]| cosine(&arr1(a).into_dyn(), &arr1(b).into_dyn());
        assert_eq!(of(&[1.0, 2.0], &[2.0, 4.0]), 1.0);
        assert_eq!(of(&[1.0, 0.0], &[0.0, 3.0]), 0.0);
        assert_eq!(of(&[1.0], &[-1.0]), -1.0);
        assert_eq!((of(&[0.0], &[0.0]), of(&[0.0], &[1.0])), (1.0, 0.0));
    }

    /// Heads of a detector have no best class.
    #[test]
    fn outputs_that_are_scores_of_classes() {
        let head =
            "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [2, 4, 1, 1] } } }
                    layer { name: 'c' type: 'InnerProduct' bottom: 'x' top: 'c'
                            inner_product_param { num_output: 3 } }\n";
        let boxes = "layer { name: 'b' type: 'InnerProduct' bottom: 'x' top: 'b'
                             inner_product_param { num_output: 8 } }\n";
        let softmax = "layer { name: 'p' type: 'Softmax' bottom: 'c' top: 'p' }\n";
        let map =
            "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2, 4, 4] } } }
                   layer { name: 'f' type: 'Flatten' bottom: 'x' top: 'f' }\n";
        for (text, expected) in [
            (head.to_owned(), &["c"][..]),
            (head.to_owned() + softmax, &["p"]),
            (head.to_owned() + boxes, &[]),
            (head.to_owned() + softmax + boxes, &["p"]),
            (map.to_owned(), &[]),
        ] {
            let model = umodel::NetParameter::parse_text(&text).expect("a prototxt");
            let net =
                Net::new(&model, None, umodel::Phase::Test, &umodel::NoSources).expect("a net");
            let outputs = net.outputs().into_iter().filter(|&id| scores(&net, id));
            let names: Vec<&str> = outputs.map(|id| net.blob(id).name.as_str()).collect();
            assert_eq!(names, expected, "{text}");
        }
    }

    #[test]
    fn best_classes() {
        let a = arr2(&[[1.0, 2.0, 0.0], [5.0, -1.0, 3.0]]).into_dyn();
        let b = arr2(&[[0.1, 0.2, 0.1], [2.0, 0.0, 4.0]]).into_dyn();
        assert_eq!((same_best(&a, &b), same_best(&a, &a)), (Some(0.5), Some(1.0)));
        let map = ArrayD::zeros(vec![1, 2, 3, 1]);
        assert_eq!(
            (same_best(&map, &map), same_best(&arr1(&[1.0, 2.0]).into_dyn(), &b)),
            (None, None)
        );
    }
}
