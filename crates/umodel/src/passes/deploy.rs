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
    // From the end, so that a chain of layers that fed only the removed ones goes as a whole: readers stand behind what
    // they read, so that all that are left are known.
    let mut counts = reader_counts(&kept);
    let mut alive: Vec<LayerSpec> = Vec::with_capacity(kept.len());
    for spec in kept.into_iter().rev() {
        let read = |top: &String| counts.get(top).is_some_and(|&count| count > 0);
        let lost = |top: &String| !read(top) && before.contains_key(top);
        let output = |top: &String| !read(top) && !before.contains_key(top);
        let dead = matches!(spec.op.role(), Role::Presents | Role::Split)
            && spec.tops.iter().any(lost)
            && !spec.tops.iter().any(|top| read(top) || output(top));
        if dead {
            for bottom in &spec.bottoms {
                counts.entry(bottom.clone()).and_modify(|count| *count -= 1);
            }
        } else {
            alive.push(spec);
        }
    }
    alive.reverse();
    Net::from_specs(net.name(), alive)
}
