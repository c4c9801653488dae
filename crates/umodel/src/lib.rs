//! Caffe and umodel networks: prototxt and caffemodel I/O, a typed graph, graph passes and the quantized form.
