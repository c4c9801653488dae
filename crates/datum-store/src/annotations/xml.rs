use roxmltree::{Document, Node, ParsingOptions};

use super::{Annotations, AnnotationsFault, Collector, LabelMap, Warning, integer, unknown};
use crate::bytes::float;
use crate::excerpt::excerpt;

/// `annotation` with `size` and, for each `object`, `name`, `difficult` and `bndbox` in this order.
pub(super) fn parse(
    text: &str,
    size: [usize; 2],
    labels: &LabelMap,
) -> Result<Annotations, AnnotationsFault> {
    // Entities of a DTD are not wanted; the limit is far above any annotation.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 1 << 20, ..Default::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| AnnotationsFault::Xml(error.into()))?;
    let root = document.root_element();
    if !root.has_tag_name("annotation") {
        return Err(AnnotationsFault::Root { found: excerpt(root.tag_name().name()) });
    }
    let noted = child(root, "size");
    let length = |name| {
        let node = noted.and_then(|noted| child(noted, name))?;
        integer(&content(node)).map(i64::from)
    };
    let noted = length("height").zip(length("width")).map(|(height, width)| [height, width]);
    let mut collector = Collector::new(size, noted)?;
    for object in root.children().filter(|node| node.has_tag_name("object")) {
        let mut place = None;
        let mut difficult = false;
        for node in object.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "name" => {
                    let name = content(node);
                    let label = labels.label(&name).ok_or_else(|| unknown(&name))?;
                    place = Some(collector.add(label));
                }
                "difficult" => difficult = content(node) == "1",
                "bndbox" => {
                    let place = place.ok_or(AnnotationsFault::BoxBeforeName)?;
                    let corners = ["xmin", "ymin", "xmax", "ymax"].map(|corner| {
                        let text = child(node, corner).map(content).unwrap_or_default();
                        // SSD reads an int and takes 0 where there is none.
                        let pixel = integer(&text);
                        if pixel.is_none() {
                            collector.warn(Warning::NotWhole { corner, text: excerpt(&text) });
                        }
                        float(pixel.unwrap_or(0).into())
                    });
                    collector.set_box(place, corners, difficult);
                }
                _ => {}
            }
        }
    }
    Ok(collector.annotations)
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// All text directly inside of a node.
fn content(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|child| child.text()).collect()
}
