//! Processes that this program starts. They end with it, however it ends.

use crate::Failure;
use std::process::{Child, Command, Stdio};

/// Waits until this program closes the pipe, which it does also when it is killed, then kills the other one.
const WATCH: &str = r#"cat >/dev/null; kill -KILL "$1""#;

/// A running process. It ends with this value.
pub struct OwnChild {
    /// The process.
    pub process: Child,
    /// Its standard input is the pipe.
    watch: Child,
}

impl OwnChild {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<OwnChild, Failure> {
        let process = command.spawn()?;
        let watch = Command::new("/bin/sh")
            .args(["-c", WATCH, "watch", &process.id().to_string()])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(OwnChild { process, watch })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for OwnChild {
    /// The watch first: it must not kill whoever gets the number next. What cannot be killed has ended already.
    fn drop(&mut self) {
        for child in [&mut self.watch, &mut self.process] {
            child.kill().ok();
            child.wait().ok();
        }
    }
}
