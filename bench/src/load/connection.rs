//! One connection of the load: at most one request is under way.

use crate::{
    Failure,
    http::{self, Head},
};
use mio::{Interest, Poll, Token, net::TcpStream};
use std::{
    io::{self, Read, Write},
    net::SocketAddr,
    time::Instant,
};

/// A connection and how far its request and its answer are.
pub struct Connection {
    stream: TcpStream,
    /// When the request was sent.
    pub asked: Instant,
    out: Vec<u8>,
    written: usize,
    /// The beginning of a head that has not arrived as a whole.
    partial: Vec<u8>,
    /// The head, and how much of the body is missing.
    arriving: Option<(Head, usize)>,
}

impl Connection {
    /// Connects; from then on nothing waits.
    pub fn open(address: SocketAddr, poll: &Poll, token: Token) -> Result<Connection, Failure> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut stream, token, interest)?;
        Ok(Connection {
            stream,
            asked: Instant::now(),
            out: Vec::new(),
            written: 0,
            partial: Vec::new(),
            arriving: None,
        })
    }

    /// Another one to the same address.
    pub fn again(&self, poll: &Poll, token: Token) -> Result<Connection, Failure> {
        Connection::open(self.stream.peer_addr()?, poll, token)
    }

    /// Sends a request.
    pub fn ask(&mut self, now: Instant, request: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        self.out.clear();
        self.written = 0;
        self.asked = now;
        request(&mut self.out);
        self.write()
    }

    /// Writes as much as there is room for; the rest follows when there is more.
    pub fn write(&mut self) -> Result<(), Failure> {
        while self.written < self.out.len() {
            match self.stream.write(&self.out[self.written..]) {
                Ok(written) => self.written += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads what has arrived; the head of an answer that is complete now.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<Option<Head>, Failure> {
        loop {
            let size = match self.stream.read(buffer) {
                Ok(0) => return Err("the server closed a connection".into()),
                Ok(size) => size,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let complete = self.take(&buffer[..size])?;
            // a buffer that was not filled leaves nothing behind: it would cost a call to hear that
            if complete.is_some() || size < buffer.len() {
                return Ok(complete);
            }
        }
    }

    fn take(&mut self, arrived: &[u8]) -> Result<Option<Head>, Failure> {
        let (head, missing) = match self.arriving {
            Some((head, missing)) => (head, missing.checked_sub(arrived.len())),
            None if self.partial.is_empty() => match http::head(arrived)? {
                Some(head) => (head, (head.size + head.length).checked_sub(arrived.len())),
                None => return Ok(self.keep(arrived)),
            },
            None => {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(arrived);
                return self.take(&whole);
            }
        };
        let missing = missing.ok_or("more arrived than was asked for")?;
        self.arriving = (missing > 0).then_some((head, missing));
        Ok((missing == 0).then_some(head))
    }

    fn keep(&mut self, arrived: &[u8]) -> Option<Head> {
        self.partial.extend_from_slice(arrived);
        None
    }
}
