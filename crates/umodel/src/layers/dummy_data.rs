use super::filler::Filler;
use super::{LayerParam, shapes_from};
use crate::Shape;
use crate::blob::shape_message;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Blobs of constant or random values.
///
/// # Shapes
/// One shape for each top, or one for all.
///
/// # Source
/// BVLC Caffe, DummyDataLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct DummyData {
    /// The shapes of the tops; a single one serves all.
    pub shapes: Vec<Shape>,
    /// What the tops are filled with; a single one serves all, none means zeros.
    pub fillers: Vec<Filler>,
}

impl LayerParam for DummyData {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.dummy_data_param;
        let fillers = p.data_filler.iter().map(Filler::parse).collect::<Result<Vec<_>, _>>()?;
        if fillers.len() > 1 && fillers.len() != layer.top.len() {
            return Err(LayerError::BadValue {
                field: "dummy_data_param.data_filler",
                value: fillers.len().to_string(),
                reason: "none, one, or one for each top".into(),
            });
        }
        let sides = [&p.num, &p.channels, &p.height, &p.width];
        if sides.iter().all(|side| side.is_empty()) {
            let shapes = shapes_from("dummy_data_param.shape", &p.shape)?;
            return Ok(DummyData { shapes, fillers });
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
        Ok(DummyData { shapes: (0..tops).map(shape).collect(), fillers })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.dummy_data_param.mut_or_insert_default();
        for side in [&mut p.num, &mut p.channels, &mut p.height, &mut p.width] {
            side.clear();
        }
        let old: Result<Vec<_>, _> = p.data_filler.iter().map(Filler::parse).collect();
        if old.ok().as_ref() != Some(&self.fillers) {
            p.data_filler = self.fillers.iter().map(Filler::message).collect();
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
