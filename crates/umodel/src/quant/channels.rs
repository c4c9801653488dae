//! How channels of a blob inside a net are stored.

use std::sync::Arc;

/// The channels, along axis 1, of a blob whose channels a calibration has scaled and sorted.
///
/// Layers compute without this, since their weights have taken it up; who looks at a blob needs it: the stored channel c
/// times the blob's scale times `factors[c]` is the channel `order[c]` of the fp32 net.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    /// The factor of each stored channel, positive and normal.
    pub factors: Arc<[f32]>,
    /// Which channel of the fp32 net each stored one is.
    pub order: Arc<[u32]>,
}

impl Channels {
    /// Whether the channels are stored as they are in the fp32 net.
    pub fn are_plain(&self) -> bool {
        !self.are_scaled() && !self.are_sorted()
    }

    /// Whether a channel has a factor other than 1.
    pub fn are_scaled(&self) -> bool {
        self.factors.iter().any(|&factor| factor != 1.0)
    }

    /// Whether a channel stands in the place of another.
    pub fn are_sorted(&self) -> bool {
        (0..).zip(self.order.iter()).any(|(place, &channel)| place != channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn channels_are_scaled_or_sorted() {
        let channels = |factors: &[f32], order: &[u32]| Channels {
            factors: factors.into(),
            order: order.into(),
        };
        assert!(channels(&[1.0, 1.0], &[0, 1]).are_plain());
        assert!(channels(&[1.0, 0.5], &[0, 1]).are_scaled());
        assert!(channels(&[1.0, 1.0], &[1, 0]).are_sorted());
        assert!(!channels(&[1.0, 1.0], &[1, 0]).are_scaled());
    }
}
