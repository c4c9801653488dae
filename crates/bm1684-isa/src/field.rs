//! Bits of a command: a table of named fields becomes a struct with encoder, decoder and listing.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use crate::{Engine, Error};

/// Bytes of a command of either engine.
pub const COMMAND_BYTES: usize = 128;

/// One command in memory: 1024 bits, little-endian, as in a bmodel file.
pub type Encoded = [u8; COMMAND_BYTES];

/// Where a field lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// The vendor's name.
    pub name: &'static str,
    /// Lowest bit.
    pub lsb: usize,
    /// Number of bits, at most 64.
    pub width: usize,
}

/// A type that a field can hold.
pub trait Bits: Copy {
    /// The value as an unsigned number.
    fn to_bits(self) -> u64;

    /// The value of these bits; `None` if they stand for nothing.
    fn from_bits(bits: u64) -> Option<Self>;
}

impl Bits for bool {
    fn to_bits(self) -> u64 {
        u64::from(self)
    }

    fn from_bits(bits: u64) -> Option<Self> {
        match bits {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

macro_rules! integers {
    ($($type:ident),*) => {
        $(impl Bits for $type {
            fn to_bits(self) -> u64 {
                u64::from(self)
            }

            fn from_bits(bits: u64) -> Option<Self> {
                Self::try_from(bits).ok()
            }
        })*
    };
}
integers!(u8, u16, u32, u64);

/// An enum whose values are codes of a field.
macro_rules! codes {
    (
        $(#[$doc:meta])* $name:ident {
            $($(#[$item_doc:meta])* $item:ident = $code:literal $text:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$item_doc])* $item = $code,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$item),*];

            /// The number in the field.
            pub const fn code(self) -> u8 {
                match self { $($name::$item => $code,)* }
            }

            /// As the listing prints it.
            pub fn mnemonic(self) -> &'static str {
                match self { $($name::$item => $text,)* }
            }
        }

        impl $crate::field::Bits for $name {
            fn to_bits(self) -> u64 {
                match self { $($name::$item => $code,)* }
            }

            fn from_bits(bits: u64) -> Option<Self> {
                match bits { $($code => Some($name::$item),)* _ => None }
            }
        }
    };
}
pub(crate) use codes;

/// A command as a struct with one member for each row `name: type, lsb, width = default`.
macro_rules! command {
    (
        $(#[$doc:meta])* $name:ident {
            $(
                $(#[$field_doc:meta])*
                $field:ident: $type:ty, $lsb:literal, $width:literal = $default:expr;
            )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $name {
            /// All fields, from the lowest bit to the highest.
            pub const FIELDS: &[$crate::field::FieldInfo] = &[
                $($crate::field::FieldInfo { name: stringify!($field), lsb: $lsb, width: $width },)*
            ];

            /// The command's 128 bytes.
            ///
            /// # Errors
            /// [`Error::Value`](crate::Error::Value) names a field that is too narrow for its value.
            pub fn encode(&self) -> Result<$crate::Encoded, $crate::Error> {
                let mut bits = [0u64; 16];
                $({
                    const FIELD: $crate::field::FieldInfo =
                        $crate::field::FieldInfo { name: stringify!($field), lsb: $lsb, width: $width };
                    $crate::field::put(&mut bits, $crate::Engine::$name, &FIELD, self.$field)?;
                })*
                Ok($crate::field::to_bytes(&bits))
            }

            /// The command in these bytes.
            ///
            /// # Errors
            /// [`Error::Code`](crate::Error::Code) for a code that stands for nothing,
            /// [`Error::Reserved`](crate::Error::Reserved) for bits outside all fields.
            pub fn decode(bytes: &$crate::Encoded) -> Result<Self, $crate::Error> {
                let bits = $crate::field::from_bytes(bytes);
                const { $crate::field::assert_disjoint(Self::FIELDS) };
                $crate::field::check_reserved(&bits, $crate::Engine::$name, &Self::USED)?;
                Ok($name {
                    $($field: {
                        const FIELD: $crate::field::FieldInfo =
                            $crate::field::FieldInfo { name: stringify!($field), lsb: $lsb, width: $width };
                        $crate::field::get(&bits, $crate::Engine::$name, &FIELD)?
                    },)*
                })
            }

            /// The bits that belong to a field.
            const USED: [u64; 16] = $crate::field::mask(Self::FIELDS);

            /// Every field with its bits, for listings.
            pub fn values(&self) -> impl Iterator<Item = (&'static $crate::field::FieldInfo, u64)> {
                let values = [$($crate::field::Bits::to_bits(self.$field)),*];
                Self::FIELDS.iter().zip(values)
            }
        }

        impl Default for $name {
            /// What the vendor's compiler writes where an operation says nothing else.
            fn default() -> Self {
                $name { $($field: $default,)* }
            }
        }
    };
}
pub(crate) use command;

/// Compile-time check: fields are in ascending order, do not overlap and end within the command.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a bad index is an error"
)]
pub(crate) const fn assert_disjoint(fields: &[FieldInfo]) {
    let mut free = 0;
    let mut index = 0;
    while index < fields.len() {
        let field = &fields[index];
        assert!(field.lsb >= free, "fields overlap or are out of order");
        assert!(field.width >= 1 && field.width <= 64, "a field has 1 to 64 bits");
        free = field.lsb + field.width;
        index += 1;
    }
    assert!(free <= COMMAND_BYTES * 8, "a field ends beyond the command");
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a bad index is an error"
)]
pub(crate) const fn mask(fields: &[FieldInfo]) -> [u64; 16] {
    let mut bits = [0; 16];
    let mut index = 0;
    while index < fields.len() {
        let mut bit = fields[index].lsb;
        while bit < fields[index].lsb + fields[index].width {
            bits[bit / 64] |= 1 << (bit % 64);
            bit += 1;
        }
        index += 1;
    }
    bits
}

pub(crate) fn put(
    bits: &mut [u64; 16],
    engine: Engine,
    field: &FieldInfo,
    value: impl Bits,
) -> Result<(), Error> {
    let (value, width) = (value.to_bits(), field.width);
    if width < 64 && value >> width != 0 {
        return Err(Error::Value { engine, field: field.name, value, width });
    }
    let shift = field.lsb % 64;
    let mut words = bits.iter_mut().skip(field.lsb / 64);
    if let Some(word) = words.next() {
        *word |= value << shift;
    }
    // The rest of a field that reaches into the next word.
    if let Some(word) = words.next().filter(|_| shift + width > 64) {
        *word |= value >> (64 - shift);
    }
    Ok(())
}

pub(crate) fn get<T: Bits>(
    bits: &[u64; 16],
    engine: Engine,
    field: &FieldInfo,
) -> Result<T, Error> {
    let word = |index: usize| bits.get(index).copied().unwrap_or(0);
    let (index, shift) = (field.lsb / 64, field.lsb % 64);
    let mut value = word(index) >> shift;
    if shift + field.width > 64 {
        value |= word(index + 1) << (64 - shift);
    }
    if field.width < 64 {
        value &= (1 << field.width) - 1;
    }
    T::from_bits(value).ok_or(Error::Code { engine, field: field.name, value })
}

pub(crate) fn check_reserved(
    bits: &[u64; 16],
    engine: Engine,
    used: &[u64; 16],
) -> Result<(), Error> {
    for (index, (bits, used)) in bits.iter().zip(used).enumerate() {
        let stray = bits & !used;
        if stray != 0 {
            let bit = (0..64).find(|bit| stray >> bit & 1 == 1).unwrap_or(0);
            return Err(Error::Reserved { engine, bit: index * 64 + bit });
        }
    }
    Ok(())
}

pub(crate) fn to_bytes(bits: &[u64; 16]) -> Encoded {
    let mut bytes = [0; COMMAND_BYTES];
    for (bytes, bits) in bytes.chunks_exact_mut(8).zip(bits) {
        bytes.copy_from_slice(&bits.to_le_bytes());
    }
    bytes
}

pub(crate) fn from_bytes(bytes: &Encoded) -> [u64; 16] {
    let mut bits = [0; 16];
    for (bits, bytes) in bits.iter_mut().zip(bytes.chunks_exact(8)) {
        *bits = bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte));
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::{of_gdma, of_tiu};
    use crate::commands::{Gdma, Streams, Tiu};

    /// Bit-exact: the two commands' bits as the vendor's compiler writes them, field by field.
    #[test]
    fn fields_lie_where_they_should() {
        let bits = |bytes: &Encoded, bit: usize| bytes[bit / 8] >> (bit % 8) & 1 == 1;
        let tiu = Tiu { opd3_addr: 1 << 31, cmd_id_tpu: 1, ..Tiu::default() };
        let bytes = tiu.encode().expect("fits");
        assert!(bits(&bytes, 0) && bits(&bytes, 3) && bits(&bytes, 1023));
        let gdma = Gdma { debug_mode: true, src_hshift: 1, ..Gdma::default() };
        let bytes = gdma.encode().expect("fits");
        assert!(bits(&bytes, 0) && bits(&bytes, 592) && bits(&bytes, 705));
        assert_eq!(Tiu::FIELDS.iter().map(|field| field.width).sum::<usize>(), 1024);
        assert_eq!(Gdma::FIELDS.iter().map(|field| field.width).sum::<usize>(), 706);
    }

    #[test]
    fn oversized_values_reserved_bits_and_bad_codes_are_errors() {
        let wide = Tiu { opd0_up_pad: 16, ..Tiu::default() };
        assert!(matches!(wide.encode(), Err(Error::Value { field: "opd0_up_pad", value: 16, .. })));
        let mut bytes = Gdma::default().encode().expect("fits");
        bytes[127] = 0x80;
        assert_eq!(Gdma::decode(&bytes), Err(Error::Reserved { engine: Engine::Gdma, bit: 1023 }));
        let mut bytes = Tiu::default().encode().expect("fits");
        bytes[37 / 8] |= 0xe0;
        bytes[5] |= 0x01;
        assert!(matches!(
            Tiu::decode(&bytes),
            Err(Error::Code { field: "tsk_typ", value: 15, .. })
        ));
        let short = Streams::decode(&[0; 130], &[]);
        assert_eq!(short, Err(Error::StreamLength { engine: Engine::Tiu, length: 130 }));
    }

    proptest! {
        /// Bit-exact: what decodes encodes to the same bytes. Whatever it says, it can be listed and judged.
        #[test]
        fn decode_then_encode_is_the_identity(words in any::<[u64; 16]>()) {
            let bytes = to_bytes(&words);
            if let Ok(command) = Tiu::decode(&bytes) {
                prop_assert_eq!(command.encode(), Ok(bytes));
                prop_assert_eq!(Tiu::decode(&bytes), Ok(command));
                prop_assert!(!command.to_string().is_empty());
                let _ = of_tiu(&command);
            }
            let mut bytes = bytes;
            bytes[88..].fill(0);
            bytes[88] = words[0].to_le_bytes()[0] & 3;
            if let Ok(command) = Gdma::decode(&bytes) {
                prop_assert_eq!(command.encode(), Ok(bytes));
                prop_assert!(!command.to_string().is_empty());
                let _ = of_gdma(&command);
            }
        }
    }
}
