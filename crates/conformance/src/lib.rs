//! Tests that need several crates: the tools against Caffe and against the BM1684 simulator.
