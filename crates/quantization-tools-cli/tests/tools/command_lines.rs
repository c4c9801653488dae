//! What all tools have in common.

use crate::place::Place;

const TOOLS: [&str; 10] = [
    "bm_model",
    "bmnetu",
    "calibration_use_pb",
    "cf_to_umodel",
    "convert_annoset",
    "convert_imageset",
    "on_to_umodel",
    "pb_to_umodel",
    "ufw",
    "umodel",
];

#[test]
fn every_tool_has_help_a_version_and_completions() {
    let place = Place::new();
    for tool in TOOLS {
        let help = place.good(tool, &["-help"]).out;
        assert!(help.contains(&format!("Usage: {tool} ")), "{tool}: {help}");
        assert!(help.contains("--completions <SHELL>"), "{tool}: {help}");
        let version = place.good(tool, &["--version"]).out;
        assert_eq!(version, format!("{tool} {}\n", env!("CARGO_PKG_VERSION")));
        let completions = place.good(tool, &["--completions=bash"]).out;
        assert!(completions.contains(&format!("complete -F _{tool} ")), "{tool}: {completions}");
        assert!(completions.contains(" -quiet "), "{tool}: {completions}");
        let page = place.good(tool, &["-man"]).out;
        assert!(page.contains(&format!(".TH {tool} 1 ")), "{tool}: {page}");
        let full = place.good(tool, &["--helpfull"]).out;
        let quiet = "    -quiet (Print neither progress nor the next command to type) type: bool default: false\n";
        assert!(full.contains(quiet), "{tool}: {full}");
        // Nothing is done, and nothing is asked for.
        assert_eq!(place.names("."), [""; 0], "{tool}");
    }
}

#[test]
fn flags_that_are_wrong_or_missing() {
    let place = Place::new();
    for tool in TOOLS {
        let printed = place.fails(2, tool, &["--no_such_flag"], "--no_such_flag");
        assert!(!printed.contains("as a value"), "advice that helps nobody: {printed}");
        place.fails(2, tool, &[], "");
    }
    place.fails(2, "calibration_use_pb", &["release", "-model=a"], "--weights");
    place.fails(2, "calibration_use_pb", &["relase", "-model=a", "-weights=b"], "relase");
    place.fails(2, "ufw", &["test_fp32", "-model=a", "-wieghts=b"], "'--weights'");
    for converter in ["convert_imageset", "convert_annoset"] {
        place.fails(2, converter, &["a", "b"], "DB_NAME");
        place.fails(2, converter, &["a", "b", "c", "-resize_width=big"], "big");
        place.fails(2, converter, &["a", "b", "c", "-resize_height=32769"], "0..=32768");
        place.fails(2, converter, &["a", "b", "c", "-shufle"], "'--shuffle'");
        place.fails(2, converter, &["a", "b", "c", "-backend=sqlite"], "lmdb, leveldb");
    }
}

/// Help and `-helpfull` name types and defaults as gflags does.
#[test]
fn help_names_types_and_defaults() {
    let place = Place::new();
    let full = place.good("convert_imageset", &["-helpfull"]).out;
    for line in [
        "-backend (The backend for storing the result) type: string default: \"lmdb\"",
        "-resize_width (Width images are resized to; 0 keeps it) type: uint32 default: 0",
        "-shuffle (Randomly shuffle the order of images and their labels) type: bool default: false",
    ] {
        assert!(full.contains(&format!("    {line}\n")), "{line}: {full}");
    }
    let help = place.good("convert_imageset", &["--help"]).out;
    assert!(help.contains("storing the result. type: string default: \"lmdb\""), "{help}");
    assert!(help.contains("--shuffle <BOOL>"), "{help}");
    place.fails(2, "ufw", &["--man", "--helpfull"], "--man");
    place.fails(2, "ufw", &["--completions=basch"], "'bash'");
}

/// Each mode of `ufw` has a help of its own, with its flags alone, and may stand behind them.
#[test]
fn modes_have_their_own_flags() {
    let place = Place::new();
    let test = place.good("ufw", &["test_fp32", "-help"]).out;
    assert!(
        test.contains("Usage: ufw test_fp32 ") && test.contains("--model <PROTOTXT>"),
        "{test}"
    );
    assert!(test.contains("type: uint64 default: 50"), "{test}");
    assert!(!test.contains("--int8_model"), "{test}");
    let compare = place.good("ufw", &["compare", "--help"]).out;
    assert!(compare.contains("--int8_model <PROTOTXT>"), "{compare}");
    assert!(!compare.contains("--verbose"), "{compare}");
    let help = place.good("ufw", &["-help"]).out;
    for mode in ["test_fp32", "test_int8", "compare", "run", "extract"] {
        assert!(help.contains(&format!("\n  {mode} ")), "{help}");
    }
    let full = place.good("ufw", &["-helpfull"]).out;
    let (_, compare) = full.split_once("  Flags from ufw compare:\n").expect("a part of its own");
    let compare = compare.split_once("\n\n").map_or(compare, |(compare, _)| compare);
    assert!(compare.contains("    -int8_weights (The int8 net's int8umodel)\n"), "{compare}");
    assert!(!compare.contains("-verbose") && !compare.contains("-quiet"), "{compare}");
    let page = place.good("ufw", &["--man"]).out;
    assert!(page.contains(".SH \"UFW TEST_INT8\"\n"), "{page}");
    assert!(!page.contains("(1)\n"), "there are no other pages: {page}");
    place.fails(1, "ufw", &["-model=a", "-weights=b", "test_fp32", "-q"], "cannot read a");
    place.fails(
        2,
        "ufw",
        &["test_fp32", "-model=a", "-weights=b", "-int8_model=c"],
        "--int8_model",
    );
    place.fails(2, "ufw", &["tset_fp32", "-model=a"], "'tset_fp32'");
    place.fails(2, "ufw", &["-model=a"], "'--model'");
}

/// What bash offers, given the words as it splits them.
#[cfg(unix)]
#[test]
fn bash_completes_flags_with_one_dash_and_values() {
    let place = Place::new();
    for (tool, words, expected) in [
        ("calibration_use_pb", &["-th_m"][..], "-th_method"),
        ("calibration_use_pb", &["-th_method", "=", "K"], "KL"),
        ("calibration_use_pb", &["-th_method", "=", "A"], "ADMM ACIQ_GAUSS ACIQ_LAPLACE AUTO"),
        ("calibration_use_pb", &["-th_method", "M"], "MAX MSE"),
        ("calibration_use_pb", &["-recover", "=", "t"], "true"),
        ("calibration_use_pb", &["rel"], "release"),
        ("ufw", &["comp"], "compare"),
        ("ufw", &["compare", "-int8_m"], "-int8_model"),
        ("ufw", &["test_int8", "-verbose", "="], "true false"),
    ] {
        let script = place.good(tool, &["--completions=bash"]).out;
        place.write("script", script);
        let (last, before) = words.split_last().expect("a word");
        let previous = before.last().copied().unwrap_or(tool);
        let line = format!(
            ". ./script; COMP_WORDS=({tool} {}); COMP_CWORD={}; _{tool} {tool} '{last}' '{previous}'; \
             echo ${{COMPREPLY[*]}}",
            words.join(" "),
            words.len()
        );
        let mut bash = std::process::Command::new("bash");
        let output = bash.current_dir(place.folder()).args(["-c", &line]).output();
        let Ok(output) = output else {
            eprintln!("SKIPPED: there is no bash");
            return;
        };
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{words:?}");
    }
}
