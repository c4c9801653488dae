use std::collections::HashMap;

use crate::LayerSpec;
use crate::error::Error;
use crate::layers::Split;
use crate::net::Net;
use crate::passes::reader_counts;

/// Gives every blob at most one reader, as Caffe does before it runs a net: a Split layer behind a blob
/// with several of them, with a top for each. Names are Caffe's.
///
/// ```text
/// conv ─► relu                conv ─► conv_conv_0_split ─┬ conv_conv_0_split_0 ─► relu
///   └───► pool         ⇒                                 └ conv_conv_0_split_1 ─► pool
/// ```
///
/// # Errors
/// [`Error::Layer`] if a blob has the name of a split already.
pub fn insert_splits(net: &Net) -> Result<Net, Error> {
    let specs = net.specs();
    let counts = reader_counts(&specs);
    let mut split: HashMap<String, (String, usize)> = HashMap::new();
    let mut all = Vec::with_capacity(specs.len());
    for mut spec in specs {
        for bottom in &mut spec.bottoms {
            if let Some((name, next)) = split.get_mut(bottom) {
                *bottom = format!("{name}_{next}");
                *next += 1;
            }
        }
        let mut splits = Vec::new();
        for (index, top) in spec.tops.iter().enumerate() {
            let readers = counts.get(top).copied().unwrap_or(0);
            if readers < 2 {
                continue;
            }
            let name = format!("{top}_{}_{index}_split", spec.name);
            let mut layer = LayerSpec::new(&name, Split, &[top], &[]);
            layer.tops = (0..readers).map(|reader| format!("{name}_{reader}")).collect();
            splits.push(layer);
            split.insert(top.clone(), (name, 0));
        }
        all.push(spec);
        all.extend(splits);
    }
    Net::from_specs(net.name(), all)
}
