//! `/users/{uuid}/password`: setting and taking away the password with which a user signs in. Nobody can read it.

use super::{
    caller::{Caller, scope::PasswordsWrite},
    input::input,
    problem::Problem,
    request::Input,
    uri::Id,
    value::text::Text,
};
use crate::{
    app::{
        attempts::{SIGN_IN_OF_ACCOUNT, Try},
        passwords::{PasswordRefusal, RemovePassword, Replaced, SetPassword},
    },
    context::App,
};
use axum::{extract::State, http::StatusCode};
use domain::id::UserId;
use store::{passwords, users};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(set_password, delete_password))
}

/// A password.
pub type Password = Text<10, 1000>;

impl From<PasswordRefusal> for Problem {
    fn from(refusal: PasswordRefusal) -> Problem {
        match refusal {
            PasswordRefusal::Unknown => Problem::not_found(),
            PasswordRefusal::UserIsResource => {
                Problem::denied("This user is a resource, which cannot sign in")
            }
            PasswordRefusal::Changed => wrong(),
        }
    }
}

fn wrong() -> Problem {
    Problem::parameter(
        "old_password",
        "wrong_password",
        "is not the present password",
    )
}

input! {
    /// A new password.
    pub struct NewPassword {
        /// The password, of at least ten characters.
        pub password: Password,
        /// The one that it replaces, where there is one.
        pub old_password: Option<Text<0, 1000>>,
    }
    example {"password": "four words of your own", "old_password": "the words before"}
}

/// Set a password
///
/// One's own takes the old one, if there is one. An administrator may give somebody their first one; to replace one that was
/// forgotten, it is taken away before. Browsers are signed out and what applications were allowed ends; personal access
/// tokens stay.
#[utoipa::path(post, path = "/users/{uuid}/password", tag = "Users", params(("uuid" = uuid::Uuid, Path)), request_body = NewPassword, responses((status = 204, description = "Set")))]
async fn set_password(
    State(app): State<App>,
    caller: Caller<PasswordsWrite>,
    Id(user): Id<UserId>,
    input: Input<NewPassword>,
) -> Result<StatusCode, Problem> {
    caller.may_act_as(&app, user).await?;
    let body = input.body;
    let tx = app.store.read().await?;
    let found = users::get_active(&tx, caller.organization, user).await?;
    let email = found.ok_or_else(Problem::not_found)?.email;
    let known = passwords::get(&tx, caller.organization, user).await?;
    drop(tx);
    if let Some(known) = &known {
        if caller.user != user {
            let message = "This user has a password, which they can change themselves; to give them another one, take it away first";
            return Err(Problem::denied(message));
        }
        let old = body.old_password.map(|old| old.0).unwrap_or_default();
        must_be_same(&app, (old, known.clone()), &email).await?;
    }
    let command = SetPassword {
        organization: caller.organization,
        user,
        hash: app.passwords.hash(body.password.0).await?,
        replaced: Replaced::Known(known),
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses who does not know the old password, and who guesses it too often, here or where people sign in.
async fn must_be_same(
    app: &App,
    (old, known): (String, String),
    email: &str,
) -> Result<(), Problem> {
    let now = app.now();
    let counted = vec![SIGN_IN_OF_ACCOUNT.by_name(&email.to_lowercase(), now)];
    if let Some(too_many) = app.store.unrecorded().write(Try { counted, now }).await? {
        return Err(Problem::guessed(too_many));
    }
    if app.passwords.is_same(old, known).await? {
        Ok(())
    } else {
        Err(wrong())
    }
}

/// Take a password away
///
/// The user cannot sign in until an administrator gives them another one. Browsers are signed out and what applications
/// were allowed ends.
#[utoipa::path(delete, path = "/users/{uuid}/password", tag = "Users", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Taken away")))]
async fn delete_password(
    State(app): State<App>,
    caller: Caller<PasswordsWrite>,
    Id(user): Id<UserId>,
) -> Result<StatusCode, Problem> {
    caller.may_act_as(&app, user).await?;
    if caller.user == user {
        return Err(Problem::denied(
            "You cannot take your own password away; set another one",
        ));
    }
    let command = RemovePassword {
        organization: caller.organization,
        user,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
