//! A load balancer as small as one can be: it asks each node whether it is ready, and gives requests to those that are.
//!
//! It never sends a request twice. What a node does not answer fails.

use crate::{Failure, client::Client, http};
use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// How often each node is asked.
const INTERVAL: Duration = Duration::from_millis(200);

/// Two nodes behind one address, for as long as this program runs.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    nodes: Arc<Vec<Node>>,
}

struct Node {
    address: SocketAddr,
    is_ready: AtomicBool,
}

impl Proxy {
    /// Starts it, once all nodes are ready.
    pub fn start(addresses: &[SocketAddr]) -> Result<Proxy, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let node = |address: &SocketAddr| Node {
            address: *address,
            is_ready: AtomicBool::new(true),
        };
        let proxy = Proxy {
            address: listener.local_addr()?,
            nodes: Arc::new(addresses.iter().map(node).collect()),
        };
        for index in 0..addresses.len() {
            let nodes = proxy.nodes.clone();
            thread::spawn(move || watch(&nodes[index]));
        }
        let nodes = proxy.nodes.clone();
        thread::spawn(move || accept(&listener, &nodes));
        Ok(proxy)
    }

    /// Waits until requests are given to this node again.
    pub fn wait_for(&self, address: SocketAddr) {
        let is_ready =
            |node: &Node| node.address == address && node.is_ready.load(Ordering::SeqCst);
        while !self.nodes.iter().any(is_ready) {
            thread::sleep(INTERVAL);
        }
    }
}

/// Asks again and again. A node that does not accept the question is not ready either.
fn watch(node: &Node) {
    loop {
        let answer = Client::connect(node.address, "").and_then(|mut client| client.get("/readyz"));
        node.is_ready.store(answer.is_ok(), Ordering::SeqCst);
        thread::sleep(INTERVAL);
    }
}

fn accept(listener: &TcpListener, nodes: &Arc<Vec<Node>>) {
    let next = Arc::new(AtomicUsize::new(0));
    for client in listener.incoming().flatten() {
        let (nodes, next) = (nodes.clone(), next.clone());
        // the connection ends with an error or with the client: either way the client sees it
        thread::spawn(move || pass(client, &nodes, &next));
    }
}

/// Passes the requests of a connection on. What no node answers is answered 502, with the reason.
fn pass(mut client: TcpStream, nodes: &[Node], next: &AtomicUsize) -> Result<(), Failure> {
    client.set_nodelay(true)?;
    let mut kept = HashMap::new();
    while let Some(request) = receive(&mut client, request_size)? {
        let turn = next.fetch_add(1, Ordering::Relaxed);
        let answer = forward(&request, (nodes, turn), &mut kept).unwrap_or_else(|failure| {
            let (why, head) = (failure.to_string(), "HTTP/1.1 502 Bad Gateway");
            format!("{head}\r\ncontent-length: {}\r\n\r\n{why}", why.len()).into_bytes()
        });
        client.write_all(&answer)?;
    }
    Ok(())
}

/// Connections to nodes that may be used again.
type Kept = HashMap<SocketAddr, TcpStream>;

/// Gives a request to the node whose turn it is among those that are ready.
fn forward(
    request: &[u8],
    (nodes, turn): (&[Node], usize),
    kept: &mut Kept,
) -> Result<Vec<u8>, Failure> {
    let in_turn = (0..nodes.len()).map(|index| &nodes[(turn + index) % nodes.len()]);
    let ready: Vec<SocketAddr> = in_turn
        .filter(|node| node.is_ready.load(Ordering::SeqCst))
        .map(|node| node.address)
        .collect();
    kept.retain(|address, _| ready.contains(address));
    let address = *ready.first().ok_or("no node is ready")?;
    let mut stream = match kept.remove(&address) {
        Some(stream) => stream,
        None => TcpStream::connect(address).map_err(|error| format!("connecting: {error}"))?,
    };
    stream.set_nodelay(true)?;
    stream
        .write_all(request)
        .map_err(|error| format!("asking: {error}"))?;
    let answer = receive(&mut stream, answer_size)?.ok_or("a node closed the connection")?;
    if !http::head(&answer)?.is_some_and(|head| head.closes) {
        kept.insert(address, stream);
    }
    Ok(answer)
}

/// A whole message, or nothing if the connection ended before one began.
fn receive(
    stream: &mut TcpStream,
    size: fn(&[u8]) -> Result<Option<usize>, Failure>,
) -> Result<Option<Vec<u8>>, Failure> {
    let (mut arrived, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if size(&arrived)?.is_some_and(|size| size <= arrived.len()) {
            return Ok(Some(arrived));
        }
        match stream.read(&mut buffer)? {
            0 if arrived.is_empty() => return Ok(None),
            0 => return Err("a connection ended within a message".into()),
            size => arrived.extend_from_slice(&buffer[..size]),
        }
    }
}

fn answer_size(arrived: &[u8]) -> Result<Option<usize>, Failure> {
    Ok(http::head(arrived)?.map(|head| head.size + head.length))
}

fn request_size(arrived: &[u8]) -> Result<Option<usize>, Failure> {
    let Some(end) = arrived.windows(4).position(|part| part == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&arrived[..end])?;
    let mut fields = head.split("\r\n").filter_map(|line| line.split_once(": "));
    let length = fields.find(|(name, _)| *name == "content-length");
    let length: usize = length.map_or(Ok(0), |(_, length)| length.parse())?;
    Ok(Some(end + 4 + length))
}

#[cfg(test)]
mod tests {
    use super::request_size;

    #[test]
    fn a_request_ends_with_its_body() {
        let head = b"POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\n";
        assert_eq!(request_size(head).unwrap(), Some(head.len() + 3));
        assert_eq!(request_size(&head[..head.len() - 1]).unwrap(), None);
        let get = b"GET /a HTTP/1.1\r\nhost: a\r\n\r\n";
        assert_eq!(request_size(get).unwrap(), Some(get.len()));
    }
}
