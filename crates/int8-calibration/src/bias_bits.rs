//! What the 16 bits of biases cost the weights beside them.

use umodel::quant::QuantizedSpec;
use umodel::{Arithmetic, QuantizedNet, Shifts};

use crate::equalize::Linear;

/// A layer whose weights are smaller than int8 allows, because a larger shift would not leave room for its biases.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BiasLoss {
    /// The layer.
    pub layer: String,
    /// Its type.
    pub kind: &'static str,
    /// The most bits that weights of one shift lost.
    pub bits: u32,
    /// How many of the layer's shifts are smaller for it.
    pub shifts: usize,
    /// How many shifts it has.
    pub of: usize,
}

/// The layers that lost bits, in order.
pub(crate) fn bias_losses(quantized: &QuantizedNet) -> Vec<BiasLoss> {
    let net = quantized.net();
    let specs = quantized.specs();
    let losses = specs.iter().zip(net.layers()).filter_map(|(spec, layer)| {
        let bottom = &net.blob(*layer.bottoms.first()?).shape;
        let bits = bits(spec, bottom)?;
        let (shifts, of) = (bits.iter().filter(|bits| **bits > 0).count(), bits.len());
        let bits = bits.into_iter().max().filter(|bits| *bits > 0)?;
        Some(BiasLoss { layer: layer.name.clone(), kind: layer.op.kind(), bits, shifts, of })
    });
    losses.collect()
}

/// The bits that the weights of each shift of a layer lost; none if it has no biases.
fn bits(spec: &QuantizedSpec, bottom: &[usize]) -> Option<Vec<u32>> {
    let Arithmetic::MultiplyAccumulate { weights, bias: Some(bias), right_shifts } =
        &spec.arithmetic
    else {
        return None;
    };
    let linear = Linear::of(&spec.spec.op, weights.shape(), bottom)?;
    let count = right_shifts.blocks().len();
    let block = |output: usize| if count > 1 { output / Shifts::BLOCK } else { 0 };
    // The largest weight and bias of each.
    let mut largest = vec![(0u32, 0u32); count];
    for (place, weight) in weights.iter().enumerate() {
        let (output, _) = linear.channels(place);
        let (most, _) = largest.get_mut(block(output))?;
        *most = u32::from(weight.unsigned_abs()).max(*most);
    }
    for (output, bias) in bias.iter().enumerate() {
        let (_, most) = largest.get_mut(block(output))?;
        *most = u32::from(bias.unsigned_abs()).max(*most);
    }
    Some(largest.into_iter().map(lost).collect())
}

/// How often these weights could be doubled, if the bias could be, too.
fn lost((weight, bias): (u32, u32)) -> u32 {
    let room = 127u32.checked_div(weight).and_then(u32::checked_ilog2).unwrap_or(0);
    if bias * 2 > i16::MAX.unsigned_abs().into() { room } else { 0 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::{Array1, ArrayD};
    use umodel::layers::Convolution;
    use umodel::{BlobFormat, DType, LayerSpec};

    use super::*;

    /// Exact: weights lose what they could be doubled, where biases are large, and only there.
    #[test]
    fn weights_lose_bits_to_large_biases() {
        for (weight, bias, bits) in
            [(31, 20_000, 2), (63, -32_768, 1), (64, 32_767, 0), (5, 300, 0), (0, 32_767, 0)]
        {
            assert_eq!(lost((weight, i32::unsigned_abs(bias))), bits, "{weight} {bias}");
        }
    }

    /// Exact: each 64 outputs of a convolution have a shift, and lose bits of their own.
    #[test]
    fn every_shift_has_its_loss() {
        let convolution = Convolution {
            num_output: 130,
            bias: true,
            kernel: [1; 2],
            stride: [1; 2],
            pad: [0; 2],
            dilation: [1; 2],
            group: 1,
        };
        let (mut weights, mut bias) =
            (ArrayD::from_elem(vec![130, 3, 1, 1], 20i8), Array1::zeros(130));
        weights[[7, 0, 0, 0]] = 100;
        (bias[0], bias[100], bias[129]) = (20_000, -20_000, 16_000);
        let arithmetic = Arithmetic::MultiplyAccumulate {
            weights: Arc::new(weights),
            bias: Some(Arc::new(bias)),
            right_shifts: Shifts::of_blocks([5, 6, 7]),
        };
        let spec = LayerSpec::new("conv", convolution, &["data"], &["y"]);
        let spec = QuantizedSpec {
            spec,
            arithmetic,
            formats: vec![BlobFormat { dtype: DType::I8, scale: 1.0 }],
        };
        assert_eq!(bits(&spec, &[1, 3, 8, 8]), Some(vec![0, 2, 0]));
    }
}
