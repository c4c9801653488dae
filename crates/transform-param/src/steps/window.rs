use crate::chance::Chance;
use crate::error::Error;
use crate::frame::centre;
use crate::scene::Scene;

/// `crop_size`, or `crop_h` and `crop_w`: the middle; in training, anywhere. Nothing is cut out yet: the
/// last step takes its values from this part. Without a size the part is the whole picture, and as much is
/// drawn as with one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window(pub(crate) Option<[usize; 2]>);

impl Window {
    pub(crate) fn apply(self, scene: &mut Scene, chance: &mut Chance) -> Result<(), Error> {
        let whole = scene.frame.size();
        let size = self.0.unwrap_or(whole);
        if size[0] > whole[0] || size[1] > whole[1] {
            return Err(Error::Crop { crop: size, picture: whole });
        }
        let offset = if chance.is_none() {
            centre(whole, size)
        } else {
            [0, 1].map(|axis: usize| chance.below(whole[axis] - size[axis] + 1))
        };
        scene.show(offset, size);
        Ok(())
    }
}
