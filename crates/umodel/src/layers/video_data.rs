use super::unknown_tops;
use crate::Shape;
use crate::error::LayerError;

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

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, 1..=2, "1 or 2")
    }
}
