use std::str::FromStr;

use umodel::Shape;

/// Shapes of a net's inputs, as a flag has them: one or a list of them, in brackets or parentheses, such as
/// `[1,3,224,224]`, `(1, 299, 299, 3)`, `[[1,3,224,224],[1,1]]` or `(1,2),(3,)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shapes(pub Vec<Shape>);

/// A text that is no list of shapes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no list of shapes such as [1,3,224,224]")]
pub struct ShapesError {
    /// The text.
    pub text: String,
}

impl FromStr for Shapes {
    type Err = ShapesError;

    fn from_str(text: &str) -> Result<Self, ShapesError> {
        parse(text).map(Shapes).ok_or_else(|| ShapesError { text: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Vec<Shape>> {
    let bracket = |c: char| match c {
        '(' => '[',
        ')' => ']',
        c => c,
    };
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(bracket).collect();
    let inner = plain.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
    let inner = inner.or_else(|| plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')));
    let size = |size: &str| size.parse::<usize>().ok().filter(|&size| size > 0);
    let shape = |part: &str| {
        // Python writes a tuple of one with a comma behind it.
        let part = part.strip_suffix(',').unwrap_or(part);
        part.split(',').map(size).collect::<Option<Shape>>()
    };
    inner?.split("],[").map(shape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let one = vec![vec![1, 3, 224, 224]];
        let two = vec![vec![4, 2], vec![7]];
        for (text, expected) in [
            ("[1,3,224,224]", &one),
            ("(1, 3, 224, 224)", &one),
            ("[[1, 3, 224, 224]]", &one),
            ("[(1, 3, 224, 224)]", &one),
            ("[4,2],[7]", &two),
            ("[[4,2],[7]]", &two),
            ("((4, 2), (7,))", &two),
            ("(4,2),(7,)", &two),
        ] {
            assert_eq!(text.parse(), Ok(Shapes(expected.clone())), "{text}");
        }
        for bad in ["", "1,3", "[1,3", "[]", "[1,,3]", "[0,3]", "[-1]", "[1.5]", "[[1],[2]"] {
            assert_eq!(bad.parse::<Shapes>(), Err(ShapesError { text: bad.to_owned() }));
        }
    }
}
