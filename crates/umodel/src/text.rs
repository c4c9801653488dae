//! Prototxt: the text form of a message, by C++ TextFormat's grammar, over reflection.

mod lexer;
mod parse;
mod print;

pub(crate) use parse::{Unknown, parse};
pub(crate) use print::{line, print};
