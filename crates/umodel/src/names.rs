//! Names that only one blob, or only one layer, of a net may have.

use std::collections::{HashMap, HashSet};

use crate::error::LayerError;
use crate::proto;

/// Makes names that nothing has yet: the wanted one with `_1`, `_2`, … behind it, the first that is free.
///
/// What is taken stays taken, so that the search for a name goes on where the last one for it ended.
#[derive(Default)]
struct Fresh {
    taken: HashSet<String>,
    next: HashMap<String, u64>,
    /// How many names were tried so far.
    #[cfg(test)]
    tried: usize,
}

impl Fresh {
    fn new<'a>(taken: impl Iterator<Item = &'a str>) -> Self {
        Fresh { taken: taken.map(str::to_owned).collect(), ..Fresh::default() }
    }

    fn name(&mut self, wanted: &str) -> String {
        let next = self.next.entry(wanted.to_owned()).or_insert(1);
        loop {
            #[cfg(test)]
            {
                self.tried += 1;
            }
            let name = format!("{wanted}_{next}");
            *next += 1;
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// Gives every top a name of its own and lets bottoms find the latest writer of a name.
pub(crate) struct UniqueTops {
    fresh: Fresh,
    current: HashMap<String, String>,
}

impl UniqueTops {
    /// For the layers of this net, whatever their phase.
    pub(crate) fn new(net: &proto::NetParameter) -> Self {
        let tops = net.layer.iter().flat_map(|layer| layer.top.iter().map(String::as_str));
        UniqueTops { fresh: Fresh::new(tops), current: HashMap::new() }
    }

    /// The bottoms and tops of the next layer by their unique names.
    pub(crate) fn resolve(
        &mut self,
        layer: &proto::LayerParameter,
    ) -> Result<(Vec<String>, Vec<String>), LayerError> {
        let bottoms = layer
            .bottom
            .iter()
            .map(|name| {
                self.current
                    .get(name)
                    .cloned()
                    .ok_or_else(|| LayerError::UnknownBottom { name: name.clone() })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut tops = Vec::with_capacity(layer.top.len());
        for (index, name) in layer.top.iter().enumerate() {
            let unique = if !self.current.contains_key(name) {
                name.clone()
            } else if layer.bottom.get(index) == Some(name) {
                self.fresh.name(name)
            } else {
                return Err(LayerError::DuplicateTop { name: name.clone() });
            };
            self.current.insert(name.clone(), unique.clone());
            tops.push(unique);
        }
        Ok((bottoms, tops))
    }
}

/// Gives every layer a name of its own. The first layer of a name keeps it, so that weights still find it; layers
/// without a name have the empty one.
pub(crate) struct UniqueLayers {
    fresh: Fresh,
    seen: HashSet<String>,
}

impl UniqueLayers {
    /// For the layers of this net, whatever their phase.
    pub(crate) fn new(net: &proto::NetParameter) -> Self {
        let names = net.layer.iter().map(|layer| layer.name());
        UniqueLayers { fresh: Fresh::new(names), seen: HashSet::new() }
    }

    /// The unique name of the next layer.
    pub(crate) fn resolve(&mut self, name: &str) -> String {
        if self.seen.insert(name.to_owned()) { name.to_owned() } else { self.fresh.name(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str, bottoms: &[&str], tops: &[&str]) -> proto::LayerParameter {
        let mut layer = proto::LayerParameter::new();
        layer.set_name(name.to_owned());
        layer.bottom = bottoms.iter().map(|&name| name.to_owned()).collect();
        layer.top = tops.iter().map(|&name| name.to_owned()).collect();
        layer
    }

    /// Exact: each layer tries one name, or two where a name is taken.
    #[test]
    fn the_search_for_free_names_does_not_start_anew() {
        const LAYERS: usize = 100_000;
        let mut net = proto::NetParameter::new();
        net.layer.push(layer("x", &[], &["x"]));
        net.layer.extend((0..LAYERS).map(|_| layer("x", &["x"], &["x"])));
        net.layer.push(layer("x_7", &["x"], &["x_7"]));
        let (mut tops, mut layers) = (UniqueTops::new(&net), UniqueLayers::new(&net));
        let mut last = (String::new(), Vec::new());
        for layer in &net.layer[..=LAYERS] {
            last = (layers.resolve(layer.name()), tops.resolve(layer).expect("in place").1);
        }
        let expected = format!("x_{}", LAYERS + 1);
        assert_eq!(last, (expected.clone(), vec![expected]));
        assert_eq!((tops.fresh.tried, layers.fresh.tried), (LAYERS + 1, LAYERS + 1));
    }

    #[test]
    fn layers_get_names_of_their_own() {
        let mut net = proto::NetParameter::new();
        let names = ["a", "", "a", "a_1", "", "a", "b"];
        net.layer = names.iter().map(|name| layer(name, &[], &[])).collect();
        net.layer.push(proto::LayerParameter::new());
        let mut layers = UniqueLayers::new(&net);
        let found: Vec<String> =
            net.layer.iter().map(|layer| layers.resolve(layer.name())).collect();
        assert_eq!(found, ["a", "", "a_2", "a_1", "_1", "a_3", "b", "_2"]);
    }
}
