use ndarray::{ArrayD, IxDyn};
use umodel::{BlobFormat, BlobId, DType, QuantizedNet};

use crate::value::Value;

/// A sequence of random numbers, the same on every machine for the same seed: SplitMix64
/// (G. Steele, D. Lea, C. Flood, 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A blob's values: integers over the whole range, fp32 within ±20.
    pub fn value(&mut self, shape: &[usize], format: BlobFormat) -> Value {
        let shape = IxDyn(shape);
        match format.dtype {
            DType::I8 => Value::I8(ArrayD::from_shape_simple_fn(shape, || self.bits() as i8)),
            DType::U8 => Value::U8(ArrayD::from_shape_simple_fn(shape, || self.bits() as u8)),
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
