//! TIFF, as libtiff's RGBA interface gives it to OpenCV.

use std::io::Cursor;

use tiff::ColorType;
use tiff::decoder::{BufferLayoutPreference, Decoder, DecodingResult};
use tiff::tags::{SampleFormat, Tag};

use super::interleaved::{Planes, byte, upper};
use super::orientation::{self, Orientation};
use super::{ColorMode, Limits, decoder, gray, tiff_palette};
use crate::error::{DecodeError, Error};
use crate::format::Format;
use crate::memory;
use crate::pixels::Pixels;

type File<'a> = Decoder<Cursor<&'a [u8]>>;

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let (picture, turn) = match tiff_palette::as_grey(bytes) {
        Some(file) => tiff_palette::decode(&file, mode, limits)?,
        None => decode_direct(bytes, mode, limits)?,
    };
    // OpenCV turns TIFFs in any case.
    orientation::upright(picture, turn)
}

/// A file whose values are colours or grey.
fn decode_direct(
    bytes: &[u8],
    mode: ColorMode,
    limits: &Limits,
) -> Result<(Pixels<u8>, Orientation), Error> {
    let (mut file, size) = open(bytes, limits)?;
    let color = file.colortype().map_err(decoder)?;
    check_sample_format(&mut file, color)?;
    let (channels, wide) = match color {
        ColorType::Gray(1 | 8) => (1, false),
        ColorType::Gray(16) => (1, true),
        ColorType::GrayA(8) => (2, false),
        ColorType::GrayA(16) => (2, true),
        ColorType::RGB(8) => (3, false),
        ColorType::RGB(16) => (3, true),
        ColorType::RGBA(8) | ColorType::CMYK(8) => (4, false),
        ColorType::RGBA(16) | ColorType::CMYK(16) => (4, true),
        ColorType::RGB(32) | ColorType::RGBA(32) => return Err(DecodeError::Floats.into()),
        _ => return Err(unknown()),
    };
    let turn = turn(&mut file);
    let values = channels * size[0] * size[1] * if wide { 2 } else { 1 };
    let file = file.with_limits(decoder_limits(values, size));
    let (values, layout) = read(file, values)?;
    let planar = layout.planes > 1;
    if planar && matches!(color, ColorType::CMYK(_)) {
        return Err(unknown());
    }
    let samples = channels * size[0] * size[1];
    let picture = match (color, values) {
        (ColorType::Gray(1), DecodingResult::U8(packed)) => bilevel(&packed, size, mode)?,
        (ColorType::CMYK(8), DecodingResult::U8(inks)) => cmyk(&inks, size, mode)?,
        (ColorType::CMYK(16), DecodingResult::U16(inks)) => cmyk_16(&inks, size, mode)?,
        (_, DecodingResult::U8(mut values)) if values.len() >= samples => {
            if planar {
                values = interleaved(&values, &layout, channels)?;
            }
            if channels == 4 {
                multiply_by_alpha(&mut values);
            }
            Planes::new(channels, size, mode, &gray::OPENCV, byte)?.rows(&values)
        }
        (_, DecodingResult::U16(mut values)) if values.len() >= samples => {
            if planar {
                values = interleaved(&values, &layout, channels)?;
            }
            sixteen_bits(&values, channels, size, mode)?
        }
        _ => return Err(DecodeError::Truncated { format: Format::Tiff }.into()),
    };
    Ok((picture, turn))
}

/// The file's first picture, and its size (h, w) once it is within the limits.
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(File<'a>, [usize; 2]), Error> {
    let mut file = Decoder::new(Cursor::new(bytes)).map_err(decoder)?;
    let (width, height) = file.dimensions().map_err(decoder)?;
    let size = limits.check(width.into(), height.into())?;
    Ok((file, size))
}

pub(super) fn unknown() -> Error {
    DecodeError::Layout { format: Format::Tiff }.into()
}

/// Numbers must be whole, and floats have 32 bits; floats are refused with a reason of their own.
fn check_sample_format(file: &mut File, color: ColorType) -> Result<(), Error> {
    let formats = file.find_tag_unsigned_vec::<u16>(Tag::SampleFormat).map_err(decoder)?;
    for format in formats.unwrap_or_default() {
        match (SampleFormat::from_u16(format), color) {
            (Some(SampleFormat::Uint), _) => {}
            (Some(SampleFormat::IEEEFP), ColorType::Gray(32) | ColorType::GrayA(32)) => {
                return Err(DecodeError::Floats.into());
            }
            (Some(SampleFormat::IEEEFP), ColorType::RGB(32) | ColorType::RGBA(32)) => {}
            _ => return Err(unknown()),
        }
    }
    Ok(())
}

/// How the picture is to be turned; a tag without a meaning is none.
pub(super) fn turn(file: &mut File) -> Orientation {
    let tag = file.find_tag(Tag::Orientation).ok().flatten();
    tag.and_then(|value| Orientation::from_tag(value.into_u16().ok()?)).unwrap_or_default()
}

/// Bounds for a picture of so many bytes: what the decoder needs besides is in proportion to its size.
pub(super) fn decoder_limits(bytes: usize, [h, w]: [usize; 2]) -> tiff::decoder::Limits {
    let mut limits = tiff::decoder::Limits::default();
    limits.decoding_buffer_size = bytes;
    limits.intermediate_buffer_size = (h * w).saturating_mul(16).saturating_add(1 << 26) - bytes;
    limits.ifd_value_size = limits.intermediate_buffer_size;
    limits
}

/// All values of all planes.
pub(super) fn read(
    mut file: File,
    bytes: usize,
) -> Result<(DecodingResult, BufferLayoutPreference), Error> {
    // The decoder cannot report that its buffer could not be allocated: it is tried first.
    memory::probe(bytes)?;
    let mut values = DecodingResult::U8(Vec::new());
    let layout = file.read_image_to_buffer(&mut values).map_err(decoder)?;
    if values.as_buffer(0).as_bytes().len() < layout.complete_len {
        return Err(DecodeError::Truncated { format: Format::Tiff }.into());
    }
    Ok((values, layout))
}

/// From a plane for each channel to pixels.
fn interleaved<T: Copy + Default>(
    values: &[T],
    layout: &BufferLayoutPreference,
    channels: usize,
) -> Result<Vec<T>, Error> {
    let stride = layout.plane_stride.map_or(0, |stride| stride.get()) / size_of::<T>();
    let planes = values.chunks_exact(stride.max(1)).take(channels);
    if planes.len() < channels {
        return Err(DecodeError::Truncated { format: Format::Tiff }.into());
    }
    let mut pixels = memory::zeros(stride * channels)?;
    for (channel, plane) in planes.enumerate() {
        let places = pixels.iter_mut().skip(channel).step_by(channels);
        places.zip(plane).for_each(|(out, &value)| *out = value);
    }
    Ok(pixels)
}

/// Bits become 0 and 255. OpenCV calls all that has one bit grey.
fn bilevel(packed: &[u8], size: [usize; 2], mode: ColorMode) -> Result<Pixels<u8>, Error> {
    let mut planes = Planes::new(1, size, mode, &gray::OPENCV, byte)?;
    let bit = |byte: u8, place: u32| if byte >> (7 - place) & 1 == 1 { u8::MAX } else { 0 };
    for row in packed.chunks_exact(size[1].div_ceil(8)) {
        let bits = row.iter().flat_map(|&byte| (0..8).map(move |place| bit(byte, place)));
        planes.row(&bits.take(size[1]).collect::<Vec<u8>>());
    }
    Ok(planes.finish())
}

/// libtiff's RGBA interface multiplies colour by alpha.
fn multiply_by_alpha(pixels: &mut [u8]) {
    for [r, g, b, a] in pixels.as_chunks_mut().0 {
        for value in [r, g, b] {
            *value = byte((u32::from(*value) * u32::from(*a) + 127) / 255);
        }
    }
}

/// As stored, values keep their upper bytes. Otherwise libtiff decides: it rounds colours to bytes first, and grey is
/// computed from those; grey files keep their upper bytes.
fn sixteen_bits(
    values: &[u16],
    channels: usize,
    size: [usize; 2],
    mode: ColorMode,
) -> Result<Pixels<u8>, Error> {
    if channels != 3 || mode == ColorMode::AsStored {
        return Ok(Planes::new(channels, size, mode, &gray::OPENCV, upper)?.rows(values));
    }
    let mut planes = Planes::new(channels, size, mode, &gray::OPENCV, byte)?;
    for row in values.chunks_exact(channels * size[1]) {
        let bytes = row.iter().map(|&value| byte((u32::from(value) + 128) / 257));
        planes.row(&bytes.collect::<Vec<u8>>());
    }
    Ok(planes.finish())
}

/// As stored, inks make a picture with an alpha that hides nothing.
fn cmyk(inks: &[u8], size: [usize; 2], mode: ColorMode) -> Result<Pixels<u8>, Error> {
    let channels = if mode == ColorMode::AsStored { 4 } else { 3 };
    let mut planes = Planes::new(channels, size, mode, &gray::OPENCV, byte)?;
    for row in inks.chunks_exact(4 * size[1]) {
        let pixels = row.as_chunks().0.iter().flat_map(|&[c, m, y, k]| {
            let [r, g, b] = rgb_of_inks([c, m, y, k].map(f32::from), 255.0);
            [r, g, b, f32::from(u8::MAX)].map(truncated_byte).into_iter().take(channels)
        });
        planes.row(&pixels.collect::<Vec<u8>>());
    }
    Ok(planes.finish())
}

fn cmyk_16(inks: &[u16], size: [usize; 2], mode: ColorMode) -> Result<Pixels<u8>, Error> {
    let mut rgb: Vec<u16> = memory::room(inks.len() / 4 * 3)?;
    for &[c, m, y, k] in inks.as_chunks().0 {
        rgb.extend(rgb_of_inks([c, m, y, k].map(f32::from), 65535.0).map(truncated_word));
    }
    sixteen_bits(&rgb, 3, size, mode)
}

/// Inks to light, in fp32.
fn rgb_of_inks([c, m, y, k]: [f32; 4], most: f32) -> [f32; 3] {
    let light = 1.0 - k / most;
    [c, m, y].map(|ink| (most - ink) * light)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "light is from 0 to 255; what is behind the point is cut off"
)]
fn truncated_byte(value: f32) -> u8 {
    value as u8
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "light is from 0 to 65,535; what is behind the point is cut off"
)]
fn truncated_word(value: f32) -> u16 {
    value as u16
}
