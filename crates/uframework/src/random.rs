use ndarray::{ArrayD, IxDyn};
use transform_param::SplitMix;
use umodel::{BlobFormat, BlobId, DType, QuantizedNet};

use crate::value::Value;

/// A sequence of random numbers, the same on every machine for the same seed.
#[derive(Clone, Debug)]
pub struct Random(SplitMix);

impl Random {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Random(SplitMix::new(seed))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.bits()
    }

    /// A number from 0 up to, without, 1.
    pub fn unit(&mut self) -> f64 {
        self.0.unit()
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
