//! INT8 calibration for BM1684: activation statistics, thresholds and the quantization rule of every layer.
