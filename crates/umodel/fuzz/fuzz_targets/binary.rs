//! Any bytes: an error or a model, from which a net can be tried.
#![no_main]

use libfuzzer_sys::fuzz_target;
use umodel::{Net, NetParameter, NoSources, Phase, QuantizedNet};

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = NetParameter::from_bytes(bytes) else { return };
    let _ = Net::new(&model, Some(&model), Phase::Test, &NoSources);
    let _ = QuantizedNet::read(&model, &model, Phase::Test, &NoSources);
});
