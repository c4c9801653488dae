//! What can be told of a model without building its net: for tools that only look at it.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use crate::builder::NetBuilder;
use crate::error::Error;
use crate::load::{Layers, Names, included};
use crate::trained::Target;
use crate::{LayerRecord, NetParameter, Phase, Shape, Sources};

/// The layers of one phase of a model, whatever is wrong with them.
///
/// A [`Net`](crate::Net) has only layers whose shapes are known, so that a model with one layer of an unknown type has no
/// net at all. Its outline has all layers: shapes end behind such a layer, and go on wherever they do not depend on
/// it.
///
/// ```
/// use umodel::{NetParameter, NoSources, Outline, Phase};
///
/// let model = NetParameter::parse_text(
///     "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 } } }
///      layer { name: 'odd' type: 'Relu' bottom: 'x' top: 'odd' }
///      layer { name: 'abs' type: 'AbsVal' bottom: 'x' top: 'abs' }",
/// )?;
/// let outline = Outline::new(&model, Phase::Test, &NoSources)?;
/// let shapes: Vec<_> = outline.layers().iter().map(|layer| layer.tops[0].1.clone()).collect();
/// assert_eq!(shapes, [Some(vec![2]), None, Some(vec![2])]);
/// let problems: Vec<String> = outline.problems().map(|error| error.to_string()).collect();
/// assert_eq!(problems, ["2:6: layer \"odd\" (Relu)"]);
/// # Ok::<(), umodel::Error>(())
/// ```
#[derive(Debug)]
pub struct Outline<'a> {
    layers: Vec<OutlineLayer<'a>>,
}

/// One layer of an [`Outline`].
#[derive(Debug)]
#[non_exhaustive]
pub struct OutlineLayer<'a> {
    /// The layer as it stands in the model.
    pub record: LayerRecord<'a>,
    /// Its name in a net: no other layer has it.
    pub name: String,
    /// The blobs that it reads, by their names in a net.
    pub bottoms: Vec<String>,
    /// The blobs that it writes, by their names in a net, and their shapes where they are known.
    pub tops: Vec<(String, Option<Shape>)>,
    /// As [`Net::macs`](crate::Net::macs); 0 where shapes are not known.
    pub macs: u64,
    /// Why the layer could not stand in a net. None for a layer that is right, or of whose bottoms nothing is known.
    pub problem: Option<Error>,
}

impl<'a> Outline<'a> {
    /// Looks at all layers of a phase, without weights.
    ///
    /// # Errors
    /// [`Error::Layer`] for a layer with both include and exclude rules; [`Error::Text`] for rules that have
    /// something [unknown](NetParameter::unknown).
    pub fn new(
        model: &'a NetParameter,
        phase: Phase,
        sources: &dyn Sources,
    ) -> Result<Self, Error> {
        let targets = included(model, phase)?;
        let mut reader = Layers::new(model);
        let mut net = NetBuilder::new("");
        let layer = |target: &Target<'a>| look(target, &mut reader, &mut net, model, sources);
        Ok(Outline { layers: targets.iter().map(layer).collect() })
    }

    /// All layers, in order.
    pub fn layers(&self) -> &[OutlineLayer<'a>] {
        &self.layers
    }

    /// What is wrong with them, in order; nothing if there is a [`Net`](crate::Net) of this model.
    pub fn problems(&self) -> impl Iterator<Item = &Error> {
        self.layers.iter().filter_map(|layer| layer.problem.as_ref())
    }
}

fn look<'a>(
    target: &Target<'a>,
    reader: &mut Layers<'_>,
    net: &mut NetBuilder,
    model: &NetParameter,
    sources: &dyn Sources,
) -> OutlineLayer<'a> {
    let record = LayerRecord::of(target.layer);
    let unnamed = |problem| OutlineLayer {
        record,
        name: record.name().to_owned(),
        bottoms: record.bottoms().to_vec(),
        tops: record.tops().iter().map(|top| (top.clone(), None)).collect(),
        macs: 0,
        problem: Some(problem),
    };
    let Names { layer: name, bottoms, tops } = match reader.names(target) {
        Ok(names) => names,
        Err(problem) => return unnamed(problem),
    };
    let known = bottoms.iter().all(|bottom| net.shape(bottom).is_some());
    let mut layer = OutlineLayer {
        record,
        name: name.clone(),
        bottoms: bottoms.clone(),
        tops: tops.iter().map(|top| (top.clone(), None)).collect(),
        macs: 0,
        problem: None,
    };
    let names = Names { layer: name, bottoms, tops };
    let added = reader.op(target).and_then(|op| match known {
        true => net.add(reader.with_names(target, op, names, sources)?).map(|()| true),
        false => Ok(false),
    });
    match added {
        Ok(true) => {
            for (top, shape) in &mut layer.tops {
                *shape = net.shape(top).map(<[usize]>::to_vec);
            }
            layer.macs = net.last_macs();
        }
        Ok(false) => {}
        Err(problem) => layer.problem = Some(problem.in_file(model.path())),
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Net, NoSources};

    const MODEL: &str = "
        layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 3, 8, 8] } } }
        layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a'
                convolution_param { num_output: 2 kernel_size: 1 } }
        layer { name: 'a' type: 'ReLU' bottom: 'a' top: 'a' }
        layer { name: 'new' type: 'Warp' bottom: 'a' top: 'b' warp_param { angle: 3 } }
        layer { name: 'c' type: 'ReLU' bottom: 'b' top: 'c' relu_param { slope: 1 } }
        layer { name: 'd' type: 'AbsVal' bottom: 'c' top: 'd' }
        layer { name: 'e' type: 'Pooling' bottom: 'a' top: 'e' pooling_param { kernel_size: 9 } }
        layer { name: 'f' type: 'AbsVal' bottom: 'none' top: 'f' }
        layer { name: 'g' type: 'AbsVal' bottom: 'a' top: 'g' }
        layer { name: 't' type: 'Odd' top: 't' include { phase: TRAIN } odd: 1 }";

    /// Exact.
    #[test]
    fn shapes_end_behind_what_is_wrong() {
        let model = NetParameter::parse_text(MODEL).expect("readable");
        let outline = Outline::new(&model, Phase::Test, &NoSources).expect("rules");
        let rows: Vec<String> = outline
            .layers()
            .iter()
            .map(|layer| {
                let (top, shape) = layer.tops.first().expect("a top");
                let problem = layer.problem.as_ref().map(|error| format!(" {error}"));
                format!(
                    "{} {top} {shape:?} {}{}",
                    layer.name,
                    layer.macs,
                    problem.unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                "x x Some([1, 3, 8, 8]) 0",
                "a a Some([1, 2, 8, 8]) 384",
                "a_1 a_1 Some([1, 2, 8, 8]) 0",
                "new b None 0 6:9: layer \"new\" (Warp)",
                "c c None 0 7:74: message \"net.layer.relu_param\" has no field \"slope\", did you mean \
                 \"negative_slope\"?",
                "d d None 0",
                "e e None 0 9:9: layer \"e\" (Pooling)",
                "f f None 0 10:9: layer \"f\" (AbsVal)",
                "g g Some([1, 2, 8, 8]) 0",
            ]
        );
        assert_eq!(outline.problems().count(), 4);
        // The net of this phase ends at the first of them, and the one of a TRAIN layer is none.
        let error = Net::new(&model, None, Phase::Test, &NoSources).expect_err("not a net");
        assert_eq!(error.to_string(), outline.problems().next().expect("one").to_string());
        let unknown: Vec<String> = model.unknown().map(|error| error.to_string()).collect();
        assert_eq!(unknown.len(), 3);
        assert_eq!(unknown[2], "12:73: message \"net.layer\" has no field \"odd\"");
        assert!(model.to_bytes().is_err());
        let text = model.to_text();
        assert!(text.starts_with("# Left out, line 6:63: message"), "{text}");
        assert_eq!(NetParameter::parse_text(&text).expect("text").layers().count(), 10);
    }

    /// Exact: a layer of another phase does no harm, and rules that cannot be read do.
    #[test]
    fn only_layers_of_the_phase_count() {
        let with = |layer: &str| {
            let model = NetParameter::parse_text(&format!(
                "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: 2 }} }} }} {layer}"
            ))
            .expect("readable");
            let outline =
                Outline::new(&model, Phase::Test, &NoSources).map(|all| all.problems().count());
            (Net::new(&model, None, Phase::Test, &NoSources).is_ok(), outline.ok())
        };
        assert_eq!(with("layer { name: 'y' odd: 1 include { phase: TRAIN } }"), (true, Some(0)));
        assert_eq!(
            with("layer { name: 'y' type: 'Split' bottom: 'x' top: 'y' odd: 1 }"),
            (false, Some(1))
        );
        assert_eq!(with("layer { name: 'y' include { phase: TRAINING } }"), (false, None));
        assert_eq!(with("layer { name: 'y' exclude { fase: TRAIN } }"), (false, None));
    }
}
