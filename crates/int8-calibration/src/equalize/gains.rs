use umodel::Net;

use super::ties::{Link, Ties};

/// How much an error of each channel counts: the square of the factor by which the layers behind it pass it on, summed
/// over all ways, up to the next layer that is not linear by channel.
pub(super) fn gains(net: &Net, ties: &Ties, count: usize) -> Vec<f64> {
    let mut gains = vec![0f64; count];
    for id in net.outputs() {
        gains[ties.nodes(id)].fill(1.0);
    }
    for (layer, link) in net.layers().iter().zip(&ties.links).rev() {
        match link {
            Link::Tied(pairs) => {
                for &(bottom, top) in pairs {
                    gains[bottom] += gains[top];
                }
            }
            Link::Linear(linear) => {
                let (bottom, top) = (ties.nodes(layer.bottoms[0]), ties.nodes(layer.tops[0]));
                let Some(weights) = layer.weights.first() else { continue };
                for (place, &weight) in weights.iter().enumerate() {
                    let (output, input) = linear.channels(place);
                    gains[bottom.start + input] +=
                        f64::from(weight).powi(2) * gains[top.start + output];
                }
            }
            Link::Fixed => {
                for &bottom in &layer.bottoms {
                    gains[ties.nodes(bottom)].iter_mut().for_each(|gain| *gain += 1.0);
                }
            }
        }
    }
    gains
}
