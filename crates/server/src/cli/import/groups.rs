//! Groups with those who are in them, and teams.

use super::{
    bringing::{Bringing, Failure, Thing, digest, digest_without},
    read::Fields,
};
use crate::app::{
    imports::groups::{Belonging, Members},
    users::slug_of,
};
use domain::id::{GroupId, GroupRelationshipId, MembershipId, TeamId, UserId};
use serde_json::Value;
use store::{
    group_relationships::{GroupRelationship, GroupRole, RelationshipOwner},
    groups::Group,
    teams::Team,
};

/// Brings all groups, relationships and teams.
pub async fn bring_all(bringing: &Bringing, organization: &str) -> Result<(), Failure> {
    let query = [("organization", organization)];
    let source = &bringing.source;
    let groups = bringing.readable("groups", source.all("/groups", &query).await)?;
    for value in groups.into_iter().flatten() {
        bringing
            .bring_read("groups", &value, group(bringing, &value))
            .await?;
    }
    bringing.tally.progress("groups");
    let all = source.all("/group_relationships", &query).await;
    let mut invited = 0;
    for value in bringing
        .readable("group relationships", all)?
        .into_iter()
        .flatten()
    {
        let owner = Fields(&value).part("owner");
        if owner.and_then(|owner| owner.maybe("type")) == Some("OrganizationInvitation") {
            invited += 1;
            continue;
        }
        let thing = belonging(bringing, &value);
        bringing
            .bring_read("group relationships", &value, thing)
            .await?;
    }
    if 0 < invited {
        let reason = format!("{invited}, as invitations are not brought over");
        bringing
            .tally
            .passed_over("what invited people will be in groups", &reason);
    }
    bringing.tally.progress("group relationships");
    let teams = bringing.readable("teams", source.all("/teams", &[]).await)?;
    for value in teams.into_iter().flatten() {
        bringing
            .bring_read("teams", &value, team(bringing, &value))
            .await?;
    }
    bringing.tally.progress("teams");
    Ok(())
}

fn group(bringing: &Bringing, value: &Value) -> Result<Thing<Group>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    Ok(Thing {
        kind: "groups",
        digest: digest_without(value, &["member_count"]),
        along: Vec::new(),
        what: Group {
            id: GroupId(bringing.id(&path)),
            name: fields.text("name")?.to_owned(),
            created_at,
            updated_at,
            member_count: 0,
        },
        path,
    })
}

fn belonging(bringing: &Bringing, value: &Value) -> Result<Thing<Belonging>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let owner = fields.part("owner").ok_or("owner is missing")?;
    let user = owner.part("user").and_then(|user| user.link("uri"));
    let user = user.ok_or("it is of nobody")?;
    let group = fields.link("group").ok_or("group is missing")?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    Ok(Thing {
        kind: "group relationships",
        digest: digest(&[value]),
        along: Vec::new(),
        what: Belonging {
            user: UserId(bringing.id(&user)),
            relationship: GroupRelationship {
                id: GroupRelationshipId(bringing.id(&path)),
                group_id: GroupId(bringing.id(&group)),
                owner: RelationshipOwner::Membership(MembershipId(bringing.id(&user))),
                role: GroupRole::parse(fields.text("role")?).ok_or("role is none that is known")?,
                created_at,
                updated_at,
            },
        },
        path,
    })
}

fn team(bringing: &Bringing, value: &Value) -> Result<Thing<Members>, String> {
    let fields = Fields(value);
    let path = fields.path()?;
    let name = fields.text("name")?.to_owned();
    let (created_at, updated_at) = fields.ages(bringing.now());
    let page = fields
        .maybe("scheduling_url")
        .and_then(|url| url.rsplit('/').next());
    let slug = fields
        .maybe("slug")
        .or(page)
        .map_or_else(|| slug_of(&name), str::to_owned);
    let members = value.get("members").and_then(Value::as_array);
    let members = members.map(|members| {
        let uris = members.iter().filter_map(Value::as_str);
        uris.filter_map(|uri| bringing.id_of(uri))
            .map(UserId)
            .collect()
    });
    Ok(Thing {
        kind: "teams",
        digest: digest(&[value]),
        along: Vec::new(),
        what: Members {
            team: Team {
                id: TeamId(bringing.id(&path)),
                name,
                slug,
                created_at,
                updated_at,
            },
            users: members,
        },
        path,
    })
}
