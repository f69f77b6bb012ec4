//! How text is compared when people look for it: without case, without accents, without spaces around it.

use store::contacts::{Contact, Searched};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Text in lower case.
pub fn lower(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Text in lower case and without accents.
pub fn plain(text: &str) -> String {
    let bare: String = text.nfd().filter(|c| !is_combining_mark(*c)).collect();
    lower(&bare)
}

/// The digits of a phone number.
pub fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// What a contact is searched by.
pub fn searched(contact: &Contact) -> Searched {
    let of = |field: &Option<String>| field.as_deref().map(plain).unwrap_or_default();
    let mut phone_numbers = " ".to_owned();
    for number in &contact.phone_numbers {
        phone_numbers.push_str(&digits(number));
        phone_numbers.push(' ');
    }
    Searched {
        name: of(&contact.name),
        job_title: of(&contact.job_title),
        company: of(&contact.company),
        state: of(&contact.state),
        city: of(&contact.city),
        phone_numbers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_spaces_around_do_not_count() {
        for text in [" Élodie Müller ", "ELODIE MU\u{308}LLER", "elodie muller"] {
            assert_eq!(plain(text), "elodie muller");
        }
        assert_eq!(lower(" Élodie "), "élodie");
        assert_eq!(plain("李 Ω"), "李 ω");
        assert_eq!(digits("+1 (415) 555-1234"), "14155551234");
    }
}
