//! Bit-exact: int8 layers in which blocks of 64 output channels have shifts of their own, beside the sums of their
//! definition.

use std::sync::Arc;

use ndarray::{Array1, ArrayD, IxDyn};
use uframework::{Executor, Value};
use umodel::{
    Arithmetic, BlobFormat, DType, Net, NetParameter, NoSources, Phase, QuantizedNet, Shifts,
};

/// Images, height and width of all bottoms.
const SIZES: [usize; 3] = [2, 2, 3];
/// Kernel and padding of all windows.
const KERNEL: usize = 2;
const PAD: usize = 1;

/// A layer between a bottom of so many channels and a top of so many.
struct Case {
    text: String,
    inputs: usize,
    outputs: usize,
    group: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Convolution,
    Deconvolution,
    InnerProduct,
    Scale,
}

impl Case {
    fn window(kind: Kind, inputs: usize, outputs: usize, group: usize) -> Case {
        let name = if kind == Kind::Convolution { "Convolution" } else { "Deconvolution" };
        let text = format!(
            "type: '{name}' convolution_param {{ num_output: {outputs} group: {group}
             kernel_size: {KERNEL} pad: {PAD} }}"
        );
        Case { text, inputs, outputs, group, kind }
    }

    fn inner_product(inputs: usize, outputs: usize) -> Case {
        let text = format!("type: 'InnerProduct' inner_product_param {{ num_output: {outputs} }}");
        Case { text, inputs, outputs, group: 1, kind: Kind::InnerProduct }
    }

    fn scale(channels: usize) -> Case {
        let text = "type: 'Scale' scale_param { bias_term: true }".into();
        Case { text, inputs: channels, outputs: channels, group: channels, kind: Kind::Scale }
    }

    fn weights(&self) -> Vec<usize> {
        match self.kind {
            Kind::Convolution => vec![self.outputs, self.inputs / self.group, KERNEL, KERNEL],
            Kind::Deconvolution => vec![self.inputs, self.outputs / self.group, KERNEL, KERNEL],
            Kind::InnerProduct => vec![self.outputs, self.inputs * SIZES[1] * SIZES[2]],
            Kind::Scale => vec![self.outputs],
        }
    }

    /// Height and width of the top.
    fn top(&self) -> [usize; 2] {
        let [_, height, width] = SIZES;
        match self.kind {
            Kind::Convolution => [height, width].map(|size| size + 2 * PAD - KERNEL + 1),
            Kind::Deconvolution => [height, width].map(|size| size - 1 + KERNEL - 2 * PAD),
            Kind::InnerProduct => [1, 1],
            Kind::Scale => [height, width],
        }
    }

    /// Whether input and output channel belong to one group.
    fn connected(&self, input: usize, output: usize) -> bool {
        input / (self.inputs / self.group) == output / (self.outputs / self.group)
    }

    /// The weight between a value of the bottom and one of the top.
    fn weight(
        &self,
        weights: &ArrayD<i8>,
        (input, from): (usize, [usize; 2]),
        (output, to): (usize, [usize; 2]),
    ) -> i64 {
        if self.kind == Kind::InnerProduct {
            let index = (input * SIZES[1] + from[0]) * SIZES[2] + from[1];
            return weights[[output, index]].into();
        }
        if !self.connected(input, output) {
            return 0;
        }
        if self.kind == Kind::Scale {
            return if from == to { weights[[output]].into() } else { 0 };
        }
        let tap = |axis: usize| {
            let tap = match self.kind {
                Kind::Convolution => (from[axis] + PAD).checked_sub(to[axis]),
                _ => (to[axis] + PAD).checked_sub(from[axis]),
            };
            tap.filter(|&tap| tap < KERNEL)
        };
        let (Some(y), Some(x)) = (tap(0), tap(1)) else { return 0 };
        match self.kind {
            Kind::Convolution => weights[[output, input % (self.inputs / self.group), y, x]].into(),
            _ => weights[[input, output % (self.outputs / self.group), y, x]].into(),
        }
    }
}

/// A byte that looks random.
fn noise(index: usize, seed: usize) -> i8 {
    let mixed = (index + 1).wrapping_mul(2_654_435_761).wrapping_add(seed * 40_503);
    (mixed >> 13).to_le_bytes()[0].cast_signed()
}

fn random(shape: &[usize], seed: usize) -> ArrayD<i8> {
    let mut index = 0;
    ArrayD::from_shape_simple_fn(IxDyn(shape), || {
        index += 1;
        noise(index, seed)
    })
}

fn check(case: &Case, shifts: &[u8], top: DType) {
    let what = format!("{}, {} inputs, {shifts:?}", case.text, case.inputs);
    let bottom = vec![SIZES[0], case.inputs, SIZES[1], SIZES[2]];
    let text = format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: {bottom:?} }} }} }}
         layer {{ name: 'y' bottom: 'x' top: 'y' {} }}",
        case.text
    );
    let model = NetParameter::parse_text(&text).expect("text");
    let net = Net::new(&model, None, Phase::Test, &NoSources).expect(&what);
    let (input, weights) = (random(&bottom, 1), random(&case.weights(), 2));
    let bias: Array1<i16> =
        (0..case.outputs).map(|channel| i16::from(noise(channel, 3)) * 100).collect();
    let mac = Arithmetic::MultiplyAccumulate {
        weights: Arc::new(weights.clone()),
        bias: Some(Arc::new(bias.clone())),
        right_shifts: Shifts::of_blocks(shifts),
    };
    let formats = [DType::I8, top].map(|dtype| BlobFormat { dtype, scale: 1.0 });
    let net = QuantizedNet::new(net, formats.to_vec(), vec![Arithmetic::Cast, mac]).expect(&what);
    let executor = Executor::quantized(Arc::new(net)).expect("runs");
    let sources = executor.net().inputs().into_iter().zip([Value::I8(input.clone())]).collect();
    let found = executor.outputs(sources).expect("runs").remove(0).to_f32(1.0);
    let (least, most) = if top == DType::I8 { (-128, 127) } else { (0, 255) };
    let [height, width] = case.top();
    let mut found = found.iter();
    for image in 0..SIZES[0] {
        for output in 0..case.outputs {
            let shift = if shifts.len() == 1 { shifts[0] } else { shifts[output / 64] };
            for place in (0..height * width).map(|place| [place / width, place % width]) {
                let mut sum = i64::from(bias[output]);
                for channel in 0..case.inputs {
                    for from in (0..SIZES[1] * SIZES[2]).map(|at| [at / SIZES[2], at % SIZES[2]]) {
                        let x = i64::from(input[[image, channel, from[0], from[1]]]);
                        sum += x * case.weight(&weights, (channel, from), (output, place));
                    }
                }
                let half = if shift > 0 { 1i64 << (shift - 1) } else { 0 };
                let expected = ((sum + half) >> shift).clamp(least, most);
                let found = *found.next().expect("as many");
                assert_eq!(
                    found, expected as f32,
                    "{what}: image {image}, channel {output}, {place:?}"
                );
            }
        }
    }
    assert!(found.next().is_none(), "{what}");
}

#[test]
fn each_block_of_output_channels_has_its_shift() {
    let mut cases = Vec::new();
    for outputs in [63, 64, 65, 128, 129, 192] {
        for kind in [Kind::Convolution, Kind::Deconvolution] {
            cases.push(Case::window(kind, 3, outputs, 1));
            // A group for each channel.
            cases.push(Case::window(kind, outputs, outputs, outputs));
        }
        cases.push(Case::inner_product(2, outputs));
        cases.push(Case::scale(outputs));
    }
    for kind in [Kind::Convolution, Kind::Deconvolution] {
        // Borders of blocks within groups, and between them; two and three outputs of a channel.
        for (inputs, outputs, group) in
            [(4, 192, 2), (6, 192, 3), (4, 256, 2), (50, 100, 50), (50, 150, 50)]
        {
            cases.push(Case::window(kind, inputs, outputs, group));
        }
    }
    for case in cases {
        let blocks = case.outputs.div_ceil(64);
        // The sums of a Scale are single products.
        let first = if case.kind == Kind::Scale { 5 } else { 8 };
        let shifts: Vec<u8> =
            [first, first + 2, first - 1, first + 1].into_iter().take(blocks).collect();
        check(&case, &shifts, DType::I8);
        check(&case, &shifts, DType::U8);
        check(&case, &[first], DType::I8);
    }
}

/// Shifts at the ends of their range.
#[test]
fn shifts_may_be_0_and_31() {
    for shifts in [[0, 31], [31, 0]] {
        check(&Case::window(Kind::Convolution, 3, 128, 1), &shifts, DType::I8);
        check(&Case::inner_product(2, 100), &shifts, DType::U8);
    }
}
