//! A caller of the API who waits for each answer: what is set up through it is what the server itself writes.

use crate::{
    Failure,
    http::{self, Head},
};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// A connection with a token.
pub struct Client {
    stream: TcpStream,
    token: String,
}

/// A whole answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr, token: &str) -> Result<Client, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Client {
            stream,
            token: token.to_owned(),
        })
    }

    /// The answer to a GET, which must be 200.
    pub fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        let answer = self.send(&http::get(path, &self.token))?;
        expect(answer, path, 200)
    }

    /// The document that is answered to a GET.
    pub fn read(&mut self, path: &str) -> Result<Value, Failure> {
        Ok(serde_json::from_slice(&self.get(path)?.body)?)
    }

    /// The resource that is made by a POST, which must be answered 201.
    pub fn make(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.resource(("POST", path), body, 201)
    }

    /// The resource as it is after a PATCH.
    pub fn change(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.resource(("PATCH", path), body, 200)
    }

    fn resource(
        &mut self,
        (method, path): (&str, &str),
        body: &Value,
        status: u16,
    ) -> Result<Value, Failure> {
        let request = http::with_body(method, path, &self.token, &body.to_string());
        let answer = expect(self.send(&request)?, path, status)?;
        let mut document: Value = serde_json::from_slice(&answer.body)?;
        Ok(document["resource"].take())
    }

    /// Sends any request and waits for the answer.
    pub fn send(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request)?;
        let mut arrived = Vec::new();
        let head: Head = loop {
            if let Some(head) = http::head(&arrived)? {
                break head;
            }
            self.receive(&mut arrived)?;
        };
        while arrived.len() < head.size + head.length {
            self.receive(&mut arrived)?;
        }
        Ok(Answer {
            status: head.status,
            body: arrived.split_off(head.size),
        })
    }

    fn receive(&mut self, arrived: &mut Vec<u8>) -> Result<(), Failure> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer)? {
            0 => Err("the server closed the connection".into()),
            size => {
                arrived.extend_from_slice(&buffer[..size]);
                Ok(())
            }
        }
    }

    /// The connection, to be kept open.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }
}

fn expect(answer: Answer, path: &str, status: u16) -> Result<Answer, Failure> {
    if answer.status == status {
        return Ok(answer);
    }
    let body = String::from_utf8_lossy(&answer.body);
    Err(format!("{path} was answered {}: {body}", answer.status).into())
}
