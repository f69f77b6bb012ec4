//! Meeting recaps with their transcripts.

use super::{
    bringing::{Bringing, Failure, Thing, digest},
    meetings,
    read::{Fields, later, path_of},
};
use crate::app::imports::recaps::Recap;
use domain::{
    id::{MeetingRecapId, UserId},
    interval::Interval,
};
use serde_json::{Value, json};
use store::meeting_recaps::{Attendee, ListedRecap, MeetingRecap, RecapStatus};

/// Brings all recaps that the token may read, as those of this user.
pub async fn bring_all(bringing: &Bringing, me: &str) -> Result<(), Failure> {
    for status in RecapStatus::ALL {
        let query = [("status", status.as_str())];
        let listed = bringing.source.all("/meeting_recaps", &query).await;
        let Some(listed) = bringing.readable("meeting recaps", listed)? else {
            break;
        };
        for listed in listed {
            bring_one(bringing, &listed, me).await?;
        }
    }
    bringing.tally.progress("meeting recaps");
    Ok(())
}

async fn bring_one(bringing: &Bringing, listed: &Value, me: &str) -> Result<(), Failure> {
    let Ok(path) = Fields(listed).path() else {
        bringing
            .tally
            .failed("meeting recaps", "?", "uri is missing");
        return Ok(());
    };
    let whole = bringing.source.resource(&path).await;
    let Some(whole) = bringing.readable("a meeting recap", whole)? else {
        return Ok(());
    };
    let mut words = None;
    if Fields(&whole).maybe("transcript").is_some() {
        let transcript = bringing
            .source
            .resource(&format!("{path}/transcript"))
            .await;
        let transcript = bringing.readable("the transcript of a meeting recap", transcript)?;
        words = transcript.and_then(|it| Fields(&it).kept("text"));
    }
    let thing = recap(bringing, (&whole, words), me);
    bringing.bring_read("meeting recaps", &whole, thing).await
}

fn recap(
    bringing: &Bringing,
    (value, transcript): (&Value, Option<String>),
    me: &str,
) -> Result<Thing<Recap>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    let start = fields.maybe_time("start_time").unwrap_or(created_at);
    let end = fields.maybe_time("end_time").filter(|end| start < *end);
    let interval = Interval::new(start, end.unwrap_or_else(|| later(start, 1)));
    let status = fields.text("status")?.to_lowercase();
    let attendee = |attendee: Fields<'_>| Attendee {
        host: attendee.is("host"),
        email: attendee.maybe("user_email").unwrap_or_default().to_owned(),
        name: attendee.maybe("user_name").unwrap_or_default().to_owned(),
    };
    let author = path_of(me).ok_or("its author has no address")?;
    Ok(Thing {
        kind: "meeting recaps",
        digest: digest(&[value, &json!(transcript)]),
        along: Vec::new(),
        what: Recap {
            recap: MeetingRecap {
                listed: ListedRecap {
                    id: MeetingRecapId(bringing.id(&path)),
                    user_id: UserId(bringing.id(&author)),
                    scheduled_event_id: fields
                        .maybe("event")
                        .and_then(|uri| meetings::event_id(bringing, uri)),
                    status: RecapStatus::parse(&status).ok_or("status is none that is known")?,
                    name: fields.kept("name"),
                    location: fields.document("location"),
                    interval: interval.ok_or("its times are none")?,
                    attendees: fields
                        .document("attendees")
                        .map(|_| fields.list("attendees").map(attendee).collect()),
                    has_transcript: transcript.is_some(),
                    created_at,
                    updated_at,
                },
                summary_md: fields.kept("summary_md"),
                action_items_md: fields.kept("action_items_md"),
                discussion_md: fields.kept("discussion_md"),
                share_link: fields.kept("share_link"),
            },
            transcript,
        },
        path,
    })
}
