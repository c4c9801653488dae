use std::collections::HashMap;

use crate::container::slice;
use crate::schema::{Binary, Net};
use crate::{Bmodel, Error, parts};

/// Joins models for one chip: nets of the same name become stages of one net, in the given order,
/// others stand side by side. Equal parts of the binary blocks are stored once.
///
/// # Errors
/// [`Error::Chip`], [`Error::Dynamic`], [`Error::SharedCoefficients`].
pub fn combine(models: &[Bmodel]) -> Result<Bmodel, Error> {
    let mut data = Data::default();
    let mut combined: Option<crate::schema::Model> = None;
    for source in models {
        check_separate(source)?;
        let mut model = source.model.clone();
        data.take(&mut model, &source.data)?;
        let Some(all) = &mut combined else {
            combined = Some(model);
            continue;
        };
        if all.chip != model.chip {
            return Err(Error::Chip { first: all.chip.clone(), second: model.chip });
        }
        all.neuron_size = all.neuron_size.max(model.neuron_size);
        for net in model.net {
            match all.net.iter_mut().find(|old| old.name == net.name) {
                Some(old) => add_stages(old, net)?,
                None => all.net.push(net),
            }
        }
    }
    let model = combined.unwrap_or_else(|| crate::build::Builder::default().build().model);
    Ok(Bmodel { model, data: data.bytes })
}

fn add_stages(net: &mut Net, more: Net) -> Result<(), Error> {
    let old = net.parameter.get_or_insert_default();
    let new = more.parameter.unwrap_or_default();
    if old.iter().chain(&new).any(|stage| stage.is_dynamic != 0)
        && old.iter().chain(&new).any(|stage| stage.is_dynamic == 0)
    {
        return Err(Error::Dynamic { net: more.name });
    }
    old.extend(new);
    Ok(())
}

/// One model for each stage of each net, with the name that the vendor's tool gives its file:
/// `bm_net0_stage0.bmodel` and so on.
///
/// # Errors
/// [`Error::SharedCoefficients`].
pub fn extract(source: &Bmodel) -> Result<Vec<(String, Bmodel)>, Error> {
    check_separate(source)?;
    let mut models = Vec::new();
    for (index, net) in source.model.net.iter().enumerate() {
        for (stage_index, stage) in net.parameter.iter().flatten().enumerate() {
            let mut model = source.model.clone();
            model.net = vec![Net { parameter: Some(vec![stage.clone()]), ..net.clone() }];
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

/// A binary block that grows part by part.
#[derive(Default)]
struct Data {
    bytes: Vec<u8>,
    places: HashMap<Vec<u8>, u64>,
}

impl Data {
    /// Takes over all parts that a model refers to, and lets it refer to them here.
    fn take(&mut self, model: &mut crate::schema::Model, data: &[u8]) -> Result<(), Error> {
        // Looking up by place first spares hashing the same part twice.
        let mut moved: HashMap<Binary, u64> = HashMap::new();
        parts::visit(model, &mut |part, place| {
            let start = match moved.get(place) {
                Some(&start) => start,
                None => {
                    let bytes = slice(data, part, *place)?;
                    let new = self.bytes.len() as u64;
                    let start = *self.places.entry(bytes.to_vec()).or_insert(new);
                    if start == new {
                        self.bytes.extend_from_slice(bytes);
                    }
                    moved.insert(*place, start);
                    start
                }
            };
            place.start = start;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::tests::small;

    /// Bit-exact.
    #[test]
    fn what_was_combined_can_be_taken_apart() {
        let [a, b, c] = [small("x", &[1; 100]), small("y", &[2; 50]), small("x", &[1; 100])];
        let all = combine(&[a.clone(), b.clone(), c]).expect("combined");
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
        for ((_, part), original) in parts.iter().zip([&a, &a, &b]) {
            assert_eq!(part, original);
            assert_eq!(Bmodel::from_bytes(&part.to_bytes()).expect("good"), *original);
        }
    }

    #[test]
    fn different_chips_and_kinds_do_not_combine() {
        let (a, mut b) = (small("x", &[]), small("x", &[]));
        b.model.chip = "BM1684X".to_owned();
        assert!(matches!(combine(&[a.clone(), b]), Err(Error::Chip { .. })));
        let mut b = small("x", &[]);
        b.model.net[0].parameter.as_mut().expect("stage")[0].is_dynamic = 1;
        assert!(matches!(combine(&[a.clone(), b]), Err(Error::Dynamic { .. })));
        let mut b = a.clone();
        b.model.bmodel_type = 1;
        assert!(matches!(extract(&b), Err(Error::SharedCoefficients)));
    }
}
