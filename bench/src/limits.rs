//! How many files this process may have open: connections are files.

use crate::Failure;
use std::{
    env, fs,
    os::unix::process::CommandExt,
    process::{Command, exit},
};

/// Enough for every work.
const WANTED: usize = 16_000;

/// Set once this program has started itself again.
const RAISED: &str = "BENCH_LIMITS_RAISED";

/// How many files it may have open.
pub fn open_files() -> Result<usize, Failure> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    Ok(soft.ok_or("the limit of open files is unknown")?.parse()?)
}

/// Starts this program again with as many as it may ask for, if it has too few. What it starts inherits them.
pub fn raise() -> Result<(), Failure> {
    if open_files()? >= WANTED || env::var_os(RAISED).is_some() {
        return Ok(());
    }
    let error = Command::new("/bin/sh")
        .args(["-c", r#"ulimit -n "$(ulimit -Hn)"; exec "$0" "$@""#])
        .arg(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env(RAISED, "1")
        .exec();
    eprintln!("bench: cannot be started again with more files: {error}");
    exit(1)
}
