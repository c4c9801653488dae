use super::data::{check_message, check_source, decoded, encoded};
use super::{Facts, LayerParam, check_batch, fit, size, unknown_tops, wire};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::{LayerParameter, TransformationParameter};

/// The pixels that a picture may be resized to: transform_param's limit.
const MAX_AREA: usize = 1 << 26;

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
        let new_size = match [p.new_height(), p.new_width()] {
            [0, 0] => None,
            sides => Some(sides.map(size)),
        };
        Ok(ImageData {
            source: p.source().to_owned(),
            root_folder: p.root_folder().to_owned(),
            batch_size: size(p.batch_size()),
            rand_skip: size(p.rand_skip()),
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
        p.set_batch_size(wire(self.batch_size));
        p.set_rand_skip(wire(self.rand_skip));
        p.set_shuffle(self.shuffle);
        let [h, w] = self.new_size.unwrap_or_default();
        p.set_new_height(wire(h));
        p.set_new_width(wire(w));
        p.set_is_color(self.is_color);
        layer.transform_param = decoded::<TransformationParameter>(&self.transform);
    }

    fn check(&self) -> Result<(), LayerError> {
        check_source("image_data_param.source", &self.source)?;
        if let Some(sides @ [h, w]) = self.new_size {
            let field = "image_data_param.new_height";
            if sides.contains(&0) {
                let reason = ValueError::Neither("new_height", "new_width");
                return Err(LayerError::bad(field, format_args!("{sides:?}"), reason));
            }
            fit(&[(field, h), ("image_data_param.new_width", w)])?;
            // As for every other resizing; it is made for one picture before the blob's shape is known.
            if h.checked_mul(w).is_none_or(|area| area > MAX_AREA) {
                return Err(LayerError::bad(field, format_args!("{h} x {w}"), ValueError::Area));
            }
        }
        check_batch("image_data_param.batch_size", self.batch_size, 1)?;
        fit(&[("image_data_param.rand_skip", self.rand_skip)])?;
        check_message::<TransformationParameter>("transform_param", &self.transform)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::pictures(true)
    }

    /// Only the number of bottoms and tops; the shapes come from a [`Sources`](crate::Sources).
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, Count::Exactly(2))
    }
}
