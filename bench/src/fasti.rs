//! The program that is measured: a release of `fasti`, as an operator runs it.

use crate::{Failure, child::OwnChild, client::Client, database::Database, load::Server};
use std::{
    env,
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a process may take until it answers.
const START: Duration = Duration::from_mins(1);

/// How long to wait before asking again whether it answers.
const PAUSE: Duration = Duration::from_micros(200);

/// The binary.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// What it logs, if not what it logs by default.
    pub log: Option<String>,
    /// What else servers are started with.
    arguments: Vec<String>,
}

impl Program {
    /// Builds it where cargo runs this program, else takes the one beside this program.
    pub fn built(log: Option<String>) -> Result<Program, Failure> {
        if let Some(cargo) = env::var_os("CARGO") {
            build(Command::new(cargo))?;
        }
        let path = env::current_exe()?.with_file_name("fasti");
        if !path.exists() {
            return Err(format!("{} is missing: build the server first", path.display()).into());
        }
        Ok(Program {
            path,
            log,
            arguments: Vec::new(),
        })
    }

    /// The same, whose servers are started with these arguments.
    pub fn with(mut self, arguments: &[&str]) -> Program {
        self.arguments = arguments.iter().map(ToString::to_string).collect();
        self
    }

    /// The size of the binary in bytes.
    pub fn size(&self) -> Result<u64, Failure> {
        Ok(fs::metadata(&self.path)?.len())
    }

    /// The program on a database, with nothing of this process's own settings.
    fn command(&self, database: &Database) -> Command {
        let mut command = Command::new(&self.path);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("FASTI_")) {
                command.env_remove(name);
            }
        }
        command
            .current_dir(database.folder())
            .args(["--database", database.url()]);
        command
    }

    /// Runs a command and returns what it prints.
    pub fn run(&self, database: &Database, arguments: &[&str]) -> Result<String, Failure> {
        let output = self.command(database).args(arguments).output()?;
        if output.status.success() {
            return Ok(String::from_utf8(output.stdout)?.trim().to_owned());
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!("fasti {} failed: {errors}", arguments.join(" ")).into())
    }

    /// Starts a server and waits until it is ready. Its log goes to a file.
    pub fn serve(&self, database: &Database) -> Result<Node, Failure> {
        self.serve_at(database, free_address()?)
    }

    /// The same at an address that is known.
    pub fn serve_at(&self, database: &Database, address: SocketAddr) -> Result<Node, Failure> {
        let log = database.folder().join(format!("{}.log", address.port()));
        let mut command = self.command(database);
        command.args(["serve", "--listen", &address.to_string()]);
        command.args(&self.arguments);
        if let Some(filter) = &self.log {
            command.args(["--log", filter]);
        }
        command.stdout(Stdio::null()).stderr(File::create(&log)?);
        let started = Instant::now();
        let mut node = Node {
            address,
            child: OwnChild::start(&mut command)?,
            log,
            start: Duration::ZERO,
        };
        node.start = node.ready(started)?;
        Ok(node)
    }
}

fn build(mut cargo: Command) -> Result<(), Failure> {
    for (name, _) in env::vars_os() {
        // what cargo says about this package would make it build others anew
        let about_this = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if about_this
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            cargo.env_remove(name);
        }
    }
    cargo.args(["build", "--release", "--locked", "--package", "server"]);
    if cargo.status()?.success() {
        Ok(())
    } else {
        Err("the server cannot be built".into())
    }
}

/// An address that nobody listens on.
fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A running server. It is killed with this value: what it had acknowledged is in the database.
pub struct Node {
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until it answered that it is ready.
    pub start: Duration,
    child: OwnChild,
    log: PathBuf,
}

impl Node {
    /// As it is loaded.
    pub fn server(&self) -> Server {
        Server {
            address: self.address,
            process: self.child.id(),
        }
    }

    /// Asks it to end, as an operator would, and waits until it has; how long that took.
    pub fn end(mut self) -> Result<Duration, Failure> {
        let asked = Instant::now();
        let number = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &number]).status()?;
        while self.child.process.try_wait()?.is_none() {
            if asked.elapsed() > START {
                return Err("the server does not end".into());
            }
            thread::sleep(PAUSE);
        }
        Ok(asked.elapsed())
    }

    fn ready(&mut self, started: Instant) -> Result<Duration, Failure> {
        loop {
            let client = Client::connect(self.address, "");
            if client.is_ok_and(|mut client| client.get("/readyz").is_ok()) {
                return Ok(started.elapsed());
            }
            if self.child.process.try_wait()?.is_some() || started.elapsed() > START {
                let log = fs::read_to_string(&self.log)?;
                return Err(format!("the server does not answer: {log}").into());
            }
            thread::sleep(PAUSE);
        }
    }
}
