//! What was measured on: figures without their machine mean nothing.

use crate::{Failure, fasti::Program, latency::Latencies, report};
use std::{
    env,
    fs::{self, File},
    io::Write,
    path::Path,
    process::{self, Command},
    thread,
    time::Instant,
};

/// How often the disk is asked to sync.
const SYNCS: usize = 200;

/// A list in markdown.
pub fn description(program: &Program) -> Result<String, Failure> {
    let cores = thread::available_parallelism()?;
    let processor = field("/proc/cpuinfo", "model name");
    let memory = gibibytes(&field("/proc/meminfo", "MemTotal"));
    let kernel = line("/proc/sys/kernel/osrelease");
    let folder = env::temp_dir();
    let synced = syncs(&folder)?;
    let version = said(Command::new(&program.path).arg("--version"));
    let log = program.log.as_deref().unwrap_or("as by default");
    Ok(format!(
        "- {cores} cores, {processor}; {memory}; Linux {kernel}; load average before: {}\n\
         - {} on {}, where a write of 4 KiB with `fdatasync` takes {}, p99 {}\n\
         - {version}, SQLite {}, {}; {}\n\
         - the server's log is {log} and goes to a file\n",
        line("/proc/loadavg").split(' ').next().unwrap_or_default(),
        folder.display(),
        file_system(&folder),
        report::time(synced.p50()),
        report::time(synced.p99()),
        rusqlite::version(),
        postgres(),
        said(Command::new("rustc").arg("--version")),
    ))
}

/// How long the disk takes to keep something.
fn syncs(folder: &Path) -> Result<Latencies, Failure> {
    let path = folder.join(format!("fasti-bench-{}-sync", process::id()));
    let mut file = File::create(&path)?;
    let mut measured = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        measured.push(began.elapsed());
    }
    fs::remove_file(&path)?;
    Ok(Latencies::new(measured))
}

/// The value of a field such as `model name : …`.
fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let found = text.lines().find_map(|line| line.strip_prefix(name));
    let value = found.map(|rest| rest.trim_start_matches([':', ' ', '\t']));
    value.unwrap_or("unknown").to_owned()
}

/// An amount such as `24684096 kB`, shorter.
fn gibibytes(amount: &str) -> String {
    let kibibytes = amount.strip_suffix(" kB");
    let kibibytes: Option<u64> = kibibytes.and_then(|number| number.parse().ok());
    kibibytes.map_or(amount.to_owned(), |number| format!("{} GiB", number >> 20))
}

fn line(file: &str) -> String {
    fs::read_to_string(file).map_or("unknown".to_owned(), |text| text.trim().to_owned())
}

/// The kind of the file system with the longest mount point above a folder.
fn file_system(folder: &Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(point, _)| folder.starts_with(point));
    let kind = above.max_by_key(|(point, _)| point.len());
    kind.map_or("unknown".to_owned(), |(_, kind)| kind.to_owned())
}

fn postgres() -> String {
    said(Command::new("/bin/sh").args([
        "-c",
        "ls -v /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1 | xargs -I{} {} --version || postgres --version",
    ]))
}

/// The first line that a program says, without which the figures still stand.
fn said(command: &mut Command) -> String {
    let output = command.output().ok();
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok());
    let line = text.and_then(|text| text.lines().next().map(str::to_owned));
    line.unwrap_or_else(|| "unknown".to_owned())
}
