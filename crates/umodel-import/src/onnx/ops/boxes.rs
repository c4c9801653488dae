use umodel::layers::NonMaxSuppression;

use crate::error::{ShapeError, Unsupported};
use crate::graph::{Importer, Result, Tensor, Value};
use crate::onnx::node::Node;

/// Boxes, classes and pictures at most, so that fp32 has all of their numbers.
const MAX_NUMBERS: usize = 1 << 24;

/// Without a number of boxes, or with 0, there are none.
pub(super) fn non_max_suppression(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (boxes, scores, site) = (node.input(0)?, node.input(1)?, node.site());
    let (&[_, count, 4], &[_, classes, _]) = (boxes.shape(), scores.shape()) else {
        let (a, b) = (boxes.shape().to_vec(), scores.shape().to_vec());
        return Err(ShapeError::Broadcast { a, b }.into());
    };
    if count > MAX_NUMBERS || classes > MAX_NUMBERS {
        return Err(Unsupported::Places { limit: MAX_NUMBERS }.into());
    }
    let most = node.optional_constant(2)?.map_or(Ok(0), Tensor::integer)?;
    // Negative numbers mean as little as 0, and no class has more boxes than there are.
    let most = usize::try_from(most.max(0)).unwrap_or(usize::MAX).min(count);
    if most == 0 {
        return Ok(vec![Tensor::from(importer.room(&[0, 3])?.fill(0i64)).into()]);
    }
    let layer = NonMaxSuppression {
        center_point_box: node.flag("center_point_box", false),
        max_output_boxes_per_class: most,
        iou_threshold: node.optional_constant(3)?.map_or(Ok(0.0), Tensor::number)?,
        score_threshold: node.optional_constant(4)?.map(Tensor::number).transpose()?,
    };
    let boxes = importer.blob(&site.sub("boxes"), boxes)?;
    let boxes = importer.plain(&boxes)?;
    let scores = importer.blob(&site.sub("scores"), scores)?;
    let scores = importer.plain(&scores)?;
    Ok(vec![importer.add(&site, layer, &[&boxes.blob, &scores.blob], vec![])?.into()])
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use crate::error::{Error, Unsupported};
    use crate::imported::{Imported, Options};
    use crate::onnx::import;
    use crate::onnx::proto::tensor_proto::DataType;
    use crate::onnx::proto::tensor_shape_proto::{Dimension, dimension};
    use crate::onnx::proto::{
        AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
        TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
    };

    fn value(name: &str, sizes: &[i64]) -> ValueInfoProto {
        let dim = |&size: &i64| Dimension { value: Some(dimension::Value::DimValue(size)) };
        let shape = Some(TensorShapeProto { dim: sizes.iter().map(dim).collect() });
        let value = Some(type_proto::Value::TensorType(type_proto::Tensor { elem_type: 1, shape }));
        ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { value }) }
    }

    fn ints(name: &str, values: &[i64]) -> TensorProto {
        TensorProto {
            name: name.to_owned(),
            data_type: i32::from(DataType::Int64),
            dims: vec![i64::try_from(values.len()).expect("few")],
            int64_data: values.to_vec(),
            ..TensorProto::default()
        }
    }

    /// Operator, inputs, output, attributes.
    type Reader<'a> = (&'a str, &'a [&'a str], &'a str, &'a [(&'a str, i64)]);

    /// `y` is read off the numbers `n` of the boxes `x [1, 6, 4]` that are kept of three classes.
    fn read_by(readers: &[Reader<'_>]) -> Result<Imported, Error> {
        let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let node = |(op, inputs, output, attributes): &Reader<'_>| {
            let attribute = |&(name, i): &(&str, i64)| AttributeProto {
                name: name.to_owned(),
                i,
                ..AttributeProto::default()
            };
            NodeProto {
                op_type: (*op).to_owned(),
                input: strings(inputs),
                output: vec![(*output).to_owned()],
                attribute: attributes.iter().map(attribute).collect(),
                ..NodeProto::default()
            }
        };
        let suppression: Reader<'_> = ("NonMaxSuppression", &["x", "scores", "5"], "n", &[]);
        let graph = GraphProto {
            node: [&[suppression], readers].concat().iter().map(node).collect(),
            input: vec![value("x", &[1, 6, 4]), value("scores", &[1, 3, 6])],
            output: vec![value("y", &[])],
            initializer: vec![
                ints("5", &[5]),
                ints("0", &[0]),
                ints("-1", &[-1]),
                ints("2", &[2]),
                ints("all", &[i64::MAX]),
                ints("flat", &[-1]),
                ints("pairs", &[-1, 9]),
            ],
            ..GraphProto::default()
        };
        let set = OperatorSetIdProto { domain: String::new(), version: 13 };
        let model =
            ModelProto { graph: Some(graph), opset_import: vec![set], ..ModelProto::default() };
        import(model.encode_to_vec(), None, &Options::new("net"))
    }

    /// Exact: the largest shape, and the axis whose length a pass tells.
    #[test]
    fn what_reads_boxes_follows_their_number() {
        let whole = read_by(&[("Identity", &["n"], "y", &[])]).expect("imported");
        assert_eq!(
            (&whole.outputs[0].shape[..], whole.outputs[0].counted),
            (&[15, 3][..], Some(0))
        );
        let turned = read_by(&[("Transpose", &["n"], "t", &[]), ("Relu", &["t"], "y", &[])]);
        let turned = turned.expect("imported");
        assert_eq!(
            (&turned.outputs[0].shape[..], turned.outputs[0].counted),
            (&[3, 15][..], Some(1))
        );
        let first = read_by(&[("Slice", &["n", "0", "2", "0"], "y", &[])]).expect("imported");
        assert_eq!((&first.outputs[0].shape[..], first.outputs[0].counted), (&[2, 3][..], Some(0)));
        let one = read_by(&[
            ("Gather", &["n", "2"], "g", &[("axis", 1)]),
            ("Gather", &["x", "g"], "y", &[("axis", 1)]),
        ]);
        let one = one.expect("imported");
        assert_eq!(
            (&one.outputs[0].shape[..], one.outputs[0].counted),
            (&[1, 15, 1, 4][..], Some(1))
        );
    }

    /// Exact: a length that no pass but the longest has must not come into the net.
    #[test]
    fn what_needs_the_number_of_boxes_is_refused() {
        for readers in [
            &[
                ("Shape", &["n"][..], "s", &[][..]),
                ("Cast", &["s"], "c", &[("to", 1)]),
                ("Mul", &["x", "c"], "y", &[]),
            ][..],
            &[("Slice", &["n", "-1", "all", "0"], "y", &[])],
            &[("Gather", &["n", "-1"], "y", &[("axis", 0)])],
            &[("Reshape", &["n", "flat"], "r", &[]), ("Relu", &["r"], "y", &[])],
            &[("Reshape", &["n", "pairs"], "r", &[]), ("Relu", &["r"], "y", &[])],
            &[("Cast", &["n"], "c", &[("to", 1)]), ("TopK", &["c", "5"], "y", &[("axis", 0)])],
        ] {
            let error = read_by(readers).expect_err("refused");
            let Error::Unsupported { nodes, .. } = &error else { panic!("{readers:?}: {error}") };
            assert_eq!(nodes[0].reason, Some(Unsupported::Counted), "{readers:?}: {error}");
        }
        // None at all are a constant.
        let error = read_by(&[("NonMaxSuppression", &["x", "scores"], "y", &[])]);
        assert!(matches!(error, Err(Error::ConstantOutput { .. })));
    }
}
