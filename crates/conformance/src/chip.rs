//! int8 nets on the executor, and on the two simulators of the chip: bm1684-sim and the vendor's.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bm1684_codegen::{Optimization, Program, compile_with};
use libtest_mimic::Failed;
use quantization_tools::prelude::*;
use quantization_tools::umodel::BlobId;

/// The most that one run of the simulator may take: a wrong wait makes it hang, a large net takes minutes.
const TIME_LIMIT: Duration = Duration::from_secs(1800);

/// Compiles a net.
///
/// # Errors
/// What the code generator reports, with its causes.
pub fn program(net: &QuantizedNet) -> Result<Program, Failed> {
    program_at(optimization(), net)
}

/// Compiles a net with more or less done for speed.
///
/// # Errors
/// As [`program`].
pub fn program_at(level: Optimization, net: &QuantizedNet) -> Result<Program, Failed> {
    compile_with(net, level).map_err(|error| causes(&error).into())
}

/// All that can be done for speed.
pub const LEVELS: [Optimization; 3] =
    [Optimization::Layers, Optimization::Groups, Optimization::Search];

/// How much is done for speed: as the environment's `OPT` says, 0 to 2, or what users get.
pub fn optimization() -> Optimization {
    match std::env::var("OPT").as_deref() {
        Ok("0") => Optimization::Layers,
        Ok("1") => Optimization::Groups,
        Ok("2") => Optimization::Search,
        _ => Optimization::default(),
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let cause = error.source().map_or(String::new(), |cause| format!(": {}", causes(cause)));
    format!("{error}{cause}")
}

/// What our executor makes of these inputs: the outputs' bytes, one behind the other.
///
/// # Errors
/// What uframework reports.
pub fn execute(net: &Arc<QuantizedNet>, inputs: &[(BlobId, Value)]) -> Result<Vec<u8>, Failed> {
    let outputs = Executor::quantized(net.clone())?.outputs(inputs.to_vec())?;
    Ok(outputs.iter().flat_map(Value::to_bytes).collect())
}

/// What our own simulator makes of a stage of a bmodel's first net: the outputs' bytes, one behind the other.
///
/// # Errors
/// If the bmodel cannot be read, or a command is at fault.
pub fn simulate_here(
    bmodel: &[u8],
    stage: usize,
    inputs: &[(BlobId, Value)],
) -> Result<Vec<u8>, Failed> {
    let program = bm1684_sim::Program::load(&Bmodel::from_bytes(bmodel)?, 0, stage)
        .map_err(|error| causes(&error))?;
    let inputs: Vec<Vec<u8>> = inputs.iter().map(|(_, value)| value.to_bytes()).collect();
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let outputs = program.run(&inputs).map_err(|error| causes(&error))?;
    Ok(outputs.concat())
}

/// What runs a bmodel in the chip's place.
#[derive(Clone, Debug)]
pub enum Simulator {
    /// The crate bm1684-sim.
    Own,
    /// The vendor's runtime and simulator.
    Vendor {
        /// The program run_bmodel.
        runner: PathBuf,
        /// The vendor's libraries.
        folder: PathBuf,
    },
}

impl Simulator {
    /// The outputs' bytes of a stage of a bmodel's first net, one behind the other. The vendor's runtime chooses the stage
    /// by the shapes of its inputs.
    ///
    /// # Errors
    /// If the bmodel cannot be read or run; if the vendor's runtime refuses, crashes, or takes longer than half an hour.
    pub fn run(
        &self,
        bmodel: &[u8],
        stage: usize,
        inputs: &[(BlobId, Value)],
    ) -> Result<Vec<u8>, Failed> {
        match self {
            Simulator::Own => simulate_here(bmodel, stage, inputs),
            Simulator::Vendor { runner, folder } => {
                let inputs: Vec<Vec<u8>> =
                    inputs.iter().map(|(_, value)| value.to_bytes()).collect();
                simulate_bytes(runner, folder, bmodel, stage, &inputs)
            }
        }
    }
}

/// What the vendor's runtime and simulator make of a bmodel and the inputs' bytes. `runner` is the program run_bmodel,
/// `folder` holds the vendor's libraries.
///
/// # Errors
/// If the runtime refuses, crashes, or takes longer than half an hour.
pub fn simulate_bytes(
    runner: &Path,
    folder: &Path,
    bmodel: &[u8],
    stage: usize,
    inputs: &[Vec<u8>],
) -> Result<Vec<u8>, Failed> {
    let work = tempfile::tempdir()?;
    let path = |name: &str| work.path().join(name);
    std::fs::write(path("net.bmodel"), bmodel)?;
    let mut command = Command::new(runner);
    command.arg(folder).arg(path("net.bmodel")).arg(stage.to_string()).arg(path("output"));
    for (index, input) in inputs.iter().enumerate() {
        let file = path(&format!("input{index}"));
        std::fs::write(&file, input)?;
        command.arg(file);
    }
    let log = std::fs::File::create(path("log"))?;
    command.current_dir(work.path());
    command.env("TPUKERNEL_FIRMWARE_PATH", folder.join("libcmodel_bm1684.so"));
    command.env("LD_LIBRARY_PATH", folder);
    command.stdout(log.try_clone()?).stderr(log);
    let mut child = command.spawn()?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > TIME_LIMIT {
            child.kill()?;
            child.wait()?;
            return Err(format!("still running after {TIME_LIMIT:?}").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    if !status.success() {
        let log = std::fs::read(path("log"))?;
        let log = String::from_utf8_lossy(&log);
        let end = log.char_indices().rev().nth(1500).map_or(0, |(at, _)| at);
        return Err(format!("{status}: {}", &log[end..]).into());
    }
    Ok(std::fs::read(path("output"))?)
}

/// Fails with the first difference.
///
/// # Errors
/// If the bytes differ.
pub fn same_bytes(found: &[u8], expected: &[u8]) -> Result<(), Failed> {
    if found.len() != expected.len() {
        return Err(format!("{} bytes instead of {}", found.len(), expected.len()).into());
    }
    let differs = |index: &usize| found[*index] != expected[*index];
    match (0..found.len()).find(differs) {
        None => Ok(()),
        Some(first) => {
            let count = (0..found.len()).filter(differs).count();
            let (found, expected) = (found[first], expected[first]);
            Err(format!("{count} bytes differ; byte {first} is {found} instead of {expected}")
                .into())
        }
    }
}
