//! Pages of contacts.

use super::body::ContactBody;
use crate::{
    api::{
        caller::{Caller, scope::ContactsRead},
        input::input,
        page::{Collection, Count, PageToken, Sort, Sorted},
        problem::Problem,
        request::Query,
        uri::Uri,
        value::{terms::Terms, words},
    },
    app::{
        contact_lists::all_contacts,
        contacts::{
            known,
            searched::{digits, plain},
        },
    },
    context::App,
};
use axum::{Json, extract::State};
use domain::id::{ContactListId, OrganizationId};
use store::{
    ReadTx, contact_lists,
    contacts::{
        email_key,
        listing::{self, Filter, SearchField, SortField},
    },
};

words! {
    /// What is left out of an answer.
    pub enum Exclude {
        /// What custom fields hold.
        CustomFields = "custom_fields",
    }
}

input! {
    /// What of a contact is wanted.
    pub struct GetContact {
        /// `custom_fields` leaves them out.
        pub exclude: Option<Exclude>,
    }
}

input! {
    /// Which contacts: those that fit all of the parameters. Each takes several values with commas between them, of which one must fit.
    pub struct ListContacts {
        /// With this mail address.
        pub email: Terms,
        /// With this phone number, however it is written.
        pub phone_number: Terms,
        /// In this IANA zone.
        pub timezone: Terms,
        /// In this country.
        pub country: Terms,
        /// In this state.
        pub state: Terms,
        /// With this in the name.
        pub name: Terms,
        /// With this in the job title.
        pub job_title: Terms,
        /// With this in the company.
        pub company: Terms,
        /// With this in the city.
        pub city: Terms,
        /// On this list.
        pub contact_list: Option<Uri<ContactListId>>,
        /// `custom_fields` leaves them out.
        pub exclude: Option<Exclude>,
        /// `created_at` or `updated_at` with `:asc` or `:desc`; `created_at:asc` by default.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// How values are compared in a field.
type Comparison = fn(&str) -> String;

impl ListContacts {
    async fn filter(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
    ) -> Result<Filter, Problem> {
        let fields: [(SearchField, &Terms, Comparison); 9] = [
            (SearchField::Email, &self.email, email_key),
            (SearchField::PhoneNumber, &self.phone_number, digits),
            (SearchField::Timezone, &self.timezone, str::to_owned),
            (SearchField::Country, &self.country, str::to_ascii_uppercase),
            (SearchField::State, &self.state, plain),
            (SearchField::Name, &self.name, plain),
            (SearchField::JobTitle, &self.job_title, plain),
            (SearchField::Company, &self.company, plain),
            (SearchField::City, &self.city, plain),
        ];
        let mut filter = Filter::default();
        for (field, Terms(terms), comparison) in fields {
            let terms = terms.iter().map(|term| (field, comparison(term)));
            filter.terms.extend(terms);
        }
        match self.contact_list {
            Some(Uri(id)) if id != all_contacts(organization) => {
                let list = contact_lists::get(tx, organization, id).await?;
                filter.list = Some(list.ok_or_else(Problem::not_found)?.id);
            }
            // everybody is on the list of all contacts
            Some(_) | None => {}
        }
        Ok(filter)
    }
}

/// List contacts
#[utoipa::path(get, path = "/contacts", tag = "Contacts", params(ListContacts), responses((status = 200, description = "A page of contacts", body = Collection<ContactBody>)))]
pub async fn list_contacts(
    State(app): State<App>,
    caller: Caller<ContactsRead>,
    Query { query, target }: Query<ListContacts>,
) -> Result<Json<Collection<ContactBody>>, Problem> {
    let sorted = Sorted::parse(query.sort.clone(), &["created_at", "updated_at"])?;
    let field = match sorted.by {
        "updated_at" => SortField::UpdatedAt,
        _ => SortField::CreatedAt,
    };
    let request = sorted.request(query.count, query.page_token.clone())?;
    let tx = app.store.read().await?;
    let organization = caller.organization;
    let filter = query.filter(&tx, organization).await?;
    let mut page = listing::list(&tx, organization, &filter, field, &request).await?;
    let rows = std::mem::take(&mut page.rows);
    let known = known(&tx, organization, rows, app.now()).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page.with_rows(known),
        (&uris, &target),
        |known| known.contact.sort_key(field),
        |known| ContactBody::new(known, &uris, query.exclude.is_none()),
    )))
}
