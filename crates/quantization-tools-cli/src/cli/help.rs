//! Help as gflags gives it: every flag with its type and its default.

use std::any::TypeId;
use std::fmt::Write;

use clap::{Arg, Command};

/// Adds to the help of each flag its type and its default, in gflags' words.
pub(super) fn describe(command: Command) -> Command {
    command.mut_subcommands(describe).mut_args(|argument| {
        let Some(facts) = facts(&argument) else { return argument };
        let short = argument.get_help().map(|help| format!("{help}. {facts}"));
        let long = argument.get_long_help().map(|help| format!("{help} {facts}"));
        let argument = argument.hide_default_value(true);
        let argument = if facts.starts_with("type: bool") {
            argument.hide_possible_values(true).value_name("BOOL")
        } else {
            argument
        };
        let argument = match short {
            Some(help) => argument.help(help),
            None => argument,
        };
        match long {
            Some(help) => argument.long_help(help),
            None => argument,
        }
    })
}

/// All flags in the format of gflags' `-helpfull`, those of each mode apart.
pub(super) fn full(command: &Command) -> String {
    let name = command.get_name();
    let about = command.get_long_about().or_else(|| command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage();
    let mut out = format!("{name}: {about}\n\n{usage}\n");
    flags(&mut out, name, command.get_arguments());
    for mode in command.get_subcommands() {
        let own =
            mode.get_arguments().filter(|flag| !flag.is_global_set() && flag.get_id() != "help");
        flags(&mut out, &format!("{name} {}", mode.get_name()), own);
    }
    out
}

fn flags<'a>(out: &mut String, of: &str, arguments: impl Iterator<Item = &'a Arg>) {
    let mut flags: Vec<&Arg> = arguments.filter(|argument| argument.get_long().is_some()).collect();
    flags.sort_by_key(|flag| flag.get_long());
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\n  Flags from {of}:");
    for flag in flags {
        let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
        let (help, facts) = match help.split_once(". type: ") {
            Some((help, facts)) => (help, format!(" type: {facts}")),
            None => (help.as_str(), String::new()),
        };
        let _ = writeln!(out, "    -{} ({help}){facts}", flag.get_long().unwrap_or_default());
    }
}

/// `type: bool default: false`; nothing for arguments without a flag and for flags that take no value.
fn facts(argument: &Arg) -> Option<String> {
    argument.get_long()?;
    if !argument.get_action().takes_values() {
        return None;
    }
    let kind = kind(argument);
    let default = argument.get_default_values().first()?.to_string_lossy();
    let default = if kind == "string" { format!("{default:?}") } else { default.into_owned() };
    Some(format!("type: {kind} default: {default}"))
}

/// gflags' name of a flag's type.
fn kind(argument: &Arg) -> &'static str {
    let id = argument.get_value_parser().type_id();
    let is = |other: TypeId| id == other;
    if is(TypeId::of::<bool>()) {
        "bool"
    } else if is(TypeId::of::<f32>()) || is(TypeId::of::<f64>()) {
        "double"
    } else if is(TypeId::of::<u8>()) || is(TypeId::of::<u32>()) {
        "uint32"
    } else if is(TypeId::of::<u64>()) || is(TypeId::of::<usize>()) {
        "uint64"
    } else {
        "string"
    }
}
