/// A sequence of random numbers, the same on every machine for the same seed: SplitMix64
/// (G. Steele, D. Lea, C. Flood, 2014).
#[derive(Clone, Debug)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        SplitMix64(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, without, 1, in steps of 2^-53.
    #[expect(clippy::as_conversions, reason = "integers up to 2^53 are floats")]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below `count`; 0 if that is 0. The remainder of a division, which favours small
    /// numbers by less than `count` / 2^64.
    pub fn below(&mut self, count: u64) -> u64 {
        self.bits() % count.max(1)
    }

    /// Shuffles items, drawing by [`SplitMix64::below`]: the order in which data layers read.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        fisher_yates(items, |count| self.below(count));
    }

    /// Shuffles items as the converters do, whose orders are as old as their databases: drawing by
    /// the high half of a product instead of a remainder.
    pub fn shuffle_by_product<T>(&mut self, items: &mut [T]) {
        fisher_yates(items, |count| {
            let high = (u128::from(self.bits()) * u128::from(count)) >> 64;
            u64::try_from(high).unwrap_or_default()
        });
    }
}

/// Swaps each item, from the last on, with one up to it; `draw` gives a number below another.
fn fisher_yates<T>(items: &mut [T], mut draw: impl FnMut(u64) -> u64) {
    for last in (1..items.len()).rev() {
        let count = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
        let other = usize::try_from(draw(count)).unwrap_or(last).min(last);
        items.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact: the published values of the algorithm for the seed 1234567.
    #[test]
    fn the_published_sequence() {
        let mut random = SplitMix64::new(1_234_567);
        let found: Vec<u64> = (0..5).map(|_| random.bits()).collect();
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn draws_are_in_range() {
        let mut random = SplitMix64::new(0);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.unit())));
        assert!((1..1000).all(|count| random.below(count) < count));
        assert_eq!((random.below(0), random.below(1)), (0, 0));
    }

    /// The orders of databases and training runs that exist must not change. Bit-exact.
    #[test]
    fn both_orders_are_fixed() {
        let order = |shuffle: fn(&mut SplitMix64, &mut [u8])| {
            let mut items: Vec<u8> = (0..10).collect();
            shuffle(&mut SplitMix64::new(1), &mut items);
            items
        };
        assert_eq!(order(SplitMix64::shuffle), [4, 2, 8, 1, 9, 3, 0, 6, 7, 5]);
        assert_eq!(order(SplitMix64::shuffle_by_product), [9, 0, 1, 4, 8, 2, 3, 7, 6, 5]);
        SplitMix64::new(1).shuffle::<u8>(&mut []);
    }
}
