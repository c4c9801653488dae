//! Pictures as Caffe sees them: OpenCV-exact decoding and resizing, and the transform_param preprocessing engine.
