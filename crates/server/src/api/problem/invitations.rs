//! What goes wrong with invitations, each with a title of its own, as Calendly's clients expect.

use super::{
    Detail, Problem,
    kinds::{ALREADY_ACCEPTED, ALREADY_DECLINED, ALREADY_INVITED, ALREADY_MEMBER, INVALID_EMAIL},
    problem,
};

impl Problem {
    /// Nobody can have this mail address.
    pub fn invalid_email(email: &str) -> Problem {
        Problem {
            details: vec![Detail::new(
                "email",
                "invalid_email",
                "must be a mail address such as ada@example.com",
            )],
            ..problem(INVALID_EMAIL, format!("{email} is an invalid email format"))
        }
    }

    /// Whoever has this mail address belongs to the organization.
    pub fn already_member(email: &str) -> Problem {
        problem(
            ALREADY_MEMBER,
            format!("{email} is already a member of the organization"),
        )
    }

    /// Whoever has this mail address has not answered yet.
    pub fn already_invited(email: &str) -> Problem {
        problem(ALREADY_INVITED, format!("{email} has already been invited"))
    }

    /// The invitation was accepted.
    pub fn already_accepted() -> Problem {
        problem(ALREADY_ACCEPTED, "The invitation has already been accepted")
    }

    /// The invitation was declined.
    pub fn already_declined() -> Problem {
        problem(ALREADY_DECLINED, "The invitation has already been declined")
    }
}
