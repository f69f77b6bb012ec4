//! The real program: started as an operator would, called over HTTP, killed without warning.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::Value;

use crate::caller::text;

/// The token that `fasti demo` is told to give.
pub const TOKEN: &str = "a-token-of-the-demo";

/// The program with these arguments and nothing of this process's own settings, in this folder.
pub fn fasti(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fasti"));
    command.args(arguments).current_dir(folder.path());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FASTI_")) {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub fn run(folder: &Folder, arguments: &[&str]) -> Output {
    fasti(folder, arguments).output().unwrap()
}

/// What the program prints if it succeeds.
#[track_caller]
pub fn printed(folder: &Folder, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "fasti {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A server that ends with this value.
pub struct Server {
    process: Child,
    /// Host and port.
    pub address: String,
    /// What it printed until it was ready.
    pub introduction: String,
    /// What it logs on, for as long as it runs.
    log: Option<BufReader<ChildStderr>>,
}

impl Server {
    /// Starts the demo over a database in the folder and waits until it says that it is ready.
    pub fn demo(folder: &Folder, arguments: &[&str]) -> Server {
        let mut command = fasti(
            folder,
            &["demo", "--listen", "127.0.0.1:0", "--database", "fasti.db"],
        );
        command.args(arguments).env("FASTI_DEMO_TOKEN", TOKEN);
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut introduction = String::new();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let address = loop {
            let length = introduction.len();
            assert!(
                lines.read_line(&mut introduction).unwrap() > 0,
                "the demo ended: {introduction}"
            );
            if let Some(address) = introduction[length..].strip_prefix("ready: http://") {
                break address.trim().to_owned();
            }
        };
        Server {
            process,
            address,
            introduction,
            log: None,
        }
    }

    /// Starts the server over the same database as it is and waits until it listens.
    pub fn serve(folder: &Folder, arguments: &[&str]) -> Server {
        Server::over(folder, "fasti.db", arguments)
    }

    /// Starts the server over any database.
    pub fn over(folder: &Folder, database: &str, arguments: &[&str]) -> Server {
        let common = ["serve", "--listen", "127.0.0.1:0", "--database", database];
        let mut command = fasti(folder, &[&common, arguments].concat());
        command
            .env("FASTI_LOG_FORMAT", "json")
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut introduction = String::new();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let address = loop {
            let length = introduction.len();
            assert!(
                log.read_line(&mut introduction).unwrap() > 0,
                "the server ended: {introduction}"
            );
            let line: Value = serde_json::from_str(&introduction[length..]).unwrap_or_default();
            if line["message"] == "serving" {
                break text(&line["address"]);
            }
        };
        Server {
            process,
            address,
            introduction,
            log: Some(log),
        }
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to end, as an operator would.
    #[cfg(unix)]
    pub fn terminate(&self) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended, and tells whether it says that all is well.
    pub fn ended(mut self) -> bool {
        // what it logs while it ends must not be kept waiting
        drop(
            self.log
                .take()
                .map(|mut log| std::io::copy(&mut log, &mut std::io::sink())),
        );
        self.process.wait().unwrap().success()
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, body) = request(&self.address, ("GET", path), None).unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

impl Drop for Server {
    /// One that ended already is fine.
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Sends one request with the demo's token. No whole answer is an error.
pub fn request(
    address: &str,
    (method, path): (&str, &str),
    body: Option<&Value>,
) -> std::io::Result<(u16, Value)> {
    with_token(address, TOKEN, (method, path), body)
}

/// Sends one request with a token.
pub fn with_token(
    address: &str,
    token: &str,
    (method, path): (&str, &str),
    body: Option<&Value>,
) -> std::io::Result<(u16, Value)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let path = path
        .strip_prefix(&format!("http://{address}"))
        .unwrap_or(path);
    let body = body.map(Value::to_string).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    parsed(&answer).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
}

/// Status and body of a whole answer.
fn parsed(answer: &str) -> Option<(u16, Value)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

/// A folder for as long as a test runs.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // the test databases' folder names, so that their clean-up finds what a killed run leaves behind
        let name = format!("fasti-test-{}-process-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }
}

impl Drop for Folder {
    /// What cannot be removed now is removed by a later run.
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
