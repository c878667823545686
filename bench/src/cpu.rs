//! Seconds of CPU, as Linux counts them.

use std::env;
use std::fs;
use std::ops::Sub;
use std::path::Path;

/// Ticks a second in `/proc`, on all that Linux runs on.
const TICKS: f64 = 100.0;

/// Seconds of CPU.
#[derive(Clone, Copy)]
pub struct Cpu {
    /// Of processes that this one waited for, outside of the kernel.
    pub user: f64,
    /// Of the same processes, in the kernel.
    pub kernel: f64,
    /// Of this process itself, in the kernel and outside of it.
    pub own: f64,
    /// Of PostgreSQL: of the server, of what it started and of what it has ended.
    pub server: f64,
}

impl Cpu {
    /// What was used so far; `None` where the system does not say.
    pub fn so_far() -> Option<Cpu> {
        let this = ProcessTimes::read("self")?;
        Some(Cpu {
            user: this.ended.0,
            kernel: this.ended.1,
            own: this.itself,
            server: of_server()?,
        })
    }
}

impl Sub for Cpu {
    type Output = Cpu;

    fn sub(self, before: Cpu) -> Cpu {
        Cpu {
            user: self.user - before.user,
            kernel: self.kernel - before.kernel,
            own: self.own - before.own,
            server: self.server - before.server,
        }
    }
}

/// What something gives, and the CPU that was used meanwhile.
pub fn with_cpu<T>(act: impl FnOnce() -> T) -> (T, Option<Cpu>) {
    let before = Cpu::so_far();
    let given = act();
    (given, before.zip(Cpu::so_far()).map(|(before, after)| after - before))
}

/// The seconds of a process.
struct ProcessTimes {
    parent: u32,
    itself: f64,
    /// Of processes that it waited for, outside of the kernel and in it.
    ended: (f64, f64),
}

impl ProcessTimes {
    fn read(id: &str) -> Option<ProcessTimes> {
        let stat = fs::read_to_string(Path::new("/proc").join(id).join("stat")).ok()?;
        // The name in parentheses may have blanks. Behind it the parent is the second field, `utime` the 12th.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let seconds = |at: usize| Some(fields.get(at)?.parse::<f64>().ok()? / TICKS);
        Some(ProcessTimes {
            parent: fields.get(1)?.parse().ok()?,
            itself: seconds(11)? + seconds(12)?,
            ended: (seconds(13)?, seconds(14)?),
        })
    }
}

/// Of the server of `scripts/postgres`, whose log stands beside its data.
fn of_server() -> Option<f64> {
    let log = env::var_os("V2S_TEST_PG_LOG")?;
    let file = Path::new(&log).parent()?.join("data/postmaster.pid");
    let first = fs::read_to_string(file).ok()?.lines().next()?.to_owned();
    let server = ProcessTimes::read(&first)?;
    let id: u32 = first.parse().ok()?;
    let all = fs::read_dir("/proc").ok()?.flatten();
    let all = all.filter_map(|entry| ProcessTimes::read(entry.file_name().to_str()?));
    let running: f64 =
        all.filter(|process| process.parent == id).map(|process| process.itself).sum();
    Some(server.itself + server.ended.0 + server.ended.1 + running)
}
