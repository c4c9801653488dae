//! Buffers of whole pictures. Their size comes from a file, so that the memory may not be there: that is
//! an error of this picture and not the end of the program.

use crate::error::Error;

/// A buffer with room for so many values.
pub(crate) fn room<T>(count: usize) -> Result<Vec<T>, Error> {
    let mut buffer = Vec::new();
    let bytes = count.saturating_mul(size_of::<T>());
    buffer.try_reserve_exact(count).map_err(|_| Error::Memory { bytes })?;
    Ok(buffer)
}

/// So many zeros.
pub(crate) fn zeros<T: Copy + Default>(count: usize) -> Result<Vec<T>, Error> {
    let mut buffer = room(count)?;
    buffer.resize(count, T::default());
    Ok(buffer)
}

/// Tries whether so many bytes can be allocated. For other crates' buffers, whose failure would end the program.
#[cfg(any(feature = "tiff", feature = "webp"))]
pub(crate) fn probe(bytes: usize) -> Result<(), Error> {
    room::<u8>(bytes).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_not_there_is_an_error() {
        assert!(matches!(zeros::<f32>(usize::MAX / 2), Err(Error::Memory { bytes: usize::MAX })));
        assert_eq!(zeros::<u8>(3).unwrap(), [0; 3]);
    }
}
