//! Blobs that share a scale.
//!
//! Eltwise SUM and MAX and Concat bring each bottom to the top's scale, and round where the two differ. A bottom that has
//! the top's scale already passes unchanged. Nothing is lost by storing it so: it would be rounded to these steps anyway.

use std::collections::{BTreeMap, HashMap};

use umodel::LayerSpec;
use umodel::layers::Int8Form;

/// A bottom that other layers read, too, keeps a scale of its own if that is smaller than this part of the shared one.
const LEAST_SHARE: f32 = 0.5;

/// For each blob that shares a scale the blobs that it shares it with.
#[derive(Debug, Default)]
pub(crate) struct SharedScales {
    /// Each blob with the scale that it would have alone.
    groups: Vec<Vec<(String, f32)>>,
    /// For each group the scale that somebody fixes for it.
    fixed: Vec<Option<f32>>,
    group_of: HashMap<String, usize>,
}

impl SharedScales {
    /// Of the layers of a net. `scale` tells the scale that each blob would have alone, and whether that is fixed.
    pub(crate) fn of(specs: &[LayerSpec], scale: impl Fn(&str) -> (f32, bool)) -> SharedScales {
        let mut readers: HashMap<&str, usize> = HashMap::new();
        for bottom in specs.iter().flat_map(|spec| &spec.bottoms) {
            *readers.entry(bottom).or_default() += 1;
        }
        // By blob, the one that stands for its group: of those, the scales.
        let mut roots: BTreeMap<&str, &str> = BTreeMap::new();
        for spec in specs.iter().filter(|spec| joins(spec)) {
            for blob in spec.tops.iter().chain(&spec.bottoms) {
                roots.entry(blob).or_insert(blob);
            }
            let Some(top) = spec.tops.first() else { continue };
            for bottom in &spec.bottoms {
                unite(&mut roots, top, bottom);
            }
        }
        let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for &blob in roots.keys() {
            members.entry(root(&roots, blob)).or_default().push(blob);
        }
        let mut shared = SharedScales::default();
        for blobs in members.into_values() {
            let fixed = blobs.iter().map(|blob| scale(blob)).filter(|(_, fixed)| *fixed);
            let fixed = fixed.map(|(scale, _)| scale).reduce(f32::max);
            let most = blobs.iter().map(|blob| scale(blob).0).fold(0.0, f32::max);
            let most = fixed.unwrap_or(most);
            let keeps = |blob: &&&str| {
                let (scale, fixed) = scale(blob);
                let others = readers.get(**blob).is_some_and(|&readers| readers > 1);
                others && !fixed && scale < LEAST_SHARE * most
            };
            let group: Vec<(String, f32)> = blobs
                .iter()
                .filter(|blob| !keeps(blob))
                .map(|&blob| (blob.to_owned(), scale(blob).0))
                .collect();
            let index = shared.groups.len();
            shared.fixed.push(fixed);
            shared.group_of.extend(group.iter().map(|(blob, _)| (blob.clone(), index)));
            shared.groups.push(group);
        }
        shared
    }

    /// The scale that somebody fixes for this blob or for one that shares its scale.
    pub(crate) fn fixed(&self, blob: &str) -> Option<f32> {
        *self.fixed.get(*self.group_of.get(blob)?)?
    }

    /// The blobs that share a scale with this one and the scales that they would have alone.
    pub(crate) fn others<'a>(&'a self, blob: &'a str) -> impl Iterator<Item = (&'a str, f32)> {
        let group = self.group_of.get(blob).map_or(&[][..], |&group| &self.groups[group]);
        group
            .iter()
            .map(|(other, scale)| (other.as_str(), *scale))
            .filter(move |(other, _)| *other != blob)
    }
}

/// Whether a layer's bottoms pass unchanged if they have the top's scale.
pub(crate) fn joins(spec: &LayerSpec) -> bool {
    match spec.op.int8_form() {
        Int8Form::Sum(coefficients) => coefficients.iter().all(|by| by.abs() == 1.0),
        Int8Form::Max | Int8Form::Concat => true,
        _ => false,
    }
}

/// Puts two blobs into one group.
pub(crate) fn unite<'a>(roots: &mut BTreeMap<&'a str, &'a str>, one: &'a str, other: &'a str) {
    let (one, other) = (root(roots, one), root(roots, other));
    let (first, second) = (one.min(other), one.max(other));
    roots.insert(second, first);
}

/// The blob that stands for all those of a blob's group.
pub(crate) fn root<'a>(roots: &BTreeMap<&'a str, &'a str>, mut blob: &'a str) -> &'a str {
    while let Some(&next) = roots.get(blob).filter(|&&next| next != blob) {
        blob = next;
    }
    blob
}

#[cfg(test)]
mod tests {
    use umodel::{Net, NetParameter, NoSources, Phase};

    use super::*;

    /// Exact: sums and their bottoms share a scale; a trunk that is small and read by others keeps its own.
    #[test]
    fn sums_share_a_scale_with_their_bottoms() {
        let net = "
            layer { name: 'data' type: 'Input' top: 'data' input_param { shape { dim: 1 dim: 2 dim: 4 dim: 4 } } }
            layer { name: 'a' type: 'ReLU' bottom: 'data' top: 'a' }
            layer { name: 'b' type: 'ReLU' bottom: 'a' top: 'b' }
            layer { name: 's' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 's' }
            layer { name: 'c' type: 'ReLU' bottom: 's' top: 'c' }
            layer { name: 't' type: 'Eltwise' bottom: 's' bottom: 'c' top: 't' }
            layer { name: 'd' type: 'ReLU' bottom: 't' top: 'd' }
            layer { name: 'u' type: 'Eltwise' bottom: 't' bottom: 'd' top: 'u' eltwise_param { coeff: 0.5 coeff: 1 } }";
        let model = NetParameter::parse_text(net).expect("a prototxt");
        let net = Net::new(&model, None, Phase::Test, &NoSources).expect("a net");
        let scale = |blob: &str| (if blob == "a" || blob == "b" { 0.1 } else { 1.0 }, false);
        let shared = SharedScales::of(&net.specs(), scale);
        let others = |blob: &'static str| shared.others(blob).collect::<Vec<_>>();
        assert_eq!(others("s"), [("b", 0.1), ("c", 1.0), ("t", 1.0)]);
        assert_eq!(others("b"), [("c", 1.0), ("s", 1.0), ("t", 1.0)]);
        for alone in ["a", "d", "u", "data"] {
            assert!(others(alone).is_empty(), "{alone}");
        }
        // A fixed scale is that of the group, and its blob does not leave it.
        let fixed = |blob: &str| if blob == "a" { (0.1, true) } else { (0.3, false) };
        let shared = SharedScales::of(&net.specs(), fixed);
        assert_eq!(
            [shared.fixed("s"), shared.fixed("a"), shared.fixed("d")],
            [Some(0.1), Some(0.1), None]
        );
    }
}
