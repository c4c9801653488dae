// The steps of the guide that come before the one that is shown. Included into its tests.

#[allow(dead_code)]
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A folder with the net, its weights and `calibration_lmdb`.
pub fn database() -> Result<tempfile::TempDir, Failure> {
    use quantization_tools::prelude::*;
    use std::path::Path;

    let digits = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/lenet");
    let folder = tempfile::tempdir()?;
    for file in ["lenet.prototxt", "lenet.caffemodel"] {
        std::fs::copy(digits.join(file), folder.path().join(file))?;
    }
    let entries = imageset::read_list(digits.join("calibration.txt"))?.entries;
    let writer = create(folder.path().join("calibration_lmdb"), Backend::Lmdb, Existing::Refuse)?;
    let options = PictureOptions::default().gray(true);
    let read = |path: &Path| picture_to_datum(path, &options);
    let strict = imageset::ConvertOptions::default().check_size(true);
    imageset::convert(&digits.join(""), &entries, writer, &strict, read, |_| ())?;
    Ok(folder)
}

/// The net of the working directory.
#[allow(dead_code)]
pub fn net() -> Result<quantization_tools::umodel::Net, Failure> {
    use quantization_tools::prelude::*;

    let model = NetParameter::read("lenet.prototxt")?;
    let weights = NetParameter::read("lenet.caffemodel")?;
    Ok(Net::with_weights(&model, weights, Phase::Test, &DatabaseSources)?)
}

/// The int8 net.
#[allow(dead_code)]
pub fn calibrate(
    net: &quantization_tools::umodel::Net,
) -> Result<quantization_tools::umodel::QuantizedNet, Failure> {
    use quantization_tools::prelude::*;

    let options = Options::default().iterations(50).method(Method::Kl);
    Ok(quantization_tools::int8_calibration::calibrate(net, &options, |_| ())?.quantized)
}
