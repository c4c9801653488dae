//! Boxes by their corners, as parts of the picture.

use umodel::layers::BoxCode;

use super::Object;
use crate::error::KernelError;
use crate::layers::boxes;

/// Left, top, right, bottom.
pub(super) type Corners = [f32; 4];

/// A default box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prior {
    pub(super) corners: Corners,
    /// What the four numbers of a coded box are multiplied by.
    pub(super) variances: [f32; 4],
}

impl Prior {
    /// Those of a PriorBox layer's top: the boxes, then their variances.
    pub(super) fn all(values: &[f32]) -> Vec<Prior> {
        let (boxes, variances) = values.split_at(values.len() / 2);
        let pairs = boxes.as_chunks::<4>().0.iter().zip(variances.as_chunks::<4>().0);
        pairs.map(|(&corners, &variances)| Prior { corners, variances }).collect()
    }
}

/// Width and height.
fn sides([left, top, right, bottom]: Corners) -> [f32; 2] {
    [right - left, bottom - top]
}

fn centre([left, top, right, bottom]: Corners) -> [f32; 2] {
    [(left + right) / 2.0, (top + bottom) / 2.0]
}

/// The area that two boxes share, divided by the one that they cover.
pub(super) fn overlap(a: Corners, b: Corners) -> f32 {
    boxes::Corners::new(a).overlap(&boxes::Corners::new(b))
}

/// An object in the numbers that a prior's location should have.
pub(super) fn encode(
    prior: &Prior,
    index: usize,
    code: BoxCode,
    variance_in_target: bool,
    object: &Object,
) -> Result<[f32; 4], KernelError> {
    let divided = |values: [f32; 4]| match variance_in_target {
        true => values,
        false => std::array::from_fn(|side| values[side] / prior.variances[side]),
    };
    let [width, height] = sides(prior.corners);
    let offsets: [f32; 4] = std::array::from_fn(|side| object.corners[side] - prior.corners[side]);
    if code == BoxCode::Corner {
        return Ok(divided(offsets));
    }
    let empty = |sides: [f32; 2]| !(sides[0] > 0.0 && sides[1] > 0.0);
    if empty([width, height]) {
        let corners = Box::new(prior.corners);
        return Err(KernelError::EmptyBox { which: "prior box", index, corners });
    }
    if code == BoxCode::CornerSize {
        let [left, top, right, bottom] = offsets;
        return Ok(divided([left / width, top / height, right / width, bottom / height]));
    }
    let found = sides(object.corners);
    if empty(found) {
        let (index, corners) = (object.index, Box::new(object.corners));
        return Err(KernelError::EmptyBox { which: "ground truth's box", index, corners });
    }
    let ([x, y], [from_x, from_y]) = (centre(object.corners), centre(prior.corners));
    let [wider, taller] = [(found[0] / width).ln(), (found[1] / height).ln()];
    Ok(divided([(x - from_x) / width, (y - from_y) / height, wider, taller]))
}

/// The box that a location stands for.
pub(super) fn decode(
    prior: &Prior,
    code: BoxCode,
    variance_in_target: bool,
    location: [f32; 4],
) -> Corners {
    let location: [f32; 4] = match variance_in_target {
        true => location,
        false => std::array::from_fn(|side| prior.variances[side] * location[side]),
    };
    let [width, height] = sides(prior.corners);
    let [left, top, right, bottom] = prior.corners;
    match code {
        BoxCode::Corner => std::array::from_fn(|side| prior.corners[side] + location[side]),
        BoxCode::CornerSize => [
            left + location[0] * width,
            top + location[1] * height,
            right + location[2] * width,
            bottom + location[3] * height,
        ],
        BoxCode::CenterSize => {
            let [from_x, from_y] = centre(prior.corners);
            let (x, y) = (location[0] * width + from_x, location[1] * height + from_y);
            let half = [location[2].exp() * width / 2.0, location[3].exp() * height / 2.0];
            [x - half[0], y - half[1], x + half[0], y + half[1]]
        }
    }
}

/// The places of boxes that no better one overlaps more than the threshold, the best first.
pub(super) fn suppress(
    found: &[Corners],
    scores: &[f32],
    threshold: f32,
    top_k: i32,
) -> Vec<usize> {
    // Negative stands for all.
    let most = usize::try_from(top_k).unwrap_or(usize::MAX);
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let corners: Vec<boxes::Corners> =
        found.iter().map(|&corners| boxes::Corners::new(corners)).collect();
    // Caffe leaves out the smallest boxes.
    let small = |place: &usize| corners[*place].area() < 1e-5;
    let order = order.into_iter().take(most).filter(|place| !small(place));
    let better = |better: usize, place: usize| corners[better].overlap(&corners[place]) > threshold;
    boxes::undropped(order, better)
}
