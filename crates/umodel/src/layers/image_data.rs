use super::data::{batch_size, decoded, encoded};
use super::{LayerParam, unknown_tops};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, TransformationParameter};

/// Batches of preprocessed pictures and their labels, from files that a list names.
///
/// # Shapes
/// tops: pictures `[batch_size, C, H, W]` and labels `[batch_size]`. C, H and W depend on the pictures and
/// on the preprocessing, so a [`Sources`](crate::Sources) tells them.
///
/// # Source
/// BVLC Caffe, ImageDataLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageData {
    /// The list: a path and a label on each line.
    pub source: String,
    /// What stands before each path, as it is.
    pub root_folder: String,
    /// Pictures in a batch.
    pub batch_size: usize,
    /// In training, fewer than so many pictures are skipped at the start.
    pub rand_skip: usize,
    /// In training, whether the list is shuffled, anew each time it has been read.
    pub shuffle: bool,
    /// The size (h, w) to which pictures are resized, if they are.
    pub new_size: Option<[usize; 2]>,
    /// Three channels instead of one.
    pub is_color: bool,
    /// `transform_param`: a TransformationParameter message in wire format, for the
    /// transform-param crate to decode and check; empty if there is none.
    pub transform: Vec<u8>,
}

impl LayerParam for ImageData {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.image_data_param;
        if p.source().is_empty() {
            return Err(LayerError::MissingField { field: "image_data_param.source" });
        }
        let new_size = match [p.new_height(), p.new_width()] {
            [0, 0] => None,
            [h, w] if h > 0 && w > 0 => Some([h as usize, w as usize]),
            size => {
                return Err(LayerError::BadValue {
                    field: "image_data_param.new_height",
                    value: format!("{size:?}"),
                    reason: "give new_height and new_width, or neither".into(),
                });
            }
        };
        Ok(ImageData {
            source: p.source().to_owned(),
            root_folder: p.root_folder().to_owned(),
            batch_size: batch_size("image_data_param.batch_size", p.batch_size(), 1)?,
            rand_skip: p.rand_skip() as usize,
            shuffle: p.shuffle(),
            new_size,
            is_color: p.is_color(),
            transform: encoded("transform_param", &layer.transform_param)?,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let old = ImageData::parse(layer).ok();
        if old.as_ref() == Some(self) {
            return; // spelled as it was
        }
        let p = layer.image_data_param.mut_or_insert_default();
        p.set_source(self.source.clone());
        p.set_root_folder(self.root_folder.clone());
        p.set_batch_size(self.batch_size as u32);
        p.set_rand_skip(self.rand_skip as u32);
        p.set_shuffle(self.shuffle);
        let [h, w] = self.new_size.unwrap_or_default();
        p.set_new_height(h as u32);
        p.set_new_width(w as u32);
        p.set_is_color(self.is_color);
        layer.transform_param = decoded::<TransformationParameter>(&self.transform);
    }

    /// Only the number of bottoms and tops; the shapes come from a [`Sources`](crate::Sources).
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, 2..=2, "2")
    }
}
