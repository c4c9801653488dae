//! Programs of exact fp32 operations.

use std::cell::RefCell;
use std::ops;
use std::sync::Arc;

/// An operation of two values, each of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// a + b, rounded to nearest even as all arithmetic here.
    Add,
    /// a − b.
    Sub,
    /// a · b.
    Mul,
    /// The larger one.
    Max,
    /// The smaller one.
    Min,
    /// Bits of both.
    And,
    /// Bits of either.
    Or,
    /// Bits of one alone.
    Xor,
    /// The bits of a shifted right by the number b; zeros move in.
    ShiftRight,
}

/// How the values of an axis are brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Their sum. Of L values the last ⌊L/2⌋ are added to the first ⌊L/2⌋, one to one; then the same with the
    /// L − ⌊L/2⌋ that are left, until there is one.
    Sum,
    /// The largest one.
    Max,
    /// The smallest one.
    Min,
    /// Their product, in the order of the sum.
    Product,
}

/// The second operand of a [`Binary`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand {
    /// The result of an operation.
    Value(usize),
    /// One number for all.
    Number(f32),
    /// One pattern of bits for all.
    Bits(u32),
}

/// An operation of a program. Operations are known by their numbers, counted from 0; each reads the results of earlier
/// ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// The next input of the stage.
    Input,
    /// `a op b`.
    Binary(Binary, usize, Operand),
    /// The word of a table that belongs to the lowest byte of a value's bits.
    Table(Arc<Vec<f32>>, usize),
    /// The values of the stage's axis brought together; they become one.
    Fold(Fold, usize),
}

/// Operations on each index of a space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// In their order.
    pub ops: Vec<Op>,
    /// The operation whose result is written.
    pub output: usize,
}

impl Program {
    /// Whether each operation's result is one for all indices of the folded axis, given which inputs are.
    pub fn extents(&self, inputs: &[bool]) -> Vec<bool> {
        let mut inputs = inputs.iter();
        let mut single: Vec<bool> = Vec::with_capacity(self.ops.len());
        for op in &self.ops {
            let one = match op {
                Op::Input => inputs.next().copied().unwrap_or(false),
                Op::Binary(_, a, Operand::Value(b)) => single[*a] && single[*b],
                Op::Binary(_, a, Operand::Number(_) | Operand::Bits(_)) | Op::Table(_, a) => {
                    single[*a]
                }
                Op::Fold(..) => true,
            };
            single.push(one);
        }
        single
    }

    /// For each operation, the last one that reads its result; the output is read at the end.
    pub fn last_reads(&self) -> Vec<usize> {
        let mut last: Vec<usize> = (0..self.ops.len()).collect();
        for (index, op) in self.ops.iter().enumerate() {
            match op {
                Op::Input => {}
                Op::Binary(_, a, b) => {
                    last[*a] = index;
                    if let Operand::Value(b) = b {
                        last[*b] = index;
                    }
                }
                Op::Table(_, a) | Op::Fold(_, a) => last[*a] = index,
            }
        }
        if let Some(output) = last.get_mut(self.output) {
            *output = self.ops.len();
        }
        last
    }
}

/// A program that is being written: values have operators, so that it reads as a formula.
#[derive(Debug, Default)]
pub(crate) struct Build(RefCell<Vec<Op>>);

impl Build {
    pub(crate) fn input(&self) -> Val<'_> {
        self.push(Op::Input)
    }

    pub(crate) fn finish(&self, output: Val<'_>) -> Program {
        Program { ops: self.0.borrow().clone(), output: output.id }
    }

    fn push(&self, op: Op) -> Val<'_> {
        let mut ops = self.0.borrow_mut();
        ops.push(op);
        Val { build: self, id: ops.len() - 1 }
    }
}

/// A value of a program that is being written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Val<'a> {
    build: &'a Build,
    id: usize,
}

impl<'a> Val<'a> {
    fn binary(self, op: Binary, b: Operand) -> Val<'a> {
        self.build.push(Op::Binary(op, self.id, b))
    }

    pub(crate) fn max(self, b: impl Into<Operand>) -> Val<'a> {
        self.binary(Binary::Max, b.into())
    }

    pub(crate) fn min(self, b: impl Into<Operand>) -> Val<'a> {
        self.binary(Binary::Min, b.into())
    }

    pub(crate) fn and(self, bits: u32) -> Val<'a> {
        self.binary(Binary::And, Operand::Bits(bits))
    }

    pub(crate) fn and_value(self, b: Val<'a>) -> Val<'a> {
        self.binary(Binary::And, b.into())
    }

    pub(crate) fn or(self, b: Val<'a>) -> Val<'a> {
        self.binary(Binary::Or, b.into())
    }

    pub(crate) fn or_bits(self, bits: u32) -> Val<'a> {
        self.binary(Binary::Or, Operand::Bits(bits))
    }

    pub(crate) fn xor(self, bits: u32) -> Val<'a> {
        self.binary(Binary::Xor, Operand::Bits(bits))
    }

    pub(crate) fn shift_right(self, bits: u32) -> Val<'a> {
        self.binary(Binary::ShiftRight, Operand::Bits(bits))
    }

    pub(crate) fn table(self, table: &[f32; 256]) -> Val<'a> {
        self.build.push(Op::Table(Arc::new(table.to_vec()), self.id))
    }

    pub(crate) fn fold(self, fold: Fold) -> Val<'a> {
        self.build.push(Op::Fold(fold, self.id))
    }
}

impl From<f32> for Operand {
    fn from(number: f32) -> Self {
        Operand::Number(number)
    }
}

impl From<Val<'_>> for Operand {
    fn from(value: Val<'_>) -> Self {
        Operand::Value(value.id)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident,)*) => {
        $(impl<'a, B: Into<Operand>> ops::$trait<B> for Val<'a> {
            type Output = Val<'a>;

            fn $method(self, b: B) -> Val<'a> {
                self.binary(Binary::$op, b.into())
            }
        })*
    };
}
operators! {
    Add add Add,
    Sub sub Sub,
    Mul mul Mul,
}
