//! Any text as a transform_param: an error with its place, or parameters that print as text that reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transform_param::TransformParam;

fuzz_target!(|text: &str| {
    if let Ok(param) = text.parse::<TransformParam>() {
        let printed = param.to_string();
        let again: TransformParam = printed.parse().expect("what is printed can be read");
        assert_eq!(again.to_string(), printed);
    }
});
