//! The demo's database: what it holds at the start and what of it the introduction names.

use super::people::{ORGANIZATION as SAMPLE, SamplePeople};
use crate::{
    api::caller::{self, scope},
    app::{
        activity_log_entries::{By, Recorded, Way},
        passwords::{Replaced, SetPassword},
        personal_access_tokens::{AddToken, TokenRefusal},
    },
    cli::Failure,
    context::fresh_id,
    password_hash,
};
use domain::id::{OrganizationId, ScheduleId, TokenId, UserId};
use jiff::Timestamp;
use store::{
    Store, StoreError, WriteError, organizations,
    page::{Order, PageRequest},
    personal_access_tokens::{self, PersonalAccessToken},
    user_availability_schedules,
    users::{self, UserKind},
};

/// What the introduction names.
pub struct Sample {
    /// The people, the owner first.
    pub people: Vec<UserId>,
    /// The owner's name.
    pub owner_name: String,
    /// The owner's mail address, with which they sign in.
    pub owner_email: String,
    /// The owner's default schedule.
    pub schedule: ScheduleId,
}

/// Fills an empty database; one that has people is left as it is. The owner gets the token and the password either way.
pub async fn fill(
    store: &Store,
    (token, password): (&str, &str),
    now: Timestamp,
) -> Result<Sample, Failure> {
    let tx = store.read().await?;
    let organization = organizations::oldest(&tx).await?;
    drop(tx);
    let organization = match organization {
        Some(organization) if organization.id == SAMPLE => organization.id,
        Some(_) => return Err("this database holds other data than the demo's; give the demo one of its own with --database, or use `fasti serve`".into()),
        None => people(store, now).await?,
    };
    let sample = found(store, organization).await?;
    let owner = (organization, sample.people[0]);
    give_token(store, owner, token, now).await?;
    give_password(store, owner, password, now).await?;
    Ok(sample)
}

async fn found(store: &Store, organization: OrganizationId) -> Result<Sample, Failure> {
    let tx = store.read().await?;
    let request = PageRequest {
        order: Order::Ascending,
        cursor: None,
        count: 3,
    };
    let page = users::list(&tx, organization, Some(UserKind::Person), &request).await?;
    let owner = page
        .rows
        .first()
        .ok_or("the database has no people; give the demo an empty one")?;
    let schedule = user_availability_schedules::default_of(&tx, organization, owner.id).await?;
    Ok(Sample {
        owner_name: owner.name.clone(),
        owner_email: owner.email.clone(),
        schedule: schedule.ok_or("the owner has no schedule")?.id,
        people: page.rows.iter().map(|user| user.id).collect(),
    })
}

/// Adds the sample people, unless another process is a moment faster.
async fn people(store: &Store, now: Timestamp) -> Result<OrganizationId, Failure> {
    let people = SamplePeople::new(now)?;
    let organization = people.organization.id;
    match store.write(people).await {
        Ok(()) | Err(WriteError::Failed(StoreError::Conflict { .. })) => Ok(organization),
        Err(WriteError::Refused(never)) => match never {},
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}

async fn give_password(
    store: &Store,
    (organization, user): (OrganizationId, UserId),
    password: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let command = SetPassword {
        organization,
        user,
        hash: password_hash::hash(password)?,
        replaced: Replaced::Any,
        now,
    };
    match store.write(command).await {
        Ok(()) => Ok(()),
        Err(WriteError::Refused(refusal)) => {
            Err(format!("the demo's owner gets no password: {refusal:?}").into())
        }
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}

/// Gives the owner the token with every scope, unless somebody has it already.
async fn give_token(
    store: &Store,
    (organization, user_id): (OrganizationId, UserId),
    token: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let hash = caller::hash(token);
    let known = || async { personal_access_tokens::bearer(&store.read().await?, &hash).await };
    if known().await?.is_some() {
        return Ok(());
    }
    let command = AddToken {
        organization,
        hash: hash.clone(),
        token: PersonalAccessToken {
            id: TokenId(fresh_id()),
            user_id,
            name: "demo".to_owned(),
            scopes: scope::ALL.iter().map(ToString::to_string).collect(),
            created_at: now,
            expires_at: None,
            revoked_at: None,
        },
    };
    let by = By::system(organization, Way::CommandLine);
    match store.write(Recorded::new(command, by, now)).await {
        Ok(_) => Ok(()),
        // another process with the same token was a moment faster
        Err(_) if known().await?.is_some() => Ok(()),
        Err(WriteError::Refused(TokenRefusal::UserIsResource)) => {
            Err("the demo's owner is no person".into())
        }
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}
