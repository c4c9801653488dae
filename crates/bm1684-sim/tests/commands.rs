//! Bit-exact: random commands leave the memory that the vendor's simulator left (fixtures/bm1684-sim/commands.json, recorded
//! by record.py beside it).

use std::collections::BTreeMap;
use std::path::Path;

use bm1684_isa::commands::{Gdma, Tiu};
use bm1684_sim::{Chip, Fault, State};
use serde_json::Value as Json;

/// Parts of each lane's local memory, of DDR and of L2 memory that the commands use: as in record.py.
const AREAS: [usize; 5] = [0, 0x10000, 0x20000, 0x30000, 0x40000];
const AREA: usize = 0x2000;
const LANES: usize = 64;
const DDR: u64 = 0x1_0010_0000;
const DDR_BYTES: usize = 0x40000;
const TABLE: usize = 0x32_3800;
const TABLE_BYTES: usize = 0x400;

/// The words of record.py's function of this name.
fn words(seed: u64, first: u64, count: u64, fill: &str) -> Vec<u8> {
    let word = |index: u64| {
        let mut x = index.wrapping_add(seed << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x ^= x >> 32;
        let x = u32::try_from(x & 0xffff_ffff).expect("32 bits");
        match fill {
            "floats" => (x & 0x807f_ffff) | ((120 + (x >> 27 & 15)) << 23),
            "small" => x & 0x0f0f_0f0f,
            _ => x,
        }
    };
    (first..first + count).flat_map(|index| word(index).to_le_bytes()).collect()
}

#[derive(Default)]
struct Digest {
    total: u64,
    count: u64,
}

impl Digest {
    fn add(&mut self, bytes: &[u8]) {
        for word in bytes.chunks_exact(4) {
            let word = u32::from_le_bytes(word.try_into().expect("a word"));
            let mut x = u64::from(word).wrapping_add(self.count << 32);
            x = (x ^ (x >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            x = (x ^ (x >> 27)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            self.total = self.total.wrapping_add(x ^ (x >> 33));
            self.count += 1;
        }
    }
}

fn prepared(seed: u64, fill: &str) -> Chip {
    let mut chip = Chip::new();
    let mut first = 0;
    let mut next = |length: usize| {
        let count = u64::try_from(length / 4).expect("few");
        first += count;
        words(seed, first - count, count, fill)
    };
    for area in AREAS {
        for lane in 0..LANES {
            chip.memory.write_local(lane, area, &next(AREA), State::Known).expect("within");
        }
    }
    chip.memory.add_ddr(DDR, next(DDR_BYTES), State::Known, true);
    chip.memory.write_l2(TABLE, &next(TABLE_BYTES), State::Known).expect("within");
    chip
}

fn digest(chip: &Chip) -> String {
    let mut digest = Digest::default();
    for area in AREAS {
        for lane in 0..LANES {
            digest.add(chip.memory.local(lane, area, AREA).expect("within").0);
        }
    }
    digest.add(chip.memory.ddr(DDR, DDR_BYTES).expect("within").0);
    digest.add(chip.memory.l2(TABLE, TABLE_BYTES).expect("within").0);
    format!("{:016x}", digest.total)
}

fn bytes(hex: &str) -> [u8; 128] {
    let digit = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hex");
    std::array::from_fn(digit)
}

fn execute(chip: &mut Chip, command: &str, engine: u64) -> (Result<(), Fault>, String) {
    let command = bytes(command);
    if engine == 0 {
        let command = Tiu::decode(&command).expect("a command");
        (chip.tiu(&command), command.to_string())
    } else {
        let command = Gdma::decode(&command).expect("a command");
        (chip.gdma(&command), command.to_string())
    }
}

#[test]
fn commands_leave_what_the_vendors_simulator_left() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bm1684-sim/commands.json");
    let cases: Vec<Json> =
        serde_json::from_str(&std::fs::read_to_string(path).expect("cases")).expect("JSON");
    let mut wrong = Vec::new();
    let mut kinds: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for case in &cases {
        let kind = case["kind"].as_str().expect("kind");
        let seed = case["seed"].as_u64().expect("seed");
        let mut chip = prepared(seed, case["fill"].as_str().expect("fill"));
        let engine = case["engine"].as_u64().expect("engine");
        kinds.entry(kind).or_default()[1] += 1;
        let mut listing = String::new();
        let ran = case["commands"].as_array().expect("commands").iter().try_for_each(|command| {
            let (result, text) = execute(&mut chip, command.as_str().expect("hex"), engine);
            listing += &text;
            result
        });
        let listing = listing.trim_end();
        match ran {
            Err(fault) => wrong.push(format!("{kind} {seed}: {fault}: {listing}")),
            Ok(()) if digest(&chip) != case["digest"].as_str().expect("digest") => {
                wrong.push(format!("{kind} {seed}: other bytes: {listing}"));
            }
            Ok(()) => kinds.entry(kind).or_default()[0] += 1,
        }
    }
    for (kind, [right, all]) in &kinds {
        println!("{kind}: {right} of {all}");
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
