use super::data::{Data, check_message, decoded, encoded};
use super::{Facts, LayerParam, unknown_tops};
use crate::Shape;
use crate::error::{Count, LayerError};
use crate::proto::{AnnotatedDataParameter, LayerParameter};

/// Batches of preprocessed pictures and the boxes on them, read from a database.
///
/// # Shapes
/// tops: pictures `[batch_size, C, H, W]` and, optionally, boxes `[1, 1, boxes, 8]`, each row
/// `[item, group_label, instance_id, xmin, ymin, xmax, ymax, difficult]`; a batch without boxes has one
/// row of −1. The number of rows is that of the first record; each batch brings its own. Databases
/// without annotations give labels `[batch_size, 1, 1, 1]`. A [`Sources`](crate::Sources) tells the shapes.
///
/// # Source
/// SSD, AnnotatedDataLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct AnnotatedData {
    /// The database and how its pictures are preprocessed.
    pub data: Data,
    /// `annotated_data_param`: an AnnotatedDataParameter message in wire format, for the
    /// transform-param crate to decode and check; empty if there is none.
    pub annotated: Vec<u8>,
}

impl LayerParam for AnnotatedData {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let annotated = encoded("annotated_data_param", &layer.annotated_data_param)?;
        Ok(AnnotatedData { data: Data::parse(layer)?, annotated })
    }

    fn write(&self, layer: &mut LayerParameter) {
        self.data.write(layer);
        layer.annotated_data_param = decoded::<AnnotatedDataParameter>(&self.annotated);
    }

    fn check(&self) -> Result<(), LayerError> {
        self.data.check()?;
        check_message::<AnnotatedDataParameter>("annotated_data_param", &self.annotated)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::pictures(true)
    }

    /// Boxes, of which each batch has as many as it has.
    fn counted_axis(&self, top: usize, shape: &[usize]) -> Option<usize> {
        (top == 1 && matches!(shape, [1, 1, _, 8])).then_some(2)
    }

    /// Only the number of bottoms and tops; the shapes come from a [`Sources`](crate::Sources).
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, Count::Either(1, 2))
    }
}
