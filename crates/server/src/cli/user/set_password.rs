//! `fasti user set-password`.

use super::{Failure, open, user_of};
use crate::{
    api::{
        input::{Parse, Reader, Source},
        passwords::Password,
    },
    app::passwords::SetPassword as Command,
    app::passwords::{PasswordRefusal, Replaced},
    config::Config,
    context::Clock,
    password_hash,
};
use serde_json::Value;
use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
use store::WriteError;

/// Whose password.
#[derive(Debug, clap::Args)]
pub struct SetPassword {
    /// Mail address of the user
    #[arg(long, value_name = "EMAIL")]
    user: String,
    /// The user's organization [default: the first one]
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
}

impl SetPassword {
    /// Reads the password, which must not stand in the command line where others see it, and sets it.
    pub async fn run(self, config: Config) -> Result<(), Failure> {
        let store = open(&config).await?;
        let (organization, user) =
            user_of(&store, self.organization.as_deref(), &self.user).await?;
        let password = checked(&read(&self.user)?)?;
        let command = Command {
            organization,
            user: user.id,
            hash: password_hash::hash(&password)?,
            replaced: Replaced::Any,
            now: Clock::system().now(),
        };
        match store.write(command).await {
            Ok(()) => Ok(()),
            Err(WriteError::Refused(PasswordRefusal::UserIsResource)) => {
                Err(format!("{} is a resource, which cannot sign in", self.user).into())
            }
            Err(WriteError::Refused(_)) => Err(format!("there is no user {}", self.user).into()),
            Err(WriteError::Failed(failure)) => Err(failure.into()),
        }
    }
}

/// The same checks as through the API.
fn checked(password: &str) -> Result<String, Failure> {
    let mut reader = Reader::new(Source::Json);
    let parsed = Password::parse(&Value::from(password), &mut reader);
    reader
        .finish(parsed)
        .map(|password| password.0)
        .map_err(|problem| {
            let wrong = problem.details.into_iter().map(|detail| detail.message);
            format!("the password {}", wrong.collect::<Vec<_>>().join("; ")).into()
        })
}

/// The first line of standard input, not shown where that is a terminal.
fn read(user: &str) -> Result<String, Failure> {
    let mut line = String::new();
    if stdin().is_terminal() {
        write!(stderr(), "New password of {user}: ")?;
        let silence = Silence::begin();
        let read = stdin().lock().read_line(&mut line);
        drop(silence);
        writeln!(stderr())?;
        read?;
    } else {
        stdin().lock().read_line(&mut line)?;
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A terminal that does not show what is typed, for as long as this lasts.
#[cfg(unix)]
struct Silence(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Silence {
    fn begin() -> Silence {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let Ok(before) = tcgetattr(stdin()) else {
            return Silence(None);
        };
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        match tcsetattr(stdin(), OptionalActions::Flush, &silent) {
            Ok(()) => Silence(Some(before)),
            Err(_no_terminal) => Silence(None),
        }
    }
}

#[cfg(unix)]
impl Drop for Silence {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.0 {
            tcsetattr(stdin(), OptionalActions::Now, before).ok();
        }
    }
}

#[cfg(not(unix))]
struct Silence;

#[cfg(not(unix))]
impl Silence {
    fn begin() -> Silence {
        Silence
    }
}
