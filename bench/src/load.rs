//! The load: some keep-alive connections, each of which sends its next request as soon as the last one was answered.
//!
//! One thread serves them all, with one `epoll` for many of them, because the load shares the machine with what it
//! measures. Bodies are counted, not kept.

mod connection;

use crate::{Failure, http::Head, latency::Latencies, process};
use connection::Connection;
use mio::{Events, Poll, Token};
use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Before anything counts: caches fill, connections settle.
const WARM_UP: Duration = Duration::from_millis(500);

/// So many answers at least, however long they take.
const LEAST: usize = 5;

/// How often to look whether there are as many.
const PAUSE: Duration = Duration::from_millis(10);

/// How long the last answers may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// As large as answers get, nearly: one call reads what has arrived.
const BUFFER: usize = 512 * 1024;

/// What the connections ask, and what they expect.
pub trait Traffic {
    /// Appends the next request of a connection.
    fn request(&mut self, connection: usize, out: &mut Vec<u8>);

    /// Looks at an answer: an unexpected one ends the measurement.
    fn answered(&mut self, connection: usize, head: &Head) -> Result<(), Failure>;
}

/// A process that answers.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process, whose time and memory count.
    pub process: u32,
}

/// How to load.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Whom; connections take turns.
    pub servers: &'a [Server],
    /// So many connections.
    pub connections: usize,
    /// How long it counts, after the warm-up.
    pub measured: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Measurement {
    /// Answers a second.
    pub rate: f64,
    /// How long they took.
    pub latencies: Latencies,
    /// Processor time for each answer.
    pub cpu: Duration,
    /// Processor time of this process for each answer.
    pub own_cpu: Duration,
    /// Resident memory at the end, in bytes.
    pub memory: u64,
}

/// Sends requests until the time is over and the last one is answered.
pub fn run(plan: Plan<'_>, traffic: &mut dyn Traffic) -> Result<Measurement, Failure> {
    let mut load = Load::connect(plan)?;
    load.start(traffic)?;
    load.serve_until(Instant::now() + WARM_UP, traffic)?;
    load.latencies.clear();
    let (began, before, own_before) = (Instant::now(), cpu(plan)?, own_cpu()?);
    load.serve_until(began + plan.measured, traffic)?;
    while load.latencies.len() < LEAST && began.elapsed() < PATIENCE {
        load.serve_until(Instant::now() + PAUSE, traffic)?;
    }
    let elapsed = began.elapsed();
    let used = cpu(plan)?.saturating_sub(before);
    let own = own_cpu()?.saturating_sub(own_before);
    let measured = std::mem::take(&mut load.latencies);
    let memory = plan.servers.iter();
    let memory = memory.map(|server| process::memory(server.process));
    let memory = memory.sum::<Result<u64, Failure>>()?;
    load.finish(traffic)?;
    let answers = u32::try_from(measured.len())?.max(1);
    Ok(Measurement {
        rate: f64::from(answers) / elapsed.as_secs_f64(),
        latencies: Latencies::new(measured),
        cpu: used / answers,
        own_cpu: own / answers,
        memory,
    })
}

fn cpu(plan: Plan<'_>) -> Result<Duration, Failure> {
    let servers = plan.servers.iter();
    servers.map(|server| process::cpu(server.process)).sum()
}

fn own_cpu() -> Result<Duration, Failure> {
    process::cpu(std::process::id())
}

struct Load {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    /// How many requests were not answered yet.
    open: usize,
    /// No answer is followed by another request any more.
    finishing: bool,
    buffer: Vec<u8>,
    latencies: Vec<Duration>,
}

impl Load {
    fn connect(plan: Plan<'_>) -> Result<Load, Failure> {
        let poll = Poll::new()?;
        let mut connections = Vec::with_capacity(plan.connections);
        for index in 0..plan.connections {
            let server = plan.servers[index % plan.servers.len()];
            connections.push(Connection::open(server.address, &poll, Token(index))?);
        }
        Ok(Load {
            poll,
            events: Events::with_capacity(plan.connections),
            connections,
            open: 0,
            finishing: false,
            buffer: vec![0; BUFFER],
            latencies: Vec::new(),
        })
    }

    fn start(&mut self, traffic: &mut dyn Traffic) -> Result<(), Failure> {
        let now = Instant::now();
        for (index, connection) in self.connections.iter_mut().enumerate() {
            connection.ask(now, |out| traffic.request(index, out))?;
            self.open += 1;
        }
        Ok(())
    }

    fn serve_until(&mut self, end: Instant, traffic: &mut dyn Traffic) -> Result<(), Failure> {
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.open == 0 {
                return Ok(());
            }
            self.wait(left)?;
            self.advance(traffic)?;
        }
    }

    fn wait(&mut self, longest: Duration) -> Result<(), Failure> {
        match self.poll.poll(&mut self.events, Some(longest)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            other => Ok(other?),
        }
    }

    fn advance(&mut self, traffic: &mut dyn Traffic) -> Result<(), Failure> {
        for event in &self.events {
            let Token(index) = event.token();
            let connection = &mut self.connections[index];
            if event.is_writable() {
                connection.write()?;
            }
            let Some(head) = connection.read(&mut self.buffer)? else {
                continue;
            };
            let now = Instant::now();
            self.latencies.push(now.duration_since(connection.asked));
            traffic.answered(index, &head)?;
            if self.finishing {
                self.open -= 1;
                continue;
            }
            if head.closes {
                *connection = connection.again(&self.poll, event.token())?;
            }
            connection.ask(now, |out| traffic.request(index, out))?;
        }
        Ok(())
    }

    /// What was asked is answered, so that whoever counts answers knows of all that was done.
    fn finish(&mut self, traffic: &mut dyn Traffic) -> Result<(), Failure> {
        self.finishing = true;
        self.serve_until(Instant::now() + PATIENCE, traffic)?;
        match self.open {
            0 => Ok(()),
            open => Err(format!("{open} requests were not answered within {PATIENCE:?}").into()),
        }
    }
}

/// The same request again and again, and always the same answer.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// The request.
    pub request: Vec<u8>,
    /// How long the body of the answer is.
    pub length: usize,
}

impl Traffic for Repeated {
    fn request(&mut self, _connection: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.request);
    }

    fn answered(&mut self, _connection: usize, head: &Head) -> Result<(), Failure> {
        if head.status == 200 && head.length == self.length {
            return Ok(());
        }
        Err(format!("an answer is not the one from before: {head:?}").into())
    }
}
