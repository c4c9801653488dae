use crate::error::NodeError;
use crate::graph::{Importer, Result, Tensor, Value};
use crate::onnx::node::Node;
use crate::onnx::proto::tensor_proto::DataType;
use crate::ops::binary::{self as core, Binary};
use crate::ops::constants::{self, Comparison};
use crate::ops::unary::{self as functions, Unary};

pub(super) fn unary(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let function = match node.proto.op_type.as_str() {
        "Relu" => Unary::Relu,
        "Sigmoid" => Unary::Sigmoid,
        "Tanh" => Unary::Tanh,
        "Exp" => Unary::Exp,
        "Log" => Unary::Log,
        "Sqrt" => Unary::Sqrt,
        "Abs" => Unary::Abs,
        "Neg" => Unary::Neg,
        "Reciprocal" => Unary::Reciprocal,
        "HardSwish" => Unary::HardSwish,
        "Softplus" => Unary::Softplus,
        "LeakyRelu" => Unary::LeakyRelu(node.float("alpha", 0.01)),
        "Elu" => Unary::Elu(node.float("alpha", 1.0)),
        "HardSigmoid" => Unary::HardSigmoid(node.float("alpha", 0.2), node.float("beta", 0.5)),
        other => return Err(NodeError::unsupported(other)),
    };
    Ok(vec![functions::unary(importer, &node.site(), function, node.input(0)?)?])
}

/// A product with one number.
fn times(
    importer: &mut Importer,
    node: &Node<'_>,
    part: &str,
    x: &Value,
    by: f32,
) -> Result<Value> {
    let site = if part.is_empty() { node.site() } else { node.site().sub(part) };
    core::binary(importer, &site, Binary::Mul, x, &Tensor::scalar(by).into())
}

pub(super) fn selu(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let alpha = node.float("alpha", 1.673_263_2);
    let gamma = node.float("gamma", 1.050_701);
    let elu = Unary::Elu(alpha);
    let elu = functions::unary(importer, &node.site().sub("elu"), elu, node.input(0)?)?;
    Ok(vec![times(importer, node, "", &elu, gamma)?])
}

pub(super) fn celu(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let alpha = node.float("alpha", 1.0);
    let x = times(importer, node, "scaled", node.input(0)?, 1.0 / alpha)?;
    let elu = functions::unary(importer, &node.site().sub("elu"), Unary::Elu(1.0), &x)?;
    Ok(vec![times(importer, node, "", &elu, alpha)?])
}

pub(super) fn softsign(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let size = functions::unary(importer, &site.sub("abs"), Unary::Abs, x)?;
    let one = Tensor::scalar(1.0).into();
    let size = core::binary(importer, &site.sub("plus"), Binary::Add, &size, &one)?;
    let size = functions::unary(importer, &site.sub("inverse"), Unary::Reciprocal, &size)?;
    Ok(vec![core::binary(importer, &site, Binary::Mul, x, &size)?])
}

pub(super) fn mish(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let gate = functions::unary(importer, &site.sub("softplus"), Unary::Softplus, x)?;
    let gate = functions::unary(importer, &site.sub("tanh"), Unary::Tanh, &gate)?;
    Ok(vec![core::binary(importer, &site, Binary::Mul, x, &gate)?])
}

pub(super) fn swish(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let function = Unary::Swish(node.float("alpha", 1.0));
    Ok(vec![functions::unary(importer, &node.site(), function, node.input(0)?)?])
}

/// Limits are attributes before operator set 11, inputs from then on.
pub(super) fn clip(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let limit = |name: &str, index: usize, open: f32| -> Result<f32> {
        if node.has(name) {
            return Ok(node.float(name, open));
        }
        match node.optional_constant(index)? {
            None => Ok(open),
            Some(limit) => limit
                .single()
                .ok_or_else(|| NodeError::shapes(format!("a limit of {:?}", limit.shape()))),
        }
    };
    let low = limit("min", 1, f32::NEG_INFINITY)?;
    let high = limit("max", 2, f32::INFINITY)?;
    Ok(vec![functions::unary(importer, &node.site(), Unary::Clip(low, high), node.input(0)?)?])
}

pub(super) fn prelu(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x, slopes) = (node.site(), node.input(0)?, node.input(1)?);
    if let Value::Constant(slopes) = slopes {
        let lead = x.shape().len().saturating_sub(slopes.shape().len());
        let moving = slopes.shape().iter().position(|&size| size != 1);
        match functions::prelu(importer, &site, x, slopes, moving.map_or(1, |at| at + lead)) {
            Err(NodeError::Unsupported { .. }) => {}
            done => return Ok(vec![done?]),
        }
    }
    // max(x, 0) − slope · max(−x, 0)
    let above = functions::unary(importer, &site.sub("above"), Unary::Relu, x)?;
    let below = functions::unary(importer, &site.sub("negated"), Unary::Neg, x)?;
    let below = functions::unary(importer, &site.sub("below"), Unary::Relu, &below)?;
    let below = core::binary(importer, &site.sub("scaled"), Binary::Mul, &below, slopes)?;
    Ok(vec![core::binary(importer, &site, Binary::Sub, &above, &below)?])
}

pub(super) fn constant_unary(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let x = node.constant(0)?;
    let function: fn(f32) -> f32 = match node.proto.op_type.as_str() {
        "Floor" => f32::floor,
        "Ceil" => f32::ceil,
        "Round" => f32::round_ties_even,
        _ => |x| {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else {
                0.0
            }
        },
    };
    Ok(vec![Tensor::from(x.to_f32().mapv(function)).into()])
}

pub(super) fn binary(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let function = match node.proto.op_type.as_str() {
        "Add" => Binary::Add,
        "Sub" => Binary::Sub,
        "Mul" => Binary::Mul,
        "Div" => Binary::Div,
        "Pow" => Binary::Pow,
        _ => Binary::Mod,
    };
    Ok(vec![core::binary(importer, &node.site(), function, node.input(0)?, node.input(1)?)?])
}

pub(super) fn variadic(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let values = node.all_inputs()?;
    let function = match node.proto.op_type.as_str() {
        "Max" => Binary::Max,
        "Min" => Binary::Min,
        "Mean" => {
            let sum = core::many(importer, &node.site().sub("sum"), Binary::Add, &values)?;
            return Ok(vec![times(importer, node, "", &sum, 1.0 / values.len() as f32)?]);
        }
        _ => Binary::Add,
    };
    Ok(vec![core::many(importer, &node.site(), function, &values)?])
}

pub(super) fn compare(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let comparison = match node.proto.op_type.as_str() {
        "Equal" => Comparison::Equal,
        "Less" => Comparison::Less,
        "LessOrEqual" => Comparison::LessOrEqual,
        "Greater" => Comparison::Greater,
        "GreaterOrEqual" => Comparison::GreaterOrEqual,
        "And" => Comparison::And,
        "Or" => Comparison::Or,
        _ => Comparison::Xor,
    };
    Ok(vec![constants::compare(comparison, node.constant(0)?, node.constant(1)?)?.into()])
}

pub(super) fn not(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    Ok(vec![constants::not(node.constant(0)?).into()])
}

pub(super) fn select(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let condition = node.constant(0)?;
    Ok(vec![constants::select(condition, node.constant(1)?, node.constant(2)?)?.into()])
}

pub(super) fn identity(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    if node.has_output(1) {
        return Err(NodeError::unsupported("the mask of a dropout"));
    }
    let training = node.proto.op_type == "Dropout" && node.optional(2).is_some();
    if training && node.constant(2)?.single() != Some(0.0) {
        return Err(NodeError::unsupported("a dropout in training"));
    }
    Ok(vec![node.input(0)?.clone()])
}

pub(super) fn cast(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    if node.proto.op_type == "CastLike" {
        return match (node.input(0)?, node.input(1)?) {
            (x, Value::Blob(_)) => Ok(vec![x.clone()]),
            (Value::Constant(x), Value::Constant(like)) => Ok(vec![match like {
                Tensor::F32(_) => Tensor::F32(x.to_f32()).into(),
                Tensor::I64(_) => Tensor::I64(x.to_i64()).into(),
                Tensor::Bool(_) => Tensor::Bool(x.to_bool()).into(),
            }]),
            _ => Err(NodeError::unsupported("the type of a constant for a blob")),
        };
    }
    let to = node.int("to", 0);
    let kind = i32::try_from(to).ok().and_then(|to| DataType::try_from(to).ok());
    let kind = kind.ok_or_else(|| NodeError::unsupported(format!("data type {to}")))?;
    let float =
        matches!(kind, DataType::Float | DataType::Double | DataType::Float16 | DataType::Bfloat16);
    Ok(vec![match node.input(0)? {
        // Blobs are fp32 whatever the model calls them.
        x @ Value::Blob(_) if float => x.clone(),
        Value::Blob(_) => {
            return Err(NodeError::unsupported(format!("a blob as {}", kind.as_str_name())));
        }
        Value::Constant(x) => match kind {
            _ if float => Tensor::F32(x.to_f32()).into(),
            DataType::Bool => Tensor::Bool(x.to_bool()).into(),
            DataType::Uint8 => wrapped(x, |v| i64::from(v as u8)),
            DataType::Int8 => wrapped(x, |v| i64::from(v as i8)),
            DataType::Uint16 => wrapped(x, |v| i64::from(v as u16)),
            DataType::Int16 => wrapped(x, |v| i64::from(v as i16)),
            DataType::Int32 => wrapped(x, |v| i64::from(v as i32)),
            DataType::Uint32 => wrapped(x, |v| i64::from(v as u32)),
            DataType::Int64 | DataType::Uint64 => Tensor::I64(x.to_i64()).into(),
            _ => return Err(NodeError::unsupported(format!("values as {}", kind.as_str_name()))),
        },
    }])
}

fn wrapped(x: &Tensor, wrap: impl Fn(i64) -> i64) -> Value {
    Tensor::from(x.to_i64().mapv(wrap)).into()
}
