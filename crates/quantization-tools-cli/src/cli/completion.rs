//! Completion scripts.

use std::collections::BTreeSet;

use clap::Command;
use clap_complete::{Shell, generate};

/// A script that completes a tool's flags as the documents write them, with one dash, and values after a `=`.
pub(super) fn script(command: &mut Command, shell: Shell) -> String {
    let name = command.get_name().to_owned();
    let mut bytes = Vec::new();
    generate(shell, command, name.clone(), &mut bytes);
    let mut script = String::from_utf8_lossy(&bytes).into_owned();
    let modes = command.get_subcommands().flat_map(Command::get_arguments);
    let flags: BTreeSet<&str> =
        command.get_arguments().chain(modes).filter_map(clap::Arg::get_long).collect();
    for flag in flags {
        script = match shell {
            // `-o` is a flag of one dash and several letters.
            Shell::Fish => script.replace(&format!(" -l {flag} "), &format!(" -o {flag} ")),
            _ => replace_flag(&script, flag),
        };
    }
    match shell {
        // Bash takes a `=` for a word of its own.
        Shell::Bash => script.replacen(
            "    prev=\"$3\"\n",
            "    prev=\"$3\"\n    \
             if [[ \"${prev}\" == \"=\" ]]; then\n        \
             prev=\"${COMP_WORDS[COMP_CWORD-2]}\"\n    \
             elif [[ \"${cur}\" == \"=\" ]]; then\n        \
             cur=\"\"\n        \
             prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n    \
             fi\n",
            1,
        ),
        // With `-s` zsh would read `-model` as five flags of one letter.
        Shell::Zsh => script.replace("(-s -S -C)", "(-S -C)").replace("(-s -C)", "(-C)"),
        _ => script,
    }
}

/// Writes `--flag` as `-flag` wherever it is a whole word.
fn replace_flag(script: &str, flag: &str) -> String {
    let long = format!("--{flag}");
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(at) = rest.find(&long) {
        let (before, after) = (&rest[..at], &rest[at + long.len()..]);
        let ends = |c: char| !(c.is_alphanumeric() || c == '_' || c == '-');
        out.push_str(before);
        let whole = !before.ends_with('-') && after.chars().next().is_none_or(ends);
        out.push_str(if whole { &long[1..] } else { &long });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::replace_flag;

    #[test]
    fn only_whole_flags_lose_a_dash() {
        let script = "opts=\"--model --model_x --models\" --model)--model=";
        let expected = "opts=\"-model --model_x --models\" -model)-model=";
        assert_eq!(replace_flag(script, "model"), expected);
    }
}
