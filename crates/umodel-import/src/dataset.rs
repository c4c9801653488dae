//! From an imported net to one that reads a database: a Data layer with a preset's preprocessing, and
//! Accuracy layers.

use std::fmt;
use std::str::FromStr;

use umodel::layers::{Accuracy, Backend, Data};
use umodel::{LayerOp, LayerSpec, Net, NetParameter, Phase, Shape, Sources, passes};

use crate::error::Error;

/// The name of the label's blob.
const LABEL: &str = "label";
/// The number of the best scores that the two Accuracy layers count.
const BEST: [usize; 2] = [1, 5];

/// A preprocessing by the name that `pb_to_umodel -p` gives it.
///
/// The vendor never published the constants; these are those of the code that the names come from. They are
/// a start: edit the prototxt's `transform_param` to what the net was trained with.
///
/// Databases hold B, G, R, and so are means. For a net that wants R, G, B, as most of TensorFlow and ONNX do, a preset
/// ends with `bgr2rgb`; Caffe's nets want B, G, R.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The shorter side to 256 (larger in proportion for inputs beyond 224), the middle part, means
    /// 123.68, 116.78, 103.94 (R, G, B) subtracted.
    ///
    /// # Source
    /// TF-slim, `vgg_preprocessing`; that it is meant is certain, whether the vendor's resizing is alike is
    /// not.
    Vgg,
    /// The middle 87.5 % of each side, resized to the input, `(x − 127.5) / 127.5`.
    ///
    /// # Source
    /// TF-slim, `inception_preprocessing`. The vendor's one printed example of this kind subtracts 128 and
    /// multiplies by 1/128, which differs by 0.4 % of the range.
    Inception,
    /// Resized to the input, means 123, 117, 104 (R, G, B) subtracted.
    ///
    /// # Source
    /// The original SSD with VGG-16 and its port SSD-Tensorflow (`ssd_vgg_preprocessing`, WARP_RESIZE).
    SsdV,
    /// Resized to the input, `(x − 127.5) / 127.5`.
    ///
    /// # Source
    /// TensorFlow's Object Detection API: the preprocessing of its SSDs on MobileNet and Inception,
    /// `2 / 255 · x − 1`.
    SsdI,
}

impl Preset {
    /// All presets.
    pub const ALL: [Preset; 4] = [Preset::Vgg, Preset::Inception, Preset::SsdV, Preset::SsdI];

    /// The name: VGG, INCEPTION, SSD_V or SSD_I.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Vgg => "VGG",
            Preset::Inception => "INCEPTION",
            Preset::SsdV => "SSD_V",
            Preset::SsdI => "SSD_I",
        }
    }

    /// The `transform_param` for an input of these channels, height and width, as text.
    pub fn transform_param(
        self,
        [channels, height, width]: [usize; 3],
        order: ChannelOrder,
    ) -> String {
        let swap = if channels == 3 && order == ChannelOrder::Rgb { " bgr2rgb: true" } else { "" };
        let resize = format!("transform_op {{ op: RESIZE resize_h: {height} resize_w: {width} }}");
        let means = |[b, g, r]: [f32; 3]| match channels {
            3 => format!("mean_value: {b} mean_value: {g} mean_value: {r}"),
            // The same for all channels, since nothing is known of them.
            _ => format!("mean_value: {:.2}", (b + g + r) / 3.0),
        };
        let unit = format!("transform_op {{ op: STAND mean_value: 127.5 div: 127.5{swap} }}");
        match self {
            Preset::Vgg => {
                let longest = height.max(width);
                let side = if longest <= 224 { 256 } else { (longest * 256).div_ceil(224) };
                format!(
                    "transform_op {{ op: RESIZE resize_side: {side} }} \
                     transform_op {{ op: CROP crop_h: {height} crop_w: {width} }} \
                     transform_op {{ op: STAND {}{swap} }}",
                    means([103.94, 116.78, 123.68])
                )
            }
            Preset::Inception => {
                format!("transform_op {{ op: CROP crop_fraction: 0.875 }} {resize} {unit}")
            }
            Preset::SsdV => {
                format!(
                    "{resize} transform_op {{ op: STAND {}{swap} }}",
                    means([104.0, 117.0, 123.0])
                )
            }
            Preset::SsdI => format!("{resize} {unit}"),
        }
    }
}

/// The order of the three channels that a net wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelOrder {
    /// That of TensorFlow's and most of ONNX's nets.
    #[default]
    Rgb,
    /// That of Caffe's nets, and of databases.
    Bgr,
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        let found = Preset::ALL.into_iter().find(|preset| preset.name() == name);
        found.ok_or_else(|| UnknownPreset { name: name.to_owned() })
    }
}

/// A name that no [`Preset`] has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is none of {}", Preset::ALL.map(Preset::name).join(", "))]
pub struct UnknownPreset {
    /// The name.
    pub name: String,
}

/// The database that a net shall read.
///
/// ```
/// use umodel_import::dataset::{Dataset, Preset};
///
/// let dataset = Dataset::new("calibration_lmdb").preset(Preset::Vgg).accuracy(true);
/// assert_eq!(dataset.source, "calibration_lmdb");
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Dataset {
    /// The LMDB's path, as it shall stand in the prototxt. It need not exist.
    pub source: String,
    /// What is done to its pictures; nothing at all without a preset.
    pub preset: Option<Preset>,
    /// Whether layers that count right answers among the best one and the best five are added. They read the
    /// first output; of a Softmax they read what it reads, which has the same order.
    pub accuracy: bool,
    /// The order of channels that the net wants.
    pub order: ChannelOrder,
}

impl Dataset {
    /// The database at this path, its pictures as they are, no Accuracy layers.
    pub fn new(source: impl Into<String>) -> Self {
        Dataset { source: source.into(), ..Dataset::default() }
    }

    /// Sets what is done to the pictures.
    pub fn preset(mut self, preset: impl Into<Option<Preset>>) -> Self {
        self.preset = preset.into();
        self
    }

    /// Sets the order of channels that the net wants; R, G, B if nothing is said.
    pub fn order(mut self, order: ChannelOrder) -> Self {
        self.order = order;
        self
    }

    /// Sets whether right answers are counted.
    pub fn accuracy(mut self, accuracy: bool) -> Self {
        self.accuracy = accuracy;
        self
    }

    /// Replaces a net's only Input layer by a Data layer of the same name and batch size. `output` is the
    /// blob whose scores are counted.
    ///
    /// # Errors
    /// [`Error::Net`] for nets with several inputs or one that is no picture (four axes), and for scores that do
    /// not suit the Accuracy layers.
    pub fn attach(&self, net: &Net, output: &str) -> Result<Net, Error> {
        let inputs = net.inputs();
        let shape: Shape = match inputs.as_slice() {
            &[input] => net.blob(input).shape.clone(),
            _ => return Err(Error::InputCount { found: inputs.len() }),
        };
        let &[batch_size, channels, height, width] = shape.as_slice() else {
            return Err(Error::NoPicture { found: shape });
        };
        let transform = match self.preset {
            Some(preset) => preset_message(preset, [channels, height, width], self.order)?,
            None => Vec::new(),
        };
        let data = Data {
            source: self.source.clone(),
            batch_size,
            backend: Backend::Lmdb,
            rand_skip: 0,
            prefetch: 4,
            transform,
        };
        let label = self.accuracy.then_some(LABEL);
        let sources = Known(vec![shape, vec![batch_size]]);
        let net = passes::test(net, &data, label, &sources).map_err(Error::Net)?;
        if self.accuracy { with_accuracy(&net, output) } else { Ok(net) }
    }
}

/// Shapes that are known without the database.
struct Known(Vec<Shape>);

impl Sources for Known {
    fn shapes(
        &self,
        _: &str,
        _: &LayerOp,
        _: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.clone())
    }
}

/// The `transform_param` of a preset in wire format.
pub(crate) fn preset_message(
    preset: Preset,
    shape: [usize; 3],
    order: ChannelOrder,
) -> Result<Vec<u8>, Error> {
    transform(&preset.transform_param(shape, order))
}

/// The bytes of a `transform_param` in text.
fn transform(text: &str) -> Result<Vec<u8>, Error> {
    let text = format!(
        "layer {{ name: \"data\" type: \"Data\" top: \"data\" transform_param {{ {text} }} \
         data_param {{ source: \"-\" batch_size: 1 backend: LMDB }} }}"
    );
    let sources = Known(vec![vec![1, 1, 1, 1]]);
    let model = NetParameter::parse_text(&text).map_err(Error::Net)?;
    let net = Net::new(&model, None, Phase::Test, &sources).map_err(Error::Net)?;
    Ok(net
        .layers()
        .iter()
        .find_map(|layer| match &layer.op {
            LayerOp::Data(data) => Some(data.transform.clone()),
            _ => None,
        })
        .unwrap_or_default())
}

fn with_accuracy(net: &Net, output: &str) -> Result<Net, Error> {
    let mut scores = output.to_owned();
    if let Some(id) = net.blob_id(output)
        && let Some(layer) = net.layers().get(net.producer(id))
        && let (LayerOp::Softmax(_), &[bottom]) = (&layer.op, layer.bottoms.as_slice())
    {
        // So that the Softmax stays the deployed net's output, and equal scores are as rare as can be.
        scores.clone_from(&net.blob(bottom).name);
    }
    let classes = net.blob_id(&scores).and_then(|id| net.blob(id).shape.get(1).copied());
    let mut specs = net.specs();
    for best in BEST {
        let name = format!("accuracy_top{best}");
        // Fewer classes than five are always among the best five.
        let top_k = classes.map_or(best, |classes| best.min(classes.max(1)));
        let op = Accuracy { top_k, axis: 1, ignore_label: None };
        specs.push(LayerSpec::new(&name, op, &[&scores, LABEL], &[&name]));
    }
    Net::from_specs(net.name(), specs).map_err(Error::Net)
}

#[cfg(test)]
mod tests {
    use umodel::layers::{InnerProduct, Input, Softmax};

    use super::*;

    fn net(shape: &[usize]) -> Net {
        let dense = InnerProduct { num_output: 10, bias: true, axis: 1, transpose: false };
        let input = Input { shapes: vec![shape.to_vec()], int8_scale: None };
        let specs = vec![
            LayerSpec::new("input", input, &[], &["input"]),
            LayerSpec::new("dense", dense, &["input"], &["dense"]),
            LayerSpec::new("prob", Softmax { axis: 1 }, &["dense"], &["prob"]),
        ];
        Net::from_specs("net", specs).expect("a net")
    }

    #[test]
    fn data_and_accuracy_layers() {
        let dataset = Dataset::new("some \"where\"/lmdb").preset(Preset::Inception).accuracy(true);
        let test = dataset.attach(&net(&[4, 3, 8, 6]), "prob").expect("attached");
        let text = test.to_parameter().to_text();
        for part in [
            "source: \"some \\\"where\\\"/lmdb\"",
            "batch_size: 4",
            "crop_fraction: 0.875",
            "resize_h: 8",
            "resize_w: 6",
            "mean_value: 127.5",
            "div: 127.5",
            "bgr2rgb: true",
            "top_k: 5",
            "top: \"label\"",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        // The Softmax is still an output, in the test net and in the deployed one.
        let names = |net: &Net| -> Vec<String> {
            net.outputs().iter().map(|&id| net.blob(id).name.clone()).collect()
        };
        assert_eq!(names(&test), ["prob", "accuracy_top1", "accuracy_top5"]);
        assert_eq!(names(&passes::deploy(&test).expect("deployed")), ["prob"]);
    }

    #[test]
    fn every_preset_is_a_transform_param() {
        for preset in Preset::ALL {
            assert_eq!(preset.name().parse(), Ok(preset));
            for shape in [[3, 224, 224], [3, 299, 299], [1, 28, 28]] {
                for (order, swaps) in
                    [(ChannelOrder::Rgb, shape[0] == 3), (ChannelOrder::Bgr, false)]
                {
                    let text = preset.transform_param(shape, order);
                    assert_eq!(text.contains("bgr2rgb: true"), swaps, "{text}");
                    assert!(!transform(&text).expect("parsed").is_empty());
                }
            }
        }
        let vgg = Preset::Vgg.transform_param([3, 224, 224], ChannelOrder::Rgb);
        assert!(vgg.contains("resize_side: 256"));
        assert!("VGG16".parse::<Preset>().is_err());
    }

    #[test]
    fn an_input_that_is_no_picture_is_an_error() {
        let dataset = Dataset::new("lmdb");
        let error = dataset.attach(&net(&[4, 7]), "prob").expect_err("two axes");
        assert!(error.to_string().contains("[4, 7]"), "{error}");
    }
}
