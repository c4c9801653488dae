use super::{LayerParam, shapes_from};
use crate::Shape;
use crate::blob::shape_message;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Blobs of constant or random values; the fillers are kept as the prototxt has them.
///
/// # Shapes
/// One shape for each top, or one for all.
///
/// # Source
/// BVLC Caffe, DummyDataLayer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DummyData {
    /// The shapes of the tops; a single one serves all.
    pub shapes: Vec<Shape>,
}

impl LayerParam for DummyData {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.dummy_data_param;
        let sides = [&p.num, &p.channels, &p.height, &p.width];
        if sides.iter().all(|side| side.is_empty()) {
            return Ok(DummyData { shapes: shapes_from("dummy_data_param.shape", &p.shape)? });
        }
        let tops = layer.top.len();
        if !p.shape.is_empty() || sides.iter().any(|side| side.len() != 1 && side.len() != tops) {
            return Err(LayerError::BadValue {
                field: "dummy_data_param.num",
                value: format!("{:?}", p.num),
                reason: "num, channels, height, width: one of each or one for each top, and no shape"
                    .into(),
            });
        }
        let at = |side: &[u32], index: usize| match side {
            [all] => *all as usize,
            each => each[index] as usize,
        };
        let shape = |index| sides.map(|side| at(side, index)).to_vec();
        Ok(DummyData { shapes: (0..tops).map(shape).collect() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.dummy_data_param.mut_or_insert_default();
        for side in [&mut p.num, &mut p.channels, &mut p.height, &mut p.width] {
            side.clear();
        }
        p.shape = self.shapes.iter().map(|shape| shape_message(shape)).collect();
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        if !bottoms.is_empty() {
            return Err(LayerError::BottomCount { expected: "0", found: bottoms.len() });
        }
        match self.shapes.as_slice() {
            _ if tops == 0 => Err(LayerError::TopCount { expected: "1 or more", found: 0 }),
            [shape] => Ok(vec![shape.clone(); tops]),
            shapes if shapes.len() == tops => Ok(shapes.to_vec()),
            _ => {
                let expected = "one for each dummy_data_param.shape";
                Err(LayerError::TopCount { expected, found: tops })
            }
        }
    }
}
