//! The shape of a command: all of it that silicon might not support, and nothing of sizes and places.
//!
//! The vendor's simulator accepts more than silicon may, so that a program can pass there and fail on a board. What the
//! vendor's own compiler emits runs on boards. [`SEEN`] lists the shapes of its commands, collected from many small
//! nets; [`unseen`] finds the commands of a program that have none of these shapes. Such a command need not be wrong,
//! but only a board can tell.
//!
//! A shape's text is one line, as in the listing of [`text`](crate::text):
//!
//! - `gdma load copy: w32 local[w1] = w32 ddr[w1]`: direction, function, and for destination and source the element
//!   type, the memory and its [`Strides`]; `[]` where the command states no strides. Options follow: `matrix`,
//!   `accumulate`, `resized` if the two sides differ in their sizes.
//! - `tiu conv 3: i8[0] = u8[3 w1], s8[3 w-], s16[1] >> arithmetic`: unit, operation, number of operands, then result
//!   and operands with their types and layouts, then options. A layout is the code of the field `short_*_str`, where it
//!   is 3 the [`Strides`]; `given` marks strides that the code leaves unused and that are not 1, `loose` an operand off
//!   the lines of 128 bytes, `lane` one that begins in another lane than lane 0. `const` is a constant, and what stands
//!   in parentheses is not used, but has fields.
//! - A field that means nothing to the operation and holds another value than usual follows as `name=value`.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod gdma;
mod operand;
mod tiu;

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Display, Formatter};
use std::sync::LazyLock;

pub use operand::{Operand, Step, Strides};

use crate::Engine;
use crate::commands::{Gdma, Streams, Tiu};

/// The shapes of all commands that the vendor's compiler emitted for the nets of
/// `crates/conformance/oracle/vendor_nets.py`, one a line, sorted.
pub const SEEN: &str = include_str!("seen.txt");

static SEEN_LINES: LazyLock<HashSet<&str>> = LazyLock::new(|| SEEN.lines().collect());

/// The shape of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Engine and operation.
    operation: String,
    /// The result or destination, then operands or source; `None` for a fill, which has no source.
    operands: Vec<Operand>,
    /// A right shift, which may be by 0.
    shifts: bool,
    options: Vec<String>,
}

impl Shape {
    /// The shape of a TIU command.
    pub fn of_tiu(command: &Tiu) -> Shape {
        tiu::shape(command)
    }

    /// The shape of a GDMA command.
    pub fn of_gdma(command: &Gdma) -> Shape {
        gdma::shape(command)
    }

    /// Whether the vendor's compiler emits commands of this shape or of one that includes it: a single column is a
    /// special case of columns side by side, an operand on a line is one of an operand anywhere, no shift one of a shift.
    pub fn is_seen(&self) -> bool {
        SEEN_LINES.contains(self.to_string().as_str()) || self.wider(0)
    }

    /// Tries wider forms of the operands from this one on.
    fn wider(&self, from: usize) -> bool {
        let Some(operand) = self.operands.get(from) else {
            let shifted = Shape { shifts: true, ..self.clone() };
            return [self, &shifted]
                .iter()
                .any(|shape| SEEN_LINES.contains(shape.to_string().as_str()));
        };
        operand.wider().into_iter().any(|wider| {
            let mut shape = self.clone();
            shape.operands.splice(from..=from, [wider]);
            shape.wider(from + 1)
        })
    }
}

impl Display for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.operation)?;
        for (index, operand) in self.operands.iter().enumerate() {
            let before = match index {
                0 => "",
                1 => " =",
                _ => ",",
            };
            write!(f, "{before} {operand}")?;
        }
        if self.shifts {
            f.write_str(" >>")?;
        }
        self.options.iter().try_for_each(|option| write!(f, " {option}"))
    }
}

/// Commands of one shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub shape: Shape,
    /// Their engine.
    pub engine: Engine,
    /// How many there are.
    pub count: usize,
    /// The id of the first, which counts from 1.
    pub first: usize,
}

/// The commands by their shapes' texts.
pub fn shapes(streams: &Streams) -> BTreeMap<String, Group> {
    let tiu = streams.tiu.iter().map(Shape::of_tiu).zip(1..).map(|found| (Engine::Tiu, found));
    let gdma = streams.gdma.iter().map(Shape::of_gdma).zip(1..).map(|found| (Engine::Gdma, found));
    let mut groups = BTreeMap::new();
    for (engine, (shape, first)) in tiu.chain(gdma) {
        let group = groups.entry(shape.to_string());
        group.or_insert(Group { shape, engine, count: 0, first }).count += 1;
    }
    groups
}

/// The commands whose shapes the vendor's compiler was never seen to emit.
pub fn unseen(streams: &Streams) -> BTreeMap<String, Group> {
    let mut groups = shapes(streams);
    groups.retain(|_, group| !group.shape.is_seen());
    groups
}

/// A field's name and value for each that is not as usual, apart from those said otherwise.
fn odd<'a>(
    values: impl Iterator<Item = (&'a crate::field::FieldInfo, u64)>,
    usual: impl Iterator<Item = (&'a crate::field::FieldInfo, u64)>,
    said: impl Fn(&str) -> bool,
) -> impl Iterator<Item = String> {
    let differing = values
        .zip(usual)
        .filter(move |((field, value), (_, usual))| value != usual && !said(field.name));
    differing.map(|((field, value), _)| format!("{}={value}", field.name))
}

/// The options that are set.
fn chosen(options: &[(bool, &str)]) -> Vec<String> {
    options.iter().filter(|(set, _)| *set).map(|(_, name)| (*name).to_owned()).collect()
}
