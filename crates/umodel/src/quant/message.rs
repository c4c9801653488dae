//! A quantized net's formats and integers between messages and types.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ndarray::{Array1, ArrayD, IxDyn};

use super::{Arithmetic, BlobFormat, Channels, DType, PoolFactor, QuantizedNet, Rescale, Shifts};
use crate::blob::{self, Weights};
use crate::error::{Error, LayerError, ValueError};
use crate::layers::{Int8Form, LayerOp};
use crate::net::{Layer, Net};
use crate::parameter::NetParameter;
use crate::proto::quantization_parameter::{
    Arithmetic as Kind, BlobFormat as FormatMessage, Rescale as RescaleMessage, blob_format,
};
use crate::proto::{BlobProto, LayerParameter, QuantizationParameter};
use crate::{LayerNumber, Phase, nearest};

/// The layers of an int8umodel, by name.
pub(super) struct Records<'a>(HashMap<&'a str, &'a LayerParameter>);

impl<'a> Records<'a> {
    pub(super) fn of(weights: &'a NetParameter) -> Result<Self, Error> {
        let number = |index| LayerNumber::new(index, weights.layer_position(index));
        let mut records = HashMap::with_capacity(weights.message.layer.len());
        for (index, layer) in weights.message.layer.iter().enumerate() {
            if let Some((first, _)) = records.insert(layer.name(), (index, layer)) {
                let (first, second) = (number(first), number(index));
                let source = LayerError::DuplicateName { first, second };
                let position = second.position;
                return Err(Error::layer(
                    weights.path(),
                    position,
                    layer.name(),
                    layer.type_(),
                    source,
                ));
            }
        }
        Ok(Records(records.into_iter().map(|(name, (_, layer))| (name, layer)).collect()))
    }

    /// A layer that tells a prototxt of another net: the int8umodel lacks it, or it is a cast that a layer of both
    /// reads.
    pub(super) fn stranger(&self, model: &NetParameter, phase: Phase) -> Option<(String, String)> {
        let layers = model.layers_in(phase).ok()?;
        if let Some(layer) = layers.iter().find(|layer| !self.0.contains_key(layer.name())) {
            return Some((layer.name().to_owned(), layer.kind().to_owned()));
        }
        let there: HashSet<&str> = layers.iter().map(|layer| layer.name()).collect();
        let common = self.0.values().filter(|layer| there.contains(layer.name()));
        let read: HashSet<&String> = common.flat_map(|layer| &layer.bottom).collect();
        let casts = self.0.values().filter(|layer| {
            ["Quantize", "Dequantize"].contains(&layer.type_())
                && !there.contains(layer.name())
                && layer.top.iter().any(|top| read.contains(top))
        });
        let first = casts.min_by_key(|layer| layer.name())?;
        Some((first.name().to_owned(), first.type_().to_owned()))
    }

    /// For a layer without a record: layers with weights that were probably meant, which the model does not have.
    pub(super) fn nearest(&self, layer: &str, model: &NetParameter) -> Option<Vec<String>> {
        if self.0.contains_key(layer) {
            return None;
        }
        let there: HashSet<&str> = model.layer_names().collect();
        let others =
            self.0.iter().filter(|(name, layer)| !layer.blobs.is_empty() && !there.contains(*name));
        Some(nearest(layer, others.map(|(&name, _)| name)))
    }

    /// The fp32 weights of a layer; none for a layer that computes with integers.
    pub(super) fn float_weights(&self, layer: &str) -> Result<Weights, LayerError> {
        let record = self.0.get(layer);
        let integers = |record: &&&LayerParameter| {
            let kind = record.quantization_param.arithmetic();
            matches!(kind, Kind::MULTIPLY_ACCUMULATE | Kind::PRELU | Kind::CONSTANT)
        };
        let blobs =
            record.filter(|record| !integers(record)).map_or(&[][..], |record| &record.blobs);
        blobs.iter().map(|blob| blob::from_proto(Cow::Borrowed(blob))).collect()
    }

    /// The formats of the layer's tops; none for a layer without a record, whose tops are fp32.
    pub(super) fn formats(&self, layer: &str) -> Result<Vec<BlobFormat>, LayerError> {
        let Some(layer) = self.0.get(layer) else { return Ok(Vec::new()) };
        let tops = &layer.quantization_param.top;
        Ok(tops
            .iter()
            .map(|top| BlobFormat {
                dtype: match top.dtype() {
                    blob_format::DType::FLOAT32 => DType::F32,
                    blob_format::DType::INT8 => DType::I8,
                    blob_format::DType::UINT8 => DType::U8,
                },
                scale: top.scale(),
            })
            .collect())
    }

    /// How the channels of each of the layer's tops are stored. Of factors and order one may be left out.
    pub(super) fn channels(&self, layer: &str) -> Vec<Option<Channels>> {
        let tops = self.0.get(layer).map_or(&[][..], |layer| &layer.quantization_param.top);
        let channels = |top: &FormatMessage| {
            let (factors, order) = (&top.channel_factor, &top.channel_order);
            (!factors.is_empty() || !order.is_empty()).then(|| Channels {
                factors: match factors.as_slice() {
                    [] => order.iter().map(|_| 1.0).collect(),
                    factors => factors.into(),
                },
                order: match order.as_slice() {
                    [] => (0..).zip(factors).map(|(place, _)| place).collect(),
                    order => order.into(),
                },
            })
        };
        tops.iter().map(channels).collect()
    }

    /// A layer without a record is fp32 from bottom to top.
    pub(super) fn arithmetic(&self, layer: &Layer) -> Result<Arithmetic, LayerError> {
        let record = self.0.get(layer.name.as_str());
        let Some(record) = record.filter(|record| record.quantization_param.is_some()) else {
            let source = matches!(layer.op.int8_form(), Int8Form::Source { .. });
            return Ok(if source { Arithmetic::Cast } else { Arithmetic::Float });
        };
        let p = &record.quantization_param;
        let right_shift = narrow("quantization_param.right_shift", p.right_shift())?;
        let rescales = || p.rescale.iter().map(rescale).collect::<Result<Vec<_>, _>>();
        let single = || match rescales()?.as_slice() {
            [rescale] => Ok(*rescale),
            several => {
                let value = format_args!("{} of them", several.len());
                Err(LayerError::bad("quantization_param.rescale", value, ValueError::One))
            }
        };
        Ok(match p.arithmetic() {
            Kind::FLOAT => Arithmetic::Float,
            Kind::CAST => Arithmetic::Cast,
            Kind::SAME => Arithmetic::Same,
            Kind::MULTIPLY_ACCUMULATE => Arithmetic::MultiplyAccumulate {
                weights: Arc::new(integer_weights(record.blobs.first())?),
                bias: record.blobs.get(1).map(integer_bias).transpose()?.map(Arc::new),
                right_shifts: right_shifts(p, right_shift)?,
            },
            Kind::AVERAGE_POOL => Arithmetic::AveragePool {
                multiplier: narrow("quantization_param.multiplier", p.multiplier())?,
                right_shift,
            },
            Kind::RESCALED => Arithmetic::Rescaled(rescales()?),
            Kind::PRODUCT => Arithmetic::Product(single()?),
            Kind::LEAKY_RELU => Arithmetic::LeakyRelu(single()?),
            Kind::TABLE => Arithmetic::Table(Arc::new(table(p.table())?)),
            Kind::PRELU => Arithmetic::Prelu {
                slopes: Arc::new(integer_weights(record.blobs.first())?),
                right_shift,
            },
            Kind::INTERPOLATE => Arithmetic::Interpolate,
            Kind::CONSTANT => {
                Arithmetic::Constant(Arc::new(integer_weights(record.blobs.first())?))
            }
            Kind::CLIPPED_AVERAGE_POOL => {
                let factors: Vec<PoolFactor> =
                    p.rescale.iter().map(pool_factor).collect::<Result<_, _>>()?;
                let four = <[PoolFactor; 4]>::try_from(factors).map_err(|factors| {
                    let value = format_args!("{} of them", factors.len());
                    LayerError::bad("quantization_param.rescale", value, ValueError::Four)
                })?;
                Arithmetic::ClippedAveragePool(four)
            }
            Kind::CUT => Arithmetic::Cut(rescales()?),
        })
    }
}

fn narrow<T, U>(field: &'static str, value: T) -> Result<U, LayerError>
where
    T: Copy + std::fmt::Display,
    U: TryFrom<T>,
{
    U::try_from(value).map_err(|_| LayerError::bad(field, value, ValueError::Bits(8)))
}

/// One shift for all output channels, or the list of those of their blocks, never both.
fn right_shifts(p: &QuantizationParameter, one: u8) -> Result<Shifts, LayerError> {
    const LIST: &str = "quantization_param.block_right_shift";
    if p.block_right_shift.is_empty() {
        return Ok(Shifts::one(one));
    }
    if p.has_right_shift() {
        let value = format_args!("{:?}", p.block_right_shift);
        return Err(LayerError::bad(LIST, value, ValueError::Beside("right_shift")));
    }
    let shifts = p.block_right_shift.iter().map(|&shift| narrow(LIST, shift));
    Ok(Shifts::of_blocks(shifts.collect::<Result<Vec<u8>, _>>()?))
}

fn rescale(message: &RescaleMessage) -> Result<Rescale, LayerError> {
    Ok(Rescale {
        multiplier: narrow("quantization_param.rescale.multiplier", message.multiplier())?,
        right_shift: narrow("quantization_param.rescale.right_shift", message.right_shift())?,
    })
}

fn table(bytes: &[u8]) -> Result<[u8; 256], LayerError> {
    let wrong = |_| {
        let value = format_args!("{} bytes", bytes.len());
        LayerError::bad("quantization_param.table", value, ValueError::Bytes(256))
    };
    bytes.try_into().map_err(wrong)
}

fn pool_factor(message: &RescaleMessage) -> Result<PoolFactor, LayerError> {
    Ok(PoolFactor {
        multiplier: narrow("quantization_param.rescale.multiplier", message.multiplier())?,
        right_shift: narrow("quantization_param.rescale.right_shift", message.right_shift())?,
    })
}

fn integer_weights(blob: Option<&BlobProto>) -> Result<ArrayD<i8>, LayerError> {
    let blob = blob.ok_or(LayerError::WeightCount { expected: 1, found: 0 })?;
    let shape = blob::shape_of(blob)?;
    let values: Vec<i8> = blob.int8_data().iter().map(|&byte| byte.cast_signed()).collect();
    let found = values.len();
    ArrayD::from_shape_vec(IxDyn(&shape), values)
        .map_err(|_| LayerError::BlobLength { shape, found })
}

fn integer_bias(blob: &BlobProto) -> Result<Array1<i16>, LayerError> {
    let value = |&value: &i32| {
        i16::try_from(value)
            .map_err(|_| LayerError::bad("blobs.int32_data", value, ValueError::Bits(16)))
    };
    blob.int32_data.iter().map(value).collect()
}

/// Puts formats and integers into the layers' messages.
pub(super) fn write(parameter: &mut NetParameter, quantized: &QuantizedNet) {
    let layers = parameter.message.layer.iter_mut().zip(quantized.net.layers());
    for ((message, layer), arithmetic) in layers.zip(&quantized.arithmetic) {
        let mut p = QuantizationParameter::new();
        let top = |&top| format_message(quantized.format(top), quantized.channels(top));
        p.top = layer.tops.iter().map(top).collect();
        let rescales = |rescales: &[Rescale]| rescales.iter().map(rescale_message).collect();
        let kind = match arithmetic {
            Arithmetic::Float => Kind::FLOAT,
            Arithmetic::Cast => Kind::CAST,
            Arithmetic::Same => Kind::SAME,
            Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } => {
                match right_shifts.blocks() {
                    [one] => p.set_right_shift((*one).into()),
                    blocks => {
                        p.block_right_shift = blocks.iter().map(|&shift| shift.into()).collect();
                    }
                }
                message.blobs = vec![weights_message(weights)];
                message.blobs.extend(bias.as_ref().map(|bias| bias_message(bias)));
                Kind::MULTIPLY_ACCUMULATE
            }
            Arithmetic::AveragePool { multiplier, right_shift } => {
                p.set_multiplier((*multiplier).into());
                p.set_right_shift((*right_shift).into());
                Kind::AVERAGE_POOL
            }
            Arithmetic::Rescaled(inputs) => {
                p.rescale = rescales(inputs);
                Kind::RESCALED
            }
            Arithmetic::Product(rescale) => {
                p.rescale = rescales(&[*rescale]);
                Kind::PRODUCT
            }
            Arithmetic::LeakyRelu(rescale) => {
                p.rescale = rescales(&[*rescale]);
                Kind::LEAKY_RELU
            }
            Arithmetic::Table(table) => {
                p.set_table(table.to_vec());
                Kind::TABLE
            }
            Arithmetic::Prelu { slopes, right_shift } => {
                p.set_right_shift((*right_shift).into());
                message.blobs = vec![weights_message(slopes)];
                Kind::PRELU
            }
            Arithmetic::Interpolate => Kind::INTERPOLATE,
            Arithmetic::Constant(values) => {
                message.blobs = vec![weights_message(values)];
                Kind::CONSTANT
            }
            Arithmetic::ClippedAveragePool(factors) => {
                p.rescale = factors.iter().map(pool_factor_message).collect();
                Kind::CLIPPED_AVERAGE_POOL
            }
            Arithmetic::Cut(tops) => {
                p.rescale = rescales(tops);
                Kind::CUT
            }
        };
        p.set_arithmetic(kind);
        message.quantization_param = Some(p).into();
    }
}

fn format_message(format: BlobFormat, channels: Option<&Channels>) -> FormatMessage {
    let mut message = FormatMessage::new();
    message.set_dtype(match format.dtype {
        DType::F32 => blob_format::DType::FLOAT32,
        DType::I8 => blob_format::DType::INT8,
        DType::U8 => blob_format::DType::UINT8,
    });
    message.set_scale(format.scale);
    if let Some(channels) = channels.filter(|channels| channels.are_scaled()) {
        message.channel_factor = channels.factors.to_vec();
    }
    if let Some(channels) = channels.filter(|channels| channels.are_sorted()) {
        message.channel_order = channels.order.to_vec();
    }
    message
}

fn rescale_message(rescale: &Rescale) -> RescaleMessage {
    let mut message = RescaleMessage::new();
    message.set_multiplier(rescale.multiplier.into());
    message.set_right_shift(rescale.right_shift.into());
    message
}

fn pool_factor_message(factor: &PoolFactor) -> RescaleMessage {
    let mut message = RescaleMessage::new();
    message.set_multiplier(factor.multiplier.into());
    message.set_right_shift(factor.right_shift.into());
    message
}

fn weights_message(weights: &ArrayD<i8>) -> BlobProto {
    let mut message = BlobProto::new();
    message.shape = Some(blob::shape_message(weights.shape())).into();
    message.set_int8_data(weights.iter().map(|&value| value.cast_unsigned()).collect());
    message
}

fn bias_message(bias: &Array1<i16>) -> BlobProto {
    let mut message = BlobProto::new();
    message.shape = Some(blob::shape_message(bias.shape())).into();
    message.int32_data = bias.iter().map(|&value| value.into()).collect();
    message.set_bit_width(16);
    message
}

/// The vendor's files state the scale of a single input once more for the whole net.
pub(super) fn set_int8_scale(parameter: &mut NetParameter, net: &Net) {
    let mut scales = net.layers().iter().filter_map(|layer| match &layer.op {
        LayerOp::Input(input) => input.int8_scale,
        _ => None,
    });
    if let (Some(scale), None) = (scales.next(), scales.next()) {
        parameter.message.set_int8_scale(scale);
    }
}
