//! The ceiling: a process with nothing but axum that returns the same bytes, with as many threads as the server.
//!
//! A GET returns them at once, a POST after its JSON was read.

use crate::{Failure, child::OwnChild, load::Server};
use axum::{
    Json, Router,
    http::{StatusCode, header::CONTENT_TYPE},
    routing::get,
    serve::ListenerExt,
};
use serde_json::Value;
use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    process::{Command, Stdio},
};

/// The hidden command of this program that serves.
pub const COMMAND: &str = "ceiling";

/// A running ceiling. It ends with this value.
pub struct Ceiling {
    address: SocketAddr,
    child: OwnChild,
}

impl Ceiling {
    /// Starts it with the body that it returns.
    pub fn start(body: &[u8]) -> Result<Ceiling, Failure> {
        let mut command = Command::new(env::current_exe()?);
        command
            .arg(COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = OwnChild::start(&mut command)?;
        let (input, output) = (child.process.stdin.take(), child.process.stdout.take());
        // dropped at once: its end is the end of the body
        input.ok_or("no standard input")?.write_all(body)?;
        let mut address = String::new();
        BufReader::new(output.ok_or("no standard output")?).read_line(&mut address)?;
        Ok(Ceiling {
            address: address.trim().parse()?,
            child,
        })
    }

    /// As it is loaded.
    pub fn server(&self) -> Server {
        Server {
            address: self.address,
            process: self.child.id(),
        }
    }
}

/// Serves the body that is read from the standard input.
pub fn serve() -> Result<(), Failure> {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    // shared, not copied, by every answer
    let body: &'static [u8] = body.leak();
    let json = || [(CONTENT_TYPE, "application/json")];
    let read = move || async move { (json(), body) };
    let write = move |Json(_): Json<Value>| async move { (StatusCode::CREATED, json(), body) };
    let router = Router::new().route("/{*path}", get(read).post(write));
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        // as the server does: no answer waits for the acknowledgement of its first half
        let listener = listener.tap_io(|stream| {
            stream.set_nodelay(true).ok();
        });
        Ok(axum::serve(listener, router).await?)
    })
}
