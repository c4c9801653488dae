//! Mixed error, 3e-5: fp32 layers as BM1684 computes them are the fp32 layers of Caffe, on random layers.

use std::sync::Arc;

use conformance::random::{KINDS, draw};
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;

#[test]
fn steps_are_the_layers_that_they_stand_for() {
    let mut failures = Vec::new();
    let mut count = 0;
    let kinds = KINDS.iter().filter(|(kind, ..)| kind.starts_with("fp32"));
    for &(kind, cases, layer) in kinds {
        for index in 0..cases {
            let net = Arc::new(draw(layer, index as u64 + 7));
            let inputs = Random::new(index as u64).inputs(&net);
            let chip = Executor::quantized(net.clone()).and_then(|e| e.outputs(inputs.clone()));
            let cpu = Executor::new(net.net().clone()).and_then(|e| e.outputs(inputs));
            let (chip, cpu) = (chip.expect("chip"), cpu.expect("cpu"));
            let operation = &net.net().layers().last().expect("a layer").op;
            for (found, expected) in chip.iter().zip(&cpu) {
                let (found, expected) = (found.to_f32(1.0), expected.to_f32(1.0));
                let largest = expected
                    .iter()
                    .fold(0.0f32, |most, x| if x.is_finite() { most.max(x.abs()) } else { most });
                let scale = |x: f32| 1.0f32.max(x.abs()).max(largest * 0.1);
                let wrong = found.iter().zip(&expected).find(|&(&a, &b)| {
                    // Beyond what the chip's functions have, as the logarithm of a negative number.
                    b.is_finite() && ((a - b).abs() > 3e-5 * scale(b) || !a.is_finite())
                });
                count += 1;
                if let Some((a, b)) = wrong {
                    failures.push(format!("{kind} {index}: {a} instead of {b}: {operation:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 250);
}
