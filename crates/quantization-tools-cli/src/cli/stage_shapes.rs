use std::str::FromStr;

use umodel::Shape;

/// Shapes of a net's inputs for one or several stages, as `-shapes` has them.
///
/// ```text
/// SHAPES = STAGE, STAGE, …       the bmodel has a stage for each
/// STAGE  = [SHAPE, SHAPE, …]     the shapes of all inputs, in their order
///        | SHAPE                 of a net with one input: its shape
/// SHAPE  = [SIZE, SIZE, …]
/// ```
///
/// Shapes without the brackets around them, `[1,3,8,8],[1,2]`, are dealt out to the inputs in their order: a net with one
/// input has two stages then, one with two inputs has one stage. Parentheses do as well as brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageShapes {
    /// Shapes side by side.
    Flat(Vec<Shape>),
    /// Lists of shapes side by side.
    Nested(Vec<Vec<Shape>>),
}

impl StageShapes {
    /// The shapes of all inputs, for each stage of a net with so many inputs.
    ///
    /// # Errors
    /// If they do not suit the number of inputs.
    pub fn stages(self, inputs: usize) -> Result<Vec<Vec<Shape>>, String> {
        let misfit = |found: usize| {
            let inputs = match inputs {
                1 => "1 input".to_owned(),
                _ => format!("{inputs} inputs"),
            };
            format!("{found} input shapes were given, the net has {inputs}")
        };
        match self {
            StageShapes::Flat(shapes) if inputs == 0 || !shapes.len().is_multiple_of(inputs) => {
                Err(misfit(shapes.len()))
            }
            StageShapes::Flat(shapes) => Ok(shapes.chunks(inputs).map(<[Shape]>::to_vec).collect()),
            StageShapes::Nested(stages) => {
                match stages.iter().find(|stage| stage.len() != inputs) {
                    Some(stage) => Err(misfit(stage.len())),
                    None => Ok(stages),
                }
            }
        }
    }
}

impl FromStr for StageShapes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text).ok_or_else(|| {
            "not a list of shapes such as [1,3,224,224], or [[1,3,224,224],[1,2]] for two inputs, with commas between \
             stages"
                .to_owned()
        })
    }
}

/// Characters of a text that are not yet read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Whether this character comes next; it is read then.
    fn takes(&mut self, character: u8) -> bool {
        let found = self.0.first() == Some(&character);
        if found {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        found
    }

    fn size(&mut self) -> Option<usize> {
        let digits = self.0.iter().take_while(|c| c.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        let size = std::str::from_utf8(number).ok()?.parse().ok();
        size.filter(|&size: &usize| size > 0)
    }

    /// Items with commas between them, in brackets. One comma may stand behind the last, as Python writes a tuple of one.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        if !self.takes(b'[') {
            return None;
        }
        let mut items = vec![item(self)?];
        while self.takes(b',') {
            if self.0.first() == Some(&b']') {
                break;
            }
            items.push(item(self)?);
        }
        self.takes(b']').then_some(items)
    }
}

fn parse(text: &str) -> Option<StageShapes> {
    let bracket = |c: char| match c {
        '(' => '[',
        ')' => ']',
        c => c,
    };
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(bracket).collect();
    // Brackets around all of it, so that what stands in them is a list like the others.
    let all = format!("[{plain}]");
    let shape = |rest: &mut Rest<'_>| rest.list(Rest::size);
    let mut rest = Rest(all.as_bytes());
    if plain.starts_with("[[") {
        let stages = rest.list(|rest| rest.list(shape))?;
        return rest.0.is_empty().then_some(StageShapes::Nested(stages));
    }
    let shapes = rest.list(shape)?;
    rest.0.is_empty().then_some(StageShapes::Flat(shapes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(text: &str, inputs: usize) -> Result<Vec<Vec<Shape>>, String> {
        text.parse::<StageShapes>()?.stages(inputs)
    }

    /// Exact: what each form means, for nets with one input and with two.
    #[test]
    fn forms() {
        let one = vec![vec![1, 3, 8, 8]];
        let two = vec![vec![4, 2], vec![7]];
        let sizes = vec![vec![vec![1, 3, 8, 8]], vec![vec![4, 3, 8, 8]]];
        for (text, inputs, expected) in [
            ("[1,3,8,8]", 1, vec![one.clone()]),
            ("(1, 3, 8, 8)", 1, vec![one.clone()]),
            ("[[1, 3, 8, 8]]", 1, vec![one.clone()]),
            ("[(1, 3, 8, 8)]", 1, vec![one]),
            ("[1,3,8,8],[4,3,8,8]", 1, sizes.clone()),
            ("[[1,3,8,8]],[[4,3,8,8]]", 1, sizes),
            ("[4,2],[7]", 2, vec![two.clone()]),
            ("[[4,2],[7]]", 2, vec![two.clone()]),
            ("((4, 2), (7,))", 2, vec![two.clone()]),
            ("[4,2],[7],[4,2],[7]", 2, vec![two.clone(), two.clone()]),
            ("[[4,2],[7]] , [[4,2],[7]]", 2, vec![two.clone(), two]),
            ("[7]", 1, vec![vec![vec![7]]]),
        ] {
            assert_eq!(stages(text, inputs), Ok(expected), "{text}");
        }
    }

    #[test]
    fn mistakes() {
        for text in [
            "",
            "1,3",
            "[1,3",
            "[]",
            "[[]]",
            "[1,,3]",
            "[0,3]",
            "[-1]",
            "[1.5]",
            "[[1],[2]",
            "[1]]",
            "[1][2]",
            "[[[1]]]",
            "[1],[[2]]",
            "[[1]],[2]",
            "[99999999999999999999]",
            "[1]x",
        ] {
            let parsed = text.parse::<StageShapes>();
            assert!(parsed.is_err(), "{text}: {parsed:?}");
        }
        let error = |text, inputs| stages(text, inputs).expect_err(text);
        assert_eq!(error("[[1,2],[3]]", 1), "2 input shapes were given, the net has 1 input");
        assert_eq!(error("[1,2],[3],[4]", 2), "3 input shapes were given, the net has 2 inputs");
        assert_eq!(error("[1]", 0), "1 input shapes were given, the net has 0 inputs");
    }
}
