use std::collections::HashSet;

use quantization_tools::int8_calibration::similarity;
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, Failure};

/// Batches on which both nets are compared.
const CHECKED: usize = 5;
/// The cosine of an output below which something went wrong.
const ALIKE: f64 = 0.98;
/// How many blobs a warning names.
const NAMED: usize = 3;

/// Compares the outputs of the deploy net in fp32 and int8 on some of the pictures: an int8 net that has nothing in common
/// with the fp32 one is not passed on in silence.
pub(crate) fn check(
    net: Net,
    quantized: QuantizedNet,
    deployed: &Net,
    iterations: usize,
) -> Result<(), Failure> {
    let outputs: HashSet<&str> =
        deployed.outputs().into_iter().map(|id| deployed.blob(id).name.as_str()).collect();
    let (float, int8) = (Executor::new(net.into())?, Executor::quantized(quantized.into())?);
    let batches = iterations.min(CHECKED);
    let blobs = similarity(&float, &int8, batches, |_| ())?;
    let (outputs, inner): (Vec<_>, Vec<_>) =
        blobs.into_iter().partition(|blob| outputs.contains(blob.name.as_str()));
    let Some(worst) = outputs.iter().min_by(|a, b| a.mean_cosine.total_cmp(&b.mean_cosine)) else {
        return Ok(());
    };
    let (blob, cosine) = (&worst.name, worst.mean_cosine);
    cli::say!("int8 beside fp32, {batches} batches: cosine of output {blob:?} {cosine:.6}");
    if cosine < ALIKE {
        let mut inner: Vec<_> = inner.iter().filter(|blob| blob.mean_cosine < ALIKE).collect();
        inner.sort_by(|a, b| a.mean_cosine.total_cmp(&b.mean_cosine));
        let named = inner.iter().take(NAMED);
        let named: Vec<String> =
            named.map(|blob| format!("{:?} {:.3}", blob.name, blob.mean_cosine)).collect();
        let inner = match &named[..] {
            [] => String::new(),
            named => format!("; worst inside: {}", named.join(", ")),
        };
        cli::note!(
            "warning: int8 differs from fp32: cosine of {blob:?} {cosine:.3}{inner}. Try more and other pictures, another \
             -th_method, -recover=true, or fp32 layers by -fpfwd_blocks and -fpfwd_outputs"
        );
    }
    Ok(())
}
