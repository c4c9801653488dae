//! gflags' habits in front of clap: one or two dashes, `=` or a blank, `--flag`, `--noflag`,
//! `--flag=false`, `-` for `_`.

use std::ffi::OsString;

use clap::{Arg, Command};

/// Rewrites a command line to `--flag=value` for all flags that the command knows; everything else
/// is left to clap, which then reports it. A command's mode, which is a subcommand, gets the first place: gflags takes
/// flags in front of it, too.
pub(super) fn normalize(
    command: &Command,
    arguments: impl Iterator<Item = OsString>,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let own = || command.get_arguments();
    if command.get_subcommands().next().is_none() {
        return rewrite(&own().collect::<Vec<_>>(), arguments).0;
    }
    let all = command.get_subcommands().flat_map(Command::get_arguments);
    let (mut rewritten, Some(at)) =
        rewrite(&own().chain(all).collect::<Vec<_>>(), arguments.clone())
    else {
        return rewrite(&own().collect::<Vec<_>>(), arguments).0;
    };
    let mode = arguments.remove(at);
    // Two modes may have flags of one name but of different kinds.
    let known = mode.to_str().and_then(|mode| command.find_subcommand(mode));
    let mut out = match known {
        Some(known) => {
            rewrite(&own().chain(known.get_arguments()).collect::<Vec<_>>(), arguments).0
        }
        None => {
            let word = rewritten.iter().skip(1).position(|argument| *argument == mode);
            word.map(|word| rewritten.remove(word + 1));
            rewritten
        }
    };
    out.insert(1.min(out.len()), mode);
    out
}

/// The command line, and where in the given one the first word stands that is neither flag nor value.
fn rewrite(flags: &[&Arg], arguments: Vec<OsString>) -> (Vec<OsString>, Option<usize>) {
    let mut arguments = arguments.into_iter().enumerate();
    let mut out: Vec<OsString> = arguments.next().map(|(_, tool)| tool).into_iter().collect();
    let mut word = None;
    while let Some((at, argument)) = arguments.next() {
        if argument == "--" {
            out.push(argument);
            out.extend(arguments.map(|(_, argument)| argument));
            break;
        }
        let text = argument.to_str().and_then(|text| text.strip_prefix('-'));
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            word = word.or(Some(at));
            out.push(argument);
            continue;
        };
        let text = text.strip_prefix('-').unwrap_or(text);
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        if value.is_none() && takes_none(flags, name) {
            out.push(if name.len() == 1 { format!("-{name}") } else { format!("--{name}") }.into());
        } else if let Some(flag) = find(flags, name) {
            let long = flag.get_long().unwrap_or_default();
            match value {
                Some(value) => out.push(format!("--{long}={value}").into()),
                None if is_bool(flag) => out.push(format!("--{long}=true").into()),
                None => {
                    // gflags takes the next argument, whatever it looks like.
                    let mut joined = OsString::from(format!("--{long}="));
                    match arguments.next() {
                        Some((_, value)) => joined.push(value),
                        None => joined = format!("--{long}").into(),
                    }
                    out.push(joined);
                }
            }
        } else if let Some(flag) = negated(flags, name).filter(|_| value.is_none()) {
            out.push(format!("--{}=false", flag.get_long().unwrap_or_default()).into());
        } else {
            out.push(format!("--{text}").into());
        }
    }
    (out, word)
}

/// The flag of this name, be it its long one or its letter.
fn find<'a>(flags: &[&'a Arg], name: &str) -> Option<&'a Arg> {
    let name = name.replace('-', "_");
    let mut letters = name.chars();
    let letter = letters.next().filter(|_| letters.next().is_none());
    flags.iter().copied().find(|argument| {
        let long = argument.get_long();
        long == Some(name.as_str())
            || (letter.is_some() && argument.get_short() == letter && long.is_some())
    })
}

/// Whether it is a flag that takes no value.
fn takes_none(flags: &[&Arg], name: &str) -> bool {
    matches!(name, "h" | "help" | "V" | "version")
        || find(flags, name).is_some_and(|flag| !flag.get_action().takes_values())
}

fn negated<'a>(flags: &[&'a Arg], name: &str) -> Option<&'a Arg> {
    find(flags, name.strip_prefix("no")?).filter(|flag| is_bool(flag))
}

fn is_bool(flag: &Arg) -> bool {
    let values: Vec<String> =
        flag.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    values == ["true", "false"]
}

#[cfg(test)]
mod tests {
    use clap::{Args, CommandFactory, Parser, Subcommand};

    use super::*;

    #[derive(Debug, PartialEq, Parser)]
    struct Tool {
        #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
        gray: bool,
        #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
        shuffle: bool,
        #[arg(long = "resize_width", default_value_t = 0)]
        resize_width: u32,
        #[arg(long, default_value = "lmdb")]
        backend: String,
        #[arg(short = 'o', long = "outputs")]
        outputs: Option<String>,
        files: Vec<String>,
    }

    fn parse(line: &str) -> Result<Tool, clap::Error> {
        let words = std::iter::once("tool").chain(line.split_whitespace()).map(OsString::from);
        Tool::try_parse_from(normalize(&Tool::command(), words))
    }

    fn tool(gray: bool, shuffle: bool, resize_width: u32, files: &[&str]) -> Tool {
        let files = files.iter().map(|&file| file.to_owned()).collect();
        Tool { gray, shuffle, resize_width, backend: "lmdb".into(), outputs: None, files }
    }

    #[test]
    fn letters_take_the_next_argument() {
        for line in ["-o a -shuffle", "-o=a -shuffle", "-shuffle --outputs a"] {
            let parsed = parse(line).expect(line);
            assert_eq!((parsed.outputs.as_deref(), parsed.shuffle), (Some("a"), true), "{line}");
        }
    }

    #[test]
    fn gflags_forms() {
        for (line, expected) in [
            ("a b", tool(false, false, 0, &["a", "b"])),
            ("-gray a --shuffle b", tool(true, true, 0, &["a", "b"])),
            ("--gray=false -shuffle=true", tool(false, true, 0, &[])),
            ("--nogray -noshuffle", tool(false, false, 0, &[])),
            ("-resize_width=3", tool(false, false, 3, &[])),
            ("a -resize_width 3 b", tool(false, false, 3, &["a", "b"])),
            ("--resize-width=3", tool(false, false, 3, &[])),
            ("-gray -- -b", tool(true, false, 0, &["-b"])),
        ] {
            assert_eq!(parse(line).expect(line), expected, "{line}");
        }
    }

    #[test]
    fn mistakes_are_usage_errors() {
        for line in ["-gary", "-resize_width=x", "-gray=maybe", "-resize_width"] {
            assert_eq!(parse(line).expect_err(line).exit_code(), 2, "{line}");
        }
        assert!(parse("--shufle").unwrap_err().to_string().contains("--shuffle"));
        assert_eq!(parse("-help").unwrap_err().exit_code(), 0);
    }

    #[derive(Debug, PartialEq, Parser)]
    struct Modes {
        #[command(subcommand)]
        mode: Mode,
    }

    #[derive(Debug, PartialEq, Subcommand)]
    enum Mode {
        #[command(name = "test_fp32")]
        Test(Test),
        Show {
            #[arg(short, long)]
            v: u8,
            picture: String,
        },
    }

    #[derive(Debug, PartialEq, Args)]
    struct Test {
        #[arg(long)]
        model: String,
        #[arg(short, long, default_value_t = false, action = clap::ArgAction::Set)]
        verbose: bool,
    }

    /// A mode may stand anywhere, and its flags are read by their own kinds.
    #[test]
    fn modes() {
        let parse = |line: &str| {
            let words = std::iter::once("tool").chain(line.split_whitespace()).map(OsString::from);
            Modes::try_parse_from(normalize(&Modes::command(), words)).map(|modes| modes.mode)
        };
        let test = |model: &str, verbose| Mode::Test(Test { model: model.to_owned(), verbose });
        for (line, expected) in [
            ("test_fp32 -model a", test("a", false)),
            ("-model a test_fp32 -v", test("a", true)),
            ("-model=show -verbose test_fp32", test("show", true)),
            ("test_fp32 --noverbose -model test_fp32", test("test_fp32", false)),
            ("show -v 3 a.png", Mode::Show { v: 3, picture: "a.png".to_owned() }),
            ("show test_fp32 -v 3", Mode::Show { v: 3, picture: "test_fp32".to_owned() }),
        ] {
            assert_eq!(parse(line).expect(line), expected, "{line}");
        }
        for (line, expected) in
            [("-model a tset_fp32", "'tset_fp32'"), ("", "subcommand"), ("-model=a", "'--model'")]
        {
            let error = parse(line).expect_err(line);
            assert!(error.to_string().contains(expected), "{line}: {error}");
        }
    }
}
