//! Functions of one value, made of exact operations and tables.

use super::program::Val;
use crate::blob::narrow;
use crate::quant::softmax::{
    self, COEFFICIENTS, EXPONENT, FLOOR, MANTISSA_SHIFT, ROUND, reciprocals,
};

const SIGN: u32 = 0x8000_0000;
const MANTISSA: u32 = 0x007f_ffff;
const ONE: u32 = 0x3f80_0000;

/// What [`Val::exp`] clips its argument to: results stay normal numbers.
const EXPONENTS: [f32; 2] = [-87.0, 88.0];

/// e to the power of k, at the byte that represents k, for all k that [`Val::exp`] has.
fn powers() -> [f32; 256] {
    let mut table = [0.0; 256];
    for k in -87i32..=88 {
        table[k.rem_euclid(256).unsigned_abs() as usize] = narrow(f64::from(k).exp());
    }
    table
}

/// `1/√s` for the middle s of each 128th of 1 … 2 (odd exponents) and 2 … 4, times 2^63.5 or 2^63; see [`Val::rsqrt`].
fn roots() -> [f32; 256] {
    std::array::from_fn(|index| {
        let mantissa = 1.0 + ((index % 128) as f64 + 0.5) / 128.0;
        // The lowest bit of the exponent is the highest of the index.
        let half: f64 = if index < 128 { 63.5 } else { 63.0 };
        narrow(half.exp2() / mantissa.sqrt())
    })
}

/// `1/m` for the middle m of each 256th of 1 … 2.
fn inverses() -> [f32; 256] {
    std::array::from_fn(|index| narrow(1.0 / (1.0 + (index as f64 + 0.5) / 256.0)))
}

impl<'a> Val<'a> {
    /// The same bits without the sign.
    pub(crate) fn abs(self) -> Val<'a> {
        self.and(!SIGN)
    }

    /// This magnitude with the sign of another value.
    pub(crate) fn with_sign_of(self, other: Val<'a>) -> Val<'a> {
        self.or(other.and(SIGN))
    }

    /// 1 where a value is above 0, else 0.
    pub(crate) fn is_positive(self) -> Val<'a> {
        let mut table = [0.0; 256];
        table[1] = 1.0;
        // Of −x only values above 0 have a sign: −0 + 0 is +0.
        (self * -1.0 + 0.0).shift_right(31).table(&table)
    }

    /// The second of two words where a value is not 0, else the first.
    pub(crate) fn is_not_zero(self, words: &[f32; 256]) -> Val<'a> {
        (self.abs() * -1.0 + 0.0).shift_right(31).table(words)
    }

    /// eˣ for x between −87 and 88; x is clipped to them.
    ///
    /// With k the integer nearest to x: the table's eᵏ times a polynomial of x − k.
    pub(crate) fn exp(self) -> Val<'a> {
        let x = self.max(EXPONENTS[0]).min(EXPONENTS[1]);
        x.exp_near(&powers())
    }

    /// `P[k] · p(x − k)` with k the integer nearest to x and a polynomial p near the exponential.
    fn exp_near(self, powers: &[f32; 256]) -> Val<'a> {
        let t = self + ROUND;
        let k = t.table(powers);
        let r = self - (t - ROUND);
        let [first, rest @ ..] = COEFFICIENTS;
        let mut polynomial = r * first;
        for coefficient in rest {
            polynomial = (polynomial + coefficient) * r;
        }
        (polynomial + 1.0) * k
    }

    /// eᵈ for `d = x − most`, which is not above 0: [`crate::quant::softmax`] has the formula.
    pub(crate) fn exp_below(self, most: Val<'a>) -> Val<'a> {
        let d = (self - most).max(FLOOR);
        d.exp_near(&softmax::powers())
    }

    /// `1/x` of a positive number.
    pub(crate) fn inverse_of_positive(self) -> Val<'a> {
        let guess = self.shift_right(MANTISSA_SHIFT).table(&reciprocals());
        guess.improved(self, self.and(EXPONENT).xor(EXPONENT))
    }

    /// 1/x for x that are not 0 and whose inverse is a normal number, either sign: a table, and two steps of Newton's
    /// method.
    pub(crate) fn inverse(self) -> Val<'a> {
        let guess = self.shift_right(MANTISSA_SHIFT).table(&reciprocals()).with_sign_of(self);
        guess.improved(self, self.and(EXPONENT).xor(EXPONENT))
    }

    /// A table's guess of `1/x`, times the exponent of x turned around, then two steps of Newton's method. The factor
    /// 1/2 that the exponent is short of is in the table.
    fn improved(self, x: Val<'a>, exponent: Val<'a>) -> Val<'a> {
        let mut u = self * exponent;
        for _ in 0..2 {
            u = u * (x * u * -1.0 + 2.0);
        }
        u
    }

    /// 1/√x for x that are positive; 0 gives a large number. A table, and two steps of Newton's method.
    pub(crate) fn rsqrt(self) -> Val<'a> {
        let guess = self.shift_right(16).table(&roots());
        // Half of the exponent turned around: 2 to the power of −⌊E/2⌋.
        let half = 0x3f80_0000;
        let mut u = guess * self.shift_right(1).and(half).xor(half);
        for _ in 0..2 {
            u = u * (self * u * u * -0.5 + 1.5);
        }
        u
    }

    /// √x for x that are not negative.
    pub(crate) fn sqrt(self) -> Val<'a> {
        self * self.rsqrt()
    }

    /// x to a power, for x that are positive normal numbers.
    pub(crate) fn power(self, power: f32) -> Val<'a> {
        match power {
            -1.0 => self.inverse_of_positive(),
            -0.5 => self.rsqrt(),
            0.5 => self.sqrt(),
            -0.75 => {
                let root = self.rsqrt();
                root * root.sqrt()
            }
            power => (self.ln() * power).exp(),
        }
    }

    /// The natural logarithm of positive normal numbers.
    ///
    /// `E·ln 2 + ln c + ln(1 + r)` with the exponent E, the middle c of the mantissa's 256th of 1 … 2, and the rest
    /// `r = m/c − 1`.
    pub(crate) fn ln(self) -> Val<'a> {
        let inverses = inverses();
        let centres = inverses.map(|inverse| narrow(-f64::from(inverse).ln()));
        let exponents: [f32; 256] = std::array::from_fn(|exponent| {
            narrow((exponent as f64 - 127.0) * std::f64::consts::LN_2)
        });
        let index = self.shift_right(MANTISSA_SHIFT);
        let m = self.and(MANTISSA).or_bits(ONE);
        let r = m * index.table(&inverses) - 1.0;
        let tail = ((r * (1.0 / 3.0) - 0.5) * r + 1.0) * r;
        let whole = self.shift_right(23).table(&exponents);
        whole + (index.table(&centres) + tail)
    }

    /// The logistic function.
    pub(crate) fn sigmoid(self) -> Val<'a> {
        ((self * -1.0).exp() + 1.0).inverse()
    }

    /// The hyperbolic tangent, exact within 2e-7.
    pub(crate) fn tanh(self) -> Val<'a> {
        // Of the magnitude, so that the function is odd.
        let e = (self.abs() * -2.0).exp();
        ((e * -1.0 + 1.0) * (e + 1.0).inverse()).with_sign_of(self)
    }

    /// The error function, exact within 3e-7: formula 7.1.26 of Abramowitz and Stegun, Handbook of Mathematical
    /// Functions.
    pub(crate) fn erf(self) -> Val<'a> {
        const A: [f32; 4] = [-1.453_152, 1.421_413_7, -0.284_496_72, 0.254_829_6];
        let x = self.abs();
        let t = (x * 0.327_591_1 + 1.0).inverse();
        let mut polynomial = t * 1.061_405_4;
        for coefficient in A {
            polynomial = (polynomial + coefficient) * t;
        }
        (polynomial * (x * x * -1.0).exp() * -1.0 + 1.0).with_sign_of(self)
    }

    /// The largest integer that is not above a value, for magnitudes below 2²².
    pub(crate) fn floor(self) -> Val<'a> {
        let nearest = self.round();
        nearest - (nearest - self).is_positive()
    }

    /// The nearest integer, half to even, for values below 2²².
    pub(crate) fn round(self) -> Val<'a> {
        self + ROUND - ROUND
    }
}
