//! The command line.

mod flags;
mod each;
mod generate;
mod doctor;
mod verify;
mod adopt;
mod names;
mod refresh;
mod history;
mod stats;
mod why;
mod serve;
mod health;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use vod2strm_core::status::Status;
use vod2strm_engine::config::Place;
use vod2strm_engine::error::{RunError, try_thread, without_panic};
use vod2strm_engine::host::{Host, Listener};
use vod2strm_engine::source::OwnSources;

use self::each::ChosenLibrary;
use self::flags::{given, with_settings};
use crate::clock::SystemClock;
use crate::error::CommandError;
use crate::log;
use crate::secrets::SECRETS;
use crate::settings::Settings;
use crate::settings::layers::{Layers, variables};
use crate::settings::libraries::AllSettings;
use crate::settings::log::LogSettings;
use crate::settings::written::{ReadFile, refuse_needed, refuse_overlaps};
use crate::signals::Signals;

/// Turn a catalogue of movies and series into a media library of .strm and .nfo files, and keep it
/// true.
///
/// Jellyfin, Emby, Kodi and ChannelsDVR index the library like any other. A run writes only what
/// changed in the catalogue since the last one.
#[derive(Debug, Parser)]
#[command(name = "vod2strm", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Settings file [default: ./vod2strm.toml, then ~/.config/vod2strm/vod2strm.toml]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The library that is meant: the name of a section [library.NAME] of the settings file
    /// [default: all; adopt and names work on one]
    #[arg(long, value_name = "NAME", global = true)]
    library: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm generate --source examples/playlist.m3u --output library
  vod2strm generate --source postgres://dispatch:secret@db/dispatcharr --output /media/vod \\
           --base-url http://192.168.1.5:9191
  vod2strm doctor   --source postgres://dispatch:secret@db/dispatcharr --output /media/vod
  vod2strm serve    --config /etc/vod2strm/vod2strm.toml

Every flag is also a key of vod2strm.toml (base_url = \"…\") and a variable (VOD2STRM_BASE_URL).
Flags win over variables, variables over the file. A section [library.NAME] of the file is a library
of its own. A flag without a value can say no: --dry-run=false. A password is better kept in a
variable or in the file than in a flag, which other users of the machine can see.

Exit status: 0 done, 1 failed, 2 wrong use, 3 done but some titles failed, 4 done but something is
held and a person must act, 5 another run is at work.";

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::GenerateArgs),
    Doctor(doctor::DoctorArgs),
    Verify(verify::VerifyArgs),
    Adopt(adopt::AdoptArgs),
    Names(names::NamesArgs),
    Refresh(refresh::RefreshArgs),
    Stats(stats::StatsArgs),
    History(history::HistoryArgs),
    Why(why::WhyArgs),
    Serve(serve::ServeArgs),
    Health(health::HealthArgs),
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Command::Generate(_) => "generate",
            Command::Doctor(_) => "doctor",
            Command::Verify(_) => "verify",
            Command::Adopt(_) => "adopt",
            Command::Names(_) => "names",
            Command::Refresh(_) => "refresh",
            Command::Stats(_) => "stats",
            Command::History(_) => "history",
            Command::Why(_) => "why",
            Command::Serve(_) => "serve",
            Command::Health(_) => "health",
        }
    }
}

/// What was called: the flags as texts by key, and which settings are meant.
#[derive(Clone)]
struct Call {
    flags: Vec<(&'static str, String)>,
    config: Option<PathBuf>,
    library: Option<String>,
}

impl Call {
    /// The same with a flag that the command itself gives.
    fn with(&self, key: &'static str, text: &str) -> Call {
        let flags = self.flags.iter().cloned().chain([(key, text.to_owned())]).collect();
        Call { flags, config: self.config.clone(), library: self.library.clone() }
    }

    /// What the file, the variables and the flags say of each library that is meant, and of the process. `read` is a
    /// file that the command reads. The log begins.
    fn layers(&self, read: Option<ReadFile<'_>>) -> Result<AllSettings, CommandError> {
        let env = variables(std::env::vars_os())?;
        let library = self.library.as_deref();
        let all = AllSettings::read(&self.flags, self.config.as_deref(), library, env)?;
        checked(&all, read)?;
        log::start(&LogSettings::resolve(&all.process())?)?;
        Ok(all)
    }

    /// The same for a service, whose settings file may still have to be written. The log does not begin.
    fn layers_of_service(&self) -> Result<AllSettings, CommandError> {
        let env = variables(std::env::vars_os())?;
        let library = self.library.as_deref();
        let all = AllSettings::read_or_wait(&self.flags, self.config.as_deref(), library, env)?;
        checked(&all, None)?;
        Ok(all)
    }

    /// All libraries that are meant, with what the command needs to know of each. It is checked for all before
    /// anything is done.
    fn libraries<T>(
        &self,
        settings: impl Fn(&Layers) -> Result<T, CommandError>,
    ) -> Result<Vec<ChosenLibrary<T>>, CommandError> {
        self.libraries_of(|_| true, settings)
    }

    /// The same for those of several that the command can do something for.
    fn libraries_of<T>(
        &self,
        is_of_use: impl Fn(&Layers) -> bool,
        settings: impl Fn(&Layers) -> Result<T, CommandError>,
    ) -> Result<Vec<ChosenLibrary<T>>, CommandError> {
        let mut meant = self.layers(None)?.meant();
        let is_alone = meant.len() == 1;
        if meant.iter().any(&is_of_use) {
            meant.retain(is_of_use);
        }
        let library = |layers: Layers| match settings(&layers) {
            Ok(settings) => Ok(ChosenLibrary { layers, settings, is_alone }),
            Err(CommandError::Usage(text)) if !is_alone => {
                Err(CommandError::Usage(format!("library {}: {text}", layers.label())))
            }
            Err(error) => Err(error),
        };
        meant.into_iter().map(library).collect()
    }

    /// The library that is meant, for a command that does its work on one.
    fn library(&self, read: Option<ReadFile<'_>>) -> Result<Layers, CommandError> {
        let all = self.layers(read)?;
        let mut meant = all.meant();
        match (meant.pop(), meant.len()) {
            (Some(library), 0) => Ok(library),
            _ => Err(CommandError::Usage(format!(
                "there are several libraries: say which one with --library ({})",
                all.names()
            ))),
        }
    }
}

/// Keeps their secrets, and refuses folders and files that are in each other's way.
fn checked(all: &AllSettings, read: Option<ReadFile<'_>>) -> Result<(), CommandError> {
    all.keep_secrets();
    let libraries = all.libraries();
    refuse_overlaps(&libraries)?;
    refuse_needed(&libraries, |library| all.is_meant(library), read)
}

/// All settings of a library, checked. New names heed what the file system takes.
fn whole(layers: &Layers) -> Result<Settings, CommandError> {
    let settings = Settings::resolve(layers)?;
    Ok(Settings { library: settings.library.fitted(), ..settings })
}

/// Parses the command line, runs the command, prints errors; gives the exit status.
pub fn main() -> ExitCode {
    let (command, call) = match parsed() {
        Ok(parsed) => parsed,
        Err(error) => return ExitCode::from(explain(&error) as u8),
    };
    let began = Instant::now();
    let result = without_panic(|| run(&command, &call));
    let status = result.unwrap_or_else(|error: CommandError| {
        tell(error.render(&SECRETS).trim_end());
        error.status()
    });
    let logged = log::finished(command.name(), status as u8, began.elapsed().as_secs_f64());
    ExitCode::from(with_trouble(status, logged) as u8)
}

/// The command line, understood.
fn parsed() -> Result<(Command, Call), clap::Error> {
    let matches = with_settings(Cli::command()).try_get_matches()?;
    let Cli { command, config, library } = Cli::from_arg_matches(&matches)?;
    let flags = matches.subcommand().map_or_else(Vec::new, |(_, matches)| given(matches));
    Ok((command, Call { flags, config, library }))
}

fn run(command: &Command, call: &Call) -> Result<Status, CommandError> {
    let process = Process::new()?;
    if !matches!(command, Command::Verify(_) | Command::History(_)) {
        // A source is looked up and read on threads.
        try_thread()?;
    }
    match command {
        Command::Generate(command) => generate::run(command, call, &process),
        Command::Doctor(_) => doctor::run(call, &process),
        Command::Verify(_) => verify::run(call, &process),
        Command::Adopt(command) => adopt::run(command, call, &process),
        Command::Names(command) => names::run(command, call, &process),
        Command::Refresh(_) => refresh::run(call, &process),
        Command::Stats(_) => stats::run(call, &process),
        Command::History(command) => history::run(command, call, &process),
        Command::Why(command) => why::run(command, call, &process),
        Command::Serve(command) => serve::run(command, call, &process),
        Command::Health(command) => health::run(command, call),
    }
}

/// What this process gives to a run.
struct Process {
    signals: Signals,
    /// As another run is told that finds the library at work.
    who: String,
}

impl Process {
    fn new() -> Result<Process, RunError> {
        let who = format!("process {}", std::process::id());
        Ok(Process { signals: Signals::register()?, who })
    }

    /// What a run gets that works on the library in this place, if it works on one.
    fn host<'a>(&'a self, place: Option<&Place>, listeners: &'a [&'a dyn Listener]) -> Host<'a> {
        place.into_iter().for_each(|place| self.signals.folders.add(place));
        let (cancel, who) = (&self.signals.cancel, self.who.as_str());
        Host {
            listeners,
            cancel,
            clock: &SystemClock,
            sources: &OwnSources,
            who,
            redactor: &SECRETS,
        }
    }
}

/// Prints what clap has to say. --help and --version come this way too, as no error.
fn explain(said: &clap::Error) -> Status {
    if said.use_stderr() {
        let _ = said.print();
        return Status::Usage;
    }
    let done = said.print().and_then(|()| std::io::stdout().flush());
    with_trouble(Status::Done, printed(done))
}

/// Prints and logs an error that is ready to be printed.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
    tracing::error!("{text}");
}

/// The status of a command that could not say all that it has done: what it did stands, but it is not done.
fn with_trouble(status: Status, done: Result<(), impl Into<CommandError>>) -> Status {
    match done.map_err(|error| tell(error.into().render(&SECRETS).trim_end())) {
        Err(()) if status == Status::Done => Status::Failed,
        _ => status,
    }
}

/// Prints to standard output.
fn print(text: &str) -> Result<(), RunError> {
    let mut out = std::io::stdout();
    printed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// What came of printing: a reader that went away (`| head`) is no failure.
fn printed(done: std::io::Result<()>) -> Result<(), RunError> {
    match done {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(RunError::System { what: "write to standard output", source })
        }
        _ => Ok(()),
    }
}
