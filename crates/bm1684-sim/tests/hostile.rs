//! Whatever a command or a bmodel holds: a result or an error that names the command, never a panic.

use std::path::Path;
use std::sync::OnceLock;

use bm1684_isa::Engine;
use bm1684_isa::commands::{Arithmetic, Direction, Format, Function, Gdma, Streams, Task, Tiu};
use bm1684_isa::memory::local_address;
use bm1684_sim::{Chip, Error, Fault, Program, State};
use bmodel::{Bmodel, Builder, DataType, StoreMode, TensorInfo};
use proptest::prelude::*;

const DDR: u64 = 0x1_0010_0000;
/// Where the coefficients and the blobs of the bmodel are.
const COEFFICIENTS: u64 = 0x1_0510_0000;
const BLOBS: u64 = 0x1_0510_1000;

/// Commands that the vendor's simulator executes: the engine and the bytes.
fn recorded() -> &'static [(u64, [u8; 128])] {
    static COMMANDS: OnceLock<Vec<(u64, [u8; 128])>> = OnceLock::new();
    COMMANDS.get_or_init(|| {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bm1684-sim/commands.json");
        let text = std::fs::read_to_string(path).expect("cases");
        let cases: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        let case = |case: &serde_json::Value| {
            let hex = case["commands"][0].as_str().expect("hex");
            let digit = |at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hex");
            (case["engine"].as_u64().expect("engine"), std::array::from_fn(digit))
        };
        cases.iter().map(case).collect()
    })
}

/// A chip of whose memory only DDR was written.
fn chip() -> Chip {
    let mut chip = Chip::new().lenient();
    chip.memory.add_ddr(DDR, vec![3; 0x4_0000], State::Known, true);
    chip
}

/// A program of a load, a ReLU and a store.
fn model() -> Vec<u8> {
    let moved = |direction, id, wait, from: u64, to: u64| {
        let mut command = Gdma {
            cmd_id: id,
            eng0_sync_id: wait,
            direction,
            src_data_format: Format::Word,
            dst_data_format: Format::Word,
            special_func: Function::Copy,
            src_nsize: 1,
            src_csize: 4,
            src_hsize: 1,
            src_wsize: 8,
            src_cstride: if direction == Direction::DdrToLocal { 8 } else { 32 },
            src_wstride: 1,
            dst_nsize: 1,
            dst_csize: 4,
            dst_hsize: 1,
            dst_wsize: 8,
            dst_cstride: if direction == Direction::DdrToLocal { 32 } else { 8 },
            dst_wstride: 1,
            ..Gdma::default()
        };
        command.set_source(from);
        command.set_destination(to);
        command.encode().expect("fits")
    };
    let relu = Tiu {
        tsk_typ: Task::Arithmetic,
        tsk_eu_typ: Arithmetic::Max.code(),
        tsk_opd_num: 2,
        opt_opd0_sign: true,
        opt_opd1_const: true,
        cmd_id_tpu: 1,
        cmd_id_gdma: 1,
        res0_n: 4,
        res0_c: 4,
        res0_h: 1,
        res0_w: 8,
        res0_addr: local_address(0, 0x1000),
        opd0_addr: local_address(0, 0),
        ..Tiu::default()
    };
    let local = |at| u64::from(local_address(0, at));
    let gdma = [
        moved(Direction::DdrToLocal, 1, 0, BLOBS, local(0)),
        moved(Direction::LocalToDdr, 2, 1, local(0x1000), BLOBS + 0x1000),
    ];
    let tensor = |name: &str, address| {
        TensorInfo::new(name, DataType::I8, vec![3, 4, 1, 8])
            .store_mode(StoreMode::FourN)
            .address(address)
            .scale(0.5)
    };
    Builder::new("net", "BM1684")
        .coefficients(COEFFICIENTS, vec![7; 1024])
        .context(BLOBS, 0x4000)
        .inputs(vec![tensor("x", BLOBS)])
        .outputs(vec![tensor("y", BLOBS + 0x1000)])
        .groups(vec![[relu.encode().expect("fits").to_vec(), gdma.concat()]])
        .build()
        .and_then(|model| model.to_bytes())
        .expect("built")
}

fn run(bytes: &[u8], inputs: &[&[u8]]) -> Option<Result<Vec<Vec<u8>>, Error>> {
    let model = Bmodel::from_bytes(bytes).ok()?;
    Some(Program::load(&model, 0, 0).and_then(|program| program.lenient().run(inputs)))
}

#[test]
fn the_program_is_a_relu() {
    let input: Vec<u8> = (0..96).map(|value: u8| value.wrapping_mul(29)).collect();
    let expected: Vec<u8> =
        input.iter().map(|value| value.cast_signed().max(0).cast_unsigned()).collect();
    let program = Program::load(&Bmodel::from_bytes(&model()).expect("a bmodel"), 0, 0);
    let program = program.expect("a program");
    for threads in [1, 2, 7] {
        let found = program.clone().threads(threads).run(&[&input]).expect("runs");
        assert_eq!(found, std::slice::from_ref(&expected), "{threads} threads");
    }
}

/// What is wrong with a program, edited.
fn wrong(edit: impl Fn(&mut Streams)) -> Error {
    let model = Bmodel::from_bytes(&model()).expect("a bmodel");
    let program = Program::load(&model, 0, 0).expect("a program");
    let mut streams = program.groups()[0].clone();
    edit(&mut streams);
    let mut chip = program.start(&[&[1; 96]]).expect("fits");
    chip.execute(&streams, 0).expect_err("wrong")
}

#[test]
fn errors_name_the_command() {
    let command = |error: Error| match error {
        Error::Command { group: 0, engine, id, listing, source } => (engine, id, listing, source),
        other => panic!("{other:?}"),
    };
    // The ReLU reads what nobody loaded.
    let error = wrong(|streams| streams.tiu[0].opd0_addr = local_address(0, 0x2000));
    assert_eq!(
        error.to_string(),
        "group 0: TIU command 1: B1    @D1    max     i8 L0+0x1000[4,4,1,8] = i8 L0+0x2000, u8 0"
    );
    let (_, _, _, fault) = command(error);
    assert_eq!(fault, Fault::Unwritten { address: local_address(0, 0x2000).into() });
    assert_eq!(fault.to_string(), "it reads 0x8002000, which was never written");
    // A store to coefficients, and to what the program has no memory at.
    let to = |address| move |streams: &mut Streams| streams.gdma[1].set_destination(address);
    let (engine, id, listing, fault) = command(wrong(to(COEFFICIENTS)));
    assert_eq!((engine, id, fault), (Engine::Gdma, 2, Fault::ReadOnly { address: COEFFICIENTS }));
    assert!(listing.starts_with("D2    @B1    store   w32 0x105100000[1,4,1,8]"), "{listing}");
    let (_, _, _, fault) = command(wrong(to(BLOBS + 0x3ff0)));
    assert_eq!(fault, Fault::Outside { address: BLOBS + 0x3ff0, length: 128 });
    // Nothing that orders the ReLU and the load.
    let error = wrong(|streams| streams.tiu[0].cmd_id_gdma = 0);
    assert!(matches!(error, Error::Check { engine: Engine::Tiu, id: 1, .. }), "{error:?}");
    let error = wrong(|streams| streams.tiu[0].tsk_typ = Task::Correlate);
    assert!(matches!(error, Error::Check { engine: Engine::Tiu, id: 1, .. }), "{error:?}");
}

/// Of a lenient chip: an error only if an output depends on it, with the command that began it.
#[test]
fn what_nothing_wrote_may_not_reach_an_output() {
    let mut bytes = Bmodel::from_bytes(&model()).expect("a bmodel");
    let stage = &mut bytes.model.net[0].parameter.as_mut().expect("stages")[0];
    // The input goes elsewhere, so that the load brings nothing.
    stage.input_tensor[0].device_addr = BLOBS + 0x2000;
    let program = Program::load(&bytes, 0, 0).expect("a program").lenient();
    let error = program.run(&[&[1; 96]]).expect_err("wrong");
    assert_eq!(error.to_string(), "output y: value 0 was computed from bytes that mean nothing");
    let cause = std::error::Error::source(&error).expect("a command").to_string();
    assert!(cause.starts_with("group 0: TIU command 1: B1"), "{cause}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn altered_commands(
        which in any::<prop::sample::Index>(),
        flips in prop::collection::vec(0usize..1024, 1..6),
    ) {
        let (engine, mut bytes) = recorded()[which.index(recorded().len())];
        for bit in flips {
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        let mut chip = chip();
        if engine == 0 {
            if let Ok(command) = Tiu::decode(&bytes) {
                let _ = chip.execute(&Streams { tiu: vec![command], gdma: vec![] }, 0);
                let _ = chip.tiu(&command);
            }
        } else if let Ok(command) = Gdma::decode(&bytes) {
            let _ = chip.execute(&Streams { tiu: vec![], gdma: vec![command] }, 0);
            let _ = chip.gdma(&command);
        }
    }

    #[test]
    fn random_commands(bytes in prop::collection::vec(any::<u8>(), 128)) {
        let bytes: [u8; 128] = bytes.try_into().expect("128 bytes");
        let mut chip = chip();
        if let Ok(command) = Tiu::decode(&bytes) {
            let _ = chip.tiu(&command);
        }
        if let Ok(command) = Gdma::decode(&bytes) {
            let _ = chip.gdma(&command);
        }
    }

    #[test]
    fn altered_bmodels(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 1..4),
        input in prop::collection::vec(any::<u8>(), 96),
    ) {
        let mut bytes = model();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        let _ = run(&bytes, &[&input]);
    }

    #[test]
    fn truncated_bmodels(at in any::<prop::sample::Index>()) {
        let bytes = model();
        let _ = run(&bytes[..at.index(bytes.len())], &[&[0; 96]]);
    }
}
