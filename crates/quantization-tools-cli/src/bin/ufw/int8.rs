//! What the modes that run an int8 net share.

use std::path::Path;
use std::sync::Arc;

use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, DataFlags, Failure};

/// Reads an int8 net, and says so when it is tested on the pictures of its calibration.
pub(crate) fn executor(
    model: &Path,
    int8umodel: &Path,
    data: &DataFlags,
) -> Result<Executor, Failure> {
    let net = cli::read_quantized_net(model, int8umodel, data)?;
    note_calibration_pictures(net.net(), int8umodel);
    Ok(Executor::quantized(Arc::new(net))?)
}

/// Says so when an int8 net is tested on the pictures that its calibration used: those of both test prototxts that
/// calibration wrote beside the int8umodel.
fn note_calibration_pictures(net: &Net, int8umodel: &Path) {
    let files = OutputFiles::beside(int8umodel);
    let of = |path: &Path| cli::source(&NetParameter::read(path).ok()?, Phase::Test);
    let Some(used) = cli::source(&net.to_parameter(), Phase::Test) else { return };
    let written = [&files.test_fp32, &files.test_int8].map(|path| of(path));
    if written.iter().all(|source| source.as_ref() == Some(&used)) {
        cli::note!(
            "testing on the calibration's pictures ({used}); -source=DB takes others, which tell more"
        );
    }
}

/// Prints how an int8 net is compiled.
pub(crate) fn next(int8umodel: &Path) {
    let [model, weight] =
        [&OutputFiles::beside(int8umodel).deploy_int8, int8umodel].map(cli::quoted);
    cli::next!("bmnetu -model={model} -weight={weight}");
}
