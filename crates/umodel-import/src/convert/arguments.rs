use std::ffi::OsString;
use std::path::PathBuf;

use umodel::Shape;

use super::Shapes;
use crate::dataset::Preset;

/// What a conversion is told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Arguments {
    /// `-m`, `--model`: the model's file.
    pub model: PathBuf,
    /// `-i`, `--inputs`: names of the tensors to start from; the model's own inputs if empty.
    pub inputs: Vec<String>,
    /// `-o`, `--outputs`: names of the tensors to end with; the model's own outputs if empty.
    pub outputs: Vec<String>,
    /// `-s`, `--shapes`: shapes of the inputs in the model's order of axes; the model's if empty.
    pub shapes: Vec<Shape>,
    /// `-b`, `--bool`: truth values of tensors of a TensorFlow graph, by name; Placeholders of truth values are false
    /// without it.
    pub booleans: Vec<(String, bool)>,
    /// `-c`, `--const`: inputs of an ONNX model that become constants, by name.
    pub constants: Vec<(String, f64)>,
    /// `-d`, `--outdir`: the folder of the files, made if it is not there; `compilation` if nothing is said.
    pub outdir: PathBuf,
    /// `-n`, `--net_name`: the net's name, which names the files, too; the model file's if nothing is said.
    pub name: Option<String>,
    /// `-p`, `--preset`: the preprocessing of the Data layer.
    pub preset: Option<Preset>,
    /// `-D`, `--lmdb`: the database that the prototxt's Data layer names, whether it is there or not; without it
    /// the net has an Input layer.
    pub lmdb: Option<String>,
    /// `-a`, `--accuracy`: add Accuracy layers for the best one and the best five answers; needs a database.
    pub accuracy: bool,
}

/// A command line that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// Something that is no flag.
    #[error("unknown argument {argument:?}")]
    Unknown {
        /// As it stands there.
        argument: String,
    },
    /// A flag without its value.
    #[error("{flag} lacks its value")]
    NoValue {
        /// The flag.
        flag: &'static str,
    },
    /// A flag that must be given.
    #[error("{flag} is missing")]
    Missing {
        /// The flag.
        flag: &'static str,
    },
    /// A value that the flag cannot have.
    #[error("{flag}: {value:?} is not {expected}")]
    Value {
        /// The flag.
        flag: &'static str,
        /// Its value.
        value: String,
        /// What it can have.
        expected: &'static str,
    },
}

/// Letter, name, and whether a value belongs to it.
const FLAGS: [(&str, &str, bool); 12] = [
    ("m", "model", true),
    ("i", "inputs", true),
    ("o", "outputs", true),
    ("s", "shapes", true),
    ("b", "bool", true),
    ("c", "const", true),
    ("d", "outdir", true),
    ("n", "net_name", true),
    ("p", "preset", true),
    ("D", "lmdb", true),
    ("a", "accuracy", false),
    ("t", "test", false),
];

impl Arguments {
    /// Converts this model, with everything else as it is without flags.
    pub fn new(model: impl Into<PathBuf>) -> Self {
        Arguments {
            model: model.into(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            shapes: Vec::new(),
            booleans: Vec::new(),
            constants: Vec::new(),
            outdir: "compilation".into(),
            name: None,
            preset: None,
            lmdb: None,
            accuracy: false,
        }
    }

    /// Names the tensors to start from.
    pub fn inputs(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.inputs = names.into_iter().map(Into::into).collect();
        self
    }

    /// Names the tensors to end with.
    pub fn outputs(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.outputs = names.into_iter().map(Into::into).collect();
        self
    }

    /// Gives the inputs' shapes, in the model's order of axes.
    pub fn shapes(mut self, shapes: impl IntoIterator<Item = Shape>) -> Self {
        self.shapes = shapes.into_iter().collect();
        self
    }

    /// Gives tensors truth values.
    pub fn booleans<T: Into<String>>(
        mut self,
        values: impl IntoIterator<Item = (T, bool)>,
    ) -> Self {
        self.booleans = values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        self
    }

    /// Makes inputs constants.
    pub fn constants<T: Into<String>>(
        mut self,
        values: impl IntoIterator<Item = (T, f64)>,
    ) -> Self {
        self.constants = values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        self
    }

    /// Writes to this folder.
    pub fn outdir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.outdir = folder.into();
        self
    }

    /// Names the net and its files.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Chooses the Data layer's preprocessing.
    pub fn preset(mut self, preset: Preset) -> Self {
        self.preset = Some(preset);
        self
    }

    /// Reads this database.
    pub fn lmdb(mut self, source: impl Into<String>) -> Self {
        self.lmdb = Some(source.into());
        self
    }

    /// Adds Accuracy layers, or not.
    pub fn accuracy(mut self, accuracy: bool) -> Self {
        self.accuracy = accuracy;
        self
    }

    /// Reads the flags of a command line, without a tool's name: `-m FILE`, `--model FILE` or `--model=FILE`. `-t` is
    /// taken for the sake of older command lines and does nothing.
    ///
    /// # Errors
    /// For flags that are unknown or wrong, and if the model is missing.
    pub fn parse<T: Into<OsString>>(
        flags: impl IntoIterator<Item = T>,
    ) -> Result<Self, ArgumentError> {
        let mut flags = flags.into_iter().map(Into::into);
        let mut arguments = Arguments::new(PathBuf::new());
        while let Some(argument) = flags.next() {
            let unknown =
                || ArgumentError::Unknown { argument: argument.to_string_lossy().into_owned() };
            let text = argument.to_str().and_then(|text| text.strip_prefix('-'));
            let text = text.map(|text| text.strip_prefix('-').unwrap_or(text));
            let text = text.ok_or_else(unknown)?;
            let (flag, value) = match text.split_once('=') {
                Some((flag, value)) => (flag, Some(OsString::from(value))),
                None => (text, None),
            };
            let flag = flag.replace('-', "_");
            let found = FLAGS.iter().find(|(letter, name, _)| flag == *letter || flag == *name);
            let &(_, flag, takes_value) = found.ok_or_else(unknown)?;
            let value = match value {
                Some(value) => value,
                None if takes_value => flags.next().ok_or(ArgumentError::NoValue { flag })?,
                None => "true".into(),
            };
            arguments.set(flag, value)?;
        }
        if arguments.model.as_os_str().is_empty() {
            return Err(ArgumentError::Missing { flag: "model" });
        }
        Ok(arguments)
    }

    fn set(&mut self, flag: &'static str, value: OsString) -> Result<(), ArgumentError> {
        let text = value.to_string_lossy().into_owned();
        let wrong = |expected| ArgumentError::Value { flag, value: text.clone(), expected };
        let names = || text.split(',').map(str::to_owned);
        let switch = || text.parse().map_err(|_| wrong("true or false"));
        match flag {
            "model" => self.model = value.into(),
            "inputs" => self.inputs.extend(names()),
            "outputs" => self.outputs.extend(names()),
            "shapes" => {
                let shapes =
                    text.parse().map_err(|_| wrong("a list of shapes such as [1,3,224,224]"));
                self.shapes = shapes.map(|Shapes(shapes)| shapes)?;
            }
            "bool" => {
                for name in names() {
                    let value = boolean(&name).ok_or_else(|| wrong("NAME=true or NAME=false"))?;
                    self.booleans.push(value);
                }
            }
            "const" => {
                for name in names() {
                    let value = constant(&name).ok_or_else(|| wrong("NAME=NUMBER"))?;
                    self.constants.push(value);
                }
            }
            "outdir" => self.outdir = value.into(),
            "net_name" => self.name = Some(text),
            "preset" => {
                let preset = text.parse().map_err(|_| wrong("VGG, INCEPTION, SSD_V or SSD_I"));
                self.preset = Some(preset?);
            }
            "lmdb" => self.lmdb = Some(text),
            "accuracy" => self.accuracy = switch()?,
            // -t
            _ => {
                let _: bool = switch()?;
            }
        }
        Ok(())
    }
}

/// `NAME=true` or `NAME=false`; `NAME` alone is true.
pub(crate) fn boolean(text: &str) -> Option<(String, bool)> {
    let (name, value) = text.rsplit_once('=').unwrap_or((text, "true"));
    let value = value.parse().ok()?;
    (!name.is_empty()).then(|| (name.to_owned(), value))
}

/// `NAME=NUMBER`; true and false are numbers, too.
pub(crate) fn constant(text: &str) -> Option<(String, f64)> {
    let (name, value) = text.rsplit_once('=')?;
    let value = match value {
        "true" => 1.0,
        "false" => 0.0,
        number => number.parse().ok().filter(|number: &f64| number.is_finite())?,
    };
    (!name.is_empty()).then(|| (name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        let expected = Arguments::new("a.pb")
            .inputs(["x:0", "y"])
            .outputs(["z"])
            .shapes([vec![1, 2], vec![3]])
            .booleans([("phase_train", false), ("other:0", true)])
            .constants([("sr", 16000.0), ("on", 1.0)])
            .outdir("out")
            .name("net")
            .preset(Preset::SsdV)
            .lmdb("db")
            .accuracy(true);
        for line in [
            "-m a.pb -i x:0,y -o z -s (1,2),(3,) -b phase_train=false,other:0 -c sr=16000,on=true -d out -n net -p SSD_V -D db -a -t",
            "--model=a.pb --inputs x:0,y -outputs z --shapes [1,2],[3] --bool=phase_train=false \
             --bool other:0=true --const=sr=16e3 --const on=true --outdir=out --net-name net -p=SSD_V --lmdb db --accuracy=true -t=false",
        ] {
            assert_eq!(Arguments::parse(line.split_whitespace()), Ok(expected.clone()), "{line}");
        }
        assert_eq!(Arguments::parse(["-m", "-odd"]), Ok(Arguments::new("-odd")));
    }

    #[test]
    fn mistakes() {
        let value = |flag, value: &str, expected| ArgumentError::Value {
            flag,
            value: value.to_owned(),
            expected,
        };
        for (line, expected) in [
            ("", ArgumentError::Missing { flag: "model" }),
            ("-m", ArgumentError::NoValue { flag: "model" }),
            ("-m a b", ArgumentError::Unknown { argument: "b".to_owned() }),
            ("-m a --modle b", ArgumentError::Unknown { argument: "--modle".to_owned() }),
            ("-m a -s 1x2", value("shapes", "1x2", "a list of shapes such as [1,3,224,224]")),
            ("-m a -p VGG16", value("preset", "VGG16", "VGG, INCEPTION, SSD_V or SSD_I")),
            ("-m a -b x=1", value("bool", "x=1", "NAME=true or NAME=false")),
            ("-m a -c sr", value("const", "sr", "NAME=NUMBER")),
            ("-m a -c sr=inf", value("const", "sr=inf", "NAME=NUMBER")),
            ("-m a -b =true", value("bool", "=true", "NAME=true or NAME=false")),
            ("-m a -a=maybe", value("accuracy", "maybe", "true or false")),
        ] {
            assert_eq!(Arguments::parse(line.split_whitespace()), Err(expected), "{line}");
        }
    }
}
