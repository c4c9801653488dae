//! Every layer type with hostile parameters, bottoms and numbers of tops, through the public API: there is a net
//! or an error, never a panic, and what there is can be written and read again without a change.
//!
//! The types come from the crate's own table. A type without a [`Hostile`] form, or a field that its form lacks,
//! does not compile.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{ArrayD, IxDyn};
use umodel::layers::*;
use umodel::{
    Error, LayerOp, LayerSpec, Net, NetBuilder, NetParameter, Phase, Shape, Sources,
    for_each_layer, passes,
};

/// Draws of each type, and of types with many parameters until they have made a net.
const DRAWS: usize = 900;

/// Types that no net can have without what they read, or run.
const NEVER: &[&str] = &["Python", "VideoData", "WindowData"];

/// Numbers by SplitMix64.
struct Draw {
    state: u64,
    /// Of so many values one is hostile.
    hostile: usize,
    /// As many values most lists of a layer have.
    length: usize,
}

impl Draw {
    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.number() % limit as u64).expect("below a size")
    }

    fn pick<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }
}

/// A value that nobody would write, or, as often, a plain one.
trait Hostile: Sized {
    fn draw(draw: &mut Draw) -> Self;

    fn draw_list(draw: &mut Draw) -> Vec<Self> {
        let count = match draw.below(4 * draw.hostile) {
            0 => draw.pick(&[33, 200]),
            1..4 => draw.below(5),
            _ => draw.length,
        };
        (0..count).map(|_| Self::draw(draw)).collect()
    }
}

macro_rules! scalars {
    ($($kind:ty: [$($plain:expr),*] [$($hostile:expr),*];)*) => {
        $(impl Hostile for $kind {
            fn draw(draw: &mut Draw) -> Self {
                match draw.below(draw.hostile) {
                    0 => draw.pick(&[$($hostile),*]),
                    _ => draw.pick(&[$($plain),*]),
                }
            }
        })*
    };
}

scalars! {
    usize: [1, 1, 1, 2, 3] [0, 4, 65535, 65536, 65537, 1 << 31, u32::MAX as usize, 1 << 32, usize::MAX];
    u32: [1, 1, 2, 3] [0, 65536, u32::MAX];
    i32: [1, 1, 0, -1, 2, 3] [-2, 4, 65536, i32::MAX, i32::MIN];
    i64: [1, 1, 0, -1, 2] [-2, i64::MAX, i64::MIN, 1 << 31, 1 << 62];
    f32: [1.0, 0.5, 2.0] [0.0, -1.0, 1e-40, 1e30, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
    bool: [false, true] [false, true];
}

/// Bytes are a TransformationParameter, or they should be.
impl Hostile for u8 {
    fn draw(_: &mut Draw) -> Self {
        0
    }

    fn draw_list(draw: &mut Draw) -> Vec<Self> {
        let mirror: &[u8] = &[16, 1];
        draw.pick(&[&[], mirror, &[255], &[16]]).to_vec()
    }
}

impl Hostile for AnnotatedData {
    fn draw(draw: &mut Draw) -> Self {
        let label_map_file: &[u8] = &[18, 1, b'a'];
        let annotated = draw.pick(&[&[], label_map_file, &[255], &[18, 9]]).to_vec();
        AnnotatedData { data: Hostile::draw(draw), annotated }
    }
}

/// Parts that fit one another hardly ever come by chance: half of the YOLO heads are of one box and one class.
macro_rules! heads {
    ($($name:ident { $($field:ident),* } with $fitting:tt)*) => {
        $(impl Hostile for $name {
            fn draw(draw: &mut Draw) -> Self {
                let layer = $name { $($field: Hostile::draw(draw)),* };
                if draw.below(2) > 0 { heads!($name layer $fitting) } else { layer }
            }
        })*
    };
    ($name:ident $layer:ident { $($fitting:tt)* }) => { $name { $($fitting)*, ..$layer } };
}

heads! {
    Yolo { boxes, coords, classes, yolo_version, softmax, background }
        with { boxes: 1, coords: 4, classes: 1, yolo_version: "V3".to_owned() }
    YoloDetectionOutput {
        num_classes, num_box, coords, confidence_threshold, nms_threshold, biases
    } with { num_classes: 1, num_box: 1, coords: 4, biases: vec![1.0, 2.0] }
    Yolov3DetectionOutput {
        num_classes, num_box, confidence_threshold, nms_threshold, biases, anchors_scale,
        mask_group_num, mask, gaussian_box
    } with {
        num_classes: 1, num_box: 1, biases: vec![1.0, 2.0], anchors_scale: vec![8],
        mask_group_num: 1, mask: vec![0], gaussian_box: false
    }
}

impl Hostile for String {
    fn draw(draw: &mut Draw) -> Self {
        draw.pick(&["a", "b.txt", "V2", "", "\"\\\n\0\u{fc}'", "a b\t{}"]).to_owned()
    }
}

impl<T: Hostile> Hostile for Vec<T> {
    fn draw(draw: &mut Draw) -> Self {
        T::draw_list(draw)
    }
}

impl<T: Hostile> Hostile for Option<T> {
    fn draw(draw: &mut Draw) -> Self {
        (draw.below(2) > 0).then(|| T::draw(draw))
    }
}

impl<T: Hostile, const N: usize> Hostile for [T; N] {
    fn draw(draw: &mut Draw) -> Self {
        std::array::from_fn(|_| T::draw(draw))
    }
}

/// Structs by all of their fields, and enumerations by all of their variants.
macro_rules! hostile {
    ($($name:ident { $($field:ident),* })*) => {
        $(impl Hostile for $name {
            #[allow(unused_variables)]
            fn draw(draw: &mut Draw) -> Self {
                $name { $($field: Hostile::draw(draw)),* }
            }
        })*
    };
}

macro_rules! one_of {
    ($($name:ident: $($pattern:pat => $value:expr),*;)*) => {
        $(impl Hostile for $name {
            fn draw(draw: &mut Draw) -> Self {
                // Never called: a new variant does not compile.
                #[allow(dead_code)]
                fn all(value: &$name) {
                    match value { $($pattern => {})* }
                }
                let values: &[fn(&mut Draw) -> $name] = &[$($value),*];
                draw.pick(values)(draw)
            }
        })*
    };
}

hostile! {
    AbsVal {}
    Accuracy { top_k, axis, ignore_label }
    ArgMax { out_max_val, top_k, axis }
    Axpy {}
    BatchNorm { eps, scale_bias }
    BatchNormKyle { eps, use_alpha_beta }
    BatchReindex {}
    Bias { axis, num_axes }
    BilinearInterpolate { size, align_corners }
    Bn { eps, momentum, frozen }
    Bnll {}
    BroadcastBinary { operation }
    Clip { min, max }
    Compare { operation }
    Concat { axis }
    ContrastiveLoss { margin, legacy_version }
    Convolution { num_output, bias, kernel, stride, pad, dilation, group }
    ConvolutionDepthwise { convolution }
    Crop { axis, offset }
    CumSum { axis, exclusive, reverse }
    Data { source, batch_size, backend, rand_skip, prefetch, transform }
    Deconvolution { convolution }
    DepthwiseConvolution { convolution }
    Dequantize {}
    DetectionEvaluate {
        num_classes, background_label_id, overlap_threshold, evaluate_difficult_gt, name_size_file
    }
    DetectionOutput {
        num_classes, share_location, background_label_id, nms, code, variance_encoded_in_target,
        keep_top_k, confidence_threshold
    }
    Dropout { ratio }
    DummyData { shapes, fillers }
    Eltwise { operation }
    Elu { alpha }
    Embed { num_output, input_dim, bias_term }
    Erf {}
    EuclideanLoss {}
    Exp { base, scale, shift }
    Filter {}
    Flatten { axis, end_axis }
    Gather { axis, num_axes }
    Gelu { tanh }
    HardSigmoid { alpha, beta }
    HardSwish {}
    Hdf5Data { source, batch_size, shuffle }
    Hdf5Output { file_name }
    HingeLoss { norm }
    Im2col { axis, kernel, stride, pad, dilation }
    ImageData {
        source, root_folder, batch_size, rand_skip, shuffle, new_size, is_color, transform
    }
    InfogainLoss { source, scores }
    InfogainScores { axis, ignore_label, normalization }
    InnerProduct { num_output, bias, axis, transpose }
    Input { shapes, int8_scale }
    InstanceNorm { eps }
    Interp { size, zoom_factor, shrink_factor, pad_beg, pad_end }
    LayerNorm { axis, eps }
    Log { base, scale, shift }
    Lrn { local_size, alpha, beta, k, region }
    Lstm { num_output, expose_hidden }
    LstmUnit {}
    MatMul { transpose_a, transpose_b }
    MaxUnpool { size }
    MemoryData { batch_size, channels, height, width, transform }
    MultiBoxLoss {
        num_classes, share_location, localization, confidence, loc_weight, bipartite,
        overlap_threshold, use_prior_for_matching, background_label_id, use_difficult_gt, mining,
        code, encode_variance_in_target, map_object_to_agnostic, ignore_cross_boundary_bbox,
        bp_inside, normalization, nms, use_prior_for_nms, counts
    }
    MultinomialLogisticLoss {}
    Mvn { normalize_variance, across_channels, eps }
    NonMaxSuppression {
        center_point_box, max_output_boxes_per_class, iou_threshold, score_threshold
    }
    Normalize { across_spatial, channel_shared, eps }
    Pad { pads, mode }
    Parameter { shape }
    Permute { order }
    PixelShuffle { upscale_factor }
    Pooling { method, kernel, stride, pad, global, ceil }
    Power { power, scale, shift }
    PRelu { channel_shared }
    PriorBox { min_sizes, max_sizes, aspect_ratios, clip, variances, picture, step, offset }
    PriorBoxClustered { widths, heights, clip, variances, picture, step, offset }
    Proposal {
        feat_stride, base_size, min_size, ratios, scales, pre_nms_topn, post_nms_topn, nms_thresh
    }
    PsRoiPooling { spatial_scale, output_dim, group_size }
    Python { module, layer, param_str }
    Quantize {}
    Recurrence {
        cell, direction, num_output, bias, initial_state, final_cell, peepholes, linear_before_reset
    }
    Reduce { operation, axes, keep_dims }
    Reduction { operation, axis, coeff }
    Region { classes, coords, boxes, softmax }
    Relu { negative_slope }
    Relu6 { negative_slope, threshold }
    Reorg { stride, reverse }
    Resample { size, scale, method, coordinates }
    Reshape { dims, axis, num_axes }
    Reverse { axes }
    Rnn { num_output, expose_hidden }
    RoiPooling { pooled_h, pooled_w, spatial_scale }
    Round { mode }
    Scale { axis, num_axes, bias }
    Scatter { axis, num_axes, reduction }
    ShuffleChannel { group }
    Sigmoid {}
    SigmoidCrossEntropyLoss { ignore_label, normalization }
    Silence {}
    Slice { axis, points }
    SmoothL1Loss { sigma }
    Softmax { axis }
    SoftmaxWithLoss { axis, ignore_label, normalization }
    Split {}
    Spp { levels, method }
    Squeeze { axes }
    StridedSlice { begin, end, stride }
    Suppression { threshold, top_k, eta }
    Swish { beta }
    TanH {}
    Threshold { threshold }
    Tile { axis, tiles }
    TopK { axis, k, smallest, last_of_equals, put_values, put_indices }
    Unsqueeze { dim }
    Upsample { scale, dims_num }
    VideoData { device_id, video_file, skip_frames }
    Where {}
    WindowData { source, batch_size, crop_size }
}

one_of! {
    UnpoolSize:
        UnpoolSize::Fixed(_) => |draw| UnpoolSize::Fixed(Hostile::draw(draw)),
        UnpoolSize::Scaled { .. } => |draw| {
            UnpoolSize::Scaled { scale: Hostile::draw(draw), less: Hostile::draw(draw) }
        };
    Backend: Backend::Lmdb => |_| Backend::Lmdb, Backend::LevelDb => |_| Backend::LevelDb;
    BinaryOp:
        BinaryOp::Add => |_| BinaryOp::Add, BinaryOp::Sub => |_| BinaryOp::Sub,
        BinaryOp::Mul => |_| BinaryOp::Mul, BinaryOp::Div => |_| BinaryOp::Div,
        BinaryOp::Max => |_| BinaryOp::Max, BinaryOp::Min => |_| BinaryOp::Min,
        BinaryOp::Pow => |_| BinaryOp::Pow;
    BoxCode:
        BoxCode::Corner => |_| BoxCode::Corner, BoxCode::CenterSize => |_| BoxCode::CenterSize,
        BoxCode::CornerSize => |_| BoxCode::CornerSize;
    Cell:
        Cell::Lstm => |_| Cell::Lstm, Cell::Gru => |_| Cell::Gru, Cell::Tanh => |_| Cell::Tanh,
        Cell::Relu => |_| Cell::Relu;
    CompareOp:
        CompareOp::Equal => |_| CompareOp::Equal, CompareOp::Less => |_| CompareOp::Less,
        CompareOp::LessOrEqual => |_| CompareOp::LessOrEqual,
        CompareOp::Greater => |_| CompareOp::Greater,
        CompareOp::GreaterOrEqual => |_| CompareOp::GreaterOrEqual,
        CompareOp::And => |_| CompareOp::And, CompareOp::Or => |_| CompareOp::Or,
        CompareOp::Xor => |_| CompareOp::Xor;
    Coordinates:
        Coordinates::HalfPixel => |_| Coordinates::HalfPixel,
        Coordinates::PytorchHalfPixel => |_| Coordinates::PytorchHalfPixel,
        Coordinates::AlignCorners => |_| Coordinates::AlignCorners,
        Coordinates::Asymmetric => |_| Coordinates::Asymmetric,
        Coordinates::TfHalfPixelForNn => |_| Coordinates::TfHalfPixelForNn;
    Direction:
        Direction::Forward => |_| Direction::Forward,
        Direction::Reverse => |_| Direction::Reverse, Direction::Both => |_| Direction::Both;
    EltwiseOp:
        EltwiseOp::Product => |_| EltwiseOp::Product,
        EltwiseOp::Sum(_) => |draw| EltwiseOp::Sum(Hostile::draw(draw)),
        EltwiseOp::Max => |_| EltwiseOp::Max;
    Fan: Fan::In => |_| Fan::In, Fan::Out => |_| Fan::Out, Fan::Average => |_| Fan::Average;
    Filler:
        Filler::Constant(_) => |draw| Filler::Constant(Hostile::draw(draw)),
        Filler::Uniform { .. } => |draw| {
            Filler::Uniform { min: Hostile::draw(draw), max: Hostile::draw(draw) }
        },
        Filler::Gaussian { .. } => |draw| Filler::Gaussian {
            mean: Hostile::draw(draw), std: Hostile::draw(draw), sparse: Hostile::draw(draw)
        },
        Filler::PositiveUnitBall => |_| Filler::PositiveUnitBall,
        Filler::Xavier(_) => |draw| Filler::Xavier(Hostile::draw(draw)),
        Filler::Msra(_) => |draw| Filler::Msra(Hostile::draw(draw)),
        Filler::Bilinear => |_| Filler::Bilinear;
    ConfidenceLoss:
        ConfidenceLoss::Softmax => |_| ConfidenceLoss::Softmax,
        ConfidenceLoss::Logistic => |_| ConfidenceLoss::Logistic;
    HingeNorm: HingeNorm::L1 => |_| HingeNorm::L1, HingeNorm::L2 => |_| HingeNorm::L2;
    InterpolatedSize:
        InterpolatedSize::Pixels(_) => |draw| InterpolatedSize::Pixels(Hostile::draw(draw)),
        InterpolatedSize::Scale(_) => |draw| InterpolatedSize::Scale(Hostile::draw(draw));
    LocationLoss:
        LocationLoss::L2 => |_| LocationLoss::L2,
        LocationLoss::SmoothL1 => |_| LocationLoss::SmoothL1;
    LrnRegion:
        LrnRegion::AcrossChannels => |_| LrnRegion::AcrossChannels,
        LrnRegion::WithinChannel => |_| LrnRegion::WithinChannel;
    Mining:
        Mining::None => |_| Mining::None,
        Mining::MaxNegative { .. } => |draw| {
            Mining::MaxNegative { ratio: Hostile::draw(draw), overlap: Hostile::draw(draw) }
        },
        Mining::HardExample { .. } => |draw| Mining::HardExample { count: Hostile::draw(draw) };
    NearestRounding:
        NearestRounding::PreferFloor => |_| NearestRounding::PreferFloor,
        NearestRounding::PreferCeil => |_| NearestRounding::PreferCeil,
        NearestRounding::Floor => |_| NearestRounding::Floor,
        NearestRounding::Ceil => |_| NearestRounding::Ceil;
    Normalization:
        Normalization::Full => |_| Normalization::Full, Normalization::Valid => |_| Normalization::Valid,
        Normalization::BatchSize => |_| Normalization::BatchSize,
        Normalization::None => |_| Normalization::None;
    PadMode:
        PadMode::Constant(_) => |draw| PadMode::Constant(Hostile::draw(draw)),
        PadMode::Edge => |_| PadMode::Edge, PadMode::Reflect => |_| PadMode::Reflect,
        PadMode::Symmetric => |_| PadMode::Symmetric;
    PoolMethod: PoolMethod::Max => |_| PoolMethod::Max, PoolMethod::Average => |_| PoolMethod::Average;
    ReduceOp:
        ReduceOp::Mean => |_| ReduceOp::Mean, ReduceOp::Sum => |_| ReduceOp::Sum,
        ReduceOp::Max => |_| ReduceOp::Max, ReduceOp::Min => |_| ReduceOp::Min,
        ReduceOp::Product => |_| ReduceOp::Product,
        ReduceOp::SumOfSquares => |_| ReduceOp::SumOfSquares,
        ReduceOp::L1 => |_| ReduceOp::L1, ReduceOp::L2 => |_| ReduceOp::L2;
    ReductionOp:
        ReductionOp::Sum => |_| ReductionOp::Sum,
        ReductionOp::SumOfAbsolutes => |_| ReductionOp::SumOfAbsolutes,
        ReductionOp::SumOfSquares => |_| ReductionOp::SumOfSquares,
        ReductionOp::Mean => |_| ReductionOp::Mean;
    ResampleMethod:
        ResampleMethod::Nearest(_) => |draw| ResampleMethod::Nearest(Hostile::draw(draw)),
        ResampleMethod::Linear => |_| ResampleMethod::Linear,
        ResampleMethod::Cubic { .. } => |draw| ResampleMethod::Cubic { a: Hostile::draw(draw) };
    Resize:
        Resize::Size(_) => |draw| Resize::Size(Hostile::draw(draw)),
        Resize::Scale(_) => |draw| Resize::Scale(Hostile::draw(draw));
    RoundMode:
        RoundMode::Nearest => |_| RoundMode::Nearest, RoundMode::Floor => |_| RoundMode::Floor,
        RoundMode::Ceil => |_| RoundMode::Ceil, RoundMode::Truncate => |_| RoundMode::Truncate;
    ScatterReduction:
        ScatterReduction::Replace => |_| ScatterReduction::Replace,
        ScatterReduction::Add => |_| ScatterReduction::Add,
        ScatterReduction::Mul => |_| ScatterReduction::Mul,
        ScatterReduction::Max => |_| ScatterReduction::Max,
        ScatterReduction::Min => |_| ScatterReduction::Min;
}

/// A shape of few small axes, or one that no blob should have.
fn shape(draw: &mut Draw) -> Shape {
    if draw.below(2 * draw.hostile) > 0 {
        let most = draw.pick(&[1, 2, 4, 8]);
        return (0..draw.below(5)).map(|_| 1 + draw.below(most)).collect();
    }
    let hostile: [&[usize]; 10] = [
        &[0],
        &[1, 0, 1],
        &[2, 3, 0, 0],
        &[1, 1, 1, 1, 1, 1],
        &[(1 << 31) - 1],
        &[65536, 32767, 1, 1],
        &[1, 1, (1 << 31) - 1, 1],
        &[0, usize::MAX],
        &[65536; 4],
        &[usize::MAX; 4],
    ];
    draw.pick(&hostile).to_vec()
}

/// Bottoms of layers that want several of them, or particular ones.
fn bottoms(draw: &mut Draw) -> Vec<Shape> {
    let known: [&[&[usize]]; 13] = [
        &[&[2, 4, 5, 5]],
        &[&[2, 6, 5, 5]],
        &[&[1, 3, 6, 6], &[1, 3, 9, 9]],
        &[&[1, 4, 5, 5], &[2, 5]],
        &[&[1, 1, 3, 7], &[1, 1, 2, 8]],
        &[&[2, 3], &[2, 3, 4, 4], &[2, 3, 4, 4]],
        &[&[1, 2, 3], &[1, 2, 12], &[1, 2]],
        &[&[2, 8], &[2, 4], &[1, 2, 8]],
        &[&[2, 8], &[2, 4], &[1, 2, 8], &[2, 1, 3, 8]],
        &[&[3, 2, 4], &[3, 2], &[2, 5]],
        &[&[3, 2, 4], &[1, 2, 1], &[1, 2, 1]],
        &[&[3, 2, 4], &[5], &[5, 2, 4]],
        &[&[1, 2, 5, 5], &[1, 4, 5, 5], &[1, 3]],
    ];
    if draw.below(3) == 0 {
        return draw.pick(&known).iter().map(|shape| shape.to_vec()).collect();
    }
    let first = shape(draw);
    let count = draw.below(5);
    (0..count).map(|_| if draw.below(2) > 0 { first.clone() } else { shape(draw) }).collect()
}

/// Always these shapes.
struct Fixed(Vec<Shape>);

impl Sources for Fixed {
    fn shapes(
        &self,
        _: &str,
        _: &LayerOp,
        _: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.clone())
    }
}

/// The layer behind bottoms of these shapes, with so many tops; `None` if that is an error.
fn build(op: &LayerOp, bottoms: &[Shape], tops: usize, source: &[Shape]) -> Option<Net> {
    let mut builder = NetBuilder::new("hostile");
    let mut names = Vec::new();
    for (index, shape) in bottoms.iter().enumerate() {
        let input = Input { shapes: vec![shape.clone()], int8_scale: None };
        let name = format!("x{index}");
        builder.add(LayerSpec::new(&name, input, &[], &[&name])).ok()?;
        names.push(name);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let tops: Vec<String> = (0..tops).map(|index| format!("y{index}")).collect();
    let tops: Vec<&str> = tops.iter().map(String::as_str).collect();
    let mut spec = LayerSpec::new("layer", op.clone(), &names, &tops);
    spec.source_shapes = source.to_vec();
    match builder.add(spec) {
        Ok(()) => Some(builder.finish()),
        Err(Error::Layer { layer, kind, .. }) => {
            assert_eq!((layer.as_str(), kind.as_str()), ("layer", op.kind()));
            assert_eq!(builder.finish().layers().len(), bottoms.len(), "the net stays as it was");
            None
        }
        Err(error) => panic!("no error of a layer: {error}"),
    }
}

/// Weights of the layer's shapes, where they are small.
fn with_weights(net: &Net) -> Option<Net> {
    let mut specs = net.specs();
    for (spec, layer) in specs.iter_mut().zip(net.layers()) {
        let bottoms: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
        let shapes = layer.op.weight_shapes(&bottoms).ok()?;
        let volume =
            |shape: &Shape| shape.iter().fold(1usize, |all, &axis| all.saturating_mul(axis));
        if shapes.iter().any(|shape| volume(shape) > 4096) {
            return None;
        }
        spec.set_weights(shapes.iter().map(|shape| ArrayD::from_elem(IxDyn(shape), 0.5)));
    }
    Some(Net::from_specs("hostile", specs).expect("weights of the layer's own shapes"))
}

/// Everything that a net offers, and its way through text and bytes.
fn use_net(net: &Net, source: &[Shape]) {
    for index in 0..net.layers().len() {
        net.macs(index);
    }
    passes::remove_identities(net).expect("a pass");
    passes::remove_splits(net).expect("a pass");
    passes::insert_splits(net).expect("a pass");
    passes::fold_affine(net).expect("a pass");
    passes::deploy(net).expect("a pass");
    if let Some(learnt) = with_weights(net) {
        passes::fold_affine(&learnt).expect("a pass");
    }
    let message = net.to_parameter();
    let text = NetParameter::parse_text(&message.to_text()).expect("our own text");
    let bytes = NetParameter::from_bytes(&message.to_bytes().expect("small")).expect("our own");
    for again in [message, text, bytes] {
        let again = Net::new(&again, None, Phase::Test, &Fixed(source.to_vec())).expect("our own");
        assert_eq!(again.blobs(), net.blobs());
        for (again, layer) in again.layers().iter().zip(net.layers()) {
            // As text, where NaN equals itself.
            assert_eq!(format!("{:?}", again.op), format!("{:?}", layer.op));
        }
    }
}

/// The methods of single layer types that anyone may call with anything.
fn use_methods(op: &LayerOp, shapes: &[Shape]) {
    let bottoms: Vec<&[usize]> = shapes.iter().map(Vec::as_slice).collect();
    let _ = (op.check(), op.weight_shapes(&bottoms), op.weight_count(&bottoms));
    let _ = (op.role(), op.int8_form().clips(), op.pictures(), op.reads_files());
    for bottom in &bottoms {
        match op {
            LayerOp::Accuracy(p) => drop(p.matrix(bottom)),
            LayerOp::Bias(p) => drop(p.matrix(bottom, bottoms[0])),
            LayerOp::Concat(p) => drop(p.canonical_axis(bottom)),
            LayerOp::Gather(p) => drop(p.axes(bottom)),
            LayerOp::InnerProduct(p) => drop(p.matrix(bottom)),
            LayerOp::Pad(p) => drop(p.all(bottom)),
            LayerOp::Permute(p) => drop(p.axes(bottom)),
            LayerOp::Pooling(p) => drop((p.window(bottom), p.overhangs(bottom))),
            LayerOp::PriorBox(p) => drop(p.boxes().to_string()),
            LayerOp::Reduce(p) => drop(p.reduced(bottom)),
            LayerOp::Scale(p) => drop(p.matrix(bottom, bottoms[0])),
            LayerOp::Scatter(p) => drop(p.axes(bottom)),
            LayerOp::Softmax(p) => drop(p.matrix(bottom)),
            LayerOp::SoftmaxWithLoss(p) => drop(p.matrix(bottom)),
            LayerOp::StridedSlice(p) => drop(p.ranges(bottom)),
            _ => {}
        }
    }
}

type Type = (&'static str, fn(&mut Draw) -> LayerOp);

macro_rules! types {
    ($($kind:literal => $name:ident,)*) => {
        [$(($kind, |draw| $name::draw(draw).into())),*]
    };
}

#[test]
fn hostile_parameters_are_errors() {
    let types: &[Type] = &for_each_layer!(types);
    let mut built: BTreeMap<&str, usize> = BTreeMap::new();
    let mut panics: BTreeMap<&str, String> = BTreeMap::new();
    for (number, &(kind, draw_op)) in types.iter().enumerate() {
        let mut draw = Draw { state: number as u64, hostile: 2, length: 1 };
        for round in 0..50 * DRAWS {
            let makes_nets = built.get(kind).is_some_and(|&count| count > 0);
            if round >= DRAWS && (makes_nets || NEVER.contains(&kind)) {
                break;
            }
            draw.hostile = [2, 8, 64][round % 3];
            draw.length = draw.pick(&[0, 1, 1, 2, 3, 4]);
            let op = draw_op(&mut draw);
            assert_eq!(op.kind(), kind);
            // Caffe tells losses by their names.
            assert_eq!(op.role() == Role::Loss, kind.ends_with("Loss"));
            let bottoms = bottoms(&mut draw);
            let tops = draw.pick(&[0, 1, 1, 1, 2, 3]);
            let source: Vec<Shape> = (0..draw.below(4)).map(|_| shape(&mut draw)).collect();
            let run = || {
                use_methods(&op, &bottoms);
                let net = build(&op, &bottoms, tops, &source);
                net.is_some_and(|net| {
                    use_net(&net, &source);
                    true
                })
            };
            match catch_unwind(AssertUnwindSafe(run)) {
                Ok(net) => *built.entry(kind).or_default() += usize::from(net),
                Err(_) => {
                    let what = format!("{op:?} of {bottoms:?}, {tops} tops, {source:?}");
                    panics.entry(kind).or_insert(what);
                }
            }
        }
    }
    assert!(panics.is_empty(), "{} types panic: {panics:#?}", panics.len());
    // A test that only sees errors would not see much.
    let unseen = |(kind, count): (&&str, &usize)| *count == 0 && !NEVER.contains(kind);
    let unseen: Vec<_> = built.iter().filter(|&entry| unseen(entry)).collect();
    assert!(unseen.is_empty(), "never built: {unseen:?}");
    assert!(NEVER.iter().all(|kind| built[kind] == 0), "{built:?}");
}
