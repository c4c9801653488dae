//! `bm_model --timeline`: exact figures that follow from one another, a trace that is JSON, a picture that is XML.

use bmodel::Builder;
use quantization_tools::bm1684_isa::commands::{Direction, Gdma, Streams, Tiu};
use quantization_tools::bm1684_isa::memory::local_address;
use serde_json::Value;

use crate::place::{OUTPUTS, Place};

/// A bmodel of these groups.
pub(crate) fn write(place: &Place, name: &str, chip: &str, groups: &[Streams]) {
    let bytes = |streams: &Streams| {
        let tiu = streams.tiu.iter().flat_map(|command| command.encode().expect("fits"));
        let gdma = streams.gdma.iter().flat_map(|command| command.encode().expect("fits"));
        [tiu.collect(), gdma.collect()]
    };
    let tensor = |name: &str, address| {
        bmodel::TensorInfo::new(name, bmodel::DataType::I8, vec![1, 3, 8, 8]).address(address)
    };
    Builder::new("a<b", chip)
        .coefficients(0x1_0510_0000, vec![7; 64])
        .context(0x1_0510_1000, 0x4000)
        .inputs(vec![tensor("data", 0x1_0510_1000)])
        .outputs(vec![tensor("prob", 0x1_0510_3000)])
        .groups(groups.iter().map(bytes).collect())
        .build()
        .expect("built")
        .write(place.path(name))
        .expect("written");
}

/// A convolution of two steps, 30 cycles, that waits for a move within local memory of 10, and one of 40 beside it; then
/// a group that only moves, 4 cycles.
pub(crate) fn groups() -> Vec<Streams> {
    let conv = Tiu {
        cmd_id_tpu: 1,
        cmd_id_gdma: 1,
        res0_addr: local_address(0, 0),
        tsk_opd_num: 2,
        opd0_c: 28,
        res0_n: 1,
        res0_c: 1,
        res0_h: 2,
        res0_w: 16,
        opd1_h: 1,
        opd1_w: 1,
        ..Tiu::default()
    };
    let shuffle = |lines: u16, id: u16| Gdma {
        cmd_id: id,
        direction: Direction::LocalToLocal,
        src_nsize: 1,
        src_csize: 1,
        src_hsize: lines,
        src_wsize: 8,
        dst_nsize: 1,
        dst_csize: 1,
        dst_hsize: lines,
        dst_wsize: 8,
        src_hstride: 8,
        src_wstride: 1,
        dst_hstride: 8,
        dst_wstride: 1,
        ..Gdma::default()
    };
    vec![
        Streams { tiu: vec![conv], gdma: vec![shuffle(7, 1), shuffle(37, 2)] },
        Streams { tiu: vec![], gdma: vec![shuffle(1, 1)] },
    ]
}

fn good(place: &Place, arguments: &[&str]) -> String {
    let printed = place.good("bm_model", &[&["-q"], arguments].concat());
    assert_eq!(printed.err, "", "{arguments:?}");
    printed.out
}

/// Exact, by hand.
const TABLES: &str = "\
net a<b stage 0: 54 cycles, 0.000 ms at 550 MHz
TIU busy 30 cycles (55.6 %), idle 24
GDMA busy 54 cycles (100.0 %), idle 0
DDR traffic: 0 bytes read, 0 written, 0 copied
kind     engine  commands  cycles     ms    share
shuffle  GDMA           3      54  0.000  100.0 %
conv     TIU            1      30  0.000   55.6 %
";

#[test]
fn tables_of_any_bmodel() {
    let place = Place::new();
    write(&place, "a.bmodel", "BM1684", &groups());
    let by_group = "\
layers: no file beside the bmodel names them, so by group of commands
group  TIU  GDMA  cycles     ms   share
0       30    50      50  0.000  92.6 %
1        0     4       4  0.000   7.4 %
";
    for arguments in [&["--timeline", "a.bmodel"][..], &["-timeline=a.bmodel"]] {
        assert_eq!(good(&place, arguments), format!("{TABLES}{by_group}"));
    }
    // The vendor's compiler writes what operations there are.
    let vendors = r#"[
        {"subnet_id":0,"opcode":"tpu.Load","tiu_dma_id(before)":[0,0],"tiu_dma_id(after)":[0,2],"results":[{"name":"x"}]},
        {"subnet_id":0,"opcode":"tpu.Conv2D","tiu_dma_id(before)":[0,2],"tiu_dma_id(after)":[1,2],"results":[{"name":"y"}]},
        {"subnet_id":0,"opcode":"tpu.Load","tiu_dma_id(before)":[1,2],"tiu_dma_id(after)":[1,3],"results":[{"name":"x"}]}
    ]"#;
    place.write("a.bmodel.json", vendors);
    let by_layer = "\
layer  type    TIU  GDMA  cycles     ms    share
x      Load      0    54      54  0.000  100.0 %
y      Conv2D   30     0       0  0.000    0.0 %
";
    assert_eq!(good(&place, &["--timeline", "a.bmodel"]), format!("{TABLES}{by_layer}"));
    // bmnetu's own file goes before it.
    let ours = |gdma| {
        format!(
            r#"{{"stages":[{{"layers":[
                {{"name":"x","type":"Permute","tiu":0,"gdma":2}},
                {{"name":"y","type":"ReLU","tiu":1,"gdma":{gdma}}}
            ]}}]}}"#
        )
    };
    place.write("a.layers.json", ours(1));
    let by_layer = "\
layer  type     TIU  GDMA  cycles     ms   share
x      Permute    0    50      50  0.000  92.6 %
y      ReLU      30     4       4  0.000   7.4 %
";
    assert_eq!(good(&place, &["--timeline", "a.bmodel"]), format!("{TABLES}{by_layer}"));
    // A file that is no good is told and left.
    for (text, expected) in [
        (ours(2), "it does not fit the bmodel's commands"),
        (r#"{"stages":[]}"#.to_owned(), "it does not fit the bmodel's commands"),
        ("{".to_owned(), "EOF while parsing"),
    ] {
        place.write("a.layers.json", text);
        let printed = place.good("bm_model", &["-q", "--timeline", "a.bmodel"]);
        assert_eq!(printed.out, format!("{TABLES}{by_group}"));
        let start = format!("warning: a.layers.json: {expected}");
        assert!(printed.err.starts_with(&start), "{}", printed.err);
        assert!(printed.err.ends_with("; nothing is told by layer\n"), "{}", printed.err);
    }
}

#[test]
fn layers_are_bounded() {
    let place = Place::new();
    write(&place, "a.bmodel", "BM1684", &groups());
    for name in ["a.bmodel.json", "a.layers.json"] {
        let file = std::fs::File::create(place.path(name)).expect("created");
        file.set_len((1 << 26) + 1).expect("sparse");
        let printed = place.good("bm_model", &["-q", "--timeline", "a.bmodel"]);
        let expected = format!("warning: {name}: it has more than 67108864 bytes; ");
        assert!(printed.err.starts_with(&expected), "{}", printed.err);
    }
    // More commands than there is memory for.
    let layer = r#"{"name":"x","type":"ReLU","tiu":4611686018427387904,"gdma":0}"#;
    place.write(
        "a.layers.json",
        format!(r#"{{"stages":[{{"layers":[{layer},{layer},{layer},{layer}]}}]}}"#),
    );
    let printed = place.good("bm_model", &["-q", "--timeline", "a.bmodel"]);
    assert!(printed.err.contains("does not fit"), "{}", printed.err);
}

/// The commands in a trace.
fn commands(trace: &Value) -> Vec<&Value> {
    let events = trace["traceEvents"].as_array().expect("events");
    events.iter().filter(|event| event["ph"] == "X").collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

/// Those of so many microseconds.
fn cycles(time: f64) -> u64 {
    format!("{:.0}", time * 550.0).parse().expect("a number")
}

#[test]
fn a_trace_has_all_commands() {
    let place = Place::new();
    write(&place, "a.bmodel", "BM1684", &groups());
    assert_eq!(good(&place, &["--timeline=t.json", "a.bmodel"]), "t.json\n");
    assert_eq!(place.names("."), ["a.bmodel", "t.json"]);
    let trace: Value = serde_json::from_str(&place.read_text("t.json")).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("events");
    let about = |name: &str| -> Vec<&str> {
        let some = events.iter().filter(|event| event["ph"] == "M" && event["name"] == name);
        some.map(|event| event["args"]["name"].as_str().expect("a name")).collect()
    };
    assert_eq!(about("process_name"), ["net a<b stage 0"]);
    assert_eq!(about("thread_name"), ["TIU", "GDMA"]);
    let cycle = |value: &Value| cycles(number(value));
    let found: Vec<_> = commands(&trace)
        .into_iter()
        .map(|event| {
            let waits = event["args"]["waits for"].as_str().unwrap_or_default();
            let name = event["name"].as_str().expect("a name");
            (event["tid"].as_u64(), name, cycle(&event["ts"]), cycle(&event["dur"]), waits)
        })
        .collect();
    let expected = [
        (Some(2), "shuffle", 0, 10, ""),
        (Some(1), "conv", 10, 30, "GDMA 1"),
        (Some(2), "shuffle", 10, 40, ""),
        (Some(2), "shuffle", 50, 4, ""),
    ];
    assert_eq!(found, expected);
}

/// Compiled nets: two stages, with their layers.
#[test]
fn what_bmnetu_compiles_has_layers() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=5", "-th_method=MAX"]);
    let model = format!("-model={}", OUTPUTS[2]);
    let weight = format!("-weight={}", OUTPUTS[0]);
    let shapes = "-shapes=[1,1,28,28],[8,1,28,28]";
    place.good("bmnetu", &[&model, &weight, "-nocmp", shapes]);
    let bmodel = "compilation/compilation.bmodel";
    let text = good(&place, &["--timeline", bmodel]);
    let mut stages = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["net", _, "stage", _, cycles, "cycles,", ..] => {
                stages.push((cycles.parse::<u64>().expect("cycles"), vec![]));
            }
            [name, kind, _, _, cycles, _, _, "%"] if kind != "GDMA" && kind != "TIU" => {
                let (_, layers) = stages.last_mut().expect("a stage");
                layers.push((name, kind, cycles.parse::<u64>().expect("cycles")));
            }
            _ => {}
        }
    }
    assert_eq!(stages.len(), 2, "{text}");
    for (cycles, layers) in &stages {
        let names: Vec<_> = layers.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, ["conv1", "pool1", "conv2", "pool2", "ip1", "ip2"], "{text}");
        assert_eq!(layers.iter().map(|(.., cycles)| cycles).sum::<u64>(), *cycles, "{text}");
    }
    assert!(stages[0].0 < stages[1].0, "one to four images cost the same, eight cost more");

    // The trace: a process for each stage, by start; an engine does one thing at a time; all ends when the stage does.
    good(&place, &["--timeline=t.json", bmodel]);
    let trace: Value = serde_json::from_str(&place.read_text("t.json")).expect("JSON");
    for (index, (cycles, layers)) in stages.iter().enumerate() {
        let mut starts = 0.0;
        let mut ends = [0.0; 2];
        for event in commands(&trace).into_iter().filter(|event| event["pid"] == index + 1) {
            let [start, length] = ["ts", "dur"].map(|key| number(&event[key]));
            let engine = usize::from(event["tid"] == 2);
            assert!(length > 0.0, "{event}");
            assert!(start >= starts && start > ends[engine] - 1e-6, "{event}");
            starts = start;
            ends[engine] = start + length;
            assert!(layers.iter().any(|(name, ..)| event["args"]["layer"] == *name), "{event}");
        }
        assert!(ends.iter().all(|end| *end > 0.0), "both engines work");
        assert_eq!(self::cycles(f64::max(ends[0], ends[1])), *cycles);
    }

    // The picture: lanes for each stage, names without markup.
    good(&place, &["--timeline", "t.svg", bmodel]);
    let svg = place.read_text("t.svg");
    let document = roxmltree::Document::parse(&svg).expect("XML");
    let texts: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        .collect();
    for label in ["TIU", "GDMA"] {
        assert_eq!(texts.iter().filter(|node| node.text() == Some(label)).count(), 2, "{label}");
    }
    for node in document.descendants() {
        for attribute in node.attributes().filter(|attribute| attribute.name() == "width") {
            let width = attribute.value();
            assert!(width == "100%" || width.parse::<f64>().expect(width) > 0.0, "{width}");
        }
    }

    // The layers of another run are not believed.
    let layers = place.read_text("compilation/compilation.layers.json");
    place.write("compilation/compilation.layers.json", layers.replace("conv1", "conv9"));
    let printed = place.good("bm_model", &["-q", "--timeline", bmodel]);
    assert!(printed.err.contains("of two runs of bmnetu"), "{}", printed.err);
    assert!(printed.out.contains("by group of commands"), "{}", printed.out);
}

#[test]
fn names_do_not_break_a_picture() {
    let place = Place::new();
    write(&place, "a.bmodel", "BM1684", &groups());
    assert_eq!(good(&place, &["--timeline=t.svg", "a.bmodel"]), "t.svg\n");
    let svg = place.read_text("t.svg");
    let document = roxmltree::Document::parse(&svg).expect("XML");
    let text = "net a<b stage 0: 54 cycles, 0.000 ms, TIU busy 55.6 %, GDMA busy 100.0 %";
    assert!(document.descendants().any(|node| node.text() == Some(text)), "{svg}");
}

#[test]
fn mistakes_leave_nothing_behind() {
    let place = Place::new();
    write(&place, "a.bmodel", "BM1684", &groups());
    write(&place, "x.bmodel", "BM1684X", &groups());
    let mut stuck = groups();
    stuck[0].tiu[0].cmd_id_gdma = 9;
    write(&place, "stuck.bmodel", "BM1684", &stuck);
    place.write("bad.bmodel", [0; 64]);
    place.write("old.json", "old");
    for (code, arguments, expected) in [
        (1, &["--timeline", "none.bmodel"][..], "cannot read none.bmodel"),
        (1, &["--timeline=old.json", "none.bmodel"], "cannot read none.bmodel"),
        (1, &["--timeline=old.json", "bad.bmodel"], "not a bmodel"),
        (1, &["--timeline=old.json", "x.bmodel"], "not BM1684X's"),
        (
            1,
            &["--timeline=old.json", "stuck.bmodel"],
            "TIU command 1 of group 0 waits for GDMA command 9, which does not come",
        ),
        (1, &["--timeline=no/t.svg", "a.bmodel"], "cannot write no/t.svg"),
        (2, &["--timeline"], "wants a bmodel"),
        (2, &["--timeline=t.json"], "of which bmodel"),
        (2, &["--timeline=t.png", "a.bmodel"], "ends in .json or .svg"),
        (2, &["--timeline=t.svg", "a.bmodel", "x.bmodel"], "takes one bmodel"),
        (2, &["--timeline", "a.bmodel", "-v"], "cannot be used with"),
        (2, &["--timeline", "a.bmodel", "--info", "a.bmodel"], "cannot be used with"),
    ] {
        place.fails(code, "bm_model", arguments, expected);
    }
}
