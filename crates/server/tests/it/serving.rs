//! Connections as clients see them: many at a time, idle, slow, or not reading what they asked for.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use server::{
    config::Settings,
    serving::{self, Patience},
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::oneshot,
    task::JoinHandle,
};

use crate::harness::Test;

/// A server that waits for nobody who has begun.
const HURRY: Patience = Patience {
    idle: Duration::from_hours(1),
    head: Duration::from_millis(200),
    window: Duration::from_millis(200),
    least: 10 << 10,
    untaken: usize::MAX,
};

/// A server that waits longer than any test.
pub const CALM: Patience = Patience {
    idle: Duration::from_hours(1),
    head: Duration::from_hours(1),
    window: Duration::from_hours(1),
    least: 1,
    untaken: usize::MAX,
};

/// A listener for whose connections the system keeps little that the client has not taken.
fn listener() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(16 << 10).unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    socket.listen(1024).unwrap()
}

/// A server in this process.
pub struct Served {
    pub address: SocketAddr,
    end: oneshot::Sender<()>,
    ended: JoinHandle<()>,
    pub test: Test,
}

impl Served {
    pub async fn with(patience: Patience, edit: impl Fn(&mut Settings)) -> Served {
        let test = Test::sqlite().await;
        let test = test
            .with(|settings| {
                settings.shutdown_delay = Some(0);
                edit(settings);
            })
            .await;
        let listener = listener();
        let address = listener.local_addr().unwrap();
        let (end, asked_to_end) = oneshot::channel();
        let asked_to_end = async { asked_to_end.await.unwrap_or_default() };
        let ended = serving::serve(listener, test.app.clone(), patience, asked_to_end);
        Served {
            address,
            end,
            ended: tokio::spawn(ended),
            test,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        // no test takes so long unless it fails
        let limit = Some(Duration::from_mins(1));
        stream.set_read_timeout(limit).unwrap();
        stream.set_write_timeout(limit).unwrap();
        stream
    }
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: fasti.test\r\n\r\n";

const ME: &[u8] =
    b"GET /users/me HTTP/1.1\r\nhost: fasti.test\r\nauthorization: Bearer token-of-ada\r\n\r\n";

/// Reads until the answer ends with this.
fn read_to(stream: &mut TcpStream, end: &str) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(end.as_bytes()) {
        let mut some = [0; 4096];
        let bytes = stream.read(&mut some).unwrap();
        assert!(bytes > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&some[..bytes]);
    }
    String::from_utf8(answer).unwrap()
}

/// What comes until the server closes the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_finish_a_head_is_cut_off() {
    let server = Served::with(HURRY, |_| {}).await;
    let mut slow = server.connect();
    slow.write_all(&HEALTH[..20]).unwrap();
    assert_eq!(rest(slow), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_is_closed_after_its_answers() {
    let idle = Duration::from_secs(2);
    let server = Served::with(Patience { idle, ..CALM }, |_| {}).await;
    let silent = server.connect();
    let mut idle = server.connect();
    idle.write_all(HEALTH).unwrap();
    let answer = rest(idle);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(!answer.contains("connection: close"), "{answer}");
    assert_eq!(rest(silent), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_sends_a_body_too_slowly_is_told_and_cut_off() {
    let server = Served::with(HURRY, |_| {}).await;
    let head = "POST /user_busy_times HTTP/1.1\r\nhost: fasti.test\r\nauthorization: Bearer token-of-ada\r\n\
        content-type: application/json\r\ncontent-length: 1000\r\n\r\n{";
    let mut slow = server.connect();
    slow.write_all(head.as_bytes()).unwrap();
    let answer = rest(slow);
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
        "{answer}"
    );
    assert!(answer.contains("request_timeout"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_take_answers_is_cut_off() {
    let server = Served::with(HURRY, |_| {}).await;
    let mut deaf = server.connect();
    // answers of some hundred KiB, until the system has no room for them either
    let ask = b"GET /openapi.json HTTP/1.1\r\nhost: fasti.test\r\n\r\n".repeat(1000);
    let failure = loop {
        if let Err(error) = deaf.write_all(&ask) {
            break error;
        }
    };
    let cut_off = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    assert!(cut_off.contains(&failure.kind()), "{failure}");
    server.connect().write_all(HEALTH).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_client_who_keeps_on_is_served() {
    let server = Served::with(CALM, |_| {}).await;
    let mut slow = server.connect();
    for byte in HEALTH {
        slow.write_all(&[*byte]).unwrap();
    }
    read_to(&mut slow, r#"{"status":"ok"}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_too_many_is_told_to_come_again() {
    let server = Served::with(CALM, |settings| settings.max_connections = Some(1)).await;
    let mut first = server.connect();
    first.write_all(ME).unwrap();
    assert!(read_to(&mut first, "}}").starts_with("HTTP/1.1 200 OK\r\n"));
    let mut second = server.connect();
    second.write_all(ME).unwrap();
    let refused = rest(second);
    assert!(
        refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{refused}"
    );
    assert!(refused.contains("retry-after: 1\r\n"), "{refused}");
    assert!(refused.contains("connection: close\r\n"), "{refused}");
    let mut operator = server.connect();
    operator.write_all(HEALTH).unwrap();
    assert!(rest(operator).starts_with("HTTP/1.1 200 OK\r\n"));
    first.write_all(ME).unwrap();
    read_to(&mut first, "}}");
    drop(first);
    // it takes the server a moment to see that there is room again
    let got_in = (0..10_000).any(|_| {
        let mut next = server.connect();
        next.write_all(&[&ME[..ME.len() - 2], b"connection: close\r\n\r\n"].concat())
            .unwrap();
        rest(next).starts_with("HTTP/1.1 200 OK\r\n")
    });
    assert!(got_in);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_answers_what_it_accepted() {
    let server = Served::with(CALM, |_| {}).await;
    let mut idle = server.connect();
    idle.write_all(ME).unwrap();
    read_to(&mut idle, "}}");
    let head = "POST /user_busy_times HTTP/1.1\r\nhost: fasti.test\r\nauthorization: Bearer token-of-ada\r\n\
        content-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n";
    let mut under_way = server.connect();
    under_way.write_all(head.as_bytes()).unwrap();
    read_to(&mut under_way, "100 Continue\r\n\r\n");
    server.end.send(()).unwrap();
    assert_eq!(rest(idle), "");
    assert!(TcpStream::connect(server.address).is_err());
    under_way.write_all(b"{}").unwrap();
    let answer = rest(under_way);
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    server.ended.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_uploads_leave_room_for_writes() {
    let server = Served::with(CALM, |settings| settings.max_writes = Some(1)).await;
    let head = "POST /user_busy_times HTTP/1.1\r\nhost: fasti.test\r\nauthorization: Bearer token-of-ada\r\n\
        content-type: application/json\r\ncontent-length: 2\r\n";
    let waiting = format!("{head}expect: 100-continue\r\n\r\n");
    let mut slow: Vec<TcpStream> = (0..5).map(|_| server.connect()).collect();
    for slow in &mut slow {
        slow.write_all(waiting.as_bytes()).unwrap();
        read_to(slow, "100 Continue\r\n\r\n");
    }
    let whole = format!("{head}connection: close\r\n\r\n{{}}");
    let mut other = server.connect();
    other.write_all(whole.as_bytes()).unwrap();
    let answer = rest(other);
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_goes_on_after_an_answer_that_came_before_the_body() {
    let server = Served::with(CALM, |_| {}).await;
    let wrong = "POST /invitees HTTP/1.1\r\nhost: fasti.test\r\nauthorization: Bearer wrong\r\n\
        content-type: application/json\r\ncontent-length: 300\r\n\r\n";
    let mut whole = server.connect();
    for _ in 0..3 {
        whole.write_all(wrong.as_bytes()).unwrap();
        whole.write_all(&[b' '; 300]).unwrap();
        let refused = read_to(&mut whole, "}");
        assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
        assert!(!refused.contains("connection: close"), "{refused}");
    }
    // who does not send the rest is told that nothing else will be taken
    let mut half = server.connect();
    half.write_all(wrong.as_bytes()).unwrap();
    let refused = rest(half);
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    assert!(refused.contains("connection: close\r\n"), "{refused}");
}
