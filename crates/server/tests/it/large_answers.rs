//! Answers of some megabytes on their way to clients who take them slowly or not at all.

use std::{
    io::{Read, Write},
    time::Duration,
};

use serde_json::json;
use server::serving::Patience;
use tokio::net::TcpSocket;

use crate::{
    caller::path,
    serving::{CALM, Served},
};

/// A request for all starts of a year: some megabytes.
async fn ask_for_a_year(server: &Served, header: &str) -> String {
    let ada = server.test.as_user("ada");
    ada.always_open("UTC").await;
    let unlimited = json!({"type": "unlimited"});
    let fields = json!({"duration": 15, "start_time_increment": 15, "booking_window": unlimited});
    let event_type = ada.event_type(fields).await;
    let query = [
        ("event_type", event_type.as_str()),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2027-03-03T00:00:00Z"),
    ];
    let path = path("/event_type_available_times", &query);
    format!(
        "GET {path} HTTP/1.1\r\nhost: fasti.test\r\nauthorization: Bearer token-of-ada\r\n{header}\r\n"
    )
}

/// A client for whom the system keeps little that it has not taken.
async fn client(server: &Served) -> std::net::TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 << 10).unwrap();
    let stream = socket.connect(server.address).await.unwrap();
    let stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    // no test takes so long unless it fails
    let limit = Some(Duration::from_mins(1));
    stream.set_read_timeout(limit).unwrap();
    stream
}

/// The status line and what follows at once.
fn begin(stream: &mut std::net::TcpStream) -> String {
    let mut some = [0; 200];
    stream.read_exact(&mut some).unwrap();
    String::from_utf8_lossy(&some).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_steady_reader_may_take_longer_than_an_idle_connection_is_kept() {
    let idle = Duration::from_millis(100);
    let server = Served::with(Patience { idle, ..CALM }, |_| {}).await;
    let ask = ask_for_a_year(&server, "connection: close\r\n").await;
    let mut slow = client(&server).await;
    slow.write_all(ask.as_bytes()).unwrap();
    let (mut answer, mut some) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        let bytes = slow.read(&mut some).unwrap();
        if bytes == 0 {
            break;
        }
        if answer.len() < 1 << 20 {
            // so slow that the first part alone takes longer than that
            std::thread::sleep(Duration::from_millis(10));
        }
        answer.extend_from_slice(&some[..bytes]);
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(answer.len() > 2 << 20, "{}", answer.len());
    assert!(answer.ends_with('}'), "{}", answer.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_takes_are_counted_also_if_compressed() {
    for header in ["", "accept-encoding: gzip\r\n"] {
        let untaken = 1 << 20;
        let server = Served::with(Patience { untaken, ..CALM }, |_| {}).await;
        let ask = ask_for_a_year(&server, header).await;
        let mut deaf = client(&server).await;
        deaf.write_all(ask.as_bytes()).unwrap();
        assert!(begin(&mut deaf).starts_with("HTTP/1.1 200 OK\r\n"));
        // a part of it makes no room yet
        deaf.read_exact(&mut vec![0; 64 << 10]).unwrap();
        let mut next = client(&server).await;
        next.write_all(ask.as_bytes()).unwrap();
        let refused = begin(&mut next);
        assert!(refused.starts_with("HTTP/1.1 503 "), "{header}{refused}");
        drop(deaf);
        // it takes the server a moment to see that there is room again
        let mut got_in = false;
        for _ in 0..100 {
            let mut next = client(&server).await;
            next.write_all(ask.as_bytes()).unwrap();
            if begin(&mut next).starts_with("HTTP/1.1 200 OK\r\n") {
                got_in = true;
                break;
            }
        }
        assert!(got_in, "{header}");
    }
}
