//! What a prototxt says of a layer's thresholds.

use crate::error::{LayerError, ValueError};
use crate::{LayerSpec, proto};

use proto::umodel::layer_parameter::ThresholdStrategy as Proto;

/// How the threshold of a layer's tops is found: `th_strategy` in a prototxt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThresholdStrategy {
    /// As those of all other layers: USE_DEFAULT.
    #[default]
    Default,
    /// By the entropy of the distribution: USE_KL.
    Kl,
    /// It is the largest |x|: USE_MAX.
    Max,
}

/// What a prototxt says of the thresholds of a layer's tops. The default says nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// How a threshold is found: `th_strategy`.
    pub strategy: ThresholdStrategy,
    /// The threshold itself, in the units of the real values: `threshold`. None is found then.
    pub fixed: Option<f32>,
    /// What a threshold that was found is multiplied by: `th_scale`.
    pub scale: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { strategy: ThresholdStrategy::Default, fixed: None, scale: 1.0 }
    }
}

impl Thresholds {
    /// Whether it asks for anything.
    pub fn is_default(&self) -> bool {
        *self == Thresholds::default()
    }

    /// A threshold and a factor must be finite numbers above 0.
    pub(crate) fn check(&self) -> Result<(), LayerError> {
        for (field, value) in [("threshold", self.fixed), ("th_scale", Some(self.scale))] {
            if let Some(value) = value.filter(|&value| !(value.is_finite() && value > 0.0)) {
                return Err(LayerError::bad(field, value, ValueError::FinitePositive));
            }
        }
        Ok(())
    }
}

impl LayerSpec {
    /// What the prototxt says of the thresholds of the layer's tops: `th_strategy`, `threshold`, `th_scale`.
    pub fn thresholds(&self) -> Thresholds {
        Thresholds {
            strategy: match self.template.th_strategy() {
                Proto::USE_DEFAULT => ThresholdStrategy::Default,
                Proto::USE_KL => ThresholdStrategy::Kl,
                Proto::USE_MAX => ThresholdStrategy::Max,
            },
            fixed: self.template.threshold,
            scale: self.template.th_scale(),
        }
    }

    /// Sets what is said of the thresholds of the layer's tops.
    pub fn set_thresholds(&mut self, thresholds: Thresholds) {
        let strategy = match thresholds.strategy {
            ThresholdStrategy::Default => None,
            ThresholdStrategy::Kl => Some(Proto::USE_KL.into()),
            ThresholdStrategy::Max => Some(Proto::USE_MAX.into()),
        };
        self.template.th_strategy = strategy;
        self.template.threshold = thresholds.fixed;
        self.template.th_scale = Some(thresholds.scale).filter(|&scale| scale != 1.0);
    }

    /// Takes over what the prototxt says of the quantization of a layer that becomes a part of this one, and whose tops
    /// are now this layer's: if it says something of thresholds, that holds instead of what was said before. A layer of
    /// which one part is to stay in fp32 stays there as a whole.
    pub fn absorb_quantization(&mut self, later: &LayerSpec) {
        if later.forward_with_float() {
            self.set_forward_with_float(true);
        }
        let thresholds = later.thresholds();
        if !thresholds.is_default() {
            self.set_thresholds(thresholds);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Relu;
    use crate::passes::{fold_affine, remove_identities};
    use crate::{Net, NetParameter, NoSources, Phase};

    fn relu() -> LayerSpec {
        LayerSpec::new("r", Relu { negative_slope: 0.0 }, &["x"], &["y"])
    }

    fn net(text: &str) -> Result<Net, crate::Error> {
        let input = "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2, 4, 4] } } }\n";
        let model = NetParameter::parse_text(&format!("{input}{text}")).expect("a prototxt");
        Net::new(&model, None, Phase::Test, &NoSources)
    }

    /// Exact: what is set is read, and printed only if it differs from the default.
    #[test]
    fn fields_are_set_and_read() {
        let mut spec = relu();
        assert!(spec.thresholds().is_default());
        let all = Thresholds { strategy: ThresholdStrategy::Max, fixed: Some(3.5), scale: 0.5 };
        for thresholds in [all, Thresholds { strategy: ThresholdStrategy::Kl, ..all }] {
            spec.set_thresholds(thresholds);
            assert_eq!(spec.thresholds(), thresholds);
        }
        let later = relu();
        spec.absorb_quantization(&later);
        assert_eq!(spec.thresholds().scale, 0.5, "nothing is said, so nothing changes");
        spec.set_thresholds(Thresholds::default());
        assert!(spec.template.th_strategy.is_none() && spec.template.th_scale.is_none());
        let text = "layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'y' th_strategy: USE_KL threshold: 2 th_scale: 1 }";
        let text = net(text).expect("a net").to_parameter().to_text();
        assert!(text.contains("th_strategy: USE_KL\n  threshold: 2\n"), "{text}");
    }

    /// Exact: file positions, the layer, what was found and what was expected.
    #[test]
    fn impossible_values_are_errors() {
        for (field, found) in [
            ("threshold: 0", "threshold: 0"),
            ("threshold: -1", "threshold: -1"),
            ("threshold: inf", "threshold: inf"),
            ("threshold: nan", "threshold: NaN"),
            ("th_scale: 0", "th_scale: 0"),
            ("th_scale: -0.5", "th_scale: -0.5"),
            ("th_scale: nan", "th_scale: NaN"),
        ] {
            let layer = format!("layer {{ name: 'r' type: 'ReLU' bottom: 'x' top: 'y' {field} }}");
            let error = net(&layer).expect_err(field).to_string();
            assert_eq!(error, format!("2:1: layer \"r\" (ReLU)"), "{field}");
            let error = net(&layer).expect_err(field);
            let reason = std::error::Error::source(&error).expect("a reason").to_string();
            assert_eq!(reason, format!("{found}: must be a finite number above 0"));
        }
        let unknown = "layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'y' th_strategy: USE_MEAN }";
        let error = net(unknown).expect_err("no strategy").to_string();
        assert!(error.contains("2:") && error.contains("USE_MEAN"), "{error}");
    }

    /// Exact: of layers that become one, the last that says something; layers with no other top hand on what they say.
    #[test]
    fn passes_keep_what_is_said() {
        let text = "
            layer { name: 'c' type: 'Power' bottom: 'x' top: 'c' power_param { scale: 2 } threshold: 1 forward_with_float: true }
            layer { name: 'd' type: 'Dropout' bottom: 'c' top: 'c' threshold: 2 }
            layer { name: 's' type: 'Power' bottom: 'c' top: 's' power_param { scale: 3 } }
            layer { name: 't' type: 'Slice' bottom: 's' top: 'a' top: 'b' }
            layer { name: 'e' type: 'Dropout' bottom: 'a' top: 'a' th_scale: 2 }
            layer { name: 'f' type: 'Dropout' bottom: 'b' top: 'f' }
            layer { name: 'g' type: 'Eltwise' bottom: 'a' bottom: 'f' top: 'g' }";
        let net = remove_identities(&net(text).expect("a net")).expect("a net");
        let names: Vec<&str> = net.layers().iter().map(|layer| layer.name.as_str()).collect();
        assert_eq!(
            names,
            ["x", "c", "s", "t", "e", "g"],
            "a part of a layer's tops needs its own layer"
        );
        let specs = fold_affine(&net).expect("a net").specs();
        let c = &specs[1];
        assert_eq!((c.name.as_str(), c.tops[0].as_str()), ("c", "s"), "two Powers are one Scale");
        assert_eq!((c.thresholds().fixed, c.forward_with_float()), (Some(2.0), true));
        assert_eq!(specs[3].thresholds().scale, 2.0);
    }
}
