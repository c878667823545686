//! Flags of settings: made from the table, and read as texts by key.

use clap::{Arg, ArgMatches, Command};

use crate::settings::setting::{Setting, SettingKind, Shape};
use crate::settings::table::{GROUPS, all};

/// What help shows behind a switch: how it says no.
const NO: &str = "false";

/// The commands, each with the flags of settings. Help lists those that the command heeds. Only the command that is called
/// makes its flags: a run pays for no other one's.
pub(super) fn with_settings(program: Command) -> Command {
    let names: Vec<String> =
        program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.iter().fold(program, |program, name| {
        program.mut_subcommand(name, |command| command.defer(with_flags))
    })
}

fn with_flags(command: Command) -> Command {
    let flags = flags_of(command.get_name());
    command.args(flags)
}

/// The flags of a command, by heading. A setting that it does not heed may be given as it may stand in the file, where it
/// does nothing to this command either. But what asks something of one run, or for a file, is refused where it would not
/// be done.
fn flags_of(command: &str) -> Vec<Arg> {
    let of_group = GROUPS.iter().flat_map(|group| {
        let taken = group.settings.iter().filter(|it| is_heeded(it, command) || is_harmless(it));
        taken.map(|it| flag(it).help_heading(group.heading).hide(!is_heeded(it, command)))
    });
    of_group.collect()
}

fn is_heeded(setting: &Setting, command: &str) -> bool {
    setting.commands.contains(&command)
}

/// Whether nobody misses anything where it is not heeded.
fn is_harmless(setting: &Setting) -> bool {
    setting.kind != SettingKind::Request && !["report", "csv"].contains(&setting.key)
}

fn flag(setting: &Setting) -> Arg {
    let default = match setting.default {
        "" => String::new(),
        default => format!(" [default: {default}]"),
    };
    let flag = Arg::new(setting.key).long(setting.flag()).help(setting.help.to_owned() + &default);
    let with_equals = |flag: Arg, nothing: &'static str| {
        flag.num_args(0..=1).require_equals(true).default_missing_value(nothing)
    };
    let flag = match setting.shape {
        Shape::Switch => with_equals(flag.value_name(NO), "true"),
        Shape::Optional { value, nothing } => with_equals(flag.value_name(value), nothing),
        Shape::Text(value) | Shape::Address(value) | Shape::Secret(value) => flag.value_name(value),
    };
    match setting.key {
        "verbose" => flag.short('v'),
        "no_nfo" => flag.conflicts_with("nfo"),
        _ => flag,
    }
}

/// The flags that were given, as texts by key.
pub(super) fn given(matches: &ArgMatches) -> Vec<(&'static str, String)> {
    let text = |setting: &Setting| {
        // A command has not all flags.
        let text = matches.try_get_one::<String>(setting.key).ok().flatten();
        text.cloned()
    };
    all().filter_map(|setting| Some((setting.key, text(setting)?))).collect()
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::*;
    use crate::cli::Cli;

    fn commands() -> Vec<Command> {
        let mut program = with_settings(Cli::command());
        program.build();
        program.get_subcommands().filter(|it| it.get_name() != "help").cloned().collect()
    }

    #[test]
    fn help_lists_what_a_command_heeds_and_other_settings_are_taken_all_the_same() {
        for command in commands() {
            let name = command.get_name().to_owned();
            let help = command.clone().render_long_help().to_string();
            for setting in all() {
                let flag = format!("--{}", setting.flag());
                let listed = |line: &str| line.split([' ', ',', '[', '=']).any(|word| word == flag);
                let is_listed =
                    help.lines().any(|line| line.trim().starts_with('-') && listed(line));
                assert_eq!(is_listed, is_heeded(setting, &name), "{name} {flag}");
                let mut arguments = match setting.shape {
                    Shape::Switch | Shape::Optional { .. } => vec![name.clone(), flag.clone()],
                    _ => vec![name.clone(), flag.clone(), "1".to_owned()],
                };
                let needed = command.get_positionals().filter(|it| it.is_required_set());
                arguments.extend(needed.map(|_| "1".to_owned()));
                let is_taken = command.clone().try_get_matches_from(arguments).is_ok();
                assert_eq!(is_taken, is_listed || is_harmless(setting), "{name} {flag}");
            }
        }
    }

    #[test]
    fn what_is_asked_of_a_command_that_does_not_do_it_is_refused() {
        let taken = |command: &str, flag: &str| {
            let all = commands();
            let command = all.iter().find(|it| it.get_name() == command).unwrap();
            command.clone().try_get_matches_from([command.get_name(), flag]).is_ok()
        };
        assert!(taken("generate", "--dry-run") && taken("verify", "--full"));
        assert!(!taken("stats", "--dry-run") && !taken("refresh", "--allow-removals"));
        assert!(!taken("verify", "--report=a.csv") && taken("generate", "--report=a.csv"));
    }
}
