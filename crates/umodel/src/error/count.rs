//! How many bottoms or tops a layer may have.

use std::fmt;

/// How many bottoms or tops a layer may have; its text is that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Count {
    /// This many.
    Exactly(usize),
    /// One number or the other.
    Either(usize, usize),
    /// From one number to the other.
    Within(usize, usize),
    /// This many or more.
    AtLeast(usize),
    /// As many as a field has shapes.
    EachShape(&'static str),
    /// As many as there are bottoms without the last.
    OneLessThanBottoms,
    /// What a recurrent layer reads.
    Sequence,
    /// What a recurrent layer writes.
    States,
}

impl Count {
    /// Whether a number is allowed, as far as this says it.
    pub(crate) fn allows(self, found: usize) -> bool {
        match self {
            Count::Exactly(count) => found == count,
            Count::Either(one, other) => found == one || found == other,
            Count::Within(least, most) => (least..=most).contains(&found),
            Count::AtLeast(least) => found >= least,
            Count::EachShape(_) | Count::OneLessThanBottoms | Count::Sequence | Count::States => {
                true
            }
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Count::Exactly(count) => count.fmt(f),
            Count::Either(one, other) => write!(f, "{one} or {other}"),
            Count::Within(least, most) => write!(f, "{least} to {most}"),
            Count::AtLeast(least) => write!(f, "{least} or more"),
            Count::EachShape(field) => write!(f, "one for each {field}"),
            Count::OneLessThanBottoms => f.write_str("one less than bottoms"),
            Count::Sequence => {
                f.write_str("x, continuation, perhaps a static input, and the states")
            }
            Count::States => f.write_str("1, and one for each state"),
        }
    }
}
