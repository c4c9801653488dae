use std::collections::BTreeMap;

use umodel::quant::Division;
use umodel::{Arithmetic, LayerOp, QuantizedNet};

use crate::error::{Error, Reason, Unplaced};
use crate::form::Form;
use crate::place;

/// A net in two parts: what the chip computes, from the inputs on, and what the processor beside it computes of that.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cut {
    /// What the chip computes.
    pub chip: QuantizedNet,
    /// The rest, if there is one. Its inputs are outputs of the chip's part, or inputs of the whole net, by their names.
    pub host: Option<QuantizedNet>,
    /// The layers that cannot be placed on the chip, in the net's order, and why.
    pub unplaced: Vec<Unplaced>,
    /// The names of all layers that the host computes, in the net's order: those and what depends on them.
    pub on_host: Vec<String>,
    /// The names of the whole net's inputs, in its order.
    pub inputs: Vec<String>,
    /// The names of the whole net's outputs, in its order. Each is an output of one of the two parts.
    pub outputs: Vec<String>,
}

impl Cut {
    /// A net that is left whole, whether it can be placed or not.
    pub fn none(net: &QuantizedNet) -> Self {
        let graph = net.net();
        let names = |ids: Vec<_>| ids.into_iter().map(|id| graph.blob(id).name.clone()).collect();
        Cut {
            chip: net.clone(),
            host: None,
            unplaced: Vec::new(),
            on_host: Vec::new(),
            inputs: names(graph.inputs()),
            outputs: names(graph.outputs()),
        }
    }

    /// Why the net is cut where it is: those of the layers that cannot be placed which read what the chip computes. The
    /// others depend on shapes only, as a PriorBox does, and would not keep the rest from the chip.
    pub fn causes(&self) -> Vec<&Unplaced> {
        let Some(host) = &self.host else { return Vec::new() };
        let graph = host.net();
        let mut varies = vec![false; graph.layers().len()];
        for (index, layer) in graph.layers().iter().enumerate() {
            let reads = |(bottom, &id): (usize, &_)| {
                layer.op.reads_values(bottom) && varies[graph.producer(id)]
            };
            varies[index] = matches!(layer.op, LayerOp::Input(_))
                || layer.bottoms.iter().enumerate().any(reads);
        }
        let cause = |unplaced: &&Unplaced| {
            graph.layer_index(&unplaced.layer).is_some_and(|index| varies[index])
        };
        self.unplaced.iter().filter(cause).collect()
    }
}

/// Cuts off what cannot be placed on the chip: layers that [`unplaced`](crate::unplaced()) names, all that depend on them,
/// and casts to fp32 that only these read, because int8 blobs are smaller to move. A net that can be placed stays whole.
///
/// ```
/// use bm1684_codegen::{compile, cut};
/// use umodel::{NetParameter, NoSources, Phase, QuantizedNet};
///
/// let model = NetParameter::parse_text(
///     "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 64, 14, 14] } }
///        quantization_param { arithmetic: CAST top { dtype: INT8 scale: 0.5 } } }
///      layer { name: 'y' type: 'ReLU' bottom: 'x' top: 'y'
///        quantization_param { arithmetic: SAME top { dtype: INT8 scale: 0.5 } } }
///      layer { name: 'z' type: 'Dequantize' bottom: 'y' top: 'z'
///        quantization_param { arithmetic: CAST top { dtype: FLOAT32 } } }
///      layer { name: 'best' type: 'TopK' bottom: 'z' top: 'best' top: 'places' top_k_param { k: 5 } }",
/// )?;
/// let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources)?;
/// assert!(compile(&net).is_err());
/// let cut = cut(&net)?;
/// assert_eq!(cut.unplaced[0].layer, "best");
/// assert_eq!(compile(&cut.chip)?.outputs[0].name, "y");
/// let host = cut.host.expect("a part for the host");
/// assert_eq!(host.to_parameter().input_shapes(), [[1, 64, 14, 14]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::NothingPlaced`] if the chip would have nothing to compute, [`Error::Layers`] for layers that are not for
/// deployment.
pub fn cut(net: &QuantizedNet) -> Result<Cut, Error> {
    let mut cuts = cut_stages(std::slice::from_ref(net))?;
    cuts.pop().ok_or(Error::NoStages)
}

/// Cuts one net for several shapes of its inputs at the same place: what cannot be placed for one of them is cut off from
/// all.
///
/// # Errors
/// As [`cut()`].
pub fn cut_stages(nets: &[QuantizedNet]) -> Result<Vec<Cut>, Error> {
    let Some(first) = nets.first() else { return Err(Error::NoStages) };
    let layers = first.net().layers().len();
    let mut refused: BTreeMap<usize, Unplaced> = BTreeMap::new();
    for net in nets {
        refuse(first, &mut refused, place::unplaced(net))?;
    }
    if refused.is_empty() {
        return Ok(nets.iter().map(Cut::none).collect());
    }
    let misplaced = refused.values().filter(|unplaced| unplaced.reason == Reason::Type);
    let misplaced: Vec<Unplaced> = misplaced.cloned().collect();
    if !misplaced.is_empty() {
        return Err(Error::Layers { unplaced: misplaced, layers });
    }
    loop {
        let back = behind(first, refused.keys().copied());
        let unplaced: Vec<Unplaced> = refused.values().cloned().collect();
        let mut cuts = Vec::with_capacity(nets.len());
        let mut more = Vec::new();
        let mut computes = false;
        for net in nets {
            let Division { front, back: host, .. } = net.divide(&back)?;
            let forms = place::forms(&front);
            // How a layer is placed may depend on its neighbours.
            more.extend(place::named(&front, &forms));
            computes = computes
                || forms.iter().enumerate().any(|(index, form)| {
                    let cast = matches!(front.arithmetic(index), Arithmetic::Cast);
                    !cast && matches!(form, Ok(form) if *form != Form::Renamed)
                });
            cuts.push(parts(net, front, host, &unplaced));
        }
        if !computes {
            return Err(Error::NothingPlaced { unplaced, layers });
        }
        if more.is_empty() {
            return Ok(cuts);
        }
        refuse(first, &mut refused, more)?;
    }
}

/// Adds layers that cannot be placed to those that are known.
fn refuse(
    net: &QuantizedNet,
    refused: &mut BTreeMap<usize, Unplaced>,
    more: Vec<Unplaced>,
) -> Result<(), Error> {
    for unplaced in more {
        match net.net().layer_index(&unplaced.layer) {
            Some(index) => {
                refused.entry(index).or_insert(unplaced);
            }
            // Nets of other layers are no stages of one; Splits that a cut puts in can always be placed.
            None => {
                let layers = net.net().layers().len();
                return Err(Error::Layers { unplaced: vec![unplaced], layers });
            }
        }
    }
    Ok(())
}

/// Which layers the host computes, if it computes these.
fn behind(net: &QuantizedNet, refused: impl Iterator<Item = usize>) -> Vec<bool> {
    let graph = net.net();
    let mut back = vec![false; graph.layers().len()];
    for index in refused {
        back[index] = true;
    }
    for (index, layer) in graph.layers().iter().enumerate() {
        back[index] = back[index] || layer.bottoms.iter().any(|&id| back[graph.producer(id)]);
    }
    for (index, layer) in graph.layers().iter().enumerate() {
        let readers = || layer.tops.iter().flat_map(|&top| graph.consumers(top));
        let only_there = readers().count() > 0 && readers().all(|&reader| back[reader]);
        if matches!(layer.op, LayerOp::Dequantize(_)) && only_there {
            back[index] = true;
        }
    }
    back
}

fn parts(
    net: &QuantizedNet,
    front: QuantizedNet,
    host: QuantizedNet,
    unplaced: &[Unplaced],
) -> Cut {
    let there = |name: &str| {
        let layer = host.net().layer_index(name).map(|index| &host.net().layers()[index].op);
        layer.is_some_and(|op| !matches!(op, LayerOp::Input(_) | LayerOp::DummyData(_)))
    };
    let names = net.net().layers().iter().map(|layer| layer.name.clone());
    let on_host = names.filter(|name| there(name)).collect();
    let unplaced = unplaced.to_vec();
    Cut { chip: front, host: Some(host), unplaced, on_host, ..Cut::none(net) }
}
