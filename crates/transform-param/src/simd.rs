//! Proof of what the processor can do.

/// This machine has AVX2, and BMI1 and BMI2, which came with it.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    pub(crate) fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        let found = std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("bmi1")
            && std::is_x86_feature_detected!("bmi2");
        #[cfg(not(target_arch = "x86_64"))]
        let found = false;
        found.then_some(Avx2(()))
    }

    /// For a test that compares vectors with scalars: says so, once, where it compares scalars with themselves.
    #[cfg(any(fuzzing, test))]
    pub(crate) fn for_test(test: &'static str) -> Option<Self> {
        static TOLD: std::sync::Mutex<Vec<&str>> = std::sync::Mutex::new(Vec::new());
        let found = Avx2::detect();
        if let (None, Ok(mut told)) = (found, TOLD.lock())
            && !told.contains(&test)
        {
            told.push(test);
            // What is written here is shown of tests that pass, too; what eprintln! writes is not.
            report(test, &mut std::io::stderr());
        }
        found
    }
}

/// With REQUIRE_ORACLE, as with the oracles of other tests, what is missing is a failure.
#[cfg(any(fuzzing, test))]
fn report(test: &str, out: &mut dyn std::io::Write) {
    let text = format!("SKIPPED: {test}: this machine has no AVX2; vectors are not compared\n");
    let _ = out.write_all(text.as_bytes());
    assert!(std::env::var_os("REQUIRE_ORACLE").is_none(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_vectors_is_told_of() {
        let mut said = Vec::new();
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            report("vectors_equal_scalars", &mut said);
        }));
        assert_eq!(done.is_err(), std::env::var_os("REQUIRE_ORACLE").is_some());
        assert!(said.starts_with(b"SKIPPED: vectors_equal_scalars: "));
    }
}
