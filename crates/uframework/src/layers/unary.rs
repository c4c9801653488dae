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
        map(call, |x| 0.5 * (0.5 * x).tanh() + 0.5)
    }
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

/// The error function: a series whose terms are all positive, which ends soon for numbers of this size.
fn erf(x: f64) -> f64 {
    // Beyond, the result is 1 in fp32.
    if x.abs() > 4.0 {
        return x.signum();
    }
    // 2 / √π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2 n + 1))
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term.abs() > 1e-12 * sum.abs() {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

impl Work for Erf {
    #[expect(clippy::cast_possible_truncation, reason = "double precision becomes fp32")]
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| erf(x.into()) as f32)
    }
}

impl Work for Gelu {
    #[expect(clippy::cast_possible_truncation, reason = "double precision becomes fp32")]
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        if self.tanh {
            let factor = (2.0 / std::f32::consts::PI).sqrt();
            return map(call, |x| 0.5 * x * (1.0 + (factor * (x + 0.044_715 * x * x * x)).tanh()));
        }
        map(call, |x| {
            let x = f64::from(x);
            (0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2))) as f32
        })
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

    /// Relative 1e-9: values of the error function as Python's math.erf has them.
    #[test]
    fn the_error_function() {
        for (x, expected) in [
            (0.0, 0.0),
            (1e-3, 1.128_378_790_969_236_4e-3),
            (0.5, 0.520_499_877_813_046_5),
            (-1.0, -0.842_700_792_949_714_9),
            (2.5, 0.999_593_047_982_555),
            (3.9, 0.999_999_965_207_751_4),
        ] {
            assert!((erf(x) - expected).abs() <= 1e-9 * expected.abs(), "erf({x}) = {}", erf(x));
        }
        assert_eq!([erf(9.0), erf(f64::NEG_INFINITY)], [1.0, -1.0]);
        assert!(erf(f64::NAN).is_nan());
    }
}
