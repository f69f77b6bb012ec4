//! Passwords become hashes by much work and memory (Argon2id), a few at a time and beside the requests.

use crate::context::{NoRandomness, fresh_salt};
use argon2::{
    Argon2,
    password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::sync::{Arc, OnceLock};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// So many passwords are hashed at once; each takes 19 MiB meanwhile.
const AT_ONCE: usize = 2;

/// What stands for the password of somebody who has none: it takes as long to find out that it is another one.
const NOBODYS: &str = "nobody's password";

/// Hashes passwords.
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    nobodys: Arc<OnceLock<String>>,
}

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            nobodys: Arc::default(),
        }
    }
}

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// There is no salt.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The hash is none, or cannot be made.
    #[error("a password could not be hashed: {0}")]
    Hash(password_hash::Error),
    /// The process is about to end.
    #[error("passwords are not hashed any more")]
    Ending,
}

impl From<password_hash::Error> for HashError {
    fn from(error: password_hash::Error) -> HashError {
        HashError::Hash(error)
    }
}

impl Hasher {
    /// The hash of a password.
    pub async fn hash(&self, password: String) -> Result<String, HashError> {
        self.in_turn(move || hash(&password)).await
    }

    /// Whether a password is the one of a hash.
    pub async fn is_same(&self, password: String, hash: String) -> Result<bool, HashError> {
        self.in_turn(move || is_same(&password, &hash)).await
    }

    /// Takes as long as [`Hasher::is_same`], for whoever has no password.
    pub async fn pretend(&self, password: String) -> Result<(), HashError> {
        let nobodys = self.nobodys.clone();
        self.in_turn(move || {
            let hash = match nobodys.get() {
                Some(hash) => hash.clone(),
                None => hash(NOBODYS)?,
            };
            is_same(&password, nobodys.get_or_init(|| hash)).map(|_same| ())
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let turn = self.turns.clone().acquire_owned().await;
        let turn = turn.map_err(|_closed| HashError::Ending)?;
        let done = spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_ended| HashError::Ending)?
    }
}

/// The hash of a password, where nothing else waits for it.
pub fn hash(password: &str) -> Result<String, HashError> {
    let salt = fresh_salt()?;
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt)?;
    Ok(hash.to_string())
}

fn is_same(password: &str, hash: &str) -> Result<bool, HashError> {
    let hash = PasswordHash::new(hash).map_err(|error| HashError::Hash(error.into()))?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_and_no_other_is() {
        let known = hash("correct horse").unwrap();
        assert!(
            known.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{known}"
        );
        assert!(is_same("correct horse", &known).unwrap());
        assert!(!is_same("correct horse ", &known).unwrap());
        assert!(is_same("correct horse", "no hash").is_err());
        // the same password twice has two hashes
        assert_ne!(known, hash("correct horse").unwrap());
    }
}
