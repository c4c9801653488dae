use std::sync::Arc;

use uframework::Executor;
use umodel::{Net, QuantizedNet};

use crate::error::Error;
use crate::quantize::{prepare, quantize};
use crate::recover;
use crate::statistics::Statistics;
use crate::threshold::Method;

/// What [`calibrate`] may be told.
///
/// ```
/// use int8_calibration::{Method, Options};
///
/// let options = Options::default().iterations(50).method(Method::Max);
/// assert!(!options.recover);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Passes over the Data layers, one batch each; 200 by default.
    pub iterations: usize,
    /// How thresholds are chosen; [`Method::Kl`] by default.
    pub method: Method,
    /// Spends commands and leaves the vendor's rules where that makes the int8 net more accurate: see [`recover`].
    pub recover: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { iterations: 200, method: Method::default(), recover: false }
    }
}

impl Options {
    /// Sets the passes over the Data layers.
    #[must_use]
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// Sets how thresholds are chosen.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sets whether the vendor's rules are left for accuracy.
    #[must_use]
    pub fn recover(mut self, recover: bool) -> Self {
        self.recover = recover;
        self
    }
}

/// The result of a calibration.
#[derive(Debug)]
pub struct Calibration {
    /// The statistics of the prepared fp32 net.
    pub statistics: Statistics,
    /// The int8 net.
    pub quantized: QuantizedNet,
}

/// Runs the fp32 net over its calibration pictures, once, and quantizes it.
///
/// Equal inputs give equal results, whatever the number of threads. `progress` is told the number
/// of iterations done.
///
/// # Errors
/// [`Error::NoIterations`]; [`Error::Execution`] for pictures that cannot be read;
/// [`Error::NotFinite`]; [`Error::NothingToQuantize`].
pub fn calibrate(
    net: &Net,
    options: &Options,
    progress: impl Fn(usize) + Sync,
) -> Result<Calibration, Error> {
    if options.iterations == 0 {
        return Err(Error::NoIterations);
    }
    let mut prepared = prepare(net)?;
    if options.recover {
        prepared = recover::split_depthwise(&prepared)?;
    }
    let executor = Executor::new(Arc::new(prepared))?;
    let statistics = Statistics::collect(&executor, options.iterations, progress)?;
    let quantized = quantize(&statistics, options)?;
    Ok(Calibration { statistics, quantized })
}
