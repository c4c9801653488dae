//! Bit-exact: int8 layers of the first forms (convolutions, pooling, element-wise layers) against the vendor's BM1684
//! simulator, as recorded by `fixtures/simulator/record.py`.

use conformance::{fixtures, single};

#[test]
fn every_layer_equals_the_simulator() {
    let kinds = single::check(&fixtures().join("simulator"), "cases");
    let kinds = kinds.unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    assert_eq!(kinds.len(), 14, "{kinds:?}");
    assert!(kinds.values().all(|&count| count >= 4), "{kinds:?}");
}
