//! A proxy before PostgreSQL that loses one commit in a chosen way.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use testdb::TestDatabase;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
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

async fn pass(mut client: TcpStream, socket: PathBuf, loss: Arc<Mutex<Option<Loss>>>) {
    let mut server = UnixStream::connect(socket).await.unwrap();
    let (mut asked, mut answered) = (vec![0; 65536], vec![0; 65536]);
    loop {
        let passed = tokio::select! {
            read = client.read(&mut asked) => match read {
                Ok(length @ 1..) => {
                    let request = &asked[..length];
                    if request.ends_with(COMMIT) && let Some(loss) = take(&loss) {
                        return lose(loss, request, server, client).await;
                    }
                    server.write_all(request).await
                }
                _ => return,
            },
            read = server.read(&mut answered) => match read {
                Ok(length @ 1..) => client.write_all(&answered[..length]).await,
                _ => return,
            },
        };
        if passed.is_err() {
            return;
        }
    }
}

fn take(loss: &Mutex<Option<Loss>>) -> Option<Loss> {
    loss.lock().unwrap().take()
}

async fn lose(loss: Loss, commit: &[u8], mut server: UnixStream, client: TcpStream) {
    match loss {
        Loss::Request => return,
        Loss::Answer => {}
        Loss::Late(told) => {
            drop(client);
            told.await.unwrap();
        }
    }
    server.write_all(commit).await.unwrap();
    let answered = server.read(&mut [0; 1024]).await.unwrap();
    assert!(answered > 0, "the server commits");
}
