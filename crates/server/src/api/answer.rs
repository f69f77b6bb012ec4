//! Answers: envelopes, and how a write is done once however often its request is sent.

use super::{caller::Caller, dry_run::DryRun, problem::Problem, request::IdempotencyKey};
use crate::{
    app::{
        activity_log_entries::{By, Deed},
        cleanup::ANSWERS_KEPT as KEPT,
    },
    context::App,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::id::{OrganizationId, UserId};
use foldhash::quality::FixedState;
use futures_util::future::try_join;
use jiff::Timestamp;
use serde::Serialize;
use std::{convert::Infallible, hash::BuildHasher, sync::Arc};
use store::{
    Command, ReadTx, Sharing, StoreError, WriteError, WriteTx,
    idempotency_keys::{self, KeptAnswer},
};
use utoipa::ToSchema;

/// One resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resource<T> {
    /// The resource.
    pub resource: T,
}

/// A collection that always comes whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    /// Its members.
    pub collection: Vec<T>,
}

/// Who sent a POST, and with which `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The organization.
    pub organization: OrganizationId,
    /// Whose keys these are; nil for whoever needs no token.
    pub user: UserId,
    /// The key.
    pub key: Option<IdempotencyKey>,
    /// The same sender, for the activity log.
    pub by: By,
}

impl<S> Caller<S> {
    /// The caller as the sender of a request.
    pub fn sends(&self, key: Option<IdempotencyKey>) -> Sender {
        Sender {
            organization: self.organization,
            user: self.user,
            key,
            by: self.by(),
        }
    }
}

/// The answer that the sender's key got before, if there is one.
pub async fn answered(app: &App, sender: &Sender) -> Result<Option<Response>, Problem> {
    let Some(key) = &sender.key else {
        return Ok(None);
    };
    let tx = app.store.read().await?;
    let kept = idempotency_keys::get(&tx, sender.organization, sender.user, &key.key).await?;
    match kept.filter(|kept| kept.created_at >= app.now() - KEPT) {
        None => Ok(None),
        Some(kept) if kept.fingerprint == key.fingerprint => Ok(Some(again(kept))),
        Some(_) => Err(Problem::key_reused()),
    }
}

/// A kept answer, as it was given.
fn again(kept: KeptAnswer) -> Response {
    let code = u16::try_from(kept.status).ok();
    let status = code.and_then(|code| StatusCode::from_u16(code).ok());
    text(status.unwrap_or(StatusCode::CREATED), kept.body)
}

/// Runs the command of a POST and answers `status` with what `body` makes of its output. A request that is sent again
/// with the same `Idempotency-Key` is not carried out again but answered as the first time.
pub async fn write_once<C, B>(
    app: &App,
    (sender, status): (Sender, StatusCode),
    command: C,
    body: impl Fn(C::Output) -> Result<B, StoreError> + Send + Sync + 'static,
) -> Result<Response, Problem>
where
    C: Deed,
    C::Refusal: Into<Problem>,
    B: Serialize,
{
    let Some(key) = sender.key else {
        let written = app.store.write(sender.by, command).await;
        let output = written.map_err(Problem::from)?;
        return json(status, &body(output)?);
    };
    let once = Arc::new(Once {
        organization: sender.organization,
        user: sender.user,
        key,
        now: app.now(),
        status,
        command: app.store.recorded(sender.by, command),
        render: Box::new(move |output| {
            serde_json::to_string(&body(output)?).map_err(StoreError::invalid)
        }),
    });
    let mut outcome = app.store.unrecorded().write(Shared(once.clone())).await;
    if matches!(
        &outcome,
        Err(WriteError::Refused(OnceRefusal::Refused(_))
            | WriteError::Failed(StoreError::Conflict { .. }))
    ) {
        // perhaps the same request came twice at once and the other one was first: then its answer is there now
        let tx = app.store.read().await?;
        if let Some(kept) = once.kept(&tx).await? {
            outcome = once.same_request(kept);
        }
    }
    let kept = outcome.map_err(|error| match error {
        WriteError::Refused(OnceRefusal::KeyReused) => Problem::key_reused(),
        WriteError::Refused(OnceRefusal::Refused(refusal)) => refusal.into(),
        WriteError::Failed(failure) => failure.into(),
    })?;
    Ok(again(kept))
}

/// The same, or only a trial: then the answer is 200, and nothing is written.
pub async fn write_or_try<C, B>(
    app: &App,
    DryRun(is_trial): DryRun,
    (sender, status): (Sender, StatusCode),
    command: C,
    body: impl Fn(C::Output) -> Result<B, StoreError> + Send + Sync + 'static,
) -> Result<Response, Problem>
where
    C: Deed,
    C::Refusal: Into<Problem>,
    B: Serialize,
{
    if !is_trial {
        return write_once(app, (sender, status), command, body).await;
    }
    let output = try_out(app, command).await?;
    json(StatusCode::OK, &body(output)?)
}

/// What a command would answer. Nothing of it is kept.
pub async fn try_out<C>(app: &App, command: C) -> Result<C::Output, Problem>
where
    C: Command,
    C::Refusal: Into<Problem>,
{
    match app.store.unrecorded().write(Trial(command)).await {
        Ok(never) => match never {},
        Err(WriteError::Refused(Ok(output))) => Ok(output),
        Err(WriteError::Refused(Err(refusal))) => Err(refusal.into()),
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}

/// A command that is refused whatever becomes of it, so that nothing is kept.
struct Trial<C>(C);

impl<C: Command> Command for Trial<C> {
    type Output = Infallible;
    type Refusal = Result<C::Output, C::Refusal>;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<Self::Refusal>> {
        Err(match self.0.run(tx).await {
            Ok(output) => WriteError::Refused(Ok(output)),
            Err(WriteError::Refused(refusal)) => WriteError::Refused(Err(refusal)),
            Err(WriteError::Failed(failure)) => WriteError::Failed(failure),
        })
    }

    async fn is_done(&self, _: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// What the sender of a GET has seen before, by its `If-None-Match`.
#[derive(Clone, Debug)]
pub struct SeenBefore(Option<HeaderValue>);

impl<S: Sync> FromRequestParts<S> for SeenBefore {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<SeenBefore, Infallible> {
        Ok(SeenBefore(
            parts.headers.get(header::IF_NONE_MATCH).cloned(),
        ))
    }
}

impl SeenBefore {
    /// An answer with a JSON body and its `ETag`, or 304 where the sender has seen it (RFC 9110 section 13.1.2). The
    /// tag is weak: the same answer may be sent compressed.
    pub fn answer(self, body: Vec<u8>) -> Result<Response, Problem> {
        let hash = FixedState::default().hash_one(&body);
        let tag = format!("W/\"{hash:016x}\"");
        let is_same =
            |seen: &str| seen == "*" || seen == tag || Some(seen) == tag.strip_prefix("W/");
        let seen = self.0.as_ref().and_then(|seen| seen.to_str().ok());
        let is_seen = seen.is_some_and(|seen| seen.split(',').map(str::trim).any(is_same));
        let tag = HeaderValue::try_from(tag).map_err(StoreError::invalid)?;
        let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, NOT_UNASKED)];
        if is_seen {
            // as the answer itself has it
            let vary = [(header::VARY, HeaderValue::from_static("accept-encoding"))];
            return Ok((StatusCode::NOT_MODIFIED, headers, vary).into_response());
        }
        Ok((headers, [(header::CONTENT_TYPE, JSON)], body).into_response())
    }
}

/// It may be kept by its reader, who must ask each time whether it is true still.
const NOT_UNASKED: HeaderValue = HeaderValue::from_static("private, no-cache");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A body as JSON.
pub fn json_bytes(body: &impl Serialize) -> Result<Vec<u8>, Problem> {
    Ok(serde_json::to_vec(body).map_err(StoreError::invalid)?)
}

/// An answer with a JSON body.
pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Response, Problem> {
    match serde_json::to_string(body) {
        Ok(body) => Ok(text(status, body)),
        Err(error) => Err(StoreError::invalid(error).into()),
    }
}

fn text(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

type Render<O> = Box<dyn Fn(O) -> Result<String, StoreError> + Send + Sync>;

/// A command with the key of its request.
struct Once<C: Command> {
    organization: OrganizationId,
    user: UserId,
    key: IdempotencyKey,
    now: Timestamp,
    status: StatusCode,
    command: C,
    render: Render<C::Output>,
}

struct Shared<C: Command>(Arc<Once<C>>);

enum OnceRefusal<R> {
    KeyReused,
    Refused(R),
}

impl<C: Command> Command for Shared<C> {
    type Output = KeptAnswer;
    type Refusal = OnceRefusal<C::Refusal>;

    fn shares(&self) -> Option<Sharing> {
        self.0.command.shares()
    }

    async fn run(&self, tx: &WriteTx<'_>) -> Result<KeptAnswer, WriteError<Self::Refusal>> {
        let once = &self.0;
        if let Some(kept) = once.kept(tx).await? {
            return once.same_request(kept);
        }
        let run = tx.going_on_after(once.command.run(tx)).await;
        let output = run.map_err(|error| match error {
            WriteError::Refused(refusal) => WriteError::Refused(OnceRefusal::Refused(refusal)),
            WriteError::Failed(failure) => WriteError::Failed(failure),
        })?;
        let answer = KeptAnswer {
            fingerprint: once.key.fingerprint.clone(),
            status: once.status.as_u16().into(),
            body: (once.render)(output)?,
            created_at: once.now,
        };
        let owner = (once.organization, once.user, once.key.key.as_str());
        // sent in this order: an answer of this key that is too old makes room for the new one
        let writes = try_join(
            idempotency_keys::forget_before(tx, once.organization, once.user, once.now - KEPT),
            idempotency_keys::insert(tx, owner, &answer),
        );
        tx.ending_with(writes).await?;
        Ok(answer)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.0.command.is_done(tx).await
    }
}

impl<C: Command> Once<C> {
    async fn kept(&self, tx: &ReadTx<'_>) -> Result<Option<KeptAnswer>, StoreError> {
        let kept = idempotency_keys::get(tx, self.organization, self.user, &self.key.key).await?;
        Ok(kept.filter(|kept| kept.created_at >= self.now - KEPT))
    }

    fn same_request(
        &self,
        kept: KeptAnswer,
    ) -> Result<KeptAnswer, WriteError<OnceRefusal<C::Refusal>>> {
        if kept.fingerprint == self.key.fingerprint {
            Ok(kept)
        } else {
            Err(WriteError::Refused(OnceRefusal::KeyReused))
        }
    }
}
