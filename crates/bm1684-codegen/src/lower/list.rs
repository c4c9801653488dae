use super::Lower;
use crate::form::Form;

macro_rules! forms {
    ($($kind:literal => $name:ident,)*) => {
        [$(($kind, <umodel::layers::$name as Lower>::forms())),*]
    };
}

/// Every layer type that becomes commands, by its name in a prototxt, and the forms that it has.
pub fn lowerings() -> Vec<(&'static str, &'static [Form])> {
    let all = umodel::for_each_layer!(forms);
    all.into_iter().filter(|(_, forms)| !forms.is_empty()).collect()
}
