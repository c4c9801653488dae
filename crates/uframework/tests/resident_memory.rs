//! Memory that iterations take, statistical: the only test of its process, since it looks at the peak.
#![cfg(all(target_os = "linux", feature = "data"))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datum_store::{Backend, Datum, DatumData, Existing, create};
use ndarray::ArrayD;
use uframework::data::DatabaseSources;
use uframework::{Executor, Value, Workspace, iterate};
use umodel::{Net, NetParameter, NoSources, Phase};

/// Passes after which nothing may grow any more, and all of them.
const FEW: usize = 50;
const MANY: usize = 500;
/// Bytes of a batch; what a leak of one an iteration would take is 450 times as much.
const BATCH: usize = 4 * 3 * 128 * 128;
/// The allocator's own.
const SLACK: usize = 8 * BATCH;

/// The most memory that this process had so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("peak");
    let kilobytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<usize>().ok());
    kilobytes.expect("number") << 10
}

/// Layers of every format's size behind a source.
const LAYERS: &str = "
    layer { name: 'a' type: 'Sigmoid' bottom: 'data' top: 'a' }
    layer { name: 'b' type: 'Permute' bottom: 'a' top: 'b' permute_param { order: [0, 2, 3, 1] } }
    layer { name: 'c' type: 'Pooling' bottom: 'a' top: 'c' pooling_param { kernel_size: 2 stride: 2 } }
    layer { name: 'd' type: 'Tile' bottom: 'c' top: 'd' tile_param { tiles: 3 } }
";

#[test]
fn many_iterations_take_the_memory_of_few() {
    let text = format!(
        "layer {{ name: 'x' type: 'Input' top: 'data' input_param {{ shape {{ dim: [1, 3, 128, 128] }} }} }} {LAYERS}"
    );
    let model = NetParameter::parse_text(&text).expect("valid");
    let net = Arc::new(Net::new(&model, None, Phase::Test, &NoSources).expect("valid"));
    let id = net.blob_id("data").expect("there");
    let executor = Executor::new(net).expect("runs");
    let mut workspace = Workspace::default();
    let mut passes = |count: usize| {
        for _ in 0..count {
            let value = Value::F32(ArrayD::from_elem(vec![1, 3, 128, 128], 0.5));
            executor.forward(&mut workspace, vec![(id, value)], &mut ()).expect("runs");
        }
        (workspace.bytes(), peak())
    };
    let few = passes(FEW);
    let many = passes(MANY - FEW);
    assert_eq!(few.0, many.0, "bytes of the workspace");
    assert!(many.1 < few.1 + SLACK, "{} bytes, then {}", few.1, many.1);

    // The same with what reads ahead and preprocesses, on any number of threads.
    let folder = tempfile::tempdir().expect("temporary folder");
    let database = folder.path().join("db");
    let mut writer = create(&database, Backend::Lmdb, Existing::Refuse).expect("new");
    for index in 0..7u8 {
        let bytes = vec![index; 3 * 128 * 128];
        let datum = Datum::new([3, 128, 128], DatumData::Bytes(bytes), 0).expect("fits");
        writer.put(&[index], &datum.to_wire()).expect("put");
    }
    writer.finish().expect("finish");
    let text = format!(
        "layer {{ name: 'x' type: 'Data' top: 'data' top: 'label' \
         data_param {{ source: '{}' batch_size: 1 backend: LMDB }} }} {LAYERS}",
        database.display()
    );
    let model = NetParameter::parse_text(&text).expect("valid");
    let net = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("valid");
    let executor = Executor::new(Arc::new(net)).expect("runs");
    let few = AtomicUsize::new(0);
    let work = |workspace: &mut Workspace, sources| executor.forward(workspace, sources, &mut ());
    let progress = |done: usize| {
        if done == FEW {
            few.store(peak(), Ordering::Relaxed);
        }
    };
    iterate(&executor, MANY, work, progress).expect("runs");
    let (few, many) = (few.load(Ordering::Relaxed), peak());
    assert!(many < few + SLACK, "{few} bytes, then {many}");
}
