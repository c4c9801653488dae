use super::Facts;
use crate::Shape;
use crate::error::{LayerError, Obstacle};

layer! {
    /// Frames of a video or a camera.
    ///
    /// # Shapes
    /// tops: frames, perhaps labels; known with the video.
    ///
    /// # Source
    /// SSD, VideoDataLayer.
    VideoData from video_data_param {
        /// The camera.
        device_id: i32,
        /// The video, if it is no camera.
        video_file: String,
        /// Frames that are skipped between two.
        skip_frames: usize,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let _ = (bottoms, tops);
        Err(Obstacle::Video.into())
    }
}
