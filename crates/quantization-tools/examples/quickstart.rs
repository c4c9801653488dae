//! The whole road on bundled data: pictures → LMDB → calibration → five files → both accuracies → bmodel.
//!
//! Each step is what one of the command-line tools does; the command stands beside it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quantization_tools::bm1684_codegen::References;
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;

const CALIBRATION_PICTURES: usize = 200;
const TEST_PICTURES: usize = 1000;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let digits = root.join("fixtures/lenet");
    let folder = root.join("target/quickstart");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for file in ["lenet.caffemodel", "lenet.prototxt"] {
        fs::copy(digits.join(file), folder.join(file))?;
    }
    // The prototxt names its database relative to the working directory.
    std::env::set_current_dir(&folder)?;

    // convert_imageset --gray fixtures/lenet/ fixtures/lenet/calibration.txt calibration_lmdb
    // convert_imageset --gray fixtures/lenet/ fixtures/lenet/test.txt test_lmdb
    for name in ["calibration", "test"] {
        let count = convert(&digits, name)?;
        println!("{count:5} pictures in {name}_lmdb");
    }

    // calibration_use_pb release -model=lenet.prototxt -weights=lenet.caffemodel
    //     -iterations=200 -bitwidth=TO_INT8
    let weights = Path::new("lenet.caffemodel");
    let net = read_net(Path::new("lenet.prototxt"), weights)?;
    let options = Options::default().iterations(CALIBRATION_PICTURES).method(Method::Kl);
    let calibration = calibrate(&net, &options, |_| ())?;
    let files = OutputFiles::beside(weights);
    files.write(&net, &calibration.quantized)?;

    // ufw test_fp32 -model=test_fp32.prototxt -weights=lenet.caffemodel -iterations=1000
    // ufw test_int8 -model=test_int8.prototxt -weights=lenet.int8umodel -iterations=1000
    let fp32_model = on_test_pictures(&files.test_fp32, "test_fp32.prototxt")?;
    let int8_model = on_test_pictures(&files.test_int8, "test_int8.prototxt")?;
    let fp32 = Executor::new(Arc::new(read_net(&fp32_model, weights)?))?;
    let int8 = Executor::quantized(Arc::new(read_quantized_net(&int8_model, &files.int8umodel)?))?;
    println!("\n{TEST_PICTURES} held-out digits    top-1     top-5      loss");
    for (name, executor) in [("fp32", fp32), ("int8", int8)] {
        let outputs = evaluate(&executor, TEST_PICTURES, |_| ())?;
        let mean = |blob: &str| {
            let found = outputs.iter().find(|output| output.name == blob);
            found.and_then(|output| output.values.first()).copied().unwrap_or(f32::NAN)
        };
        let percent = |blob| 100.0 * mean(blob);
        println!(
            "  {name}                  {:5.2} %  {:6.2} %  {:8.5}",
            percent("accuracy"),
            percent("accuracy_top5"),
            mean("loss")
        );
    }
    // bmnetu -model=lenet_deploy_int8_unique_top.prototxt -weight=lenet.int8umodel
    let deploy = NetParameter::read(&files.deploy_int8)?;
    let weights = NetParameter::read(&files.int8umodel)?;
    let deploy = Arc::new(QuantizedNet::read(&deploy, &weights, Phase::Test, &NoSources)?);
    let program = compile(&deploy)?;
    let inputs = Random::new(0).inputs(&deploy);
    let given = inputs.iter().flat_map(|(_, value)| value.to_bytes()).collect();
    let outputs = Executor::quantized(deploy)?.outputs(inputs)?;
    let expected = outputs.iter().flat_map(Value::to_bytes).collect();
    program.write("compilation", Some(&References::new(given, expected)))?;
    let commands: usize = program.costs.iter().map(|cost| cost.tiu + cost.gdma).sum();
    println!(
        "\ncompilation.bmodel has {commands} commands; on a board, compare it with its references:"
    );
    println!("  bmrt_test --context_dir=compilation");

    println!("\nFiles are in {}:", folder.strip_prefix(&root).unwrap_or(&folder).display());
    for file in files.all() {
        println!("  {}", file.display());
    }
    println!("  compilation/");
    Ok(())
}

/// Makes `NAME_lmdb` of the pictures in `NAME.txt`.
fn convert(root: &Path, name: &str) -> Result<u64, Box<dyn Error + Send + Sync>> {
    let entries = imageset::read_list(root.join(format!("{name}.txt")))?.entries;
    let writer = create(format!("{name}_lmdb"), Backend::Lmdb, Existing::Refuse)?;
    let options = PictureOptions::default().gray(true);
    let to_datum = |path: &Path| picture_to_datum(path, &options);
    let strict = imageset::ConvertOptions::default().check_size(true);
    let summary = imageset::convert(&root.join(""), &entries, writer, &strict, to_datum, |_| ())?;
    Ok(summary.written)
}

/// The fp32 net, with the shapes of its database's pictures.
fn read_net(model: &Path, weights: &Path) -> Result<Net, Box<dyn Error + Send + Sync>> {
    let (model, weights) = (NetParameter::read(model)?, NetParameter::read(weights)?);
    Ok(Net::with_weights(&model, weights, Phase::Test, &DatabaseSources)?)
}

/// The same of the int8 net.
fn read_quantized_net(
    model: &Path,
    weights: &Path,
) -> Result<QuantizedNet, Box<dyn Error + Send + Sync>> {
    let (model, weights) = (NetParameter::read(model)?, NetParameter::read(weights)?);
    Ok(QuantizedNet::read(&model, &weights, Phase::Test, &DatabaseSources)?)
}

/// The same test net, reading the held-out pictures.
fn on_test_pictures(model: &Path, name: &str) -> Result<PathBuf, Box<dyn Error + Send + Sync>> {
    let text = fs::read_to_string(model)?.replace("calibration_lmdb", "test_lmdb");
    fs::write(name, text)?;
    Ok(PathBuf::from(name))
}
