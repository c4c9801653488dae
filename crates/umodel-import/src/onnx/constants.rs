//! Inputs that the caller makes constants.

use std::collections::BTreeMap;

use umodel::Shape;

use super::graph::{dims, unknown};
use super::proto::tensor_proto::DataType;
use super::proto::{GraphProto, ValueInfoProto, type_proto};
use crate::error::{Error, NodeError, Role, Unsupported};
use crate::graph::{Importer, Result, Tensor, narrowed};
use crate::imported::Options;

/// The inputs that the caller makes constants, by name.
pub(super) fn find<'a>(
    graph: &'a GraphProto,
    options: &'a Options,
) -> std::result::Result<BTreeMap<&'a str, (&'a ValueInfoProto, f64)>, Error> {
    let truth = options.booleans.iter().map(|(name, value)| (name, f64::from(u8::from(*value))));
    let given = truth.chain(options.constants.iter().map(|(name, value)| (name, *value)));
    let declared = |(name, value): (&'a String, f64)| {
        let info = graph.input.iter().find(|info| info.name == *name);
        let info = info.ok_or_else(|| unknown(graph, Role::Input, name))?;
        Ok((name.as_str(), (info, value)))
    };
    given.map(declared).collect()
}

/// A tensor of the declared type and shape with one value everywhere; open axes are 1.
pub(super) fn constant(importer: &Importer, info: &ValueInfoProto, value: f64) -> Result<Tensor> {
    let shape: Shape =
        dims(info).unwrap_or_default().iter().map(|size| size.unwrap_or(1)).collect();
    let number = narrowed(value);
    let kind = element_type(info);
    match DataType::try_from(kind) {
        Ok(DataType::Bool) => Ok(importer.room(&shape)?.fill(value != 0.0).into()),
        Ok(DataType::Float | DataType::Double | DataType::Float16 | DataType::Bfloat16) => {
            Ok(importer.room(&shape)?.fill(number).into())
        }
        Ok(DataType::Undefined | DataType::String) | Err(_) => {
            Err(Unsupported::Type { data_type: kind.into() }.into())
        }
        Ok(_) => match value.fract() == 0.0 && value.abs() < MAX_WHOLE {
            true => Ok(importer.room(&shape)?.fill(whole(value)).into()),
            false => Err(NodeError::attribute("const", &[number][..])),
        },
    }
}

/// Beyond it, not every double is the integer that was meant.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

#[expect(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "a whole number below 2^53"
)]
fn whole(value: f64) -> i64 {
    value as i64
}

pub(super) fn element_type(info: &ValueInfoProto) -> i32 {
    match info.r#type.as_ref().and_then(|kind| kind.value.as_ref()) {
        Some(type_proto::Value::TensorType(tensor)) => tensor.elem_type,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::proto::tensor_shape_proto::{Dimension, dimension};
    use super::super::proto::{
        AttributeProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
        TypeProto,
    };
    use super::*;
    use crate::imported::Imported;
    use crate::onnx::import;
    use prost::Message;

    fn value(name: &str, elem_type: i32, sizes: &[i64]) -> ValueInfoProto {
        let dim = |&size: &i64| Dimension { value: Some(dimension::Value::DimValue(size)) };
        let shape = Some(TensorShapeProto { dim: sizes.iter().map(dim).collect() });
        let tensor = type_proto::Tensor { elem_type, shape };
        let value = Some(type_proto::Value::TensorType(tensor));
        ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { value }) }
    }

    fn node(op: &str, inputs: &[&str], output: &str) -> NodeProto {
        NodeProto {
            op_type: op.to_owned(),
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            ..NodeProto::default()
        }
    }

    fn branch(name: &str, op: &str) -> AttributeProto {
        let graph = GraphProto {
            node: vec![node(op, &["x"], name)],
            output: vec![value(name, 1, &[1, 4])],
            ..GraphProto::default()
        };
        AttributeProto { name: name.to_owned(), g: Some(graph), ..AttributeProto::default() }
    }

    /// `if sr == 16000 { tanh(x) } else { |x| }`
    fn imported(kind: DataType, options: &Options) -> std::result::Result<Imported, Error> {
        let number = TensorProto {
            name: "wanted".to_owned(),
            data_type: i32::from(DataType::Int64),
            int64_data: vec![16000],
            ..TensorProto::default()
        };
        let mut choice = node("If", &["same"], "y");
        choice.attribute = vec![branch("then_branch", "Tanh"), branch("else_branch", "Abs")];
        let graph = GraphProto {
            node: vec![node("Equal", &["sr", "wanted"], "same"), choice],
            input: vec![value("x", 1, &[1, 4]), value("sr", i32::from(kind), &[])],
            output: vec![value("y", 1, &[1, 4])],
            initializer: vec![number],
            ..GraphProto::default()
        };
        let set = OperatorSetIdProto { domain: String::new(), version: 13 };
        let model =
            ModelProto { graph: Some(graph), opset_import: vec![set], ..ModelProto::default() };
        import(model.encode_to_vec(), None, options)
    }

    /// Exact: the branch, and which inputs are left.
    #[test]
    fn a_condition_on_a_constant_input_is_known() {
        for (rate, kind) in [(16000.0, "TanH"), (8000.0, "AbsVal")] {
            let options = Options::new("net").constants([("sr", rate)]);
            for data in [DataType::Int64, DataType::Int32, DataType::Float] {
                let found = imported(data, &options).expect("a known branch");
                let kinds: Vec<_> =
                    found.net.layers().iter().map(|layer| layer.op.kind()).collect();
                assert_eq!((kinds.as_slice(), found.inputs.len()), (&["Input", kind][..], 1));
            }
        }
        let truth = Options::new("net").booleans([("sr", true)]);
        let found = imported(DataType::Int64, &truth).expect("1 is not 16000");
        assert_eq!(found.net.layers()[1].op.kind(), "AbsVal");
    }

    #[test]
    fn constants_that_cannot_be() {
        let find = |options: Options| imported(DataType::Int64, &options).expect_err("no constant");
        let error = find(Options::new("net").constants([("rate", 1.0)]));
        assert!(matches!(error, Error::UnknownName { .. }), "{error}");
        for value in [0.5, f64::NAN, 1e300] {
            let error = find(Options::new("net").constants([("sr", value)]));
            assert!(matches!(error, Error::Node { .. }), "{error}");
        }
        let error = find(Options::new("net").constants([("sr", 1.0)]).inputs(["x", "sr"]));
        assert!(matches!(error, Error::Graph(_)), "{error}");
        let error = find(Options::new("net"));
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    }
}
