//! `bm_model`: exact output, exact files.

use bmodel::{Bmodel, Builder, DataType, StoreMode, TensorInfo};
use quantization_tools::bm1684_isa::commands::{Gdma, Tiu};
use quantization_tools::bm1684_isa::memory::local_address;

use crate::place::Place;

/// A TIU command that the vendor's compiler never emits, and twice a plain load.
fn model(net: &str, images: u64) -> Bmodel {
    let tiu = Tiu { rsvd0: 1, ..Tiu::default() }.encode().expect("fits");
    let mut load =
        Gdma { src_wstride: 1, src_wsize: 8, dst_wstride: 1, dst_wsize: 8, ..Gdma::default() };
    load.set_source(0x1_0510_1000);
    load.set_destination(local_address(0, 0).into());
    let gdma = load.encode().expect("fits");
    let tensor = |name: &str, address| {
        TensorInfo::new(name, DataType::I8, vec![images, 3, 8, 8])
            .store_mode(StoreMode::FourN)
            .address(address)
            .scale(0.5)
    };
    Builder::new(net, "BM1684")
        .coefficients(0x1_0510_0000, vec![7; 64])
        .context(0x1_0510_1000, 0x4000)
        .inputs(vec![tensor("data", 0x1_0510_1000)])
        .outputs(vec![tensor("prob", 0x1_0510_3000)])
        .groups(vec![[tiu.to_vec(), gdma.repeat(2)]])
        .build()
        .expect("built")
}

fn place() -> Place {
    let place = Place::new();
    for (name, net, images) in [("a", "lenet", 1), ("b", "lenet", 4), ("c", "other", 1)] {
        model(net, images).write(place.path(&format!("{name}.bmodel"))).expect("written");
    }
    place
}

fn good(place: &Place, arguments: &[&str]) -> String {
    let printed = place.good("bm_model", &[&["-q"], arguments].concat());
    assert_eq!(printed.err, "", "{arguments:?}");
    printed.out
}

#[test]
fn a_model_is_described() {
    let place = place();
    for arguments in [["--info", "b.bmodel"], ["-info", "b.bmodel"]] {
        let info = bmodel::info(&model("lenet", 4));
        let unseen = "1 of 3 commands have 1 shapes that the vendor's compiler never emits\n";
        assert_eq!(good(&place, &arguments), format!("{info}{unseen}"));
        let printed = good(&place, &[&arguments[..], &["-v"]].concat());
        let shape = "conv 0: i8[0 elsewhere] = (u8 0), (u8 0), (u16 0) arithmetic rsvd0=1";
        let place = "net lenet stage 0 group 0 TIU command 1";
        assert_eq!(printed, format!("{info}{unseen}  1 × tiu {shape}\n    first: {place}\n"));
    }
    let json = good(&place, &["--print=b.bmodel"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["chip"], "BM1684");
    let stage = &json["net"][0]["parameter"][0];
    assert_eq!(stage["input_tensor"][0]["shape"][0]["dim"][0], 4);
    assert_eq!(stage["coeff_mem"]["binary_coeff"]["size"], 64);
}

#[test]
fn changed_coefficients_are_reported() {
    let place = place();
    let mut changed = model("lenet", 1);
    changed.data[0] ^= 1;
    changed.write(place.path("a.bmodel")).expect("written");
    let printed = place.good("bm_model", &["--info", "a.bmodel", "-q"]);
    assert!(printed.err.starts_with("warning: a.bmodel: net \"lenet\": "), "{}", printed.err);
    assert_eq!(printed.err.lines().count(), 1, "{}", printed.err);
    assert!(printed.out.starts_with(&bmodel::info(&changed)), "it is described all the same");
}

#[test]
fn combined_models_can_be_taken_apart() {
    let place = place();
    let inputs = ["a.bmodel", "b.bmodel", "c.bmodel"];
    let printed = good(&place, &["--combine", "a.bmodel", "b.bmodel", "c.bmodel"]);
    assert_eq!(printed, "bm_combined.bmodel\n");
    let printed =
        good(&place, &["--combine", "a.bmodel", "b.bmodel", "c.bmodel", "-o", "all.bmodel"]);
    assert_eq!(printed, "all.bmodel\n");
    assert_eq!(place.read("all.bmodel"), place.read("bm_combined.bmodel"));
    let parts = ["bm_net0_stage0.bmodel", "bm_net0_stage1.bmodel", "bm_net1_stage0.bmodel"];
    let printed = good(&place, &["--extract", "all.bmodel"]);
    assert_eq!(printed.lines().collect::<Vec<_>>(), parts);
    for (part, input) in parts.iter().zip(inputs) {
        assert_eq!(place.read(part), place.read(input), "{part} is {input}");
    }
}

#[test]
fn mistakes_leave_nothing_behind() {
    let place = place();
    place.write("bad.bmodel", [0; 64]);
    std::fs::create_dir_all(place.path("taken/bm_net0_stage1.bmodel")).expect("folder");
    for (code, arguments, expected) in [
        (1, &["--info", "none.bmodel"][..], "cannot read none.bmodel"),
        (1, &["--print", "bad.bmodel"], "not a bmodel"),
        (1, &["--extract", "bad.bmodel"], "not a bmodel"),
        (1, &["--combine", "a.bmodel", "a.bmodel"], "same shapes"),
        (
            1,
            &["--combine", "a.bmodel", "b.bmodel", "-o", "no/x.bmodel"],
            "cannot write no/x.bmodel",
        ),
        (2, &["--combine", "a.bmodel"], "MORE"),
        (2, &["--info", "a.bmodel", "b.bmodel"], "cannot be used with"),
        (2, &["a.bmodel", "b.bmodel"], "--combine"),
        (2, &["--print", "a.bmodel", "-v"], "cannot be used with"),
        (2, &["--info", "a.bmodel", "--print", "a.bmodel"], "cannot be used with"),
        (2, &[], "required"),
    ] {
        place.fails(code, "bm_model", arguments, expected);
    }
    // The second of three files cannot be written, so none is.
    good(&place, &["--combine", "a.bmodel", "b.bmodel", "c.bmodel", "-o", "taken/all.bmodel"]);
    let mut command = place.command("bm_model");
    command.current_dir(place.path("taken")).args(["--extract", "all.bmodel"]);
    assert_eq!(command.output().expect("runs").status.code(), Some(1));
    assert_eq!(place.names("taken"), ["all.bmodel", "bm_net0_stage1.bmodel"]);
}
