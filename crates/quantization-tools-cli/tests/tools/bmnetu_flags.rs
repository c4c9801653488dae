//! Shapes, inputs and outputs, precision, flags without effect, and files that do not go together. Exact.

use std::sync::Arc;

use bmodel::Bmodel;
use quantization_tools::bm1684_codegen::{IoInfo, TensorType};
use quantization_tools::prelude::*;

use crate::place::{Place, Printed};

const LENET: [&str; 2] =
    ["-model=lenet_deploy_int8_unique_top.prototxt", "-weight=lenet.int8umodel"];

/// LeNet, calibrated.
fn with_lenet() -> Place {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=2"]);
    place
}

fn compile(place: &Place, net: &[&str], arguments: &[&str]) -> Printed {
    place.good("bmnetu", &[net, arguments].concat())
}

fn info(place: &Place, folder: &str) -> IoInfo {
    IoInfo::from_json(&place.read_text(&format!("{folder}/io_info.json"))).expect("JSON")
}

/// A stage for each batch from 1 to 16; the weights are there once.
#[test]
fn stages_share_weights() {
    let place = with_lenet();
    let one = compile(&place, &LENET, &["-outdir=one", "-max_n=1"]).out;
    let all: Vec<String> = (1..=16).map(|images| format!("[{images},1,28,28]")).collect();
    let printed = compile(&place, &LENET, &[&format!("-shapes={}", all.join(","))]).out;
    let stages = printed.lines().filter(|line| line.starts_with("stage "));
    assert_eq!(stages.count(), 16, "{printed}");
    let coefficients = |printed: &str| -> usize {
        let line = printed.lines().find_map(|line| line.strip_prefix("coefficients: "));
        line.and_then(|line| line.split(' ').next()?.parse().ok()).expect("a number")
    };
    assert_eq!(coefficients(&printed), coefficients(&one));
    let bmodel = Bmodel::read(place.path("compilation/compilation.bmodel")).expect("a bmodel");
    let found = bmodel.model.net[0].parameter.as_ref().expect("stages");
    let place_of = |index: usize| found[index].coeff_mem.as_ref().map(|memory| memory.binary_coeff);
    assert!((1..16).all(|index| place_of(index) == place_of(0)));
    let commands: usize = (0..16)
        .flat_map(|index| found[index].cmd_group.iter().flatten())
        .map(|group| 128 * (group.bdc_num + group.gdma_num) as usize)
        .sum();
    let most = coefficients(&one) + commands;
    assert!(bmodel.data.len() <= most, "{} of {most} bytes", bmodel.data.len());
    // References of all stages, each the executor's.
    let inputs = place.read("compilation/input_ref_data.dat");
    let outputs = place.read("compilation/output_ref_data.dat");
    assert_eq!((inputs.len(), outputs.len()), (136 * 784, 136 * 10));
    let (first, rest) = (place.read("one/input_ref_data.dat"), &inputs[784..]);
    assert_eq!((&inputs[..784], rest.len()), (&first[..], 135 * 784));
    assert_eq!(&outputs[..10], place.read("one/output_ref_data.dat"));
    let info = info(&place, "compilation");
    assert_eq!(info.stages.len(), 16);
    assert_eq!(info.stages[15].chip.outputs[0].shape, [16, 10]);

    let fails = |code, arguments: &[&str], expected: &str| {
        place.fails(code, "bmnetu", &[&LENET, arguments].concat(), expected);
    };
    fails(1, &["-shapes=[1,1,28,28],[1,1,28,28]"], "has [[1, 1, 28, 28]] twice");
    fails(1, &["-shapes=[1,1,28,28],[2,1,28,28]", "-max_n=3"], "-max_n goes with");
    fails(1, &["-shapes=[[1,1,28,28],[1]]"], "2 input shapes were given, the net has 1 input");
    fails(2, &["-shapes=[1,1,28,28]x"], "not a list of shapes such as [1,3,224,224]");
    // A picture of another size has other sums than the weights of the last layers.
    fails(1, &["-shapes=[1,1,28,28],[1,1,32,32]"], "layer \"ip1\" (InnerProduct)");
}

/// Two inputs: int8 and fp32; an output that is read inside; the same in fp32.
#[test]
fn inputs_and_outputs() {
    let place = Place::new();
    let int8 = "top { dtype: INT8 scale: 0.5 }";
    let text = format!(
        "name: 'two'
         layer {{ name: 'a' type: 'Input' top: 'a' input_param {{ shape {{ dim: [1, 2, 4, 4] }} }}
           quantization_param {{ arithmetic: CAST {int8} }} }}
         layer {{ name: 'b' type: 'Input' top: 'b' input_param {{ shape {{ dim: [1, 2, 4, 4] }} }}
           quantization_param {{ arithmetic: CAST top {{ dtype: UINT8 scale: 0.25 }} }} }}
         layer {{ name: 'p' type: 'Pooling' bottom: 'a' top: 'p' pooling_param {{ kernel_size: 2 }}
           quantization_param {{ arithmetic: SAME {int8} }} }}
         layer {{ name: 'q' type: 'Pooling' bottom: 'p' top: 'q' pooling_param {{ kernel_size: 2 }}
           quantization_param {{ arithmetic: SAME {int8} }} }}
         layer {{ name: 'r' type: 'Pooling' bottom: 'b' top: 'r' pooling_param {{ kernel_size: 2 }}
           quantization_param {{ arithmetic: SAME top {{ dtype: UINT8 scale: 0.25 }} }} }}"
    );
    place.write("n.prototxt", text);
    let net = ["-model=n.prototxt", "-weight=n.prototxt"];
    let stages = "-shapes=[[1,2,4,4],[1,2,4,4]],[[5,2,4,4],[3,2,8,6]]";
    compile(&place, &net, &["-outdir=plain", stages]);
    let plain = info(&place, "plain");
    let ports = |info: &IoInfo, stage: usize| -> Vec<(String, TensorType, Vec<usize>)> {
        let chip = &info.stages[stage].chip;
        let all = chip.inputs.iter().chain(&chip.outputs);
        all.map(|tensor| (tensor.name.clone(), tensor.dtype, tensor.shape.clone())).collect()
    };
    let port = |name: &str, dtype, shape: &[usize]| (name.to_owned(), dtype, shape.to_vec());
    use TensorType::{Float32, Int8, Uint8};
    assert_eq!(
        ports(&plain, 1),
        [
            port("a", Int8, &[5, 2, 4, 4]),
            port("b", Uint8, &[3, 2, 8, 6]),
            port("q", Int8, &[5, 2, 2, 2]),
            port("r", Uint8, &[3, 2, 7, 5]),
        ]
    );
    // Shapes for two inputs side by side are those of one stage, as the vendor's tools have it.
    compile(&place, &net, &["-outdir=flat", "-shapes=[1,2,4,4],[1,2,4,4]"]);
    assert_eq!(ports(&info(&place, "flat"), 0), ports(&plain, 0));

    let flags = ["-output_names=r,p,q", "-input_as_fp32=b", "-output_as_fp32=p"];
    let printed = compile(&place, &net, &[&flags[..], &["-outdir=float", "-v=1"]].concat());
    let float = info(&place, "float");
    assert_eq!(
        ports(&float, 0),
        [
            port("a", Int8, &[1, 2, 4, 4]),
            port("b", Float32, &[1, 2, 4, 4]),
            port("r", Uint8, &[1, 2, 3, 3]),
            port("p", Float32, &[1, 2, 3, 3]),
            port("q", Int8, &[1, 2, 2, 2]),
        ]
    );
    let row = |name: &str| -> Vec<&str> {
        let row = printed.out.lines().find(|line| line.starts_with(&format!("{name} ")));
        row.expect(name).split_whitespace().collect()
    };
    assert_eq!(row("b_int8")[1..4], ["Quantize", "TIU", "fp32"]);
    assert_eq!(row("p_fp32")[1..4], ["Dequantize", "TIU", "fp32"]);
    // The values are those of the net: the cast in front and the one behind are the caller's own.
    let model = NetParameter::read(place.path("n.prototxt")).expect("prototxt");
    let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("net");
    let references = place.read("float/input_ref_data.dat");
    let (a, b) = references.split_at(32);
    let id = |name: &str| net.net().blob_id(name).expect(name);
    let value = |name: &str, dtype: TensorType, bytes: &[u8]| {
        (id(name), Value::from_bytes(dtype.dtype(), &[1, 2, 4, 4], bytes).expect("fits"))
    };
    let sources = vec![value("a", Int8, a), value("b", Float32, b)];
    let wanted = [id("r"), id("p"), id("q")];
    let mut bytes = vec![Vec::new(); 3];
    let executor = Executor::quantized(Arc::new(net.clone())).expect("executable");
    let mut tap = |at: quantization_tools::umodel::BlobId,
                   _: &quantization_tools::umodel::Blob,
                   value: &Value| {
        if let Some(index) = wanted.iter().position(|&want| want == at) {
            bytes[index] = match index {
                1 => Value::F32(value.to_f32(0.5)).to_bytes(),
                _ => value.to_bytes(),
            };
        }
    };
    executor.forward(&mut Workspace::default(), sources, &mut tap).expect("runs");
    assert!(place.read("float/output_ref_data.dat") == bytes.concat());

    let net = ["-model=n.prototxt", "-weight=n.prototxt"];
    let fails = |arguments: &[&str], expected: &str| {
        place.fails(1, "bmnetu", &[&net, arguments].concat(), expected);
    };
    fails(&["-output_names=pp"], "the net has no such blob \"pp\", did you mean \"p\"");
    fails(&["-input_as_fp32=p"], "the net has no input \"p\"");
    fails(&["-output_as_fp32=p"], "the net has no such blob \"p\"");
    let printed = compile(&place, &net, &["-output_names=p", "-input_as_fp32=a"]);
    assert!(!printed.err.contains("no effect"), "{}", printed.err);
    let twice = ["-mode=GenUmodel", "-input_as_fp32=a", "-output_as_fp32=q", "-net_name=two/x"];
    let printed = compile(&place, &net, &twice);
    let files = ["compilation/two_x_bmnetu.prototxt", "compilation/two_x_bmnetu.int8umodel"];
    assert_eq!(printed.out, format!("{}\n{}\n", files[0], files[1]));
    // What was written is what would have been compiled.
    let again = [format!("-model={}", files[0]), format!("-weight={}", files[1])];
    let again = [&again[0][..], &again[1]];
    let printed = compile(&place, &again, &["-input_as_fp32=a", "-outdir=again", "-net_name=x"]);
    assert!(
        printed.err.contains("-input_as_fp32=a has no effect: it is fp32 already"),
        "{}",
        printed.err
    );
    compile(&place, &net, &[&twice[1..3], &["-outdir=once", "-net_name=x"]].concat());
    let [again, once] =
        ["again", "once"].map(|folder| place.read(&format!("{folder}/compilation.bmodel")));
    assert!(again == once);
}

/// An fp32 net: folded, and compiled as far as there is code.
#[test]
fn fp32_nets() {
    let place = Place::new();
    let text = "name: 'float'
         layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [2, 3, 4, 4] } } }
         layer { name: 'd' type: 'Dropout' bottom: 'x' top: 'd' }
         layer { name: 's' type: 'Softmax' bottom: 'd' top: 's' }
         layer { name: 't' type: 'TopK' bottom: 's' top: 't' top: 'at' top_k_param { k: 2 axis: 1 } }";
    place.write("n.prototxt", text);
    place.write("w.prototxt", "layer { name: 'other' type: 'ReLU' }");
    let net = ["-model=n.prototxt", "-weight=w.prototxt", "-prec=FP32"];
    let printed = compile(&place, &net, &["-v=1"]);
    assert!(printed.err.contains("the net is cut at \"s\": layer \"t\" (TopK)"), "{}", printed.err);
    let lines: Vec<&str> = printed.out.lines().collect();
    assert!(
        lines.iter().any(|line| line.starts_with("s ") && line.contains(" TIU fp32 ")),
        "{lines:?}"
    );
    assert!(!lines.iter().any(|line| line.starts_with("d ")), "{lines:?}: a Dropout does nothing");
    let info = info(&place, "compilation");
    assert_eq!(info.stages[0].chip.inputs[0].dtype, TensorType::Float32);
    assert_eq!(info.stages[0].host.as_ref().expect("host").weights, None);
    let refs = ["run", "-bmodel=compilation/compilation.bmodel"];
    let out = ["-chip_outputs=compilation/output_ref_data.dat", "-out=t.npz"];
    let printed = place.good("ufw", &[&refs[..], &out].concat()).out;
    assert!(printed.contains("t 2x2x4x4: ") && printed.contains("at 2x2x4x4: "), "{printed}");
    let printed = compile(&place, &net, &["-mode=GenUmodel"]).out;
    assert!(printed.contains("compilation/float_bmnetu.fp32umodel"), "{printed}");
    // There is nothing for the chip.
    let last = text.replace("bottom: 's' top: 't'", "bottom: 'd' top: 't'");
    let (front, back) = last.split_once("layer { name: 's'").expect("a softmax");
    let back = back.split_once("layer { name: 't'").expect("a TopK").1;
    place.write("n.prototxt", format!("{front} layer {{ name: 't'{back}"));
    place.fails(
        1,
        "bmnetu",
        &net,
        "nothing of the net can run on the chip, for all of it depends on layer \"t\" (TopK): it is",
    );
}

/// Flags of the vendor's tool.
#[test]
fn flags_of_the_vendors_tool() {
    let place = with_lenet();
    compile(&place, &LENET, &["-outdir=plain"]);
    let flags = [
        "--opt=2",
        "-dyn=false",
        "--mode=compile",
        "-prec=INT8",
        "-use_wino",
        "-enable_profile=true",
        "-cmp=true",
        "-target=BM1684",
        "-outdir=flags",
    ];
    let printed = compile(&place, &LENET, &flags);
    for flag in ["use_wino", "enable_profile"] {
        assert!(printed.err.contains(&format!("note: -{flag} has no effect\n")), "{}", printed.err);
    }
    for file in ["compilation.bmodel", "output_ref_data.dat", "io_info.json"] {
        let [plain, flags] =
            ["plain", "flags"].map(|folder| place.read(&format!("{folder}/{file}")));
        assert!(plain == flags, "{file}");
    }
    // What is done for speed changes the program, not what it computes.
    compile(&place, &LENET, &["-outdir=layers", "-opt=0"]);
    let [plain, layers] = ["plain", "layers"].map(|folder| {
        ["compilation.bmodel", "output_ref_data.dat"]
            .map(|file| place.read(&format!("{folder}/{file}")))
    });
    assert!(plain[0] != layers[0] && plain[1] == layers[1]);
    let printed = compile(
        &place,
        &LENET,
        &["-outdir=quiet", "-opt=1", "-nouse_wino", "-enable_profile=false"],
    );
    assert!(
        !printed.err.contains("use_wino") && !printed.err.contains("profile"),
        "{}",
        printed.err
    );
    let fails = |code, arguments: &[&str], expected: &str| {
        place.fails(code, "bmnetu", &[&LENET, arguments].concat(), expected);
    };
    fails(1, &["-dyn"], "-dyn=true: there are only programs for shapes that are known beforehand");
    fails(2, &["-opt=3"], "3 is not in 0..=2");
    fails(2, &["-mode=GenModel"], "compile, GenUmodel");
    fails(2, &["-prec=INT4"], "FP32, INT8");
    for (mistaken, meant) in [
        ("-shape=[1]", "--shapes"),
        ("--input_as_fp=a", "--input_as_fp32"),
        ("-output_as_float32=a", "--output_as_fp32"),
        ("-enable_profil", "--enable_profile"),
        ("-netname=a", "--net_name"),
    ] {
        fails(2, &[mistaken], &format!("a similar argument exists: '{meant}'"));
    }
}

/// Files of the wrong precision, or of another net.
#[test]
fn files_that_do_not_go_together() {
    let place = with_lenet();
    let fails = |arguments: &[&str], expected: &str| {
        place.fails(1, "bmnetu", arguments, expected);
    };
    let [int8, fp32] =
        ["int8", "fp32"].map(|kind| format!("-model=lenet_deploy_{kind}_unique_top.prototxt"));
    fails(
        &[&int8, "-weight=lenet.caffemodel"],
        "beside them, with its *_int8_unique_top.prototxt; to compile it in fp32 as it is: -prec=FP32",
    );
    fails(
        &[&fp32, "-weight=lenet.int8umodel", "-prec=FP32"],
        "that was calibrated; to compile the int8 net: -prec=INT8",
    );
    fails(&[&fp32, "-weight=lenet.int8umodel"], "is not the net of this int8umodel");
    fails(
        &["-model=lenet.prototxt", "-weight=lenet.caffemodel", "-prec=FP32"],
        "layer \"data\" (Data)",
    );
    // A layer that the calibration did not see as it is now.
    let text = place.read_text("lenet_deploy_int8_unique_top.prototxt");
    place.write("changed.prototxt", text.replacen("num_output: 20", "num_output: 24", 1));
    fails(
        &["-model=changed.prototxt", "-weight=lenet.int8umodel"],
        "layer \"conv1\" (Convolution): ",
    );
    place.write("pooled.prototxt", text.replacen("pool: MAX", "pool: AVE", 1));
    fails(&["-model=pooled.prototxt", "-weight=lenet.int8umodel"], "layer \"pool1\" (Pooling): ");
}

/// Sizes beyond the chip's: the layer, the reason, what to do. Little time and memory is spent.
#[test]
fn sizes_beyond_the_chip() {
    let place = Place::new();
    let softmax = |shape: &str, names: &[&str]| {
        let layers: String = names
            .iter()
            .map(|name| {
                format!("layer {{ name: '{name}' type: 'Softmax' bottom: 'x' top: '{name}' }}\n")
            })
            .collect();
        format!(
            "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: {shape} }} }} }}\n{layers}"
        )
    };
    place.write("w.prototxt", "layer { name: 'other' type: 'ReLU' }");
    for (text, expected) in [
        (
            softmax("[1, 1, 16384, 16384]", &["a", "b", "c", "d"]),
            "more than the 4 GiB of addresses; most are alive at layer \"d\" (Softmax), 5368709120 bytes: use a smaller batch",
        ),
        (
            softmax("[16384, 32768]", &["a"]),
            "for all of it depends on layer \"a\" (Softmax): blobs and coefficients need ",
        ),
    ] {
        place.write("n.prototxt", text);
        let net = ["-model=n.prototxt", "-weight=w.prototxt", "-prec=FP32", "-nocmp"];
        place.fails(1, "bmnetu", &net, expected);
    }
    let top = "top { dtype: INT8 scale: 0.5 }";
    place.write(
        "pool.prototxt",
        format!(
            "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 1, 500, 500] }} }}
               quantization_param {{ arithmetic: CAST {top} }} }}
             layer {{ name: 'p' type: 'Pooling' bottom: 'x' top: 'p' pooling_param {{ kernel_size: 500 }}
               quantization_param {{ arithmetic: SAME {top} }} }}"
        ),
    );
    let net = ["-model=pool.prototxt", "-weight=pool.prototxt", "-no_cut"];
    let lane = "layer \"p\" (Pooling): its smallest tile needs 1000320 bytes of the 524288 of a lane: use a smaller kernel";
    place.fails(1, "bmnetu", &net, lane);
}

/// Blobs inside an equalized net are not what they were; outputs of the net are.
#[test]
fn outputs_with_factors_of_channels_are_warned_of() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=2", "-equalize=true", "-th_method=MSE"]);
    let inside = compile(&place, &LENET, &["-output_names=conv1"]);
    let warning = "warning: channels of the output conv1 are each divided by a factor of its own";
    assert!(inside.err.contains(warning), "{}", inside.err);
    let outputs = compile(&place, &LENET, &["-output_names=ip2"]);
    assert!(!outputs.err.contains("factor"), "{}", outputs.err);
}
