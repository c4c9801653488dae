//! Thresholds: the largest |x| that the integers shall represent.

mod kl;

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::histogram::Histogram;

/// How a blob's threshold follows from its distribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The clipping that loses the least information, by Kullback-Leibler divergence.
    #[default]
    Kl,
    /// The largest |x|: nothing is clipped.
    Max,
}

impl Method {
    /// The threshold of one blob, positive. `levels` is the number of steps from 0 to it: 127 for
    /// signed, 255 for unsigned integers.
    pub fn threshold(self, histogram: &Histogram, levels: usize) -> f32 {
        let maximum = histogram.absolute_maximum();
        let threshold = match self {
            Method::Max => maximum,
            Method::Kl => kl::threshold(histogram, levels).min(maximum),
        };
        // A blob that is always zero can have any scale.
        if threshold.is_normal() { threshold } else { 1.0 }
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "KL" => Ok(Method::Kl),
            "MAX" => Ok(Method::Max),
            _ => Err(Error::Method { name: name.to_owned() }),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Kl => "KL",
            Method::Max => "MAX",
        })
    }
}
