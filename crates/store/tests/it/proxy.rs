//! A proxy before PostgreSQL that loses one commit in a chosen way.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use testdb::TestDatabase;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream, UnixStream},
    sync::oneshot,
};

/// What happens to the first commit that passes. Later ones pass unharmed.
pub enum Loss {
    /// The server commits; its answer does not arrive.
    Answer,
    /// The server never hears of it.
    Request,
    /// The client is cut off at once, the server hears of it when told.
    Late(oneshot::Receiver<()>),
}

/// What `commit` looks like on the wire, at the end of a simple query.
const COMMIT: &[u8] = b"commit\0";

/// Starts the proxy and returns the address of the database by way of it.
pub async fn start(database: &TestDatabase, loss: Loss) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (socket, loss) = (database.socket(), Arc::new(Mutex::new(Some(loss))));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(pass(client, socket.clone(), loss.clone()));
        }
    });
    let name = database
        .url()
        .trim_start_matches("postgres:///")
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    format!("postgres://postgres@127.0.0.1:{port}/{name}")
}

async fn pass(client: TcpStream, socket: PathBuf, loss: Arc<Mutex<Option<Loss>>>) {
    let (mut from_server, mut to_server) = UnixStream::connect(socket).await.unwrap().into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let answers = tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
    let mut buffer = vec![0; 65536];
    while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
        let sent = &buffer[..length];
        if sent.ends_with(COMMIT)
            && let Some(loss) = take(&loss)
        {
            // Both halves towards the client are dropped here: it sees a closed connection.
            answers.abort();
            drop(from_client);
            match loss {
                Loss::Request => {}
                Loss::Answer => to_server.write_all(sent).await.unwrap(),
                Loss::Late(told) => {
                    told.await.unwrap();
                    to_server.write_all(sent).await.unwrap();
                }
            }
            return;
        }
        if to_server.write_all(sent).await.is_err() {
            return;
        }
    }
}

fn take(loss: &Mutex<Option<Loss>>) -> Option<Loss> {
    loss.lock().unwrap().take()
}
