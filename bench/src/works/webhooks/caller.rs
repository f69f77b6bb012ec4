//! Who books and cancels while the server comes and goes.

use super::{PAUSE, comparison::Expected};
use crate::{
    Failure,
    client::{Answer, Client},
    http,
    organization::{Host, booking, id},
    times::{self, MINUTE},
};
use serde_json::Value;
use std::{net::SocketAddr, ops::Range, thread};

/// One connection, made again whenever it breaks.
pub struct Caller<'a> {
    address: SocketAddr,
    token: &'a str,
    client: Option<Client>,
    /// What was acknowledged.
    pub expected: Expected,
}

impl<'a> Caller<'a> {
    /// A caller that connects when it has something to ask.
    pub fn new(address: SocketAddr, token: &'a str) -> Caller<'a> {
        Caller {
            address,
            token,
            client: None,
            expected: Expected::default(),
        }
    }

    /// Books one time after the other, and cancels every so-manieth of them, if any.
    pub fn book_all(
        &mut self,
        host: &Host,
        numbers: Range<usize>,
        canceled: usize,
    ) -> Result<(), Failure> {
        for number in numbers {
            let is_canceled = canceled > 0 && number % canceled == 0;
            self.book(host, number, is_canceled)?;
        }
        Ok(())
    }

    /// Books a time, and cancels it again if that is wanted. A time that is taken was booked before the answer was lost.
    fn book(&mut self, host: &Host, number: usize, is_canceled: bool) -> Result<(), Failure> {
        let start = times::text(times::monday() + 30 * MINUTE * i64::try_from(number)?);
        let answer = self.ask("/invitees", &booking(&host.event_type, &start));
        match answer.status {
            201 => {}
            409 => return Ok(()),
            other => return Err(format!("a booking was answered {other}").into()),
        }
        let body: Value = serde_json::from_slice(&answer.body)?;
        let invitee = id(&body["resource"]["uri"])?;
        self.expected.created.insert(invitee.clone());
        if is_canceled {
            let event = id(&body["resource"]["event"])?;
            let path = format!("/scheduled_events/{event}/cancellation");
            // canceled already: the answer was lost
            if let 201 | 403 = self.ask(&path, "{}").status {
                self.expected.canceled.insert(invitee);
            }
        }
        Ok(())
    }

    /// Asks until there is an answer.
    fn ask(&mut self, path: &str, body: &str) -> Answer {
        let request = http::with_body("POST", path, self.token, body);
        loop {
            let connected = self
                .client
                .take()
                .map_or_else(|| Client::connect(self.address, self.token), Ok);
            let answered = connected.and_then(|mut client| {
                let answer = client.send(&request)?;
                Ok((client, answer))
            });
            match answered {
                Ok((client, answer)) if answer.status != 503 => {
                    self.client = Some(client);
                    return answer;
                }
                // the server is being killed or started
                Ok(_) | Err(_) => thread::sleep(PAUSE),
            }
        }
    }
}
