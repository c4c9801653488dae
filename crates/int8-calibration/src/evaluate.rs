use ndarray::{ArrayD, ArrayViewD};
use uframework::{Capture, Executor, iterate};

use crate::error::Error;

/// The mean of one output blob over a test, element by element.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputMean {
    /// The blob's name.
    pub name: String,
    /// What the blob adds to the net's loss, per unit: 1 for a loss layer's first top, else 0.
    pub loss_weight: f32,
    /// Its elements' means.
    pub values: Vec<f32>,
}

/// Runs a net over its Data layers and averages its outputs, as `caffe test` does.
///
/// # Errors
/// [`Error::NoIterations`]; [`Error::Execution`].
pub fn evaluate(
    executor: &Executor,
    iterations: usize,
    progress: impl Fn(usize) + Sync,
) -> Result<Vec<OutputMean>, Error> {
    let net = executor.net();
    let outputs = net.outputs();
    let runs = outputs_of(executor, &outputs, iterations, progress)?;
    let mean = |(index, &id): (usize, &umodel::BlobId)| {
        let mut sums = vec![0.0f64; net.blob(id).shape.iter().product()];
        for run in &runs {
            sums.iter_mut().zip(&run[index]).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        let producer = &net.layers()[net.producer(id)];
        let loss = matches!(producer.op, umodel::LayerOp::SoftmaxWithLoss(_));
        OutputMean {
            name: net.blob(id).name.clone(),
            loss_weight: if loss && producer.tops.first() == Some(&id) { 1.0 } else { 0.0 },
            values: sums.iter().map(|sum| (sum / iterations as f64) as f32).collect(),
        }
    };
    Ok(outputs.iter().enumerate().map(mean).collect())
}

/// The blobs' real values for each iteration, in the iterations' order.
fn outputs_of(
    executor: &Executor,
    wanted: &[umodel::BlobId],
    iterations: usize,
    progress: impl Fn(usize) + Sync,
) -> Result<Vec<Vec<ArrayD<f32>>>, Error> {
    if iterations == 0 {
        return Err(Error::NoIterations);
    }
    let run = |workspace: &mut uframework::Workspace, sources| {
        let mut capture = Capture::new(executor, wanted);
        executor.forward(workspace, sources, &mut capture)?;
        Ok(capture.values)
    };
    Ok(iterate(executor, iterations, run, progress)?)
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
    let run = |workspace: &mut uframework::Workspace, sources: Vec<_>| {
        let mut capture = Capture::new(float, &ours);
        let renamed = sources.iter().map(|(id, value): &(umodel::BlobId, uframework::Value)| {
            let name = &float.net().blob(*id).name;
            quantized.net().blob_id(name).map(|id| (id, value.clone()))
        });
        let other_sources: Vec<_> = renamed.flatten().collect();
        float.forward(workspace, sources, &mut capture)?;
        let mut other = Capture::new(quantized, &theirs);
        quantized.forward(workspace, other_sources, &mut other)?;
        let values = capture.values.iter().zip(&other.values);
        Ok(values.map(|(a, b)| (cosine(a, b), same_best(a, b))).collect::<Vec<_>>())
    };
    let runs = iterate(float, iterations, run, progress)?;
    let outputs = float.net().outputs();
    let summary = |(index, name): (usize, String)| {
        let cosines = runs.iter().map(|run| run[index].0);
        let same = runs.iter().map(|run| run[index].1).sum::<Option<f64>>();
        Similarity {
            name,
            worst_cosine: cosines.clone().fold(1.0, f64::min),
            mean_cosine: cosines.sum::<f64>() / iterations as f64,
            same_best: same
                .filter(|_| outputs.contains(&ours[index]))
                .map(|sum| sum / iterations as f64),
        }
    };
    Ok(names.into_iter().enumerate().map(summary).collect())
}

/// Cosine of the angle between two blobs; 1 if both are zero, 0 if one is.
fn cosine(a: &ArrayD<f32>, b: &ArrayD<f32>) -> f64 {
    let dot = |x: &ArrayD<f32>, y: &ArrayD<f32>| -> f64 {
        x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
    };
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
fn same_best(a: &ArrayD<f32>, b: &ArrayD<f32>) -> Option<f64> {
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
