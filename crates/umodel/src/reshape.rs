//! Nets at other sizes than those that they were read with.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use crate::error::{Error, LayerError, QuantizationError};
use crate::layers::LayerOp;
use crate::nearest;
use crate::net::{Layer, Net};
use crate::quant::{Arithmetic, QuantizedNet};

impl Net {
    /// The same net, with the same weights, for other shapes of some of its inputs. All other blobs get the shapes that
    /// follow.
    ///
    /// ```
    /// use umodel::{Net, NetParameter, NoSources, Phase};
    ///
    /// let model = NetParameter::parse_text(r#"
    ///     layer { name: "data" type: "Input" top: "data" input_param { shape { dim: [1, 3, 224, 224] } } }
    ///     layer { name: "pool" type: "Pooling" bottom: "data" top: "pool"
    ///             pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
    /// "#)?;
    /// let net = Net::new(&model, None, Phase::Test, &NoSources)?;
    /// let wide = net.reshaped(&[("data", &[4, 3, 224, 320])])?;
    /// assert_eq!(wide.blob(wide.outputs()[0]).shape, [4, 3, 112, 160]);
    /// assert!(net.reshaped(&[("dada", &[1, 3, 8, 8])]).unwrap_err().to_string().contains("\"data\""));
    /// # Ok::<(), umodel::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownInput`] for a name that is no top of an Input layer, with the nearest ones; [`Error::Layer`] for
    /// the first layer that the sizes do not suit, or whose weights are for others.
    pub fn reshaped(&self, inputs: &[(&str, &[usize])]) -> Result<Net, Error> {
        let mut specs = self.specs();
        let mut names = Vec::new();
        for spec in &mut specs {
            let LayerOp::Input(input) = &mut spec.op else { continue };
            for (top, shape) in spec.tops.iter().zip(&mut input.shapes) {
                let given = inputs.iter().rev().find(|(name, _)| name == top);
                if let Some((_, given)) = given {
                    *shape = given.to_vec();
                }
            }
            names.extend(spec.tops.iter().cloned());
        }
        match inputs.iter().find(|(name, _)| names.iter().all(|known| known != name)) {
            None => Net::from_specs(self.name(), specs),
            Some((name, _)) => Err(Error::UnknownInput {
                name: (*name).to_owned(),
                nearest: nearest(name, names.iter().map(String::as_str)),
            }),
        }
    }
}

impl QuantizedNet {
    /// The same int8 net for other shapes of some of its inputs, as [`Net::reshaped`]; integers and scales stay.
    ///
    /// # Errors
    /// As [`Net::reshaped`]; [`QuantizationError::AverageArea`] for an int8 average over another number of values, by
    /// which its integers divide.
    pub fn reshaped(&self, inputs: &[(&str, &[usize])]) -> Result<Self, Error> {
        let net = self.net().reshaped(inputs)?;
        for (index, (before, now)) in self.net().layers().iter().zip(net.layers()).enumerate() {
            let differ = match self.arithmetic(index) {
                Arithmetic::AveragePool { .. } => area(self.net(), before)
                    .zip(area(&net, now))
                    .filter(|(before, now)| before != now),
                Arithmetic::ClippedAveragePool(_) => areas(self.net(), before)
                    .zip(areas(&net, now))
                    .and_then(|(before, now)| clipped_otherwise(before, now)),
                _ => None,
            };
            if let Some((expected, found)) = differ {
                let reason = QuantizationError::AverageArea { expected, found };
                return Err(now.error(LayerError::Quantization(reason)));
            }
        }
        let formats = self.net().blob_ids().map(|id| self.format(id)).collect();
        let arithmetic = (0..net.layers().len()).map(|layer| self.arithmetic(layer).clone());
        let arithmetic = arithmetic.collect();
        let reshaped = QuantizedNet::new(net, formats, arithmetic)?;
        reshaped.with_channels(|blob| self.channels_named(blob))
    }
}

/// How many values an average is over.
fn area(net: &Net, layer: &Layer) -> Option<usize> {
    let shape = &net.blob(*layer.bottoms.first()?).shape;
    if let LayerOp::Pooling(pooling) = &layer.op {
        return pooling.window(shape).ok().map(|window| window.kernel.iter().product());
    }
    let volume = |shape: &[usize]| shape.iter().product::<usize>();
    volume(shape).checked_div(volume(&net.blob(*layer.tops.first()?).shape))
}

/// How many values each kind of window of an average is over, see [`Pooling::areas`](crate::layers::Pooling::areas).
fn areas(net: &Net, layer: &Layer) -> Option<[usize; 4]> {
    let LayerOp::Pooling(pooling) = &layer.op else { return None };
    pooling.areas(&net.blob(*layer.bottoms.first()?).shape).ok()
}

/// The first areas that differ, of the kinds of windows that there are now.
fn clipped_otherwise(before: [usize; 4], now: [usize; 4]) -> Option<(usize, usize)> {
    let [inside, right, below, corner] = now;
    let exist = [true, right < inside, below < inside, corner < right && corner < below];
    let pairs = before.into_iter().zip(now).zip(exist);
    pairs.filter(|&(_, exist)| exist).map(|(pair, _)| pair).find(|(before, now)| before != now)
}
