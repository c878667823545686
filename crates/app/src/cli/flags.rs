//! Flags of settings: made from the table, and read as texts by key.

use clap::{Arg, ArgMatches, Command};

use crate::settings::setting::{Setting, Shape};
use crate::settings::table::{GROUPS, all};

/// What help shows behind a switch: how it says no.
const NO: &str = "false";

/// The commands, each with the flags of the settings that it heeds.
pub(super) fn with_settings(program: Command) -> Command {
    let names: Vec<String> =
        program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.iter().fold(program, |program, name| {
        program.mut_subcommand(name, |command| command.args(flags_of(name)))
    })
}

/// The flags of a command, by heading.
fn flags_of(command: &str) -> Vec<Arg> {
    let of_group = GROUPS.iter().flat_map(|group| {
        let heeded = group.settings.iter().filter(|setting| setting.commands.contains(&command));
        heeded.map(|setting| flag(setting).help_heading(group.heading))
    });
    of_group.collect()
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
        // A command has only the flags that it heeds.
        let text = matches.try_get_one::<String>(setting.key).ok().flatten();
        text.cloned()
    };
    all().filter_map(|setting| Some((setting.key, text(setting)?))).collect()
}
