//! What scopes allow, in the words in which users are asked whether an application may have them.

use super::caller::scope;

/// What no application can be allowed: whoever may set a password can sign in as the user, and do everything; a token
/// that an application makes would outlive its permission.
const NEVER_ALLOWED: [&str; 2] = ["passwords:write", "personal_access_tokens:write"];

/// The scopes that an application can be allowed.
pub fn allowable() -> Vec<&'static str> {
    let all = scope::ALL.iter().copied();
    all.filter(|scope| !NEVER_ALLOWED.contains(scope)).collect()
}

/// What a scope allows.
pub fn words(scope: &str) -> &'static str {
    match scope {
        "users:read" => "See the people of your organization",
        "users:write" => "Edit your profile; as an administrator, add and remove people",
        "personal_access_tokens:read" => "See your access tokens",
        "personal_access_tokens:write" => "Make and revoke access tokens",
        "passwords:write" => "Set your password",
        "oauth_applications:read" => "See the applications that you registered",
        "oauth_applications:write" => "Register, edit and remove applications of yours",
        "organizations:read" => "See your organization, its members, invitations and teams",
        "organizations:write" => "Administer members, invitations and teams of your organization",
        "groups:read" => "See the groups of your organization",
        "groups:write" => "Administer the groups of your organization",
        "availability:read" => "See your working hours and when you are busy or free",
        "availability:write" => "Change your working hours and block time",
        "event_types:read" => "See your event types and the times that can be booked",
        "event_types:write" => "Add, edit and remove event types of yours",
        "scheduled_events:read" => "See your meetings and who was invited",
        "scheduled_events:write" => "Book, move and cancel meetings",
        "locations:read" => "See where you meet",
        "scheduling_links:write" => "Make links by which one meeting can be booked",
        "shares:write" => "Make such links with settings of their own",
        "routing_forms:read" => "See routing forms and what was filled in",
        "routing_forms:write" => "Write routing forms and fill them in",
        "contacts:read" => "See contacts, lists and notes",
        "contacts:write" => "Add, edit and remove contacts, lists and notes",
        "meeting_recaps:read" => "Read what was said in your meetings",
        "meeting_recaps:write" => "Write what was said in your meetings",
        "webhooks:read" => "See who is told what happens",
        "webhooks:write" => "Be told what happens, as it happens",
        "activity_log:read" => "See who changed what in your organization",
        "outgoing_communications:read" => "See what was sent to people",
        "data_compliance:write" => "Delete what is known of people",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_words() {
        for scope in scope::ALL {
            assert!(!words(scope).is_empty(), "{scope}");
        }
    }
}
