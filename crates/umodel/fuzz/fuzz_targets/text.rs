//! Any text: an error or a model; what is printed reads back to the same text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use umodel::{Net, NetParameter, NoSources, Phase};

fuzz_target!(|text: &str| {
    let Ok(model) = NetParameter::parse_text(text) else { return };
    let printed = model.to_text();
    let again = NetParameter::parse_text(&printed).expect("what is printed can be read");
    assert_eq!(again.to_text(), printed);
    let _ = Net::new(&model, None, Phase::Test, &NoSources);
});
