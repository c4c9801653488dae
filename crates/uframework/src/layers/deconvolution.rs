use umodel::layers::Deconvolution;

use super::{Call, Work, f32_top, fp32_only};
use crate::error::KernelError;
use crate::kernels::{Matrix, Window, col2im, gemm_f32};

fp32_only!(Deconvolution);

impl Work for Deconvolution {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let p = &self.convolution;
        let (bottom, top) = (call.bottom_shape(0), call.top_shape(0));
        // The window of the convolution whose backward pass this is.
        let window = Window {
            input: [top[2], top[3]],
            kernel: p.kernel,
            stride: p.stride,
            pad: p.pad,
            dilation: p.dilation,
            output: [bottom[2], bottom[3]],
        };
        let [channels, outputs] = [bottom[1] / p.group, p.num_output / p.group];
        let positions = bottom[2] * bottom[3];
        let depth = outputs * p.kernel[0] * p.kernel[1];
        let (weights, input) = (call.weights(0), call.f32(0));
        let bias = p.bias.then(|| call.weights(1));
        let columns = &mut call.scratch.floats;
        let plane = top[2] * top[3];
        let parts = input.chunks_exact((channels * positions).max(1));
        let tops = f32_top(&mut call.tops).chunks_exact_mut((outputs * plane).max(1));
        for (index, (picture, top)) in parts.zip(tops).enumerate() {
            let group = index % p.group;
            let weights = &weights[group * channels * depth..][..channels * depth];
            columns.clear();
            columns.resize(depth * positions, 0.0);
            let right = Matrix::rows(picture, positions);
            gemm_f32(
                [depth, positions, channels],
                Matrix::transposed(weights, depth),
                right,
                columns,
            );
            top.fill(0.0);
            col2im(columns, &window, top);
            if let Some(bias) = bias {
                for (plane, bias) in
                    top.chunks_exact_mut(plane.max(1)).zip(&bias[group * outputs..])
                {
                    plane.iter_mut().for_each(|value| *value += bias);
                }
            }
        }
        Ok(())
    }
}
