/// A partition of channels: all channels of a class share something, and some classes are fixed.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    /// Another channel of the same class, or the channel itself: see [`Classes::class`].
    parents: Vec<usize>,
    /// Whether a class is fixed, by its channel that stands for it.
    fixed: Vec<bool>,
}

impl Classes {
    /// Each channel is a class of its own, and none is fixed.
    pub(super) fn new(channels: usize) -> Classes {
        Classes { parents: (0..channels).collect(), fixed: vec![false; channels] }
    }

    /// The channel that stands for all of its class: the first one.
    pub(super) fn class(&self, mut node: usize) -> usize {
        while self.parents[node] != node {
            node = self.parents[node];
        }
        node
    }

    /// Whether the channel's class is fixed.
    pub(super) fn is_fixed(&self, node: usize) -> bool {
        self.fixed[self.class(node)]
    }

    /// Fixes the classes of these channels.
    pub(super) fn fix(&mut self, nodes: impl IntoIterator<Item = usize>) {
        for node in nodes {
            let class = self.class(node);
            self.fixed[class] = true;
        }
    }

    /// Makes one class of two, which is fixed if one of them was.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.class(one), self.class(other));
        let (first, second) = (one.min(other), one.max(other));
        self.parents[second] = first;
        self.fixed[first] |= self.fixed[second];
    }
}
