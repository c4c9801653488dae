//! Boxes as a blob.

use datum_store::AnnotationGroup;

/// Values of a row.
pub(super) const WIDTH: usize = 8;

/// One row for each box of a batch: `[item, group_label, instance_id, xmin, ymin, xmax, ymax,
/// difficult]`; a single row of −1 if there is none.
///
/// # Source
/// SSD, AnnotatedDataLayer.
pub(super) fn rows(items: &[Vec<AnnotationGroup>]) -> Vec<f32> {
    let mut rows = Vec::new();
    for (item, groups) in items.iter().enumerate() {
        for group in groups {
            for annotation in &group.annotations {
                let bbox = &annotation.bbox;
                rows.extend([
                    item as f32,
                    group.label as f32,
                    annotation.instance_id as f32,
                    bbox.xmin,
                    bbox.ymin,
                    bbox.xmax,
                    bbox.ymax,
                    f32::from(u8::from(bbox.difficult)),
                ]);
            }
        }
    }
    if rows.is_empty() {
        rows.resize(WIDTH, -1.0);
    }
    rows
}
