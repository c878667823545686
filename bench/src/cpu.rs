//! Seconds of CPU, as Linux counts them.

use std::fs;

/// Ticks a second in `/proc`, on all that Linux runs on.
const TICKS: f64 = 100.0;

/// Seconds of CPU, outside of the kernel and in it.
#[derive(Clone, Copy)]
pub struct Cpu {
    /// Outside of the kernel.
    pub user: f64,
    /// In it.
    pub kernel: f64,
}

/// Whose.
#[derive(Clone, Copy)]
pub enum Whose {
    /// This process's own.
    Own,
    /// Those of processes that it waited for.
    Children,
}

/// What something gives, and the CPU that it takes; `None` where the system does not say.
pub fn with_cpu<T>(whose: Whose, act: impl FnOnce() -> T) -> (T, Option<Cpu>) {
    let before = so_far(whose);
    let given = act();
    let taken = before.zip(so_far(whose)).map(|(before, after)| Cpu {
        user: after.user - before.user,
        kernel: after.kernel - before.kernel,
    });
    (given, taken)
}

fn so_far(whose: Whose) -> Option<Cpu> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may have blanks. Behind it `utime` is the 12th field, `cutime` the 14th.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let first = match whose {
        Whose::Own => 11,
        Whose::Children => 13,
    };
    let seconds = |at: usize| Some(fields.get(at)?.parse::<f64>().ok()? / TICKS);
    Some(Cpu { user: seconds(first)?, kernel: seconds(first + 1)? })
}
