//! Element by element: fp32, and a table in int8.

use umodel::layers::{
    AbsVal, Bnll, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, Log, Power, Round, RoundMode,
    Sigmoid, Swish, TanH, Threshold,
};

use super::table::by_value;
use super::{Call, Work};
use crate::error::KernelError;

by_value!(
    AbsVal,
    Bnll,
    Elu,
    Erf,
    Exp,
    Gelu,
    HardSigmoid,
    HardSwish,
    Log,
    Power,
    Round,
    Sigmoid,
    Swish,
    TanH,
    Threshold
);

fn map(call: &mut Call<'_>, function: impl Fn(f32) -> f32) -> Result<(), KernelError> {
    let input = call.f32(0);
    call.f32_top().iter_mut().zip(input).for_each(|(y, &x)| *y = function(x));
    Ok(())
}

impl Work for Sigmoid {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, logistic)
    }
}

/// The logistic function. The exponential is of no positive number, so that neither end overflows and small results
/// keep all their digits.
fn logistic(x: f32) -> f32 {
    let small = (-x.abs()).exp();
    if x < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

impl Work for TanH {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, f32::tanh)
    }
}

impl Work for Elu {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| x.max(0.0) + self.alpha * (x.min(0.0).exp() - 1.0))
    }
}

impl Work for Power {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        if self.power == 1.0 {
            map(call, |x| x * self.scale + self.shift)
        } else {
            map(call, |x| (x * self.scale + self.shift).powf(self.power))
        }
    }
}

impl Work for AbsVal {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, f32::abs)
    }
}

impl Work for Bnll {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        // The exponential of a positive number could overflow.
        map(call, |x| x.max(0.0) + (1.0 + (-x.abs()).exp()).ln())
    }
}

impl Work for Exp {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let natural = self.base == -1.0;
        let factor = self.scale * if natural { 1.0 } else { self.base.ln() };
        let outer = if natural { self.shift.exp() } else { self.base.powf(self.shift) };
        map(call, |x| outer * (factor * x).exp())
    }
}

impl Work for Log {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let factor = if self.base == -1.0 { 1.0 } else { 1.0 / self.base.ln() };
        map(call, |x| (self.scale * x + self.shift).ln() * factor)
    }
}

impl Work for HardSigmoid {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| (self.alpha * x + self.beta).clamp(0.0, 1.0))
    }
}

impl Work for HardSwish {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0))
    }
}

impl Work for Threshold {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| if x > self.threshold { 1.0 } else { 0.0 })
    }
}

impl Work for Swish {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| x / (1.0 + (-self.beta * x).exp()))
    }
}

impl Work for Erf {
    #[expect(clippy::cast_possible_truncation, reason = "double precision becomes fp32")]
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| Erf::of(x.into()) as f32)
    }
}

impl Work for Gelu {
    #[expect(clippy::cast_possible_truncation, reason = "double precision becomes fp32")]
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| self.of(x.into()) as f32)
    }
}

impl Work for Round {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(
            call,
            match self.mode {
                RoundMode::Nearest => f32::round_ties_even,
                RoundMode::Floor => f32::floor,
                RoundMode::Ceil => f32::ceil,
                RoundMode::Truncate => f32::trunc,
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative 3e-7 against double precision, as far as fp32 has normal numbers: results near 0, too.
    #[test]
    fn small_sigmoids_keep_their_digits() {
        for step in -850..=850 {
            let x = step as f32 / 10.0;
            let exact = 1.0 / (1.0 + f64::from(-x).exp());
            let error = (f64::from(logistic(x)) / exact - 1.0).abs();
            assert!(error < 3e-7, "{x}: {error:e}");
        }
        assert_eq!([f32::NEG_INFINITY, f32::INFINITY].map(logistic), [0.0, 1.0]);
        assert!(logistic(f32::NAN).is_nan());
    }
}
