//! The generated messages. Private: the rest of the world sees checked types.

pub(crate) use umodel_schema::*;
