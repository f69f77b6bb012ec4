//! Whom invitees bring. Each guest is kept with the id of the invitee, which is not shown, so that a guest goes where
//! their invitee goes.

use domain::id::InviteeId;
use serde_json::{Value, json};

/// Where a guest's document says whose guest it is.
const BROUGHT_BY: &str = "invitee_id";

/// The guests of an invitee as they are kept.
pub fn brought_by(invitee: InviteeId, guests: &[Value]) -> Vec<Value> {
    let kept = guests.iter().cloned().map(|mut guest| {
        guest[BROUGHT_BY] = json!(invitee.to_string());
        guest
    });
    kept.collect()
}

/// The guests of those invitees who stay or move, under the ids that these have then.
pub fn of_those(guests: &Value, id: impl Fn(InviteeId) -> Option<InviteeId>) -> Value {
    let guests = guests.as_array().into_iter().flatten();
    let kept = guests.filter_map(|guest| {
        let Some(invitee) = invitee_of(guest) else {
            // booked before guests said whose they are: such a meeting has one invitee
            return Some(guest.clone());
        };
        let mut guest = guest.clone();
        guest[BROUGHT_BY] = json!(id(invitee)?.to_string());
        Some(guest)
    });
    kept.collect()
}

/// Leaves nothing but `email` of the guests of those invitees who are gone. Returns the addresses that they had.
pub fn blank(guests: &mut Value, email: &str, gone: impl Fn(InviteeId) -> bool) -> Vec<String> {
    let mut had = Vec::new();
    for guest in guests.as_array_mut().into_iter().flatten() {
        // booked before guests said whose they are: such a meeting has one invitee
        if invitee_of(guest).is_none_or(&gone) {
            had.extend(guest["email"].as_str().map(str::to_owned));
            guest["email"] = json!(email);
        }
    }
    had.retain(|had| had != email);
    had
}

/// The guests as they are shown.
pub fn shown(mut guests: Value) -> Value {
    for guest in guests.as_array_mut().into_iter().flatten() {
        if let Some(guest) = guest.as_object_mut() {
            guest.remove(BROUGHT_BY);
        }
    }
    guests
}

/// The mail addresses of whom an invitee brings.
pub fn addresses(guests: &Value, invitee: InviteeId) -> Vec<String> {
    let guests = guests.as_array().into_iter().flatten();
    // booked before guests said whose they are: such a meeting has one invitee
    let own = guests.filter(|guest| invitee_of(guest).is_none_or(|other| other == invitee));
    let address = |guest: &Value| guest.get("email")?.as_str().map(str::to_owned);
    own.filter_map(address).collect()
}

fn invitee_of(guest: &Value) -> Option<InviteeId> {
    let id = guest.get(BROUGHT_BY)?.as_str()?;
    id.parse().ok().map(InviteeId)
}
