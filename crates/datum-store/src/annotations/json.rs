use serde_json::Value;

use super::{Annotations, AnnotationsFault, Collector, LabelMap, integer, unknown};

/// `image` with `height` and `width`, and `annotation`, a list of objects with `category_id` (a name
/// of the label map), `bbox` (x, y, width, height in pixels) and `iscrowd`.
pub(super) fn parse(
    text: &str,
    size: [usize; 2],
    labels: &LabelMap,
) -> Result<Annotations, AnnotationsFault> {
    let root: Value =
        serde_json::from_str(text).map_err(|error| AnnotationsFault::Json(error.into()))?;
    let length = |name| {
        let value = root.get("image").and_then(|image| image.get(name))?;
        integer(&word(value)?).map(i64::from)
    };
    let noted = length("height").zip(length("width")).map(|(height, width)| [height, width]);
    let mut collector = Collector::new(size, noted)?;
    let objects = root.get("annotation").and_then(Value::as_array);
    let objects = objects.ok_or(AnnotationsFault::NoObjects)?;
    for (index, object) in objects.iter().enumerate() {
        let name = object.get("category_id").and_then(word);
        let name = name.ok_or(AnnotationsFault::NoCategory { index })?;
        let label = labels.label(&name).ok_or_else(|| unknown(&name))?;
        let corners = object.get("bbox").and_then(Value::as_array).and_then(|items| {
            let items: Vec<f32> = items.iter().filter_map(number).collect();
            <[f32; 4]>::try_from(items).ok()
        });
        let [x, y, width, height] = corners.ok_or(AnnotationsFault::NoBox { index })?;
        let crowd = object.get("iscrowd").and_then(word).and_then(|word| integer(&word));
        let object = collector.add(label);
        collector.set_box(object, [x, y, x + width, y + height], crowd.unwrap_or(0) != 0);
    }
    Ok(collector.annotations)
}

/// A number or string as it is written.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<f32> {
    word(value)?.parse().ok().filter(|number: &f32| number.is_finite())
}
