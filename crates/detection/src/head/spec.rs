//! Heads as text.

use std::fmt::{self, Display};
use std::str::FromStr;

use super::{Head, Level, Ssd, Yolov3, Yolov5, Yolov8, Yolox};
use crate::error::Error;

const HEADS: &[&str] =
    &["yolov3", "yolov4", "yolov5", "yolov7", "yolov8", "yolov9", "yolo11", "yolox", "ssd"];
const STRIDES: [usize; 3] = [8, 16, 32];

type Anchors = [[[f32; 2]; 3]; 3];

/// Of darknet's `yolov3.cfg` and YOLOv5's `yolov5s.yaml`.
const ANCHORS: Anchors = [
    [[10.0, 13.0], [16.0, 30.0], [33.0, 23.0]],
    [[30.0, 61.0], [62.0, 45.0], [59.0, 119.0]],
    [[116.0, 90.0], [156.0, 198.0], [373.0, 326.0]],
];
/// Of darknet's `yolov4.cfg` and YOLOv7's `yolov7.yaml`.
const ANCHORS_OF_4_AND_7: Anchors = [
    [[12.0, 16.0], [19.0, 36.0], [40.0, 28.0]],
    [[36.0, 75.0], [76.0, 55.0], [72.0, 146.0]],
    [[142.0, 110.0], [192.0, 243.0], [459.0, 401.0]],
];
/// Of darknet's `yolov4.cfg`, from stride 8 to 32.
const SCALES_OF_4: [f32; 3] = [1.2, 1.1, 1.05];

impl FromStr for Head {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, rest) = match text.split_once(':') {
            Some((name, rest)) => (name, rest),
            None => (text, ""),
        };
        let unknown =
            || Error::UnknownHead { name: cut(name), nearest: nearest(name, HEADS), known: HEADS };
        let head = *HEADS.iter().find(|head| **head == name).ok_or_else(unknown)?;
        let known: &[&str] = match head {
            "yolov3" | "yolov4" => &["classes", "strides", "anchors", "scale_xy"],
            "yolov5" | "yolov7" => &["classes", "strides", "anchors"],
            "yolov8" | "yolov9" | "yolo11" => &["classes", "bins", "strides"],
            "yolox" => &["classes", "strides", "scores", "decoded"],
            _ => &["background"],
        };
        let fields = Fields::new(head, known, rest)?;
        let classes = fields.number("classes", "a whole number")?.unwrap_or(80);
        let strides = fields.list("strides", "whole numbers with : between them, as 8:16:32")?;
        let strides = strides.unwrap_or(STRIDES.to_vec());
        Ok(match head {
            "yolov3" => {
                let levels = fields.levels(strides, &ANCHORS)?;
                let count = levels.len();
                let scales = fields.scales()?.unwrap_or(vec![1.0; count]);
                Head::Yolov3(Yolov3::new(classes, levels)?.scale_xy(scales)?)
            }
            "yolov4" => {
                let usual = strides == STRIDES;
                let levels = fields.levels(strides, &ANCHORS_OF_4_AND_7)?;
                let count = levels.len();
                let default = if usual { SCALES_OF_4.to_vec() } else { vec![1.0; count] };
                let scales = fields.scales()?.unwrap_or(default);
                Head::Yolov3(Yolov3::new(classes, levels)?.scale_xy(scales)?)
            }
            "yolov5" => Head::Yolov5(Yolov5::new(classes, fields.levels(strides, &ANCHORS)?)?),
            "yolov7" => {
                let levels = fields.levels(strides, &ANCHORS_OF_4_AND_7)?;
                Head::Yolov5(Yolov5::new(classes, levels)?)
            }
            "yolov8" | "yolov9" | "yolo11" => {
                let bins = fields.number("bins", "a whole number")?.unwrap_or(16);
                Head::Yolov8(Yolov8::new(classes, bins, strides)?)
            }
            "yolox" => {
                let logits = fields.choice("scores", ["probabilities", "logits"])?;
                let decoded = fields.choice("decoded", ["false", "true"])?;
                Head::Yolox(Yolox::new(classes, strides)?.logits(logits).decoded(decoded))
            }
            _ => Head::Ssd(Ssd::new(match fields.get("background") {
                Some("none") => None,
                _ => Some(fields.number("background", "a whole number or none")?.unwrap_or(0)),
            })),
        })
    }
}

impl Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |levels: &[Level]| {
            let strides: Vec<usize> = levels.iter().map(|level| level.stride).collect();
            let each: Vec<String> = levels.iter().map(|level| anchors(&level.anchors)).collect();
            (list(&strides), each.join("/"))
        };
        match self {
            Head::Yolov3(head) => {
                let (strides, anchors) = of(head.levels());
                let (classes, scales) = (head.classes(), list(&head.scale_xy));
                write!(
                    f,
                    "yolov3:classes={classes},strides={strides},anchors={anchors},scale_xy={scales}"
                )
            }
            Head::Yolov5(head) => {
                let (strides, anchors) = of(head.levels());
                write!(f, "yolov5:classes={},strides={strides},anchors={anchors}", head.classes())
            }
            Head::Yolov8(head) => {
                let strides = list(&head.strides);
                write!(f, "yolov8:classes={},bins={},strides={strides}", head.classes, head.bins)
            }
            Head::Yolox(head) => {
                let scores = if head.logits { "logits" } else { "probabilities" };
                let (classes, strides, decoded) = (head.classes, list(&head.strides), head.decoded);
                write!(
                    f,
                    "yolox:classes={classes},strides={strides},scores={scores},decoded={decoded}"
                )
            }
            Head::Ssd(head) => match head.background {
                Some(background) => write!(f, "ssd:background={background}"),
                None => write!(f, "ssd:background=none"),
            },
        }
    }
}

/// Numbers with `:` between them.
pub(crate) fn list(numbers: &[impl Display]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(":")
}

/// Anchors as text.
pub(crate) fn anchors(anchors: &[[f32; 2]]) -> String {
    let one = |[width, height]: &[f32; 2]| format!("{width}x{height}");
    anchors.iter().map(one).collect::<Vec<_>>().join(":")
}

/// A text that was given, without its end if it is very long.
fn cut(text: &str) -> String {
    text.chars().take(100).collect()
}

/// The parameters of a head as they stand there.
struct Fields<'a> {
    head: &'static str,
    values: Vec<(&'static str, &'a str)>,
}

impl<'a> Fields<'a> {
    fn new(
        head: &'static str,
        known: &'static [&'static str],
        text: &'a str,
    ) -> Result<Self, Error> {
        let mut values: Vec<(&'static str, &str)> = Vec::new();
        for part in text.split(',').filter(|_| !text.is_empty()) {
            let (key, value) =
                part.split_once('=').ok_or_else(|| Error::NoValue { head, part: cut(part) })?;
            let unknown =
                || Error::UnknownKey { head, key: cut(key), nearest: nearest(key, known), known };
            let key = *known.iter().find(|name| **name == key).ok_or_else(unknown)?;
            if values.iter().any(|(other, _)| *other == key) {
                return Err(Error::Twice { head, key });
            }
            values.push((key, value));
        }
        Ok(Fields { head, values })
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.values.iter().find(|(name, _)| *name == key).map(|&(_, value)| value)
    }

    fn bad(&self, key: &'static str, expected: &'static str, found: &str) -> Error {
        Error::Value { head: self.head, key, expected, found: cut(found) }
    }

    fn number(&self, key: &'static str, expected: &'static str) -> Result<Option<usize>, Error> {
        let parse = |text: &str| text.parse().map_err(|_| self.bad(key, expected, text));
        self.get(key).map(parse).transpose()
    }

    fn list<T: FromStr>(
        &self,
        key: &'static str,
        expected: &'static str,
    ) -> Result<Option<Vec<T>>, Error> {
        let Some(text) = self.get(key) else { return Ok(None) };
        let numbers = text.split(':').map(str::parse).collect::<Result<_, _>>();
        numbers.map(Some).map_err(|_| self.bad(key, expected, text))
    }

    fn scales(&self) -> Result<Option<Vec<f32>>, Error> {
        self.list("scale_xy", "numbers with : between them, as 1.2:1.1:1.05")
    }

    /// Whether the second of two words stands there, not the first one, which is the default.
    fn choice(&self, key: &'static str, words: [&'static str; 2]) -> Result<bool, Error> {
        match self.get(key) {
            None => Ok(false),
            Some(word) if word == words[0] => Ok(false),
            Some(word) if word == words[1] => Ok(true),
            Some(word) => {
                let expected =
                    if words[1] == "true" { "false or true" } else { "probabilities or logits" };
                Err(self.bad(key, expected, word))
            }
        }
    }

    /// A level for each stride, with the given anchors or these.
    fn levels(&self, strides: Vec<usize>, default: &Anchors) -> Result<Vec<Level>, Error> {
        const EXPECTED: &str =
            "WIDTHxHEIGHT with : between them and / between strides, as 10x14:23x27/81x82";
        let key = "anchors";
        let Some(text) = self.get(key) else {
            if strides != STRIDES {
                return Err(Error::NoAnchors { head: self.head });
            }
            let levels = strides.into_iter().zip(default);
            return Ok(levels.map(|(stride, anchors)| Level::new(stride, *anchors)).collect());
        };
        let anchor = |text: &str| {
            let (width, height) = text.split_once('x')?;
            Some([width.parse().ok()?, height.parse().ok()?])
        };
        let lists: Option<Vec<Vec<[f32; 2]>>> =
            text.split('/').map(|level| level.split(':').map(anchor).collect()).collect();
        let lists = lists.ok_or_else(|| self.bad(key, EXPECTED, text))?;
        if lists.len() != strides.len() {
            let (head, expected, found) = (self.head, strides.len(), lists.len());
            return Err(Error::Levels { head, key, expected, found });
        }
        Ok(strides.into_iter().zip(lists).map(|(stride, list)| Level::new(stride, list)).collect())
    }
}

/// Names that differ in few letters from a mistyped one, or contain it, the nearest first.
fn nearest(name: &str, known: &[&'static str]) -> Vec<&'static str> {
    let name = cut(name);
    let limit = 1 + name.len() / 4;
    let near = |&candidate: &&'static str| {
        let inside = !name.is_empty() && candidate.contains(name.as_str());
        let distance = if inside { limit } else { distance(&name, candidate) };
        (distance <= limit).then_some((distance, candidate))
    };
    let mut near: Vec<(usize, &str)> = known.iter().filter_map(near).collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// How many letters have to be put in, taken away or exchanged (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        row[0] = before;
        for (j, right) in b.chars().enumerate() {
            let exchanged = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            before = exchanged.min(diagonal + 1).min(before + 1);
            row[j + 1] = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Head>().expect_err(text).to_string()
    }

    #[test]
    fn defaults_and_round_trips() {
        for (text, full) in [
            ("yolov8", "yolov8:classes=80,bins=16,strides=8:16:32"),
            ("yolo11:classes=3", "yolov8:classes=3,bins=16,strides=8:16:32"),
            ("yolov8:bins=8,strides=8:16", "yolov8:classes=80,bins=8,strides=8:16"),
            ("yolox:scores=logits", "yolox:classes=80,strides=8:16:32,scores=logits,decoded=false"),
            (
                "yolov5:classes=2,strides=16,anchors=1.5x2:3x4",
                "yolov5:classes=2,strides=16,anchors=1.5x2:3x4",
            ),
            ("ssd", "ssd:background=0"),
            ("ssd:background=none", "ssd:background=none"),
        ] {
            let head: Head = text.parse().expect(text);
            assert_eq!(head.to_string(), full);
            assert_eq!(full.parse(), Ok(head));
        }
        let Ok(Head::Yolov3(head)) = "yolov4".parse() else { panic!("yolov4") };
        assert_eq!((head.scale_xy[2], head.levels()[2].anchors[2]), (1.05, [459.0, 401.0]));
    }

    #[test]
    fn mistakes_are_told() {
        for (text, expected) in [
            ("yolo8", "no head \"yolo8\", did you mean yolov8"),
            ("", "no head \"\"; there are yolov3,"),
            (
                "yolov8:clases=3",
                "no parameter \"clases\", did you mean classes?; it has classes, bins",
            ),
            ("yolov8:anchors=3x3", "yolov8 has no parameter \"anchors\"; it has"),
            ("yolov8:classes", "\"classes\" is no KEY=VALUE"),
            ("yolov8:classes=3,", "\"\" is no KEY=VALUE"),
            ("yolov8:classes=3,classes=3", "classes is given twice"),
            ("yolov8:classes=0", "classes is from 1 to 65536, not \"0\""),
            ("yolov8:classes=-1", "classes is a whole number, not \"-1\""),
            ("yolov8:bins=0", "bins is from 1 to 1024, not \"0\""),
            ("yolov8:bins=99999", "bins is from 1 to 1024"),
            ("yolov8:strides=8:8", "strides is 1 to 16 different numbers"),
            ("yolov8:strides=", "strides is whole numbers with : between them"),
            ("yolov8:strides=0", "strides is 1 to 16 different numbers"),
            ("yolov5:strides=8:16", "anchors have to be given for strides other than 8:16:32"),
            ("yolov5:anchors=1x1", "anchors are given for 1 strides, and there are 3"),
            ("yolov5:strides=8,anchors=1x0", "anchors is 1 to 64 of WIDTHxHEIGHT above 0"),
            ("yolov5:strides=8,anchors=1xinf", "anchors is 1 to 64 of WIDTHxHEIGHT above 0"),
            ("yolov5:strides=8,anchors=", "anchors is WIDTHxHEIGHT with :"),
            ("yolov3:scale_xy=1:2", "scale_xy are given for 2 strides, and there are 3"),
            ("yolov3:scale_xy=1:2:nan", "scale_xy is a positive number for each stride"),
            ("yolox:scores=maybe", "scores is probabilities or logits, not \"maybe\""),
            ("yolox:decoded=1", "decoded is false or true, not \"1\""),
            ("ssd:background=x", "background is a whole number or none, not \"x\""),
        ] {
            let error = error(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
        // Very long names are cut.
        assert!(error(&"x".repeat(1 << 20)).len() < 300);
    }

    proptest! {
        /// Exact: any text is a head or an error, and a head comes back from its text.
        #[test]
        fn heads_come_back(
            name in "yolo(v3|v4|v5|v7|v8|x)|ssd",
            rest in "(:(classes|bins|strides|anchors|scores|background)=[0-9x:/.a-z]{0,9}(,bins=[0-9]{1,3})?)?",
        ) {
            if let Ok(head) = format!("{name}{rest}").parse::<Head>() {
                prop_assert_eq!(head.to_string().parse(), Ok(head));
            }
        }
    }
}
