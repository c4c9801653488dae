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

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::LazyLock;

pub use operand::{Operand, Step, Strides};

use crate::Engine;
use crate::commands::{Gdma, Streams, Tiu};

/// The shapes of all commands that the vendor's compiler emitted for the nets of
/// `crates/conformance/oracle/vendor_nets.py`, one a line, sorted.
pub const SEEN: &str = include_str!("seen.txt");

/// The options of a right and of a left shift.
const SHIFTS: [&str; 2] = [">>", "<<"];

static SEEN_SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| SEEN.lines().filter_map(Shape::parse).collect());

/// The shape of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Engine and operation.
    operation: String,
    /// The result or destination, then operands or source; `None` for a fill, which has no source.
    operands: Vec<Operand>,
    /// Whether results and what they are added to are shifted: [`SHIFTS`].
    shifts: [bool; 2],
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

    /// Whether the vendor's compiler emits commands of this shape or of one that includes it: one element is a special
    /// case of several, an operand on a line one of an operand anywhere, no shift one of a shift.
    pub fn is_seen(&self) -> bool {
        SEEN_SHAPES.iter().any(|seen| seen.includes(self))
    }

    fn includes(&self, narrower: &Shape) -> bool {
        self.operation == narrower.operation
            && self.options == narrower.options
            && self.shifts.iter().zip(narrower.shifts).all(|(wide, narrow)| *wide || !narrow)
            && self.operands.len() == narrower.operands.len()
            && self
                .operands
                .iter()
                .zip(&narrower.operands)
                .all(|(wide, narrow)| wide.includes(narrow))
    }

    /// From its text.
    fn parse(text: &str) -> Option<Shape> {
        let (operation, rest) = text.split_once(": ")?;
        let end = rest.rfind([']', ')'])?;
        let (operands, options) = rest.split_at_checked(end + 1)?;
        let operands = operands.replace(" = ", ", ");
        let mut options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
        let shifts = SHIFTS.map(|shift| options.iter().any(|option| option == shift));
        options.retain(|option| !SHIFTS.contains(&option.as_str()));
        let operands = operands.split(", ").map(Operand::parse).collect::<Option<_>>()?;
        Some(Shape { operation: operation.to_owned(), operands, shifts, options })
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
        let shifts = SHIFTS.iter().zip(self.shifts).filter(|(_, set)| *set);
        shifts.into_iter().try_for_each(|(shift, _)| write!(f, " {shift}"))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Direction, Format};
    use crate::memory::{COEFFICIENT_BASE, local_address};

    #[test]
    fn seen_shapes_are_sorted_and_read_as_they_are_written() {
        assert!(SEEN.lines().is_sorted_by(|a, b| a < b));
        for line in SEEN.lines() {
            assert_eq!(Shape::parse(line).map(|shape| shape.to_string()).as_deref(), Some(line));
        }
        assert!(SEEN.lines().count() > 100);
    }

    fn load(w_stride: u32) -> Gdma {
        let mut load = Gdma {
            src_nsize: 1,
            src_csize: 5,
            src_hsize: 6,
            src_wsize: 7,
            src_cstride: 42,
            src_hstride: 7,
            src_wstride: w_stride,
            dst_nsize: 1,
            dst_csize: 5,
            dst_hsize: 6,
            dst_wsize: 7,
            dst_cstride: 64,
            dst_hstride: 7,
            dst_wstride: 1,
            ..Gdma::default()
        };
        load.set_source(COEFFICIENT_BASE);
        load.set_destination(local_address(0, 0).into());
        load
    }

    #[test]
    fn a_plain_load_is_seen_and_a_stride_between_words_is_not() {
        let plain = Shape::of_gdma(&load(1));
        assert_eq!(plain.to_string(), "gdma load copy: w32[local w1] = w32[ddr w1]");
        assert!(plain.is_seen());
        let gaps = Shape::of_gdma(&load(2));
        assert_eq!(gaps.to_string(), "gdma load copy: w32[local w1] = w32[ddr w*]");
        assert!(!gaps.is_seen());
        // A width of 1 leaves the stride without a meaning.
        let narrow = Gdma { src_wsize: 1, dst_wsize: 1, ..load(2) };
        assert!(Shape::of_gdma(&narrow).is_seen());
        let odd = Gdma {
            chw_copy: true,
            direction: Direction::LocalToLocal,
            dst_data_format: Format::I8,
            ..load(1)
        };
        let text = "gdma shuffle copy: i8[local w1] = w32[ddr w1] chw_copy=1";
        assert_eq!(Shape::of_gdma(&odd).to_string(), text);
    }

    #[test]
    fn commands_are_counted_by_their_shapes() {
        let streams = Streams { tiu: vec![], gdma: vec![load(1), load(2), load(1), load(3)] };
        let found: Vec<[usize; 2]> =
            shapes(&streams).into_values().map(|group| [group.count, group.first]).collect();
        assert_eq!(found, [[2, 2], [2, 1]]);
        let found = unseen(&streams);
        let group = found.get("gdma load copy: w32[local w1] = w32[ddr w*]").expect("found");
        assert_eq!((found.len(), group.engine, group.count, group.first), (1, Engine::Gdma, 2, 2));
    }

    #[test]
    fn a_special_case_of_a_seen_shape_is_seen() {
        let shape = |text| Shape::parse(text).expect("a shape");
        let wide =
            shape("tiu ar.mul 2: i8[3 w1 loose] = s8[3 w1], s8[3 w0 0nh], (f32+ 2) >> arithmetic");
        let with_one_row = |w, outer| {
            let mut narrow = wide.clone();
            narrow.operands[2].strides = Some(Strides { w, outer, permuted: false });
            narrow
        };
        let rest = Step::Other;
        assert!(wide.includes(&with_one_row(Step::None, [Step::Zero, rest, Step::None])));
        assert!(!wide.includes(&with_one_row(Step::None, [Step::Zero, rest, rest])));
        assert!(!wide.includes(&with_one_row(Step::One, [Step::Zero, rest, Step::None])));
        assert!(wide.includes(&shape(
            "tiu ar.mul 2: i8[3 w1] = s8[3 w1], s8[3 w0 0nh], (f32+ 2) arithmetic"
        )));
        for other in [
            "tiu ar.mul 2: i8[3 w1] = s8[3 w1 loose], s8[3 w0 0nh], (f32+ 2) arithmetic",
            "tiu ar.mul 2: i8[3 w1] = s8[3 w1], s8[const], (f32+ 2) arithmetic",
            "tiu ar.mul 2: i8[3 w1] = s8[3 w1], s8[3 w0 0nh], (f32+ 2) arithmetic relu",
            "tiu ar.mul 2: i8[3 w1] = u8[3 w1], s8[3 w0 0nh], (f32+ 2) arithmetic",
            "tiu ar.mul 2: i8[3 w1] = s8[3 w1], s8[3 w0 0nh], (s16 2) arithmetic",
        ] {
            assert!(!wide.includes(&shape(other)), "{other}");
        }
    }
}
