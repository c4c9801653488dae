use super::{Facts, nchw, one, product};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};

layer! {
    /// The activation of a YOLO map, cut into coordinates, objectness and classes.
    ///
    /// # Shapes
    /// bottom `[N, boxes·(coords + 1 + classes), H, W]`, its channels all boxes' x, then all their y, widths, heights,
    /// objectness, and each class; tops: coordinates `[N, boxes·coords, p(H·W)]`, objectness `[N, p(boxes·H·W)]`,
    /// classes `[N, classes, p(boxes·H·W)]`, where p(n) is n, rounded up to a multiple of 16, plus 16. What stands
    /// behind the values is 0 here; the source does not say.
    ///
    /// # Formula
    /// x, y and the objectness pass the logistic function, as do the classes; width and height stay. In V2, `softmax`
    /// makes it the softmax of the classes; `background` leaves the objectness as it is and, with `softmax`, makes it
    /// one of the classes of the softmax.
    ///
    /// # Source
    /// Huawei's Ascend: the operator Yolo of its operator specifications, and the guide to its Caffe layers (number
    /// 199).
    Yolo from yolo_param {
        /// Boxes at each position.
        boxes: i32,
        /// Coordinates of a box.
        coords: i32,
        /// Classes.
        classes: i32,
        /// `V2` or `V3`.
        yolo_version: String,
        /// Softmax instead of logistic functions for the classes.
        softmax: bool,
        /// Whether the objectness is that of the background.
        background: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        for (field, value) in [("yolo_param.boxes", self.boxes), ("yolo_param.classes", self.classes)] {
            if value < 1 {
                return Err(LayerError::bad(field, value, ValueError::AtLeast(1)));
            }
        }
        if self.coords != 4 {
            return Err(LayerError::bad("yolo_param.coords", self.coords, ValueError::Coordinates));
        }
        if !["V2", "V3"].contains(&self.yolo_version.as_str()) {
            let (field, value) = ("yolo_param.yolo_version", &self.yolo_version);
            return Err(LayerError::bad(field, format_args!("{value:?}"), ValueError::YoloVersion));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        one(bottoms)?;
        let [boxes, classes] = [self.boxes, self.classes].map(|size| usize::try_from(size).unwrap_or(0));
        let [items, _, height, width] = map(bottoms, 0, product(&[boxes, classes.saturating_add(5)]))?;
        if tops != 3 {
            return Err(LayerError::tops(Count::Exactly(3), tops));
        }
        let all = padded(product(&[boxes, height, width]));
        let coordinates = vec![items, 4 * boxes, padded(product(&[height, width]))];
        Ok(vec![coordinates, vec![items, all], vec![items, classes, all]])
    }
}

/// The length of an axis of a Yolo layer's tops: values aligned to 32 bytes of half precision, and as much behind them.
fn padded(values: usize) -> usize {
    values.div_ceil(16).saturating_mul(16).saturating_add(16)
}

/// The shape of a head's map: four axes with so many channels, and the first one's items.
pub(super) fn map(
    bottoms: &[&[usize]],
    index: usize,
    channels: usize,
) -> Result<[usize; 4], LayerError> {
    let found = bottoms[index];
    let shape @ [_, _, height, width] = nchw(found)?;
    let items = bottoms[0].first().copied().unwrap_or(1);
    let expected = vec![items, channels, height, width];
    match found == expected.as_slice() {
        true => Ok(shape),
        false => Err(LayerError::BottomShape { index, expected, found: found.to_vec() }),
    }
}

/// Checks anchors, and the threshold of a suppression, of fields of these names.
pub(super) fn check_head(
    [anchors, threshold]: [&'static str; 2],
    biases: &[f32],
    expected: usize,
    nms_threshold: f32,
) -> Result<(), LayerError> {
    let found = biases.len();
    if found != expected {
        let reason = ValueError::Anchors { expected, found };
        return Err(LayerError::bad(anchors, format_args!("{biases:?}"), reason));
    }
    if let Some(side) = biases.iter().find(|side| !(**side > 0.0 && side.is_finite())) {
        return Err(LayerError::bad(anchors, side, ValueError::Positive));
    }
    if nms_threshold.is_nan() || nms_threshold < 0.0 {
        return Err(LayerError::bad(threshold, nms_threshold, ValueError::NotNegative));
    }
    Ok(())
}
