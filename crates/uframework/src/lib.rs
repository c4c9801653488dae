//! Executes a umodel network on the CPU, in fp32 like Caffe and in int8 bit for bit like BM1684.
