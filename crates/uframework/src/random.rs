use ndarray::{ArrayD, IxDyn};
use umodel::{BlobFormat, BlobId, DType, QuantizedNet};

use crate::value::Value;

/// A sequence of random numbers, the same on every machine for the same seed: SplitMix64
/// (G. Steele, D. Lea, C. Flood, 2014).
///
/// The crates of pictures have the same generator, but this one is there without the feature `data`.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The lowest of the next bits.
    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.bits().to_le_bytes();
        byte
    }

    /// A number from 0 up to, without, 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number of the standard normal distribution (G. Box, M. Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A blob's values: integers over the whole range, fp32 within ±20.
    pub fn value(&mut self, shape: &[usize], format: BlobFormat) -> Value {
        let shape = IxDyn(shape);
        match format.dtype {
            DType::I8 => {
                Value::I8(ArrayD::from_shape_simple_fn(shape, || self.byte().cast_signed()))
            }
            DType::U8 => Value::U8(ArrayD::from_shape_simple_fn(shape, || self.byte())),
            DType::F32 => {
                let value = || (self.bits() % 400_001) as f32 / 1e4 - 20.0;
                Value::F32(ArrayD::from_shape_simple_fn(shape, value))
            }
        }
    }

    /// Values for every input of a deploy net, in the order of [`umodel::Net::inputs`].
    pub fn inputs(&mut self, net: &QuantizedNet) -> Vec<(BlobId, Value)> {
        let graph = net.net();
        let value = |id: BlobId| (id, self.value(&graph.blob(id).shape, net.format(id)));
        graph.inputs().into_iter().map(value).collect()
    }
}

#[cfg(all(test, feature = "data"))]
mod tests {
    use super::*;

    /// Bit-exact: what data layers draw from.
    #[test]
    fn the_generator_is_the_one_of_pictures() {
        for seed in [0, 1, u64::MAX] {
            let (mut ours, mut theirs) = (Random::new(seed), datum_store::SplitMix64::new(seed));
            for _ in 0..100 {
                assert_eq!((ours.bits(), ours.unit()), (theirs.bits(), theirs.unit()));
            }
        }
    }
}
