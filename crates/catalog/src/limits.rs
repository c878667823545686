//! How long a source may be silent, how slow it may be, and how much it may send. One that goes on for ever ends
//! with an error. It neither holds the lock nor takes all memory.

use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, timeout};

/// What a source may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceLimits {
    /// For so long no byte may come; of a database, no row.
    pub silence: Duration,
    /// So many bytes a second have to come while we wait; 0: as slow as it likes.
    pub speed: u64,
    /// Over this time of waiting the speed is taken.
    pub window: Duration,
    /// So many bytes a line, or a message of a database, may have.
    pub line: usize,
    /// So many bytes a playlist may have, packed and unpacked, or the rows of a statement.
    pub size: u64,
    /// So many entries, or rows of a statement, it may have.
    pub entries: u64,
}

impl Default for SourceLimits {
    /// The longest lists that providers give have about a million entries and 400 MB; a line with a picture in it
    /// has some hundred KiB.
    fn default() -> SourceLimits {
        SourceLimits {
            silence: Duration::from_secs(60),
            speed: 1024,
            window: Duration::from_secs(120),
            line: 1 << 20,
            size: 4 << 30,
            entries: 5_000_000,
        }
    }
}

/// What a source did that it may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// What was asked got no answer, whatever else came.
    #[error("it did not answer within {} s", .0.as_secs())]
    NoAnswer(Duration),
    /// Nothing came.
    #[error("it said nothing for {} s", .0.as_secs())]
    Silent(Duration),
    /// Hardly anything came.
    #[error("fewer than {speed} bytes a second came over {} s", window.as_secs())]
    Slow {
        /// Bytes a second.
        speed: u64,
        /// For how long.
        window: Duration,
    },
    /// The head of an answer over HTTP has no end; this limit is the HTTP library's.
    #[error("the head of its answer has more than 100 lines or 400 KiB")]
    Head,
    /// A line has no end.
    #[error("a line has more than {} KiB", .0 >> 10)]
    Line(usize),
    /// A message of a database, or all that it says before a login is done, has none.
    #[error("a message, or all of its login, has more than {} KiB", .0 >> 10)]
    Message(usize),
    /// The whole has none.
    #[error("it has more than {} MiB", .0 >> 20)]
    Size(u64),
    /// It has too many entries.
    #[error("it has more than {0} entries")]
    Entries(u64),
}

impl Excess {
    /// Which setting allows it; it stands in the text as `<its_key>`.
    pub fn hint(self) -> &'static str {
        match self {
            Excess::NoAnswer(_) | Excess::Silent(_) => {
                "run again later, or set <max_silence> higher, if the server needs that long"
            }
            Excess::Slow { .. } => {
                "run again later, or set <min_speed> lower, if it is always so slow"
            }
            Excess::Head => {
                "is it the right address? No server of playlists says so much before one"
            }
            Excess::Line(_) | Excess::Message(_) => {
                "if that is what it should be, set <max_line> higher"
            }
            Excess::Size(_) => "if it is meant to be that large, set <max_size> higher",
            Excess::Entries(_) => {
                "if it has that many, set <max_entries> higher; each takes up to 1.7 KB of memory"
            }
        }
    }
}

/// Watches how fast something comes. Only time in which it was waited for counts: a source is not to blame for what
/// we do meanwhile.
#[derive(Debug)]
pub(crate) struct Flow {
    limits: SourceLimits,
    /// How long nothing came.
    silent: Duration,
    /// How long this window lasts, and what came in it.
    waited: Duration,
    bytes: u64,
}

impl Flow {
    /// Begins to watch.
    pub(crate) fn new(limits: SourceLimits) -> Flow {
        Flow { limits, silent: Duration::ZERO, waited: Duration::ZERO, bytes: 0 }
    }

    /// How long may be waited before it has to be checked again.
    pub(crate) fn patience(&self) -> Duration {
        let SourceLimits { silence, window, .. } = self.limits;
        silence.saturating_sub(self.silent).min(window.saturating_sub(self.waited))
    }

    /// Nothing came for so long.
    pub(crate) fn waited(&mut self, time: Duration) -> Result<(), Excess> {
        self.silent += time;
        if self.silent >= self.limits.silence {
            return Err(Excess::Silent(self.limits.silence));
        }
        self.pass(time)
    }

    /// So much came after so long.
    pub(crate) fn came(&mut self, bytes: usize, time: Duration) -> Result<(), Excess> {
        self.silent = Duration::ZERO;
        self.bytes += bytes as u64;
        self.pass(time)
    }

    fn pass(&mut self, time: Duration) -> Result<(), Excess> {
        let SourceLimits { speed, window, .. } = self.limits;
        self.waited += time;
        if self.waited < window {
            return Ok(());
        }
        if self.bytes < speed.saturating_mul(window.as_secs()) {
            return Err(Excess::Slow { speed, window });
        }
        (self.waited, self.bytes) = (Duration::ZERO, 0);
        Ok(())
    }

    /// Waits for what comes next, whose bytes are counted so.
    pub(crate) async fn next<T>(
        &mut self,
        coming: impl Future<Output = T>,
        bytes: impl FnOnce(&T) -> usize,
    ) -> Result<T, Excess> {
        let mut coming = pin!(coming);
        // Most often it is there already: a clock and a timer for each row would be half of its cost.
        if let Some(came) = coming.as_mut().now_or_never() {
            self.came(bytes(&came), Duration::ZERO)?;
            return Ok(came);
        }
        loop {
            let begun = Instant::now();
            let outcome = timeout(self.patience(), coming.as_mut()).await;
            match outcome {
                Ok(came) => {
                    self.came(bytes(&came), begun.elapsed())?;
                    return Ok(came);
                }
                Err(_) => self.waited(begun.elapsed())?,
            }
        }
    }
}

/// Waits for an answer that has to be there within this time.
pub(crate) async fn answer<T>(
    within: Duration,
    coming: impl Future<Output = T>,
) -> Result<T, Excess> {
    timeout(within, coming).await.map_err(|_| Excess::NoAnswer(within))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    /// Seconds after which a source ends that sends so many bytes every so many seconds, and why.
    async fn ends(bytes: usize, every: u64, limits: SourceLimits) -> Option<(u64, Excess)> {
        let begun = Instant::now();
        let mut flow = Flow::new(limits);
        while begun.elapsed() < Duration::from_secs(1000) {
            let come = sleep(Duration::from_secs(every));
            if let Err(excess) = flow.next(come, |()| bytes).await {
                return Some((begun.elapsed().as_secs(), excess));
            }
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn silence_and_a_trickle_end_in_time_and_a_stream_goes_on() {
        let usual = SourceLimits::default();
        let slow = Excess::Slow { speed: usual.speed, window: usual.window };
        assert_eq!(ends(1000, 1, usual).await, Some((120, slow)));
        assert_eq!(ends(1024, 1, usual).await, None);
        assert_eq!(
            ends(1, 50, usual).await,
            Some((120, slow)),
            "not only when the next byte comes"
        );
        assert_eq!(ends(1 << 20, 61, usual).await, Some((60, Excess::Silent(usual.silence))));
        assert_eq!(ends(1, 50, SourceLimits { speed: 0, ..usual }).await, None);
        assert_eq!(ends(1 << 20, 50, usual).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn each_window_counts_by_itself_and_our_own_time_not_at_all() {
        let mut flow = Flow::new(SourceLimits::default());
        flow.next(async {}, |()| 1 << 20).await.unwrap();
        sleep(Duration::from_secs(500)).await;
        flow.next(async {}, |()| 1).await.unwrap();
        let seconds = Duration::from_secs;
        flow.came(1, seconds(120)).unwrap();
        assert_eq!(flow.came(1, seconds(119)), Ok(()));
        assert!(matches!(flow.came(1, seconds(1)), Err(Excess::Slow { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_does_not_come_is_not_waited_for() {
        let within = Duration::from_secs(9);
        assert_eq!(answer(within, pending::<()>()).await, Err(Excess::NoAnswer(within)));
        assert_eq!(answer(within, async { 7 }).await, Ok(7));
    }
}
