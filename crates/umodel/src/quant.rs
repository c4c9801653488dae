//! The quantized form of a net: how every blob is stored and what integers every layer computes
//! with.

mod channels;
mod check;
mod divide;
mod edit;
pub mod float;
pub mod interpolate;
mod message;
mod ports;
mod shifts;
pub mod softmax;

pub use channels::Channels;
pub use divide::Division;
pub use edit::QuantizedSpec;
pub use shifts::Shifts;

use std::collections::HashMap;
use std::sync::Arc;

use ndarray::{Array1, ArrayD};

use crate::error::{Error, LayerError};
use crate::layers::LayerOp;
use crate::load::{self, Sources};
use crate::net::{Blob, BlobId, Net};
use crate::parameter::NetParameter;
use crate::trained::{has_integers, has_weights};
use crate::{Phase, passes, proto};

/// How a blob's values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DType {
    /// 32-bit floating point.
    F32,
    /// Signed 8-bit integers.
    I8,
    /// Unsigned 8-bit integers; what a layer with a fused ReLU writes.
    U8,
}

/// Storage of one blob: `real value = stored · scale`, without a zero point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlobFormat {
    /// The stored type.
    pub dtype: DType,
    /// The real value of one step: threshold/127 for i8, threshold/255 for u8, 1 for f32.
    pub scale: f32,
}

impl BlobFormat {
    /// Plain fp32.
    pub const F32: BlobFormat = BlobFormat { dtype: DType::F32, scale: 1.0 };

    /// The largest real value that can be stored; infinite for fp32. It is the threshold that the scale was made
    /// of, but for rounding.
    pub fn largest(&self) -> f32 {
        match self.dtype {
            DType::F32 => f32::INFINITY,
            // One unit of rounding may not decide whether a threshold keeps a limit.
            DType::I8 => self.scale * 127.0 * (1.0 - f32::EPSILON),
            DType::U8 => self.scale * 255.0 * (1.0 - f32::EPSILON),
        }
    }
}

/// `(x · multiplier + half) >> right_shift`, half rounding up: how a value is brought from one
/// scale to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rescale {
    /// Factor; not 0.
    pub multiplier: i8,
    /// Number of bits shifted out, at most 15.
    pub right_shift: u8,
}

impl Rescale {
    /// Leaves every value as it is.
    pub const ONE: Rescale = Rescale { multiplier: 1, right_shift: 0 };
}

/// `(x · multiplier + half) >> right_shift`, half rounding up, of a window's sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFactor {
    /// Factor; at least 1.
    pub multiplier: u8,
    /// Number of bits shifted out, at most 31.
    pub right_shift: u8,
}

/// What a layer computes with.
///
/// `rsh(v, r)` is `(v + 2^(r−1)) >> r` for r > 0 (arithmetic, half rounds up) and v for r = 0;
/// `sat` clips to the top's type. A ReLU is fused into a layer exactly where its top is u8.
#[derive(Clone, Debug, PartialEq)]
pub enum Arithmetic {
    /// fp32 bottoms and tops, as in the fp32 net.
    Float,
    /// A border: Quantize, Dequantize, and Input and Data, whose first top may be int8.
    Cast,
    /// Moves or compares stored integers; the top has the bottom's format. Split, Flatten, Reshape,
    /// Dropout and other layers that only move values, Pad with zeros, max Pooling (padding never wins), ReLU
    /// without a slope, ReLU6 and Clip whose upper limit the format does not reach, and ReLU and PReLU with slopes
    /// of a u8 bottom, which has nothing below zero.
    Same,
    /// `y = sat(rsh(Σ x·w + b, r))` with a wrapping 32-bit accumulator. Convolution, Deconvolution,
    /// InnerProduct and Scale.
    MultiplyAccumulate {
        /// As the fp32 weights are shaped; InnerProduct always `[num_output, K]`.
        weights: Arc<ArrayD<i8>>,
        /// One for each output channel, in accumulator steps.
        bias: Option<Arc<Array1<i16>>>,
        /// r, at most 31: one for all output channels, or one for each block of 64.
        right_shifts: Shifts,
    },
    /// `y = sat(rsh(m · Σ x, r))`, zero padding counted. Average Pooling, and Reduce and Reduction by sum or mean.
    AveragePool {
        /// m, at least 1.
        multiplier: u8,
        /// r, at most 31.
        right_shift: u8,
    },
    /// As [`Arithmetic::AveragePool`] where Caffe's ceil rule lets windows reach beyond the padding: those have a smaller
    /// area. The factors are those of windows that reach beyond neither edge, beyond the right one, beyond the lower one
    /// and beyond both.
    ClippedAveragePool([PoolFactor; 4]),
    /// One [`Rescale`] for each bottom. Concat: `sat(rsh(x·m, r))`. Eltwise MAX, BroadcastBinary MAX and MIN: the maximum
    /// or minimum of those. Eltwise SUM, BroadcastBinary ADD and SUB, Bias with a second bottom: `t = sat16(rsh(x₀·m₀, r₀))`, then `t = sat16(t + rsh(xᵢ·mᵢ, rᵢ))` for
    /// each further bottom, then `sat(t)`.
    Rescaled(Vec<Rescale>),
    /// `y = sat(rsh(a·b·m, r))`. Eltwise PROD of two bottoms, BroadcastBinary MUL, Scale with a second bottom.
    Product(Rescale),
    /// `y = sat(max(x, 0) + sat(rsh(min(x, 0)·m, r)))`. ReLU with a slope; the top has the bottom's
    /// format, i8.
    LeakyRelu(Rescale),
    /// `y = table[x]`: the stored result for each stored value, both as bytes. Functions of one value, such as Sigmoid.
    Table(Arc<[u8; 256]>),
    /// `y = sat(max(x, 0) + sat(rsh(min(x, 0)·m, r)))` with an m of each channel, or one for all. PReLU; the top has
    /// the bottom's format, i8.
    Prelu {
        /// m, as the fp32 slopes are shaped.
        slopes: Arc<ArrayD<i8>>,
        /// r, at most 15.
        right_shift: u8,
    },
    /// `y = rsh(Σ W·x, 8)` over four neighbours, with the weights of [`interpolate`]. Bilinear resizing; the top has
    /// the bottom's format.
    Interpolate,
    /// The stored bytes themselves, signed or unsigned as the top is. Parameter.
    Constant(Arc<ArrayD<i8>>),
    /// One [`Rescale`] for each top: `y = sat(rsh(x·m, r))` of what [`Arithmetic::Same`] moves there. Slice and
    /// StridedSlice.
    Cut(Vec<Rescale>),
}

/// A net in int8: every blob has a storage format, every layer its integers, and all of them fit
/// together. The int8 executor and the code generator accept nothing else.
#[derive(Clone, Debug)]
pub struct QuantizedNet {
    net: Arc<Net>,
    formats: Vec<BlobFormat>,
    arithmetic: Vec<Arithmetic>,
    /// By blob, see [`QuantizedNet::channels`].
    channels: Vec<Option<Channels>>,
}

impl QuantizedNet {
    /// Joins a net with the formats of its blobs (by [`BlobId`]) and its layers' arithmetic.
    ///
    /// # Errors
    /// [`Error::Layer`] names the first layer whose arithmetic does not suit its type, its weights'
    /// shapes or the formats of its blobs, or has a value out of range.
    pub fn new(
        net: Net,
        formats: Vec<BlobFormat>,
        arithmetic: Vec<Arithmetic>,
    ) -> Result<Self, Error> {
        let channels = vec![None; net.blobs().len()];
        let net = QuantizedNet { net: Arc::new(net), formats, arithmetic, channels };
        check::check(&net)?;
        Ok(net)
    }

    /// States for blobs by their names how their channels are stored, see [`QuantizedNet::channels`].
    ///
    /// # Errors
    /// [`Error::Layer`] names the layer that writes a blob of which not each channel has one factor, positive and
    /// finite, and a place of its own.
    pub fn with_channels(
        mut self,
        channels: impl Fn(&str) -> Option<Channels>,
    ) -> Result<Self, Error> {
        let of_blob = |blob: &Blob| channels(&blob.name).filter(|channels| !channels.are_plain());
        self.channels = self.net.blobs().iter().map(of_blob).collect();
        check::check_channels(&self)?;
        Ok(self)
    }

    /// Reads an int8 net: its structure from a prototxt, formats and integers by layer name from
    /// an int8umodel.
    ///
    /// # Errors
    /// As [`Net::new`] and [`QuantizedNet::new`]; [`LayerError::DuplicateName`] for an int8umodel with two layers
    /// of one name; [`Error::FloatWeights`] for fp32 weights; [`Error::Swapped`]; [`Error::Calibration`] if both files
    /// have a mark and the marks differ; [`Error::OtherModel`] for a prototxt that does not fit because it is the one of
    /// another net.
    pub fn read(
        model: &NetParameter,
        weights: &NetParameter,
        phase: Phase,
        sources: &dyn Sources,
    ) -> Result<Self, Error> {
        let holds_weights = has_weights(&weights.message.layer);
        if !holds_weights && has_weights(&model.message.layer) {
            let (model, weights) = (model.path.clone(), weights.path.clone());
            return Err(Error::Swapped { model, weights });
        }
        if holds_weights && !has_integers(&weights.message.layer) {
            return Err(Error::FloatWeights { path: weights.path.clone() });
        }
        check_ids(model, weights)?;
        weights.check_known()?;
        let records = message::Records::of(weights)?;
        let mut specs = load::specs(model, &load::included(model, phase)?, sources)?;
        let wrong = |layer: &str, kind: &str, source: LayerError| {
            Error::layer(weights.path(), None, layer, kind, source)
        };
        for spec in &mut specs {
            let float = records.float_weights(&spec.name);
            spec.weights = float.map_err(|source| wrong(&spec.name, spec.op.kind(), source))?;
        }
        // A net that does not fit the integers is most often the fp32 one of the same folder.
        let misfit = |error: Error| match records.stranger(model, phase) {
            Some((layer, kind)) => Error::OtherModel { path: model.path.clone(), layer, kind },
            None => error.in_file(model.path()),
        };
        let net = Net::from_specs(model.name(), specs).map_err(misfit)?;
        let mut formats = vec![BlobFormat::F32; net.blobs().len()];
        let mut channels: HashMap<String, Channels> = HashMap::new();
        let mut arithmetic = Vec::with_capacity(net.layers().len());
        for layer in net.layers() {
            let mut read = || -> Result<Arithmetic, LayerError> {
                for (&top, format) in layer.tops.iter().zip(records.formats(&layer.name)?) {
                    formats[top.index()] = format;
                }
                for (&top, of_top) in layer.tops.iter().zip(records.channels(&layer.name)) {
                    channels.extend(of_top.map(|channels| (net.blob(top).name.clone(), channels)));
                }
                records.arithmetic(layer)
            };
            arithmetic.push(read().map_err(|source| wrong(&layer.name, layer.op.kind(), source))?);
        }
        for layer in net.layers() {
            let shapes: Vec<&[usize]> =
                layer.bottoms.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
            let expected = layer.op.param().weight_shapes(&shapes).unwrap_or_default().len();
            if expected > 0
                && let Some(nearest) = records.nearest(&layer.name, model)
            {
                let file = weights.path.clone();
                let misspelt = !nearest.is_empty();
                let error = layer.error(LayerError::NoWeights { expected, file, nearest });
                return Err(if misspelt { error } else { misfit(error) });
            }
        }
        let quantized = QuantizedNet::new(net, formats, arithmetic).map_err(misfit)?;
        quantized.with_channels(|blob| channels.get(blob).cloned()).map_err(misfit)
    }

    /// The graph. Layers with integer weights hold no fp32 weights.
    pub fn net(&self) -> &Arc<Net> {
        &self.net
    }

    /// How a blob is stored.
    ///
    /// # Panics
    /// If the id comes from another, larger net.
    pub fn format(&self, id: BlobId) -> BlobFormat {
        self.formats[id.index()]
    }

    /// How the channels of a blob are stored that a calibration has scaled or sorted. None for a blob whose channels are
    /// those of the fp32 net times its scale, as outputs of the net always are.
    ///
    /// # Panics
    /// If the id comes from another, larger net.
    pub fn channels(&self, id: BlobId) -> Option<&Channels> {
        self.channels[id.index()].as_ref()
    }

    /// The channels of the blob of this name, for a net that has it, too.
    pub(crate) fn channels_named(&self, blob: &str) -> Option<Channels> {
        self.channels[self.net.blob_id(blob)?.index()].clone()
    }

    /// What the layer with this index computes with.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn arithmetic(&self, layer: usize) -> &Arithmetic {
        &self.arithmetic[layer]
    }

    /// The deploy net of an int8 test net: see [`passes::deploy`]. Its Input layers carry
    /// `int8_scale` where their top is int8.
    ///
    /// # Errors
    /// None for a net that was valid before; the new net is checked again all the same.
    pub fn deploy(&self) -> Result<Self, Error> {
        let formats: HashMap<&str, BlobFormat> =
            self.net.blobs().iter().map(|b| b.name.as_str()).zip(self.formats.clone()).collect();
        let arithmetic: HashMap<&str, &Arithmetic> =
            self.net.layers().iter().map(|l| l.name.as_str()).zip(&self.arithmetic).collect();
        let mut specs = passes::deploy(&self.net)?.specs();
        for spec in &mut specs {
            let format = spec.tops.first().and_then(|top| formats.get(top.as_str()));
            if let (LayerOp::Input(input), Some(format)) = (&mut spec.op, format) {
                input.int8_scale = (format.dtype != DType::F32).then_some(1.0 / format.scale);
            }
        }
        let net = Net::from_specs(self.net.name(), specs)?;
        let formats = net.blobs().iter().map(|blob| formats[blob.name.as_str()]).collect();
        let arithmetic =
            net.layers().iter().map(|layer| arithmetic[layer.name.as_str()].clone()).collect();
        let deployed = QuantizedNet::new(net, formats, arithmetic)?;
        deployed.with_channels(|blob| self.channels_named(blob))
    }

    /// The structure as a message, as in an int8 prototxt.
    pub fn to_parameter(&self) -> NetParameter {
        let mut parameter = self.net.to_parameter();
        message::set_int8_scale(&mut parameter, &self.net);
        parameter
    }

    /// As [`QuantizedNet::to_parameter`] for a deploy net, with the head that the vendor's deploy files have: the
    /// framework that `origin`, the net that was quantized, came from, which is Caffe if its file did not say so, and
    /// the phase.
    pub fn to_deploy_parameter(&self, origin: &Net) -> NetParameter {
        let mut parameter = self.to_parameter();
        let framework = origin.model_type.unwrap_or(proto::ModelType::BMNETC2UModel);
        parameter.message.set_model_type(framework);
        let state = parameter.message.state.mut_or_insert_default();
        state.set_phase(proto::Phase::TEST);
        parameter
    }

    /// Everything as a message, as in an int8umodel.
    pub fn to_parameter_with_weights(&self) -> NetParameter {
        let mut parameter = self.net.to_parameter_with_weights();
        message::write(&mut parameter, self);
        parameter
    }
}

/// Files of two calibrations do not fit together even where their shapes do. Files without a mark are taken as they
/// are.
fn check_ids(model: &NetParameter, weights: &NetParameter) -> Result<(), Error> {
    match (model.calibration_id(), weights.calibration_id()) {
        (Some(model_id), Some(weights_id)) if model_id != weights_id => Err(Error::Calibration {
            model: model.path().map(Into::into),
            model_id: model_id.to_owned(),
            weights: weights.path().map(Into::into),
            weights_id: weights_id.to_owned(),
        }),
        _ => Ok(()),
    }
}
