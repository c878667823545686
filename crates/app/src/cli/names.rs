//! `vod2strm names`: what does vod2strm make of these names.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Phase};
use vod2strm_core::model::media::Kind;

use super::{Cleaning, Origin, print};
use crate::config;
use crate::dressed::{Dressed, warn_of_slow_names};
use crate::error::{RunError, Status};
use crate::names::{of_list, of_source};
use crate::report::progress::progress;
use crate::source::years;

/// Take names apart and print what they say: title, year, season, episodes, quality, language.
///
/// Names come from a file with one on each line, from standard input (-), or else from the source.
/// A prefix that nearly a third of a category's names share is learnt; the lines of a file count as one
/// category. The title is what a library shows with these settings. Prints tab-separated values and
/// changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Names {
    /// A file with one name on each line, or - for standard input [default: the names of --source]
    #[arg(conflicts_with = "source")]
    file: Option<PathBuf>,
    /// What the names in the file are of; an episode may be marked by a number alone
    #[arg(long, value_name = "KIND", requires = "file")]
    kind: Option<KindName>,
    #[command(flatten)]
    cleaning: Cleaning,
    #[command(flatten)]
    origin: Origin,
}

/// A kind on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindName {
    Movie,
    Series,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm names names.txt
  echo '4K-NF - Dark (2017) - S01E02' | vod2strm names -
  vod2strm names --source playlist.m3u > names.tsv

Exit status: 0 done, 1 failed, 2 wrong use.";

/// Runs the command.
pub(super) fn run(command: &Names) -> Result<Status, RunError> {
    let list = command.file.as_ref().map(|path| path.display().to_string());
    let flags = command.cleaning.flags().into_iter().chain([("names", list)]);
    let (layers, _) = command.origin.layers(flags.collect())?;
    let (policy, progress) = (config::policy(&layers)?, progress());
    let mut dresser = policy.dresser(years());
    match &command.file {
        Some(path) => {
            of_list(&read(path)?, command.kind.map(kind_of), &mut dresser, &mut print)?;
            warn_of_slow_names(dresser.too_slow, &*progress);
        }
        None => {
            let (source, _) = config::source(&layers)?;
            progress.event(&Event::Phase(Phase::Open, None));
            let mut catalog =
                Dressed::new(source.open(&|_| false, &Cancel::default())?, dresser, policy.choice);
            of_source(&mut catalog, &*progress, &mut print)?;
            catalog.warn(&*progress);
        }
    }
    Ok(Status::Done)
}

fn kind_of(name: KindName) -> Kind {
    match name {
        KindName::Movie => Kind::Movie,
        KindName::Series => Kind::Series,
    }
}

/// A whole file, or standard input; what is not UTF-8 is replaced.
fn read(path: &Path) -> Result<String, RunError> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes);
        read.map_err(|source| RunError::System { what: "read standard input", source })?;
        bytes
    } else {
        let read = std::fs::read(path);
        read.map_err(|source| RunError::Read { path: path.to_owned(), source })?
    };
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
