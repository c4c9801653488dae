//! What the tests with hostile graphs of both formats share: every operator gets attributes and inputs that make no
//! sense, in a process that has little memory. Nothing may panic or allocate more than the constants may take.

use std::process::Command;

/// Set in the process with little memory.
const CHILD: &str = "UMODEL_IMPORT_HOSTILE";
/// The address space of that process in KiB.
const SPACE: u32 = 1 << 20;

/// Runs a test, whose full name is given, in a process of its own that has one GiB of address space.
pub(crate) fn with_little_memory(name: &str, test: impl FnOnce()) {
    if cfg!(not(target_os = "linux")) || std::env::var_os(CHILD).is_some() {
        return test();
    }
    let binary = std::env::current_exe().expect("the test's own path");
    let script = format!("ulimit -v {SPACE}; exec \"$0\" --exact {name} --nocapture");
    let output = Command::new("sh").arg("-c").arg(script).arg(binary).env(CHILD, "1").output();
    let output = output.expect("a shell");
    let texts =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{}\n{}{}", output.status, texts[0], texts[1]);
    assert!(texts[0].contains("1 passed"), "{name} is no test: {}", texts[0]);
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

/// Numbers that sizes, axes and counts may be given.
const NUMBERS: [i64; 24] = [
    0,
    -1,
    -2,
    4,
    5,
    7,
    8,
    16,
    64,
    255,
    4095,
    4096,
    65_535,
    65_536,
    65_537,
    1 << 20,
    1 << 28,
    (1 << 28) + 1,
    i32::MAX as i64,
    1 << 31,
    1 << 40,
    i64::MAX,
    i64::MIN,
    i64::MIN + 1,
];

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below another one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("small")
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A number that is likely to be valid, or one that is not.
    pub(crate) fn number(&mut self) -> i64 {
        if self.once_in(4) { self.pick(&NUMBERS) } else { self.pick(&[0, 1, 1, 1, 2, 3]) }
    }

    pub(crate) fn numbers(&mut self) -> Vec<i64> {
        let count = self.below(9);
        // Often the same number everywhere, as kernels and strides have it.
        let (same, all) = (self.once_in(2), self.number());
        (0..count).map(|_| if same { all } else { self.number() }).collect()
    }

    pub(crate) fn float(&mut self) -> f32 {
        self.pick(&[
            0.0,
            1.0,
            -1.0,
            0.5,
            2.0,
            1e30,
            f32::MAX,
            f32::INFINITY,
            f32::NAN,
            3e9,
            65_536.0,
        ])
    }

    /// The shape of an input.
    pub(crate) fn shape(&mut self) -> Vec<usize> {
        let shapes: [&[usize]; 10] = [
            &[1, 3, 4, 4],
            &[1, 4, 4, 3],
            &[1, 1, 1, 1],
            &[2, 3],
            &[1, 3, 8],
            &[3],
            &[],
            &[1, 4, 0, 4],
            &[1, 1 << 15, 1 << 15],
            &[1, 1, 1 << 28, 4],
        ];
        self.pick(&shapes).to_vec()
    }

    /// The shape of a constant, with few values.
    pub(crate) fn constant_shape(&mut self) -> Vec<usize> {
        let shapes: [&[usize]; 14] = [
            &[],
            &[1],
            &[3],
            &[4],
            &[2, 3],
            &[3, 2],
            &[3, 3, 2, 2],
            &[2, 2, 3, 3],
            &[3, 1, 1, 1],
            &[1, 3, 1, 1],
            &[4, 2],
            &[0],
            &[0, 1 << 28],
            &[1 << 28, 0, 4],
        ];
        self.pick(&shapes).to_vec()
    }
}
