//! INT8 quantization for the BM1684 TPU: convert_imageset, calibration_use_pb and ufw, and the crates behind them.
