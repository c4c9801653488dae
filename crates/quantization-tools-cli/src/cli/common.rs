//! Flags that every tool has, and what they do instead of the tool's work.

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use super::{completion, help};

/// The flags that stand alone: each has something printed instead of the tool's work.
fn alone() -> [Arg; 3] {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).help(help).exclusive(true)
    };
    [
        flag("completions", "Print a completion script for this shell and do nothing else")
            .value_name("SHELL")
            .value_parser(value_parser!(Shell)),
        flag("man", "Print a manual page, for man -l, and do nothing else")
            .action(ArgAction::SetTrue),
        flag("helpfull", "Print all flags as gflags does").action(ArgAction::SetTrue),
    ]
}

/// Adds the flags that every tool has.
pub(super) fn add(command: Command) -> Command {
    let quiet = Arg::new("quiet")
        .short('q')
        .long("quiet")
        .help("Print neither progress nor the next command to type")
        .default_value("false")
        .value_parser(value_parser!(bool));
    help::describe(command.arg(quiet).args(alone()))
}

/// The text that is wanted instead of the tool's work, if one is.
///
/// # Errors
/// For a shell that is unknown.
pub(super) fn asked(
    command: &mut Command,
    arguments: &[OsString],
) -> Result<Option<String>, clap::Error> {
    let [_, only] = arguments else { return Ok(None) };
    let names = |flag: &Arg| {
        let only = only.to_str().and_then(|only| only.strip_prefix("--")).unwrap_or_default();
        flag.get_long() == only.split('=').next()
    };
    if !alone().iter().any(names) {
        return Ok(None);
    }
    // A command of its own, because nothing that the tool requires is required now.
    let matches = Command::new("").args(alone()).try_get_matches_from(arguments)?;
    if let Some(&shell) = matches.get_one::<Shell>("completions") {
        return Ok(Some(completion::script(command, shell)));
    }
    command.build();
    if matches.get_flag("helpfull") {
        return Ok(Some(help::full(command)));
    }
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(command.clone()).render(&mut page);
    Ok(Some(String::from_utf8_lossy(&page).into_owned()))
}

/// Whether progress and the next command are not wanted.
pub(super) fn quiet(matches: &ArgMatches) -> bool {
    matches.get_one::<bool>("quiet").copied().unwrap_or(false)
}
