//! A server that is replaced while clients and a proxy use it: nobody's request fails.

#![cfg(unix)]

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::process::{Folder, Server, TOKEN};

/// Sends a request on a connection that stays open, and returns its answer's head.
fn ask(stream: &mut TcpStream, path: &str) -> String {
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: fasti.test\r\nauthorization: Bearer {TOKEN}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    answer(stream)
}

/// Reads an answer and returns its head.
fn answer(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    stream.read_exact(&mut vec![0; length]).unwrap();
    head
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    stream
}

/// Asks on connections of their own until the server is not ready any more.
fn wait_until_not_ready(server: &Server) {
    let ready = |_: &u32| ask(&mut connect(server), "/readyz").starts_with("HTTP/1.1 200");
    let polls = (0..100_000).take_while(ready).count();
    assert!(polls < 100_000);
}

#[test]
fn it_serves_on_while_proxies_learn_that_it_ends() {
    let folder = Folder::new();
    drop(Server::demo(&folder, &[]));
    let server = Server::serve(&folder, &["--shutdown-delay", "3600"]);
    let (mut idle, mut under_way) = (connect(&server), connect(&server));
    assert!(!ask(&mut idle, "/users/me").contains("connection: close"));
    let head = format!(
        "POST /user_busy_times HTTP/1.1\r\nhost: fasti.test\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: 2\r\n\r\n{{"
    );
    under_way.write_all(head.as_bytes()).unwrap();

    server.terminate();
    wait_until_not_ready(&server);
    // an old connection and a new one are served, and asked to move elsewhere
    for mut stream in [idle, connect(&server)] {
        let head = ask(&mut stream, "/users/me");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("connection: close\r\n"), "{head}");
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }

    server.terminate();
    // once the listener is gone, the request that was accepted is still answered
    let refuses = |_| TcpStream::connect(&server.address).is_err();
    assert!((0..100_000).any(refuses));
    under_way.write_all(b"}").unwrap();
    let head = answer(&mut under_way);
    assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}");
    assert!(server.ended());
}
