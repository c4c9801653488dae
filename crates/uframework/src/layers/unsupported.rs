//! Layer types that nets may have but that are not run: an explicit list, so that a new type has to be thought about.

use umodel::layers::{Hdf5Output, Python, VideoData, WindowData};
use umodel::{Arithmetic, Obstacle};

use super::{Kernel, Site, Work};
use crate::error::KernelError;

macro_rules! unsupported {
    ($($text:literal => $name:ident: $error:expr),* $(,)?) => {
        /// The types of layers that nets may have but that are not run.
        pub const NOT_COMPUTED: &[&str] = &[$($text),*];

        $(impl Kernel for $name {
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                let error: fn(&Site<'_>) -> KernelError = $error;
                Err(error(site))
            }

            fn i8(&self, site: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
                self.f32(site)
            }
        })*
    };
}

unsupported! {
    "HDF5Output" => Hdf5Output: |_| Obstacle::Hdf5Output.into(),
    "Python" => Python: |_| Obstacle::Python.into(),
    "VideoData" => VideoData: |_| Obstacle::Video.into(),
    "WindowData" => WindowData: |_| Obstacle::Windows.into(),
}
