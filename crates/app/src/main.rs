//! The binary: everything is in the library part, where tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    vod2strm::cli::main()
}
