//! Whatever a net's sizes are, compiling gives a program or an error.

use bm1684_codegen::{Error, compile, cut};
use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

const TOP: &str = "top { dtype: INT8 scale: 0.5 }";

/// What became of nets.
#[derive(Debug, Default)]
struct Count {
    no_nets: usize,
    programs: usize,
    errors: usize,
}

impl Count {
    /// Compiles layers behind an int8 input x. A program must have an encoding, too.
    fn compile(&mut self, shape: [usize; 4], layers: &str) {
        let text = format!(
            "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: {shape:?} }} }}
               quantization_param {{ arithmetic: CAST {TOP} }} }} {layers}"
        );
        let model = NetParameter::parse_text(&text).expect("text");
        let Ok(net) = QuantizedNet::read(&model, &model, Phase::Test, &NoSources) else {
            self.no_nets += 1;
            return;
        };
        match compile(&net) {
            Ok(program) => {
                program.to_bmodel().expect("every command fits its format");
                self.programs += 1;
            }
            Err(_) => {
                self.errors += 1;
                // What is left for the chip has no layer that cannot be placed.
                if let Ok(cut) = cut(&net) {
                    let compiled = compile(&cut.chip);
                    let whole =
                        matches!(&compiled, Ok(_) | Err(Error::Memory { .. } | Error::Size(_)));
                    assert!(whole, "{text}: {compiled:?}");
                }
            }
        }
    }
}

/// Numbers that are the same in every run.
struct Draw(u64);

impl Draw {
    fn pick<const N: usize>(&mut self, choices: [usize; N]) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        choices[usize::try_from(self.0 >> 33).expect("31 bits") % N]
    }

    /// Sizes around the limits of commands.
    fn size(&mut self) -> usize {
        self.pick([1, 1, 2, 3, 15, 16, 17, 31, 63, 64, 65, 300])
    }

    fn length(&mut self) -> usize {
        self.pick([1, 2, 7, 33, 300, 4097, 65_535, 65_536, 70_000, 1 << 20, (1 << 20) + 1])
    }

    fn channels(&mut self) -> usize {
        self.pick([1, 2, 4, 63, 64, 65, 4095, 4096, 8192])
    }

    /// A blob that is not too large for a test.
    fn shape(&mut self, channels: usize) -> [usize; 4] {
        let [images, height, width] =
            fit([self.size(), self.length(), self.length()], (1 << 18) / channels);
        [images, channels, height, width]
    }
}

/// The sizes, the largest halved until their product is small enough.
fn fit<const N: usize>(mut sizes: [usize; N], limit: usize) -> [usize; N] {
    while sizes.iter().product::<usize>() > limit.max(1) {
        if let Some(largest) = sizes.iter_mut().max() {
            *largest /= 2;
        }
    }
    sizes
}

#[test]
fn convolutions() {
    let mut draw = Draw(1);
    let mut count = Count::default();
    for _ in 0..60 {
        let group = draw.pick([1, 1, 2, 64, 4096]);
        let [inputs, outputs] = fit([draw.channels(), draw.channels()], (1 << 17) / group);
        let shape = draw.shape(group * inputs);
        let [stride, pad, dilation] = [(); 3].map(|()| [draw.size(), draw.size()]);
        // Most kernels fit into their input, so that there is a net.
        let kernel = [0, 1].map(|axis| {
            let most = (shape[2 + axis] + 2 * pad[axis] - 1) / dilation[axis] + 1;
            draw.size().min(most)
        });
        let kernel = fit(kernel, (1 << 17) / (group * inputs * outputs));
        let weights = [group * outputs, inputs, kernel[0], kernel[1]];
        let layer = format!(
            "layer {{ name: 'y' type: 'Convolution' bottom: 'x' top: 'y'
               convolution_param {{ num_output: {} group: {group} bias_term: false
                 kernel_size: {kernel:?} stride: {stride:?} pad: {pad:?} dilation: {dilation:?} }}
               quantization_param {{ arithmetic: MULTIPLY_ACCUMULATE {TOP} }}
               blobs {{ shape {{ dim: {weights:?} }} int8_data: '{}' }} }}",
            group * outputs,
            "w".repeat(weights.iter().product())
        );
        count.compile(shape, &layer);
    }
    assert!(count.programs > 30, "{count:?}");
}

#[test]
fn poolings() {
    let mut draw = Draw(2);
    let mut count = Count::default();
    for _ in 0..60 {
        let channels = draw.channels();
        let shape = draw.shape(channels);
        let [size, stride, pad] = [(); 3].map(|()| [draw.size(), draw.size()]);
        let kernel = [0, 1].map(|axis| size[axis].min(shape[2 + axis]));
        // Caffe refuses pads that are not smaller than the kernel.
        let pad = [0, 1].map(|axis| pad[axis].min(kernel[axis] - 1));
        for (method, arithmetic) in [("MAX", "SAME"), ("AVE", "AVERAGE_POOL multiplier: 1")] {
            let layer = format!(
                "layer {{ name: 'y' type: 'Pooling' bottom: 'x' top: 'y'
                   pooling_param {{ pool: {method} kernel_h: {} kernel_w: {} stride_h: {} stride_w: {}
                     pad_h: {} pad_w: {} }}
                   quantization_param {{ arithmetic: {arithmetic} {TOP} }} }}",
                kernel[0], kernel[1], stride[0], stride[1], pad[0], pad[1]
            );
            count.compile(shape, &layer);
        }
    }
    assert!(count.programs > 30, "{count:?}");
}

#[test]
fn others() {
    let mut draw = Draw(3);
    let mut count = Count::default();
    for _ in 0..24 {
        let channels = draw.channels();
        let shape = draw.shape(channels);
        let axis = draw.pick([0, 1, 2, 3]);
        let [up, down, left, right] = [(); 4].map(|()| draw.size());
        let pads = format!("pad_u: {up} pad_d: {down} pad_l: {left} pad_r: {right}");
        let same = [
            ("Pad", format!("pad_param {{ {pads} }}")),
            ("ReLU", String::new()),
            ("Flatten", "flatten_param { axis: 0 end_axis: 1 }".to_owned()),
        ];
        for (kind, parameters) in same {
            let layer = format!(
                "layer {{ name: 'y' type: '{kind}' bottom: 'x' top: 'y' {parameters}
                   quantization_param {{ arithmetic: SAME {TOP} }} }}"
            );
            count.compile(shape, &layer);
        }
        let concat = format!(
            "layer {{ name: 'y' type: 'Concat' bottom: 'x' bottom: 'x' top: 'y' concat_param {{ axis: {axis} }}
               quantization_param {{ arithmetic: RESCALED rescale {{ multiplier: 1 }}
                 rescale {{ multiplier: 3 right_shift: 1 }} {TOP} }} }}"
        );
        count.compile(shape, &concat);
        let softmax = format!(
            "layer {{ name: 'f' type: 'Dequantize' bottom: 'x' top: 'f'
               quantization_param {{ arithmetic: CAST top {{ dtype: FLOAT32 scale: 1 }} }} }}
             layer {{ name: 'y' type: 'Softmax' bottom: 'f' top: 'y' softmax_param {{ axis: {axis} }} }}"
        );
        count.compile(shape, &softmax);
    }
    assert!(count.programs > 60, "{count:?}");
}
