//! Two PostgreSQL servers, of which the second one follows the first: for what must survive the loss of one.
//!
//! A commit is acknowledged when both have it. Each listens on a socket in a folder of its own; both end with the
//! process that started them, however that ends.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    directory::Directory,
    postgres::{Account, START, initialize, programs},
};

/// Starts a server, waits until this process closes the pipe, then stops the server as a crash would.
const WATCH: &str = r#"
bin=$1; directory=$2; shift 2
"$bin/postgres" -D "$directory/data" -k "$directory" "$@" >>"$directory/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
"#;

/// Whoever follows a server that was away finds it again soon.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "max_connections=200",
    "wal_retrieve_retry_interval=100ms",
];

/// What only the first one is told: whoever follows must have a commit before it is acknowledged.
const FOLLOWED: &str = "synchronous_standby_names=*";

/// The two.
pub struct Pair {
    programs: PathBuf,
    account: Account,
    first: Option<Child>,
    second: Option<Child>,
    directory: Directory,
    settings: Vec<String>,
}

impl Pair {
    /// Starts both, with more settings such as `fsync=off`.
    ///
    /// # Panics
    ///
    /// When there are no programs of PostgreSQL, or they do not start.
    pub fn start(settings: &[&str]) -> Pair {
        let mut pair = Pair {
            programs: programs(),
            account: Account::for_server(),
            first: None,
            second: None,
            directory: Directory::create("pair"),
            settings: settings.iter().map(ToString::to_string).collect(),
        };
        pair.account.give(pair.directory.path());
        for place in [pair.first_place(), pair.second_place()] {
            fs::create_dir(&place)
                .unwrap_or_else(|error| panic!("{} cannot be made: {error}", place.display()));
            pair.account.give(&place);
        }
        initialize(&pair.programs, &pair.first_place(), &pair.account);
        pair.start_first();
        pair.follow();
        pair.second = Some(pair.run(&pair.second_place(), &[]));
        pair.wait_for(&pair.second_place());
        pair
    }

    /// The address of both.
    pub fn url(&self) -> String {
        address(&[self.first_place(), self.second_place()])
    }

    /// The address of both, the second one named first.
    pub fn url_backwards(&self) -> String {
        address(&[self.second_place(), self.first_place()])
    }

    /// A temporary folder on the same disk.
    pub fn folder(&self) -> &Path {
        self.directory.path()
    }

    /// Ends the first one without warning.
    pub fn stop_first(&mut self) {
        stop(&mut self.first);
    }

    /// Starts the first one again.
    pub fn start_first(&mut self) {
        self.first = Some(self.run(&self.first_place(), &[FOLLOWED]));
        self.wait_for(&self.first_place());
    }

    /// Makes the second one take writes.
    pub fn promote_second(&self) {
        let data = self.second_place().join("data");
        let mut promote = Command::new(self.programs.join("pg_ctl"));
        promote
            .args(["promote", "--wait", "--silent", "-D"])
            .arg(data);
        self.succeed(&mut promote);
    }

    fn first_place(&self) -> PathBuf {
        self.directory.path().join("first")
    }

    fn second_place(&self) -> PathBuf {
        self.directory.path().join("second")
    }

    /// Copies the first one, so that the copy follows it.
    fn follow(&self) {
        let mut backup = Command::new(self.programs.join("pg_basebackup"));
        backup.arg("-h").arg(self.first_place());
        backup.args([
            "-U",
            "postgres",
            "--checkpoint=fast",
            "--no-sync",
            "-R",
            "-D",
        ]);
        backup.arg(self.second_place().join("data"));
        self.succeed(&mut backup);
    }

    fn run(&self, place: &Path, more: &[&str]) -> Child {
        let mut watch = Command::new("/bin/sh");
        watch
            .args(["-c", WATCH, "watch"])
            .args([&self.programs, place]);
        let settings = SETTINGS.iter().chain(more).copied();
        for setting in settings.chain(self.settings.iter().map(String::as_str)) {
            watch.args(["-c", setting]);
        }
        watch.stdin(Stdio::piped()).stdout(Stdio::null());
        std::os::unix::process::CommandExt::process_group(&mut watch, 0).current_dir(place);
        let watch = self.account.run(&mut watch).spawn();
        watch.unwrap_or_else(|error| panic!("PostgreSQL cannot be started: {error}"))
    }

    fn wait_for(&self, place: &Path) {
        let started = Instant::now();
        let mut ask = Command::new(self.programs.join("pg_isready"));
        ask.arg("-q").arg("-h").arg(place);
        while !ask.status().is_ok_and(|status| status.success()) {
            let log = || fs::read_to_string(place.join("log")).unwrap_or_default();
            assert!(started.elapsed() < START, "no PostgreSQL: {}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn succeed(&self, command: &mut Command) {
        let output = self
            .account
            .run(command.current_dir(self.folder()))
            .output();
        let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {errors}");
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        stop(&mut self.second);
        stop(&mut self.first);
    }
}

fn address(places: &[PathBuf]) -> String {
    let hosts = places
        .iter()
        .map(|place| format!("host={}", place.display()));
    let hosts = hosts.collect::<Vec<_>>().join("&");
    format!("postgres:///postgres?{hosts}&user=postgres")
}

fn stop(server: &mut Option<Child>) {
    if let Some(mut watch) = server.take() {
        drop(watch.stdin.take());
        watch.wait().ok();
    }
}
