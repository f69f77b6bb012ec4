//! Each resource that Calendly has too, key by key: what its clients read is there, and of the type that they expect.

use serde_json::{Value, json};

use crate::{
    caller::{booking, path, text, uri},
    harness::{BASE, Test},
};

on_both_engines! {
    every_resource_has_the_documented_keys,
}

/// Keys and types of a resource. A `?` behind a key: it may be absent; `|null` behind a type: it may be null.
type Keys = &'static str;

const USER: Keys = "uri:uri name:string slug:string email:string scheduling_url:uri timezone:string
  time_notation:12h,24h avatar_url:uri|null created_at:time updated_at:time current_organization:uri
  resource_type:User locale:en,fr,es,de,pt,ps";

const SCHEDULE: Keys = "uri:uri default:bool name:string user:uri timezone:string rules:list";

const WEEKDAY_RULE: Keys = "type:wday,date intervals:list wday?:string date?:string";

const EVENT_TYPE_SCHEDULE: Keys =
    "event_type:uri availability_setting:host availability_rule:object";

const EVENT_TYPE_RULE: Keys = "timezone:string uri:uri name:string|null user:uri rules:list";

const EVENT_TYPE: Keys = "uri:uri name:string|null active:bool slug:string|null scheduling_url:uri duration:number
  duration_options:list|null kind:solo,group pooling_type:round_robin,collective,multi_pool|null
  type:StandardEventType,AdhocEventType booking_method:instant,poll color:string created_at:time updated_at:time
  deleted_at:time|null internal_note:string|null description_plain:string|null description_html:string|null
  profile:object|null secret:bool custom_questions:list admin_managed:bool locations:list|null position:number
  is_paid:bool locale:en,fr,es,de,nl,pt,it,uk start_time_increment:number|null before_buffer:number
  after_buffer:number kind_description:string";

const QUESTION: Keys =
    "name:string type:string,text,phone_number,single_select,multi_select position:number
  enabled:bool required:bool answer_choices:list include_other:bool";

const PROFILE: Keys = "type:User,Team name:string owner:uri";

const AVAILABLE_TIME: Keys =
    "status:available invitees_remaining:number start_time:time scheduling_url:uri";

const MEMBERSHIP: Keys =
    "uri:uri event_type:object member:object created_at?:time updated_at?:time";

const EVENT: Keys = "uri:uri name:string|null status:active,canceled start_time:time end_time:time event_type:uri
  location:object|null invitees_counter:object event_memberships:list event_guests:list created_at:time
  updated_at:time cancellation?:object meeting_notes_plain?:string|null meeting_notes_html?:string
  calendar_event:object|null";

const NO_SHOW: Keys = "uri:uri invitee:uri created_at:time";

const NO_SHOW_LINK: Keys = "uri:uri created_at:time";

const COUNTER: Keys = "total:number active:number limit:number";

const EVENT_HOST: Keys =
    "user:uri user_email:string user_name:string buffered_start_time:time buffered_end_time:time";

const GUEST: Keys = "email:string created_at:time updated_at:time";

const INVITEE: Keys = "uri:uri email:string name:string first_name:string|null last_name:string|null
  status:active,canceled questions_and_answers:list timezone:string|null event:uri created_at:time updated_at:time
  tracking:object text_reminder_number:string|null rescheduled:bool old_invitee:uri|null new_invitee:uri|null
  cancel_url:uri reschedule_url:uri routing_form_submission:uri|null cancellation?:object payment:object|null
  no_show:object|null reconfirmation:object|null scheduling_method:instant_book,api|null
  invitee_scheduled_by:uri|null";

const ANSWER: Keys = "question:string answer:string position:number";

const TRACKING: Keys = "utm_campaign:string|null utm_source:string|null utm_medium:string|null
  utm_content:string|null utm_term:string|null salesforce_uuid:string|null";

const CANCELLATION: Keys =
    "canceled_by:string reason:string|null canceler_type:host,invitee created_at:time";

const BUSY: Keys =
    "type:calendly,external,reserved start_time:time end_time:time buffered_start_time?:time
  buffered_end_time?:time event?:object";

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "bool" => value.is_boolean(),
        "number" => value.is_number(),
        "list" => value.is_array(),
        "object" => value.is_object(),
        "uri" => value.as_str().is_some_and(|text| text.starts_with(BASE)),
        "time" => value
            .as_str()
            .is_some_and(|text| text.len() == 27 && text.ends_with('Z')),
        words => value
            .as_str()
            .is_some_and(|text| words.split(',').any(|word| word == text)),
    }
}

/// Fails unless a resource has these keys.
#[track_caller]
pub fn has_keys(resource: &Value, keys: Keys) {
    for key in keys.split_whitespace() {
        let (name, kinds) = key.split_once(':').unwrap();
        let (name, value) = match name.strip_suffix('?') {
            Some(name) => (name, resource.get(name).unwrap_or(&Value::Null)),
            None => (
                name,
                resource
                    .get(name)
                    .unwrap_or_else(|| panic!("no {name} in {resource:#}")),
            ),
        };
        let is_absent = value.is_null() && resource.get(name).is_none();
        let fits = kinds.split('|').any(|kind| is_of(value, kind));
        assert!(is_absent || fits, "{name} is {value}, no {kinds}");
    }
}

async fn every_resource_has_the_documented_keys(test: Test) {
    let owner = test.as_owner();
    has_keys(&owner.get("/users/me").await.resource(200), USER);
    let of_user = [("user", owner.uri.as_str())];
    let schedules = owner
        .get(path("/user_availability_schedules", &of_user))
        .await
        .collection();
    has_keys(&schedules[0], SCHEDULE);
    has_keys(&schedules[0]["rules"][0], WEEKDAY_RULE);
    let question = json!({"name": "Why?"});
    let fields =
        json!({"custom_questions": [question], "locations": [{"kind": "zoom_conference"}]});
    let event_type = owner.event_type(fields).await;
    let shown = owner.get(&event_type).await.resource(200);
    has_keys(&shown, EVENT_TYPE);
    has_keys(&shown["custom_questions"][0], QUESTION);
    has_keys(&shown["profile"], PROFILE);
    let of_event_type = [
        ("event_type", event_type.as_str()),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    let hours = owner
        .get(path("/event_type_availability_schedules", &of_event_type))
        .await
        .collection();
    has_keys(&hours[0], EVENT_TYPE_SCHEDULE);
    has_keys(&hours[0]["availability_rule"], EVENT_TYPE_RULE);
    let starts = owner
        .get(path("/event_type_available_times", &of_event_type))
        .await
        .collection();
    has_keys(&starts[0], AVAILABLE_TIME);
    let hosts = owner
        .get(path("/event_type_memberships", &of_event_type))
        .await
        .collection();
    has_keys(&hosts[0], MEMBERSHIP);
    has_keys(&hosts[0]["event_type"], EVENT_TYPE);
    has_keys(&hosts[0]["member"], USER);
    let mut order = booking(&event_type, "2026-03-03T10:00:00Z");
    order["event_guests"] = json!(["david@example.com"]);
    order["questions_and_answers"] =
        json!([{"question": "Why?", "answer": "Rings", "position": 0}]);
    let invitee = owner.post("/invitees", order).await.resource(201);
    has_keys(&invitee, INVITEE);
    has_keys(&invitee["questions_and_answers"][0], ANSWER);
    has_keys(&invitee["tracking"], TRACKING);
    let mark = json!({"invitee": invitee["uri"]});
    let marked = owner.post("/invitee_no_shows", mark).await.resource(201);
    has_keys(&marked, NO_SHOW);
    let shown = owner.get(uri(&invitee)).await.resource(200);
    has_keys(&shown["no_show"], NO_SHOW_LINK);
    let event = text(&invitee["event"]);
    let shown = owner.get(&event).await.resource(200);
    has_keys(&shown, EVENT);
    has_keys(&shown["invitees_counter"], COUNTER);
    has_keys(&shown["event_memberships"][0], EVENT_HOST);
    has_keys(&shown["event_guests"][0], GUEST);
    let status = json!({"type": "zoom", "status": "initiated", "join_url": null, "data": null});
    assert_eq!(shown["location"], status);
    let of_time = [of_user[0], of_event_type[1], of_event_type[2]];
    let busy = owner
        .get(path("/user_busy_times", &of_time))
        .await
        .collection();
    has_keys(&busy[0], BUSY);
    assert_eq!(busy[0]["event"], json!({"uri": event}));
    let cancellation = owner
        .post(format!("{event}/cancellation"), json!({}))
        .await
        .resource(201);
    has_keys(&cancellation, CANCELLATION);
    for canceled in [&event, &uri(&invitee)] {
        let shown = owner.get(canceled).await.resource(200);
        has_keys(&shown["cancellation"], CANCELLATION);
    }
}
