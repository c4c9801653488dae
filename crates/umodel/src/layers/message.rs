//! Parameters between messages and layers.

use protobuf::reflect::ReflectValueRef;
use protobuf::{MessageField, MessageFull, UnknownValueRef};

use crate::Shape;
use crate::blob;
use crate::error::{LayerError, ValueError};
use crate::proto::{BlobShape, LayerParameter};

/// The largest kernel, stride, pad and the like. Larger ones occur in no working net.
pub(super) const MOST: usize = 1 << 16;

/// A number or string of a layer, as a message has it.
pub(super) trait Scalar: Sized {
    /// What the message's field holds.
    type Wire;
    /// What the message's reader gives.
    type Read<'a>;

    fn from_wire(wire: Self::Read<'_>) -> Self;

    fn to_wire(&self) -> Self::Wire;

    /// Refuses what the message cannot hold.
    fn fits(&self, field: &'static str) -> Result<(), LayerError>;
}

impl Scalar for usize {
    type Wire = u32;
    type Read<'a> = u32;

    fn from_wire(wire: u32) -> usize {
        size(wire)
    }

    fn to_wire(&self) -> u32 {
        wire(*self)
    }

    fn fits(&self, field: &'static str) -> Result<(), LayerError> {
        let bad = |_| LayerError::bad(field, self, ValueError::LargerThan(u32::MAX.into()));
        u32::try_from(*self).map(drop).map_err(bad)
    }
}

impl Scalar for String {
    type Wire = String;
    type Read<'a> = &'a str;

    fn from_wire(wire: &str) -> String {
        wire.to_owned()
    }

    fn to_wire(&self) -> String {
        self.clone()
    }

    fn fits(&self, _: &'static str) -> Result<(), LayerError> {
        Ok(())
    }
}

macro_rules! same_scalar {
    ($($kind:ty),*) => {
        $(impl Scalar for $kind {
            type Wire = $kind;
            type Read<'a> = $kind;

            fn from_wire(wire: $kind) -> $kind {
                wire
            }

            fn to_wire(&self) -> $kind {
                *self
            }

            fn fits(&self, _: &'static str) -> Result<(), LayerError> {
                Ok(())
            }
        })*
    };
}
same_scalar!(f32, bool, i32);

/// The field for a size that [`Scalar::fits`] has let pass.
pub(super) fn wire(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// The size that a field holds.
pub(super) fn size(wire: u32) -> usize {
    usize::try_from(wire).unwrap_or(usize::MAX)
}

/// Refuses sizes that their fields cannot hold.
pub(super) fn fit(sizes: &[(&'static str, usize)]) -> Result<(), LayerError> {
    sizes.iter().try_for_each(|(field, size)| size.fits(field))
}

/// A layer whose parameters are single values of one message, and the rest of its `LayerParam`. Forks may have
/// the message under other numbers, too, see [`fork`]. `check` starts with `check_fields`, which is made here.
macro_rules! layer {
    (
        $(#[$doc:meta])*
        $name:ident from $param:ident $(or $($number:literal),+)? {
            $($(#[$field_doc:meta])* $field:ident: $kind:ty,)*
        }
        $($methods:tt)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl $name {
            /// Refuses what the message cannot hold.
            fn check_fields(&self) -> Result<(), $crate::error::LayerError> {
                $($crate::layers::Scalar::fits(
                    &self.$field,
                    concat!(stringify!($param), ".", stringify!($field)),
                )?;)*
                Ok(())
            }
        }

        impl $crate::layers::LayerParam for $name {
            fn parse(
                layer: &$crate::proto::LayerParameter,
            ) -> Result<Self, $crate::error::LayerError> {
                let p = $crate::layers::fork(layer, &layer.$param, &[$($($number),+)?]);
                Ok($name { $($field: $crate::layers::Scalar::from_wire(p.$field()),)* })
            }

            fn write(&self, layer: &mut $crate::proto::LayerParameter) {
                let mut p = layer.$param.get_or_default().clone();
                let mut changed = false;
                $(
                    let old: $kind = $crate::layers::Scalar::from_wire(p.$field());
                    if old != self.$field {
                        p.$field = Some($crate::layers::Scalar::to_wire(&self.$field));
                        changed = true;
                    }
                )*
                if changed {
                    layer.$param = Some(p).into();
                }
            }

            $($methods)*
        }
    };
    ($(#[$doc:meta])* $name:ident; $($methods:tt)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;

        impl $crate::layers::LayerParam for $name {
            fn parse(
                _: &$crate::proto::LayerParameter,
            ) -> Result<Self, $crate::error::LayerError> {
                Ok($name)
            }

            fn write(&self, _: &mut $crate::proto::LayerParameter) {}

            fn check(&self) -> Result<(), $crate::error::LayerError> {
                Ok(())
            }

            $($methods)*
        }
    };
}

/// The parameters of a fork's layer: its own field, or what a binary file has under one of the numbers
/// that forks use, be it unknown or another field's.
pub(super) fn fork<M: MessageFull>(
    layer: &LayerParameter,
    own: &MessageField<M>,
    numbers: &[u32],
) -> M {
    let descriptor = LayerParameter::descriptor();
    let message = |number: u32| -> Option<M> {
        if let Some(field) = descriptor.field_by_number(number) {
            let ReflectValueRef::Message(message) = field.get_singular(layer)? else { return None };
            return M::parse_from_bytes(&message.write_to_bytes_dyn().ok()?).ok();
        }
        let unknown = layer.special_fields.unknown_fields().get(number)?;
        let UnknownValueRef::LengthDelimited(bytes) = unknown else { return None };
        M::parse_from_bytes(bytes).ok()
    };
    let other = || numbers.iter().find_map(|&number| message(number));
    own.as_ref().cloned().or_else(other).unwrap_or_default()
}

/// The shapes of some messages.
pub(super) fn shapes_from(
    field: &'static str,
    shapes: &[BlobShape],
) -> Result<Vec<Shape>, LayerError> {
    shapes.iter().map(|shape| blob::shape_from(field, &shape.dim)).collect()
}

/// Refuses shapes that no blob can have.
pub(super) fn check_shapes(field: &'static str, shapes: &[Shape]) -> Result<(), LayerError> {
    match shapes.iter().find(|shape| blob::volume(shape).is_none()) {
        Some(shape) => Err(LayerError::bad(field, format_args!("{shape:?}"), ValueError::Dims)),
        None => Ok(()),
    }
}

/// Reads a spatial pair given once, twice, or as `_h` and `_w`, as Caffe's layers allow.
pub(super) fn spatial_pair(
    field: &'static str,
    repeated: &[u32],
    height: Option<u32>,
    width: Option<u32>,
    default: Option<u32>,
) -> Result<[usize; 2], LayerError> {
    let bad = |reason| LayerError::bad(field, format_args!("{repeated:?}"), reason);
    let pair = match (repeated, height, width) {
        ([], None, None) => {
            let value = default.ok_or(LayerError::MissingField { field })?;
            [value, value]
        }
        ([], h, w) if default.is_some() || (h.is_some() && w.is_some()) => {
            let default = default.unwrap_or(0);
            [h.unwrap_or(default), w.unwrap_or(default)]
        }
        ([], _, _) => return Err(LayerError::MissingField { field }),
        ([both], None, None) => [*both, *both],
        ([h, w], None, None) => [*h, *w],
        (_, None, None) => return Err(bad(ValueError::OneOrTwo)),
        _ => return Err(bad(ValueError::FORMS)),
    };
    Ok(pair.map(size))
}

/// An error unless every value of the pair is from `least` to 65536.
pub(super) fn check_pair(
    field: &'static str,
    pair: [usize; 2],
    least: u8,
) -> Result<(), LayerError> {
    let bad = |reason| Err(LayerError::bad(field, format_args!("{pair:?}"), reason));
    if pair.iter().any(|&value| value < usize::from(least)) {
        return bad(ValueError::AtLeast(least.into()));
    }
    // Larger values would overflow the output size.
    if pair.iter().any(|&value| value > MOST) {
        return bad(ValueError::LargerThan(MOST as u64));
    }
    Ok(())
}

/// An error unless the number of pictures in a batch is from `least` to 65536.
pub(super) fn check_batch(
    field: &'static str,
    batch_size: usize,
    least: u8,
) -> Result<(), LayerError> {
    if (usize::from(least)..=MOST).contains(&batch_size) {
        return Ok(());
    }
    let reason = ValueError::Within { least: least.into(), most: MOST as u64 };
    Err(LayerError::bad(field, batch_size, reason))
}

/// An error unless the size is there, which is a number from 1 on.
pub(super) fn check_given(field: &'static str, size: usize) -> Result<(), LayerError> {
    if size == 0 { Err(LayerError::MissingField { field }) } else { size.fits(field) }
}
