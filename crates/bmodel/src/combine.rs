use std::collections::HashMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::container::{slice, wide};
use crate::schema::{Binary, Model, Net, NetParameter, Tensor};
use crate::{Bmodel, Error, Ports, parts};

/// Joins models for one chip: nets of the same name become stages of one net, in the given order,
/// others stand side by side. Equal parts of the binary blocks are stored once. What belongs to the
/// whole file, such as firmware, comes from the first model that has it.
///
/// # Errors
/// [`Error::Nothing`], [`Error::Chip`], [`Error::SharedCoefficients`], [`Error::Outside`]; for nets of
/// the same name [`Error::AddressMode`], [`Error::Dynamic`], [`Error::Ports`], [`Error::SameShapes`].
pub fn combine(models: &[Bmodel]) -> Result<Bmodel, Error> {
    let (first, rest) = models.split_first().ok_or(Error::Nothing)?;
    check_separate(first)?;
    let mut data = Data::default();
    let mut all = first.model.clone();
    data.take(&mut all, &first.data)?;
    for source in rest {
        check_separate(source)?;
        if all.chip != source.model.chip {
            let (first, second) = (all.chip, source.model.chip.clone());
            return Err(Error::Chip { first, second });
        }
        let mut model = source.model.clone();
        // Parts that the first model has already are dropped here, before their bytes are copied.
        all.kernel_module.is_some().then(|| model.kernel_module.take());
        all.cpuop_module.is_some().then(|| model.cpuop_module.take());
        all.lib_backend.is_some().then(|| model.lib_backend.take());
        data.take(&mut model, &source.data)?;
        all.kernel_module = all.kernel_module.or(model.kernel_module);
        all.cpuop_module = all.cpuop_module.or(model.cpuop_module);
        all.lib_backend = all.lib_backend.or(model.lib_backend);
        all.neuron_size = all.neuron_size.max(model.neuron_size);
        all.device_num = all.device_num.max(model.device_num);
        for net in model.net {
            match all.net.iter_mut().find(|old| old.name == net.name) {
                Some(old) => add_stages(old, net)?,
                None => all.net.push(net),
            }
        }
    }
    Ok(Bmodel { model: all, data: data.bytes })
}

fn add_stages(net: &mut Net, more: Net) -> Result<(), Error> {
    if net.addr_mode != more.addr_mode {
        let (first, second) = (net.addr_mode, more.addr_mode);
        return Err(Error::AddressMode { net: more.name, first, second });
    }
    let old = net.parameter.get_or_insert_default();
    for stage in more.parameter.unwrap_or_default() {
        for other in old.iter() {
            check_stages(&net.name, other, &stage)?;
        }
        old.push(stage);
    }
    Ok(())
}

/// The runtime takes names and types from one stage, and chooses stages by the inputs' shapes.
fn check_stages(net: &str, a: &NetParameter, b: &NetParameter) -> Result<(), Error> {
    let net = || net.to_owned();
    if (a.is_dynamic == 0) != (b.is_dynamic == 0) {
        return Err(Error::Dynamic { net: net() });
    }
    if !same_ports(&a.input_tensor, &b.input_tensor) {
        return Err(Error::Ports { net: net(), ports: Ports::Inputs });
    }
    if !same_ports(&a.output_tensor, &b.output_tensor) {
        return Err(Error::Ports { net: net(), ports: Ports::Outputs });
    }
    let mut pairs = a.input_tensor.iter().zip(&b.input_tensor);
    if pairs.all(|(a, b)| a.shape == b.shape) {
        return Err(Error::SameShapes { net: net() });
    }
    Ok(())
}

fn same_ports(a: &[Tensor], b: &[Tensor]) -> bool {
    fn key(tensor: &Tensor) -> (&str, u32, i32) {
        (&tensor.name, tensor.data_type, tensor.gmem_stmode)
    }
    a.iter().map(key).eq(b.iter().map(key))
}

/// One model for each stage of each net, with the name that the vendor's tool gives its file:
/// `bm_net0_stage0.bmodel` and so on. Each has its own copy of the coefficients.
///
/// # Errors
/// [`Error::SharedCoefficients`], [`Error::Outside`].
pub fn extract(source: &Bmodel) -> Result<Vec<(String, Bmodel)>, Error> {
    check_separate(source)?;
    let mut models = Vec::new();
    // Frames without nets and stages: cloning the source for each stage would take quadratic time.
    let mut frame = source.model.clone();
    for (index, net) in std::mem::take(&mut frame.net).into_iter().enumerate() {
        let stages = net.parameter.unwrap_or_default();
        let net = Net { parameter: None, ..net };
        for (stage_index, stage) in stages.into_iter().enumerate() {
            let net = Net { parameter: Some(vec![stage]), ..net.clone() };
            let mut model = Model { net: vec![net], ..frame.clone() };
            let mut data = Data::default();
            data.take(&mut model, &source.data)?;
            let name = format!("bm_net{index}_stage{stage_index}.bmodel");
            models.push((name, Bmodel { model, data: data.bytes }));
        }
    }
    Ok(models)
}

fn check_separate(model: &Bmodel) -> Result<(), Error> {
    if model.model.bmodel_type == 0 { Ok(()) } else { Err(Error::SharedCoefficients) }
}

/// A binary block that grows chunk by chunk.
#[derive(Default)]
struct Data {
    bytes: Vec<u8>,
    /// Where a chunk with this SHA-256 stands.
    places: HashMap<[u8; 32], u64>,
}

impl Data {
    /// Takes over all parts that a model refers to, in the order of its tables, and lets it refer to
    /// them here.
    fn take(&mut self, model: &mut Model, data: &[u8]) -> Result<(), Error> {
        let mut chunks: Vec<(Range<u64>, Option<u64>)> =
            chunks(model, data)?.into_iter().map(|range| (range, None)).collect();
        parts::visit(model, &mut |part, place| {
            let next = chunks.partition_point(|(range, _)| range.start <= place.start);
            let chunk = next.checked_sub(1).and_then(|index| chunks.get_mut(index));
            let Some((range, moved)) = chunk.filter(|_| place.size > 0) else {
                place.start = 0;
                return Ok(());
            };
            let start = match *moved {
                Some(start) => start,
                None => {
                    let size = range.end - range.start;
                    let chunk = slice(data, part, Binary { start: range.start, size })?;
                    *moved.insert(self.add(chunk))
                }
            };
            place.start = start + (place.start - range.start);
            Ok(())
        })
    }

    fn add(&mut self, chunk: &[u8]) -> u64 {
        let new = wide(self.bytes.len());
        let start = *self.places.entry(Sha256::digest(chunk).into()).or_insert(new);
        if start == new {
            self.bytes.extend_from_slice(chunk);
        }
        start
    }
}

/// The parts that a model refers to, in the order of their bytes. Those that overlap become one: if
/// each were copied, a small file with many overlapping parts would become a huge one.
fn chunks(model: &mut Model, data: &[u8]) -> Result<Vec<Range<u64>>, Error> {
    let mut ranges = Vec::new();
    parts::visit(model, &mut |part, &mut place| {
        slice(data, part, place)?;
        if place.size > 0 {
            ranges.push(place.start..place.start + place.size);
        }
        Ok::<(), Error>(())
    })?;
    ranges.sort_unstable_by_key(|range| range.start);
    let mut chunks: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match chunks.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => chunks.push(range),
        }
    }
    Ok(chunks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::{collection, option};

    use super::*;
    use crate::build::tests::{small, small_for};
    use crate::schema::{CmdGroup, KernelModule};

    /// Bit-exact.
    #[test]
    fn what_was_combined_can_be_taken_apart() {
        let [a, b, c] = [small("x", &[1; 100]), small("y", &[2; 50]), small_for("x", &[1; 100], 4)];
        let all = combine(&[a.clone(), b.clone(), c.clone()]).expect("combined");
        let names: Vec<&str> = all.model.net.iter().map(|net| net.name.as_str()).collect();
        assert_eq!(names, ["x", "y"]);
        assert_eq!(all.model.net[0].parameter.as_ref().map(Vec::len), Some(2));
        // The coefficients of both stages of x and all equal commands are there once.
        let commands = 128 + 256 + 256;
        assert_eq!(all.data.len(), 100 + 50 + commands);
        let parts = extract(&all).expect("taken apart");
        let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["bm_net0_stage0.bmodel", "bm_net0_stage1.bmodel", "bm_net1_stage0.bmodel"]
        );
        for ((_, part), original) in parts.iter().zip([&a, &c, &b]) {
            assert_eq!(part, original);
            assert_eq!(
                Bmodel::from_bytes(&part.to_bytes().expect("bytes")).expect("good"),
                *original
            );
        }
    }

    /// Exact error variants.
    #[test]
    fn different_chips_and_kinds_do_not_combine() {
        let (a, mut b) = (small("x", &[]), small_for("x", &[], 4));
        b.model.chip = "BM1684X".to_owned();
        assert!(matches!(combine(&[a.clone(), b]), Err(Error::Chip { .. })));
        let mut b = small_for("x", &[], 4);
        b.model.net[0].parameter.as_mut().expect("stage")[0].is_dynamic = 1;
        assert!(matches!(combine(&[a.clone(), b]), Err(Error::Dynamic { .. })));
        let mut b = small_for("x", &[], 4);
        b.model.net[0].addr_mode = 1;
        assert!(matches!(combine(&[a.clone(), b]), Err(Error::AddressMode { .. })));
        let mut b = small_for("x", &[], 4);
        b.model.net[0].parameter.as_mut().expect("stage")[0].output_tensor[0].data_type = 0;
        let ports = combine(&[a.clone(), b]);
        assert!(matches!(ports, Err(Error::Ports { ports: Ports::Outputs, .. })));
        assert!(matches!(combine(&[a.clone(), a.clone()]), Err(Error::SameShapes { .. })));
        assert!(matches!(combine(&[]), Err(Error::Nothing)));
        let mut b = a.clone();
        b.model.bmodel_type = 1;
        assert!(matches!(extract(&b), Err(Error::SharedCoefficients)));
    }

    /// Bit-exact: what belongs to the whole file is there once, from the first that has it.
    #[test]
    fn firmware_comes_from_the_first_that_has_it() {
        let with = |firmware: &[u8]| {
            let mut model = small_for("x", &[5; 10], u64::from(firmware[0]));
            let binary = Binary { start: wide(model.data.len()), size: wide(firmware.len()) };
            model.data.extend_from_slice(firmware);
            let file_name = "firmware".to_owned();
            model.model.kernel_module = Some(Box::new(KernelModule { file_name, binary, mode: 0 }));
            model
        };
        let all = combine(&[small("x", &[5; 10]), with(b"first"), with(b"second")]).expect("good");
        let module = all.model.kernel_module.as_ref().expect("firmware");
        assert_eq!(all.bytes(module.binary).expect("inside"), b"first");
        assert_eq!(all.data.len(), 10 + 640 + 5);
    }

    /// Bit-exact: parts that overlap do so afterwards.
    #[test]
    fn overlapping_parts_are_not_multiplied() {
        let [mut model, mut other] = [small("x", &[]), small_for("x", &[], 4)];
        let groups: Vec<CmdGroup> = (0..600)
            .map(|start| CmdGroup {
                binary_bdc: Some(Binary { start, size: 640 - start }),
                ..CmdGroup::default()
            })
            .collect();
        for model in [&mut model, &mut other] {
            let stage = &mut model.model.net[0].parameter.as_mut().expect("stage")[0];
            stage.cmd_group = Some(groups.clone());
        }
        let all = combine(&[model.clone(), other.clone()]).expect("combined");
        assert_eq!(all.data, model.data);
        let (_, part) = extract(&all).expect("taken apart").remove(1);
        assert_eq!(part, other);
    }

    fn part() -> impl Strategy<Value = Option<Binary>> {
        option::of((0..64u64, 0..9u64).prop_map(|(start, size)| Binary { start, size }))
    }

    proptest! {
        /// Bit-exact: wherever parts lie, each stage has the same bytes in each of them afterwards.
        #[test]
        fn parts_keep_their_bytes(
            data in collection::vec(0..4u8, 72),
            stages in collection::vec(collection::vec((part(), part()), 0..6), 1..4),
        ) {
            let models: Vec<Bmodel> = (1..).zip(&stages).map(|(images, groups)| {
                let mut model = small_for("x", &[], images);
                let groups = groups.iter().map(|&(binary_bdc, binary_gdma)| CmdGroup {
                    binary_bdc,
                    binary_gdma,
                    ..CmdGroup::default()
                }).collect();
                let stage = &mut model.model.net[0].parameter.as_mut().expect("stage")[0];
                stage.cmd_group = Some(groups);
                stage.sub_net = None;
                model.data = data.clone();
                model
            }).collect();
            let all = combine(&models).expect("combined");
            let apart = extract(&all).expect("taken apart");
            prop_assert_eq!(apart.len(), models.len());
            let stage = |model: &Bmodel, index: usize| -> Vec<[Vec<u8>; 2]> {
                let stages = model.model.net[0].parameter.as_ref().expect("stages");
                let groups = stages[index].cmd_group.iter().flatten();
                groups.map(|g| model.commands(g).expect("inside").map(<[u8]>::to_vec)).collect()
            };
            for (index, model) in models.iter().enumerate() {
                prop_assert_eq!(stage(&all, index), stage(model, 0));
                prop_assert_eq!(stage(&apart[index].1, 0), stage(model, 0));
            }
        }
    }
}
