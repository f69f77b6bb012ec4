//! Lines of the log gather for a moment and go out together: a system call for each would cost a request more than what
//! it asked for. What is urgent goes out at once, with all that was logged before it.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line may wait.
const PAUSE: Duration = Duration::from_millis(50);

/// More bytes than these do not wait.
const FULL: usize = 64 * 1024;

/// With more than these, whoever logs writes them out: the log is slower than what happens.
const MOST: usize = 4 << 20;

/// Lines on their way to stderr.
#[derive(Clone, Debug, Default)]
pub struct Buffered(Arc<Lines>);

#[derive(Debug, Default)]
struct Lines {
    waiting: Mutex<Vec<u8>>,
    /// What is being written, while others log on. Whoever holds it writes, so that lines stay in their order.
    going: Mutex<Vec<u8>>,
    /// Lines wait, or too many of them do.
    wake: Condvar,
}

impl Buffered {
    /// Begins to write what gathers.
    pub fn start() -> io::Result<Buffered> {
        let buffered = Buffered::default();
        let lines = buffered.0.clone();
        let writer = thread::Builder::new().name("log".to_owned());
        writer.spawn(move || lines.keep_writing())?;
        Ok(buffered)
    }

    /// Writes what waits.
    pub fn flush(&self) {
        self.0.write_out();
    }

    /// A line that may wait.
    pub fn patient_line(&self) -> Line<'_> {
        Line {
            lines: &self.0,
            is_urgent: false,
        }
    }
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_writing(&self) {
        loop {
            let is_empty = |waiting: &mut Vec<u8>| waiting.is_empty();
            let waiting = self.wake.wait_while(self.lock(), is_empty);
            let waiting = waiting.unwrap_or_else(PoisonError::into_inner);
            let has_room = |waiting: &mut Vec<u8>| waiting.len() < FULL;
            let rest = self.wake.wait_timeout_while(waiting, PAUSE, has_room);
            drop(rest);
            self.write_out();
        }
    }

    fn write_out(&self) {
        let mut going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut *going, &mut *self.lock());
        // there is nobody to tell that the log cannot be written
        io::stderr().write_all(&going).ok();
        going.clear();
    }
}

/// One line.
#[derive(Debug)]
pub struct Line<'a> {
    lines: &'a Lines,
    is_urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lines.lock();
        let before = waiting.len();
        waiting.extend_from_slice(text);
        let now = waiting.len();
        drop(waiting);
        if self.is_urgent || MOST < now {
            self.lines.write_out();
        } else if before == 0 || (before < FULL && FULL <= now) {
            self.lines.wake.notify_one();
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Buffered {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            lines: &self.0,
            is_urgent: true,
        }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line<'a> {
        Line {
            lines: &self.0,
            // errors and warnings are less than the rest
            is_urgent: *about.level() <= Level::WARN,
        }
    }
}
