//! The graph node by node.

use std::collections::{HashMap, HashSet};

use super::graph::{End, Node, Resolved};
use super::layout;
use super::ops::{self, Call, Outcome};
use super::proto::GraphDef;
use crate::error::{
    Change, Error, Format, GraphError, InputShapeError, NodeError, OpenShape, Role, Unsupported,
    UnsupportedNode,
};
use crate::graph::{Budget, Importer, Site, Tensor, Value, signed};
use crate::imported::{Imported, Options};

/// Ops that hold what a frozen graph holds in constants.
const VARIABLES: [&str; 7] = [
    "Variable",
    "VariableV2",
    "VarHandleOp",
    "ReadVariableOp",
    "TemporaryVariable",
    "AutoReloadVariable",
    "VarIsInitializedOp",
];

pub(super) fn import(graph: &GraphDef, bytes: u64, options: &Options) -> Result<Imported, Error> {
    let graph = Resolved::new(graph)?;
    let outputs = outputs(&graph, options)?;
    let named = options.inputs.iter().map(|name| graph.end(Role::Input, name));
    let named: Vec<End> = named.collect::<Result<_, _>>()?;
    let mut booleans = HashMap::new();
    for (name, value) in &options.booleans {
        booleans.insert(graph.end(Role::Input, name)?, *value);
    }
    let known = named.iter().chain(booleans.keys()).copied().collect();
    let order = graph.order(&known, &outputs)?;
    let inputs = if named.is_empty() { placeholders(&graph, &order) } else { named };
    let open = switches(&graph, &order).into_iter().filter(|end| !inputs.contains(end));
    for end in open {
        // Training is over.
        booleans.entry(end).or_insert(false);
    }
    let variables = order.iter().filter_map(|&index| graph.node(index));
    let variables: Vec<String> = variables
        .filter(|node| VARIABLES.contains(&node.op))
        .map(|node| node.name.clone())
        .collect();
    if !variables.is_empty() {
        return Err(Error::NotFrozen { names: variables });
    }
    let budget = Budget::new(options.constant_bytes, bytes);
    let mut run = Run {
        importer: Importer::new(&options.name, Format::TensorFlow, budget),
        inputs: inputs.iter().chain(booleans.keys()).copied().collect(),
        dead: HashSet::new(),
        dead_nodes: HashSet::new(),
        blocked: HashSet::new(),
        unsupported: Vec::new(),
        graph: &graph,
    };
    run.define_booleans(&booleans)?;
    let change = run.define_inputs(&inputs, options)?;
    run.importer.batch = change.as_ref().and_then(Change::batch);
    let run_all = |mut run: Run<'_>| {
        for &index in &order {
            run.node(index)?;
        }
        run.finish(&outputs)
    };
    match change {
        Some(change) => run_all(run).map_err(|error| change.explain(error)),
        None => run_all(run),
    }
}

fn outputs(graph: &Resolved, options: &Options) -> Result<Vec<End>, Error> {
    if options.outputs.is_empty() {
        // Files end with the node that they were frozen for.
        let last = graph.nodes.iter().rposition(|node| node.op != "NoOp");
        return Ok(last.map(|node| End { node, output: 0 }).into_iter().collect());
    }
    options.outputs.iter().map(|name| graph.end(Role::Output, name)).collect()
}

/// TensorFlow's number of the type of truth values.
const DT_BOOL: i32 = 10;

fn is_switch(node: &Node<'_>) -> bool {
    node.op == "Placeholder" && node.dtype("dtype") == Some(DT_BOOL)
}

/// Placeholders of values that a net computes with.
fn placeholders(graph: &Resolved, order: &[usize]) -> Vec<End> {
    ends(graph, order, &|node| node.op == "Placeholder" && !is_switch(node))
}

/// Placeholders of truth values, which tell training from inference.
fn switches(graph: &Resolved, order: &[usize]) -> Vec<End> {
    ends(graph, order, &is_switch)
}

fn ends(graph: &Resolved, order: &[usize], wanted: &dyn Fn(&Node<'_>) -> bool) -> Vec<End> {
    let wanted = |&&index: &&usize| graph.node(index).is_some_and(wanted);
    order.iter().filter(wanted).map(|&node| End { node, output: 0 }).collect()
}

struct Run<'a> {
    graph: &'a Resolved<'a>,
    importer: Importer,
    inputs: HashSet<End>,
    /// Outputs of switches where a branch begins that is not taken.
    dead: HashSet<End>,
    /// Nodes of such branches, dead with all their outputs.
    dead_nodes: HashSet<usize>,
    /// Nodes whose outputs are not known, since they or what they need cannot be imported.
    blocked: HashSet<usize>,
    unsupported: Vec<(usize, Option<Unsupported>)>,
}

impl Run<'_> {
    fn define_booleans(&mut self, booleans: &HashMap<End, bool>) -> Result<(), Error> {
        for (&end, &value) in booleans {
            let Some(node) = self.graph.node(end.node) else { continue };
            let room = self.importer.room(&[]).map_err(|source| node_error(node, source))?;
            let value = Value::Constant(Tensor::Bool(room.fill(value)));
            self.importer.define(&self.graph.tensor_name(end), value);
        }
        Ok(())
    }

    /// Gives the first input whose sizes are not those that the graph fixes.
    fn define_inputs(
        &mut self,
        inputs: &[End],
        options: &Options,
    ) -> Result<Option<Change>, Error> {
        let mut change = None;
        let (expected, found) = (inputs.len(), options.shapes.len());
        if found != 0 && found != expected {
            return Err(Error::ShapeCount { expected, found });
        }
        let readers = self.graph.readers();
        for (index, &input) in inputs.iter().enumerate() {
            let name = self.graph.tensor_name(input);
            let Some(node) = self.graph.node(input.node) else { continue };
            let shape = input_shape(node, options.shapes.get(index).map(Vec::as_slice))
                .map_err(|source| Error::InputShape { name: name.clone(), source })?;
            let own = OpenShape(own_shape(node).unwrap_or_default());
            if change.is_none() && own.differs(&shape) {
                change = Some(Change { name: name.clone(), given: shape.clone(), own });
            }
            let order: Vec<usize> = match shape.len() {
                4 => layout::of_input(self.graph, &readers, input).order().to_vec(),
                rank => (0..rank).collect(),
            };
            self.importer
                .input(&name, &shape, &order)
                .map_err(|source| node_error(node, source))?;
        }
        Ok(change)
    }

    fn node(&mut self, index: usize) -> Result<(), Error> {
        let Some(node) = self.graph.node(index) else { return Ok(()) };
        if self.inputs.contains(&End { node: index, output: 0 }) {
            return Ok(());
        }
        if node.op == "Merge" {
            // The other branch may be of any kind.
            return self.merge(index, node);
        }
        if node.inputs.iter().any(|&end| self.is_dead(end)) {
            self.dead_nodes.insert(index);
            return Ok(());
        }
        let Some(operator) = ops::operator(node.op) else {
            let reason = node.op.starts_with("Placeholder").then_some(Unsupported::NotChosen);
            self.block(index, reason);
            return Ok(());
        };
        if node.inputs.iter().any(|&end| self.is_blocked(end)) {
            self.blocked.insert(index);
            return Ok(());
        }
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for &end in &node.inputs {
            let tensor = self.graph.tensor_name(end);
            let Some(value) = self.importer.value(&tensor) else {
                return Err(GraphError::NotWritten { node: node.name.clone(), tensor }.into());
            };
            inputs.push(value.clone());
        }
        let site = Site::new(&node.name, &node.name);
        let mut call = Call { importer: &mut self.importer, node, site: &site, inputs: &inputs };
        match operator(&mut call) {
            Ok(Outcome::Values(values)) => {
                for (output, value) in values.into_iter().enumerate() {
                    let name = self.graph.tensor_name(End { node: index, output });
                    self.importer.define(&name, value);
                }
            }
            Ok(Outcome::Switch { taken, value }) => {
                let [taken, other] = [taken, !taken].map(usize::from);
                let name = self.graph.tensor_name(End { node: index, output: taken });
                self.importer.define(&name, value);
                self.dead.insert(End { node: index, output: other });
            }
            Err(NodeError::Unsupported(reason)) => self.block(index, Some(reason)),
            Err(source) => return Err(node_error(node, source)),
        }
        Ok(())
    }

    fn is_dead(&self, end: End) -> bool {
        let dead = self.dead.contains(&end) || self.dead_nodes.contains(&end.node);
        dead && !self.inputs.contains(&end)
    }

    fn is_blocked(&self, end: End) -> bool {
        self.blocked.contains(&end.node) && !self.inputs.contains(&end)
    }

    fn block(&mut self, index: usize, reason: Option<Unsupported>) {
        self.blocked.insert(index);
        self.unsupported.push((index, reason));
    }

    /// Of two branches the one that is taken, and which of them that was.
    fn merge(&mut self, index: usize, node: &Node<'_>) -> Result<(), Error> {
        let mut inputs = node.inputs.iter().enumerate();
        let Some((branch, &end)) = inputs.find(|&(_, &end)| !self.is_dead(end)) else {
            self.dead_nodes.insert(index);
            return Ok(());
        };
        if self.is_blocked(end) {
            self.blocked.insert(index);
            return Ok(());
        }
        if let Some(value) = self.importer.value(&self.graph.tensor_name(end)).cloned() {
            self.importer.define(&node.name, value);
            let branch = self.importer.integer(signed(branch));
            let branch = branch.map_err(|source| node_error(node, source))?;
            let name = self.graph.tensor_name(End { node: index, output: 1 });
            self.importer.define(&name, branch);
        }
        Ok(())
    }

    fn finish(mut self, outputs: &[End]) -> Result<Imported, Error> {
        if let Some(&dead) = outputs.iter().find(|&&end| self.is_dead(end)) {
            return Err(GraphError::DeadOutput { name: self.graph.tensor_name(dead) }.into());
        }
        // Of the nodes that cannot be imported those count that an output depends on.
        let mut needed = HashSet::new();
        let blocked = |end: &&End| self.is_blocked(**end);
        let mut stack: Vec<usize> = outputs.iter().filter(blocked).map(|end| end.node).collect();
        while let Some(index) = stack.pop() {
            if needed.insert(index) {
                let ends = self.graph.node(index).into_iter().flat_map(|node| &node.inputs);
                stack.extend(ends.filter(blocked).map(|end| end.node));
            }
        }
        let nodes: Vec<UnsupportedNode> = self
            .unsupported
            .drain(..)
            .filter(|(index, _)| needed.contains(index))
            .filter_map(|(index, reason)| {
                let node = self.graph.node(index)?;
                Some(UnsupportedNode { node: node.name.clone(), op: node.op.to_owned(), reason })
            })
            .collect();
        if !nodes.is_empty() {
            return Err(Error::Unsupported { format: Format::TensorFlow, nodes });
        }
        let names: Vec<String> = outputs.iter().map(|&end| self.graph.tensor_name(end)).collect();
        let unknown = |name: &str| self.graph.unknown(Role::Output, name);
        let mut imported = self.importer.finish(&names, true, unknown)?;
        let name = |&node: &usize| self.graph.tensor_name(End { node, output: 0 });
        let between: HashSet<String> = self.graph.between_blocks.iter().map(name).collect();
        imported.tensors.retain(|tensor| !between.contains(&tensor.tensor));
        Ok(imported)
    }
}

/// The shape that the graph says.
fn own_shape(node: &Node<'_>) -> Option<Vec<Option<usize>>> {
    node.shape("shape").filter(|_| node.op.starts_with("Placeholder"))
}

/// The shape that an input gets: the caller's, with as many axes as the graph's; or the graph's, if it leaves only
/// the batch open.
fn input_shape(node: &Node<'_>, given: Option<&[usize]>) -> Result<Vec<usize>, InputShapeError> {
    match (given, own_shape(node)) {
        (Some(given), Some(own)) => {
            // TensorFlow 1.15 writes [] where nothing is known.
            if own.is_empty() || own.len() == given.len() {
                Ok(given.to_vec())
            } else {
                Err(InputShapeError::Differs { given: given.to_vec(), own: OpenShape(own) })
            }
        }
        (Some(given), None) => Ok(given.to_vec()),
        (None, Some(own)) if !own.is_empty() => {
            let sizes = own.iter().enumerate();
            let sizes = sizes.map(|(axis, &size)| size.or((axis == 0).then_some(1)));
            let shape: Option<Vec<usize>> = sizes.collect();
            shape.ok_or(InputShapeError::Open { own: OpenShape(own) })
        }
        (None, _) => Err(InputShapeError::Unknown),
    }
}

fn node_error(node: &Node<'_>, source: NodeError) -> Error {
    Error::Node { node: node.name.clone(), op: node.op.to_owned(), source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::super::proto::{AttrValue, NodeDef, TensorProto, TensorShapeProto};
    use super::super::proto::{attr_value::Value as Attr, tensor_shape_proto::Dim};
    use super::*;

    fn node(name: &str, op: &str, inputs: &[&str]) -> NodeDef {
        NodeDef {
            name: name.to_owned(),
            op: op.to_owned(),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            attr: HashMap::new(),
        }
    }

    fn placeholder(sizes: &[i64]) -> NodeDef {
        let dim = sizes.iter().map(|&size| Dim { size }).collect();
        let shape = Attr::Shape(TensorShapeProto { dim, unknown_rank: false });
        let mut node = node("x", "Placeholder", &[]);
        node.attr.insert("shape".to_owned(), AttrValue { value: Some(shape) });
        node
    }

    fn imported(nodes: Vec<NodeDef>, options: Options) -> Result<Imported, Error> {
        import(&GraphDef { node: nodes, library: None }, 0, &options)
    }

    #[test]
    fn all_unsupported_nodes_that_matter_are_listed() {
        let nodes = vec![
            placeholder(&[1, 4]),
            node("a", "FancyOp", &["x"]),
            node("relu", "Relu", &["a"]),
            node("b", "OtherOp", &["relu"]),
            node("unused", "UnusedOp", &["x"]),
            node("output", "Add", &["b", "x"]),
        ];
        let error = imported(nodes, Options::default()).expect_err("unsupported");
        let Error::Unsupported { nodes, .. } = error else { panic!("{error}") };
        let names: Vec<_> =
            nodes.iter().map(|node| (node.node.as_str(), node.op.as_str())).collect();
        assert_eq!(names, [("a", "FancyOp"), ("b", "OtherOp")]);
    }

    /// Exact: the branch of inference is taken unless the caller says otherwise, and the Placeholder is no input.
    #[test]
    fn training_is_over_unless_it_is_said() {
        let switch = |op: &str| {
            let mut node = node("phase_train", op, &[]);
            node.attr.insert("dtype".to_owned(), AttrValue { value: Some(Attr::Type(DT_BOOL)) });
            node
        };
        let nodes = || {
            vec![
                placeholder(&[1, 4]),
                switch("Placeholder"),
                node("cond", "LogicalNot", &["phase_train"]),
                node("split", "Switch", &["x", "cond"]),
                node("training", "Abs", &["split"]),
                node("inference", "Relu", &["split:1"]),
                node("output", "Merge", &["training", "inference"]),
            ]
        };
        let kinds = |options: Options| {
            let imported = imported(nodes(), options)?;
            let inputs: Vec<_> = imported.inputs.iter().map(|input| input.tensor.clone()).collect();
            assert_eq!(inputs, ["x"]);
            let layers = imported.net.layers();
            Ok::<_, Error>(layers.iter().map(|layer| layer.op.kind()).collect::<Vec<_>>())
        };
        assert_eq!(kinds(Options::default()).expect("valid"), ["Input", "ReLU"]);
        for name in ["phase_train", "phase_train:0"] {
            let options = Options::default().booleans([(name, true)]);
            assert_eq!(kinds(options).expect("valid"), ["Input", "AbsVal"], "{name}");
        }
        let error = kinds(Options::default().booleans([("phase_trian", true)]));
        assert!(matches!(error, Err(Error::UnknownName { .. })));
    }

    /// Exact: quantized training leaves the values of an fp32 net.
    #[test]
    fn fake_quantization_is_passed_over() {
        let nodes = vec![
            placeholder(&[1, 4]),
            node("low", "FakeQuantWithMinMaxArgs", &["x"]),
            node("output", "Relu", &["low"]),
        ];
        let net = imported(nodes, Options::default()).expect("valid").net;
        assert_eq!(net.layers().len(), 2);
    }

    /// Exact: the places of the largest values, without their axis; axes are those of the graph.
    #[test]
    fn arg_max_loses_its_axis() {
        let mut axis = node("axis", "Const", &[]);
        let dims = TensorShapeProto { dim: Vec::new(), unknown_rank: false };
        let tensor = TensorProto {
            dtype: 3,
            tensor_shape: Some(dims),
            int_val: vec![-1],
            ..TensorProto::default()
        };
        axis.attr.insert("value".to_owned(), AttrValue { value: Some(Attr::Tensor(tensor)) });
        let nodes = vec![placeholder(&[2, 5, 3]), axis, node("output", "ArgMax", &["x", "axis"])];
        let imported = imported(nodes, Options::default()).expect("valid");
        assert_eq!(imported.outputs[0].shape, [2, 5]);
        let layers = imported.net.layers().iter().map(|layer| &layer.op);
        let top_k = layers.filter_map(|op| match op {
            umodel::LayerOp::TopK(top_k) => Some((top_k.k, top_k.smallest, top_k.last_of_equals)),
            _ => None,
        });
        assert_eq!(top_k.collect::<Vec<_>>(), [(1, false, false)]);
    }

    #[test]
    fn variables_are_told() {
        let nodes = vec![
            placeholder(&[1, 4]),
            node("w", "VarHandleOp", &[]),
            node("w/read", "ReadVariableOp", &["w"]),
            node("output", "Add", &["x", "w/read"]),
        ];
        let error = imported(nodes, Options::default()).expect_err("not frozen");
        assert!(
            matches!(&error, Error::NotFrozen { names } if names == &["w", "w/read"]),
            "{error}"
        );
    }

    #[test]
    fn shapes_must_be_known_and_fit() {
        let nodes = |sizes: &[i64]| vec![placeholder(sizes), node("output", "Relu", &["x"])];
        let shapes =
            |shape: &[usize]| Options { shapes: vec![shape.to_vec()], ..Options::default() };
        let open = imported(nodes(&[-1, 4]), Options::default()).expect("the batch may be open");
        assert_eq!(open.inputs[0].shape, [1, 4]);
        for (sizes, options) in [
            (&[1, -1][..], Options::default()),
            (&[1, 4], shapes(&[1, 4, 1])),
            (&[-1, -1], shapes(&[1 << 40, 1 << 40])),
        ] {
            assert!(imported(nodes(sizes), options).is_err(), "{sizes:?}");
        }
        assert!(imported(nodes(&[-1, -1]), shapes(&[3, 4])).is_ok());
        // Other sizes than the graph's, where everything fits.
        let other = imported(nodes(&[1, 4]), shapes(&[3, 5])).expect("other sizes");
        assert_eq!(other.outputs[0].shape, [3, 5]);
    }

    /// Exact: a frozen batch, and sizes that a net cannot have.
    #[test]
    fn sizes_may_be_changed_as_far_as_they_fit() {
        use super::super::tensor::dtype;
        let nodes = || {
            let sizes = TensorProto {
                dtype: dtype::INT32,
                int_val: vec![1, 2, 6],
                tensor_shape: Some(TensorShapeProto {
                    dim: vec![Dim { size: 3 }],
                    unknown_rank: false,
                }),
                ..TensorProto::default()
            };
            let mut constant = node("sizes", "Const", &[]);
            let value = AttrValue { value: Some(Attr::Tensor(sizes)) };
            constant.attr.insert("value".to_owned(), value);
            vec![placeholder(&[1, 3, 4]), constant, node("output", "Reshape", &["x", "sizes"])]
        };
        let shapes = |shape: &[usize]| Options::new("net").shapes([shape.to_vec()]);
        let four = imported(nodes(), shapes(&[4, 3, 4])).expect("another batch");
        assert_eq!(four.outputs[0].shape, [4, 2, 6]);
        let error = imported(nodes(), shapes(&[1, 3, 5])).expect_err("15 values");
        assert_eq!(
            crate::hostile::chain(&error),
            "the net cannot have input \"x\" of shape [1, 3, 5] (the model has [1, 3, 4]): node \"output\" \
             (Reshape): shapes do not fit: [1, 3, 5] cannot become [1, 2, 6]"
        );
    }

    #[test]
    fn any_tensor_may_be_an_input() {
        let nodes = vec![
            node("pictures", "StrangeSource", &[]),
            node("mean", "Sub", &["pictures", "pictures"]),
            node("output", "Relu", &["mean"]),
        ];
        let options = Options::new("net").inputs(["mean:0"]).shapes([vec![2, 3, 4, 5]]);
        let imported = imported(nodes, options).expect("imported");
        assert_eq!(imported.inputs[0].blob_shape, [2, 5, 3, 4]);
        assert_eq!(imported.net.layers().len(), 2);
    }

    fn with(mut node: NodeDef, name: &str, value: Attr) -> NodeDef {
        node.attr.insert(name.to_owned(), AttrValue { value: Some(value) });
        node
    }

    /// A constant without axes.
    fn scalar(name: &str, dtype: i32, value: i32) -> NodeDef {
        let tensor = TensorProto {
            dtype,
            int_val: vec![value],
            bool_val: vec![value != 0],
            ..TensorProto::default()
        };
        with(node(name, "Const", &[]), "value", Attr::Tensor(tensor))
    }

    /// `if on { tanh(x) } else { a split of x in twelve parts, of which the last one is read }`.
    fn condition(on: bool) -> Vec<NodeDef> {
        use super::super::tensor::dtype;
        let split = node("split", "Split", &["axis", "switch:0"]);
        vec![
            placeholder(&[1, 12]),
            scalar("on", dtype::BOOL, i32::from(on)),
            scalar("axis", dtype::INT32, 1),
            node("switch", "Switch", &["x", "on"]),
            with(split, "num_split", Attr::I(12)),
            node("last", "Relu", &["split:11"]),
            node("tanh", "Tanh", &["switch:1"]),
            node("merge", "Merge", &["last", "tanh"]),
            node("output", "Abs", &["merge"]),
        ]
    }

    #[test]
    fn a_branch_that_is_not_taken_may_have_any_number_of_outputs() {
        let kinds = |on: bool| -> Vec<&'static str> {
            let net = imported(condition(on), Options::default()).expect("imported").net;
            net.layers().iter().map(|layer| layer.op.kind()).collect()
        };
        assert_eq!(kinds(true), ["Input", "TanH", "AbsVal"]);
        assert_eq!(kinds(false), ["Input", "Slice", "ReLU", "AbsVal"]);
        let error = imported(condition(true), Options::new("net").outputs(["split:10"]));
        let dead = GraphError::DeadOutput { name: "split:10".into() };
        assert!(matches!(error, Err(Error::Graph(found)) if found == dead));
        // An unknown output of a node that is there.
        let error = imported(condition(false), Options::new("net").outputs(["split:12"]));
        assert!(matches!(error, Err(Error::UnknownName { role: Role::Output, .. })));
    }

    #[test]
    fn a_merge_tells_which_branch_it_took() {
        use super::super::tensor::dtype;
        let mut nodes = condition(true);
        nodes.push(scalar("zero", dtype::INT32, 0));
        nodes.push(node("second", "Greater", &["merge:1", "zero"]));
        nodes.push(node("choice", "Select", &["second", "merge", "x"]));
        let options = Options::new("net").outputs(["choice"]);
        let net = imported(nodes, options).expect("imported").net;
        let kinds: Vec<_> = net.layers().iter().map(|layer| layer.op.kind()).collect();
        assert_eq!(kinds, ["Input", "TanH"]);
    }

    #[test]
    fn a_placeholder_that_was_not_chosen_is_named() {
        let nodes = vec![
            placeholder(&[1, 4]),
            node("y", "Placeholder", &[]),
            node("output", "Add", &["x", "y"]),
        ];
        let error = imported(nodes, Options::new("net").inputs(["x"])).expect_err("y is missing");
        let Error::Unsupported { nodes, .. } = error else { panic!("{error}") };
        assert_eq!(nodes[0].reason, Some(Unsupported::NotChosen));
    }
}
