//! The organization that most works measure: two people with office hours and many meetings.

use crate::{
    Failure,
    bookings::Bookings,
    database::Engine,
    fasti::{Node, Program},
    fill::{self, Meeting},
    organization::{Host, Hours, Organization},
    times::{self, DAY},
};
use std::ops::RangeInclusive;

/// How long the range of a question is.
pub const RANGE: i64 = 31 * DAY;

/// How many meetings each of the two has within it.
const MEETINGS: usize = 200;

/// Ada and Bo, and many more hosts.
pub struct Office {
    /// The organization.
    pub organization: Organization,
    /// Somebody with 200 meetings within the range.
    pub ada: Host,
    /// Somebody else likewise.
    pub bo: Host,
    /// When the range begins.
    pub monday: i64,
    /// A meeting as the pattern of others.
    pub meeting: Meeting,
}

impl Office {
    /// Makes the organization, with so many more hosts with such hours.
    pub fn create(
        program: &Program,
        engine: Engine,
        (hosts, hours): (u32, Hours),
    ) -> Result<Office, Failure> {
        let organization = Organization::create(program, engine)?;
        let node = organization.serve()?;
        let mut client = organization.caller(&node)?;
        let monday = times::monday();
        let ada = Host::add(&mut client, "ada", Hours::Office)?;
        let bo = Host::add(&mut client, "bo", Hours::Office)?;
        ada.book_many(&mut client, (monday, RANGE), MEETINGS)?;
        bo.book_many(&mut client, (monday, RANGE), MEETINGS)?;
        let always = Host::add(&mut client, "cy", Hours::Always)?;
        let booked = always.book(&mut client, &times::text(monday))?;
        drop(node);
        let database = &organization.database;
        let meeting = Meeting::read(database, &booked)?;
        let like = match hours {
            Hours::Office => &ada,
            Hours::Always => &always,
        };
        database.fill(&fill::hosts(database, like, hosts)?)?;
        Ok(Office {
            organization,
            ada,
            bo,
            monday,
            meeting,
        })
    }

    /// How many meetings there are without anybody's load.
    pub fn meetings(&self) -> Result<u64, Failure> {
        let sql = "select cast(count(*) as text) from scheduled_events";
        Ok(self.organization.database.value(sql)?.parse()?)
    }

    /// Bookings of the hosts with these numbers, from the first day on.
    pub fn bookings(&self, numbers: RangeInclusive<u32>) -> Bookings {
        Bookings::of(numbers, &self.organization.token, self.monday)
    }

    /// A server on it.
    pub fn serve(&self) -> Result<Node, Failure> {
        self.organization.serve()
    }

    /// The path of Ada's available times.
    pub fn available_times(&self) -> String {
        self.ada.available_times(self.monday, RANGE)
    }

    /// The path of the overlap of the two.
    pub fn overlap(&self) -> String {
        let (start, end) = (times::text(self.monday), times::text(self.monday + RANGE));
        let (ada, bo) = (&self.ada.user, &self.bo.user);
        format!("/overlaps?user=/users/{ada}&user=/users/{bo}&start_time={start}&end_time={end}")
    }
}
