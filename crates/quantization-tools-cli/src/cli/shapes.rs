use umodel::Shape;

/// Shapes of a net's inputs, as a flag has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shapes(pub Vec<Shape>);

/// Reads one shape or a list of them, in brackets or parentheses: `[1,3,224,224]`,
/// `(1, 299, 299, 3)`, `[[1,3,224,224],[1,1]]`, `(1,2),(3,)`.
///
/// # Errors
/// What is wrong, for clap.
pub fn parse_shapes(text: &str) -> Result<Shapes, String> {
    let bad = || format!("{text:?} is no list of shapes such as [1,3,224,224]");
    let bracket = |c: char| match c {
        '(' => '[',
        ')' => ']',
        c => c,
    };
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(bracket).collect();
    let inner = plain.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
    let inner = inner.or_else(|| plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')));
    let size = |size: &str| size.parse::<usize>().ok().filter(|&size| size > 0).ok_or_else(bad);
    let shape = |part: &str| {
        // Python writes a tuple of one with a comma behind it.
        let part = part.strip_suffix(',').unwrap_or(part);
        part.split(',').map(size).collect::<Result<Shape, String>>()
    };
    inner.ok_or_else(bad)?.split("],[").map(shape).collect::<Result<_, _>>().map(Shapes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let one = Shapes(vec![vec![1, 3, 224, 224]]);
        assert_eq!(parse_shapes("[1,3,224,224]"), Ok(one.clone()));
        assert_eq!(parse_shapes("(1, 3, 224, 224)"), Ok(one.clone()));
        assert_eq!(parse_shapes("[[1, 3, 224, 224]]"), Ok(one.clone()));
        assert_eq!(parse_shapes("[(1, 3, 224, 224)]"), Ok(one));
        let two = Shapes(vec![vec![4, 2], vec![7]]);
        for text in ["[4,2],[7]", "[[4,2],[7]]", "((4, 2), (7,))", "(4,2),(7,)"] {
            assert_eq!(parse_shapes(text), Ok(two.clone()), "{text}");
        }
        for bad in ["", "1,3", "[1,3", "[]", "[1,,3]", "[0,3]", "[-1]", "[1.5]", "[[1],[2]"] {
            assert!(parse_shapes(bad).is_err(), "{bad}");
        }
    }
}
