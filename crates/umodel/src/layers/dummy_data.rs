use super::filler::Filler;
use super::{Facts, LayerParam, check_shapes, no_bottoms, shapes_from, size};
use crate::Shape;
use crate::blob::shape_message;
use crate::error::{Count, LayerError, ValueError};
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
        let sides = [&p.num, &p.channels, &p.height, &p.width];
        if sides.iter().all(|side| side.is_empty()) {
            let shapes = shapes_from("dummy_data_param.shape", &p.shape)?;
            return Ok(DummyData { shapes, fillers });
        }
        let tops = layer.top.len();
        if !p.shape.is_empty() || sides.iter().any(|side| side.len() != 1 && side.len() != tops) {
            let num = format_args!("{:?}", p.num);
            return Err(LayerError::bad("dummy_data_param.num", num, ValueError::OldShapes));
        }
        let at = |side: &[u32], index: usize| match side {
            [all] => size(*all),
            each => size(each[index]),
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

    fn check(&self) -> Result<(), LayerError> {
        check_shapes("dummy_data_param.shape", &self.shapes)?;
        self.fillers.iter().try_for_each(Filler::check)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        no_bottoms(bottoms)?;
        if self.fillers.len() > 1 && self.fillers.len() != tops {
            let field = "dummy_data_param.data_filler";
            return Err(LayerError::bad(field, self.fillers.len(), ValueError::Fillers));
        }
        match self.shapes.as_slice() {
            _ if tops == 0 => Err(LayerError::tops(Count::AtLeast(1), 0)),
            [shape] => Ok(vec![shape.clone(); tops]),
            shapes if shapes.len() == tops => Ok(shapes.to_vec()),
            _ => Err(LayerError::tops(Count::EachShape("dummy_data_param.shape"), tops)),
        }
    }
}
