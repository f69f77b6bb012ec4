//! Contacts with their custom fields, lists of them, and the notes of the owner of the token.

use super::{
    bringing::{Bringing, Failure, Thing, digest, digest_without},
    read::{Fields, lenient, only, path_of},
    source::Pages,
};
use crate::{
    api::{contacts::changes::ContactChanges, uri::uuid},
    app::{
        contacts::custom_fields::FieldChange,
        imports::contacts::{Known, Listed},
    },
};
use domain::id::{ContactId, ContactListId, CustomFieldDefinitionId, NoteId, UserId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{
    contact_lists::ContactList,
    contacts::Contact,
    custom_field_definitions::{CustomFieldDefinition, FieldOption, FieldSource, FieldType},
    notes::Note,
};

const FIELDS: [&str; 10] = [
    "name",
    "emails",
    "phone_numbers",
    "timezone",
    "job_title",
    "company",
    "country",
    "state",
    "city",
    "linkedin",
];

/// What changes of a contact although nobody changes it.
const COMPUTED: [&str; 6] = [
    "next_meeting_date",
    "last_meeting_date",
    "last_interaction_date",
    "first_email_date",
    "last_email_date",
    "app_url",
];

/// Brings all of it; the notes are of this user.
pub async fn bring_all(bringing: &Bringing, me: &str) -> Result<(), Failure> {
    let source = &bringing.source;
    let definitions = source
        .whole("/contacts/custom_field_definitions", &[])
        .await;
    let definitions = bringing.readable("custom fields of contacts", definitions)?;
    for (value, place) in definitions.into_iter().flatten().zip(0..) {
        let thing = definition(bringing, &value, place);
        bringing
            .bring_read("custom fields of contacts", &value, thing)
            .await?;
    }
    let mut uris = Vec::new();
    let mut pages = Pages::new("/contacts", &[]);
    while let Some(page) = bringing
        .readable("contacts", pages.next(source).await)?
        .flatten()
    {
        for value in page {
            bringing
                .bring_read("contacts", &value, contact(bringing, &value))
                .await?;
            uris.extend(Fields(&value).kept("uri"));
        }
    }
    bringing.tally.progress("contacts");
    bring_lists(bringing).await?;
    for uri in uris {
        let notes = source.all("/notes", &[("contact", &uri)]).await;
        let Some(notes) = bringing.readable("notes", notes)? else {
            break;
        };
        for value in notes {
            bringing
                .bring_read("notes", &value, note(bringing, &value, me))
                .await?;
        }
    }
    bringing.tally.progress("notes");
    Ok(())
}

/// A field at its place: the order of those that were made within one second is not told by their times.
fn definition(
    bringing: &Bringing,
    value: &Value,
    place: i64,
) -> Result<Thing<CustomFieldDefinition>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    let created_at = created_at
        .saturating_add(SignedDuration::from_micros(place))
        .unwrap_or(created_at);
    let kind = fields.text("field_type")?;
    let kind = FieldType::ALL
        .into_iter()
        .find(|known| known.as_str() == kind);
    let mut options = Vec::new();
    for option in fields.list("options") {
        let id = option.text("uuid")?;
        options.push(FieldOption {
            id: uuid(id).unwrap_or_else(|| bringing.id(&format!("/options/{id}"))),
            label: option.text("label")?.to_owned(),
            color: option.kept("color"),
            is_active: option.0["is_active"] != json!(false),
        });
    }
    let source = fields.part("source").map(|source| FieldSource {
        event_type_id: source
            .maybe("event_type_uri")
            .and_then(|uri| bringing.id_of(uri)),
        question: source.kept("question"),
    });
    Ok(Thing {
        kind: "custom fields of contacts",
        digest: digest(&[value]),
        along: Vec::new(),
        what: CustomFieldDefinition {
            id: CustomFieldDefinitionId(bringing.id(&path)),
            label: fields.text("label")?.to_owned(),
            field_type: kind.ok_or("field_type is none that is known")?,
            options: fields.document("options").map(|_| options),
            currency: fields.kept("currency"),
            source,
            created_at,
            updated_at,
        },
        path,
    })
}

fn contact(bringing: &Bringing, value: &Value) -> Result<Thing<Known>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    let mut kept = only(value, &FIELDS);
    let emails = fields
        .list("emails")
        .map(|email| only(email.0, &["email", "is_primary"]));
    kept["emails"] = emails.collect();
    let numbers = fields
        .list("phone_numbers")
        .map(|number| only(number.0, &["phone_number"]));
    kept["phone_numbers"] = numbers.collect();
    let left_out = |what: &str| bringing.tally.left_out(&path, what);
    let changes: ContactChanges = lenient(kept, left_out)?;
    let mut contact = Contact {
        id: ContactId(bringing.id(&path)),
        name: None,
        emails: Vec::new(),
        phone_numbers: Vec::new(),
        timezone: None,
        job_title: None,
        company: None,
        country: None,
        state: None,
        city: None,
        linkedin: None,
        created_at,
        updated_at,
    };
    changes.apply(&mut contact);
    let field = |field: Fields<'_>| {
        let definition = field.link("uri")?;
        let holds = field.document("value").filter(|value| value != &json!([]));
        Some(FieldChange {
            definition: CustomFieldDefinitionId(bringing.id(&definition)),
            value: holds.unwrap_or_default(),
        })
    };
    Ok(Thing {
        kind: "contacts",
        digest: digest_without(value, &COMPUTED),
        along: Vec::new(),
        what: Known {
            contact,
            fields: fields.list("custom_fields").filter_map(field).collect(),
        },
        path,
    })
}

async fn bring_lists(bringing: &Bringing) -> Result<(), Failure> {
    let source = &bringing.source;
    let lists = source
        .whole("/contact_lists", &[("type", "static_list")])
        .await;
    for value in bringing
        .readable("contact lists", lists)?
        .into_iter()
        .flatten()
    {
        if Fields(&value).maybe("type") != Some("static_list") {
            continue;
        }
        let uri = Fields(&value).maybe("uri").unwrap_or_default();
        let members = source
            .all(
                "/contacts",
                &[("contact_list", uri), ("exclude", "custom_fields")],
            )
            .await;
        let Some(members) = bringing.readable("members of a contact list", members)? else {
            continue;
        };
        let thing = list(bringing, &value, &members);
        bringing.bring_read("contact lists", &value, thing).await?;
    }
    bringing.tally.progress("contact lists");
    Ok(())
}

fn list(bringing: &Bringing, value: &Value, members: &[Value]) -> Result<Thing<Listed>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    let uris: Vec<&str> = members
        .iter()
        .filter_map(|member| Fields(member).maybe("uri"))
        .collect();
    let contacts = uris
        .iter()
        .filter_map(|uri| bringing.id_of(uri))
        .map(ContactId)
        .collect();
    Ok(Thing {
        kind: "contact lists",
        digest: digest(&[value, &json!(uris)]),
        along: Vec::new(),
        what: Listed {
            list: ContactList {
                id: ContactListId(bringing.id(&path)),
                name: fields.text("name")?.to_owned(),
                contacts: 0,
                created_at,
                updated_at,
            },
            contacts,
        },
        path,
    })
}

fn note(bringing: &Bringing, value: &Value, me: &str) -> Result<Thing<Note>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let contact = fields.link("contact").ok_or("contact is missing")?;
    let author = path_of(me).ok_or("its author has no address")?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    Ok(Thing {
        kind: "notes",
        digest: digest(&[value]),
        along: Vec::new(),
        what: Note {
            id: NoteId(bringing.id(&path)),
            user_id: UserId(bringing.id(&author)),
            contact_id: ContactId(bringing.id(&contact)),
            title: fields.kept("title"),
            body: fields.kept("body"),
            remind_at: fields.maybe_time("remind_at"),
            created_at,
            updated_at,
        },
        path,
    })
}
