//! One PostgreSQL server for this process.

use std::{
    env, fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

use crate::directory::Directory;

/// How long the server may take to answer for the first time.
pub(crate) const START: Duration = Duration::from_mins(1);

/// Starts the server, waits until this process closes the pipe, which it does also when it is killed, then
/// stops the server and removes its files.
const WATCH: &str = r#"
bin=$1; directory=$2; shift 2
"$bin/postgres" -D "$directory/data" -k "$directory" "$@" >"$directory/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$directory"
"#;

/// What outlives no test need not be synced.
const FLEETING: &[&str] = &[
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "jit=off",
    "max_connections=500",
    "shared_buffers=64MB",
];

/// As an operator runs it, every commit synced; the log has room for a large fill between two checkpoints.
const DURABLE: &[&str] = &[
    "listen_addresses=",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "max_connections=500",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
];

pub(crate) struct Server {
    directory: PathBuf,
    databases: AtomicU32,
    /// Its standard input is the pipe that keeps the server running.
    _watch: Child,
}

impl Server {
    /// The server that forgets, started by whoever asks first.
    pub async fn fleeting() -> &'static Server {
        static SERVER: OnceCell<Server> = OnceCell::const_new();
        SERVER.get_or_init(|| Server::start(FLEETING)).await
    }

    /// The server that syncs every commit, likewise.
    pub async fn durable() -> &'static Server {
        static SERVER: OnceCell<Server> = OnceCell::const_new();
        SERVER.get_or_init(|| Server::start(DURABLE)).await
    }

    async fn start(settings: &[&str]) -> Server {
        let programs = programs();
        let account = Account::for_server();
        // The watching shell removes it: this process may not live to do so.
        let directory = std::mem::ManuallyDrop::new(Directory::create("postgres"));
        let directory = directory.path().to_owned();
        account.give(&directory);
        initialize(&programs, &directory, &account);
        let mut watch = Command::new("/bin/sh");
        watch
            .args(["-c", WATCH, "watch"])
            .args([&programs, &directory]);
        watch.args(settings.iter().flat_map(|setting| ["-c", setting]));
        // A group of its own: an interrupt at the terminal is for the tests, the shell hears the pipe close.
        watch
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .current_dir(&directory);
        let watch = account.run(&mut watch).spawn();
        let watch = watch.unwrap_or_else(|error| panic!("PostgreSQL cannot be started: {error}"));
        let server = Server {
            directory,
            databases: AtomicU32::new(0),
            _watch: watch,
        };
        server.wait().await;
        server
    }

    async fn wait(&self) {
        let started = Instant::now();
        while let Err(error) = self.try_connect("postgres").await {
            if started.elapsed() > START {
                let log = fs::read_to_string(self.directory.join("log"));
                panic!(
                    "PostgreSQL does not answer: {error}\n{}",
                    log.unwrap_or_else(|error| error.to_string())
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres:///{database}?host={}&user=postgres",
            self.directory.display()
        )
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.join(".s.PGSQL.5432")
    }

    /// Makes an empty database and returns its name.
    pub async fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run(&format!("create database {name}")).await;
        name
    }

    /// In the background, and not at all if the process ends before: then the whole server goes.
    pub fn drop_database(&'static self, name: &str) {
        let sql = format!("drop database if exists {name} with (force)");
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(self.run(&sql));
            }
        });
    }

    pub async fn terminate_backends(&self, database: &str) {
        let sql = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'"
        );
        self.run(&sql).await;
    }

    pub async fn terminate(&self, database: &str, application_name: &str) {
        let sql = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = '{database}' and application_name = '{application_name}'"
        );
        self.run(&sql).await;
    }

    pub async fn accept_connections(&self, database: &str, accept: bool) {
        let sql = format!("alter database {database} with allow_connections {accept}");
        self.run(&sql).await;
    }

    async fn run(&self, sql: &str) {
        let connected = self.try_connect("postgres").await;
        let client =
            connected.unwrap_or_else(|error| panic!("PostgreSQL does not answer: {error}"));
        let done = client.batch_execute(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    async fn try_connect(&self, database: &str) -> Result<Client, tokio_postgres::Error> {
        let mut config = Config::new();
        config
            .host_path(&self.directory)
            .user("postgres")
            .dbname(database);
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

pub(crate) fn initialize(programs: &Path, directory: &Path, account: &Account) {
    let mut initdb = Command::new(programs.join("initdb"));
    initdb
        .arg("-D")
        .arg(directory.join("data"))
        .current_dir(directory);
    initdb.args([
        "--auth=trust",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    let output = account.run(&mut initdb).output();
    let output = output.unwrap_or_else(|error| panic!("initdb cannot be run: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "initdb failed: {errors}");
}

/// A whole database as text.
pub(crate) fn dump(url: &str) -> Vec<u8> {
    let mut command = Command::new(programs().join("pg_dump"));
    let output = command.arg("--dbname").arg(url).output();
    let output = output.unwrap_or_else(|error| panic!("pg_dump cannot be run: {error}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pg_dump: {error}");
    output.stdout
}

/// Where the server programs are: the newest of those that Debian installs side by side, or on the path.
pub(crate) fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut installed: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    installed.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    let candidates = installed
        .into_iter()
        .rev()
        .map(|(_, path)| path)
        .chain(env::split_paths(&path));
    candidates
        .into_iter()
        .find(|path| path.join("initdb").exists())
        .unwrap_or_else(|| {
            panic!(
                "these tests need the PostgreSQL server programs (initdb, postgres): \
             apt-get install postgresql, dnf install postgresql-server or brew install postgresql"
            )
        })
}

/// Who runs the server. It refuses to run as root.
pub(crate) struct Account(Option<(u32, u32)>);

impl Account {
    pub(crate) fn for_server() -> Account {
        let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        Account(
            is_root
                .then(|| account("postgres").or_else(|| account("nobody")))
                .flatten(),
        )
    }

    pub(crate) fn give(&self, directory: &Path) {
        if let Some((user, group)) = self.0 {
            let given = chown(directory, Some(user), Some(group));
            given.unwrap_or_else(|error| {
                panic!("{} cannot be given away: {error}", directory.display())
            });
        }
    }

    pub(crate) fn run<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self.0 {
            Some((user, group)) => command.uid(user).gid(group),
            None => command,
        }
    }
}

/// User and group of an account in `/etc/passwd`.
fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let line = accounts
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
