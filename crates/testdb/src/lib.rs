//! A database of its own for every test, on either engine, gone when the test is over.
//!
//! PostgreSQL is started once per test binary, on a socket in a directory of its own, without a network port,
//! by the installed server programs. It needs neither containers nor rights, works as root too, and ends with
//! the process that started it, however that ends. A missing PostgreSQL fails the test: nothing is skipped.

mod directory;
mod pair;
mod postgres;

pub use pair::Pair;

use std::path::Path;

use directory::Directory;
use postgres::Server;

/// A database that is empty at first.
pub struct TestDatabase {
    url: String,
    place: Place,
}

enum Place {
    File {
        _directory: Directory,
    },
    Server {
        server: &'static Server,
        name: String,
    },
}

impl TestDatabase {
    /// An SQLite file that is not there yet.
    pub fn sqlite() -> TestDatabase {
        let directory = Directory::create("sqlite");
        TestDatabase {
            url: format!("sqlite:{}", directory.path().join("test.db").display()),
            place: Place::File {
                _directory: directory,
            },
        }
    }

    /// A new database of this process's PostgreSQL.
    pub async fn postgres() -> TestDatabase {
        TestDatabase::of(Server::fleeting().await).await
    }

    /// A new database of a PostgreSQL that syncs every commit to the disk: what is measured on it counts.
    pub async fn durable_postgres() -> TestDatabase {
        TestDatabase::of(Server::durable().await).await
    }

    async fn of(server: &'static Server) -> TestDatabase {
        let name = server.create_database().await;
        TestDatabase {
            url: server.url(&name),
            place: Place::Server { server, name },
        }
    }

    /// The address under which a store opens it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where PostgreSQL listens for it: the path of a socket.
    ///
    /// # Panics
    ///
    /// When this is an SQLite file.
    pub fn socket(&self) -> std::path::PathBuf {
        match &self.place {
            Place::Server { server, .. } => server.socket(),
            Place::File { .. } => panic!("an SQLite file has no socket"),
        }
    }

    /// All that is in it: every byte of the files of SQLite, or of what PostgreSQL's own program writes for a backup.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    pub fn bytes(&self) -> Vec<u8> {
        let Place::File { .. } = &self.place else {
            return postgres::dump(&self.url);
        };
        let path = self.url.trim_start_matches("sqlite:");
        let files = ["", "-wal", "-shm", "-journal"].map(|end| format!("{path}{end}"));
        let there = files.iter().filter(|file| Path::new(file).exists());
        let read =
            |file: &String| std::fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        there.flat_map(read).collect()
    }

    /// Ends every connection to it, as a server that goes down would; on SQLite there is none.
    pub async fn terminate_backends(&self) {
        if let Place::Server { server, name } = &self.place {
            server.terminate_backends(name).await;
        }
    }

    /// Ends the connections of those who call themselves so.
    pub async fn terminate(&self, application_name: &str) {
        if let Place::Server { server, name } = &self.place {
            server.terminate(name, application_name).await;
        }
    }

    /// From now on nobody can connect to it, or everybody again; whoever is connected stays.
    pub async fn accept_connections(&self, accept: bool) {
        if let Place::Server { server, name } = &self.place {
            server.accept_connections(name, accept).await;
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Place::Server { server, name } = &self.place {
            server.drop_database(name);
        }
    }
}
