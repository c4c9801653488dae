//! Both forms of layer types, asked for with all that they may be asked for.

use std::sync::Arc;

use ndarray::{Array1, ArrayD};
use umodel::layers::*;
use umodel::{Arithmetic, BlobFormat, DType, LayerOp, LayerSpec, Net, Rescale};

use super::{Shapes, Site, kernel};
use crate::error::KernelError;

/// Layers over blobs of 2 x 4 x 6 x 6, and the arithmetics that their type has.
fn layers() -> Vec<(LayerOp, &'static [&'static str])> {
    let convolution = |group: usize| Convolution {
        num_output: 4,
        bias: true,
        kernel: [3; 2],
        stride: [1; 2],
        pad: [1; 2],
        dilation: [1; 2],
        group,
    };
    let pooling = |method| Pooling {
        method,
        kernel: [2; 2],
        stride: [2; 2],
        pad: [0; 2],
        global: false,
        ceil: true,
    };
    let resample = |method| Resample {
        method,
        coordinates: Coordinates::HalfPixel,
        scale: None,
        size: [12; 2],
    };
    let eltwise = |operation| Eltwise { operation };
    vec![
        (convolution(1).into(), &["mac"]),
        (convolution(4).into(), &["mac"]),
        (DepthwiseConvolution { convolution: convolution(4) }.into(), &["mac"]),
        (pooling(PoolMethod::Max).into(), &["same"]),
        (pooling(PoolMethod::Average).into(), &["average"]),
        (eltwise(EltwiseOp::Sum(vec![1.0; 2])).into(), &["rescaled"]),
        (eltwise(EltwiseOp::Max).into(), &["rescaled"]),
        (eltwise(EltwiseOp::Product).into(), &["product"]),
        (Concat { axis: 1 }.into(), &["rescaled"]),
        (Relu { negative_slope: 0.5 }.into(), &["same", "leaky"]),
        (Relu6 { negative_slope: 0.0, threshold: 6.0 }.into(), &["same"]),
        (Quantize.into(), &["cast"]),
        (Dequantize.into(), &["cast"]),
        (resample(ResampleMethod::Linear).into(), &[]),
        (Sigmoid.into(), &[]),
        (TanH.into(), &[]),
        (AbsVal.into(), &[]),
        (
            Lrn {
                local_size: 3,
                alpha: 1.0,
                beta: 0.75,
                k: 1.0,
                region: LrnRegion::AcrossChannels,
            }
            .into(),
            &[],
        ),
    ]
}

fn arithmetics() -> Vec<(&'static str, Arithmetic)> {
    let one = Rescale::ONE;
    vec![
        ("cast", Arithmetic::Cast),
        ("same", Arithmetic::Same),
        (
            "mac",
            Arithmetic::MultiplyAccumulate {
                weights: Arc::new(ArrayD::zeros(vec![4, 4, 3, 3])),
                bias: Some(Arc::new(Array1::zeros(4))),
                right_shifts: 3.into(),
            },
        ),
        ("average", Arithmetic::AveragePool { multiplier: 1, right_shift: 2 }),
        ("rescaled", Arithmetic::Rescaled(vec![one])),
        ("product", Arithmetic::Product(one)),
        ("leaky", Arithmetic::LeakyRelu(one)),
    ]
}

/// Exact: a type has the int8 forms that it says, and answers everything else with an error.
#[test]
fn integers_that_a_type_does_not_have_are_errors() {
    let format = BlobFormat { dtype: DType::I8, scale: 1.0 };
    let mut wrong = Vec::new();
    for (op, forms) in layers() {
        let joins = matches!(op, LayerOp::Eltwise(_) | LayerOp::Concat(_));
        let bottoms: &[&str] = if joins { &["x", "x"] } else { &["x"] };
        let input = Input { shapes: vec![vec![2, 4, 6, 6]], int8_scale: None };
        let specs = vec![
            LayerSpec::new("x", input, &[], &["x"]),
            LayerSpec::new("y", op.clone(), bottoms, &["y"]),
        ];
        let net = Net::from_specs("", specs).unwrap_or_else(|error| panic!("{op:?}: {error:?}"));
        let layer = &net.layers()[1];
        let site =
            Site { layer, shapes: Shapes::of(&net, layer), formats: &[format; 2], as_bm1684: true };
        for (name, arithmetic) in arithmetics() {
            let found = kernel(&op).i8(&site, &arithmetic);
            let right = match &found {
                Ok(_) => forms.contains(&name),
                Err(KernelError::NoIntegers { kind }) => {
                    !forms.contains(&name) && *kind == op.kind()
                }
                Err(_) => false,
            };
            if !right {
                wrong.push(format!("{op:?}, {name}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
