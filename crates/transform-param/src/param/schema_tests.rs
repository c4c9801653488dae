//! The tables of the parameters are those of `proto/transform.proto`.

use super::table::Field;
use super::*;

/// A table: the schema's name of the message, and its fields.
fn tables() -> Vec<(&'static str, Vec<Field>)> {
    vec![
        ("TransformationParameter", TransformParam::fields()),
        ("ResizeParameter", ResizeParam::fields()),
        ("TransformOp", TransformOp::fields()),
        ("NoiseParameter", NoiseParam::fields()),
        ("SaltPepperParameter", SaltPepperParam::fields()),
        ("EmitConstraint", EmitConstraint::fields()),
        ("DistortionParameter", DistortParam::fields()),
        ("ExpansionParameter", ExpandParam::fields()),
        ("AnnotatedDataParameter", AnnotatedDataParam::fields()),
        ("BatchSampler", BatchSampler::fields()),
        ("Sampler", Sampler::fields()),
        ("SampleConstraint", SampleConstraint::fields()),
    ]
}

fn enumerations() -> Vec<(&'static str, &'static [(&'static str, u32)])> {
    vec![
        ("ResizeParameter.Resize_mode", ResizeMode::VALUES),
        ("ResizeParameter.Pad_mode", PadMode::VALUES),
        ("ResizeParameter.Interp_mode", Interpolation::VALUES),
        ("TransformOp.Op", Op::VALUES),
        ("EmitConstraint.EmitType", EmitType::VALUES),
        ("AnnotationType", AnnotationType::VALUES),
    ]
}

/// Exact: names, numbers, types, how many values, and what a field is without one.
#[test]
fn the_tables_are_the_schema() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");
    let set = protox::compile(["transform.proto"], [folder]).expect("a sound schema");
    let file = set.file.iter().find(|file| file.name() == "transform.proto").expect("the file");
    let mut differences = Vec::new();
    let tables = tables();
    let mut names: Vec<&str> = tables.iter().map(|(name, _)| *name).collect();
    let mut messages: Vec<&str> = file.message_type.iter().map(|message| message.name()).collect();
    names.sort_unstable();
    messages.sort_unstable();
    assert_eq!(names, messages);
    let mut found = Vec::new();
    let all = |prefix: String, of: &[_]| -> Vec<(String, Vec<(String, i32)>)> {
        let values = |kind: &protox::prost_reflect::prost_types::EnumDescriptorProto| {
            let values = kind.value.iter().map(|value| (value.name().to_owned(), value.number()));
            (format!("{prefix}{}", kind.name()), values.collect())
        };
        of.iter().map(values).collect()
    };
    found.extend(all(String::new(), &file.enum_type));
    for message in &file.message_type {
        found.extend(all(format!("{}.", message.name()), &message.enum_type));
        let (_, fields) =
            tables.iter().find(|(name, _)| *name == message.name()).expect("compared above");
        let expected: Vec<String> = message
            .field
            .iter()
            .map(|field| {
                let kind = match field.type_name().strip_prefix(".caffe.") {
                    Some(name) => name.to_owned(),
                    None => format!("{:?}", field.r#type()).to_lowercase(),
                };
                let default = match (message.name(), field.name()) {
                    // Whether it is given matters, so that it has no value by default.
                    ("TransformOp", "padding") => "",
                    _ => field.default_value(),
                };
                let repeated = format!("{:?}", field.label()) == "Repeated";
                format!("{} {} {repeated} {kind} {default}", field.number(), field.name())
            })
            .collect();
        let ours: Vec<String> = fields
            .iter()
            .map(|field| {
                let Field { number, name, repeated, kind, default } = field;
                format!("{number} {name} {repeated} {kind} {default}")
            })
            .collect();
        if ours != expected {
            differences.push(format!("{}:\n{ours:#?}\n{expected:#?}", message.name()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let mut ours: Vec<(String, Vec<(String, i32)>)> = enumerations()
        .into_iter()
        .map(|(name, values)| {
            let value = |&(name, number): &(&str, u32)| {
                (name.to_owned(), i32::try_from(number).expect("small"))
            };
            (name.to_owned(), values.iter().map(value).collect())
        })
        .collect();
    ours.sort();
    found.sort();
    assert_eq!(ours, found);
}
