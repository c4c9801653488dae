
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Pictures and labels that the caller fills.
    ///
    /// # Shapes
    /// tops: pictures `[batch_size, channels, height, width]` and labels `[batch_size]`.
    ///
    /// # Source
    /// BVLC Caffe, MemoryDataLayer.
    MemoryData from memory_data_param {
        /// Images at a time.
        batch_size: usize,
        /// Their channels.
        channels: usize,
        /// Their height.
        height: usize,
        /// Their width.
        width: usize,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        if !bottoms.is_empty() {
            return Err(LayerError::BottomCount { expected: "0", found: bottoms.len() });
        }
        if tops != 2 {
            return Err(LayerError::TopCount { expected: "2", found: tops });
        }
        let pictures = vec![self.batch_size, self.channels, self.height, self.width];
        Ok(vec![pictures, vec![self.batch_size]])
    }

    fn check(&self) -> Result<(), LayerError> {
        if [self.batch_size, self.channels, self.height, self.width].contains(&0) {
            return Err(LayerError::BadValue {
                field: "memory_data_param",
                value: format!("{self:?}"),
                reason: "batch_size, channels, height and width must be given".into(),
            });
        }
        Ok(())
    }
}
