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
        .global(true)
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
    let given = arguments.get(1..).unwrap_or_default();
    let names = |given: &OsString, flag: &Arg| {
        let given = given.to_str().and_then(|given| given.strip_prefix("--")).unwrap_or_default();
        flag.get_long() == given.split('=').next()
    };
    let alone_is = |given: &OsString| alone().iter().any(|flag| names(given, flag));
    if given.is_empty() || !given.iter().all(alone_is) {
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
    Ok(Some(page(command)))
}

/// One manual page, with a section of flags for each mode.
fn page(command: &Command) -> String {
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(command.clone()).render(&mut page);
    for mode in command.get_subcommands() {
        let name = format!("{} {}", command.get_name(), mode.get_name());
        let about = mode.get_long_about().or_else(|| mode.get_about());
        let about = about.map(ToString::to_string).unwrap_or_default();
        let mut section = Vec::new();
        let own = mode.clone().mut_args(|flag| {
            let hidden = flag.is_global_set();
            flag.hide(hidden)
        });
        let _ = clap_mangen::Man::new(own).render_options_section(&mut section);
        let section = String::from_utf8_lossy(&section);
        let section = section.replacen(".SH OPTIONS", "", 1);
        page.extend(format!(".SH \"{}\"\n{about}\n{section}", name.to_uppercase()).bytes());
    }
    let mut page = String::from_utf8_lossy(&page).into_owned();
    for mode in command.get_subcommands().map(Command::get_name) {
        // clap_mangen supposes a page for each.
        let other = format!("{}\\-{}(1)", command.get_name(), mode.replace('-', "\\-"));
        page = page.replace(&other, mode);
    }
    page
}

/// Whether progress and the next command are not wanted.
pub(super) fn quiet(matches: &ArgMatches) -> bool {
    matches.get_one::<bool>("quiet").copied().unwrap_or(false)
}
