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
        assert!(completions.contains("--completions"), "{tool}: {completions}");
        // Nothing is done, and nothing is asked for.
        assert_eq!(place.names("."), [""; 0], "{tool}");
    }
}

#[test]
fn flags_that_are_wrong_or_missing() {
    let place = Place::new();
    for tool in TOOLS {
        place.fails(2, tool, &["--no_such_flag"], "--no_such_flag");
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
