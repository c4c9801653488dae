//! Layers that somebody wants in fp32, by patterns over their names.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use umodel::layers::Role;
use umodel::{Net, nearest};

use crate::error::Error;
use crate::float::FloatReason;

/// Which part of a net around a layer is kept in fp32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keep {
    /// The layer and all that its values are made of: preprocessing.
    Inputs,
    /// The layer and all that is made of its values: postprocessing.
    Outputs,
    /// The layer and what follows it, up to the next layer that multiplies by weights.
    Blocks,
}

impl Keep {
    /// The flag of `calibration_use_pb`.
    pub fn flag(self) -> &'static str {
        match self {
            Keep::Inputs => "-fpfwd_inputs",
            Keep::Outputs => "-fpfwd_outputs",
            Keep::Blocks => "-fpfwd_blocks",
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.flag())
    }
}

/// Patterns over the names of layers, and what each keeps in fp32.
pub(crate) type Patterns = [(Keep, String)];

/// The layers of a prepared net that are kept in fp32, and why. Names are those of the net as it was given.
///
/// # Errors
/// [`Error::UnknownLayer`] for a pattern that no layer of `net` has.
pub(crate) fn layers(
    patterns: &Patterns,
    net: &Net,
    prepared: &Net,
) -> Result<HashMap<String, FloatReason>, Error> {
    let mut kept = HashMap::new();
    for (keep, pattern) in patterns {
        for index in matches(*keep, pattern, net)? {
            let layer = &net.layers()[index].name;
            for index in part(net, index, *keep) {
                if let Some(name) = survivor(net, prepared, index) {
                    let reason = FloatReason::Kept { by: *keep, layer: layer.clone() };
                    kept.entry(name).or_insert(reason);
                }
            }
        }
    }
    // Layers that were split have new names in front of which the old one stands.
    let mut originals: BTreeMap<&str, usize> = BTreeMap::new();
    originals
        .extend(net.layers().iter().enumerate().map(|(index, layer)| (layer.name.as_str(), index)));
    for layer in prepared.layers() {
        if originals.contains_key(layer.name.as_str()) {
            continue;
        }
        let cuts = layer.name.rmatch_indices('_').map(|(cut, _)| &layer.name[..cut]);
        let reason =
            cuts.filter(|name| originals.contains_key(name)).find_map(|name| kept.get(name));
        if let Some(reason) = reason.cloned() {
            kept.insert(layer.name.clone(), reason);
        }
    }
    Ok(kept)
}

/// The layers whose name a pattern describes.
fn matches(keep: Keep, pattern: &str, net: &Net) -> Result<Vec<usize>, Error> {
    // A name with brackets or stars means itself.
    if let Some(index) = net.layer_index(pattern) {
        return Ok(vec![index]);
    }
    let glob: Vec<char> = pattern.chars().collect();
    let layers = net.layers().iter().enumerate();
    let found = layers.filter(|(_, layer)| describes(&glob, &layer.name)).map(|(index, _)| index);
    let found: Vec<usize> = found.collect();
    if found.is_empty() {
        let names = net.layers().iter().map(|layer| layer.name.as_str());
        let nearest = nearest(pattern, names);
        return Err(Error::UnknownLayer { keep, pattern: pattern.to_owned(), nearest });
    }
    Ok(found)
}

/// The layers that are kept with a layer, itself first.
fn part(net: &Net, start: usize, keep: Keep) -> Vec<usize> {
    let mut seen = HashSet::from([start]);
    let mut found = vec![start];
    let mut next = 0;
    while let Some(&index) = found.get(next) {
        next += 1;
        let layer = &net.layers()[index];
        let neighbours: Vec<usize> = match keep {
            Keep::Inputs => {
                let read = layer.bottoms.iter().enumerate();
                let read = read.filter(|(bottom, _)| layer.op.reads_values(*bottom));
                read.map(|(_, &id)| net.producer(id)).collect()
            }
            Keep::Outputs | Keep::Blocks => {
                let readers = layer.tops.iter().flat_map(|&top| {
                    let readers = net.consumers(top).iter().copied();
                    readers.filter(move |&reader| {
                        let reader = &net.layers()[reader];
                        let mut reads = reader.bottoms.iter().enumerate();
                        reads.any(|(bottom, &id)| id == top && reader.op.reads_values(bottom))
                    })
                });
                readers.filter(|&reader| keep == Keep::Outputs || net.macs(reader) == 0).collect()
            }
        };
        found.extend(neighbours.into_iter().filter(|&index| seen.insert(index)));
    }
    found
}

/// The layer of the prepared net that computes a layer: of its name, or the one that it was folded into. None if it
/// computes nothing.
fn survivor(net: &Net, prepared: &Net, mut index: usize) -> Option<String> {
    loop {
        let layer = &net.layers()[index];
        if prepared.layer_index(&layer.name).is_some() {
            return Some(layer.name.clone());
        }
        let Role::Affine(_) = layer.op.role() else { return joined(net, prepared, index) };
        index = net.producer(*layer.bottoms.first()?);
    }
}

/// A constant operation that became part of the layer in front of it.
fn joined(net: &Net, prepared: &Net, index: usize) -> Option<String> {
    let layer = &net.layers()[index];
    let umodel::LayerOp::BroadcastBinary(_) = layer.op else { return None };
    let mut bottoms = layer.bottoms.iter().map(|&id| net.producer(id));
    let before = bottoms
        .find(|&before| !matches!(net.layers()[before].op, umodel::LayerOp::Parameter(_)))?;
    survivor(net, prepared, before)
}

/// Whether a shell's pattern describes the whole name: `*` is any text, `?` any character, `[a-c]` one of these, `[!a]`
/// any other, and a backslash takes the next character as it is.
fn describes(pattern: &[char], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // Where to go on after the last star: in the pattern, and one character further in the name each time.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut place) = (0, 0);
    while place < name.len() || at < pattern.len() {
        let step = match (pattern.get(at), name.get(place)) {
            (Some('*'), _) => {
                star = Some((at + 1, place));
                at += 1;
                continue;
            }
            (Some(_), Some(&c)) => one(&pattern[at..], c),
            _ => None,
        };
        match (step, star) {
            (Some(length), _) => (at, place) = (at + length, place + 1),
            (None, Some((after, from))) if from < name.len() => {
                star = Some((after, from + 1));
                (at, place) = (after, from + 1);
            }
            (None, _) => return false,
        }
    }
    true
}

/// The length of the pattern's first item if it describes a character.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == c).then_some(2),
        ['[', rest @ ..] => {
            let others = matches!(rest.first(), Some('!' | '^'));
            let from = usize::from(others);
            // A bracket that comes first is one of the characters.
            let length = rest.iter().skip(from + 1).position(|&c| c == ']')? + from + 1;
            let set = &rest[from..length];
            let mut inside = false;
            let mut index = 0;
            while let Some(&first) = set.get(index) {
                match (set.get(index + 1), set.get(index + 2)) {
                    (Some('-'), Some(&last)) => {
                        inside |= (first..=last).contains(&c);
                        index += 3;
                    }
                    _ => {
                        inside |= first == c;
                        index += 1;
                    }
                }
            }
            (inside != others).then_some(length + 2)
        }
        [plain, ..] => (*plain == c).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn describes(pattern: &str, name: &str) -> bool {
        super::describes(&pattern.chars().collect::<Vec<_>>(), name)
    }

    /// Exact: POSIX's rules for patterns (IEEE Std 1003.1, Shell and Utilities, 2.13).
    #[test]
    fn patterns_of_shells() {
        for (pattern, yes, no) in [
            ("conv1", "conv1", "conv10"),
            ("conv*", "conv", "con"),
            ("*_3", "conv4_3", "conv4_31"),
            ("conv?_1", "conv5_1", "conv_1"),
            ("conv[1-3]", "conv2", "conv4"),
            ("conv[!1-3]", "conv4", "conv2"),
            ("conv[^12]x", "conv3x", "conv2x"),
            ("a[]-]b", "a]b", "axb"),
            ("a[x-]b", "a-b", "ayb"),
            ("a\\*b", "a*b", "axb"),
            ("*a*b*c", "xaybzzc", "xaybzz"),
            ("a**b", "ab", "a"),
            ("[ab", "nothing", "[ab"),
            ("", "", "x"),
        ] {
            assert_eq!(describes(pattern, yes), pattern != "[ab", "{pattern} {yes}");
            assert!(!describes(pattern, no), "{pattern} {no}");
        }
    }

    proptest! {
        /// Exact against the recursive definition.
        #[test]
        fn stars_are_their_definition(pattern in "[ab*?]{0,8}", name in "[ab]{0,10}") {
            fn naive(pattern: &[char], name: &[char]) -> bool {
                match (pattern, name) {
                    ([], []) => true,
                    (['*', rest @ ..], _) => (0..=name.len()).any(|skip| naive(rest, &name[skip..])),
                    (['?', rest @ ..], [_, name @ ..]) => naive(rest, name),
                    ([p, rest @ ..], [c, name @ ..]) => p == c && naive(rest, name),
                    _ => false,
                }
            }
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(describes(&pattern, &name), naive(&chars(&pattern), &chars(&name)));
        }
    }
}
