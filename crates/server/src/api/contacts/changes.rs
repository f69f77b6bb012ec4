//! What is sent to add or edit a contact.

use crate::api::{
    input::{Parse, Reader, input},
    uri::PlainId,
    value::{
        Change, List,
        terms::AnyValue,
        text::{Country, Email, Phone, Text, WebAddress},
        time::Zone,
    },
};
use crate::app::contacts::custom_fields::FieldChange;
use domain::id::{ContactId, CustomFieldDefinitionId};
use jiff::Timestamp;
use serde_json::Value;
use store::contacts::{Contact, ContactEmail};
use utoipa::openapi::{RefOr, Schema};

input! {
    /// A mail address.
    pub struct EmailInput {
        /// The address.
        pub email: Email,
        /// Whether it is the one to write to; where none is, the first one is.
        pub is_primary: Option<bool>,
    }
}

/// The mail addresses of a contact, of which one is the primary one.
#[derive(Clone, Debug)]
pub struct Emails(Vec<ContactEmail>);

impl Parse for Emails {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Emails> {
        let List(inputs) = List::<EmailInput, 1, 10>::parse(value, reader)?;
        let email = |input: EmailInput| ContactEmail {
            email: input.email.0,
            is_primary: input.is_primary.unwrap_or(false),
        };
        let mut emails: Vec<ContactEmail> = inputs.into_iter().map(email).collect();
        for (index, email) in emails.iter().enumerate() {
            if emails[..index]
                .iter()
                .any(|earlier| earlier.key() == email.key())
            {
                return reader.problem("duplicate", "must not name an address twice");
            }
        }
        match emails.iter().filter(|email| email.is_primary).count() {
            0 => emails[0].is_primary = true,
            1 => {}
            _ => return reader.problem("invalid_value", "must have one primary address"),
        }
        Some(Emails(emails))
    }

    fn schema() -> RefOr<Schema> {
        List::<EmailInput, 1, 10>::schema()
    }
}

input! {
    /// A phone number.
    pub struct PhoneNumberInput {
        /// The number, in international form.
        pub phone_number: Phone,
    }
}

/// The phone numbers of a contact.
type PhoneNumbers = List<PhoneNumberInput, 0, 10>;

fn phone_numbers(numbers: PhoneNumbers) -> Vec<String> {
    let numbers = numbers.0.into_iter();
    numbers.map(|number| number.phone_number.0).collect()
}

input! {
    /// What a custom field is to hold.
    pub struct CustomFieldInput {
        /// The id at the end of the definition's URI.
        pub uuid: PlainId,
        /// What it is to hold, by the definition's `field_type`; null empties it.
        pub value: AnyValue,
    }
}

/// Custom fields in requests.
type CustomFields = List<CustomFieldInput, 0, 100>;

fn changes(fields: Option<&CustomFields>) -> Vec<FieldChange> {
    let fields = fields.into_iter().flat_map(|fields| &fields.0);
    let change = |field: &CustomFieldInput| FieldChange {
        definition: CustomFieldDefinitionId(field.uuid.0),
        value: field.value.0.clone(),
    };
    fields.map(change).collect()
}

input! {
    /// A new contact.
    pub struct NewContact {
        /// Full name.
        pub name: Text<1, 255>,
        /// Mail addresses, which no other contact of the organization has.
        pub emails: Emails,
        /// Phone numbers.
        pub phone_numbers: Option<PhoneNumbers>,
        /// IANA zone.
        pub timezone: Option<Zone>,
        /// What they do.
        pub job_title: Option<Text<1, 255>>,
        /// For whom.
        pub company: Option<Text<1, 255>>,
        /// ISO 3166-1 code of two letters.
        pub country: Option<Country>,
        /// Part of the country.
        pub state: Option<Text<1, 255>>,
        /// City.
        pub city: Option<Text<1, 255>>,
        /// Address of a page.
        pub linkedin: Option<WebAddress>,
        /// What custom fields hold.
        pub custom_fields: Option<CustomFields>,
    }
    example {
        "name": "Emmy Noether",
        "emails": [{"email": "emmy@example.com", "is_primary": true}],
        "phone_numbers": [{"phone_number": "+4991312345"}],
        "timezone": "Europe/Berlin",
        "country": "DE"
    }
}

impl NewContact {
    /// The contact and what its custom fields hold.
    pub fn contact(self, id: ContactId, now: Timestamp) -> (Contact, Vec<FieldChange>) {
        let fields = changes(self.custom_fields.as_ref());
        let contact = Contact {
            id,
            name: Some(self.name.0),
            emails: self.emails.0,
            phone_numbers: self.phone_numbers.map(phone_numbers).unwrap_or_default(),
            timezone: self.timezone.map(|zone| zone.name().to_owned()),
            job_title: self.job_title.map(|title| title.0),
            company: self.company.map(|company| company.0),
            country: self.country.map(|country| country.0.to_ascii_uppercase()),
            state: self.state.map(|state| state.0),
            city: self.city.map(|city| city.0),
            linkedin: self.linkedin.map(|address| address.0),
            created_at: now,
            updated_at: now,
        };
        (contact, fields)
    }
}

input! {
    /// What changes of a contact; what is left out stays.
    pub struct ContactChanges {
        /// Full name; null removes it.
        pub name: Change<Text<1, 255>>,
        /// Mail addresses; replaces all addresses.
        pub emails: Option<Emails>,
        /// Phone numbers; replaces all numbers.
        pub phone_numbers: Change<PhoneNumbers>,
        /// IANA zone; null removes it.
        pub timezone: Change<Zone>,
        /// What they do; null removes it.
        pub job_title: Change<Text<1, 255>>,
        /// For whom; null removes it.
        pub company: Change<Text<1, 255>>,
        /// ISO 3166-1 code of two letters; null removes it.
        pub country: Change<Country>,
        /// Part of the country; null removes it.
        pub state: Change<Text<1, 255>>,
        /// City; null removes it.
        pub city: Change<Text<1, 255>>,
        /// Address of a page; null removes it.
        pub linkedin: Change<WebAddress>,
        /// What custom fields hold; those that are not named stay.
        pub custom_fields: Option<CustomFields>,
    }
    example {"job_title": "Professor", "city": "Göttingen"}
}

impl ContactChanges {
    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        let texts = [
            &self.name,
            &self.job_title,
            &self.company,
            &self.state,
            &self.city,
        ];
        texts.into_iter().all(|text| *text == Change::Keep)
            && self.timezone == Change::Keep
            && self.country == Change::Keep
            && self.linkedin == Change::Keep
            && matches!(self.phone_numbers, Change::Keep)
            && self.emails.is_none()
            && self.custom_fields.is_none()
    }

    /// What changes of the custom fields.
    pub fn fields(&self) -> Vec<FieldChange> {
        changes(self.custom_fields.as_ref())
    }

    /// Changes a contact, but for its custom fields.
    pub fn apply(&self, contact: &mut Contact) {
        fn set(field: &mut Option<String>, change: &Change<Text<1, 255>>) {
            *field = change.clone().of(field.take(), |text| text.0);
        }
        set(&mut contact.name, &self.name);
        set(&mut contact.job_title, &self.job_title);
        set(&mut contact.company, &self.company);
        set(&mut contact.state, &self.state);
        set(&mut contact.city, &self.city);
        contact.timezone = self
            .timezone
            .clone()
            .of(contact.timezone.take(), |zone| zone.name().to_owned());
        contact.country = self.country.clone().of(contact.country.take(), |country| {
            country.0.to_ascii_uppercase()
        });
        contact.linkedin = self
            .linkedin
            .clone()
            .of(contact.linkedin.take(), |address| address.0);
        if let Some(emails) = &self.emails {
            contact.emails.clone_from(&emails.0);
        }
        let numbers = std::mem::take(&mut contact.phone_numbers);
        contact.phone_numbers = self
            .phone_numbers
            .clone()
            .of(Some(numbers), phone_numbers)
            .unwrap_or_default();
    }
}
