use crate::error::{LayerError, ValueError};
use crate::proto::FillerParameter;
use crate::proto::filler_parameter::VarianceNorm;

/// Which connections of a weight [`Filler::Xavier`] and [`Filler::Msra`] count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// Those of one output: volume / N.
    In,
    /// Those of one input: volume / C.
    Out,
    /// Their mean.
    Average,
}

/// How a blob gets its first values.
///
/// # Source
/// BVLC Caffe, FillerParameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Filler {
    /// This value everywhere.
    Constant(f32),
    /// Uniform from `min` to `max`.
    Uniform {
        /// The least value.
        min: f32,
        /// The largest value.
        max: f32,
    },
    /// Normal; with `sparse`, only so many values for each output, on average, are not 0.
    Gaussian {
        /// The mean.
        mean: f32,
        /// The standard deviation.
        std: f32,
        /// Values that are not 0, if not all.
        sparse: Option<usize>,
    },
    /// Positive, with sum 1 in each item.
    PositiveUnitBall,
    /// Uniform within ±√(3 / fan).
    Xavier(Fan),
    /// Normal with σ = √(2 / fan).
    Msra(Fan),
    /// The weights of bilinear upsampling.
    Bilinear,
}

impl Filler {
    pub(super) fn parse(p: &FillerParameter) -> Result<Self, LayerError> {
        let fan = match p.variance_norm() {
            VarianceNorm::FAN_IN => Fan::In,
            VarianceNorm::FAN_OUT => Fan::Out,
            VarianceNorm::AVERAGE => Fan::Average,
        };
        let sparse = match p.sparse() {
            -1 => None,
            count => {
                let size = usize::try_from(count).ok().filter(|_| p.type_() == "gaussian");
                let bad = || LayerError::bad("data_filler.sparse", count, ValueError::Sparse);
                Some(size.ok_or_else(bad)?)
            }
        };
        Ok(match p.type_() {
            "constant" => Filler::Constant(p.value()),
            "uniform" => Filler::Uniform { min: p.min(), max: p.max() },
            "gaussian" => Filler::Gaussian { mean: p.mean(), std: p.std(), sparse },
            "positive_unitball" => Filler::PositiveUnitBall,
            "xavier" => Filler::Xavier(fan),
            "msra" => Filler::Msra(fan),
            "bilinear" => Filler::Bilinear,
            other => {
                let reason = ValueError::NoSuchFiller;
                return Err(LayerError::bad("data_filler.type", other, reason));
            }
        })
    }

    /// Refuses what the message cannot hold.
    pub(super) fn check(&self) -> Result<(), LayerError> {
        if let Filler::Gaussian { sparse: Some(count), .. } = *self
            && i32::try_from(count).is_err()
        {
            let reason = ValueError::LargerThan(i32::MAX.unsigned_abs().into());
            return Err(LayerError::bad("data_filler.sparse", count, reason));
        }
        Ok(())
    }

    pub(super) fn message(&self) -> FillerParameter {
        let mut p = FillerParameter::new();
        let norm = |fan: Fan| match fan {
            Fan::In => VarianceNorm::FAN_IN,
            Fan::Out => VarianceNorm::FAN_OUT,
            Fan::Average => VarianceNorm::AVERAGE,
        };
        let kind = match *self {
            Filler::Constant(value) => {
                p.set_value(value);
                "constant"
            }
            Filler::Uniform { min, max } => {
                p.set_min(min);
                p.set_max(max);
                "uniform"
            }
            Filler::Gaussian { mean, std, sparse } => {
                p.set_mean(mean);
                p.set_std(std);
                if let Some(count) = sparse {
                    p.set_sparse(i32::try_from(count).unwrap_or(i32::MAX));
                }
                "gaussian"
            }
            Filler::PositiveUnitBall => "positive_unitball",
            Filler::Xavier(fan) => {
                p.set_variance_norm(norm(fan));
                "xavier"
            }
            Filler::Msra(fan) => {
                p.set_variance_norm(norm(fan));
                "msra"
            }
            Filler::Bilinear => "bilinear",
        };
        p.set_type(kind.to_owned());
        p
    }
}
