//! The command line.

mod generate;
mod doctor;
mod verify;
mod adopt;
mod names;
mod refresh;
mod history;
mod stats;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use vod2strm_core::layout::Slot;
use vod2strm_core::status::Status;
use vod2strm_core::text::secrets;
use vod2strm_engine::config::Place;
use vod2strm_engine::error::{RunError, try_thread, without_panic};
use vod2strm_engine::host::{Host, Listener};
use vod2strm_engine::source::OwnSources;

use crate::clock::SystemClock;
use crate::config::Settings;
use crate::config::layers::{Env, Layers, variables};
use crate::config::log::LogSettings;
use crate::config::written::refuse_needed;
use crate::error::CommandError;
use crate::log;
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
}

const EXAMPLES: &str = "\
Examples:
  vod2strm generate --source examples/playlist.m3u --output library
  vod2strm generate --source postgres://dispatch:secret@db/dispatcharr --output /media/vod \\
           --base-url http://192.168.1.5:9191
  vod2strm doctor   --source postgres://dispatch:secret@db/dispatcharr --output /media/vod

Every flag is also a key of vod2strm.toml (base_url = \"…\") and a variable (VOD2STRM_BASE_URL).
Flags win over variables, variables over the file. A password is better kept in a variable or in
the file than in a flag, which other users of the machine can see.

Exit status: 0 done, 1 failed, 2 wrong use, 3 done but some titles failed, 4 done but something is
held and a person must act, 5 another run is at work.";

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Generate),
    Doctor(doctor::Doctor),
    Verify(verify::Verify),
    Adopt(adopt::Adopt),
    Names(names::Names),
    Refresh(refresh::Refresh),
    Stats(stats::Stats),
    History(history::History),
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
        }
    }
}

/// Where the catalogue is, where settings are, and what is logged.
#[derive(Debug, Args)]
struct Origin {
    /// Where the catalogue is: postgres://USER:PASSWORD@HOST:PORT/DATABASE (Dispatcharr), or the
    /// path or http(s) URL of an M3U playlist
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    #[command(flatten)]
    bounds: Bounds,
    /// Settings file [default: ./vod2strm.toml, then ~/.config/vod2strm/vod2strm.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Log on standard error what is done, file by file (RUST_LOG says it finer)
    #[arg(long, short)]
    verbose: bool,
    /// Log into a file, too
    #[arg(long, value_name = "FILE")]
    log_file: Option<String>,
    /// What a line of the log looks like: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// The log file is begun anew when it has so many MiB [default: 10]
    #[arg(long, value_name = "MIB")]
    log_size: Option<String>,
    /// So many log files are kept, with .1, .2 … behind their names [default: 5]
    #[arg(long, value_name = "N")]
    log_files: Option<String>,
}

impl Origin {
    /// What the file, the variables and the flags say, and the variables themselves.
    fn layers(
        &self,
        more: Vec<(&'static str, Option<String>)>,
    ) -> Result<(Layers, Env), CommandError> {
        let env = variables(std::env::vars_os())?;
        let own = [
            ("source", self.source.clone()),
            ("verbose", switch(self.verbose)),
            ("log_file", self.log_file.clone()),
            ("log_format", self.log_format.clone()),
            ("log_size", self.log_size.clone()),
            ("log_files", self.log_files.clone()),
        ];
        let flags = own.into_iter().chain(self.bounds.flags()).chain(more).collect();
        let layers = Layers::read(flags, self.config.as_deref(), &env)?;
        for key in ["source", "api_url", "base_url"] {
            layers.text(key).into_iter().for_each(secrets::keep_those_of);
        }
        for key in ["api_key", "api_password"] {
            layers.text(key).into_iter().for_each(secrets::keep);
        }
        refuse_needed(&layers, &env)?;
        log::start(&LogSettings::resolve(&layers, &env)?)?;
        Ok((layers, env))
    }
}

/// What a source may do before the run ends with an error.
#[derive(Debug, Args)]
struct Bounds {
    /// Seconds that the source may say nothing [default: 60]
    #[arg(long, value_name = "SECONDS")]
    max_silence: Option<String>,
    /// Bytes a second that have to come from a web server, over --speed-window; 0: any [default: 1024]
    #[arg(long, value_name = "BYTES")]
    min_speed: Option<String>,
    /// Seconds over which --min-speed is taken [default: 120]
    #[arg(long, value_name = "SECONDS")]
    speed_window: Option<String>,
    /// The longest line of a playlist [default: 1024]
    #[arg(long, value_name = "KIB")]
    max_line: Option<String>,
    /// The largest playlist, packed and unpacked [default: 4096]
    #[arg(long, value_name = "MIB")]
    max_size: Option<String>,
    /// The most entries of a playlist [default: 5000000]
    #[arg(long, value_name = "N")]
    max_entries: Option<String>,
}

impl Bounds {
    /// The flags as texts by key.
    fn flags(&self) -> [(&'static str, Option<String>); 6] {
        [
            ("max_silence", self.max_silence.clone()),
            ("min_speed", self.min_speed.clone()),
            ("speed_window", self.speed_window.clone()),
            ("max_line", self.max_line.clone()),
            ("max_size", self.max_size.clone()),
            ("max_entries", self.max_entries.clone()),
        ]
    }
}

/// Settings that all commands with a library share.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    origin: Origin,
    /// The folder in which Movies and TV are made
    #[arg(long, value_name = "DIR")]
    output: Option<String>,
    /// Where movies are, instead of Movies in the output folder
    #[arg(long, value_name = "DIR")]
    movies_root: Option<String>,
    /// Where series are, instead of TV in the output folder
    #[arg(long, value_name = "DIR")]
    series_root: Option<String>,
    #[command(flatten)]
    naming: Naming,
    /// Dispatcharr's address as players see it [default: http://localhost:9191]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Where ledgers are kept [default: ~/.local/state/vod2strm]
    #[arg(long, value_name = "DIR")]
    state: Option<String>,
    /// The mode of new files, in octal [default: 640 if .strm files hold a login, else 666 less the umask]
    #[arg(long, value_name = "MODE")]
    file_mode: Option<String>,
    /// The mode of new folders, in octal [default: 750 if .strm files hold a login, else 777 less the umask]
    #[arg(long, value_name = "MODE")]
    dir_mode: Option<String>,
}

/// What folders and files are called.
#[derive(Debug, Args)]
struct Naming {
    /// Names and NFO style: standard, jellyfin, emby, kodi, plex, channels, or classic (as the
    /// Dispatcharr plugin vod2strm wrote them)
    #[arg(long, value_name = "NAME")]
    layout: Option<String>,
    /// A movie's folder, e.g. '{genre}/{title} ({year}) [tmdbid-{tmdb}]'; what is in brackets is
    /// left out when it is not known
    #[arg(long, value_name = "TEMPLATE")]
    movie_folder: Option<String>,
    /// A movie's file [default: {folder}]
    #[arg(long, value_name = "TEMPLATE")]
    movie_file: Option<String>,
    /// A series' folder
    #[arg(long, value_name = "TEMPLATE")]
    series_folder: Option<String>,
    /// A season's folder [default: Season {season:2}]
    #[arg(long, value_name = "TEMPLATE")]
    season_folder: Option<String>,
    /// The folder of season 0 [default: Season 00]
    #[arg(long, value_name = "TEMPLATE")]
    specials_folder: Option<String>,
    /// An episode's file [default: {title} ({year}) - {mark}< - {name}>]
    #[arg(long, value_name = "TEMPLATE")]
    episode_file: Option<String>,
}

impl Naming {
    /// The flags as texts by key.
    fn flags(&self) -> [(&'static str, Option<String>); 7] {
        [
            ("layout", self.layout.clone()),
            (Slot::MovieFolder.key(), self.movie_folder.clone()),
            (Slot::MovieFile.key(), self.movie_file.clone()),
            (Slot::SeriesFolder.key(), self.series_folder.clone()),
            (Slot::SeasonFolder.key(), self.season_folder.clone()),
            (Slot::SpecialsFolder.key(), self.specials_folder.clone()),
            (Slot::EpisodeFile.key(), self.episode_file.clone()),
        ]
    }
}

/// Settings of what is written, shared by the commands that compare a library with a catalogue.
#[derive(Debug, Args)]
struct Contents {
    /// Write the provider's own URLs (with its user name and password in them) instead of
    /// Dispatcharr's
    #[arg(long)]
    direct_urls: bool,
    /// Let Dispatcharr choose among a title's streams at each playback, instead of naming one in the URL;
    /// what Dispatcharr makes anew then plays only after the next run
    #[arg(long)]
    unpinned_urls: bool,
    /// Lines for Kodi before the URL in every .strm, e.g. '#KODIPROP:mimetype=video/mp4'; media servers
    /// skip them
    #[arg(long, value_name = "LINES")]
    strm_lines: Option<String>,
    /// What NFO files say: full, ids (what a title is, no more), or off (there are none) [default:
    /// full]
    #[arg(long, value_name = "DETAIL")]
    nfo: Option<String>,
    /// Write no NFO files: the same as --nfo off
    #[arg(long, conflicts_with = "nfo")]
    no_nfo: bool,
    #[command(flatten)]
    cleaning: Cleaning,
    /// One .strm per provider instead of the best one's alone
    #[arg(long)]
    multi_provider: bool,
    /// Which titles are wanted, e.g. 'category =~ "4K" and year >= 2015 and not adult'
    #[arg(long, value_name = "EXPRESSION")]
    filter: Option<String>,
    /// Which copy of a title is the better one, the most important first, e.g.
    /// 'language == de, quality >= 1080p, account == Main'
    #[arg(long, value_name = "EXPRESSIONS")]
    prefer: Option<String>,
}

impl Contents {
    /// The flags as texts by key.
    fn flags(&self) -> Vec<(&'static str, Option<String>)> {
        let own = [
            ("direct_urls", switch(self.direct_urls)),
            ("unpinned_urls", switch(self.unpinned_urls)),
            ("strm_lines", self.strm_lines.clone()),
            ("nfo", self.nfo.clone()),
            ("no_nfo", switch(self.no_nfo)),
            ("multi_provider", switch(self.multi_provider)),
            ("filter", self.filter.clone()),
            ("prefer", self.prefer.clone()),
        ];
        own.into_iter().chain(self.cleaning.flags()).collect()
    }
}

/// What becomes of the noise in names.
#[derive(Debug, Args)]
struct Cleaning {
    /// Leave names as the source has them, noise included
    #[arg(long)]
    no_name_clean: bool,
    /// A regular expression, in Python's syntax: every match is removed from names
    #[arg(long, value_name = "REGEX")]
    name_clean_regex: Option<String>,
}

impl Cleaning {
    /// The flags as texts by key.
    fn flags(&self) -> [(&'static str, Option<String>); 2] {
        [
            ("no_name_clean", switch(self.no_name_clean)),
            ("name_clean_regex", self.name_clean_regex.clone()),
        ]
    }
}

/// How Dispatcharr is asked for episodes that it does not have.
#[derive(Debug, Args)]
struct Asking {
    /// Dispatcharr's address as this machine sees it [default: --base-url]
    #[arg(long, value_name = "URL")]
    api_url: Option<String>,
    /// The API key of one of Dispatcharr's users; better kept in a variable or in the settings file
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// One of Dispatcharr's users, instead of a key
    #[arg(long, value_name = "NAME")]
    api_user: Option<String>,
    /// That user's password; better kept in a variable or in the settings file
    #[arg(long, value_name = "PASSWORD")]
    api_password: Option<String>,
    /// Ask again for series that nobody asked for since so long [default: 30d]
    #[arg(long, value_name = "AGE")]
    max_age: Option<String>,
    /// Series a second that each account is asked for at most [default: 2]
    #[arg(long, value_name = "N")]
    refresh_rate: Option<String>,
    /// Series at a time that each account is asked for at most [default: 2]
    #[arg(long, value_name = "N")]
    refresh_parallel: Option<String>,
    /// Series that each account is asked for in a run at most; 0: all [default: 0]
    #[arg(long, value_name = "N")]
    refresh_budget: Option<String>,
    /// Series that each account is asked for in an hour at most; 0: as many as --refresh-rate allows
    /// [default: 0]
    #[arg(long, value_name = "N")]
    refresh_hourly: Option<String>,
}

impl Asking {
    /// The flags as texts by key.
    fn flags(&self) -> [(&'static str, Option<String>); 9] {
        [
            ("api_url", self.api_url.clone()),
            ("api_key", self.api_key.clone()),
            ("api_user", self.api_user.clone()),
            ("api_password", self.api_password.clone()),
            ("max_age", self.max_age.clone()),
            ("refresh_rate", self.refresh_rate.clone()),
            ("refresh_parallel", self.refresh_parallel.clone()),
            ("refresh_budget", self.refresh_budget.clone()),
            ("refresh_hourly", self.refresh_hourly.clone()),
        ]
    }
}

/// The text of a switch that is on.
fn switch(on: bool) -> Option<String> {
    on.then(|| "true".to_owned())
}

impl Common {
    /// The flags as texts by key.
    fn flags(&self) -> Vec<(&'static str, Option<String>)> {
        let own = [
            ("output", self.output.clone()),
            ("movies_root", self.movies_root.clone()),
            ("series_root", self.series_root.clone()),
            ("base_url", self.base_url.clone()),
            ("state", self.state.clone()),
            ("file_mode", self.file_mode.clone()),
            ("dir_mode", self.dir_mode.clone()),
        ];
        own.into_iter().chain(self.naming.flags()).collect()
    }

    /// What the file, the variables and the flags say, and the variables themselves.
    fn layers(
        &self,
        more: Vec<(&'static str, Option<String>)>,
    ) -> Result<(Layers, Env), CommandError> {
        self.origin.layers(self.flags().into_iter().chain(more).collect())
    }

    /// All settings, checked; `more` are the command's own flags. New names heed what the file system takes.
    fn settings(
        &self,
        more: Vec<(&'static str, Option<String>)>,
    ) -> Result<(Settings, Layers), CommandError> {
        let (layers, env) = self.layers(more)?;
        let settings = Settings::resolve(&layers, &env)?;
        Ok((Settings { library: settings.library.fitted(), ..settings }, layers))
    }
}

/// Parses the command line, runs the command, prints errors; gives the exit status.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(explain(&error) as u8),
    };
    let began = Instant::now();
    let result = without_panic(|| run(&cli.command));
    let status = result.unwrap_or_else(|error: CommandError| {
        tell(error.render().trim_end());
        error.status()
    });
    let logged = log::finished(cli.command.name(), status as u8, began.elapsed().as_secs_f64());
    ExitCode::from(with_trouble(status, logged) as u8)
}

fn run(command: &Command) -> Result<Status, CommandError> {
    if !matches!(command, Command::Verify(_) | Command::History(_)) {
        // A source is looked up and read on threads.
        try_thread()?;
    }
    let process = Process::new()?;
    match command {
        Command::Generate(command) => generate::run(command, &process),
        Command::Doctor(command) => doctor::run(command, &process),
        Command::Verify(command) => verify::run(command, &process),
        Command::Adopt(command) => adopt::run(command, &process),
        Command::Names(command) => names::run(command, &process),
        Command::Refresh(command) => refresh::run(command, &process),
        Command::Stats(command) => stats::run(command, &process),
        Command::History(command) => history::run(command),
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
        place.into_iter().for_each(|place| self.signals.watch(place));
        let (cancel, who) = (&self.signals.cancel, self.who.as_str());
        Host { listeners, cancel, clock: &SystemClock, sources: &OwnSources, who }
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
    match done.map_err(|error| tell(error.into().render().trim_end())) {
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
