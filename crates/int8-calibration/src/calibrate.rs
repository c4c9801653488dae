use std::sync::Arc;

use uframework::Executor;
use umodel::{Net, QuantizedNet};

use crate::error::Error;
use crate::quantize::{prepare, quantize};
use crate::recover;
use crate::statistics::Statistics;
use crate::threshold::Method;

/// What [`calibrate`] may be told.
#[derive(Clone, Debug)]
pub struct Options {
    /// Passes over the Data layers, one batch each.
    pub iterations: usize,
    /// How thresholds are chosen.
    pub method: Method,
    /// Spends commands and leaves the vendor's rules where that makes the int8 net more accurate: see [`recover`].
    pub recover: bool,
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
