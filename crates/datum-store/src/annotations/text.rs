use super::{Annotations, Collector, Warning, long};
use crate::excerpt::excerpt;

/// `LABEL XMIN YMIN XMAX YMAX` one after the other, in pixels of the picture of this height and
/// width. What is not a number ends it.
pub(super) fn parse(text: &str, size: [usize; 2]) -> Annotations {
    // A picture of no size has no boxes to divide.
    let noted = size.map(long);
    let Ok(mut collector) = Collector::new(size, Some(noted)) else {
        return Annotations::default();
    };
    let mut words = text.split_ascii_whitespace().peekable();
    while let Some(label) = words.next_if(|word| word.parse::<i32>().is_ok()) {
        let mut corners = [0.0f32; 4];
        let mut found = 0;
        for corner in &mut corners {
            let word = words.next_if(|word| word.parse::<f32>().is_ok_and(f32::is_finite));
            let Some(word) = word else { break };
            *corner = word.parse().unwrap_or_default();
            found += 1;
        }
        if found < 4 {
            collector.warn(Warning::CutObject);
            break;
        }
        let object = collector.add(label.parse().unwrap_or_default());
        collector.set_box(object, corners, false);
    }
    if let Some(word) = words.peek() {
        collector.warn(Warning::EndsAt { word: excerpt(word) });
    }
    collector.annotations
}
