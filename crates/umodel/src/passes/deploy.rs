use std::collections::HashSet;

use crate::LayerSpec;
use crate::error::Error;
use crate::layers::{Input, Role};
use crate::net::Net;
use crate::passes::reader_counts;

/// Turns a test net into a deploy net: layers that bring [pictures](crate::LayerOp::pictures) become Input layers of
/// the same name, labels and what depends on them go, and so does whatever only served them.
///
/// ```text
/// Data ─► conv ─► ip ─► Softmax ─► prob        Input ─► conv ─► ip ─► Softmax ─► prob
///   └label─────────┴─► Accuracy           ⇒
/// ```
///
/// # Errors
/// None for a net that was valid before; the new net is checked again all the same.
pub fn deploy(net: &Net) -> Result<Net, Error> {
    let before = reader_counts(&net.specs());
    let mut labels = HashSet::new();
    let mut kept: Vec<LayerSpec> = Vec::new();
    for mut spec in net.specs() {
        if let Some(pictures) = spec.op.pictures() {
            labels.extend(spec.tops.drain(pictures..));
            let shapes = spec.source_shapes.drain(..pictures).collect();
            spec.op = Input { shapes, int8_scale: None }.into();
            spec.forget_parameters();
        } else if spec.bottoms.iter().any(|bottom| labels.contains(bottom)) {
            labels.extend(spec.tops);
            continue;
        }
        kept.push(spec);
    }
    // From the end, so that a chain of layers that fed only the removed ones goes as a whole.
    loop {
        let counts = reader_counts(&kept);
        let dead = |spec: &LayerSpec| {
            let lost = |top: &String| !counts.contains_key(top) && before.contains_key(top);
            let output = |top: &String| !counts.contains_key(top) && !before.contains_key(top);
            matches!(spec.op.role(), Role::Presents | Role::Split)
                && spec.tops.iter().any(lost)
                && !spec.tops.iter().any(|top| counts.contains_key(top) || output(top))
        };
        let alive = kept.iter().filter(|spec| !dead(spec)).count();
        if alive == kept.len() {
            break;
        }
        kept.retain(|spec| !dead(spec));
    }
    Net::from_specs(net.name(), kept)
}
