use std::sync::Arc;

use umodel::{BlobId, QuantizedNet};

use crate::error::Error;
use crate::exec::Executor;
use crate::value::Value;

/// The second part of a divided net, see [`QuantizedNet::divide`]: it takes what the first part gave, on a board, in a
/// simulator or in an [`Executor`], and gives the results of the whole net.
///
/// ```
/// use std::sync::Arc;
/// use ndarray::{ArrayD, IxDyn};
/// use uframework::{Executor, HostPart, Value};
/// use umodel::{NetParameter, NoSources, Phase, QuantizedNet};
///
/// let model = NetParameter::parse_text(
///     "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 4] } } }
///      layer { name: 'y' type: 'ReLU' bottom: 'x' top: 'y' }
///      layer { name: 'z' type: 'Power' bottom: 'y' top: 'z' power_param { power: 2 } }",
/// )?;
/// let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources)?;
/// let parts = net.divide(&[false, false, true])?;
/// let first = Executor::quantized(Arc::new(parts.front))?;
/// let x = Value::F32(ArrayD::from_shape_vec(IxDyn(&[1, 4]), vec![-1.0, 0.0, 1.0, 2.0])?);
/// let given = first.outputs(vec![(first.net().inputs()[0], x)])?.remove(0);
/// let host = HostPart::new(Arc::new(parts.back), vec!["z".into()])?;
/// let results = host.run(vec![("y".into(), given)])?;
/// assert_eq!(results[0].to_f32(1.0).into_raw_vec_and_offset().0, [0.0, 0.0, 1.0, 4.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct HostPart {
    executor: Executor,
    outputs: Vec<String>,
}

impl HostPart {
    /// Makes the part ready. `outputs` are the names of the whole net's outputs, some of which the first part may give.
    ///
    /// # Errors
    /// As [`Executor::quantized`].
    pub fn new(net: Arc<QuantizedNet>, outputs: Vec<String>) -> Result<Self, Error> {
        Ok(HostPart { executor: Executor::quantized(net)?, outputs })
    }

    /// What computes it.
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    /// Computes the results of the whole net, in the order of its outputs, from what the first part gave and from those
    /// inputs of the net that this part reads, by name. What else is given is passed over.
    ///
    /// # Errors
    /// [`Error::MissingSource`] for a blob that was not given, and as [`Executor::forward`].
    pub fn run(&self, given: Vec<(String, Value)>) -> Result<Vec<Value>, Error> {
        let net = self.executor.net();
        let find = |name: &str| {
            let found = given.iter().find(|(other, _)| other == name);
            found.map(|(_, value)| value.clone())
        };
        let missing = |name: &str| Error::MissingSource { blob: name.to_owned() };
        let source = |id: BlobId| {
            let name = &net.blob(id).name;
            Ok((id, find(name).ok_or_else(|| missing(name))?))
        };
        let sources = net.inputs().into_iter().map(source).collect::<Result<Vec<_>, Error>>()?;
        let computed = self.executor.outputs(sources)?;
        let names = net.outputs().into_iter().map(|id| net.blob(id).name.as_str());
        let computed: Vec<(&str, Value)> = names.zip(computed).collect();
        let output = |name: &String| {
            let here = computed.iter().find(|(other, _)| other == name);
            here.map(|(_, value)| value.clone()).or_else(|| find(name)).ok_or_else(|| missing(name))
        };
        self.outputs.iter().map(output).collect()
    }
}
