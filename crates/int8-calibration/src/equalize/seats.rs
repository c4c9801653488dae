//! Which channels share a block of outputs, and so a shift.

use std::collections::BTreeMap;

use super::order::Set;

/// How often classes are gone through for exchanges.
const ROUNDS: usize = 10;
/// The share of its costs that an exchange has to save.
const LEAST_GAIN: f64 = 1e-9;

/// A layer with weights, by its place among them, and one of its outputs.
pub(super) type Output = (usize, usize);

/// The classes of a set and the blocks that they lie in.
pub(super) struct Seats<'a> {
    set: &'a Set,
    /// The outputs that write the channels of each class.
    pub(super) writers: Vec<Vec<Output>>,
    bins: Vec<Bin>,
    /// The bin that each class lies in.
    bin_of: Vec<usize>,
}

/// Places that lie in the same blocks of all layers.
struct Bin {
    /// For each layer that writes these places its block.
    blocks: Vec<(usize, usize)>,
    /// Which places of the set: those of the classes with these numbers.
    places: Vec<usize>,
}

impl<'a> Seats<'a> {
    /// Of a set whose channels are written by these outputs; none if all of them lie in the same blocks.
    pub(super) fn of(
        set: &'a Set,
        written_by: &BTreeMap<usize, Output>,
        block: usize,
    ) -> Option<Seats<'a>> {
        let writers = set.iter().map(|nodes| -> Vec<Output> {
            nodes.iter().filter_map(|node| written_by.get(node).copied()).collect()
        });
        let writers: Vec<Vec<Output>> = writers.collect();
        let mut bins: BTreeMap<Vec<(usize, usize)>, Vec<usize>> = BTreeMap::new();
        for (place, outputs) in writers.iter().enumerate() {
            let blocks = outputs.iter().map(|&(layer, output)| (layer, output / block));
            bins.entry(blocks.collect()).or_default().push(place);
        }
        if bins.len() < 2 {
            return None;
        }
        let bins = bins.into_iter().map(|(blocks, places)| Bin { blocks, places });
        let mut seats = Seats { set, writers, bins: bins.collect(), bin_of: vec![0; set.len()] };
        for (number, bin) in seats.bins.iter().enumerate() {
            bin.places.iter().for_each(|&place| seats.bin_of[place] = number);
        }
        Some(seats)
    }

    /// Fills the bins one after the other with classes in the order of these keys.
    pub(super) fn sort(&mut self, keys: &[u32]) {
        let mut classes: Vec<usize> = (0..self.set.len()).collect();
        classes.sort_by_key(|&class| keys[class]);
        let mut classes = classes.into_iter();
        for (number, bin) in self.bins.iter().enumerate() {
            classes.by_ref().take(bin.places.len()).for_each(|class| self.bin_of[class] = number);
        }
    }

    /// Lets two classes change places wherever that saves costs. `cost` is that of a class whose channels are in these
    /// blocks, each of a layer; it is infinite where a class cannot be.
    pub(super) fn exchange(&mut self, cost: impl Fn(&[Output], &[(usize, usize)]) -> f64) {
        let costs = self.writers.iter().map(|outputs| -> Vec<f64> {
            self.bins.iter().map(|bin| cost(outputs, &bin.blocks)).collect()
        });
        let costs: Vec<Vec<f64>> = costs.collect();
        for _ in 0..ROUNDS {
            let mut changed = false;
            for one in 0..self.set.len() {
                for other in one + 1..self.set.len() {
                    let (a, b) = (self.bin_of[one], self.bin_of[other]);
                    let now = costs[one][a] + costs[other][b];
                    let then = costs[one][b] + costs[other][a];
                    if a != b && now - then > LEAST_GAIN * now {
                        self.bin_of.swap(one, other);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// All channels of the set, each with the channel in whose place it stands. Classes of a bin keep their order.
    pub(super) fn places(&self) -> Vec<(usize, usize)> {
        let mut free: Vec<std::slice::Iter<'_, usize>> =
            self.bins.iter().map(|bin| bin.places.iter()).collect();
        let mut places = Vec::new();
        for (nodes, &bin) in self.set.iter().zip(&self.bin_of) {
            if let Some(&place) = free[bin].next() {
                places.extend(nodes.iter().copied().zip(self.set[place].iter().copied()));
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two layers write six classes each, in blocks of two: nodes 0 to 5 and 10 to 15.
    fn with_seats(check: impl FnOnce(Seats<'_>)) {
        let set: Set = (0..6).map(|class| vec![class, 10 + class]).collect();
        let outputs = (0..6).flat_map(|class| [(class, (0, class)), (10 + class, (1, class))]);
        let written_by: BTreeMap<usize, Output> = outputs.collect();
        assert!(Seats::of(&set, &written_by, 6).is_none(), "one block has no order");
        check(Seats::of(&set, &written_by, 2).expect("three bins"));
    }

    /// The class at each place of the first blob.
    fn order(seats: &Seats<'_>) -> Vec<usize> {
        let mut order = vec![0; 6];
        for (node, place) in seats.places() {
            if node < 10 {
                order[place] = node;
            } else {
                assert_eq!(order[place - 10], node - 10, "both blobs have one order");
            }
        }
        order
    }

    /// Exact: nothing changes before the first step, and equal keys keep their order.
    #[test]
    fn classes_are_sorted_by_keys() {
        with_seats(|mut seats| {
            assert_eq!(order(&seats), [0, 1, 2, 3, 4, 5]);
            seats.sort(&[7, 3, 7, 3, 3, 1]);
            assert_eq!(order(&seats), [1, 5, 3, 4, 0, 2]);
        });
    }

    /// Exact: every class finds the only block where it costs nothing, and an infinite cost keeps one out.
    #[test]
    fn exchanges_find_the_least_cost() {
        with_seats(|mut seats| {
            let wanted = [2, 0, 1, 2, 0, 1];
            seats.exchange(|outputs, blocks| {
                let (class, block) = (outputs[0].1, blocks[0].1);
                assert_eq!((outputs[1], blocks[1]), ((1, class), (1, block)));
                f64::from(u8::from(block != wanted[class]))
            });
            assert_eq!(order(&seats), [1, 4, 2, 5, 0, 3]);
            seats.exchange(|outputs, blocks| match (outputs[0].1, blocks[0].1) {
                (1, 0) => 1.0,
                (1, _) => f64::INFINITY,
                _ => 0.0,
            });
            assert_eq!(order(&seats), [1, 4, 2, 5, 0, 3]);
        });
    }
}
