//! Lifetimes: when each blob is read for the last time, and which buffer it stands in until then.

use umodel::{BlobFormat, BlobId, DType, Net};

/// Where the values of one blob stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Home {
    /// In the value that the caller gives; it goes when nobody needs it any more.
    Given,
    /// In the buffer of this number among those of its type.
    Buffer(usize),
}

/// A fixed set of buffers in which all blobs of a net find room, and for each layer the blobs that nobody needs
/// after it.
#[derive(Debug)]
pub(crate) struct Plan {
    dying: Vec<Vec<BlobId>>,
    homes: Vec<Home>,
    /// The buffers' lengths in values, by [`kind`].
    lengths: [Vec<usize>; 3],
}

/// The index of a type among all.
pub(crate) fn kind(dtype: DType) -> usize {
    match dtype {
        DType::F32 => 0,
        DType::I8 => 1,
        DType::U8 => 2,
    }
}

impl Plan {
    /// `given` tells for each layer whether the caller fills its tops, `format` how a blob is stored.
    pub(crate) fn new(
        net: &Net,
        given: impl Fn(&umodel::Layer) -> bool,
        format: impl Fn(BlobId) -> BlobFormat,
    ) -> Self {
        let mut last = vec![0; net.blobs().len()];
        for (index, layer) in net.layers().iter().enumerate() {
            for id in layer.bottoms.iter().chain(&layer.tops) {
                last[id.index()] = index;
            }
        }
        let mut dying = vec![Vec::new(); net.layers().len()];
        for id in net.blob_ids() {
            if let Some(dying) = dying.get_mut(last[id.index()]) {
                dying.push(id);
            }
        }
        let mut homes = vec![Home::Given; net.blobs().len()];
        let mut lengths: [Vec<usize>; 3] = Default::default();
        let mut free: [Vec<usize>; 3] = Default::default();
        for (layer, dying) in net.layers().iter().zip(&dying) {
            if !given(layer) {
                for &top in &layer.tops {
                    let length = net.blob(top).shape.iter().product();
                    let kind = kind(format(top).dtype);
                    let buffer = take(&mut free[kind], &mut lengths[kind], length);
                    homes[top.index()] = Home::Buffer(buffer);
                }
            }
            for &id in dying {
                if let Home::Buffer(buffer) = homes[id.index()] {
                    free[kind(format(id).dtype)].push(buffer);
                }
            }
        }
        Plan { dying, homes, lengths }
    }

    pub(crate) fn last_read_by(&self, layer: usize) -> &[BlobId] {
        &self.dying[layer]
    }

    /// Where a blob stands; `None` for one of another net.
    pub(crate) fn home(&self, id: BlobId) -> Option<Home> {
        self.homes.get(id.index()).copied()
    }

    /// The length of the buffers of one [`kind`].
    pub(crate) fn lengths(&self, kind: usize) -> &[usize] {
        &self.lengths[kind]
    }
}

/// A free buffer for so many values: the smallest that is long enough, else the longest one, which grows, else a new
/// one.
fn take(free: &mut Vec<usize>, lengths: &mut Vec<usize>, length: usize) -> usize {
    let places = || free.iter().enumerate();
    let enough = places().filter(|(_, buffer)| lengths[**buffer] >= length);
    let best = enough.min_by_key(|(_, buffer)| lengths[**buffer]);
    let best = best.or_else(|| places().max_by_key(|(_, buffer)| lengths[**buffer]));
    match best.map(|(place, _)| place) {
        Some(place) => {
            let buffer = free.swap_remove(place);
            lengths[buffer] = lengths[buffer].max(length);
            buffer
        }
        None => {
            lengths.push(length);
            lengths.len() - 1
        }
    }
}

#[cfg(test)]
mod tests {
    use umodel::layers::{Input, Sigmoid};
    use umodel::{LayerOp, LayerSpec};

    use super::*;

    /// Exact: a chain of any length needs two buffers, a blob that is read late keeps its own.
    #[test]
    fn buffers_are_used_again() {
        let input = Input { shapes: vec![vec![2, 50]], int8_scale: None };
        let mut specs = vec![LayerSpec::new("x", input, &[], &["x"])];
        for index in 0..20 {
            let bottom = if index == 0 { "x".to_owned() } else { format!("y{}", index - 1) };
            let top = format!("y{index}");
            specs.push(LayerSpec::new(&top, Sigmoid, &[&bottom], &[&top]));
        }
        let chain = Net::from_specs("", specs.clone()).expect("valid");
        let given = |layer: &umodel::Layer| matches!(layer.op, LayerOp::Input(_));
        let plan = |net: &Net| Plan::new(net, given, |_| BlobFormat::F32);
        assert_eq!(plan(&chain).lengths, [vec![100, 100], vec![], vec![]]);
        let sum = umodel::layers::EltwiseOp::Sum(vec![1.0; 2]);
        let sum = umodel::layers::Eltwise { operation: sum };
        specs.push(LayerSpec::new("sum", sum, &["y2", "y19"], &["sum"]));
        let late = Net::from_specs("", specs).expect("valid");
        assert_eq!(plan(&late).lengths, [vec![100; 3], vec![], vec![]]);
    }
}
