use std::fmt::{self, Display, Formatter};

/// One of the chip's two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Computes in local memory.
    Tiu,
    /// Moves data between memories.
    Gdma,
}

impl Engine {
    /// The other one.
    pub fn other(self) -> Engine {
        match self {
            Engine::Tiu => Engine::Gdma,
            Engine::Gdma => Engine::Tiu,
        }
    }
}

impl Display for Engine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Engine::Tiu => "TIU",
            Engine::Gdma => "GDMA",
        })
    }
}
