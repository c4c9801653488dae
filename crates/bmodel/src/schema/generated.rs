// @generated from proto/bmodel.fbs by planus. Do not edit: `BLESS=1 cargo test -p bmodel --test schema` writes it.

pub use root::*;

const _: () = ::planus::check_version_compatibility("planus-1.3.0");

/// The root namespace
///
/// Generated from these locations:
/// * File `proto/bmodel.fbs`
#[no_implicit_prelude]
#[allow(clippy::needless_lifetimes)]
mod root {
    /// The namespace `bmodel`
    ///
    /// Generated from these locations:
    /// * File `proto/bmodel.fbs`
    pub mod bmodel {
        /// The struct `Binary` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Struct `Binary` in the file `proto/bmodel.fbs:7`
        #[derive(
            Copy,
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            Default,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct Binary {
            /// The field `start` in the struct `Binary`
            pub start: u64,

            /// The field `size` in the struct `Binary`
            pub size: u64,
        }

        /// # Safety
        /// The Planus compiler correctly calculates `ALIGNMENT` and `SIZE`.
        unsafe impl ::planus::Primitive for Binary {
            const ALIGNMENT: usize = 8;
            const SIZE: usize = 16;
        }

        #[allow(clippy::identity_op)]
        impl ::planus::WriteAsPrimitive<Binary> for Binary {
            #[inline]
            fn write<const N: usize>(&self, cursor: ::planus::Cursor<'_, N>, buffer_position: u32) {
                let (cur, cursor) = cursor.split::<8, 8>();
                self.start.write(cur, buffer_position - 0);
                let (cur, cursor) = cursor.split::<8, 0>();
                self.size.write(cur, buffer_position - 8);
                cursor.finish([]);
            }
        }

        impl ::planus::WriteAsOffset<Binary> for Binary {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Binary> {
                unsafe {
                    builder.write_with(16, 7, |buffer_position, bytes| {
                        let bytes = bytes.as_mut_ptr();

                        ::planus::WriteAsPrimitive::write(
                            self,
                            ::planus::Cursor::new(
                                &mut *(bytes as *mut [::core::mem::MaybeUninit<u8>; 16]),
                            ),
                            buffer_position,
                        );
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<Binary> for Binary {
            type Prepared = Self;
            #[inline]
            fn prepare(&self, _builder: &mut ::planus::Builder) -> Self {
                *self
            }
        }

        impl ::planus::WriteAsOptional<Binary> for Binary {
            type Prepared = Self;
            #[inline]
            fn prepare(&self, _builder: &mut ::planus::Builder) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(*self)
            }
        }

        /// Reference to a deserialized [Binary].
        #[derive(Copy, Clone)]
        pub struct BinaryRef<'a>(::planus::ArrayWithStartOffset<'a, 16>);

        impl<'a> BinaryRef<'a> {
            pub fn start(&self) -> u64 {
                let buffer = self.0.advance_as_array::<8>(0).unwrap();

                u64::from_le_bytes(*buffer.as_array())
            }

            pub fn size(&self) -> u64 {
                let buffer = self.0.advance_as_array::<8>(8).unwrap();

                u64::from_le_bytes(*buffer.as_array())
            }
        }

        impl<'a> ::core::fmt::Debug for BinaryRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("BinaryRef");
                f.field("start", &self.start());
                f.field("size", &self.size());
                f.finish()
            }
        }

        impl<'a> ::core::convert::From<::planus::ArrayWithStartOffset<'a, 16>> for BinaryRef<'a> {
            fn from(array: ::planus::ArrayWithStartOffset<'a, 16>) -> Self {
                Self(array)
            }
        }

        impl<'a> ::core::convert::From<BinaryRef<'a>> for Binary {
            #[allow(unreachable_code)]
            fn from(value: BinaryRef<'a>) -> Self {
                Self { start: value.start(), size: value.size() }
            }
        }

        impl<'a, 'b> ::core::cmp::PartialEq<BinaryRef<'a>> for BinaryRef<'b> {
            fn eq(&self, other: &BinaryRef<'_>) -> bool {
                self.start() == other.start() && self.size() == other.size()
            }
        }

        impl<'a> ::core::cmp::Eq for BinaryRef<'a> {}
        impl<'a, 'b> ::core::cmp::PartialOrd<BinaryRef<'a>> for BinaryRef<'b> {
            fn partial_cmp(
                &self,
                other: &BinaryRef<'_>,
            ) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        impl<'a> ::core::cmp::Ord for BinaryRef<'a> {
            fn cmp(&self, other: &BinaryRef<'_>) -> ::core::cmp::Ordering {
                self.start().cmp(&other.start()).then_with(|| self.size().cmp(&other.size()))
            }
        }

        impl<'a> ::core::hash::Hash for BinaryRef<'a> {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                self.start().hash(state);
                self.size().hash(state);
            }
        }

        impl<'a> ::planus::TableRead<'a> for BinaryRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let buffer = buffer.advance_as_array::<16>(offset)?;
                ::core::result::Result::Ok(Self(buffer))
            }
        }

        impl<'a> ::planus::VectorRead<'a> for BinaryRef<'a> {
            const STRIDE: usize = 16;

            #[inline]
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> Self {
                Self(unsafe { buffer.unchecked_advance_as_array(offset) })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<Binary> for Binary {
            const STRIDE: usize = 16;

            type Value = Binary;

            #[inline]
            fn prepare(&self, _builder: &mut ::planus::Builder) -> Self::Value {
                *self
            }

            #[inline]
            unsafe fn write_values(
                values: &[Binary],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 16];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (16 * i) as u32,
                    );
                }
            }
        }

        /// The struct `RelEntry` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Struct `RelEntry` in the file `proto/bmodel.fbs:13`
        #[derive(
            Copy,
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            Default,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct RelEntry {
            /// The field `base_addr_id` in the struct `RelEntry`
            pub base_addr_id: u32,

            /// The field `addr_offset` in the struct `RelEntry`
            pub addr_offset: u32,

            /// The field `cmd_offset` in the struct `RelEntry`
            pub cmd_offset: u32,
        }

        /// # Safety
        /// The Planus compiler correctly calculates `ALIGNMENT` and `SIZE`.
        unsafe impl ::planus::Primitive for RelEntry {
            const ALIGNMENT: usize = 4;
            const SIZE: usize = 12;
        }

        #[allow(clippy::identity_op)]
        impl ::planus::WriteAsPrimitive<RelEntry> for RelEntry {
            #[inline]
            fn write<const N: usize>(&self, cursor: ::planus::Cursor<'_, N>, buffer_position: u32) {
                let (cur, cursor) = cursor.split::<4, 8>();
                self.base_addr_id.write(cur, buffer_position - 0);
                let (cur, cursor) = cursor.split::<4, 4>();
                self.addr_offset.write(cur, buffer_position - 4);
                let (cur, cursor) = cursor.split::<4, 0>();
                self.cmd_offset.write(cur, buffer_position - 8);
                cursor.finish([]);
            }
        }

        impl ::planus::WriteAsOffset<RelEntry> for RelEntry {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<RelEntry> {
                unsafe {
                    builder.write_with(12, 3, |buffer_position, bytes| {
                        let bytes = bytes.as_mut_ptr();

                        ::planus::WriteAsPrimitive::write(
                            self,
                            ::planus::Cursor::new(
                                &mut *(bytes as *mut [::core::mem::MaybeUninit<u8>; 12]),
                            ),
                            buffer_position,
                        );
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<RelEntry> for RelEntry {
            type Prepared = Self;
            #[inline]
            fn prepare(&self, _builder: &mut ::planus::Builder) -> Self {
                *self
            }
        }

        impl ::planus::WriteAsOptional<RelEntry> for RelEntry {
            type Prepared = Self;
            #[inline]
            fn prepare(&self, _builder: &mut ::planus::Builder) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(*self)
            }
        }

        /// Reference to a deserialized [RelEntry].
        #[derive(Copy, Clone)]
        pub struct RelEntryRef<'a>(::planus::ArrayWithStartOffset<'a, 12>);

        impl<'a> RelEntryRef<'a> {
            pub fn base_addr_id(&self) -> u32 {
                let buffer = self.0.advance_as_array::<4>(0).unwrap();

                u32::from_le_bytes(*buffer.as_array())
            }

            pub fn addr_offset(&self) -> u32 {
                let buffer = self.0.advance_as_array::<4>(4).unwrap();

                u32::from_le_bytes(*buffer.as_array())
            }

            pub fn cmd_offset(&self) -> u32 {
                let buffer = self.0.advance_as_array::<4>(8).unwrap();

                u32::from_le_bytes(*buffer.as_array())
            }
        }

        impl<'a> ::core::fmt::Debug for RelEntryRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("RelEntryRef");
                f.field("base_addr_id", &self.base_addr_id());
                f.field("addr_offset", &self.addr_offset());
                f.field("cmd_offset", &self.cmd_offset());
                f.finish()
            }
        }

        impl<'a> ::core::convert::From<::planus::ArrayWithStartOffset<'a, 12>> for RelEntryRef<'a> {
            fn from(array: ::planus::ArrayWithStartOffset<'a, 12>) -> Self {
                Self(array)
            }
        }

        impl<'a> ::core::convert::From<RelEntryRef<'a>> for RelEntry {
            #[allow(unreachable_code)]
            fn from(value: RelEntryRef<'a>) -> Self {
                Self {
                    base_addr_id: value.base_addr_id(),
                    addr_offset: value.addr_offset(),
                    cmd_offset: value.cmd_offset(),
                }
            }
        }

        impl<'a, 'b> ::core::cmp::PartialEq<RelEntryRef<'a>> for RelEntryRef<'b> {
            fn eq(&self, other: &RelEntryRef<'_>) -> bool {
                self.base_addr_id() == other.base_addr_id()
                    && self.addr_offset() == other.addr_offset()
                    && self.cmd_offset() == other.cmd_offset()
            }
        }

        impl<'a> ::core::cmp::Eq for RelEntryRef<'a> {}
        impl<'a, 'b> ::core::cmp::PartialOrd<RelEntryRef<'a>> for RelEntryRef<'b> {
            fn partial_cmp(
                &self,
                other: &RelEntryRef<'_>,
            ) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        impl<'a> ::core::cmp::Ord for RelEntryRef<'a> {
            fn cmp(&self, other: &RelEntryRef<'_>) -> ::core::cmp::Ordering {
                self.base_addr_id()
                    .cmp(&other.base_addr_id())
                    .then_with(|| self.addr_offset().cmp(&other.addr_offset()))
                    .then_with(|| self.cmd_offset().cmp(&other.cmd_offset()))
            }
        }

        impl<'a> ::core::hash::Hash for RelEntryRef<'a> {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                self.base_addr_id().hash(state);
                self.addr_offset().hash(state);
                self.cmd_offset().hash(state);
            }
        }

        impl<'a> ::planus::TableRead<'a> for RelEntryRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let buffer = buffer.advance_as_array::<12>(offset)?;
                ::core::result::Result::Ok(Self(buffer))
            }
        }

        impl<'a> ::planus::VectorRead<'a> for RelEntryRef<'a> {
            const STRIDE: usize = 12;

            #[inline]
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> Self {
                Self(unsafe { buffer.unchecked_advance_as_array(offset) })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<RelEntry> for RelEntry {
            const STRIDE: usize = 12;

            type Value = RelEntry;

            #[inline]
            fn prepare(&self, _builder: &mut ::planus::Builder) -> Self::Value {
                *self
            }

            #[inline]
            unsafe fn write_values(
                values: &[RelEntry],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 12];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (12 * i) as u32,
                    );
                }
            }
        }

        /// The table `Shape` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `Shape` in the file `proto/bmodel.fbs:20`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct Shape {
            /// The field `dim` in the table `Shape`
            pub dim: ::core::option::Option<::planus::alloc::vec::Vec<u64>>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for Shape {
            fn default() -> Self {
                Self { dim: ::core::default::Default::default() }
            }
        }

        impl Shape {
            /// Creates a [ShapeBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> ShapeBuilder<()> {
                ShapeBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_dim: impl ::planus::WriteAsOptional<::planus::Offset<[u64]>>,
            ) -> ::planus::Offset<Self> {
                let prepared_dim = field_dim.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<6> =
                    ::core::default::Default::default();
                if prepared_dim.is_some() {
                    table_writer.write_entry::<::planus::Offset<[u64]>>(0);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_dim) = prepared_dim {
                            object_writer.write::<_, _, 4>(&prepared_dim);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<Shape>> for Shape {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Shape> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<Shape>> for Shape {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Shape>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<Shape> for Shape {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Shape> {
                Shape::create(builder, &self.dim)
            }
        }

        /// Builder for serializing an instance of the [Shape] type.
        ///
        /// Can be created using the [Shape::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct ShapeBuilder<State>(State);

        impl ShapeBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn dim<T0>(self, value: T0) -> ShapeBuilder<(T0,)>
            where
                T0: ::planus::WriteAsOptional<::planus::Offset<[u64]>>,
            {
                ShapeBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn dim_as_null(self) -> ShapeBuilder<((),)> {
                self.dim(())
            }
        }

        impl<T0> ShapeBuilder<(T0,)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [Shape].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<Shape>
            where
                Self: ::planus::WriteAsOffset<Shape>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[u64]>>>
            ::planus::WriteAs<::planus::Offset<Shape>> for ShapeBuilder<(T0,)>
        {
            type Prepared = ::planus::Offset<Shape>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Shape> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[u64]>>>
            ::planus::WriteAsOptional<::planus::Offset<Shape>> for ShapeBuilder<(T0,)>
        {
            type Prepared = ::planus::Offset<Shape>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Shape>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[u64]>>> ::planus::WriteAsOffset<Shape>
            for ShapeBuilder<(T0,)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Shape> {
                let (v0,) = &self.0;
                Shape::create(builder, v0)
            }
        }

        /// Reference to a deserialized [Shape].
        #[derive(Copy, Clone)]
        pub struct ShapeRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> ShapeRef<'a> {
            #[inline]
            pub fn dim(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, u64>>> {
                self.0.access(0, "Shape", "dim")
            }
        }

        impl<'a> ::core::fmt::Debug for ShapeRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("ShapeRef");
                if let ::core::option::Option::Some(field_dim) = self.dim().transpose() {
                    f.field("dim", &field_dim);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<ShapeRef<'a>> for Shape {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: ShapeRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    dim: if let ::core::option::Option::Some(dim) = value.dim()? {
                        ::core::option::Option::Some(dim.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for ShapeRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for ShapeRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[ShapeRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<Shape>> for Shape {
            type Value = ::planus::Offset<Shape>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<Shape>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for ShapeRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[ShapeRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `CmdGroup` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `CmdGroup` in the file `proto/bmodel.fbs:25`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct CmdGroup {
            /// The field `bdc_num` in the table `CmdGroup`
            pub bdc_num: u32,
            /// The field `gdma_num` in the table `CmdGroup`
            pub gdma_num: u32,
            /// The field `binary_bdc` in the table `CmdGroup`
            pub binary_bdc: ::core::option::Option<self::Binary>,
            /// The field `binary_gdma` in the table `CmdGroup`
            pub binary_gdma: ::core::option::Option<self::Binary>,
            /// The field `bdc_cmd_byte` in the table `CmdGroup`
            pub bdc_cmd_byte: u32,
            /// The field `gdma_cmd_byte` in the table `CmdGroup`
            pub gdma_cmd_byte: u32,
            /// The field `reloc_entries` in the table `CmdGroup`
            pub reloc_entries: ::core::option::Option<::planus::alloc::vec::Vec<self::RelEntry>>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for CmdGroup {
            fn default() -> Self {
                Self {
                    bdc_num: 0,
                    gdma_num: 0,
                    binary_bdc: ::core::default::Default::default(),
                    binary_gdma: ::core::default::Default::default(),
                    bdc_cmd_byte: 0,
                    gdma_cmd_byte: 0,
                    reloc_entries: ::core::default::Default::default(),
                }
            }
        }

        impl CmdGroup {
            /// Creates a [CmdGroupBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> CmdGroupBuilder<()> {
                CmdGroupBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_bdc_num: impl ::planus::WriteAsDefault<u32, u32>,
                field_gdma_num: impl ::planus::WriteAsDefault<u32, u32>,
                field_binary_bdc: impl ::planus::WriteAsOptional<self::Binary>,
                field_binary_gdma: impl ::planus::WriteAsOptional<self::Binary>,
                field_bdc_cmd_byte: impl ::planus::WriteAsDefault<u32, u32>,
                field_gdma_cmd_byte: impl ::planus::WriteAsDefault<u32, u32>,
                field_reloc_entries: impl ::planus::WriteAsOptional<::planus::Offset<[self::RelEntry]>>,
            ) -> ::planus::Offset<Self> {
                let prepared_bdc_num = field_bdc_num.prepare(builder, &0);
                let prepared_gdma_num = field_gdma_num.prepare(builder, &0);
                let prepared_binary_bdc = field_binary_bdc.prepare(builder);
                let prepared_binary_gdma = field_binary_gdma.prepare(builder);
                let prepared_bdc_cmd_byte = field_bdc_cmd_byte.prepare(builder, &0);
                let prepared_gdma_cmd_byte = field_gdma_cmd_byte.prepare(builder, &0);
                let prepared_reloc_entries = field_reloc_entries.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<18> =
                    ::core::default::Default::default();
                if prepared_binary_bdc.is_some() {
                    table_writer.write_entry::<self::Binary>(2);
                }
                if prepared_binary_gdma.is_some() {
                    table_writer.write_entry::<self::Binary>(3);
                }
                if prepared_bdc_num.is_some() {
                    table_writer.write_entry::<u32>(0);
                }
                if prepared_gdma_num.is_some() {
                    table_writer.write_entry::<u32>(1);
                }
                if prepared_bdc_cmd_byte.is_some() {
                    table_writer.write_entry::<u32>(4);
                }
                if prepared_gdma_cmd_byte.is_some() {
                    table_writer.write_entry::<u32>(5);
                }
                if prepared_reloc_entries.is_some() {
                    table_writer.write_entry::<::planus::Offset<[self::RelEntry]>>(6);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_binary_bdc) =
                            prepared_binary_bdc
                        {
                            object_writer.write::<_, _, 16>(&prepared_binary_bdc);
                        }
                        if let ::core::option::Option::Some(prepared_binary_gdma) =
                            prepared_binary_gdma
                        {
                            object_writer.write::<_, _, 16>(&prepared_binary_gdma);
                        }
                        if let ::core::option::Option::Some(prepared_bdc_num) = prepared_bdc_num {
                            object_writer.write::<_, _, 4>(&prepared_bdc_num);
                        }
                        if let ::core::option::Option::Some(prepared_gdma_num) = prepared_gdma_num {
                            object_writer.write::<_, _, 4>(&prepared_gdma_num);
                        }
                        if let ::core::option::Option::Some(prepared_bdc_cmd_byte) =
                            prepared_bdc_cmd_byte
                        {
                            object_writer.write::<_, _, 4>(&prepared_bdc_cmd_byte);
                        }
                        if let ::core::option::Option::Some(prepared_gdma_cmd_byte) =
                            prepared_gdma_cmd_byte
                        {
                            object_writer.write::<_, _, 4>(&prepared_gdma_cmd_byte);
                        }
                        if let ::core::option::Option::Some(prepared_reloc_entries) =
                            prepared_reloc_entries
                        {
                            object_writer.write::<_, _, 4>(&prepared_reloc_entries);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<CmdGroup>> for CmdGroup {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CmdGroup> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<CmdGroup>> for CmdGroup {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CmdGroup>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<CmdGroup> for CmdGroup {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CmdGroup> {
                CmdGroup::create(
                    builder,
                    self.bdc_num,
                    self.gdma_num,
                    self.binary_bdc,
                    self.binary_gdma,
                    self.bdc_cmd_byte,
                    self.gdma_cmd_byte,
                    &self.reloc_entries,
                )
            }
        }

        /// Builder for serializing an instance of the [CmdGroup] type.
        ///
        /// Can be created using the [CmdGroup::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct CmdGroupBuilder<State>(State);

        impl CmdGroupBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn bdc_num<T0>(self, value: T0) -> CmdGroupBuilder<(T0,)>
            where
                T0: ::planus::WriteAsDefault<u32, u32>,
            {
                CmdGroupBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn bdc_num_as_default(self) -> CmdGroupBuilder<(::planus::DefaultValue,)> {
                self.bdc_num(::planus::DefaultValue)
            }
        }

        impl<T0> CmdGroupBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn gdma_num<T1>(self, value: T1) -> CmdGroupBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0,) = self.0;
                CmdGroupBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn gdma_num_as_default(self) -> CmdGroupBuilder<(T0, ::planus::DefaultValue)> {
                self.gdma_num(::planus::DefaultValue)
            }
        }

        impl<T0, T1> CmdGroupBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_bdc<T2>(self, value: T2) -> CmdGroupBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0, v1) = self.0;
                CmdGroupBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_bdc_as_null(self) -> CmdGroupBuilder<(T0, T1, ())> {
                self.binary_bdc(())
            }
        }

        impl<T0, T1, T2> CmdGroupBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_gdma<T3>(self, value: T3) -> CmdGroupBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0, v1, v2) = self.0;
                CmdGroupBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_gdma_as_null(self) -> CmdGroupBuilder<(T0, T1, T2, ())> {
                self.binary_gdma(())
            }
        }

        impl<T0, T1, T2, T3> CmdGroupBuilder<(T0, T1, T2, T3)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn bdc_cmd_byte<T4>(self, value: T4) -> CmdGroupBuilder<(T0, T1, T2, T3, T4)>
            where
                T4: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3) = self.0;
                CmdGroupBuilder((v0, v1, v2, v3, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn bdc_cmd_byte_as_default(
                self,
            ) -> CmdGroupBuilder<(T0, T1, T2, T3, ::planus::DefaultValue)> {
                self.bdc_cmd_byte(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4> CmdGroupBuilder<(T0, T1, T2, T3, T4)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn gdma_cmd_byte<T5>(self, value: T5) -> CmdGroupBuilder<(T0, T1, T2, T3, T4, T5)>
            where
                T5: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4) = self.0;
                CmdGroupBuilder((v0, v1, v2, v3, v4, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn gdma_cmd_byte_as_default(
                self,
            ) -> CmdGroupBuilder<(T0, T1, T2, T3, T4, ::planus::DefaultValue)> {
                self.gdma_cmd_byte(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5> CmdGroupBuilder<(T0, T1, T2, T3, T4, T5)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn reloc_entries<T6>(
                self,
                value: T6,
            ) -> CmdGroupBuilder<(T0, T1, T2, T3, T4, T5, T6)>
            where
                T6: ::planus::WriteAsOptional<::planus::Offset<[self::RelEntry]>>,
            {
                let (v0, v1, v2, v3, v4, v5) = self.0;
                CmdGroupBuilder((v0, v1, v2, v3, v4, v5, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn reloc_entries_as_null(self) -> CmdGroupBuilder<(T0, T1, T2, T3, T4, T5, ())> {
                self.reloc_entries(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6> CmdGroupBuilder<(T0, T1, T2, T3, T4, T5, T6)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [CmdGroup].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<CmdGroup>
            where
                Self: ::planus::WriteAsOffset<CmdGroup>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsOptional<self::Binary>,
            T3: ::planus::WriteAsOptional<self::Binary>,
            T4: ::planus::WriteAsDefault<u32, u32>,
            T5: ::planus::WriteAsDefault<u32, u32>,
            T6: ::planus::WriteAsOptional<::planus::Offset<[self::RelEntry]>>,
        > ::planus::WriteAs<::planus::Offset<CmdGroup>>
            for CmdGroupBuilder<(T0, T1, T2, T3, T4, T5, T6)>
        {
            type Prepared = ::planus::Offset<CmdGroup>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CmdGroup> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsOptional<self::Binary>,
            T3: ::planus::WriteAsOptional<self::Binary>,
            T4: ::planus::WriteAsDefault<u32, u32>,
            T5: ::planus::WriteAsDefault<u32, u32>,
            T6: ::planus::WriteAsOptional<::planus::Offset<[self::RelEntry]>>,
        > ::planus::WriteAsOptional<::planus::Offset<CmdGroup>>
            for CmdGroupBuilder<(T0, T1, T2, T3, T4, T5, T6)>
        {
            type Prepared = ::planus::Offset<CmdGroup>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CmdGroup>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsOptional<self::Binary>,
            T3: ::planus::WriteAsOptional<self::Binary>,
            T4: ::planus::WriteAsDefault<u32, u32>,
            T5: ::planus::WriteAsDefault<u32, u32>,
            T6: ::planus::WriteAsOptional<::planus::Offset<[self::RelEntry]>>,
        > ::planus::WriteAsOffset<CmdGroup> for CmdGroupBuilder<(T0, T1, T2, T3, T4, T5, T6)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CmdGroup> {
                let (v0, v1, v2, v3, v4, v5, v6) = &self.0;
                CmdGroup::create(builder, v0, v1, v2, v3, v4, v5, v6)
            }
        }

        /// Reference to a deserialized [CmdGroup].
        #[derive(Copy, Clone)]
        pub struct CmdGroupRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> CmdGroupRef<'a> {
            #[inline]
            pub fn bdc_num(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(0, "CmdGroup", "bdc_num")?.unwrap_or(0))
            }

            #[inline]
            pub fn gdma_num(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(1, "CmdGroup", "gdma_num")?.unwrap_or(0))
            }

            #[inline]
            pub fn binary_bdc(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(2, "CmdGroup", "binary_bdc")
            }

            #[inline]
            pub fn binary_gdma(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(3, "CmdGroup", "binary_gdma")
            }

            #[inline]
            pub fn bdc_cmd_byte(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(
                    self.0.access(4, "CmdGroup", "bdc_cmd_byte")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn gdma_cmd_byte(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(
                    self.0.access(5, "CmdGroup", "gdma_cmd_byte")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn reloc_entries(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, self::RelEntryRef<'a>>>>
            {
                self.0.access(6, "CmdGroup", "reloc_entries")
            }
        }

        impl<'a> ::core::fmt::Debug for CmdGroupRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("CmdGroupRef");
                f.field("bdc_num", &self.bdc_num());
                f.field("gdma_num", &self.gdma_num());
                if let ::core::option::Option::Some(field_binary_bdc) =
                    self.binary_bdc().transpose()
                {
                    f.field("binary_bdc", &field_binary_bdc);
                }
                if let ::core::option::Option::Some(field_binary_gdma) =
                    self.binary_gdma().transpose()
                {
                    f.field("binary_gdma", &field_binary_gdma);
                }
                f.field("bdc_cmd_byte", &self.bdc_cmd_byte());
                f.field("gdma_cmd_byte", &self.gdma_cmd_byte());
                if let ::core::option::Option::Some(field_reloc_entries) =
                    self.reloc_entries().transpose()
                {
                    f.field("reloc_entries", &field_reloc_entries);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<CmdGroupRef<'a>> for CmdGroup {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: CmdGroupRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    bdc_num: ::core::convert::TryInto::try_into(value.bdc_num()?)?,
                    gdma_num: ::core::convert::TryInto::try_into(value.gdma_num()?)?,
                    binary_bdc: value.binary_bdc()?.map(::core::convert::Into::into),
                    binary_gdma: value.binary_gdma()?.map(::core::convert::Into::into),
                    bdc_cmd_byte: ::core::convert::TryInto::try_into(value.bdc_cmd_byte()?)?,
                    gdma_cmd_byte: ::core::convert::TryInto::try_into(value.gdma_cmd_byte()?)?,
                    reloc_entries: if let ::core::option::Option::Some(reloc_entries) =
                        value.reloc_entries()?
                    {
                        ::core::option::Option::Some(reloc_entries.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for CmdGroupRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for CmdGroupRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[CmdGroupRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<CmdGroup>> for CmdGroup {
            type Value = ::planus::Offset<CmdGroup>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<CmdGroup>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for CmdGroupRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[CmdGroupRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `CoreCommands` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `CoreCommands` in the file `proto/bmodel.fbs:36`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct CoreCommands {
            /// The field `gdma_tiu_commands` in the table `CoreCommands`
            pub gdma_tiu_commands:
                ::core::option::Option<::planus::alloc::vec::Vec<self::CmdGroup>>,
            /// The field `sdma_commands` in the table `CoreCommands`
            pub sdma_commands: ::core::option::Option<::planus::alloc::vec::Vec<self::Binary>>,
            /// The field `hau_commands` in the table `CoreCommands`
            pub hau_commands: ::core::option::Option<::planus::alloc::vec::Vec<self::Binary>>,
            /// The field `cdma_commands` in the table `CoreCommands`
            pub cdma_commands: ::core::option::Option<::planus::alloc::vec::Vec<self::Binary>>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for CoreCommands {
            fn default() -> Self {
                Self {
                    gdma_tiu_commands: ::core::default::Default::default(),
                    sdma_commands: ::core::default::Default::default(),
                    hau_commands: ::core::default::Default::default(),
                    cdma_commands: ::core::default::Default::default(),
                }
            }
        }

        impl CoreCommands {
            /// Creates a [CoreCommandsBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> CoreCommandsBuilder<()> {
                CoreCommandsBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_gdma_tiu_commands: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::CmdGroup>]>,
                >,
                field_sdma_commands: impl ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
                field_hau_commands: impl ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
                field_cdma_commands: impl ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            ) -> ::planus::Offset<Self> {
                let prepared_gdma_tiu_commands = field_gdma_tiu_commands.prepare(builder);
                let prepared_sdma_commands = field_sdma_commands.prepare(builder);
                let prepared_hau_commands = field_hau_commands.prepare(builder);
                let prepared_cdma_commands = field_cdma_commands.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<12> =
                    ::core::default::Default::default();
                if prepared_gdma_tiu_commands.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>(0);
                }
                if prepared_sdma_commands.is_some() {
                    table_writer.write_entry::<::planus::Offset<[self::Binary]>>(1);
                }
                if prepared_hau_commands.is_some() {
                    table_writer.write_entry::<::planus::Offset<[self::Binary]>>(2);
                }
                if prepared_cdma_commands.is_some() {
                    table_writer.write_entry::<::planus::Offset<[self::Binary]>>(3);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_gdma_tiu_commands) =
                            prepared_gdma_tiu_commands
                        {
                            object_writer.write::<_, _, 4>(&prepared_gdma_tiu_commands);
                        }
                        if let ::core::option::Option::Some(prepared_sdma_commands) =
                            prepared_sdma_commands
                        {
                            object_writer.write::<_, _, 4>(&prepared_sdma_commands);
                        }
                        if let ::core::option::Option::Some(prepared_hau_commands) =
                            prepared_hau_commands
                        {
                            object_writer.write::<_, _, 4>(&prepared_hau_commands);
                        }
                        if let ::core::option::Option::Some(prepared_cdma_commands) =
                            prepared_cdma_commands
                        {
                            object_writer.write::<_, _, 4>(&prepared_cdma_commands);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<CoreCommands>> for CoreCommands {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoreCommands> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<CoreCommands>> for CoreCommands {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CoreCommands>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<CoreCommands> for CoreCommands {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoreCommands> {
                CoreCommands::create(
                    builder,
                    &self.gdma_tiu_commands,
                    &self.sdma_commands,
                    &self.hau_commands,
                    &self.cdma_commands,
                )
            }
        }

        /// Builder for serializing an instance of the [CoreCommands] type.
        ///
        /// Can be created using the [CoreCommands::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct CoreCommandsBuilder<State>(State);

        impl CoreCommandsBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn gdma_tiu_commands<T0>(self, value: T0) -> CoreCommandsBuilder<(T0,)>
            where
                T0: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            {
                CoreCommandsBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn gdma_tiu_commands_as_null(self) -> CoreCommandsBuilder<((),)> {
                self.gdma_tiu_commands(())
            }
        }

        impl<T0> CoreCommandsBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn sdma_commands<T1>(self, value: T1) -> CoreCommandsBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            {
                let (v0,) = self.0;
                CoreCommandsBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn sdma_commands_as_null(self) -> CoreCommandsBuilder<(T0, ())> {
                self.sdma_commands(())
            }
        }

        impl<T0, T1> CoreCommandsBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn hau_commands<T2>(self, value: T2) -> CoreCommandsBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            {
                let (v0, v1) = self.0;
                CoreCommandsBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn hau_commands_as_null(self) -> CoreCommandsBuilder<(T0, T1, ())> {
                self.hau_commands(())
            }
        }

        impl<T0, T1, T2> CoreCommandsBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cdma_commands<T3>(self, value: T3) -> CoreCommandsBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            {
                let (v0, v1, v2) = self.0;
                CoreCommandsBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cdma_commands_as_null(self) -> CoreCommandsBuilder<(T0, T1, T2, ())> {
                self.cdma_commands(())
            }
        }

        impl<T0, T1, T2, T3> CoreCommandsBuilder<(T0, T1, T2, T3)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [CoreCommands].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoreCommands>
            where
                Self: ::planus::WriteAsOffset<CoreCommands>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
        > ::planus::WriteAs<::planus::Offset<CoreCommands>>
            for CoreCommandsBuilder<(T0, T1, T2, T3)>
        {
            type Prepared = ::planus::Offset<CoreCommands>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoreCommands> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
        > ::planus::WriteAsOptional<::planus::Offset<CoreCommands>>
            for CoreCommandsBuilder<(T0, T1, T2, T3)>
        {
            type Prepared = ::planus::Offset<CoreCommands>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CoreCommands>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[self::Binary]>>,
        > ::planus::WriteAsOffset<CoreCommands> for CoreCommandsBuilder<(T0, T1, T2, T3)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoreCommands> {
                let (v0, v1, v2, v3) = &self.0;
                CoreCommands::create(builder, v0, v1, v2, v3)
            }
        }

        /// Reference to a deserialized [CoreCommands].
        #[derive(Copy, Clone)]
        pub struct CoreCommandsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> CoreCommandsRef<'a> {
            #[inline]
            pub fn gdma_tiu_commands(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::CmdGroupRef<'a>>>,
                >,
            > {
                self.0.access(0, "CoreCommands", "gdma_tiu_commands")
            }

            #[inline]
            pub fn sdma_commands(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, self::BinaryRef<'a>>>>
            {
                self.0.access(1, "CoreCommands", "sdma_commands")
            }

            #[inline]
            pub fn hau_commands(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, self::BinaryRef<'a>>>>
            {
                self.0.access(2, "CoreCommands", "hau_commands")
            }

            #[inline]
            pub fn cdma_commands(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, self::BinaryRef<'a>>>>
            {
                self.0.access(3, "CoreCommands", "cdma_commands")
            }
        }

        impl<'a> ::core::fmt::Debug for CoreCommandsRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("CoreCommandsRef");
                if let ::core::option::Option::Some(field_gdma_tiu_commands) =
                    self.gdma_tiu_commands().transpose()
                {
                    f.field("gdma_tiu_commands", &field_gdma_tiu_commands);
                }
                if let ::core::option::Option::Some(field_sdma_commands) =
                    self.sdma_commands().transpose()
                {
                    f.field("sdma_commands", &field_sdma_commands);
                }
                if let ::core::option::Option::Some(field_hau_commands) =
                    self.hau_commands().transpose()
                {
                    f.field("hau_commands", &field_hau_commands);
                }
                if let ::core::option::Option::Some(field_cdma_commands) =
                    self.cdma_commands().transpose()
                {
                    f.field("cdma_commands", &field_cdma_commands);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<CoreCommandsRef<'a>> for CoreCommands {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: CoreCommandsRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    gdma_tiu_commands: if let ::core::option::Option::Some(gdma_tiu_commands) =
                        value.gdma_tiu_commands()?
                    {
                        ::core::option::Option::Some(gdma_tiu_commands.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    sdma_commands: if let ::core::option::Option::Some(sdma_commands) =
                        value.sdma_commands()?
                    {
                        ::core::option::Option::Some(sdma_commands.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                    hau_commands: if let ::core::option::Option::Some(hau_commands) =
                        value.hau_commands()?
                    {
                        ::core::option::Option::Some(hau_commands.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                    cdma_commands: if let ::core::option::Option::Some(cdma_commands) =
                        value.cdma_commands()?
                    {
                        ::core::option::Option::Some(cdma_commands.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for CoreCommandsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for CoreCommandsRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[CoreCommandsRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<CoreCommands>> for CoreCommands {
            type Value = ::planus::Offset<CoreCommands>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<CoreCommands>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for CoreCommandsRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[CoreCommandsRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `StageIR` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `StageIR` in the file `proto/bmodel.fbs:44`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct StageIr {
            /// The field `ir_info_len` in the table `StageIR`
            pub ir_info_len: u32,
            /// The field `height_high` in the table `StageIR`
            pub height_high: i32,
            /// The field `height_low` in the table `StageIR`
            pub height_low: i32,
            /// The field `width_high` in the table `StageIR`
            pub width_high: i32,
            /// The field `width_low` in the table `StageIR`
            pub width_low: i32,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for StageIr {
            fn default() -> Self {
                Self { ir_info_len: 0, height_high: 0, height_low: 0, width_high: 0, width_low: 0 }
            }
        }

        impl StageIr {
            /// Creates a [StageIrBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> StageIrBuilder<()> {
                StageIrBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_ir_info_len: impl ::planus::WriteAsDefault<u32, u32>,
                field_height_high: impl ::planus::WriteAsDefault<i32, i32>,
                field_height_low: impl ::planus::WriteAsDefault<i32, i32>,
                field_width_high: impl ::planus::WriteAsDefault<i32, i32>,
                field_width_low: impl ::planus::WriteAsDefault<i32, i32>,
            ) -> ::planus::Offset<Self> {
                let prepared_ir_info_len = field_ir_info_len.prepare(builder, &0);
                let prepared_height_high = field_height_high.prepare(builder, &0);
                let prepared_height_low = field_height_low.prepare(builder, &0);
                let prepared_width_high = field_width_high.prepare(builder, &0);
                let prepared_width_low = field_width_low.prepare(builder, &0);

                let mut table_writer: ::planus::table_writer::TableWriter<14> =
                    ::core::default::Default::default();
                if prepared_ir_info_len.is_some() {
                    table_writer.write_entry::<u32>(0);
                }
                if prepared_height_high.is_some() {
                    table_writer.write_entry::<i32>(1);
                }
                if prepared_height_low.is_some() {
                    table_writer.write_entry::<i32>(2);
                }
                if prepared_width_high.is_some() {
                    table_writer.write_entry::<i32>(3);
                }
                if prepared_width_low.is_some() {
                    table_writer.write_entry::<i32>(4);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_ir_info_len) =
                            prepared_ir_info_len
                        {
                            object_writer.write::<_, _, 4>(&prepared_ir_info_len);
                        }
                        if let ::core::option::Option::Some(prepared_height_high) =
                            prepared_height_high
                        {
                            object_writer.write::<_, _, 4>(&prepared_height_high);
                        }
                        if let ::core::option::Option::Some(prepared_height_low) =
                            prepared_height_low
                        {
                            object_writer.write::<_, _, 4>(&prepared_height_low);
                        }
                        if let ::core::option::Option::Some(prepared_width_high) =
                            prepared_width_high
                        {
                            object_writer.write::<_, _, 4>(&prepared_width_high);
                        }
                        if let ::core::option::Option::Some(prepared_width_low) = prepared_width_low
                        {
                            object_writer.write::<_, _, 4>(&prepared_width_low);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<StageIr>> for StageIr {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<StageIr> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<StageIr>> for StageIr {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<StageIr>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<StageIr> for StageIr {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<StageIr> {
                StageIr::create(
                    builder,
                    self.ir_info_len,
                    self.height_high,
                    self.height_low,
                    self.width_high,
                    self.width_low,
                )
            }
        }

        /// Builder for serializing an instance of the [StageIr] type.
        ///
        /// Can be created using the [StageIr::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct StageIrBuilder<State>(State);

        impl StageIrBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ir_info_len<T0>(self, value: T0) -> StageIrBuilder<(T0,)>
            where
                T0: ::planus::WriteAsDefault<u32, u32>,
            {
                StageIrBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ir_info_len_as_default(self) -> StageIrBuilder<(::planus::DefaultValue,)> {
                self.ir_info_len(::planus::DefaultValue)
            }
        }

        impl<T0> StageIrBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn height_high<T1>(self, value: T1) -> StageIrBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0,) = self.0;
                StageIrBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn height_high_as_default(self) -> StageIrBuilder<(T0, ::planus::DefaultValue)> {
                self.height_high(::planus::DefaultValue)
            }
        }

        impl<T0, T1> StageIrBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn height_low<T2>(self, value: T2) -> StageIrBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1) = self.0;
                StageIrBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn height_low_as_default(self) -> StageIrBuilder<(T0, T1, ::planus::DefaultValue)> {
                self.height_low(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2> StageIrBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn width_high<T3>(self, value: T3) -> StageIrBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2) = self.0;
                StageIrBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn width_high_as_default(
                self,
            ) -> StageIrBuilder<(T0, T1, T2, ::planus::DefaultValue)> {
                self.width_high(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3> StageIrBuilder<(T0, T1, T2, T3)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn width_low<T4>(self, value: T4) -> StageIrBuilder<(T0, T1, T2, T3, T4)>
            where
                T4: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3) = self.0;
                StageIrBuilder((v0, v1, v2, v3, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn width_low_as_default(
                self,
            ) -> StageIrBuilder<(T0, T1, T2, T3, ::planus::DefaultValue)> {
                self.width_low(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4> StageIrBuilder<(T0, T1, T2, T3, T4)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [StageIr].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<StageIr>
            where
                Self: ::planus::WriteAsOffset<StageIr>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<i32, i32>,
            T2: ::planus::WriteAsDefault<i32, i32>,
            T3: ::planus::WriteAsDefault<i32, i32>,
            T4: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAs<::planus::Offset<StageIr>> for StageIrBuilder<(T0, T1, T2, T3, T4)>
        {
            type Prepared = ::planus::Offset<StageIr>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<StageIr> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<i32, i32>,
            T2: ::planus::WriteAsDefault<i32, i32>,
            T3: ::planus::WriteAsDefault<i32, i32>,
            T4: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAsOptional<::planus::Offset<StageIr>>
            for StageIrBuilder<(T0, T1, T2, T3, T4)>
        {
            type Prepared = ::planus::Offset<StageIr>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<StageIr>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<i32, i32>,
            T2: ::planus::WriteAsDefault<i32, i32>,
            T3: ::planus::WriteAsDefault<i32, i32>,
            T4: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAsOffset<StageIr> for StageIrBuilder<(T0, T1, T2, T3, T4)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<StageIr> {
                let (v0, v1, v2, v3, v4) = &self.0;
                StageIr::create(builder, v0, v1, v2, v3, v4)
            }
        }

        /// Reference to a deserialized [StageIr].
        #[derive(Copy, Clone)]
        pub struct StageIrRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> StageIrRef<'a> {
            #[inline]
            pub fn ir_info_len(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(0, "StageIr", "ir_info_len")?.unwrap_or(0))
            }

            #[inline]
            pub fn height_high(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(1, "StageIr", "height_high")?.unwrap_or(0))
            }

            #[inline]
            pub fn height_low(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(2, "StageIr", "height_low")?.unwrap_or(0))
            }

            #[inline]
            pub fn width_high(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(3, "StageIr", "width_high")?.unwrap_or(0))
            }

            #[inline]
            pub fn width_low(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(4, "StageIr", "width_low")?.unwrap_or(0))
            }
        }

        impl<'a> ::core::fmt::Debug for StageIrRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("StageIrRef");
                f.field("ir_info_len", &self.ir_info_len());
                f.field("height_high", &self.height_high());
                f.field("height_low", &self.height_low());
                f.field("width_high", &self.width_high());
                f.field("width_low", &self.width_low());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<StageIrRef<'a>> for StageIr {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: StageIrRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    ir_info_len: ::core::convert::TryInto::try_into(value.ir_info_len()?)?,
                    height_high: ::core::convert::TryInto::try_into(value.height_high()?)?,
                    height_low: ::core::convert::TryInto::try_into(value.height_low()?)?,
                    width_high: ::core::convert::TryInto::try_into(value.width_high()?)?,
                    width_low: ::core::convert::TryInto::try_into(value.width_low()?)?,
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for StageIrRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for StageIrRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[StageIrRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<StageIr>> for StageIr {
            type Value = ::planus::Offset<StageIr>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<StageIr>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for StageIrRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[StageIrRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `Location` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `Location` in the file `proto/bmodel.fbs:53`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct Location {
            /// The field `name` in the table `Location`
            pub name: ::planus::alloc::string::String,
            /// The field `offset` in the table `Location`
            pub offset: u64,
            /// The field `size` in the table `Location`
            pub size: u64,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for Location {
            fn default() -> Self {
                Self { name: ::core::default::Default::default(), offset: 0, size: 0 }
            }
        }

        impl Location {
            /// Creates a [LocationBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> LocationBuilder<()> {
                LocationBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_name: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_offset: impl ::planus::WriteAsDefault<u64, u64>,
                field_size: impl ::planus::WriteAsDefault<u64, u64>,
            ) -> ::planus::Offset<Self> {
                let prepared_name = field_name.prepare(builder);
                let prepared_offset = field_offset.prepare(builder, &0);
                let prepared_size = field_size.prepare(builder, &0);

                let mut table_writer: ::planus::table_writer::TableWriter<10> =
                    ::core::default::Default::default();
                if prepared_offset.is_some() {
                    table_writer.write_entry::<u64>(1);
                }
                if prepared_size.is_some() {
                    table_writer.write_entry::<u64>(2);
                }
                table_writer.write_entry::<::planus::Offset<str>>(0);

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_offset) = prepared_offset {
                            object_writer.write::<_, _, 8>(&prepared_offset);
                        }
                        if let ::core::option::Option::Some(prepared_size) = prepared_size {
                            object_writer.write::<_, _, 8>(&prepared_size);
                        }
                        object_writer.write::<_, _, 4>(&prepared_name);
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<Location>> for Location {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Location> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<Location>> for Location {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Location>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<Location> for Location {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Location> {
                Location::create(builder, &self.name, self.offset, self.size)
            }
        }

        /// Builder for serializing an instance of the [Location] type.
        ///
        /// Can be created using the [Location::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct LocationBuilder<State>(State);

        impl LocationBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn name<T0>(self, value: T0) -> LocationBuilder<(T0,)>
            where
                T0: ::planus::WriteAs<::planus::Offset<str>>,
            {
                LocationBuilder((value,))
            }
        }

        impl<T0> LocationBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn offset<T1>(self, value: T1) -> LocationBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0,) = self.0;
                LocationBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn offset_as_default(self) -> LocationBuilder<(T0, ::planus::DefaultValue)> {
                self.offset(::planus::DefaultValue)
            }
        }

        impl<T0, T1> LocationBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn size<T2>(self, value: T2) -> LocationBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0, v1) = self.0;
                LocationBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn size_as_default(self) -> LocationBuilder<(T0, T1, ::planus::DefaultValue)> {
                self.size(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2> LocationBuilder<(T0, T1, T2)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [Location].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<Location>
            where
                Self: ::planus::WriteAsOffset<Location>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsDefault<u64, u64>,
            T2: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAs<::planus::Offset<Location>> for LocationBuilder<(T0, T1, T2)>
        {
            type Prepared = ::planus::Offset<Location>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Location> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsDefault<u64, u64>,
            T2: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAsOptional<::planus::Offset<Location>> for LocationBuilder<(T0, T1, T2)>
        {
            type Prepared = ::planus::Offset<Location>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Location>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsDefault<u64, u64>,
            T2: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAsOffset<Location> for LocationBuilder<(T0, T1, T2)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Location> {
                let (v0, v1, v2) = &self.0;
                Location::create(builder, v0, v1, v2)
            }
        }

        /// Reference to a deserialized [Location].
        #[derive(Copy, Clone)]
        pub struct LocationRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> LocationRef<'a> {
            #[inline]
            pub fn name(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(0, "Location", "name")
            }

            #[inline]
            pub fn offset(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(self.0.access(1, "Location", "offset")?.unwrap_or(0))
            }

            #[inline]
            pub fn size(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(self.0.access(2, "Location", "size")?.unwrap_or(0))
            }
        }

        impl<'a> ::core::fmt::Debug for LocationRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("LocationRef");
                f.field("name", &self.name());
                f.field("offset", &self.offset());
                f.field("size", &self.size());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<LocationRef<'a>> for Location {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: LocationRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    name: ::core::convert::Into::into(value.name()?),
                    offset: ::core::convert::TryInto::try_into(value.offset()?)?,
                    size: ::core::convert::TryInto::try_into(value.size()?)?,
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for LocationRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for LocationRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[LocationRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<Location>> for Location {
            type Value = ::planus::Offset<Location>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<Location>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for LocationRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[LocationRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `CoeffMem` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `CoeffMem` in the file `proto/bmodel.fbs:60`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct CoeffMem {
            /// The field `address` in the table `CoeffMem`
            pub address: u64,
            /// The field `check_code` in the table `CoeffMem`
            pub check_code: ::core::option::Option<::planus::alloc::vec::Vec<u8>>,
            /// The field `binary_coeff` in the table `CoeffMem`
            pub binary_coeff: ::core::option::Option<self::Binary>,
            /// The field `location` in the table `CoeffMem`
            pub location: ::core::option::Option<::planus::alloc::vec::Vec<self::Location>>,
            /// The field `encrypt_mode` in the table `CoeffMem`
            pub encrypt_mode: i32,
            /// The field `decrypt_size` in the table `CoeffMem`
            pub decrypt_size: u64,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for CoeffMem {
            fn default() -> Self {
                Self {
                    address: 0,
                    check_code: ::core::default::Default::default(),
                    binary_coeff: ::core::default::Default::default(),
                    location: ::core::default::Default::default(),
                    encrypt_mode: 0,
                    decrypt_size: 0,
                }
            }
        }

        impl CoeffMem {
            /// Creates a [CoeffMemBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> CoeffMemBuilder<()> {
                CoeffMemBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_address: impl ::planus::WriteAsDefault<u64, u64>,
                field_check_code: impl ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
                field_binary_coeff: impl ::planus::WriteAsOptional<self::Binary>,
                field_location: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::Location>]>,
                >,
                field_encrypt_mode: impl ::planus::WriteAsDefault<i32, i32>,
                field_decrypt_size: impl ::planus::WriteAsDefault<u64, u64>,
            ) -> ::planus::Offset<Self> {
                let prepared_address = field_address.prepare(builder, &0);
                let prepared_check_code = field_check_code.prepare(builder);
                let prepared_binary_coeff = field_binary_coeff.prepare(builder);
                let prepared_location = field_location.prepare(builder);
                let prepared_encrypt_mode = field_encrypt_mode.prepare(builder, &0);
                let prepared_decrypt_size = field_decrypt_size.prepare(builder, &0);

                let mut table_writer: ::planus::table_writer::TableWriter<16> =
                    ::core::default::Default::default();
                if prepared_address.is_some() {
                    table_writer.write_entry::<u64>(0);
                }
                if prepared_binary_coeff.is_some() {
                    table_writer.write_entry::<self::Binary>(2);
                }
                if prepared_decrypt_size.is_some() {
                    table_writer.write_entry::<u64>(5);
                }
                if prepared_check_code.is_some() {
                    table_writer.write_entry::<::planus::Offset<[u8]>>(1);
                }
                if prepared_location.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::Location>]>>(3);
                }
                if prepared_encrypt_mode.is_some() {
                    table_writer.write_entry::<i32>(4);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_address) = prepared_address {
                            object_writer.write::<_, _, 8>(&prepared_address);
                        }
                        if let ::core::option::Option::Some(prepared_binary_coeff) =
                            prepared_binary_coeff
                        {
                            object_writer.write::<_, _, 16>(&prepared_binary_coeff);
                        }
                        if let ::core::option::Option::Some(prepared_decrypt_size) =
                            prepared_decrypt_size
                        {
                            object_writer.write::<_, _, 8>(&prepared_decrypt_size);
                        }
                        if let ::core::option::Option::Some(prepared_check_code) =
                            prepared_check_code
                        {
                            object_writer.write::<_, _, 4>(&prepared_check_code);
                        }
                        if let ::core::option::Option::Some(prepared_location) = prepared_location {
                            object_writer.write::<_, _, 4>(&prepared_location);
                        }
                        if let ::core::option::Option::Some(prepared_encrypt_mode) =
                            prepared_encrypt_mode
                        {
                            object_writer.write::<_, _, 4>(&prepared_encrypt_mode);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<CoeffMem>> for CoeffMem {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoeffMem> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<CoeffMem>> for CoeffMem {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CoeffMem>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<CoeffMem> for CoeffMem {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoeffMem> {
                CoeffMem::create(
                    builder,
                    self.address,
                    &self.check_code,
                    self.binary_coeff,
                    &self.location,
                    self.encrypt_mode,
                    self.decrypt_size,
                )
            }
        }

        /// Builder for serializing an instance of the [CoeffMem] type.
        ///
        /// Can be created using the [CoeffMem::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct CoeffMemBuilder<State>(State);

        impl CoeffMemBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn address<T0>(self, value: T0) -> CoeffMemBuilder<(T0,)>
            where
                T0: ::planus::WriteAsDefault<u64, u64>,
            {
                CoeffMemBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn address_as_default(self) -> CoeffMemBuilder<(::planus::DefaultValue,)> {
                self.address(::planus::DefaultValue)
            }
        }

        impl<T0> CoeffMemBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn check_code<T1>(self, value: T1) -> CoeffMemBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
            {
                let (v0,) = self.0;
                CoeffMemBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn check_code_as_null(self) -> CoeffMemBuilder<(T0, ())> {
                self.check_code(())
            }
        }

        impl<T0, T1> CoeffMemBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_coeff<T2>(self, value: T2) -> CoeffMemBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0, v1) = self.0;
                CoeffMemBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_coeff_as_null(self) -> CoeffMemBuilder<(T0, T1, ())> {
                self.binary_coeff(())
            }
        }

        impl<T0, T1, T2> CoeffMemBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn location<T3>(self, value: T3) -> CoeffMemBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Location>]>>,
            {
                let (v0, v1, v2) = self.0;
                CoeffMemBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn location_as_null(self) -> CoeffMemBuilder<(T0, T1, T2, ())> {
                self.location(())
            }
        }

        impl<T0, T1, T2, T3> CoeffMemBuilder<(T0, T1, T2, T3)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn encrypt_mode<T4>(self, value: T4) -> CoeffMemBuilder<(T0, T1, T2, T3, T4)>
            where
                T4: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3) = self.0;
                CoeffMemBuilder((v0, v1, v2, v3, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn encrypt_mode_as_default(
                self,
            ) -> CoeffMemBuilder<(T0, T1, T2, T3, ::planus::DefaultValue)> {
                self.encrypt_mode(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4> CoeffMemBuilder<(T0, T1, T2, T3, T4)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn decrypt_size<T5>(self, value: T5) -> CoeffMemBuilder<(T0, T1, T2, T3, T4, T5)>
            where
                T5: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0, v1, v2, v3, v4) = self.0;
                CoeffMemBuilder((v0, v1, v2, v3, v4, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn decrypt_size_as_default(
                self,
            ) -> CoeffMemBuilder<(T0, T1, T2, T3, T4, ::planus::DefaultValue)> {
                self.decrypt_size(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5> CoeffMemBuilder<(T0, T1, T2, T3, T4, T5)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [CoeffMem].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoeffMem>
            where
                Self: ::planus::WriteAsOffset<CoeffMem>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u64, u64>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
            T2: ::planus::WriteAsOptional<self::Binary>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Location>]>>,
            T4: ::planus::WriteAsDefault<i32, i32>,
            T5: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAs<::planus::Offset<CoeffMem>>
            for CoeffMemBuilder<(T0, T1, T2, T3, T4, T5)>
        {
            type Prepared = ::planus::Offset<CoeffMem>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoeffMem> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u64, u64>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
            T2: ::planus::WriteAsOptional<self::Binary>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Location>]>>,
            T4: ::planus::WriteAsDefault<i32, i32>,
            T5: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAsOptional<::planus::Offset<CoeffMem>>
            for CoeffMemBuilder<(T0, T1, T2, T3, T4, T5)>
        {
            type Prepared = ::planus::Offset<CoeffMem>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CoeffMem>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u64, u64>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
            T2: ::planus::WriteAsOptional<self::Binary>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Location>]>>,
            T4: ::planus::WriteAsDefault<i32, i32>,
            T5: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAsOffset<CoeffMem> for CoeffMemBuilder<(T0, T1, T2, T3, T4, T5)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CoeffMem> {
                let (v0, v1, v2, v3, v4, v5) = &self.0;
                CoeffMem::create(builder, v0, v1, v2, v3, v4, v5)
            }
        }

        /// Reference to a deserialized [CoeffMem].
        #[derive(Copy, Clone)]
        pub struct CoeffMemRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> CoeffMemRef<'a> {
            #[inline]
            pub fn address(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(self.0.access(0, "CoeffMem", "address")?.unwrap_or(0))
            }

            #[inline]
            pub fn check_code(&self) -> ::planus::Result<::core::option::Option<&'a [u8]>> {
                self.0.access(1, "CoeffMem", "check_code")
            }

            #[inline]
            pub fn binary_coeff(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(2, "CoeffMem", "binary_coeff")
            }

            #[inline]
            pub fn location(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::LocationRef<'a>>>,
                >,
            > {
                self.0.access(3, "CoeffMem", "location")
            }

            #[inline]
            pub fn encrypt_mode(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(4, "CoeffMem", "encrypt_mode")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn decrypt_size(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(
                    self.0.access(5, "CoeffMem", "decrypt_size")?.unwrap_or(0),
                )
            }
        }

        impl<'a> ::core::fmt::Debug for CoeffMemRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("CoeffMemRef");
                f.field("address", &self.address());
                if let ::core::option::Option::Some(field_check_code) =
                    self.check_code().transpose()
                {
                    f.field("check_code", &field_check_code);
                }
                if let ::core::option::Option::Some(field_binary_coeff) =
                    self.binary_coeff().transpose()
                {
                    f.field("binary_coeff", &field_binary_coeff);
                }
                if let ::core::option::Option::Some(field_location) = self.location().transpose() {
                    f.field("location", &field_location);
                }
                f.field("encrypt_mode", &self.encrypt_mode());
                f.field("decrypt_size", &self.decrypt_size());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<CoeffMemRef<'a>> for CoeffMem {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: CoeffMemRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    address: ::core::convert::TryInto::try_into(value.address()?)?,
                    check_code: value.check_code()?.map(|v| v.to_vec()),
                    binary_coeff: value.binary_coeff()?.map(::core::convert::Into::into),
                    location: if let ::core::option::Option::Some(location) = value.location()? {
                        ::core::option::Option::Some(location.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    encrypt_mode: ::core::convert::TryInto::try_into(value.encrypt_mode()?)?,
                    decrypt_size: ::core::convert::TryInto::try_into(value.decrypt_size()?)?,
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for CoeffMemRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for CoeffMemRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[CoeffMemRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<CoeffMem>> for CoeffMem {
            type Value = ::planus::Offset<CoeffMem>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<CoeffMem>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for CoeffMemRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[CoeffMemRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `Tensor` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `Tensor` in the file `proto/bmodel.fbs:70`
        #[derive(Clone, Debug, PartialEq, PartialOrd, ::serde::Serialize, ::serde::Deserialize)]
        pub struct Tensor {
            /// The field `name` in the table `Tensor`
            pub name: ::planus::alloc::string::String,
            /// The field `data_type` in the table `Tensor`
            pub data_type: u32,
            /// The field `gmem_stmode` in the table `Tensor`
            pub gmem_stmode: i32,
            /// The field `device_addr` in the table `Tensor`
            pub device_addr: u64,
            /// The field `size` in the table `Tensor`
            pub size: u64,
            /// The field `shape` in the table `Tensor`
            pub shape: ::core::option::Option<::planus::alloc::vec::Vec<self::Shape>>,
            /// The field `mem_type` in the table `Tensor`
            pub mem_type: u32,
            /// The field `scale` in the table `Tensor`
            pub scale: f32,
            /// The field `cpu_addr` in the table `Tensor`
            pub cpu_addr: u32,
            /// The field `pad_h` in the table `Tensor`
            pub pad_h: u32,
            /// The field `zero_point` in the table `Tensor`
            pub zero_point: i32,
            /// The field `hidden` in the table `Tensor`
            pub hidden: i32,
            /// The field `index` in the table `Tensor`
            pub index: i32,
            /// The field `relentry` in the table `Tensor`
            pub relentry: ::core::option::Option<self::RelEntry>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for Tensor {
            fn default() -> Self {
                Self {
                    name: ::core::default::Default::default(),
                    data_type: 0,
                    gmem_stmode: 0,
                    device_addr: 0,
                    size: 0,
                    shape: ::core::default::Default::default(),
                    mem_type: 0,
                    scale: 1.0,
                    cpu_addr: 0,
                    pad_h: 0,
                    zero_point: 0,
                    hidden: 0,
                    index: 0,
                    relentry: ::core::default::Default::default(),
                }
            }
        }

        impl Tensor {
            /// Creates a [TensorBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> TensorBuilder<()> {
                TensorBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_name: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_data_type: impl ::planus::WriteAsDefault<u32, u32>,
                field_gmem_stmode: impl ::planus::WriteAsDefault<i32, i32>,
                field_device_addr: impl ::planus::WriteAsDefault<u64, u64>,
                field_size: impl ::planus::WriteAsDefault<u64, u64>,
                field_shape: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::Shape>]>,
                >,
                field_mem_type: impl ::planus::WriteAsDefault<u32, u32>,
                field_scale: impl ::planus::WriteAsDefault<f32, f32>,
                field_cpu_addr: impl ::planus::WriteAsDefault<u32, u32>,
                field_pad_h: impl ::planus::WriteAsDefault<u32, u32>,
                field_zero_point: impl ::planus::WriteAsDefault<i32, i32>,
                field_hidden: impl ::planus::WriteAsDefault<i32, i32>,
                field_index: impl ::planus::WriteAsDefault<i32, i32>,
                field_relentry: impl ::planus::WriteAsOptional<self::RelEntry>,
            ) -> ::planus::Offset<Self> {
                let prepared_name = field_name.prepare(builder);
                let prepared_data_type = field_data_type.prepare(builder, &0);
                let prepared_gmem_stmode = field_gmem_stmode.prepare(builder, &0);
                let prepared_device_addr = field_device_addr.prepare(builder, &0);
                let prepared_size = field_size.prepare(builder, &0);
                let prepared_shape = field_shape.prepare(builder);
                let prepared_mem_type = field_mem_type.prepare(builder, &0);
                let prepared_scale = field_scale.prepare(builder, &1.0);
                let prepared_cpu_addr = field_cpu_addr.prepare(builder, &0);
                let prepared_pad_h = field_pad_h.prepare(builder, &0);
                let prepared_zero_point = field_zero_point.prepare(builder, &0);
                let prepared_hidden = field_hidden.prepare(builder, &0);
                let prepared_index = field_index.prepare(builder, &0);
                let prepared_relentry = field_relentry.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<32> =
                    ::core::default::Default::default();
                if prepared_device_addr.is_some() {
                    table_writer.write_entry::<u64>(3);
                }
                if prepared_size.is_some() {
                    table_writer.write_entry::<u64>(4);
                }
                table_writer.write_entry::<::planus::Offset<str>>(0);
                if prepared_data_type.is_some() {
                    table_writer.write_entry::<u32>(1);
                }
                if prepared_gmem_stmode.is_some() {
                    table_writer.write_entry::<i32>(2);
                }
                if prepared_shape.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::Shape>]>>(5);
                }
                if prepared_mem_type.is_some() {
                    table_writer.write_entry::<u32>(6);
                }
                if prepared_scale.is_some() {
                    table_writer.write_entry::<f32>(7);
                }
                if prepared_cpu_addr.is_some() {
                    table_writer.write_entry::<u32>(8);
                }
                if prepared_pad_h.is_some() {
                    table_writer.write_entry::<u32>(9);
                }
                if prepared_zero_point.is_some() {
                    table_writer.write_entry::<i32>(10);
                }
                if prepared_hidden.is_some() {
                    table_writer.write_entry::<i32>(11);
                }
                if prepared_index.is_some() {
                    table_writer.write_entry::<i32>(12);
                }
                if prepared_relentry.is_some() {
                    table_writer.write_entry::<self::RelEntry>(13);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_device_addr) =
                            prepared_device_addr
                        {
                            object_writer.write::<_, _, 8>(&prepared_device_addr);
                        }
                        if let ::core::option::Option::Some(prepared_size) = prepared_size {
                            object_writer.write::<_, _, 8>(&prepared_size);
                        }
                        object_writer.write::<_, _, 4>(&prepared_name);
                        if let ::core::option::Option::Some(prepared_data_type) = prepared_data_type
                        {
                            object_writer.write::<_, _, 4>(&prepared_data_type);
                        }
                        if let ::core::option::Option::Some(prepared_gmem_stmode) =
                            prepared_gmem_stmode
                        {
                            object_writer.write::<_, _, 4>(&prepared_gmem_stmode);
                        }
                        if let ::core::option::Option::Some(prepared_shape) = prepared_shape {
                            object_writer.write::<_, _, 4>(&prepared_shape);
                        }
                        if let ::core::option::Option::Some(prepared_mem_type) = prepared_mem_type {
                            object_writer.write::<_, _, 4>(&prepared_mem_type);
                        }
                        if let ::core::option::Option::Some(prepared_scale) = prepared_scale {
                            object_writer.write::<_, _, 4>(&prepared_scale);
                        }
                        if let ::core::option::Option::Some(prepared_cpu_addr) = prepared_cpu_addr {
                            object_writer.write::<_, _, 4>(&prepared_cpu_addr);
                        }
                        if let ::core::option::Option::Some(prepared_pad_h) = prepared_pad_h {
                            object_writer.write::<_, _, 4>(&prepared_pad_h);
                        }
                        if let ::core::option::Option::Some(prepared_zero_point) =
                            prepared_zero_point
                        {
                            object_writer.write::<_, _, 4>(&prepared_zero_point);
                        }
                        if let ::core::option::Option::Some(prepared_hidden) = prepared_hidden {
                            object_writer.write::<_, _, 4>(&prepared_hidden);
                        }
                        if let ::core::option::Option::Some(prepared_index) = prepared_index {
                            object_writer.write::<_, _, 4>(&prepared_index);
                        }
                        if let ::core::option::Option::Some(prepared_relentry) = prepared_relentry {
                            object_writer.write::<_, _, 12>(&prepared_relentry);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<Tensor>> for Tensor {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Tensor> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<Tensor>> for Tensor {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Tensor>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<Tensor> for Tensor {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Tensor> {
                Tensor::create(
                    builder,
                    &self.name,
                    self.data_type,
                    self.gmem_stmode,
                    self.device_addr,
                    self.size,
                    &self.shape,
                    self.mem_type,
                    self.scale,
                    self.cpu_addr,
                    self.pad_h,
                    self.zero_point,
                    self.hidden,
                    self.index,
                    self.relentry,
                )
            }
        }

        /// Builder for serializing an instance of the [Tensor] type.
        ///
        /// Can be created using the [Tensor::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct TensorBuilder<State>(State);

        impl TensorBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn name<T0>(self, value: T0) -> TensorBuilder<(T0,)>
            where
                T0: ::planus::WriteAs<::planus::Offset<str>>,
            {
                TensorBuilder((value,))
            }
        }

        impl<T0> TensorBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn data_type<T1>(self, value: T1) -> TensorBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0,) = self.0;
                TensorBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn data_type_as_default(self) -> TensorBuilder<(T0, ::planus::DefaultValue)> {
                self.data_type(::planus::DefaultValue)
            }
        }

        impl<T0, T1> TensorBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn gmem_stmode<T2>(self, value: T2) -> TensorBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1) = self.0;
                TensorBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn gmem_stmode_as_default(self) -> TensorBuilder<(T0, T1, ::planus::DefaultValue)> {
                self.gmem_stmode(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2> TensorBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn device_addr<T3>(self, value: T3) -> TensorBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0, v1, v2) = self.0;
                TensorBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn device_addr_as_default(
                self,
            ) -> TensorBuilder<(T0, T1, T2, ::planus::DefaultValue)> {
                self.device_addr(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3> TensorBuilder<(T0, T1, T2, T3)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn size<T4>(self, value: T4) -> TensorBuilder<(T0, T1, T2, T3, T4)>
            where
                T4: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0, v1, v2, v3) = self.0;
                TensorBuilder((v0, v1, v2, v3, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn size_as_default(
                self,
            ) -> TensorBuilder<(T0, T1, T2, T3, ::planus::DefaultValue)> {
                self.size(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4> TensorBuilder<(T0, T1, T2, T3, T4)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn shape<T5>(self, value: T5) -> TensorBuilder<(T0, T1, T2, T3, T4, T5)>
            where
                T5: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Shape>]>>,
            {
                let (v0, v1, v2, v3, v4) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn shape_as_null(self) -> TensorBuilder<(T0, T1, T2, T3, T4, ())> {
                self.shape(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5> TensorBuilder<(T0, T1, T2, T3, T4, T5)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn mem_type<T6>(self, value: T6) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6)>
            where
                T6: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, v5, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn mem_type_as_default(
                self,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, ::planus::DefaultValue)> {
                self.mem_type(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn scale<T7>(self, value: T7) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7)>
            where
                T7: ::planus::WriteAsDefault<f32, f32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, v5, v6, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn scale_as_default(
                self,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, ::planus::DefaultValue)> {
                self.scale(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpu_addr<T8>(
                self,
                value: T8,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8)>
            where
                T8: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, v5, v6, v7, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpu_addr_as_default(
                self,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, ::planus::DefaultValue)>
            {
                self.cpu_addr(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn pad_h<T9>(
                self,
                value: T9,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9)>
            where
                T9: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn pad_h_as_default(
                self,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, ::planus::DefaultValue)>
            {
                self.pad_h(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>
            TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn zero_point<T10>(
                self,
                value: T10,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
            where
                T10: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn zero_point_as_default(
                self,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, ::planus::DefaultValue)>
            {
                self.zero_point(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
            TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn hidden<T11>(
                self,
                value: T11,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11)>
            where
                T11: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn hidden_as_default(
                self,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, ::planus::DefaultValue)>
            {
                self.hidden(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>
            TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn index<T12>(
                self,
                value: T12,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12)>
            where
                T12: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn index_as_default(
                self,
            ) -> TensorBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                ::planus::DefaultValue,
            )> {
                self.index(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>
            TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn relentry<T13>(
                self,
                value: T13,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
            where
                T13: ::planus::WriteAsOptional<self::RelEntry>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12) = self.0;
                TensorBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn relentry_as_null(
                self,
            ) -> TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, ())>
            {
                self.relentry(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
            TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
        {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [Tensor].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<Tensor>
            where
                Self: ::planus::WriteAsOffset<Tensor>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsDefault<i32, i32>,
            T3: ::planus::WriteAsDefault<u64, u64>,
            T4: ::planus::WriteAsDefault<u64, u64>,
            T5: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Shape>]>>,
            T6: ::planus::WriteAsDefault<u32, u32>,
            T7: ::planus::WriteAsDefault<f32, f32>,
            T8: ::planus::WriteAsDefault<u32, u32>,
            T9: ::planus::WriteAsDefault<u32, u32>,
            T10: ::planus::WriteAsDefault<i32, i32>,
            T11: ::planus::WriteAsDefault<i32, i32>,
            T12: ::planus::WriteAsDefault<i32, i32>,
            T13: ::planus::WriteAsOptional<self::RelEntry>,
        > ::planus::WriteAs<::planus::Offset<Tensor>>
            for TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
        {
            type Prepared = ::planus::Offset<Tensor>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Tensor> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsDefault<i32, i32>,
            T3: ::planus::WriteAsDefault<u64, u64>,
            T4: ::planus::WriteAsDefault<u64, u64>,
            T5: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Shape>]>>,
            T6: ::planus::WriteAsDefault<u32, u32>,
            T7: ::planus::WriteAsDefault<f32, f32>,
            T8: ::planus::WriteAsDefault<u32, u32>,
            T9: ::planus::WriteAsDefault<u32, u32>,
            T10: ::planus::WriteAsDefault<i32, i32>,
            T11: ::planus::WriteAsDefault<i32, i32>,
            T12: ::planus::WriteAsDefault<i32, i32>,
            T13: ::planus::WriteAsOptional<self::RelEntry>,
        > ::planus::WriteAsOptional<::planus::Offset<Tensor>>
            for TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
        {
            type Prepared = ::planus::Offset<Tensor>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Tensor>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsDefault<i32, i32>,
            T3: ::planus::WriteAsDefault<u64, u64>,
            T4: ::planus::WriteAsDefault<u64, u64>,
            T5: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Shape>]>>,
            T6: ::planus::WriteAsDefault<u32, u32>,
            T7: ::planus::WriteAsDefault<f32, f32>,
            T8: ::planus::WriteAsDefault<u32, u32>,
            T9: ::planus::WriteAsDefault<u32, u32>,
            T10: ::planus::WriteAsDefault<i32, i32>,
            T11: ::planus::WriteAsDefault<i32, i32>,
            T12: ::planus::WriteAsDefault<i32, i32>,
            T13: ::planus::WriteAsOptional<self::RelEntry>,
        > ::planus::WriteAsOffset<Tensor>
            for TensorBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Tensor> {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13) = &self.0;
                Tensor::create(builder, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13)
            }
        }

        /// Reference to a deserialized [Tensor].
        #[derive(Copy, Clone)]
        pub struct TensorRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> TensorRef<'a> {
            #[inline]
            pub fn name(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(0, "Tensor", "name")
            }

            #[inline]
            pub fn data_type(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(1, "Tensor", "data_type")?.unwrap_or(0))
            }

            #[inline]
            pub fn gmem_stmode(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(2, "Tensor", "gmem_stmode")?.unwrap_or(0))
            }

            #[inline]
            pub fn device_addr(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(self.0.access(3, "Tensor", "device_addr")?.unwrap_or(0))
            }

            #[inline]
            pub fn size(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(self.0.access(4, "Tensor", "size")?.unwrap_or(0))
            }

            #[inline]
            pub fn shape(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<::planus::Vector<'a, ::planus::Result<self::ShapeRef<'a>>>>,
            > {
                self.0.access(5, "Tensor", "shape")
            }

            #[inline]
            pub fn mem_type(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(6, "Tensor", "mem_type")?.unwrap_or(0))
            }

            #[inline]
            pub fn scale(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(self.0.access(7, "Tensor", "scale")?.unwrap_or(1.0))
            }

            #[inline]
            pub fn cpu_addr(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(8, "Tensor", "cpu_addr")?.unwrap_or(0))
            }

            #[inline]
            pub fn pad_h(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(9, "Tensor", "pad_h")?.unwrap_or(0))
            }

            #[inline]
            pub fn zero_point(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(10, "Tensor", "zero_point")?.unwrap_or(0))
            }

            #[inline]
            pub fn hidden(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(11, "Tensor", "hidden")?.unwrap_or(0))
            }

            #[inline]
            pub fn index(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(12, "Tensor", "index")?.unwrap_or(0))
            }

            #[inline]
            pub fn relentry(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::RelEntryRef<'a>>> {
                self.0.access(13, "Tensor", "relentry")
            }
        }

        impl<'a> ::core::fmt::Debug for TensorRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("TensorRef");
                f.field("name", &self.name());
                f.field("data_type", &self.data_type());
                f.field("gmem_stmode", &self.gmem_stmode());
                f.field("device_addr", &self.device_addr());
                f.field("size", &self.size());
                if let ::core::option::Option::Some(field_shape) = self.shape().transpose() {
                    f.field("shape", &field_shape);
                }
                f.field("mem_type", &self.mem_type());
                f.field("scale", &self.scale());
                f.field("cpu_addr", &self.cpu_addr());
                f.field("pad_h", &self.pad_h());
                f.field("zero_point", &self.zero_point());
                f.field("hidden", &self.hidden());
                f.field("index", &self.index());
                if let ::core::option::Option::Some(field_relentry) = self.relentry().transpose() {
                    f.field("relentry", &field_relentry);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<TensorRef<'a>> for Tensor {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: TensorRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    name: ::core::convert::Into::into(value.name()?),
                    data_type: ::core::convert::TryInto::try_into(value.data_type()?)?,
                    gmem_stmode: ::core::convert::TryInto::try_into(value.gmem_stmode()?)?,
                    device_addr: ::core::convert::TryInto::try_into(value.device_addr()?)?,
                    size: ::core::convert::TryInto::try_into(value.size()?)?,
                    shape: if let ::core::option::Option::Some(shape) = value.shape()? {
                        ::core::option::Option::Some(shape.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    mem_type: ::core::convert::TryInto::try_into(value.mem_type()?)?,
                    scale: ::core::convert::TryInto::try_into(value.scale()?)?,
                    cpu_addr: ::core::convert::TryInto::try_into(value.cpu_addr()?)?,
                    pad_h: ::core::convert::TryInto::try_into(value.pad_h()?)?,
                    zero_point: ::core::convert::TryInto::try_into(value.zero_point()?)?,
                    hidden: ::core::convert::TryInto::try_into(value.hidden()?)?,
                    index: ::core::convert::TryInto::try_into(value.index()?)?,
                    relentry: value.relentry()?.map(::core::convert::Into::into),
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for TensorRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for TensorRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[TensorRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<Tensor>> for Tensor {
            type Value = ::planus::Offset<Tensor>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<Tensor>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for TensorRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[TensorRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `CpuConst` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `CpuConst` in the file `proto/bmodel.fbs:88`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct CpuConst {
            /// The field `name` in the table `CpuConst`
            pub name: ::core::option::Option<::planus::alloc::string::String>,
            /// The field `const_data` in the table `CpuConst`
            pub const_data: ::core::option::Option<self::Binary>,
            /// The field `check_code` in the table `CpuConst`
            pub check_code: ::core::option::Option<::planus::alloc::vec::Vec<u8>>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for CpuConst {
            fn default() -> Self {
                Self {
                    name: ::core::default::Default::default(),
                    const_data: ::core::default::Default::default(),
                    check_code: ::core::default::Default::default(),
                }
            }
        }

        impl CpuConst {
            /// Creates a [CpuConstBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> CpuConstBuilder<()> {
                CpuConstBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_name: impl ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
                field_const_data: impl ::planus::WriteAsOptional<self::Binary>,
                field_check_code: impl ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
            ) -> ::planus::Offset<Self> {
                let prepared_name = field_name.prepare(builder);
                let prepared_const_data = field_const_data.prepare(builder);
                let prepared_check_code = field_check_code.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<10> =
                    ::core::default::Default::default();
                if prepared_const_data.is_some() {
                    table_writer.write_entry::<self::Binary>(1);
                }
                if prepared_name.is_some() {
                    table_writer.write_entry::<::planus::Offset<str>>(0);
                }
                if prepared_check_code.is_some() {
                    table_writer.write_entry::<::planus::Offset<[u8]>>(2);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_const_data) =
                            prepared_const_data
                        {
                            object_writer.write::<_, _, 16>(&prepared_const_data);
                        }
                        if let ::core::option::Option::Some(prepared_name) = prepared_name {
                            object_writer.write::<_, _, 4>(&prepared_name);
                        }
                        if let ::core::option::Option::Some(prepared_check_code) =
                            prepared_check_code
                        {
                            object_writer.write::<_, _, 4>(&prepared_check_code);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<CpuConst>> for CpuConst {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuConst> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<CpuConst>> for CpuConst {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CpuConst>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<CpuConst> for CpuConst {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuConst> {
                CpuConst::create(builder, &self.name, self.const_data, &self.check_code)
            }
        }

        /// Builder for serializing an instance of the [CpuConst] type.
        ///
        /// Can be created using the [CpuConst::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct CpuConstBuilder<State>(State);

        impl CpuConstBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn name<T0>(self, value: T0) -> CpuConstBuilder<(T0,)>
            where
                T0: ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
            {
                CpuConstBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn name_as_null(self) -> CpuConstBuilder<((),)> {
                self.name(())
            }
        }

        impl<T0> CpuConstBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn const_data<T1>(self, value: T1) -> CpuConstBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0,) = self.0;
                CpuConstBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn const_data_as_null(self) -> CpuConstBuilder<(T0, ())> {
                self.const_data(())
            }
        }

        impl<T0, T1> CpuConstBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn check_code<T2>(self, value: T2) -> CpuConstBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
            {
                let (v0, v1) = self.0;
                CpuConstBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn check_code_as_null(self) -> CpuConstBuilder<(T0, T1, ())> {
                self.check_code(())
            }
        }

        impl<T0, T1, T2> CpuConstBuilder<(T0, T1, T2)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [CpuConst].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuConst>
            where
                Self: ::planus::WriteAsOffset<CpuConst>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
            T1: ::planus::WriteAsOptional<self::Binary>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
        > ::planus::WriteAs<::planus::Offset<CpuConst>> for CpuConstBuilder<(T0, T1, T2)>
        {
            type Prepared = ::planus::Offset<CpuConst>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuConst> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
            T1: ::planus::WriteAsOptional<self::Binary>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
        > ::planus::WriteAsOptional<::planus::Offset<CpuConst>> for CpuConstBuilder<(T0, T1, T2)>
        {
            type Prepared = ::planus::Offset<CpuConst>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CpuConst>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
            T1: ::planus::WriteAsOptional<self::Binary>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[u8]>>,
        > ::planus::WriteAsOffset<CpuConst> for CpuConstBuilder<(T0, T1, T2)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuConst> {
                let (v0, v1, v2) = &self.0;
                CpuConst::create(builder, v0, v1, v2)
            }
        }

        /// Reference to a deserialized [CpuConst].
        #[derive(Copy, Clone)]
        pub struct CpuConstRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> CpuConstRef<'a> {
            #[inline]
            pub fn name(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(0, "CpuConst", "name")
            }

            #[inline]
            pub fn const_data(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(1, "CpuConst", "const_data")
            }

            #[inline]
            pub fn check_code(&self) -> ::planus::Result<::core::option::Option<&'a [u8]>> {
                self.0.access(2, "CpuConst", "check_code")
            }
        }

        impl<'a> ::core::fmt::Debug for CpuConstRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("CpuConstRef");
                if let ::core::option::Option::Some(field_name) = self.name().transpose() {
                    f.field("name", &field_name);
                }
                if let ::core::option::Option::Some(field_const_data) =
                    self.const_data().transpose()
                {
                    f.field("const_data", &field_const_data);
                }
                if let ::core::option::Option::Some(field_check_code) =
                    self.check_code().transpose()
                {
                    f.field("check_code", &field_check_code);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<CpuConstRef<'a>> for CpuConst {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: CpuConstRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    name: value.name()?.map(::core::convert::Into::into),
                    const_data: value.const_data()?.map(::core::convert::Into::into),
                    check_code: value.check_code()?.map(|v| v.to_vec()),
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for CpuConstRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for CpuConstRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[CpuConstRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<CpuConst>> for CpuConst {
            type Value = ::planus::Offset<CpuConst>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<CpuConst>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for CpuConstRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[CpuConstRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `CpuParam` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `CpuParam` in the file `proto/bmodel.fbs:95`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct CpuParam {
            /// The field `op_type` in the table `CpuParam`
            pub op_type: i32,
            /// The field `binary_param` in the table `CpuParam`
            pub binary_param: ::core::option::Option<self::Binary>,
            /// The field `cpu_const` in the table `CpuParam`
            pub cpu_const: ::core::option::Option<::planus::alloc::vec::Vec<self::CpuConst>>,
            /// The field `is_custom` in the table `CpuParam`
            pub is_custom: i32,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for CpuParam {
            fn default() -> Self {
                Self {
                    op_type: 0,
                    binary_param: ::core::default::Default::default(),
                    cpu_const: ::core::default::Default::default(),
                    is_custom: 0,
                }
            }
        }

        impl CpuParam {
            /// Creates a [CpuParamBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> CpuParamBuilder<()> {
                CpuParamBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_op_type: impl ::planus::WriteAsDefault<i32, i32>,
                field_binary_param: impl ::planus::WriteAsOptional<self::Binary>,
                field_cpu_const: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::CpuConst>]>,
                >,
                field_is_custom: impl ::planus::WriteAsDefault<i32, i32>,
            ) -> ::planus::Offset<Self> {
                let prepared_op_type = field_op_type.prepare(builder, &0);
                let prepared_binary_param = field_binary_param.prepare(builder);
                let prepared_cpu_const = field_cpu_const.prepare(builder);
                let prepared_is_custom = field_is_custom.prepare(builder, &0);

                let mut table_writer: ::planus::table_writer::TableWriter<12> =
                    ::core::default::Default::default();
                if prepared_binary_param.is_some() {
                    table_writer.write_entry::<self::Binary>(1);
                }
                if prepared_op_type.is_some() {
                    table_writer.write_entry::<i32>(0);
                }
                if prepared_cpu_const.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::CpuConst>]>>(2);
                }
                if prepared_is_custom.is_some() {
                    table_writer.write_entry::<i32>(3);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_binary_param) =
                            prepared_binary_param
                        {
                            object_writer.write::<_, _, 16>(&prepared_binary_param);
                        }
                        if let ::core::option::Option::Some(prepared_op_type) = prepared_op_type {
                            object_writer.write::<_, _, 4>(&prepared_op_type);
                        }
                        if let ::core::option::Option::Some(prepared_cpu_const) = prepared_cpu_const
                        {
                            object_writer.write::<_, _, 4>(&prepared_cpu_const);
                        }
                        if let ::core::option::Option::Some(prepared_is_custom) = prepared_is_custom
                        {
                            object_writer.write::<_, _, 4>(&prepared_is_custom);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<CpuParam>> for CpuParam {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuParam> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<CpuParam>> for CpuParam {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CpuParam>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<CpuParam> for CpuParam {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuParam> {
                CpuParam::create(
                    builder,
                    self.op_type,
                    self.binary_param,
                    &self.cpu_const,
                    self.is_custom,
                )
            }
        }

        /// Builder for serializing an instance of the [CpuParam] type.
        ///
        /// Can be created using the [CpuParam::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct CpuParamBuilder<State>(State);

        impl CpuParamBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn op_type<T0>(self, value: T0) -> CpuParamBuilder<(T0,)>
            where
                T0: ::planus::WriteAsDefault<i32, i32>,
            {
                CpuParamBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn op_type_as_default(self) -> CpuParamBuilder<(::planus::DefaultValue,)> {
                self.op_type(::planus::DefaultValue)
            }
        }

        impl<T0> CpuParamBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_param<T1>(self, value: T1) -> CpuParamBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0,) = self.0;
                CpuParamBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_param_as_null(self) -> CpuParamBuilder<(T0, ())> {
                self.binary_param(())
            }
        }

        impl<T0, T1> CpuParamBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpu_const<T2>(self, value: T2) -> CpuParamBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CpuConst>]>>,
            {
                let (v0, v1) = self.0;
                CpuParamBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpu_const_as_null(self) -> CpuParamBuilder<(T0, T1, ())> {
                self.cpu_const(())
            }
        }

        impl<T0, T1, T2> CpuParamBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn is_custom<T3>(self, value: T3) -> CpuParamBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2) = self.0;
                CpuParamBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn is_custom_as_default(
                self,
            ) -> CpuParamBuilder<(T0, T1, T2, ::planus::DefaultValue)> {
                self.is_custom(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3> CpuParamBuilder<(T0, T1, T2, T3)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [CpuParam].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuParam>
            where
                Self: ::planus::WriteAsOffset<CpuParam>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<i32, i32>,
            T1: ::planus::WriteAsOptional<self::Binary>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CpuConst>]>>,
            T3: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAs<::planus::Offset<CpuParam>> for CpuParamBuilder<(T0, T1, T2, T3)>
        {
            type Prepared = ::planus::Offset<CpuParam>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuParam> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<i32, i32>,
            T1: ::planus::WriteAsOptional<self::Binary>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CpuConst>]>>,
            T3: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAsOptional<::planus::Offset<CpuParam>>
            for CpuParamBuilder<(T0, T1, T2, T3)>
        {
            type Prepared = ::planus::Offset<CpuParam>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CpuParam>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<i32, i32>,
            T1: ::planus::WriteAsOptional<self::Binary>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CpuConst>]>>,
            T3: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAsOffset<CpuParam> for CpuParamBuilder<(T0, T1, T2, T3)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuParam> {
                let (v0, v1, v2, v3) = &self.0;
                CpuParam::create(builder, v0, v1, v2, v3)
            }
        }

        /// Reference to a deserialized [CpuParam].
        #[derive(Copy, Clone)]
        pub struct CpuParamRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> CpuParamRef<'a> {
            #[inline]
            pub fn op_type(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(0, "CpuParam", "op_type")?.unwrap_or(0))
            }

            #[inline]
            pub fn binary_param(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(1, "CpuParam", "binary_param")
            }

            #[inline]
            pub fn cpu_const(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::CpuConstRef<'a>>>,
                >,
            > {
                self.0.access(2, "CpuParam", "cpu_const")
            }

            #[inline]
            pub fn is_custom(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(3, "CpuParam", "is_custom")?.unwrap_or(0))
            }
        }

        impl<'a> ::core::fmt::Debug for CpuParamRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("CpuParamRef");
                f.field("op_type", &self.op_type());
                if let ::core::option::Option::Some(field_binary_param) =
                    self.binary_param().transpose()
                {
                    f.field("binary_param", &field_binary_param);
                }
                if let ::core::option::Option::Some(field_cpu_const) = self.cpu_const().transpose()
                {
                    f.field("cpu_const", &field_cpu_const);
                }
                f.field("is_custom", &self.is_custom());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<CpuParamRef<'a>> for CpuParam {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: CpuParamRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    op_type: ::core::convert::TryInto::try_into(value.op_type()?)?,
                    binary_param: value.binary_param()?.map(::core::convert::Into::into),
                    cpu_const: if let ::core::option::Option::Some(cpu_const) = value.cpu_const()? {
                        ::core::option::Option::Some(cpu_const.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    is_custom: ::core::convert::TryInto::try_into(value.is_custom()?)?,
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for CpuParamRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for CpuParamRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[CpuParamRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<CpuParam>> for CpuParam {
            type Value = ::planus::Offset<CpuParam>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<CpuParam>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for CpuParamRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[CpuParamRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `OutputFrom` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `OutputFrom` in the file `proto/bmodel.fbs:103`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct OutputFrom {
            /// The field `indice` in the table `OutputFrom`
            pub indice: ::core::option::Option<::planus::alloc::vec::Vec<i32>>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for OutputFrom {
            fn default() -> Self {
                Self { indice: ::core::default::Default::default() }
            }
        }

        impl OutputFrom {
            /// Creates a [OutputFromBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> OutputFromBuilder<()> {
                OutputFromBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_indice: impl ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            ) -> ::planus::Offset<Self> {
                let prepared_indice = field_indice.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<6> =
                    ::core::default::Default::default();
                if prepared_indice.is_some() {
                    table_writer.write_entry::<::planus::Offset<[i32]>>(0);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_indice) = prepared_indice {
                            object_writer.write::<_, _, 4>(&prepared_indice);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<OutputFrom>> for OutputFrom {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<OutputFrom> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<OutputFrom>> for OutputFrom {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<OutputFrom>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<OutputFrom> for OutputFrom {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<OutputFrom> {
                OutputFrom::create(builder, &self.indice)
            }
        }

        /// Builder for serializing an instance of the [OutputFrom] type.
        ///
        /// Can be created using the [OutputFrom::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct OutputFromBuilder<State>(State);

        impl OutputFromBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn indice<T0>(self, value: T0) -> OutputFromBuilder<(T0,)>
            where
                T0: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            {
                OutputFromBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn indice_as_null(self) -> OutputFromBuilder<((),)> {
                self.indice(())
            }
        }

        impl<T0> OutputFromBuilder<(T0,)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [OutputFrom].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<OutputFrom>
            where
                Self: ::planus::WriteAsOffset<OutputFrom>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[i32]>>>
            ::planus::WriteAs<::planus::Offset<OutputFrom>> for OutputFromBuilder<(T0,)>
        {
            type Prepared = ::planus::Offset<OutputFrom>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<OutputFrom> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[i32]>>>
            ::planus::WriteAsOptional<::planus::Offset<OutputFrom>> for OutputFromBuilder<(T0,)>
        {
            type Prepared = ::planus::Offset<OutputFrom>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<OutputFrom>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[i32]>>>
            ::planus::WriteAsOffset<OutputFrom> for OutputFromBuilder<(T0,)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<OutputFrom> {
                let (v0,) = &self.0;
                OutputFrom::create(builder, v0)
            }
        }

        /// Reference to a deserialized [OutputFrom].
        #[derive(Copy, Clone)]
        pub struct OutputFromRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> OutputFromRef<'a> {
            #[inline]
            pub fn indice(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(0, "OutputFrom", "indice")
            }
        }

        impl<'a> ::core::fmt::Debug for OutputFromRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("OutputFromRef");
                if let ::core::option::Option::Some(field_indice) = self.indice().transpose() {
                    f.field("indice", &field_indice);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<OutputFromRef<'a>> for OutputFrom {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: OutputFromRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    indice: if let ::core::option::Option::Some(indice) = value.indice()? {
                        ::core::option::Option::Some(indice.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for OutputFromRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for OutputFromRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[OutputFromRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<OutputFrom>> for OutputFrom {
            type Value = ::planus::Offset<OutputFrom>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<OutputFrom>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for OutputFromRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[OutputFromRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `MergeParam` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `MergeParam` in the file `proto/bmodel.fbs:108`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct MergeParam {
            /// The field `output_from` in the table `MergeParam`
            pub output_from: ::core::option::Option<::planus::alloc::vec::Vec<self::OutputFrom>>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for MergeParam {
            fn default() -> Self {
                Self { output_from: ::core::default::Default::default() }
            }
        }

        impl MergeParam {
            /// Creates a [MergeParamBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> MergeParamBuilder<()> {
                MergeParamBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_output_from: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::OutputFrom>]>,
                >,
            ) -> ::planus::Offset<Self> {
                let prepared_output_from = field_output_from.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<6> =
                    ::core::default::Default::default();
                if prepared_output_from.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::OutputFrom>]>>(0);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_output_from) =
                            prepared_output_from
                        {
                            object_writer.write::<_, _, 4>(&prepared_output_from);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<MergeParam>> for MergeParam {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<MergeParam> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<MergeParam>> for MergeParam {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<MergeParam>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<MergeParam> for MergeParam {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<MergeParam> {
                MergeParam::create(builder, &self.output_from)
            }
        }

        /// Builder for serializing an instance of the [MergeParam] type.
        ///
        /// Can be created using the [MergeParam::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct MergeParamBuilder<State>(State);

        impl MergeParamBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_from<T0>(self, value: T0) -> MergeParamBuilder<(T0,)>
            where
                T0: ::planus::WriteAsOptional<
                        ::planus::Offset<[::planus::Offset<self::OutputFrom>]>,
                    >,
            {
                MergeParamBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_from_as_null(self) -> MergeParamBuilder<((),)> {
                self.output_from(())
            }
        }

        impl<T0> MergeParamBuilder<(T0,)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [MergeParam].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<MergeParam>
            where
                Self: ::planus::WriteAsOffset<MergeParam>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::OutputFrom>]>>>
            ::planus::WriteAs<::planus::Offset<MergeParam>> for MergeParamBuilder<(T0,)>
        {
            type Prepared = ::planus::Offset<MergeParam>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<MergeParam> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::OutputFrom>]>>>
            ::planus::WriteAsOptional<::planus::Offset<MergeParam>> for MergeParamBuilder<(T0,)>
        {
            type Prepared = ::planus::Offset<MergeParam>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<MergeParam>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<T0: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::OutputFrom>]>>>
            ::planus::WriteAsOffset<MergeParam> for MergeParamBuilder<(T0,)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<MergeParam> {
                let (v0,) = &self.0;
                MergeParam::create(builder, v0)
            }
        }

        /// Reference to a deserialized [MergeParam].
        #[derive(Copy, Clone)]
        pub struct MergeParamRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> MergeParamRef<'a> {
            #[inline]
            pub fn output_from(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::OutputFromRef<'a>>>,
                >,
            > {
                self.0.access(0, "MergeParam", "output_from")
            }
        }

        impl<'a> ::core::fmt::Debug for MergeParamRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("MergeParamRef");
                if let ::core::option::Option::Some(field_output_from) =
                    self.output_from().transpose()
                {
                    f.field("output_from", &field_output_from);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<MergeParamRef<'a>> for MergeParam {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: MergeParamRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    output_from: if let ::core::option::Option::Some(output_from) =
                        value.output_from()?
                    {
                        ::core::option::Option::Some(output_from.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for MergeParamRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for MergeParamRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[MergeParamRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<MergeParam>> for MergeParam {
            type Value = ::planus::Offset<MergeParam>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<MergeParam>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for MergeParamRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[MergeParamRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `SwitchParam` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `SwitchParam` in the file `proto/bmodel.fbs:113`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct SwitchParam {
            /// The field `output_from` in the table `SwitchParam`
            pub output_from: ::core::option::Option<::planus::alloc::vec::Vec<i32>>,
            /// The field `output_branch` in the table `SwitchParam`
            pub output_branch: ::core::option::Option<::planus::alloc::vec::Vec<i32>>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for SwitchParam {
            fn default() -> Self {
                Self {
                    output_from: ::core::default::Default::default(),
                    output_branch: ::core::default::Default::default(),
                }
            }
        }

        impl SwitchParam {
            /// Creates a [SwitchParamBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> SwitchParamBuilder<()> {
                SwitchParamBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_output_from: impl ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
                field_output_branch: impl ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            ) -> ::planus::Offset<Self> {
                let prepared_output_from = field_output_from.prepare(builder);
                let prepared_output_branch = field_output_branch.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<8> =
                    ::core::default::Default::default();
                if prepared_output_from.is_some() {
                    table_writer.write_entry::<::planus::Offset<[i32]>>(0);
                }
                if prepared_output_branch.is_some() {
                    table_writer.write_entry::<::planus::Offset<[i32]>>(1);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_output_from) =
                            prepared_output_from
                        {
                            object_writer.write::<_, _, 4>(&prepared_output_from);
                        }
                        if let ::core::option::Option::Some(prepared_output_branch) =
                            prepared_output_branch
                        {
                            object_writer.write::<_, _, 4>(&prepared_output_branch);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<SwitchParam>> for SwitchParam {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<SwitchParam> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<SwitchParam>> for SwitchParam {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<SwitchParam>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<SwitchParam> for SwitchParam {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<SwitchParam> {
                SwitchParam::create(builder, &self.output_from, &self.output_branch)
            }
        }

        /// Builder for serializing an instance of the [SwitchParam] type.
        ///
        /// Can be created using the [SwitchParam::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct SwitchParamBuilder<State>(State);

        impl SwitchParamBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_from<T0>(self, value: T0) -> SwitchParamBuilder<(T0,)>
            where
                T0: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            {
                SwitchParamBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_from_as_null(self) -> SwitchParamBuilder<((),)> {
                self.output_from(())
            }
        }

        impl<T0> SwitchParamBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_branch<T1>(self, value: T1) -> SwitchParamBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            {
                let (v0,) = self.0;
                SwitchParamBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_branch_as_null(self) -> SwitchParamBuilder<(T0, ())> {
                self.output_branch(())
            }
        }

        impl<T0, T1> SwitchParamBuilder<(T0, T1)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [SwitchParam].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<SwitchParam>
            where
                Self: ::planus::WriteAsOffset<SwitchParam>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
        > ::planus::WriteAs<::planus::Offset<SwitchParam>> for SwitchParamBuilder<(T0, T1)>
        {
            type Prepared = ::planus::Offset<SwitchParam>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<SwitchParam> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
        > ::planus::WriteAsOptional<::planus::Offset<SwitchParam>>
            for SwitchParamBuilder<(T0, T1)>
        {
            type Prepared = ::planus::Offset<SwitchParam>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<SwitchParam>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
        > ::planus::WriteAsOffset<SwitchParam> for SwitchParamBuilder<(T0, T1)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<SwitchParam> {
                let (v0, v1) = &self.0;
                SwitchParam::create(builder, v0, v1)
            }
        }

        /// Reference to a deserialized [SwitchParam].
        #[derive(Copy, Clone)]
        pub struct SwitchParamRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> SwitchParamRef<'a> {
            #[inline]
            pub fn output_from(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(0, "SwitchParam", "output_from")
            }

            #[inline]
            pub fn output_branch(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(1, "SwitchParam", "output_branch")
            }
        }

        impl<'a> ::core::fmt::Debug for SwitchParamRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("SwitchParamRef");
                if let ::core::option::Option::Some(field_output_from) =
                    self.output_from().transpose()
                {
                    f.field("output_from", &field_output_from);
                }
                if let ::core::option::Option::Some(field_output_branch) =
                    self.output_branch().transpose()
                {
                    f.field("output_branch", &field_output_branch);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<SwitchParamRef<'a>> for SwitchParam {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: SwitchParamRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    output_from: if let ::core::option::Option::Some(output_from) =
                        value.output_from()?
                    {
                        ::core::option::Option::Some(output_from.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                    output_branch: if let ::core::option::Option::Some(output_branch) =
                        value.output_branch()?
                    {
                        ::core::option::Option::Some(output_branch.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for SwitchParamRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for SwitchParamRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[SwitchParamRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<SwitchParam>> for SwitchParam {
            type Value = ::planus::Offset<SwitchParam>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<SwitchParam>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for SwitchParamRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[SwitchParamRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `SubNet` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `SubNet` in the file `proto/bmodel.fbs:119`
        #[derive(Clone, Debug, PartialEq, PartialOrd, ::serde::Serialize, ::serde::Deserialize)]
        pub struct SubNet {
            /// The field `subnet_mode` in the table `SubNet`
            pub subnet_mode: i32,
            /// The field `cmd_group` in the table `SubNet`
            pub cmd_group: ::core::option::Option<::planus::alloc::vec::Vec<self::CmdGroup>>,
            /// The field `cpu_param` in the table `SubNet`
            pub cpu_param: ::core::option::Option<::planus::alloc::vec::Vec<self::CpuParam>>,
            /// The field `input_tensor` in the table `SubNet`
            pub input_tensor: ::core::option::Option<::planus::alloc::vec::Vec<self::Tensor>>,
            /// The field `output_tensor` in the table `SubNet`
            pub output_tensor: ::core::option::Option<::planus::alloc::vec::Vec<self::Tensor>>,
            /// The field `is_dynamic` in the table `SubNet`
            pub is_dynamic: i32,
            /// The field `ir_offset` in the table `SubNet`
            pub ir_offset: u32,
            /// The field `ir_len` in the table `SubNet`
            pub ir_len: u32,
            /// The field `n_dynamic` in the table `SubNet`
            pub n_dynamic: i32,
            /// The field `h_w_dynamic` in the table `SubNet`
            pub h_w_dynamic: i32,
            /// The field `id` in the table `SubNet`
            pub id: i32,
            /// The field `next_subnet_ids` in the table `SubNet`
            pub next_subnet_ids: ::core::option::Option<::planus::alloc::vec::Vec<i32>>,
            /// The field `merge_param` in the table `SubNet`
            pub merge_param: ::core::option::Option<::planus::alloc::boxed::Box<self::MergeParam>>,
            /// The field `switch_param` in the table `SubNet`
            pub switch_param:
                ::core::option::Option<::planus::alloc::boxed::Box<self::SwitchParam>>,
            /// The field `core_commands` in the table `SubNet`
            pub core_commands:
                ::core::option::Option<::planus::alloc::vec::Vec<self::CoreCommands>>,
            /// The field `run_core` in the table `SubNet`
            pub run_core: u32,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for SubNet {
            fn default() -> Self {
                Self {
                    subnet_mode: 0,
                    cmd_group: ::core::default::Default::default(),
                    cpu_param: ::core::default::Default::default(),
                    input_tensor: ::core::default::Default::default(),
                    output_tensor: ::core::default::Default::default(),
                    is_dynamic: 0,
                    ir_offset: 0,
                    ir_len: 0,
                    n_dynamic: 0,
                    h_w_dynamic: 0,
                    id: -1,
                    next_subnet_ids: ::core::default::Default::default(),
                    merge_param: ::core::default::Default::default(),
                    switch_param: ::core::default::Default::default(),
                    core_commands: ::core::default::Default::default(),
                    run_core: 0,
                }
            }
        }

        impl SubNet {
            /// Creates a [SubNetBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> SubNetBuilder<()> {
                SubNetBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_subnet_mode: impl ::planus::WriteAsDefault<i32, i32>,
                field_cmd_group: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::CmdGroup>]>,
                >,
                field_cpu_param: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::CpuParam>]>,
                >,
                field_input_tensor: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::Tensor>]>,
                >,
                field_output_tensor: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::Tensor>]>,
                >,
                field_is_dynamic: impl ::planus::WriteAsDefault<i32, i32>,
                field_ir_offset: impl ::planus::WriteAsDefault<u32, u32>,
                field_ir_len: impl ::planus::WriteAsDefault<u32, u32>,
                field_n_dynamic: impl ::planus::WriteAsDefault<i32, i32>,
                field_h_w_dynamic: impl ::planus::WriteAsDefault<i32, i32>,
                field_id: impl ::planus::WriteAsDefault<i32, i32>,
                field_next_subnet_ids: impl ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
                field_merge_param: impl ::planus::WriteAsOptional<::planus::Offset<self::MergeParam>>,
                field_switch_param: impl ::planus::WriteAsOptional<::planus::Offset<self::SwitchParam>>,
                field_core_commands: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::CoreCommands>]>,
                >,
                field_run_core: impl ::planus::WriteAsDefault<u32, u32>,
            ) -> ::planus::Offset<Self> {
                let prepared_subnet_mode = field_subnet_mode.prepare(builder, &0);
                let prepared_cmd_group = field_cmd_group.prepare(builder);
                let prepared_cpu_param = field_cpu_param.prepare(builder);
                let prepared_input_tensor = field_input_tensor.prepare(builder);
                let prepared_output_tensor = field_output_tensor.prepare(builder);
                let prepared_is_dynamic = field_is_dynamic.prepare(builder, &0);
                let prepared_ir_offset = field_ir_offset.prepare(builder, &0);
                let prepared_ir_len = field_ir_len.prepare(builder, &0);
                let prepared_n_dynamic = field_n_dynamic.prepare(builder, &0);
                let prepared_h_w_dynamic = field_h_w_dynamic.prepare(builder, &0);
                let prepared_id = field_id.prepare(builder, &-1);
                let prepared_next_subnet_ids = field_next_subnet_ids.prepare(builder);
                let prepared_merge_param = field_merge_param.prepare(builder);
                let prepared_switch_param = field_switch_param.prepare(builder);
                let prepared_core_commands = field_core_commands.prepare(builder);
                let prepared_run_core = field_run_core.prepare(builder, &0);

                let mut table_writer: ::planus::table_writer::TableWriter<36> =
                    ::core::default::Default::default();
                if prepared_subnet_mode.is_some() {
                    table_writer.write_entry::<i32>(0);
                }
                if prepared_cmd_group.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>(1);
                }
                if prepared_cpu_param.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::CpuParam>]>>(2);
                }
                if prepared_input_tensor.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::Tensor>]>>(3);
                }
                if prepared_output_tensor.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::Tensor>]>>(4);
                }
                if prepared_is_dynamic.is_some() {
                    table_writer.write_entry::<i32>(5);
                }
                if prepared_ir_offset.is_some() {
                    table_writer.write_entry::<u32>(6);
                }
                if prepared_ir_len.is_some() {
                    table_writer.write_entry::<u32>(7);
                }
                if prepared_n_dynamic.is_some() {
                    table_writer.write_entry::<i32>(8);
                }
                if prepared_h_w_dynamic.is_some() {
                    table_writer.write_entry::<i32>(9);
                }
                if prepared_id.is_some() {
                    table_writer.write_entry::<i32>(10);
                }
                if prepared_next_subnet_ids.is_some() {
                    table_writer.write_entry::<::planus::Offset<[i32]>>(11);
                }
                if prepared_merge_param.is_some() {
                    table_writer.write_entry::<::planus::Offset<self::MergeParam>>(12);
                }
                if prepared_switch_param.is_some() {
                    table_writer.write_entry::<::planus::Offset<self::SwitchParam>>(13);
                }
                if prepared_core_commands.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::CoreCommands>]>>(
                            14,
                        );
                }
                if prepared_run_core.is_some() {
                    table_writer.write_entry::<u32>(15);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_subnet_mode) =
                            prepared_subnet_mode
                        {
                            object_writer.write::<_, _, 4>(&prepared_subnet_mode);
                        }
                        if let ::core::option::Option::Some(prepared_cmd_group) = prepared_cmd_group
                        {
                            object_writer.write::<_, _, 4>(&prepared_cmd_group);
                        }
                        if let ::core::option::Option::Some(prepared_cpu_param) = prepared_cpu_param
                        {
                            object_writer.write::<_, _, 4>(&prepared_cpu_param);
                        }
                        if let ::core::option::Option::Some(prepared_input_tensor) =
                            prepared_input_tensor
                        {
                            object_writer.write::<_, _, 4>(&prepared_input_tensor);
                        }
                        if let ::core::option::Option::Some(prepared_output_tensor) =
                            prepared_output_tensor
                        {
                            object_writer.write::<_, _, 4>(&prepared_output_tensor);
                        }
                        if let ::core::option::Option::Some(prepared_is_dynamic) =
                            prepared_is_dynamic
                        {
                            object_writer.write::<_, _, 4>(&prepared_is_dynamic);
                        }
                        if let ::core::option::Option::Some(prepared_ir_offset) = prepared_ir_offset
                        {
                            object_writer.write::<_, _, 4>(&prepared_ir_offset);
                        }
                        if let ::core::option::Option::Some(prepared_ir_len) = prepared_ir_len {
                            object_writer.write::<_, _, 4>(&prepared_ir_len);
                        }
                        if let ::core::option::Option::Some(prepared_n_dynamic) = prepared_n_dynamic
                        {
                            object_writer.write::<_, _, 4>(&prepared_n_dynamic);
                        }
                        if let ::core::option::Option::Some(prepared_h_w_dynamic) =
                            prepared_h_w_dynamic
                        {
                            object_writer.write::<_, _, 4>(&prepared_h_w_dynamic);
                        }
                        if let ::core::option::Option::Some(prepared_id) = prepared_id {
                            object_writer.write::<_, _, 4>(&prepared_id);
                        }
                        if let ::core::option::Option::Some(prepared_next_subnet_ids) =
                            prepared_next_subnet_ids
                        {
                            object_writer.write::<_, _, 4>(&prepared_next_subnet_ids);
                        }
                        if let ::core::option::Option::Some(prepared_merge_param) =
                            prepared_merge_param
                        {
                            object_writer.write::<_, _, 4>(&prepared_merge_param);
                        }
                        if let ::core::option::Option::Some(prepared_switch_param) =
                            prepared_switch_param
                        {
                            object_writer.write::<_, _, 4>(&prepared_switch_param);
                        }
                        if let ::core::option::Option::Some(prepared_core_commands) =
                            prepared_core_commands
                        {
                            object_writer.write::<_, _, 4>(&prepared_core_commands);
                        }
                        if let ::core::option::Option::Some(prepared_run_core) = prepared_run_core {
                            object_writer.write::<_, _, 4>(&prepared_run_core);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<SubNet>> for SubNet {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<SubNet> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<SubNet>> for SubNet {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<SubNet>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<SubNet> for SubNet {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<SubNet> {
                SubNet::create(
                    builder,
                    self.subnet_mode,
                    &self.cmd_group,
                    &self.cpu_param,
                    &self.input_tensor,
                    &self.output_tensor,
                    self.is_dynamic,
                    self.ir_offset,
                    self.ir_len,
                    self.n_dynamic,
                    self.h_w_dynamic,
                    self.id,
                    &self.next_subnet_ids,
                    &self.merge_param,
                    &self.switch_param,
                    &self.core_commands,
                    self.run_core,
                )
            }
        }

        /// Builder for serializing an instance of the [SubNet] type.
        ///
        /// Can be created using the [SubNet::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct SubNetBuilder<State>(State);

        impl SubNetBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn subnet_mode<T0>(self, value: T0) -> SubNetBuilder<(T0,)>
            where
                T0: ::planus::WriteAsDefault<i32, i32>,
            {
                SubNetBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn subnet_mode_as_default(self) -> SubNetBuilder<(::planus::DefaultValue,)> {
                self.subnet_mode(::planus::DefaultValue)
            }
        }

        impl<T0> SubNetBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cmd_group<T1>(self, value: T1) -> SubNetBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            {
                let (v0,) = self.0;
                SubNetBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cmd_group_as_null(self) -> SubNetBuilder<(T0, ())> {
                self.cmd_group(())
            }
        }

        impl<T0, T1> SubNetBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpu_param<T2>(self, value: T2) -> SubNetBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CpuParam>]>>,
            {
                let (v0, v1) = self.0;
                SubNetBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpu_param_as_null(self) -> SubNetBuilder<(T0, T1, ())> {
                self.cpu_param(())
            }
        }

        impl<T0, T1, T2> SubNetBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn input_tensor<T3>(self, value: T3) -> SubNetBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            {
                let (v0, v1, v2) = self.0;
                SubNetBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn input_tensor_as_null(self) -> SubNetBuilder<(T0, T1, T2, ())> {
                self.input_tensor(())
            }
        }

        impl<T0, T1, T2, T3> SubNetBuilder<(T0, T1, T2, T3)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_tensor<T4>(self, value: T4) -> SubNetBuilder<(T0, T1, T2, T3, T4)>
            where
                T4: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            {
                let (v0, v1, v2, v3) = self.0;
                SubNetBuilder((v0, v1, v2, v3, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_tensor_as_null(self) -> SubNetBuilder<(T0, T1, T2, T3, ())> {
                self.output_tensor(())
            }
        }

        impl<T0, T1, T2, T3, T4> SubNetBuilder<(T0, T1, T2, T3, T4)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn is_dynamic<T5>(self, value: T5) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5)>
            where
                T5: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn is_dynamic_as_default(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, ::planus::DefaultValue)> {
                self.is_dynamic(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5> SubNetBuilder<(T0, T1, T2, T3, T4, T5)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ir_offset<T6>(self, value: T6) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6)>
            where
                T6: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ir_offset_as_default(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, ::planus::DefaultValue)> {
                self.ir_offset(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ir_len<T7>(self, value: T7) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7)>
            where
                T7: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, v6, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ir_len_as_default(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, ::planus::DefaultValue)> {
                self.ir_len(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn n_dynamic<T8>(
                self,
                value: T8,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8)>
            where
                T8: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, v6, v7, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn n_dynamic_as_default(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, ::planus::DefaultValue)>
            {
                self.n_dynamic(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn h_w_dynamic<T9>(
                self,
                value: T9,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9)>
            where
                T9: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn h_w_dynamic_as_default(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, ::planus::DefaultValue)>
            {
                self.h_w_dynamic(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>
            SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn id<T10>(
                self,
                value: T10,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
            where
                T10: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn id_as_default(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, ::planus::DefaultValue)>
            {
                self.id(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
            SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn next_subnet_ids<T11>(
                self,
                value: T11,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11)>
            where
                T11: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn next_subnet_ids_as_null(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, ())> {
                self.next_subnet_ids(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>
            SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn merge_param<T12>(
                self,
                value: T12,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12)>
            where
                T12: ::planus::WriteAsOptional<::planus::Offset<self::MergeParam>>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn merge_param_as_null(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, ())> {
                self.merge_param(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>
            SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn switch_param<T13>(
                self,
                value: T13,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
            where
                T13: ::planus::WriteAsOptional<::planus::Offset<self::SwitchParam>>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn switch_param_as_null(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, ())>
            {
                self.switch_param(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
            SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn core_commands<T14>(
                self,
                value: T14,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14)>
            where
                T14: ::planus::WriteAsOptional<
                        ::planus::Offset<[::planus::Offset<self::CoreCommands>]>,
                    >,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13) = self.0;
                SubNetBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn core_commands_as_null(
                self,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, ())>
            {
                self.core_commands(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>
            SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn run_core<T15>(
                self,
                value: T15,
            ) -> SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15)>
            where
                T15: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14) = self.0;
                SubNetBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn run_core_as_default(
                self,
            ) -> SubNetBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                ::planus::DefaultValue,
            )> {
                self.run_core(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>
            SubNetBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15)>
        {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [SubNet].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<SubNet>
            where
                Self: ::planus::WriteAsOffset<SubNet>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<i32, i32>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CpuParam>]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T4: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
            T6: ::planus::WriteAsDefault<u32, u32>,
            T7: ::planus::WriteAsDefault<u32, u32>,
            T8: ::planus::WriteAsDefault<i32, i32>,
            T9: ::planus::WriteAsDefault<i32, i32>,
            T10: ::planus::WriteAsDefault<i32, i32>,
            T11: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            T12: ::planus::WriteAsOptional<::planus::Offset<self::MergeParam>>,
            T13: ::planus::WriteAsOptional<::planus::Offset<self::SwitchParam>>,
            T14: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CoreCommands>]>>,
            T15: ::planus::WriteAsDefault<u32, u32>,
        > ::planus::WriteAs<::planus::Offset<SubNet>>
            for SubNetBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
            )>
        {
            type Prepared = ::planus::Offset<SubNet>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<SubNet> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<i32, i32>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CpuParam>]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T4: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
            T6: ::planus::WriteAsDefault<u32, u32>,
            T7: ::planus::WriteAsDefault<u32, u32>,
            T8: ::planus::WriteAsDefault<i32, i32>,
            T9: ::planus::WriteAsDefault<i32, i32>,
            T10: ::planus::WriteAsDefault<i32, i32>,
            T11: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            T12: ::planus::WriteAsOptional<::planus::Offset<self::MergeParam>>,
            T13: ::planus::WriteAsOptional<::planus::Offset<self::SwitchParam>>,
            T14: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CoreCommands>]>>,
            T15: ::planus::WriteAsDefault<u32, u32>,
        > ::planus::WriteAsOptional<::planus::Offset<SubNet>>
            for SubNetBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
            )>
        {
            type Prepared = ::planus::Offset<SubNet>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<SubNet>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<i32, i32>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CpuParam>]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T4: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
            T6: ::planus::WriteAsDefault<u32, u32>,
            T7: ::planus::WriteAsDefault<u32, u32>,
            T8: ::planus::WriteAsDefault<i32, i32>,
            T9: ::planus::WriteAsDefault<i32, i32>,
            T10: ::planus::WriteAsDefault<i32, i32>,
            T11: ::planus::WriteAsOptional<::planus::Offset<[i32]>>,
            T12: ::planus::WriteAsOptional<::planus::Offset<self::MergeParam>>,
            T13: ::planus::WriteAsOptional<::planus::Offset<self::SwitchParam>>,
            T14: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CoreCommands>]>>,
            T15: ::planus::WriteAsDefault<u32, u32>,
        > ::planus::WriteAsOffset<SubNet>
            for SubNetBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
            )>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<SubNet> {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15) =
                    &self.0;
                SubNet::create(
                    builder, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15,
                )
            }
        }

        /// Reference to a deserialized [SubNet].
        #[derive(Copy, Clone)]
        pub struct SubNetRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> SubNetRef<'a> {
            #[inline]
            pub fn subnet_mode(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(0, "SubNet", "subnet_mode")?.unwrap_or(0))
            }

            #[inline]
            pub fn cmd_group(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::CmdGroupRef<'a>>>,
                >,
            > {
                self.0.access(1, "SubNet", "cmd_group")
            }

            #[inline]
            pub fn cpu_param(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::CpuParamRef<'a>>>,
                >,
            > {
                self.0.access(2, "SubNet", "cpu_param")
            }

            #[inline]
            pub fn input_tensor(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<::planus::Vector<'a, ::planus::Result<self::TensorRef<'a>>>>,
            > {
                self.0.access(3, "SubNet", "input_tensor")
            }

            #[inline]
            pub fn output_tensor(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<::planus::Vector<'a, ::planus::Result<self::TensorRef<'a>>>>,
            > {
                self.0.access(4, "SubNet", "output_tensor")
            }

            #[inline]
            pub fn is_dynamic(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(5, "SubNet", "is_dynamic")?.unwrap_or(0))
            }

            #[inline]
            pub fn ir_offset(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(6, "SubNet", "ir_offset")?.unwrap_or(0))
            }

            #[inline]
            pub fn ir_len(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(7, "SubNet", "ir_len")?.unwrap_or(0))
            }

            #[inline]
            pub fn n_dynamic(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(8, "SubNet", "n_dynamic")?.unwrap_or(0))
            }

            #[inline]
            pub fn h_w_dynamic(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(9, "SubNet", "h_w_dynamic")?.unwrap_or(0))
            }

            #[inline]
            pub fn id(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(10, "SubNet", "id")?.unwrap_or(-1))
            }

            #[inline]
            pub fn next_subnet_ids(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(11, "SubNet", "next_subnet_ids")
            }

            #[inline]
            pub fn merge_param(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::MergeParamRef<'a>>> {
                self.0.access(12, "SubNet", "merge_param")
            }

            #[inline]
            pub fn switch_param(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::SwitchParamRef<'a>>> {
                self.0.access(13, "SubNet", "switch_param")
            }

            #[inline]
            pub fn core_commands(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::CoreCommandsRef<'a>>>,
                >,
            > {
                self.0.access(14, "SubNet", "core_commands")
            }

            #[inline]
            pub fn run_core(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(15, "SubNet", "run_core")?.unwrap_or(0))
            }
        }

        impl<'a> ::core::fmt::Debug for SubNetRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("SubNetRef");
                f.field("subnet_mode", &self.subnet_mode());
                if let ::core::option::Option::Some(field_cmd_group) = self.cmd_group().transpose()
                {
                    f.field("cmd_group", &field_cmd_group);
                }
                if let ::core::option::Option::Some(field_cpu_param) = self.cpu_param().transpose()
                {
                    f.field("cpu_param", &field_cpu_param);
                }
                if let ::core::option::Option::Some(field_input_tensor) =
                    self.input_tensor().transpose()
                {
                    f.field("input_tensor", &field_input_tensor);
                }
                if let ::core::option::Option::Some(field_output_tensor) =
                    self.output_tensor().transpose()
                {
                    f.field("output_tensor", &field_output_tensor);
                }
                f.field("is_dynamic", &self.is_dynamic());
                f.field("ir_offset", &self.ir_offset());
                f.field("ir_len", &self.ir_len());
                f.field("n_dynamic", &self.n_dynamic());
                f.field("h_w_dynamic", &self.h_w_dynamic());
                f.field("id", &self.id());
                if let ::core::option::Option::Some(field_next_subnet_ids) =
                    self.next_subnet_ids().transpose()
                {
                    f.field("next_subnet_ids", &field_next_subnet_ids);
                }
                if let ::core::option::Option::Some(field_merge_param) =
                    self.merge_param().transpose()
                {
                    f.field("merge_param", &field_merge_param);
                }
                if let ::core::option::Option::Some(field_switch_param) =
                    self.switch_param().transpose()
                {
                    f.field("switch_param", &field_switch_param);
                }
                if let ::core::option::Option::Some(field_core_commands) =
                    self.core_commands().transpose()
                {
                    f.field("core_commands", &field_core_commands);
                }
                f.field("run_core", &self.run_core());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<SubNetRef<'a>> for SubNet {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: SubNetRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    subnet_mode: ::core::convert::TryInto::try_into(value.subnet_mode()?)?,
                    cmd_group: if let ::core::option::Option::Some(cmd_group) = value.cmd_group()? {
                        ::core::option::Option::Some(cmd_group.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    cpu_param: if let ::core::option::Option::Some(cpu_param) = value.cpu_param()? {
                        ::core::option::Option::Some(cpu_param.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    input_tensor: if let ::core::option::Option::Some(input_tensor) =
                        value.input_tensor()?
                    {
                        ::core::option::Option::Some(input_tensor.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    output_tensor: if let ::core::option::Option::Some(output_tensor) =
                        value.output_tensor()?
                    {
                        ::core::option::Option::Some(output_tensor.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    is_dynamic: ::core::convert::TryInto::try_into(value.is_dynamic()?)?,
                    ir_offset: ::core::convert::TryInto::try_into(value.ir_offset()?)?,
                    ir_len: ::core::convert::TryInto::try_into(value.ir_len()?)?,
                    n_dynamic: ::core::convert::TryInto::try_into(value.n_dynamic()?)?,
                    h_w_dynamic: ::core::convert::TryInto::try_into(value.h_w_dynamic()?)?,
                    id: ::core::convert::TryInto::try_into(value.id()?)?,
                    next_subnet_ids: if let ::core::option::Option::Some(next_subnet_ids) =
                        value.next_subnet_ids()?
                    {
                        ::core::option::Option::Some(next_subnet_ids.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                    merge_param: if let ::core::option::Option::Some(merge_param) =
                        value.merge_param()?
                    {
                        ::core::option::Option::Some(::planus::alloc::boxed::Box::new(
                            ::core::convert::TryInto::try_into(merge_param)?,
                        ))
                    } else {
                        ::core::option::Option::None
                    },
                    switch_param: if let ::core::option::Option::Some(switch_param) =
                        value.switch_param()?
                    {
                        ::core::option::Option::Some(::planus::alloc::boxed::Box::new(
                            ::core::convert::TryInto::try_into(switch_param)?,
                        ))
                    } else {
                        ::core::option::Option::None
                    },
                    core_commands: if let ::core::option::Option::Some(core_commands) =
                        value.core_commands()?
                    {
                        ::core::option::Option::Some(core_commands.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    run_core: ::core::convert::TryInto::try_into(value.run_core()?)?,
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for SubNetRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for SubNetRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[SubNetRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<SubNet>> for SubNet {
            type Value = ::planus::Offset<SubNet>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<SubNet>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for SubNetRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[SubNetRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `NetStatic` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `NetStatic` in the file `proto/bmodel.fbs:139`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct NetStatic {}

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for NetStatic {
            fn default() -> Self {
                Self {}
            }
        }

        impl NetStatic {
            /// Creates a [NetStaticBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> NetStaticBuilder<()> {
                NetStaticBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(builder: &mut ::planus::Builder) -> ::planus::Offset<Self> {
                let table_writer: ::planus::table_writer::TableWriter<4> =
                    ::core::default::Default::default();
                unsafe {
                    table_writer.finish(builder, |_table_writer| {});
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<NetStatic>> for NetStatic {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetStatic> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<NetStatic>> for NetStatic {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<NetStatic>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<NetStatic> for NetStatic {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetStatic> {
                NetStatic::create(builder)
            }
        }

        /// Builder for serializing an instance of the [NetStatic] type.
        ///
        /// Can be created using the [NetStatic::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct NetStaticBuilder<State>(State);

        impl NetStaticBuilder<()> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [NetStatic].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetStatic>
            where
                Self: ::planus::WriteAsOffset<NetStatic>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl ::planus::WriteAs<::planus::Offset<NetStatic>> for NetStaticBuilder<()> {
            type Prepared = ::planus::Offset<NetStatic>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetStatic> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<NetStatic>> for NetStaticBuilder<()> {
            type Prepared = ::planus::Offset<NetStatic>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<NetStatic>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<NetStatic> for NetStaticBuilder<()> {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetStatic> {
                NetStatic::create(builder)
            }
        }

        /// Reference to a deserialized [NetStatic].
        #[derive(Copy, Clone)]
        pub struct NetStaticRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> NetStaticRef<'a> {}

        impl<'a> ::core::fmt::Debug for NetStaticRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("NetStaticRef");

                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<NetStaticRef<'a>> for NetStatic {
            type Error = ::planus::Error;

            fn try_from(_value: NetStaticRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {})
            }
        }

        impl<'a> ::planus::TableRead<'a> for NetStaticRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for NetStaticRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[NetStaticRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<NetStatic>> for NetStatic {
            type Value = ::planus::Offset<NetStatic>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<NetStatic>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for NetStaticRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[NetStaticRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `NetDynamic` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `NetDynamic` in the file `proto/bmodel.fbs:142`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct NetDynamic {}

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for NetDynamic {
            fn default() -> Self {
                Self {}
            }
        }

        impl NetDynamic {
            /// Creates a [NetDynamicBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> NetDynamicBuilder<()> {
                NetDynamicBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(builder: &mut ::planus::Builder) -> ::planus::Offset<Self> {
                let table_writer: ::planus::table_writer::TableWriter<4> =
                    ::core::default::Default::default();
                unsafe {
                    table_writer.finish(builder, |_table_writer| {});
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<NetDynamic>> for NetDynamic {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetDynamic> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<NetDynamic>> for NetDynamic {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<NetDynamic>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<NetDynamic> for NetDynamic {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetDynamic> {
                NetDynamic::create(builder)
            }
        }

        /// Builder for serializing an instance of the [NetDynamic] type.
        ///
        /// Can be created using the [NetDynamic::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct NetDynamicBuilder<State>(State);

        impl NetDynamicBuilder<()> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [NetDynamic].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetDynamic>
            where
                Self: ::planus::WriteAsOffset<NetDynamic>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl ::planus::WriteAs<::planus::Offset<NetDynamic>> for NetDynamicBuilder<()> {
            type Prepared = ::planus::Offset<NetDynamic>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetDynamic> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<NetDynamic>> for NetDynamicBuilder<()> {
            type Prepared = ::planus::Offset<NetDynamic>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<NetDynamic>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<NetDynamic> for NetDynamicBuilder<()> {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetDynamic> {
                NetDynamic::create(builder)
            }
        }

        /// Reference to a deserialized [NetDynamic].
        #[derive(Copy, Clone)]
        pub struct NetDynamicRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> NetDynamicRef<'a> {}

        impl<'a> ::core::fmt::Debug for NetDynamicRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("NetDynamicRef");

                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<NetDynamicRef<'a>> for NetDynamic {
            type Error = ::planus::Error;

            fn try_from(_value: NetDynamicRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {})
            }
        }

        impl<'a> ::planus::TableRead<'a> for NetDynamicRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for NetDynamicRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[NetDynamicRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<NetDynamic>> for NetDynamic {
            type Value = ::planus::Offset<NetDynamic>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<NetDynamic>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for NetDynamicRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[NetDynamicRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `NetParameter` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `NetParameter` in the file `proto/bmodel.fbs:145`
        #[derive(Clone, Debug, PartialEq, PartialOrd, ::serde::Serialize, ::serde::Deserialize)]
        pub struct NetParameter {
            /// The field `input_tensor` in the table `NetParameter`
            pub input_tensor: ::planus::alloc::vec::Vec<self::Tensor>,
            /// The field `output_tensor` in the table `NetParameter`
            pub output_tensor: ::planus::alloc::vec::Vec<self::Tensor>,
            /// The field `ctx_addr` in the table `NetParameter`
            pub ctx_addr: u64,
            /// The field `ctx_size` in the table `NetParameter`
            pub ctx_size: u64,
            /// The field `coeff_mem` in the table `NetParameter`
            pub coeff_mem: ::core::option::Option<::planus::alloc::boxed::Box<self::CoeffMem>>,
            /// The field `is_dynamic` in the table `NetParameter`
            pub is_dynamic: i32,
            /// The field `n_dynamic` in the table `NetParameter`
            pub n_dynamic: i32,
            /// The field `h_w_dynamic` in the table `NetParameter`
            pub h_w_dynamic: i32,
            /// The field `cmd_group` in the table `NetParameter`
            pub cmd_group: ::core::option::Option<::planus::alloc::vec::Vec<self::CmdGroup>>,
            /// The field `net_profile` in the table `NetParameter`
            pub net_profile: ::core::option::Option<self::Binary>,
            /// The field `stage_ir` in the table `NetParameter`
            pub stage_ir: ::core::option::Option<::planus::alloc::vec::Vec<self::StageIr>>,
            /// The field `binary_ir` in the table `NetParameter`
            pub binary_ir: ::core::option::Option<self::Binary>,
            /// The field `sub_net` in the table `NetParameter`
            pub sub_net: ::core::option::Option<::planus::alloc::vec::Vec<self::SubNet>>,
            /// The field `cpu_mem_size` in the table `NetParameter`
            pub cpu_mem_size: u32,
            /// The field `ctx_sizes` in the table `NetParameter`
            pub ctx_sizes: ::core::option::Option<::planus::alloc::vec::Vec<u64>>,
            /// The field `net_stat` in the table `NetParameter`
            pub net_stat: ::core::option::Option<self::Binary>,
            /// The field `core_num` in the table `NetParameter`
            pub core_num: u32,
            /// The field `io_addr` in the table `NetParameter`
            pub io_addr: u64,
            /// The field `io_size` in the table `NetParameter`
            pub io_size: u64,
            /// The field `tensor_loc` in the table `NetParameter`
            pub tensor_loc: ::core::option::Option<self::Binary>,
            /// The field `dynamic_ctx_addr` in the table `NetParameter`
            pub dynamic_ctx_addr: u64,
            /// The field `dynamic_coeff_offset` in the table `NetParameter`
            pub dynamic_coeff_offset: u64,
            /// The field `dynamic_combined_coeff_offset` in the table `NetParameter`
            pub dynamic_combined_coeff_offset: u64,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for NetParameter {
            fn default() -> Self {
                Self {
                    input_tensor: ::core::default::Default::default(),
                    output_tensor: ::core::default::Default::default(),
                    ctx_addr: 0,
                    ctx_size: 0,
                    coeff_mem: ::core::default::Default::default(),
                    is_dynamic: 0,
                    n_dynamic: 0,
                    h_w_dynamic: 0,
                    cmd_group: ::core::default::Default::default(),
                    net_profile: ::core::default::Default::default(),
                    stage_ir: ::core::default::Default::default(),
                    binary_ir: ::core::default::Default::default(),
                    sub_net: ::core::default::Default::default(),
                    cpu_mem_size: 0,
                    ctx_sizes: ::core::default::Default::default(),
                    net_stat: ::core::default::Default::default(),
                    core_num: 0,
                    io_addr: 0,
                    io_size: 0,
                    tensor_loc: ::core::default::Default::default(),
                    dynamic_ctx_addr: 0,
                    dynamic_coeff_offset: 0,
                    dynamic_combined_coeff_offset: 0,
                }
            }
        }

        impl NetParameter {
            /// Creates a [NetParameterBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> NetParameterBuilder<()> {
                NetParameterBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_input_tensor: impl ::planus::WriteAs<
                    ::planus::Offset<[::planus::Offset<self::Tensor>]>,
                >,
                field_output_tensor: impl ::planus::WriteAs<
                    ::planus::Offset<[::planus::Offset<self::Tensor>]>,
                >,
                field_ctx_addr: impl ::planus::WriteAsDefault<u64, u64>,
                field_ctx_size: impl ::planus::WriteAsDefault<u64, u64>,
                field_coeff_mem: impl ::planus::WriteAsOptional<::planus::Offset<self::CoeffMem>>,
                field_is_dynamic: impl ::planus::WriteAsDefault<i32, i32>,
                field_n_dynamic: impl ::planus::WriteAsDefault<i32, i32>,
                field_h_w_dynamic: impl ::planus::WriteAsDefault<i32, i32>,
                field_cmd_group: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::CmdGroup>]>,
                >,
                field_net_profile: impl ::planus::WriteAsOptional<self::Binary>,
                field_stage_ir: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::StageIr>]>,
                >,
                field_binary_ir: impl ::planus::WriteAsOptional<self::Binary>,
                field_sub_net: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::SubNet>]>,
                >,
                field_cpu_mem_size: impl ::planus::WriteAsDefault<u32, u32>,
                field_ctx_sizes: impl ::planus::WriteAsOptional<::planus::Offset<[u64]>>,
                field_net_stat: impl ::planus::WriteAsOptional<self::Binary>,
                field_core_num: impl ::planus::WriteAsDefault<u32, u32>,
                field_io_addr: impl ::planus::WriteAsDefault<u64, u64>,
                field_io_size: impl ::planus::WriteAsDefault<u64, u64>,
                field_tensor_loc: impl ::planus::WriteAsOptional<self::Binary>,
                field_dynamic_ctx_addr: impl ::planus::WriteAsDefault<u64, u64>,
                field_dynamic_coeff_offset: impl ::planus::WriteAsDefault<u64, u64>,
                field_dynamic_combined_coeff_offset: impl ::planus::WriteAsDefault<u64, u64>,
            ) -> ::planus::Offset<Self> {
                let prepared_input_tensor = field_input_tensor.prepare(builder);
                let prepared_output_tensor = field_output_tensor.prepare(builder);
                let prepared_ctx_addr = field_ctx_addr.prepare(builder, &0);
                let prepared_ctx_size = field_ctx_size.prepare(builder, &0);
                let prepared_coeff_mem = field_coeff_mem.prepare(builder);
                let prepared_is_dynamic = field_is_dynamic.prepare(builder, &0);
                let prepared_n_dynamic = field_n_dynamic.prepare(builder, &0);
                let prepared_h_w_dynamic = field_h_w_dynamic.prepare(builder, &0);
                let prepared_cmd_group = field_cmd_group.prepare(builder);
                let prepared_net_profile = field_net_profile.prepare(builder);
                let prepared_stage_ir = field_stage_ir.prepare(builder);
                let prepared_binary_ir = field_binary_ir.prepare(builder);
                let prepared_sub_net = field_sub_net.prepare(builder);
                let prepared_cpu_mem_size = field_cpu_mem_size.prepare(builder, &0);
                let prepared_ctx_sizes = field_ctx_sizes.prepare(builder);
                let prepared_net_stat = field_net_stat.prepare(builder);
                let prepared_core_num = field_core_num.prepare(builder, &0);
                let prepared_io_addr = field_io_addr.prepare(builder, &0);
                let prepared_io_size = field_io_size.prepare(builder, &0);
                let prepared_tensor_loc = field_tensor_loc.prepare(builder);
                let prepared_dynamic_ctx_addr = field_dynamic_ctx_addr.prepare(builder, &0);
                let prepared_dynamic_coeff_offset = field_dynamic_coeff_offset.prepare(builder, &0);
                let prepared_dynamic_combined_coeff_offset =
                    field_dynamic_combined_coeff_offset.prepare(builder, &0);

                let mut table_writer: ::planus::table_writer::TableWriter<50> =
                    ::core::default::Default::default();
                if prepared_ctx_addr.is_some() {
                    table_writer.write_entry::<u64>(2);
                }
                if prepared_ctx_size.is_some() {
                    table_writer.write_entry::<u64>(3);
                }
                if prepared_net_profile.is_some() {
                    table_writer.write_entry::<self::Binary>(9);
                }
                if prepared_binary_ir.is_some() {
                    table_writer.write_entry::<self::Binary>(11);
                }
                if prepared_net_stat.is_some() {
                    table_writer.write_entry::<self::Binary>(15);
                }
                if prepared_io_addr.is_some() {
                    table_writer.write_entry::<u64>(17);
                }
                if prepared_io_size.is_some() {
                    table_writer.write_entry::<u64>(18);
                }
                if prepared_tensor_loc.is_some() {
                    table_writer.write_entry::<self::Binary>(19);
                }
                if prepared_dynamic_ctx_addr.is_some() {
                    table_writer.write_entry::<u64>(20);
                }
                if prepared_dynamic_coeff_offset.is_some() {
                    table_writer.write_entry::<u64>(21);
                }
                if prepared_dynamic_combined_coeff_offset.is_some() {
                    table_writer.write_entry::<u64>(22);
                }
                table_writer.write_entry::<::planus::Offset<[::planus::Offset<self::Tensor>]>>(0);
                table_writer.write_entry::<::planus::Offset<[::planus::Offset<self::Tensor>]>>(1);
                if prepared_coeff_mem.is_some() {
                    table_writer.write_entry::<::planus::Offset<self::CoeffMem>>(4);
                }
                if prepared_is_dynamic.is_some() {
                    table_writer.write_entry::<i32>(5);
                }
                if prepared_n_dynamic.is_some() {
                    table_writer.write_entry::<i32>(6);
                }
                if prepared_h_w_dynamic.is_some() {
                    table_writer.write_entry::<i32>(7);
                }
                if prepared_cmd_group.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>(8);
                }
                if prepared_stage_ir.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::StageIr>]>>(10);
                }
                if prepared_sub_net.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::SubNet>]>>(12);
                }
                if prepared_cpu_mem_size.is_some() {
                    table_writer.write_entry::<u32>(13);
                }
                if prepared_ctx_sizes.is_some() {
                    table_writer.write_entry::<::planus::Offset<[u64]>>(14);
                }
                if prepared_core_num.is_some() {
                    table_writer.write_entry::<u32>(16);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_ctx_addr) = prepared_ctx_addr {
                            object_writer.write::<_, _, 8>(&prepared_ctx_addr);
                        }
                        if let ::core::option::Option::Some(prepared_ctx_size) = prepared_ctx_size {
                            object_writer.write::<_, _, 8>(&prepared_ctx_size);
                        }
                        if let ::core::option::Option::Some(prepared_net_profile) =
                            prepared_net_profile
                        {
                            object_writer.write::<_, _, 16>(&prepared_net_profile);
                        }
                        if let ::core::option::Option::Some(prepared_binary_ir) = prepared_binary_ir
                        {
                            object_writer.write::<_, _, 16>(&prepared_binary_ir);
                        }
                        if let ::core::option::Option::Some(prepared_net_stat) = prepared_net_stat {
                            object_writer.write::<_, _, 16>(&prepared_net_stat);
                        }
                        if let ::core::option::Option::Some(prepared_io_addr) = prepared_io_addr {
                            object_writer.write::<_, _, 8>(&prepared_io_addr);
                        }
                        if let ::core::option::Option::Some(prepared_io_size) = prepared_io_size {
                            object_writer.write::<_, _, 8>(&prepared_io_size);
                        }
                        if let ::core::option::Option::Some(prepared_tensor_loc) =
                            prepared_tensor_loc
                        {
                            object_writer.write::<_, _, 16>(&prepared_tensor_loc);
                        }
                        if let ::core::option::Option::Some(prepared_dynamic_ctx_addr) =
                            prepared_dynamic_ctx_addr
                        {
                            object_writer.write::<_, _, 8>(&prepared_dynamic_ctx_addr);
                        }
                        if let ::core::option::Option::Some(prepared_dynamic_coeff_offset) =
                            prepared_dynamic_coeff_offset
                        {
                            object_writer.write::<_, _, 8>(&prepared_dynamic_coeff_offset);
                        }
                        if let ::core::option::Option::Some(
                            prepared_dynamic_combined_coeff_offset,
                        ) = prepared_dynamic_combined_coeff_offset
                        {
                            object_writer.write::<_, _, 8>(&prepared_dynamic_combined_coeff_offset);
                        }
                        object_writer.write::<_, _, 4>(&prepared_input_tensor);
                        object_writer.write::<_, _, 4>(&prepared_output_tensor);
                        if let ::core::option::Option::Some(prepared_coeff_mem) = prepared_coeff_mem
                        {
                            object_writer.write::<_, _, 4>(&prepared_coeff_mem);
                        }
                        if let ::core::option::Option::Some(prepared_is_dynamic) =
                            prepared_is_dynamic
                        {
                            object_writer.write::<_, _, 4>(&prepared_is_dynamic);
                        }
                        if let ::core::option::Option::Some(prepared_n_dynamic) = prepared_n_dynamic
                        {
                            object_writer.write::<_, _, 4>(&prepared_n_dynamic);
                        }
                        if let ::core::option::Option::Some(prepared_h_w_dynamic) =
                            prepared_h_w_dynamic
                        {
                            object_writer.write::<_, _, 4>(&prepared_h_w_dynamic);
                        }
                        if let ::core::option::Option::Some(prepared_cmd_group) = prepared_cmd_group
                        {
                            object_writer.write::<_, _, 4>(&prepared_cmd_group);
                        }
                        if let ::core::option::Option::Some(prepared_stage_ir) = prepared_stage_ir {
                            object_writer.write::<_, _, 4>(&prepared_stage_ir);
                        }
                        if let ::core::option::Option::Some(prepared_sub_net) = prepared_sub_net {
                            object_writer.write::<_, _, 4>(&prepared_sub_net);
                        }
                        if let ::core::option::Option::Some(prepared_cpu_mem_size) =
                            prepared_cpu_mem_size
                        {
                            object_writer.write::<_, _, 4>(&prepared_cpu_mem_size);
                        }
                        if let ::core::option::Option::Some(prepared_ctx_sizes) = prepared_ctx_sizes
                        {
                            object_writer.write::<_, _, 4>(&prepared_ctx_sizes);
                        }
                        if let ::core::option::Option::Some(prepared_core_num) = prepared_core_num {
                            object_writer.write::<_, _, 4>(&prepared_core_num);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<NetParameter>> for NetParameter {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetParameter> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<NetParameter>> for NetParameter {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<NetParameter>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<NetParameter> for NetParameter {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetParameter> {
                NetParameter::create(
                    builder,
                    &self.input_tensor,
                    &self.output_tensor,
                    self.ctx_addr,
                    self.ctx_size,
                    &self.coeff_mem,
                    self.is_dynamic,
                    self.n_dynamic,
                    self.h_w_dynamic,
                    &self.cmd_group,
                    self.net_profile,
                    &self.stage_ir,
                    self.binary_ir,
                    &self.sub_net,
                    self.cpu_mem_size,
                    &self.ctx_sizes,
                    self.net_stat,
                    self.core_num,
                    self.io_addr,
                    self.io_size,
                    self.tensor_loc,
                    self.dynamic_ctx_addr,
                    self.dynamic_coeff_offset,
                    self.dynamic_combined_coeff_offset,
                )
            }
        }

        /// Builder for serializing an instance of the [NetParameter] type.
        ///
        /// Can be created using the [NetParameter::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct NetParameterBuilder<State>(State);

        impl NetParameterBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn input_tensor<T0>(self, value: T0) -> NetParameterBuilder<(T0,)>
            where
                T0: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            {
                NetParameterBuilder((value,))
            }
        }

        impl<T0> NetParameterBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn output_tensor<T1>(self, value: T1) -> NetParameterBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            {
                let (v0,) = self.0;
                NetParameterBuilder((v0, value))
            }
        }

        impl<T0, T1> NetParameterBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ctx_addr<T2>(self, value: T2) -> NetParameterBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0, v1) = self.0;
                NetParameterBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ctx_addr_as_default(
                self,
            ) -> NetParameterBuilder<(T0, T1, ::planus::DefaultValue)> {
                self.ctx_addr(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2> NetParameterBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ctx_size<T3>(self, value: T3) -> NetParameterBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0, v1, v2) = self.0;
                NetParameterBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ctx_size_as_default(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, ::planus::DefaultValue)> {
                self.ctx_size(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3> NetParameterBuilder<(T0, T1, T2, T3)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn coeff_mem<T4>(self, value: T4) -> NetParameterBuilder<(T0, T1, T2, T3, T4)>
            where
                T4: ::planus::WriteAsOptional<::planus::Offset<self::CoeffMem>>,
            {
                let (v0, v1, v2, v3) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn coeff_mem_as_null(self) -> NetParameterBuilder<(T0, T1, T2, T3, ())> {
                self.coeff_mem(())
            }
        }

        impl<T0, T1, T2, T3, T4> NetParameterBuilder<(T0, T1, T2, T3, T4)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn is_dynamic<T5>(self, value: T5) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5)>
            where
                T5: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn is_dynamic_as_default(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, ::planus::DefaultValue)> {
                self.is_dynamic(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5> NetParameterBuilder<(T0, T1, T2, T3, T4, T5)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn n_dynamic<T6>(
                self,
                value: T6,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6)>
            where
                T6: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4, v5) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, v5, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn n_dynamic_as_default(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, ::planus::DefaultValue)> {
                self.n_dynamic(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn h_w_dynamic<T7>(
                self,
                value: T7,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7)>
            where
                T7: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, v5, v6, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn h_w_dynamic_as_default(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, ::planus::DefaultValue)>
            {
                self.h_w_dynamic(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cmd_group<T8>(
                self,
                value: T8,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8)>
            where
                T8: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, v5, v6, v7, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cmd_group_as_null(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, ())> {
                self.cmd_group(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net_profile<T9>(
                self,
                value: T9,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9)>
            where
                T9: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net_profile_as_null(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, ())> {
                self.net_profile(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>
            NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn stage_ir<T10>(
                self,
                value: T10,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
            where
                T10: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::StageIr>]>>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn stage_ir_as_null(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, ())> {
                self.stage_ir(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
            NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_ir<T11>(
                self,
                value: T11,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11)>
            where
                T11: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary_ir_as_null(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, ())>
            {
                self.binary_ir(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>
            NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn sub_net<T12>(
                self,
                value: T12,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12)>
            where
                T12: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::SubNet>]>>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn sub_net_as_null(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, ())>
            {
                self.sub_net(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>
            NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpu_mem_size<T13>(
                self,
                value: T13,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
            where
                T13: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12) = self.0;
                NetParameterBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpu_mem_size_as_default(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                ::planus::DefaultValue,
            )> {
                self.cpu_mem_size(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
            NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ctx_sizes<T14>(
                self,
                value: T14,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
            )>
            where
                T14: ::planus::WriteAsOptional<::planus::Offset<[u64]>>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13) = self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn ctx_sizes_as_null(
                self,
            ) -> NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, ())>
            {
                self.ctx_sizes(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>
            NetParameterBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net_stat<T15>(
                self,
                value: T15,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
            )>
            where
                T15: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14) = self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net_stat_as_null(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                (),
            )> {
                self.net_stat(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>
            NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
            )>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn core_num<T16>(
                self,
                value: T16,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
            )>
            where
                T16: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15) = self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn core_num_as_default(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                ::planus::DefaultValue,
            )> {
                self.core_num(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>
            NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
            )>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn io_addr<T17>(
                self,
                value: T17,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
            )>
            where
                T17: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16) =
                    self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16,
                    value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn io_addr_as_default(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                ::planus::DefaultValue,
            )> {
                self.io_addr(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17>
            NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
            )>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn io_size<T18>(
                self,
                value: T18,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
            )>
            where
                T18: ::planus::WriteAsDefault<u64, u64>,
            {
                let (
                    v0,
                    v1,
                    v2,
                    v3,
                    v4,
                    v5,
                    v6,
                    v7,
                    v8,
                    v9,
                    v10,
                    v11,
                    v12,
                    v13,
                    v14,
                    v15,
                    v16,
                    v17,
                ) = self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                    value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn io_size_as_default(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                ::planus::DefaultValue,
            )> {
                self.io_size(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18>
            NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
            )>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn tensor_loc<T19>(
                self,
                value: T19,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
            )>
            where
                T19: ::planus::WriteAsOptional<self::Binary>,
            {
                let (
                    v0,
                    v1,
                    v2,
                    v3,
                    v4,
                    v5,
                    v6,
                    v7,
                    v8,
                    v9,
                    v10,
                    v11,
                    v12,
                    v13,
                    v14,
                    v15,
                    v16,
                    v17,
                    v18,
                ) = self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                    v18, value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn tensor_loc_as_null(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                (),
            )> {
                self.tensor_loc(())
            }
        }

        impl<
            T0,
            T1,
            T2,
            T3,
            T4,
            T5,
            T6,
            T7,
            T8,
            T9,
            T10,
            T11,
            T12,
            T13,
            T14,
            T15,
            T16,
            T17,
            T18,
            T19,
        >
            NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
            )>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn dynamic_ctx_addr<T20>(
                self,
                value: T20,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
            )>
            where
                T20: ::planus::WriteAsDefault<u64, u64>,
            {
                let (
                    v0,
                    v1,
                    v2,
                    v3,
                    v4,
                    v5,
                    v6,
                    v7,
                    v8,
                    v9,
                    v10,
                    v11,
                    v12,
                    v13,
                    v14,
                    v15,
                    v16,
                    v17,
                    v18,
                    v19,
                ) = self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                    v18, v19, value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn dynamic_ctx_addr_as_default(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                ::planus::DefaultValue,
            )> {
                self.dynamic_ctx_addr(::planus::DefaultValue)
            }
        }

        impl<
            T0,
            T1,
            T2,
            T3,
            T4,
            T5,
            T6,
            T7,
            T8,
            T9,
            T10,
            T11,
            T12,
            T13,
            T14,
            T15,
            T16,
            T17,
            T18,
            T19,
            T20,
        >
            NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
            )>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn dynamic_coeff_offset<T21>(
                self,
                value: T21,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                T21,
            )>
            where
                T21: ::planus::WriteAsDefault<u64, u64>,
            {
                let (
                    v0,
                    v1,
                    v2,
                    v3,
                    v4,
                    v5,
                    v6,
                    v7,
                    v8,
                    v9,
                    v10,
                    v11,
                    v12,
                    v13,
                    v14,
                    v15,
                    v16,
                    v17,
                    v18,
                    v19,
                    v20,
                ) = self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                    v18, v19, v20, value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn dynamic_coeff_offset_as_default(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                ::planus::DefaultValue,
            )> {
                self.dynamic_coeff_offset(::planus::DefaultValue)
            }
        }

        impl<
            T0,
            T1,
            T2,
            T3,
            T4,
            T5,
            T6,
            T7,
            T8,
            T9,
            T10,
            T11,
            T12,
            T13,
            T14,
            T15,
            T16,
            T17,
            T18,
            T19,
            T20,
            T21,
        >
            NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                T21,
            )>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn dynamic_combined_coeff_offset<T22>(
                self,
                value: T22,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                T21,
                T22,
            )>
            where
                T22: ::planus::WriteAsDefault<u64, u64>,
            {
                let (
                    v0,
                    v1,
                    v2,
                    v3,
                    v4,
                    v5,
                    v6,
                    v7,
                    v8,
                    v9,
                    v10,
                    v11,
                    v12,
                    v13,
                    v14,
                    v15,
                    v16,
                    v17,
                    v18,
                    v19,
                    v20,
                    v21,
                ) = self.0;
                NetParameterBuilder((
                    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                    v18, v19, v20, v21, value,
                ))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn dynamic_combined_coeff_offset_as_default(
                self,
            ) -> NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                T21,
                ::planus::DefaultValue,
            )> {
                self.dynamic_combined_coeff_offset(::planus::DefaultValue)
            }
        }

        impl<
            T0,
            T1,
            T2,
            T3,
            T4,
            T5,
            T6,
            T7,
            T8,
            T9,
            T10,
            T11,
            T12,
            T13,
            T14,
            T15,
            T16,
            T17,
            T18,
            T19,
            T20,
            T21,
            T22,
        >
            NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                T21,
                T22,
            )>
        {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [NetParameter].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetParameter>
            where
                Self: ::planus::WriteAsOffset<NetParameter>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T1: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T2: ::planus::WriteAsDefault<u64, u64>,
            T3: ::planus::WriteAsDefault<u64, u64>,
            T4: ::planus::WriteAsOptional<::planus::Offset<self::CoeffMem>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
            T6: ::planus::WriteAsDefault<i32, i32>,
            T7: ::planus::WriteAsDefault<i32, i32>,
            T8: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T9: ::planus::WriteAsOptional<self::Binary>,
            T10: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::StageIr>]>>,
            T11: ::planus::WriteAsOptional<self::Binary>,
            T12: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::SubNet>]>>,
            T13: ::planus::WriteAsDefault<u32, u32>,
            T14: ::planus::WriteAsOptional<::planus::Offset<[u64]>>,
            T15: ::planus::WriteAsOptional<self::Binary>,
            T16: ::planus::WriteAsDefault<u32, u32>,
            T17: ::planus::WriteAsDefault<u64, u64>,
            T18: ::planus::WriteAsDefault<u64, u64>,
            T19: ::planus::WriteAsOptional<self::Binary>,
            T20: ::planus::WriteAsDefault<u64, u64>,
            T21: ::planus::WriteAsDefault<u64, u64>,
            T22: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAs<::planus::Offset<NetParameter>>
            for NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                T21,
                T22,
            )>
        {
            type Prepared = ::planus::Offset<NetParameter>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetParameter> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T1: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T2: ::planus::WriteAsDefault<u64, u64>,
            T3: ::planus::WriteAsDefault<u64, u64>,
            T4: ::planus::WriteAsOptional<::planus::Offset<self::CoeffMem>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
            T6: ::planus::WriteAsDefault<i32, i32>,
            T7: ::planus::WriteAsDefault<i32, i32>,
            T8: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T9: ::planus::WriteAsOptional<self::Binary>,
            T10: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::StageIr>]>>,
            T11: ::planus::WriteAsOptional<self::Binary>,
            T12: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::SubNet>]>>,
            T13: ::planus::WriteAsDefault<u32, u32>,
            T14: ::planus::WriteAsOptional<::planus::Offset<[u64]>>,
            T15: ::planus::WriteAsOptional<self::Binary>,
            T16: ::planus::WriteAsDefault<u32, u32>,
            T17: ::planus::WriteAsDefault<u64, u64>,
            T18: ::planus::WriteAsDefault<u64, u64>,
            T19: ::planus::WriteAsOptional<self::Binary>,
            T20: ::planus::WriteAsDefault<u64, u64>,
            T21: ::planus::WriteAsDefault<u64, u64>,
            T22: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAsOptional<::planus::Offset<NetParameter>>
            for NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                T21,
                T22,
            )>
        {
            type Prepared = ::planus::Offset<NetParameter>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<NetParameter>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T1: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Tensor>]>>,
            T2: ::planus::WriteAsDefault<u64, u64>,
            T3: ::planus::WriteAsDefault<u64, u64>,
            T4: ::planus::WriteAsOptional<::planus::Offset<self::CoeffMem>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
            T6: ::planus::WriteAsDefault<i32, i32>,
            T7: ::planus::WriteAsDefault<i32, i32>,
            T8: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::CmdGroup>]>>,
            T9: ::planus::WriteAsOptional<self::Binary>,
            T10: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::StageIr>]>>,
            T11: ::planus::WriteAsOptional<self::Binary>,
            T12: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::SubNet>]>>,
            T13: ::planus::WriteAsDefault<u32, u32>,
            T14: ::planus::WriteAsOptional<::planus::Offset<[u64]>>,
            T15: ::planus::WriteAsOptional<self::Binary>,
            T16: ::planus::WriteAsDefault<u32, u32>,
            T17: ::planus::WriteAsDefault<u64, u64>,
            T18: ::planus::WriteAsDefault<u64, u64>,
            T19: ::planus::WriteAsOptional<self::Binary>,
            T20: ::planus::WriteAsDefault<u64, u64>,
            T21: ::planus::WriteAsDefault<u64, u64>,
            T22: ::planus::WriteAsDefault<u64, u64>,
        > ::planus::WriteAsOffset<NetParameter>
            for NetParameterBuilder<(
                T0,
                T1,
                T2,
                T3,
                T4,
                T5,
                T6,
                T7,
                T8,
                T9,
                T10,
                T11,
                T12,
                T13,
                T14,
                T15,
                T16,
                T17,
                T18,
                T19,
                T20,
                T21,
                T22,
            )>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<NetParameter> {
                let (
                    v0,
                    v1,
                    v2,
                    v3,
                    v4,
                    v5,
                    v6,
                    v7,
                    v8,
                    v9,
                    v10,
                    v11,
                    v12,
                    v13,
                    v14,
                    v15,
                    v16,
                    v17,
                    v18,
                    v19,
                    v20,
                    v21,
                    v22,
                ) = &self.0;
                NetParameter::create(
                    builder, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15,
                    v16, v17, v18, v19, v20, v21, v22,
                )
            }
        }

        /// Reference to a deserialized [NetParameter].
        #[derive(Copy, Clone)]
        pub struct NetParameterRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> NetParameterRef<'a> {
            #[inline]
            pub fn input_tensor(
                &self,
            ) -> ::planus::Result<::planus::Vector<'a, ::planus::Result<self::TensorRef<'a>>>>
            {
                self.0.access_required(0, "NetParameter", "input_tensor")
            }

            #[inline]
            pub fn output_tensor(
                &self,
            ) -> ::planus::Result<::planus::Vector<'a, ::planus::Result<self::TensorRef<'a>>>>
            {
                self.0.access_required(1, "NetParameter", "output_tensor")
            }

            #[inline]
            pub fn ctx_addr(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(
                    self.0.access(2, "NetParameter", "ctx_addr")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn ctx_size(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(
                    self.0.access(3, "NetParameter", "ctx_size")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn coeff_mem(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::CoeffMemRef<'a>>> {
                self.0.access(4, "NetParameter", "coeff_mem")
            }

            #[inline]
            pub fn is_dynamic(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(5, "NetParameter", "is_dynamic")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn n_dynamic(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(6, "NetParameter", "n_dynamic")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn h_w_dynamic(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(7, "NetParameter", "h_w_dynamic")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn cmd_group(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::CmdGroupRef<'a>>>,
                >,
            > {
                self.0.access(8, "NetParameter", "cmd_group")
            }

            #[inline]
            pub fn net_profile(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(9, "NetParameter", "net_profile")
            }

            #[inline]
            pub fn stage_ir(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::StageIrRef<'a>>>,
                >,
            > {
                self.0.access(10, "NetParameter", "stage_ir")
            }

            #[inline]
            pub fn binary_ir(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(11, "NetParameter", "binary_ir")
            }

            #[inline]
            pub fn sub_net(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<::planus::Vector<'a, ::planus::Result<self::SubNetRef<'a>>>>,
            > {
                self.0.access(12, "NetParameter", "sub_net")
            }

            #[inline]
            pub fn cpu_mem_size(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(
                    self.0.access(13, "NetParameter", "cpu_mem_size")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn ctx_sizes(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, u64>>> {
                self.0.access(14, "NetParameter", "ctx_sizes")
            }

            #[inline]
            pub fn net_stat(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(15, "NetParameter", "net_stat")
            }

            #[inline]
            pub fn core_num(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(
                    self.0.access(16, "NetParameter", "core_num")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn io_addr(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(
                    self.0.access(17, "NetParameter", "io_addr")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn io_size(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(
                    self.0.access(18, "NetParameter", "io_size")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn tensor_loc(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(19, "NetParameter", "tensor_loc")
            }

            #[inline]
            pub fn dynamic_ctx_addr(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(
                    self.0.access(20, "NetParameter", "dynamic_ctx_addr")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn dynamic_coeff_offset(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(
                    self.0.access(21, "NetParameter", "dynamic_coeff_offset")?.unwrap_or(0),
                )
            }

            #[inline]
            pub fn dynamic_combined_coeff_offset(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(
                    self.0
                        .access(22, "NetParameter", "dynamic_combined_coeff_offset")?
                        .unwrap_or(0),
                )
            }
        }

        impl<'a> ::core::fmt::Debug for NetParameterRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("NetParameterRef");
                f.field("input_tensor", &self.input_tensor());
                f.field("output_tensor", &self.output_tensor());
                f.field("ctx_addr", &self.ctx_addr());
                f.field("ctx_size", &self.ctx_size());
                if let ::core::option::Option::Some(field_coeff_mem) = self.coeff_mem().transpose()
                {
                    f.field("coeff_mem", &field_coeff_mem);
                }
                f.field("is_dynamic", &self.is_dynamic());
                f.field("n_dynamic", &self.n_dynamic());
                f.field("h_w_dynamic", &self.h_w_dynamic());
                if let ::core::option::Option::Some(field_cmd_group) = self.cmd_group().transpose()
                {
                    f.field("cmd_group", &field_cmd_group);
                }
                if let ::core::option::Option::Some(field_net_profile) =
                    self.net_profile().transpose()
                {
                    f.field("net_profile", &field_net_profile);
                }
                if let ::core::option::Option::Some(field_stage_ir) = self.stage_ir().transpose() {
                    f.field("stage_ir", &field_stage_ir);
                }
                if let ::core::option::Option::Some(field_binary_ir) = self.binary_ir().transpose()
                {
                    f.field("binary_ir", &field_binary_ir);
                }
                if let ::core::option::Option::Some(field_sub_net) = self.sub_net().transpose() {
                    f.field("sub_net", &field_sub_net);
                }
                f.field("cpu_mem_size", &self.cpu_mem_size());
                if let ::core::option::Option::Some(field_ctx_sizes) = self.ctx_sizes().transpose()
                {
                    f.field("ctx_sizes", &field_ctx_sizes);
                }
                if let ::core::option::Option::Some(field_net_stat) = self.net_stat().transpose() {
                    f.field("net_stat", &field_net_stat);
                }
                f.field("core_num", &self.core_num());
                f.field("io_addr", &self.io_addr());
                f.field("io_size", &self.io_size());
                if let ::core::option::Option::Some(field_tensor_loc) =
                    self.tensor_loc().transpose()
                {
                    f.field("tensor_loc", &field_tensor_loc);
                }
                f.field("dynamic_ctx_addr", &self.dynamic_ctx_addr());
                f.field("dynamic_coeff_offset", &self.dynamic_coeff_offset());
                f.field("dynamic_combined_coeff_offset", &self.dynamic_combined_coeff_offset());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<NetParameterRef<'a>> for NetParameter {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: NetParameterRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    input_tensor: value.input_tensor()?.to_vec_result()?,
                    output_tensor: value.output_tensor()?.to_vec_result()?,
                    ctx_addr: ::core::convert::TryInto::try_into(value.ctx_addr()?)?,
                    ctx_size: ::core::convert::TryInto::try_into(value.ctx_size()?)?,
                    coeff_mem: if let ::core::option::Option::Some(coeff_mem) = value.coeff_mem()? {
                        ::core::option::Option::Some(::planus::alloc::boxed::Box::new(
                            ::core::convert::TryInto::try_into(coeff_mem)?,
                        ))
                    } else {
                        ::core::option::Option::None
                    },
                    is_dynamic: ::core::convert::TryInto::try_into(value.is_dynamic()?)?,
                    n_dynamic: ::core::convert::TryInto::try_into(value.n_dynamic()?)?,
                    h_w_dynamic: ::core::convert::TryInto::try_into(value.h_w_dynamic()?)?,
                    cmd_group: if let ::core::option::Option::Some(cmd_group) = value.cmd_group()? {
                        ::core::option::Option::Some(cmd_group.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    net_profile: value.net_profile()?.map(::core::convert::Into::into),
                    stage_ir: if let ::core::option::Option::Some(stage_ir) = value.stage_ir()? {
                        ::core::option::Option::Some(stage_ir.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    binary_ir: value.binary_ir()?.map(::core::convert::Into::into),
                    sub_net: if let ::core::option::Option::Some(sub_net) = value.sub_net()? {
                        ::core::option::Option::Some(sub_net.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    cpu_mem_size: ::core::convert::TryInto::try_into(value.cpu_mem_size()?)?,
                    ctx_sizes: if let ::core::option::Option::Some(ctx_sizes) = value.ctx_sizes()? {
                        ::core::option::Option::Some(ctx_sizes.to_vec()?)
                    } else {
                        ::core::option::Option::None
                    },
                    net_stat: value.net_stat()?.map(::core::convert::Into::into),
                    core_num: ::core::convert::TryInto::try_into(value.core_num()?)?,
                    io_addr: ::core::convert::TryInto::try_into(value.io_addr()?)?,
                    io_size: ::core::convert::TryInto::try_into(value.io_size()?)?,
                    tensor_loc: value.tensor_loc()?.map(::core::convert::Into::into),
                    dynamic_ctx_addr: ::core::convert::TryInto::try_into(
                        value.dynamic_ctx_addr()?,
                    )?,
                    dynamic_coeff_offset: ::core::convert::TryInto::try_into(
                        value.dynamic_coeff_offset()?,
                    )?,
                    dynamic_combined_coeff_offset: ::core::convert::TryInto::try_into(
                        value.dynamic_combined_coeff_offset()?,
                    )?,
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for NetParameterRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for NetParameterRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[NetParameterRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<NetParameter>> for NetParameter {
            type Value = ::planus::Offset<NetParameter>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<NetParameter>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for NetParameterRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[NetParameterRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `Cascade` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `Cascade` in the file `proto/bmodel.fbs:172`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct Cascade {
            /// The field `device_id` in the table `Cascade`
            pub device_id: u32,
            /// The field `step` in the table `Cascade`
            pub step: u32,
            /// The field `main_name` in the table `Cascade`
            pub main_name: ::core::option::Option<::planus::alloc::string::String>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for Cascade {
            fn default() -> Self {
                Self { device_id: 0, step: 0, main_name: ::core::default::Default::default() }
            }
        }

        impl Cascade {
            /// Creates a [CascadeBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> CascadeBuilder<()> {
                CascadeBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_device_id: impl ::planus::WriteAsDefault<u32, u32>,
                field_step: impl ::planus::WriteAsDefault<u32, u32>,
                field_main_name: impl ::planus::WriteAsOptional<
                    ::planus::Offset<::core::primitive::str>,
                >,
            ) -> ::planus::Offset<Self> {
                let prepared_device_id = field_device_id.prepare(builder, &0);
                let prepared_step = field_step.prepare(builder, &0);
                let prepared_main_name = field_main_name.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<10> =
                    ::core::default::Default::default();
                if prepared_device_id.is_some() {
                    table_writer.write_entry::<u32>(0);
                }
                if prepared_step.is_some() {
                    table_writer.write_entry::<u32>(1);
                }
                if prepared_main_name.is_some() {
                    table_writer.write_entry::<::planus::Offset<str>>(2);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_device_id) = prepared_device_id
                        {
                            object_writer.write::<_, _, 4>(&prepared_device_id);
                        }
                        if let ::core::option::Option::Some(prepared_step) = prepared_step {
                            object_writer.write::<_, _, 4>(&prepared_step);
                        }
                        if let ::core::option::Option::Some(prepared_main_name) = prepared_main_name
                        {
                            object_writer.write::<_, _, 4>(&prepared_main_name);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<Cascade>> for Cascade {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Cascade> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<Cascade>> for Cascade {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Cascade>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<Cascade> for Cascade {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Cascade> {
                Cascade::create(builder, self.device_id, self.step, &self.main_name)
            }
        }

        /// Builder for serializing an instance of the [Cascade] type.
        ///
        /// Can be created using the [Cascade::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct CascadeBuilder<State>(State);

        impl CascadeBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn device_id<T0>(self, value: T0) -> CascadeBuilder<(T0,)>
            where
                T0: ::planus::WriteAsDefault<u32, u32>,
            {
                CascadeBuilder((value,))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn device_id_as_default(self) -> CascadeBuilder<(::planus::DefaultValue,)> {
                self.device_id(::planus::DefaultValue)
            }
        }

        impl<T0> CascadeBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn step<T1>(self, value: T1) -> CascadeBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0,) = self.0;
                CascadeBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn step_as_default(self) -> CascadeBuilder<(T0, ::planus::DefaultValue)> {
                self.step(::planus::DefaultValue)
            }
        }

        impl<T0, T1> CascadeBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn main_name<T2>(self, value: T2) -> CascadeBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
            {
                let (v0, v1) = self.0;
                CascadeBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn main_name_as_null(self) -> CascadeBuilder<(T0, T1, ())> {
                self.main_name(())
            }
        }

        impl<T0, T1, T2> CascadeBuilder<(T0, T1, T2)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [Cascade].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<Cascade>
            where
                Self: ::planus::WriteAsOffset<Cascade>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
        > ::planus::WriteAs<::planus::Offset<Cascade>> for CascadeBuilder<(T0, T1, T2)>
        {
            type Prepared = ::planus::Offset<Cascade>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Cascade> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
        > ::planus::WriteAsOptional<::planus::Offset<Cascade>> for CascadeBuilder<(T0, T1, T2)>
        {
            type Prepared = ::planus::Offset<Cascade>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Cascade>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAsDefault<u32, u32>,
            T1: ::planus::WriteAsDefault<u32, u32>,
            T2: ::planus::WriteAsOptional<::planus::Offset<::core::primitive::str>>,
        > ::planus::WriteAsOffset<Cascade> for CascadeBuilder<(T0, T1, T2)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Cascade> {
                let (v0, v1, v2) = &self.0;
                Cascade::create(builder, v0, v1, v2)
            }
        }

        /// Reference to a deserialized [Cascade].
        #[derive(Copy, Clone)]
        pub struct CascadeRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> CascadeRef<'a> {
            #[inline]
            pub fn device_id(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(0, "Cascade", "device_id")?.unwrap_or(0))
            }

            #[inline]
            pub fn step(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(1, "Cascade", "step")?.unwrap_or(0))
            }

            #[inline]
            pub fn main_name(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(2, "Cascade", "main_name")
            }
        }

        impl<'a> ::core::fmt::Debug for CascadeRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("CascadeRef");
                f.field("device_id", &self.device_id());
                f.field("step", &self.step());
                if let ::core::option::Option::Some(field_main_name) = self.main_name().transpose()
                {
                    f.field("main_name", &field_main_name);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<CascadeRef<'a>> for Cascade {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: CascadeRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    device_id: ::core::convert::TryInto::try_into(value.device_id()?)?,
                    step: ::core::convert::TryInto::try_into(value.step()?)?,
                    main_name: value.main_name()?.map(::core::convert::Into::into),
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for CascadeRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for CascadeRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[CascadeRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<Cascade>> for Cascade {
            type Value = ::planus::Offset<Cascade>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<Cascade>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for CascadeRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[CascadeRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `Net` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `Net` in the file `proto/bmodel.fbs:179`
        #[derive(Clone, Debug, PartialEq, PartialOrd, ::serde::Serialize, ::serde::Deserialize)]
        pub struct Net {
            /// The field `name` in the table `Net`
            pub name: ::planus::alloc::string::String,
            /// The field `net_static` in the table `Net`
            pub net_static: ::core::option::Option<::planus::alloc::vec::Vec<self::NetStatic>>,
            /// The field `net_dynamic` in the table `Net`
            pub net_dynamic: ::core::option::Option<::planus::alloc::vec::Vec<self::NetDynamic>>,
            /// The field `parameter` in the table `Net`
            pub parameter: ::core::option::Option<::planus::alloc::vec::Vec<self::NetParameter>>,
            /// The field `cascade` in the table `Net`
            pub cascade: ::core::option::Option<::planus::alloc::boxed::Box<self::Cascade>>,
            /// The field `addr_mode` in the table `Net`
            pub addr_mode: i32,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for Net {
            fn default() -> Self {
                Self {
                    name: ::core::default::Default::default(),
                    net_static: ::core::default::Default::default(),
                    net_dynamic: ::core::default::Default::default(),
                    parameter: ::core::default::Default::default(),
                    cascade: ::core::default::Default::default(),
                    addr_mode: 0,
                }
            }
        }

        impl Net {
            /// Creates a [NetBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> NetBuilder<()> {
                NetBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_name: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_net_static: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::NetStatic>]>,
                >,
                field_net_dynamic: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::NetDynamic>]>,
                >,
                field_parameter: impl ::planus::WriteAsOptional<
                    ::planus::Offset<[::planus::Offset<self::NetParameter>]>,
                >,
                field_cascade: impl ::planus::WriteAsOptional<::planus::Offset<self::Cascade>>,
                field_addr_mode: impl ::planus::WriteAsDefault<i32, i32>,
            ) -> ::planus::Offset<Self> {
                let prepared_name = field_name.prepare(builder);
                let prepared_net_static = field_net_static.prepare(builder);
                let prepared_net_dynamic = field_net_dynamic.prepare(builder);
                let prepared_parameter = field_parameter.prepare(builder);
                let prepared_cascade = field_cascade.prepare(builder);
                let prepared_addr_mode = field_addr_mode.prepare(builder, &0);

                let mut table_writer: ::planus::table_writer::TableWriter<16> =
                    ::core::default::Default::default();
                table_writer.write_entry::<::planus::Offset<str>>(0);
                if prepared_net_static.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::NetStatic>]>>(1);
                }
                if prepared_net_dynamic.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::NetDynamic>]>>(2);
                }
                if prepared_parameter.is_some() {
                    table_writer
                        .write_entry::<::planus::Offset<[::planus::Offset<self::NetParameter>]>>(3);
                }
                if prepared_cascade.is_some() {
                    table_writer.write_entry::<::planus::Offset<self::Cascade>>(4);
                }
                if prepared_addr_mode.is_some() {
                    table_writer.write_entry::<i32>(5);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        object_writer.write::<_, _, 4>(&prepared_name);
                        if let ::core::option::Option::Some(prepared_net_static) =
                            prepared_net_static
                        {
                            object_writer.write::<_, _, 4>(&prepared_net_static);
                        }
                        if let ::core::option::Option::Some(prepared_net_dynamic) =
                            prepared_net_dynamic
                        {
                            object_writer.write::<_, _, 4>(&prepared_net_dynamic);
                        }
                        if let ::core::option::Option::Some(prepared_parameter) = prepared_parameter
                        {
                            object_writer.write::<_, _, 4>(&prepared_parameter);
                        }
                        if let ::core::option::Option::Some(prepared_cascade) = prepared_cascade {
                            object_writer.write::<_, _, 4>(&prepared_cascade);
                        }
                        if let ::core::option::Option::Some(prepared_addr_mode) = prepared_addr_mode
                        {
                            object_writer.write::<_, _, 4>(&prepared_addr_mode);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<Net>> for Net {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Net> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<Net>> for Net {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Net>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<Net> for Net {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Net> {
                Net::create(
                    builder,
                    &self.name,
                    &self.net_static,
                    &self.net_dynamic,
                    &self.parameter,
                    &self.cascade,
                    self.addr_mode,
                )
            }
        }

        /// Builder for serializing an instance of the [Net] type.
        ///
        /// Can be created using the [Net::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct NetBuilder<State>(State);

        impl NetBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn name<T0>(self, value: T0) -> NetBuilder<(T0,)>
            where
                T0: ::planus::WriteAs<::planus::Offset<str>>,
            {
                NetBuilder((value,))
            }
        }

        impl<T0> NetBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net_static<T1>(self, value: T1) -> NetBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetStatic>]>>,
            {
                let (v0,) = self.0;
                NetBuilder((v0, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net_static_as_null(self) -> NetBuilder<(T0, ())> {
                self.net_static(())
            }
        }

        impl<T0, T1> NetBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net_dynamic<T2>(self, value: T2) -> NetBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsOptional<
                        ::planus::Offset<[::planus::Offset<self::NetDynamic>]>,
                    >,
            {
                let (v0, v1) = self.0;
                NetBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net_dynamic_as_null(self) -> NetBuilder<(T0, T1, ())> {
                self.net_dynamic(())
            }
        }

        impl<T0, T1, T2> NetBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn parameter<T3>(self, value: T3) -> NetBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAsOptional<
                        ::planus::Offset<[::planus::Offset<self::NetParameter>]>,
                    >,
            {
                let (v0, v1, v2) = self.0;
                NetBuilder((v0, v1, v2, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn parameter_as_null(self) -> NetBuilder<(T0, T1, T2, ())> {
                self.parameter(())
            }
        }

        impl<T0, T1, T2, T3> NetBuilder<(T0, T1, T2, T3)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cascade<T4>(self, value: T4) -> NetBuilder<(T0, T1, T2, T3, T4)>
            where
                T4: ::planus::WriteAsOptional<::planus::Offset<self::Cascade>>,
            {
                let (v0, v1, v2, v3) = self.0;
                NetBuilder((v0, v1, v2, v3, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cascade_as_null(self) -> NetBuilder<(T0, T1, T2, T3, ())> {
                self.cascade(())
            }
        }

        impl<T0, T1, T2, T3, T4> NetBuilder<(T0, T1, T2, T3, T4)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn addr_mode<T5>(self, value: T5) -> NetBuilder<(T0, T1, T2, T3, T4, T5)>
            where
                T5: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1, v2, v3, v4) = self.0;
                NetBuilder((v0, v1, v2, v3, v4, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn addr_mode_as_default(
                self,
            ) -> NetBuilder<(T0, T1, T2, T3, T4, ::planus::DefaultValue)> {
                self.addr_mode(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5> NetBuilder<(T0, T1, T2, T3, T4, T5)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [Net].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<Net>
            where
                Self: ::planus::WriteAsOffset<Net>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetStatic>]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetDynamic>]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetParameter>]>>,
            T4: ::planus::WriteAsOptional<::planus::Offset<self::Cascade>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAs<::planus::Offset<Net>> for NetBuilder<(T0, T1, T2, T3, T4, T5)>
        {
            type Prepared = ::planus::Offset<Net>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Net> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetStatic>]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetDynamic>]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetParameter>]>>,
            T4: ::planus::WriteAsOptional<::planus::Offset<self::Cascade>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAsOptional<::planus::Offset<Net>>
            for NetBuilder<(T0, T1, T2, T3, T4, T5)>
        {
            type Prepared = ::planus::Offset<Net>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Net>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetStatic>]>>,
            T2: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetDynamic>]>>,
            T3: ::planus::WriteAsOptional<::planus::Offset<[::planus::Offset<self::NetParameter>]>>,
            T4: ::planus::WriteAsOptional<::planus::Offset<self::Cascade>>,
            T5: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAsOffset<Net> for NetBuilder<(T0, T1, T2, T3, T4, T5)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Net> {
                let (v0, v1, v2, v3, v4, v5) = &self.0;
                Net::create(builder, v0, v1, v2, v3, v4, v5)
            }
        }

        /// Reference to a deserialized [Net].
        #[derive(Copy, Clone)]
        pub struct NetRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> NetRef<'a> {
            #[inline]
            pub fn name(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(0, "Net", "name")
            }

            #[inline]
            pub fn net_static(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::NetStaticRef<'a>>>,
                >,
            > {
                self.0.access(1, "Net", "net_static")
            }

            #[inline]
            pub fn net_dynamic(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::NetDynamicRef<'a>>>,
                >,
            > {
                self.0.access(2, "Net", "net_dynamic")
            }

            #[inline]
            pub fn parameter(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::NetParameterRef<'a>>>,
                >,
            > {
                self.0.access(3, "Net", "parameter")
            }

            #[inline]
            pub fn cascade(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::CascadeRef<'a>>> {
                self.0.access(4, "Net", "cascade")
            }

            #[inline]
            pub fn addr_mode(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(5, "Net", "addr_mode")?.unwrap_or(0))
            }
        }

        impl<'a> ::core::fmt::Debug for NetRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("NetRef");
                f.field("name", &self.name());
                if let ::core::option::Option::Some(field_net_static) =
                    self.net_static().transpose()
                {
                    f.field("net_static", &field_net_static);
                }
                if let ::core::option::Option::Some(field_net_dynamic) =
                    self.net_dynamic().transpose()
                {
                    f.field("net_dynamic", &field_net_dynamic);
                }
                if let ::core::option::Option::Some(field_parameter) = self.parameter().transpose()
                {
                    f.field("parameter", &field_parameter);
                }
                if let ::core::option::Option::Some(field_cascade) = self.cascade().transpose() {
                    f.field("cascade", &field_cascade);
                }
                f.field("addr_mode", &self.addr_mode());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<NetRef<'a>> for Net {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: NetRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    name: ::core::convert::Into::into(value.name()?),
                    net_static: if let ::core::option::Option::Some(net_static) =
                        value.net_static()?
                    {
                        ::core::option::Option::Some(net_static.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    net_dynamic: if let ::core::option::Option::Some(net_dynamic) =
                        value.net_dynamic()?
                    {
                        ::core::option::Option::Some(net_dynamic.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    parameter: if let ::core::option::Option::Some(parameter) = value.parameter()? {
                        ::core::option::Option::Some(parameter.to_vec_result()?)
                    } else {
                        ::core::option::Option::None
                    },
                    cascade: if let ::core::option::Option::Some(cascade) = value.cascade()? {
                        ::core::option::Option::Some(::planus::alloc::boxed::Box::new(
                            ::core::convert::TryInto::try_into(cascade)?,
                        ))
                    } else {
                        ::core::option::Option::None
                    },
                    addr_mode: ::core::convert::TryInto::try_into(value.addr_mode()?)?,
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for NetRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for NetRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[NetRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<Net>> for Net {
            type Value = ::planus::Offset<Net>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<Net>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for NetRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| error_kind.with_error_location("[NetRef]", "read_as_root", 0))
            }
        }

        /// The table `KernelModule` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `KernelModule` in the file `proto/bmodel.fbs:189`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct KernelModule {
            /// The field `file_name` in the table `KernelModule`
            pub file_name: ::planus::alloc::string::String,
            /// The field `binary` in the table `KernelModule`
            pub binary: self::Binary,
            /// The field `mode` in the table `KernelModule`
            pub mode: i32,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for KernelModule {
            fn default() -> Self {
                Self {
                    file_name: ::core::default::Default::default(),
                    binary: ::core::default::Default::default(),
                    mode: 0,
                }
            }
        }

        impl KernelModule {
            /// Creates a [KernelModuleBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> KernelModuleBuilder<()> {
                KernelModuleBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_file_name: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_binary: impl ::planus::WriteAs<self::Binary>,
                field_mode: impl ::planus::WriteAsDefault<i32, i32>,
            ) -> ::planus::Offset<Self> {
                let prepared_file_name = field_file_name.prepare(builder);
                let prepared_binary = field_binary.prepare(builder);
                let prepared_mode = field_mode.prepare(builder, &0);

                let mut table_writer: ::planus::table_writer::TableWriter<10> =
                    ::core::default::Default::default();
                table_writer.write_entry::<self::Binary>(1);
                table_writer.write_entry::<::planus::Offset<str>>(0);
                if prepared_mode.is_some() {
                    table_writer.write_entry::<i32>(2);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        object_writer.write::<_, _, 16>(&prepared_binary);
                        object_writer.write::<_, _, 4>(&prepared_file_name);
                        if let ::core::option::Option::Some(prepared_mode) = prepared_mode {
                            object_writer.write::<_, _, 4>(&prepared_mode);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<KernelModule>> for KernelModule {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<KernelModule> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<KernelModule>> for KernelModule {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<KernelModule>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<KernelModule> for KernelModule {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<KernelModule> {
                KernelModule::create(builder, &self.file_name, self.binary, self.mode)
            }
        }

        /// Builder for serializing an instance of the [KernelModule] type.
        ///
        /// Can be created using the [KernelModule::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct KernelModuleBuilder<State>(State);

        impl KernelModuleBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn file_name<T0>(self, value: T0) -> KernelModuleBuilder<(T0,)>
            where
                T0: ::planus::WriteAs<::planus::Offset<str>>,
            {
                KernelModuleBuilder((value,))
            }
        }

        impl<T0> KernelModuleBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary<T1>(self, value: T1) -> KernelModuleBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAs<self::Binary>,
            {
                let (v0,) = self.0;
                KernelModuleBuilder((v0, value))
            }
        }

        impl<T0, T1> KernelModuleBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn mode<T2>(self, value: T2) -> KernelModuleBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAsDefault<i32, i32>,
            {
                let (v0, v1) = self.0;
                KernelModuleBuilder((v0, v1, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn mode_as_default(self) -> KernelModuleBuilder<(T0, T1, ::planus::DefaultValue)> {
                self.mode(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2> KernelModuleBuilder<(T0, T1, T2)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [KernelModule].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<KernelModule>
            where
                Self: ::planus::WriteAsOffset<KernelModule>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAs<self::Binary>,
            T2: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAs<::planus::Offset<KernelModule>> for KernelModuleBuilder<(T0, T1, T2)>
        {
            type Prepared = ::planus::Offset<KernelModule>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<KernelModule> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAs<self::Binary>,
            T2: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAsOptional<::planus::Offset<KernelModule>>
            for KernelModuleBuilder<(T0, T1, T2)>
        {
            type Prepared = ::planus::Offset<KernelModule>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<KernelModule>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAs<self::Binary>,
            T2: ::planus::WriteAsDefault<i32, i32>,
        > ::planus::WriteAsOffset<KernelModule> for KernelModuleBuilder<(T0, T1, T2)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<KernelModule> {
                let (v0, v1, v2) = &self.0;
                KernelModule::create(builder, v0, v1, v2)
            }
        }

        /// Reference to a deserialized [KernelModule].
        #[derive(Copy, Clone)]
        pub struct KernelModuleRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> KernelModuleRef<'a> {
            #[inline]
            pub fn file_name(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(0, "KernelModule", "file_name")
            }

            #[inline]
            pub fn binary(&self) -> ::planus::Result<self::BinaryRef<'a>> {
                self.0.access_required(1, "KernelModule", "binary")
            }

            #[inline]
            pub fn mode(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(2, "KernelModule", "mode")?.unwrap_or(0))
            }
        }

        impl<'a> ::core::fmt::Debug for KernelModuleRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("KernelModuleRef");
                f.field("file_name", &self.file_name());
                f.field("binary", &self.binary());
                f.field("mode", &self.mode());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<KernelModuleRef<'a>> for KernelModule {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: KernelModuleRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    file_name: ::core::convert::Into::into(value.file_name()?),
                    binary: ::core::convert::Into::into(value.binary()?),
                    mode: ::core::convert::TryInto::try_into(value.mode()?)?,
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for KernelModuleRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for KernelModuleRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[KernelModuleRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<KernelModule>> for KernelModule {
            type Value = ::planus::Offset<KernelModule>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<KernelModule>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for KernelModuleRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[KernelModuleRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `CpuopModule` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `CpuopModule` in the file `proto/bmodel.fbs:196`
        #[derive(
            Clone,
            Debug,
            PartialEq,
            PartialOrd,
            Eq,
            Ord,
            Hash,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        pub struct CpuopModule {
            /// The field `file_name` in the table `CpuopModule`
            pub file_name: ::planus::alloc::string::String,
            /// The field `binary` in the table `CpuopModule`
            pub binary: self::Binary,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for CpuopModule {
            fn default() -> Self {
                Self {
                    file_name: ::core::default::Default::default(),
                    binary: ::core::default::Default::default(),
                }
            }
        }

        impl CpuopModule {
            /// Creates a [CpuopModuleBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> CpuopModuleBuilder<()> {
                CpuopModuleBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_file_name: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_binary: impl ::planus::WriteAs<self::Binary>,
            ) -> ::planus::Offset<Self> {
                let prepared_file_name = field_file_name.prepare(builder);
                let prepared_binary = field_binary.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<8> =
                    ::core::default::Default::default();
                table_writer.write_entry::<self::Binary>(1);
                table_writer.write_entry::<::planus::Offset<str>>(0);

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        object_writer.write::<_, _, 16>(&prepared_binary);
                        object_writer.write::<_, _, 4>(&prepared_file_name);
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<CpuopModule>> for CpuopModule {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuopModule> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<CpuopModule>> for CpuopModule {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CpuopModule>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<CpuopModule> for CpuopModule {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuopModule> {
                CpuopModule::create(builder, &self.file_name, self.binary)
            }
        }

        /// Builder for serializing an instance of the [CpuopModule] type.
        ///
        /// Can be created using the [CpuopModule::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct CpuopModuleBuilder<State>(State);

        impl CpuopModuleBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn file_name<T0>(self, value: T0) -> CpuopModuleBuilder<(T0,)>
            where
                T0: ::planus::WriteAs<::planus::Offset<str>>,
            {
                CpuopModuleBuilder((value,))
            }
        }

        impl<T0> CpuopModuleBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn binary<T1>(self, value: T1) -> CpuopModuleBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAs<self::Binary>,
            {
                let (v0,) = self.0;
                CpuopModuleBuilder((v0, value))
            }
        }

        impl<T0, T1> CpuopModuleBuilder<(T0, T1)> {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [CpuopModule].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuopModule>
            where
                Self: ::planus::WriteAsOffset<CpuopModule>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<T0: ::planus::WriteAs<::planus::Offset<str>>, T1: ::planus::WriteAs<self::Binary>>
            ::planus::WriteAs<::planus::Offset<CpuopModule>> for CpuopModuleBuilder<(T0, T1)>
        {
            type Prepared = ::planus::Offset<CpuopModule>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuopModule> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<T0: ::planus::WriteAs<::planus::Offset<str>>, T1: ::planus::WriteAs<self::Binary>>
            ::planus::WriteAsOptional<::planus::Offset<CpuopModule>>
            for CpuopModuleBuilder<(T0, T1)>
        {
            type Prepared = ::planus::Offset<CpuopModule>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<CpuopModule>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<T0: ::planus::WriteAs<::planus::Offset<str>>, T1: ::planus::WriteAs<self::Binary>>
            ::planus::WriteAsOffset<CpuopModule> for CpuopModuleBuilder<(T0, T1)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<CpuopModule> {
                let (v0, v1) = &self.0;
                CpuopModule::create(builder, v0, v1)
            }
        }

        /// Reference to a deserialized [CpuopModule].
        #[derive(Copy, Clone)]
        pub struct CpuopModuleRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> CpuopModuleRef<'a> {
            #[inline]
            pub fn file_name(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(0, "CpuopModule", "file_name")
            }

            #[inline]
            pub fn binary(&self) -> ::planus::Result<self::BinaryRef<'a>> {
                self.0.access_required(1, "CpuopModule", "binary")
            }
        }

        impl<'a> ::core::fmt::Debug for CpuopModuleRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("CpuopModuleRef");
                f.field("file_name", &self.file_name());
                f.field("binary", &self.binary());
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<CpuopModuleRef<'a>> for CpuopModule {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: CpuopModuleRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    file_name: ::core::convert::Into::into(value.file_name()?),
                    binary: ::core::convert::Into::into(value.binary()?),
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for CpuopModuleRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for CpuopModuleRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[CpuopModuleRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<CpuopModule>> for CpuopModule {
            type Value = ::planus::Offset<CpuopModule>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<CpuopModule>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for CpuopModuleRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[CpuopModuleRef]", "read_as_root", 0)
                })
            }
        }

        /// The table `Model` in the namespace `bmodel`
        ///
        /// Generated from these locations:
        /// * Table `Model` in the file `proto/bmodel.fbs:202`
        #[derive(Clone, Debug, PartialEq, PartialOrd, ::serde::Serialize, ::serde::Deserialize)]
        pub struct Model {
            /// The field `type` in the table `Model`
            pub type_: ::planus::alloc::string::String,
            /// The field `version` in the table `Model`
            pub version: ::planus::alloc::string::String,
            /// The field `time` in the table `Model`
            pub time: ::planus::alloc::string::String,
            /// The field `chip` in the table `Model`
            pub chip: ::planus::alloc::string::String,
            /// The field `net` in the table `Model`
            pub net: ::planus::alloc::vec::Vec<self::Net>,
            /// The field `neuron_size` in the table `Model`
            pub neuron_size: u64,
            /// The field `kernel_module` in the table `Model`
            pub kernel_module:
                ::core::option::Option<::planus::alloc::boxed::Box<self::KernelModule>>,
            /// The field `device_num` in the table `Model`
            pub device_num: u32,
            /// The field `cpuop_module` in the table `Model`
            pub cpuop_module:
                ::core::option::Option<::planus::alloc::boxed::Box<self::CpuopModule>>,
            /// The field `bmodel_type` in the table `Model`
            pub bmodel_type: u32,
            /// The field `lib_backend` in the table `Model`
            pub lib_backend: ::core::option::Option<self::Binary>,
        }

        #[allow(clippy::derivable_impls)]
        impl ::core::default::Default for Model {
            fn default() -> Self {
                Self {
                    type_: ::core::default::Default::default(),
                    version: ::core::default::Default::default(),
                    time: ::core::default::Default::default(),
                    chip: ::core::default::Default::default(),
                    net: ::core::default::Default::default(),
                    neuron_size: 0,
                    kernel_module: ::core::default::Default::default(),
                    device_num: 0,
                    cpuop_module: ::core::default::Default::default(),
                    bmodel_type: 0,
                    lib_backend: ::core::default::Default::default(),
                }
            }
        }

        impl Model {
            /// Creates a [ModelBuilder] for serializing an instance of this table.
            #[inline]
            pub(crate) fn builder() -> ModelBuilder<()> {
                ModelBuilder(())
            }

            #[allow(clippy::too_many_arguments)]
            pub(crate) fn create(
                builder: &mut ::planus::Builder,
                field_type_: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_version: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_time: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_chip: impl ::planus::WriteAs<::planus::Offset<str>>,
                field_net: impl ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Net>]>>,
                field_neuron_size: impl ::planus::WriteAsDefault<u64, u64>,
                field_kernel_module: impl ::planus::WriteAsOptional<
                    ::planus::Offset<self::KernelModule>,
                >,
                field_device_num: impl ::planus::WriteAsDefault<u32, u32>,
                field_cpuop_module: impl ::planus::WriteAsOptional<::planus::Offset<self::CpuopModule>>,
                field_bmodel_type: impl ::planus::WriteAsDefault<u32, u32>,
                field_lib_backend: impl ::planus::WriteAsOptional<self::Binary>,
            ) -> ::planus::Offset<Self> {
                let prepared_type_ = field_type_.prepare(builder);
                let prepared_version = field_version.prepare(builder);
                let prepared_time = field_time.prepare(builder);
                let prepared_chip = field_chip.prepare(builder);
                let prepared_net = field_net.prepare(builder);
                let prepared_neuron_size = field_neuron_size.prepare(builder, &0);
                let prepared_kernel_module = field_kernel_module.prepare(builder);
                let prepared_device_num = field_device_num.prepare(builder, &0);
                let prepared_cpuop_module = field_cpuop_module.prepare(builder);
                let prepared_bmodel_type = field_bmodel_type.prepare(builder, &0);
                let prepared_lib_backend = field_lib_backend.prepare(builder);

                let mut table_writer: ::planus::table_writer::TableWriter<26> =
                    ::core::default::Default::default();
                if prepared_neuron_size.is_some() {
                    table_writer.write_entry::<u64>(5);
                }
                if prepared_lib_backend.is_some() {
                    table_writer.write_entry::<self::Binary>(10);
                }
                table_writer.write_entry::<::planus::Offset<str>>(0);
                table_writer.write_entry::<::planus::Offset<str>>(1);
                table_writer.write_entry::<::planus::Offset<str>>(2);
                table_writer.write_entry::<::planus::Offset<str>>(3);
                table_writer.write_entry::<::planus::Offset<[::planus::Offset<self::Net>]>>(4);
                if prepared_kernel_module.is_some() {
                    table_writer.write_entry::<::planus::Offset<self::KernelModule>>(6);
                }
                if prepared_device_num.is_some() {
                    table_writer.write_entry::<u32>(7);
                }
                if prepared_cpuop_module.is_some() {
                    table_writer.write_entry::<::planus::Offset<self::CpuopModule>>(8);
                }
                if prepared_bmodel_type.is_some() {
                    table_writer.write_entry::<u32>(9);
                }

                unsafe {
                    table_writer.finish(builder, |object_writer| {
                        if let ::core::option::Option::Some(prepared_neuron_size) =
                            prepared_neuron_size
                        {
                            object_writer.write::<_, _, 8>(&prepared_neuron_size);
                        }
                        if let ::core::option::Option::Some(prepared_lib_backend) =
                            prepared_lib_backend
                        {
                            object_writer.write::<_, _, 16>(&prepared_lib_backend);
                        }
                        object_writer.write::<_, _, 4>(&prepared_type_);
                        object_writer.write::<_, _, 4>(&prepared_version);
                        object_writer.write::<_, _, 4>(&prepared_time);
                        object_writer.write::<_, _, 4>(&prepared_chip);
                        object_writer.write::<_, _, 4>(&prepared_net);
                        if let ::core::option::Option::Some(prepared_kernel_module) =
                            prepared_kernel_module
                        {
                            object_writer.write::<_, _, 4>(&prepared_kernel_module);
                        }
                        if let ::core::option::Option::Some(prepared_device_num) =
                            prepared_device_num
                        {
                            object_writer.write::<_, _, 4>(&prepared_device_num);
                        }
                        if let ::core::option::Option::Some(prepared_cpuop_module) =
                            prepared_cpuop_module
                        {
                            object_writer.write::<_, _, 4>(&prepared_cpuop_module);
                        }
                        if let ::core::option::Option::Some(prepared_bmodel_type) =
                            prepared_bmodel_type
                        {
                            object_writer.write::<_, _, 4>(&prepared_bmodel_type);
                        }
                    });
                }
                builder.current_offset()
            }
        }

        impl ::planus::WriteAs<::planus::Offset<Model>> for Model {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Model> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl ::planus::WriteAsOptional<::planus::Offset<Model>> for Model {
            type Prepared = ::planus::Offset<Self>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Model>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl ::planus::WriteAsOffset<Model> for Model {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Model> {
                Model::create(
                    builder,
                    &self.type_,
                    &self.version,
                    &self.time,
                    &self.chip,
                    &self.net,
                    self.neuron_size,
                    &self.kernel_module,
                    self.device_num,
                    &self.cpuop_module,
                    self.bmodel_type,
                    self.lib_backend,
                )
            }
        }

        /// Builder for serializing an instance of the [Model] type.
        ///
        /// Can be created using the [Model::builder] method.
        #[derive(Debug)]
        #[must_use]
        pub struct ModelBuilder<State>(State);

        impl ModelBuilder<()> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn type_<T0>(self, value: T0) -> ModelBuilder<(T0,)>
            where
                T0: ::planus::WriteAs<::planus::Offset<str>>,
            {
                ModelBuilder((value,))
            }
        }

        impl<T0> ModelBuilder<(T0,)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn version<T1>(self, value: T1) -> ModelBuilder<(T0, T1)>
            where
                T1: ::planus::WriteAs<::planus::Offset<str>>,
            {
                let (v0,) = self.0;
                ModelBuilder((v0, value))
            }
        }

        impl<T0, T1> ModelBuilder<(T0, T1)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn time<T2>(self, value: T2) -> ModelBuilder<(T0, T1, T2)>
            where
                T2: ::planus::WriteAs<::planus::Offset<str>>,
            {
                let (v0, v1) = self.0;
                ModelBuilder((v0, v1, value))
            }
        }

        impl<T0, T1, T2> ModelBuilder<(T0, T1, T2)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn chip<T3>(self, value: T3) -> ModelBuilder<(T0, T1, T2, T3)>
            where
                T3: ::planus::WriteAs<::planus::Offset<str>>,
            {
                let (v0, v1, v2) = self.0;
                ModelBuilder((v0, v1, v2, value))
            }
        }

        impl<T0, T1, T2, T3> ModelBuilder<(T0, T1, T2, T3)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn net<T4>(self, value: T4) -> ModelBuilder<(T0, T1, T2, T3, T4)>
            where
                T4: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Net>]>>,
            {
                let (v0, v1, v2, v3) = self.0;
                ModelBuilder((v0, v1, v2, v3, value))
            }
        }

        impl<T0, T1, T2, T3, T4> ModelBuilder<(T0, T1, T2, T3, T4)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn neuron_size<T5>(self, value: T5) -> ModelBuilder<(T0, T1, T2, T3, T4, T5)>
            where
                T5: ::planus::WriteAsDefault<u64, u64>,
            {
                let (v0, v1, v2, v3, v4) = self.0;
                ModelBuilder((v0, v1, v2, v3, v4, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn neuron_size_as_default(
                self,
            ) -> ModelBuilder<(T0, T1, T2, T3, T4, ::planus::DefaultValue)> {
                self.neuron_size(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5> ModelBuilder<(T0, T1, T2, T3, T4, T5)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn kernel_module<T6>(self, value: T6) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6)>
            where
                T6: ::planus::WriteAsOptional<::planus::Offset<self::KernelModule>>,
            {
                let (v0, v1, v2, v3, v4, v5) = self.0;
                ModelBuilder((v0, v1, v2, v3, v4, v5, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn kernel_module_as_null(self) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, ())> {
                self.kernel_module(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn device_num<T7>(self, value: T7) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7)>
            where
                T7: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6) = self.0;
                ModelBuilder((v0, v1, v2, v3, v4, v5, v6, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn device_num_as_default(
                self,
            ) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, ::planus::DefaultValue)> {
                self.device_num(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpuop_module<T8>(
                self,
                value: T8,
            ) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8)>
            where
                T8: ::planus::WriteAsOptional<::planus::Offset<self::CpuopModule>>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7) = self.0;
                ModelBuilder((v0, v1, v2, v3, v4, v5, v6, v7, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn cpuop_module_as_null(
                self,
            ) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, ())> {
                self.cpuop_module(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8)> {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn bmodel_type<T9>(
                self,
                value: T9,
            ) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9)>
            where
                T9: ::planus::WriteAsDefault<u32, u32>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8) = self.0;
                ModelBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn bmodel_type_as_default(
                self,
            ) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, ::planus::DefaultValue)>
            {
                self.bmodel_type(::planus::DefaultValue)
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>
            ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9)>
        {
            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn lib_backend<T10>(
                self,
                value: T10,
            ) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
            where
                T10: ::planus::WriteAsOptional<self::Binary>,
            {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9) = self.0;
                ModelBuilder((v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, value))
            }

            #[inline]
            #[allow(clippy::type_complexity)]
            pub fn lib_backend_as_null(
                self,
            ) -> ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, ())> {
                self.lib_backend(())
            }
        }

        impl<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
            ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
        {
            /// Finish writing the builder to get an [Offset](::planus::Offset) to a serialized [Model].
            #[inline]
            pub fn finish(self, builder: &mut ::planus::Builder) -> ::planus::Offset<Model>
            where
                Self: ::planus::WriteAsOffset<Model>,
            {
                ::planus::WriteAsOffset::prepare(&self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAs<::planus::Offset<str>>,
            T2: ::planus::WriteAs<::planus::Offset<str>>,
            T3: ::planus::WriteAs<::planus::Offset<str>>,
            T4: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Net>]>>,
            T5: ::planus::WriteAsDefault<u64, u64>,
            T6: ::planus::WriteAsOptional<::planus::Offset<self::KernelModule>>,
            T7: ::planus::WriteAsDefault<u32, u32>,
            T8: ::planus::WriteAsOptional<::planus::Offset<self::CpuopModule>>,
            T9: ::planus::WriteAsDefault<u32, u32>,
            T10: ::planus::WriteAsOptional<self::Binary>,
        > ::planus::WriteAs<::planus::Offset<Model>>
            for ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
        {
            type Prepared = ::planus::Offset<Model>;

            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Model> {
                ::planus::WriteAsOffset::prepare(self, builder)
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAs<::planus::Offset<str>>,
            T2: ::planus::WriteAs<::planus::Offset<str>>,
            T3: ::planus::WriteAs<::planus::Offset<str>>,
            T4: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Net>]>>,
            T5: ::planus::WriteAsDefault<u64, u64>,
            T6: ::planus::WriteAsOptional<::planus::Offset<self::KernelModule>>,
            T7: ::planus::WriteAsDefault<u32, u32>,
            T8: ::planus::WriteAsOptional<::planus::Offset<self::CpuopModule>>,
            T9: ::planus::WriteAsDefault<u32, u32>,
            T10: ::planus::WriteAsOptional<self::Binary>,
        > ::planus::WriteAsOptional<::planus::Offset<Model>>
            for ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
        {
            type Prepared = ::planus::Offset<Model>;

            #[inline]
            fn prepare(
                &self,
                builder: &mut ::planus::Builder,
            ) -> ::core::option::Option<::planus::Offset<Model>> {
                ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
            }
        }

        impl<
            T0: ::planus::WriteAs<::planus::Offset<str>>,
            T1: ::planus::WriteAs<::planus::Offset<str>>,
            T2: ::planus::WriteAs<::planus::Offset<str>>,
            T3: ::planus::WriteAs<::planus::Offset<str>>,
            T4: ::planus::WriteAs<::planus::Offset<[::planus::Offset<self::Net>]>>,
            T5: ::planus::WriteAsDefault<u64, u64>,
            T6: ::planus::WriteAsOptional<::planus::Offset<self::KernelModule>>,
            T7: ::planus::WriteAsDefault<u32, u32>,
            T8: ::planus::WriteAsOptional<::planus::Offset<self::CpuopModule>>,
            T9: ::planus::WriteAsDefault<u32, u32>,
            T10: ::planus::WriteAsOptional<self::Binary>,
        > ::planus::WriteAsOffset<Model>
            for ModelBuilder<(T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10)>
        {
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Model> {
                let (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10) = &self.0;
                Model::create(builder, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10)
            }
        }

        /// Reference to a deserialized [Model].
        #[derive(Copy, Clone)]
        pub struct ModelRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

        impl<'a> ModelRef<'a> {
            #[inline]
            pub fn type_(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(0, "Model", "type_")
            }

            #[inline]
            pub fn version(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(1, "Model", "version")
            }

            #[inline]
            pub fn time(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(2, "Model", "time")
            }

            #[inline]
            pub fn chip(&self) -> ::planus::Result<&'a ::core::primitive::str> {
                self.0.access_required(3, "Model", "chip")
            }

            #[inline]
            pub fn net(
                &self,
            ) -> ::planus::Result<::planus::Vector<'a, ::planus::Result<self::NetRef<'a>>>>
            {
                self.0.access_required(4, "Model", "net")
            }

            #[inline]
            pub fn neuron_size(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(self.0.access(5, "Model", "neuron_size")?.unwrap_or(0))
            }

            #[inline]
            pub fn kernel_module(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::KernelModuleRef<'a>>> {
                self.0.access(6, "Model", "kernel_module")
            }

            #[inline]
            pub fn device_num(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(7, "Model", "device_num")?.unwrap_or(0))
            }

            #[inline]
            pub fn cpuop_module(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::CpuopModuleRef<'a>>> {
                self.0.access(8, "Model", "cpuop_module")
            }

            #[inline]
            pub fn bmodel_type(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(9, "Model", "bmodel_type")?.unwrap_or(0))
            }

            #[inline]
            pub fn lib_backend(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BinaryRef<'a>>> {
                self.0.access(10, "Model", "lib_backend")
            }
        }

        impl<'a> ::core::fmt::Debug for ModelRef<'a> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut f = f.debug_struct("ModelRef");
                f.field("type_", &self.type_());
                f.field("version", &self.version());
                f.field("time", &self.time());
                f.field("chip", &self.chip());
                f.field("net", &self.net());
                f.field("neuron_size", &self.neuron_size());
                if let ::core::option::Option::Some(field_kernel_module) =
                    self.kernel_module().transpose()
                {
                    f.field("kernel_module", &field_kernel_module);
                }
                f.field("device_num", &self.device_num());
                if let ::core::option::Option::Some(field_cpuop_module) =
                    self.cpuop_module().transpose()
                {
                    f.field("cpuop_module", &field_cpuop_module);
                }
                f.field("bmodel_type", &self.bmodel_type());
                if let ::core::option::Option::Some(field_lib_backend) =
                    self.lib_backend().transpose()
                {
                    f.field("lib_backend", &field_lib_backend);
                }
                f.finish()
            }
        }

        impl<'a> ::core::convert::TryFrom<ModelRef<'a>> for Model {
            type Error = ::planus::Error;

            #[allow(unreachable_code)]
            fn try_from(value: ModelRef<'a>) -> ::planus::Result<Self> {
                ::core::result::Result::Ok(Self {
                    type_: ::core::convert::Into::into(value.type_()?),
                    version: ::core::convert::Into::into(value.version()?),
                    time: ::core::convert::Into::into(value.time()?),
                    chip: ::core::convert::Into::into(value.chip()?),
                    net: value.net()?.to_vec_result()?,
                    neuron_size: ::core::convert::TryInto::try_into(value.neuron_size()?)?,
                    kernel_module: if let ::core::option::Option::Some(kernel_module) =
                        value.kernel_module()?
                    {
                        ::core::option::Option::Some(::planus::alloc::boxed::Box::new(
                            ::core::convert::TryInto::try_into(kernel_module)?,
                        ))
                    } else {
                        ::core::option::Option::None
                    },
                    device_num: ::core::convert::TryInto::try_into(value.device_num()?)?,
                    cpuop_module: if let ::core::option::Option::Some(cpuop_module) =
                        value.cpuop_module()?
                    {
                        ::core::option::Option::Some(::planus::alloc::boxed::Box::new(
                            ::core::convert::TryInto::try_into(cpuop_module)?,
                        ))
                    } else {
                        ::core::option::Option::None
                    },
                    bmodel_type: ::core::convert::TryInto::try_into(value.bmodel_type()?)?,
                    lib_backend: value.lib_backend()?.map(::core::convert::Into::into),
                })
            }
        }

        impl<'a> ::planus::TableRead<'a> for ModelRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }

        impl<'a> ::planus::VectorReadInner<'a> for ModelRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;

            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[ModelRef]", "get", buffer.offset_from_start)
                })
            }
        }

        /// # Safety
        /// The planus compiler generates implementations that initialize
        /// the bytes in `write_values`.
        unsafe impl ::planus::VectorWrite<::planus::Offset<Model>> for Model {
            type Value = ::planus::Offset<Model>;
            const STRIDE: usize = 4;
            #[inline]
            fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
                ::planus::WriteAs::prepare(self, builder)
            }

            #[inline]
            unsafe fn write_values(
                values: &[::planus::Offset<Model>],
                bytes: *mut ::core::mem::MaybeUninit<u8>,
                buffer_position: u32,
            ) {
                let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
                for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                    ::planus::WriteAsPrimitive::write(
                        v,
                        ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                        buffer_position - (Self::STRIDE * i) as u32,
                    );
                }
            }
        }

        impl<'a> ::planus::ReadAsRoot<'a> for ModelRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[ModelRef]", "read_as_root", 0)
                })
            }
        }
    }
}
