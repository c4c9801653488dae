//! What prototxts ask of thresholds: `th_strategy`, `threshold` and `th_scale` of layers.
//!
//! A layer asks for its tops. Layers that only pass a scale on, such as a max pooling, ask for the blob in front of them as
//! well: all these blobs have one threshold. A fixed one holds for all of them. Otherwise it is the largest of those that are
//! asked for, or that of the first blob if no layer asks.

use std::collections::{BTreeMap, HashMap, HashSet};

use umodel::layers::{Int8Form, ReduceOp};
use umodel::{LayerSpec, ThresholdStrategy, Thresholds};

use crate::error::Error;
use crate::histogram::Histogram;
use crate::scales::{joins, root, unite};
use crate::threshold::Method;

/// The least threshold: with it, the scale of an unsigned blob is still a normal number.
const LEAST: f32 = 256.0 * f32::MIN_POSITIVE;
/// The largest one: with it, no stored value stands for more than the largest number.
const MOST: f32 = f32::MAX / 2.0;

/// What a layer asks for one of its tops.
#[derive(Clone, Debug)]
struct Wish {
    layer: String,
    blob: String,
    thresholds: Thresholds,
}

/// What the layers of a net ask for their blobs.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// For each blob that has the scale of another one: that blob.
    fronts: HashMap<String, String>,
    /// What is asked for, by the blob whose scale it concerns.
    wishes: HashMap<String, Vec<Wish>>,
    /// The blobs whose scales somebody fixes, and those that share them.
    fixed: HashSet<String>,
}

impl Asked {
    /// Of the layers that are left after ReLUs were fused. `shared`: whether sums and Concats share scales with their
    /// bottoms.
    ///
    /// # Errors
    /// [`Error::TwoThresholds`] if layers fix two thresholds for blobs of one scale.
    pub(crate) fn of(specs: &[LayerSpec], shared: bool) -> Result<Self, Error> {
        let mut asked = Asked::default();
        let mut roots: BTreeMap<&str, &str> = BTreeMap::new();
        for spec in specs {
            let thresholds = spec.thresholds();
            let passed = passed(spec);
            for top in &spec.tops {
                if let Some(bottom) = passed {
                    unite(&mut roots, top, bottom);
                    let front = asked.front(bottom).to_owned();
                    asked.fronts.insert(top.clone(), front);
                }
                if !thresholds.is_default() {
                    let (layer, blob) = (spec.name.clone(), top.clone());
                    let front = asked.front(top).to_owned();
                    let wish = Wish { layer, blob, thresholds };
                    asked.wishes.entry(front).or_default().push(wish);
                }
            }
            if let Some(top) = spec.tops.first().filter(|_| shared && joins(spec)) {
                spec.bottoms.iter().for_each(|bottom| unite(&mut roots, top, bottom));
            }
        }
        let mut fixed: BTreeMap<&str, &Wish> = BTreeMap::new();
        let wishes =
            specs.iter().flat_map(|spec| &spec.tops).filter_map(|top| asked.wishes.get(top));
        for wish in wishes.flatten() {
            let Some(threshold) = wish.thresholds.fixed else { continue };
            let first = fixed.entry(root(&roots, &wish.blob)).or_insert(wish);
            if first.thresholds.fixed != Some(threshold) {
                let [first, second] = [*first, wish].map(|wish| crate::error::FixedThreshold {
                    layer: wish.layer.clone(),
                    blob: wish.blob.clone(),
                    threshold: wish.thresholds.fixed.unwrap_or(threshold),
                });
                return Err(Error::TwoThresholds { first, second });
            }
        }
        let members = specs.iter().flat_map(|spec| &spec.tops);
        let members = members.filter(|top| fixed.contains_key(root(&roots, top)));
        let members: HashSet<String> = members.cloned().collect();
        asked.fixed = members;
        Ok(asked)
    }

    /// The blob whose scale a blob has.
    fn front<'a>(&'a self, blob: &'a str) -> &'a str {
        self.fronts.get(blob).map_or(blob, String::as_str)
    }

    fn wishes(&self, blob: &str) -> &[Wish] {
        self.wishes.get(self.front(blob)).map_or(&[], Vec::as_slice)
    }

    /// Whether a layer asks for anything that concerns the blob's scale.
    pub(crate) fn any(&self, blob: &str) -> bool {
        self.fixed.contains(blob) || !self.wishes(blob).is_empty()
    }

    /// Whether somebody fixes the blob's scale, or one that it shares.
    pub(crate) fn is_fixed(&self, blob: &str) -> bool {
        self.fixed.contains(blob)
    }

    /// The threshold that somebody fixes for the blob itself.
    pub(crate) fn fixed(&self, blob: &str) -> Option<f32> {
        let fixed = self.wishes(blob).iter().find_map(|wish| wish.thresholds.fixed);
        fixed.map(|threshold| threshold.clamp(LEAST, MOST))
    }

    /// What multiplies the thresholds that are found for a blob; the largest if there are several.
    pub(crate) fn scale(&self, blob: &str) -> f32 {
        let scales = self.wishes(blob).iter().map(|wish| wish.thresholds.scale);
        scales.reduce(f32::max).unwrap_or(1.0)
    }

    /// The threshold of a blob for a number of integer steps. `method` finds it where no other way is asked for, `chosen` is
    /// that of the whole net.
    pub(crate) fn threshold<'a>(
        &self,
        blob: &str,
        [method, chosen]: [Method; 2],
        steps: usize,
        histogram: impl Fn(&str) -> Option<&'a Histogram>,
    ) -> f32 {
        if let Some(threshold) = self.fixed(blob) {
            return threshold;
        }
        let found = |blob: &str, method: Method| {
            histogram(blob).map_or(1.0, |histogram| method.threshold(histogram, steps))
        };
        let wished = self.wishes(blob).iter().map(|wish| {
            let method = match wish.thresholds.strategy {
                ThresholdStrategy::Default => method,
                ThresholdStrategy::Kl => chosen.entropy(),
                ThresholdStrategy::Max => Method::Max,
            };
            (found(&wish.blob, method) * wish.thresholds.scale).clamp(LEAST, MOST)
        });
        wished.reduce(f32::max).unwrap_or_else(|| found(blob, method))
    }
}

/// The bottom whose scale all tops of a layer have, if it has such an int8 form.
fn passed(spec: &LayerSpec) -> Option<&String> {
    let passes = match spec.op.int8_form() {
        Int8Form::Same
        | Int8Form::Cut
        | Int8Form::Clip { .. }
        | Int8Form::LeakyRelu { .. }
        | Int8Form::Prelu
        | Int8Form::Interpolate(_) => true,
        Int8Form::Reduce(reduce) => matches!(reduce.operation, ReduceOp::Max | ReduceOp::Min),
        _ => false,
    };
    let mut read = spec.bottoms.iter().enumerate().filter(|(at, _)| spec.op.reads_values(*at));
    read.next().filter(|_| passes).map(|(_, bottom)| bottom)
}

#[cfg(test)]
mod tests {
    use umodel::{Net, NetParameter, NoSources, Phase};

    use super::*;

    const INPUT: &str =
        "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2, 8, 8] } } }";

    fn specs(layers: &str) -> Vec<LayerSpec> {
        let model = NetParameter::parse_text(&format!("{INPUT}{layers}")).expect("a prototxt");
        Net::new(&model, None, Phase::Test, &NoSources).expect("a net").specs()
    }

    fn asked(layers: &str, shared: bool) -> Result<Asked, Error> {
        Asked::of(&specs(layers), shared)
    }

    fn histogram(values: &[f32]) -> Histogram {
        let mut histogram = Histogram::default();
        histogram.add(values);
        histogram
    }

    fn convolution(name: &str, bottom: &str, more: &str) -> String {
        format!(
            "layer {{ name: '{name}' type: 'Convolution' bottom: '{bottom}' top: '{name}' \
             convolution_param {{ num_output: 2 kernel_size: 1 }} {more} }}"
        )
    }

    /// Exact: what a layer asks holds for the blobs that have its scale, in front of it and behind it, and for no others.
    #[test]
    fn moving_layers_ask_for_the_blob_in_front() {
        let pool = "layer { name: 'p' type: 'Pooling' bottom: 'c' top: 'p' pooling_param { kernel_size: 2 } threshold: 3 }
                    layer { name: 'f' type: 'Flatten' bottom: 'p' top: 'f' }";
        let asked = asked(&(convolution("c", "x", "") + pool), true).expect("one");
        for blob in ["c", "p", "f"] {
            assert_eq!((asked.fixed(blob), asked.is_fixed(blob)), (Some(3.0), true), "{blob}");
        }
        assert!(!asked.any("x"));
    }

    /// Exact: strategies, factors, and the largest of several; those of entropy only if the net's method is another one.
    #[test]
    fn thresholds_are_found_as_asked() {
        let values: Vec<f32> =
            (0..5000).map(|i| (i as f32 * 0.618).fract().powi(4) * 8.0).collect();
        let counts = histogram(&values);
        let found = |layers: &str, chosen: Method| {
            let asked = asked(layers, true).expect("fits");
            asked.threshold("c", [chosen; 2], 127, |_| Some(&counts))
        };
        let of = |method: Method| method.threshold(&counts, 127);
        let one = |more: &str| convolution("c", "x", more);
        assert_eq!(found(&one(""), Method::Mse), of(Method::Mse));
        assert_eq!(found(&one("th_strategy: USE_DEFAULT"), Method::Mse), of(Method::Mse));
        assert_eq!(found(&one("th_strategy: USE_MAX"), Method::Mse), of(Method::Max));
        assert_eq!(found(&one("th_strategy: USE_KL"), Method::Mse), of(Method::Kl));
        for entropy in [Method::Kl, Method::SymmetricKl, Method::JensenShannon] {
            assert_eq!(found(&one("th_strategy: USE_KL"), entropy), of(entropy));
        }
        assert_eq!(found(&one("th_scale: 0.5"), Method::Max), of(Method::Max) * 0.5);
        let both = "th_strategy: USE_MAX th_scale: 2 threshold: 7";
        assert_eq!(found(&one(both), Method::Mse), 7.0, "fixed, and not multiplied");
        let two = one("th_scale: 0.5")
            + "layer { name: 'p' type: 'Pooling' bottom: 'c' top: 'p' th_scale: 0.75
            pooling_param { kernel_size: 2 } }";
        assert_eq!(found(&two, Method::Max), of(Method::Max) * 0.75, "the largest");
        for (extreme, expected) in [("1e-45", LEAST), ("3.4e38", MOST), ("1e-30", 1e-30)] {
            let threshold = found(&one(&format!("threshold: {extreme}")), Method::Max);
            assert_eq!(threshold, expected);
            assert!((threshold / 255.0).is_normal() && (threshold / 127.0 * 128.0).is_finite());
        }
    }

    /// Exact: two thresholds for one scale name both layers and both blobs; the same one twice is no mistake, and sums need
    /// not share a scale.
    #[test]
    fn two_thresholds_of_one_scale_are_an_error() {
        let sum = "layer { name: 's' type: 'Eltwise' bottom: 'c' bottom: 'd' top: 's' }";
        let net = |c: &str, d: &str| convolution("c", "x", c) + &convolution("d", "x", d) + sum;
        let two = net("threshold: 1", "threshold: 2.5");
        let error = asked(&two, true).expect_err("two").to_string();
        assert_eq!(
            error,
            "layer \"c\" has threshold: 1 for blob \"c\" and layer \"d\" has threshold: 2.5 for blob \"d\", but these blobs \
             share one scale: give both the same threshold, or only one of them"
        );
        asked(&two, false).expect("two scales");
        let same = asked(&net("threshold: 2", "threshold: 2"), true).expect("the same");
        assert!(
            ["c", "d", "s"].iter().all(|blob| same.is_fixed(blob)) && same.fixed("s").is_none()
        );
        let pool = "layer { name: 'p' type: 'Pooling' bottom: 'c' top: 'p' pooling_param { kernel_size: 2 } threshold: 3 }";
        let error = asked(&(convolution("c", "x", "threshold: 4") + pool), false).expect_err("two");
        assert!(
            error.to_string().contains("layer \"p\" has threshold: 3 for blob \"p\""),
            "{error}"
        );
    }
}
