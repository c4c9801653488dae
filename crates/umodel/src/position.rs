use std::fmt;

/// A place in a text, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column, in bytes.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Which layer of a model: its number, counted from 1, and its place if the model is a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerNumber {
    /// Counted from 1.
    pub number: usize,
    /// Where the layer starts.
    pub position: Option<Position>,
}

impl LayerNumber {
    /// The layer of this index, which counts from 0.
    pub(crate) fn new(index: usize, position: Option<Position>) -> Self {
        LayerNumber { number: index + 1, position }
    }
}

impl fmt::Display for LayerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "{} ({position})", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}
