use umodel::layers::NonMaxSuppression;

use crate::error::{ShapeError, Unsupported};
use crate::graph::{Importer, Result, Tensor, Value};
use crate::onnx::node::Node;

/// Boxes, classes and pictures at most, so that fp32 has all of their numbers.
const MAX_NUMBERS: usize = 1 << 24;

/// Without a number of boxes, or with 0, there are none.
pub(super) fn non_max_suppression(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (boxes, scores, site) = (node.input(0)?, node.input(1)?, node.site());
    let (&[_, count, 4], &[_, classes, _]) = (boxes.shape(), scores.shape()) else {
        let (a, b) = (boxes.shape().to_vec(), scores.shape().to_vec());
        return Err(ShapeError::Broadcast { a, b }.into());
    };
    if count > MAX_NUMBERS || classes > MAX_NUMBERS {
        return Err(Unsupported::Places { limit: MAX_NUMBERS }.into());
    }
    let most = node.optional_constant(2)?.map_or(Ok(0), Tensor::integer)?;
    // Negative numbers mean as little as 0, and no class has more boxes than there are.
    let most = usize::try_from(most.max(0)).unwrap_or(usize::MAX).min(count);
    if most == 0 {
        return Ok(vec![Tensor::from(importer.room(&[0, 3])?.fill(0i64)).into()]);
    }
    let layer = NonMaxSuppression {
        center_point_box: node.flag("center_point_box", false),
        max_output_boxes_per_class: most,
        iou_threshold: node.optional_constant(3)?.map_or(Ok(0.0), Tensor::number)?,
        score_threshold: node.optional_constant(4)?.map(Tensor::number).transpose()?,
    };
    let boxes = importer.blob(&site.sub("boxes"), boxes)?;
    let boxes = importer.plain(&boxes)?;
    let scores = importer.blob(&site.sub("scores"), scores)?;
    let scores = importer.plain(&scores)?;
    Ok(vec![importer.add(&site, layer, &[&boxes.blob, &scores.blob], vec![])?.into()])
}
