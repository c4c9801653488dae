//! Whole networks: fp32 against real Caffe (mixed error 3e-5, see [`conformance::mixed_error`]), int8 against fp32
//! (statistical).

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use conformance::{
    SMALL, difference, first_pass, fixtures, make_lmdb, mixed_error, needs, none, read_net,
    with_database,
};
use libtest_mimic::{Arguments, Failed, Trial};
use ndarray::ArrayD;
use quantization_tools::prelude::*;
use quantization_tools::umodel::passes;

const TOLERANCE: f32 = 3e-5;

fn main() -> ExitCode {
    let lenet = |test: fn(&Network) -> Result<(), Failed>| {
        move || Network::lenet().and_then(|network| test(&network))
    };
    let resnet = |test: fn(&Network, &[PathBuf]) -> Result<(), Failed>| {
        move |folders: &[PathBuf]| test(&Network::resnet(&folders[0])?, folders)
    };
    let trials = vec![
        Trial::test("lenet_blobs_equal_recorded_caffe", lenet(equals_recorded)),
        Trial::test("lenet_int8_accuracy_within_0.2_points", lenet(lenet_accuracy)),
        Trial::test("lenet_folding_keeps_all_outputs", lenet(folding_keeps_outputs)),
        Trial::test("lenet_int8_files_read_back_alike", lenet(files_read_back)),
        needs(&["CAFFE_ORACLE"], "lenet_blobs_equal_live_caffe", |folders| {
            equals_live(&Network::lenet()?, &folders[0])
        }),
        needs(
            &["RESNET_50_1BY2"],
            "resnet_blobs_equal_recorded_caffe",
            resnet(|network, _| equals_recorded(network)),
        ),
        needs(
            &["RESNET_50_1BY2", "CAFFE_ORACLE"],
            "resnet_blobs_equal_live_caffe",
            resnet(|network, folders| equals_live(network, &folders[1])),
        ),
        needs(
            &["RESNET_50_1BY2"],
            "resnet_folding_keeps_all_outputs",
            resnet(|network, _| folding_keeps_outputs(network)),
        ),
        needs(&["RESNET_50_1BY2"], "resnet_int8_outputs_cosine_0.99", resnet(resnet_cosine)),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A net whose test database holds the pictures that the goldens were recorded with.
struct Network {
    folder: tempfile::TempDir,
    model: PathBuf,
    weights: PathBuf,
    goldens: PathBuf,
    batch: usize,
    net: Net,
}

impl Network {
    fn new(
        pictures: &Path,
        [model, weights]: [PathBuf; 2],
        goldens: &str,
        options: &PictureOptions,
        batch: usize,
    ) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let database = folder.path().join("test_lmdb");
        make_lmdb(pictures, "test.txt", usize::MAX, options, &database)?;
        let net = read_net(&model, &weights, &database, batch)?;
        Ok(Network { folder, model, weights, goldens: fixtures().join(goldens), batch, net })
    }

    fn lenet() -> Result<Self, Failed> {
        let root = fixtures().join("lenet");
        let files = ["lenet.prototxt", "lenet.caffemodel"].map(|file| root.join(file));
        let options = PictureOptions::default().gray(true);
        Network::new(&root, files, "lenet/goldens.json", &options, 4)
    }

    fn resnet(root: &Path) -> Result<Self, Failed> {
        let files = ["resnet_50_1by2.prototxt", "resnet_50_1by2.caffemodel"];
        let files = files.map(|file| root.join(file));
        let options = PictureOptions::default().resize(Some([256, 256]));
        Network::new(root, files, "resnet_50_1by2/goldens.json", &options, 1)
    }

    fn calibrated(
        &self,
        pictures: &Path,
        options: &PictureOptions,
        iterations: usize,
    ) -> Result<QuantizedNet, Failed> {
        let database = self.folder.path().join("calibration_lmdb");
        make_lmdb(pictures, "calibration.txt", usize::MAX, options, &database)?;
        let net = read_net(&self.model, &self.weights, &database, 1)?;
        let options = Options::default().iterations(iterations);
        let quantized = calibrate(&net, &options, |_| ())?.quantized;
        OutputFiles::beside(&self.folder.path().join("net.caffemodel")).write(&net, &quantized)?;
        Ok(quantized)
    }

    /// The int8 net, read from its files, on the test pictures.
    fn read_int8(&self, batch: usize) -> Result<QuantizedNet, Failed> {
        let path = |name: &str| self.folder.path().join(name);
        let text = std::fs::read_to_string(path("net_test_int8_unique_top.prototxt"))?;
        let text = text.replace("/calibration_lmdb\"", "/test_lmdb\"");
        let text = with_database(&text, &path("test_lmdb"), batch);
        let model = NetParameter::parse_text(&text)?;
        let weights = NetParameter::read(path("net.int8umodel"))?;
        Ok(QuantizedNet::read(&model, &weights, Phase::Test, &DatabaseSources)?)
    }
}

/// Mixed error 3e-5: the recorded samples of every blob, of which the largest value is known, but not those of its
/// channels. Caffe's name stands for the last blob that was written under it.
fn equals_recorded(network: &Network) -> Result<(), Failed> {
    let text = std::fs::read_to_string(&network.goldens)?;
    let goldens: serde_json::Value = serde_json::from_str(&text)?;
    let goldens = goldens["blobs"].as_object().ok_or("no blobs")?;
    let blobs = first_pass(&network.net)?;
    let mut wrong = Vec::new();
    for (name, golden) in goldens {
        let versions = blobs.iter().filter(|(found, _)| {
            let suffix = found.strip_prefix(name.as_str()).map(|rest| rest.strip_prefix('_'));
            found == name || suffix.flatten().is_some_and(|n| n.parse::<u32>().is_ok())
        });
        // A name such as conv_1 can also look like the second version of conv.
        let versions: Vec<_> =
            versions.filter(|(found, _)| found == name || !goldens.contains_key(found)).collect();
        let Some((_, blob)) = versions.last() else {
            wrong.push(format!("no blob {name}"));
            continue;
        };
        let shape: Vec<usize> = serde_json::from_value(golden["shape"].clone())?;
        if blob.shape() != shape {
            wrong.push(format!("{name}: shape {:?}, Caffe's {shape:?}", blob.shape()));
            continue;
        }
        let largest: f32 = serde_json::from_value(golden["largest"].clone())?;
        let samples: Vec<(usize, f32)> = serde_json::from_value(golden["samples"].clone())?;
        let values = blob.as_slice().ok_or("layout")?;
        let error = |(place, expected)| difference(values[place], expected, SMALL * largest);
        let error = samples.into_iter().map(error).fold(0.0, f32::max);
        if error > TOLERANCE {
            wrong.push(format!("{name}: error {error:e}"));
        }
    }
    if goldens.len() < 11 {
        wrong.push(format!("only {} blobs", goldens.len()));
    }
    none(wrong)
}

/// Mixed error 3e-5: every value of every blob, Caffe running the unique-top net that we write.
fn equals_live(network: &Network, caffe: &Path) -> Result<(), Failed> {
    let folder = network.folder.path();
    let (model, dump) = (folder.join("live.prototxt"), folder.join("dump"));
    std::fs::create_dir(&dump)?;
    std::fs::write(&model, network.net.to_parameter().to_text())?;
    let status = Command::new(caffe.join("caffe_dump"))
        .args([model.as_os_str(), network.weights.as_os_str()])
        .args(["1", "1"])
        .arg(&dump)
        .env("LD_LIBRARY_PATH", caffe)
        .output()?;
    if !status.status.success() {
        return Err(String::from_utf8_lossy(&status.stderr).into_owned().into());
    }
    let mut wrong = Vec::new();
    for (name, blob) in first_pass(&network.net)? {
        let bytes = std::fs::read(dump.join(format!("0.{}.npy", name.replace('/', "_"))))?;
        let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]])) + 10;
        let values = bytes[header..].chunks_exact(4);
        let expected: Vec<f32> =
            values.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let Ok(expected) = ArrayD::from_shape_vec(blob.shape(), expected) else {
            wrong.push(format!("{name}: Caffe has not {} values", blob.len()));
            continue;
        };
        let error = mixed_error(&blob, &expected);
        if error > TOLERANCE {
            wrong.push(format!("{name}: error {error:e}"));
        }
    }
    none(wrong)
}

/// Statistical: 200 calibration digits, 1,000 others.
fn lenet_accuracy(network: &Network) -> Result<(), Failed> {
    let options = PictureOptions::default().gray(true);
    network.calibrated(&fixtures().join("lenet"), &options, 200)?;
    let database = network.folder.path().join("test_lmdb");
    let float = read_net(&network.model, &network.weights, &database, 100)?;
    let accuracy = |executor: Executor| -> Result<f32, Failed> {
        let outputs = evaluate(&executor, 10, |_| ())?;
        let output = outputs.iter().find(|output| output.name == "accuracy");
        Ok(output.ok_or("no accuracy")?.values[0])
    };
    let float = accuracy(Executor::new(Arc::new(float))?)?;
    let int8 = accuracy(Executor::quantized(Arc::new(network.read_int8(100)?))?)?;
    if float < 0.97 || (float - int8).abs() > 0.002 {
        return Err(format!("fp32 {float}, int8 {int8}").into());
    }
    Ok(())
}

/// Mixed error 1e-3, since small values of a channel lose digits when factors are folded: the prepared net computes
/// what the original does.
fn folding_keeps_outputs(network: &Network) -> Result<(), Failed> {
    let folded = passes::fold_affine(&passes::remove_identities(&network.net)?)?;
    let original = first_pass(&network.net)?;
    let mut compared = 0;
    let mut wrong = Vec::new();
    for (name, blob) in first_pass(&folded)? {
        match original.iter().find(|(found, _)| *found == name) {
            None => wrong.push(format!("new blob {name}")),
            Some((_, expected)) => {
                let error = mixed_error(&blob, expected);
                if error > 1e-3 {
                    wrong.push(format!("{name}: error {error:e}"));
                }
            }
        }
        compared += 1;
    }
    if compared < 9 {
        wrong.push(format!("only {compared} blobs"));
    }
    none(wrong)
}

/// Bit-exact: the int8 net gives the same before it is written and after it is read.
fn files_read_back(network: &Network) -> Result<(), Failed> {
    let options = PictureOptions::default().gray(true);
    let written = network.calibrated(&fixtures().join("lenet"), &options, 20)?;
    let read = network.read_int8(1)?;
    let bytes = |net: &QuantizedNet| net.to_parameter_with_weights().to_bytes();
    let layers = |net: &QuantizedNet| -> Vec<_> {
        let count = net.net().layers().len();
        (0..count).map(|index| net.arithmetic(index).clone()).collect()
    };
    if layers(&written) != layers(&read) {
        return Err("the layers' integers differ".into());
    }
    // Only the database differs.
    if bytes(&written)?.len().abs_diff(bytes(&read)?.len()) > 16 {
        return Err("the files differ".into());
    }
    let deploy =
        std::fs::read_to_string(network.folder.path().join("net_deploy_int8_unique_top.prototxt"))?;
    let deploy = NetParameter::parse_text(&deploy)?;
    let weights = NetParameter::read(network.folder.path().join("net.int8umodel"))?;
    let deploy = QuantizedNet::read(&deploy, &weights, Phase::Test, &NoSources)?;
    let quantization_tools::umodel::LayerOp::Input(input) = &deploy.net().layers()[0].op else {
        return Err("a deploy net starts with an Input layer".into());
    };
    let scale = deploy.format(deploy.net().layers()[0].tops[0]).scale;
    match input.int8_scale {
        Some(int8_scale) if (int8_scale * scale - 1.0).abs() < 1e-6 => Ok(()),
        other => Err(format!("int8_scale {other:?}, scale {scale}").into()),
    }
}

/// Statistical: calibrated on five photographs and parts of them, tested on three others.
fn resnet_cosine(network: &Network, folders: &[PathBuf]) -> Result<(), Failed> {
    let options = PictureOptions::default().resize(Some([256, 256]));
    network.calibrated(&folders[0], &options, 25)?;
    let float = Executor::new(Arc::new(network.net.clone()))?;
    let int8 = Executor::quantized(Arc::new(network.read_int8(network.batch)?))?;
    let report = similarity(&float, &int8, 15, |_| ())?;
    for name in ["fc_nsfw", "prob"] {
        let blob = report.iter().find(|blob| blob.name == name).ok_or("no such output")?;
        if blob.worst_cosine < 0.99 {
            return Err(format!("{blob:?}").into());
        }
    }
    Ok(())
}
