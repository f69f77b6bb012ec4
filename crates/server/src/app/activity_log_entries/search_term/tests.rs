use super::*;
use proptest::prelude::*;

fn is_in(term: &str, texts: &[&str]) -> bool {
    let texts: Vec<Vec<String>> = texts.iter().map(|text| words(text)).collect();
    SearchTerm::parse(term).unwrap().is_in(&texts)
}

#[test]
fn operators_mean_what_they_say() {
    let texts = [
        "EventType.Add",
        "Élodie Müller",
        "10.0.0.7",
        "30-minute call",
    ];
    for (term, expected) in [
        ("add", true),
        ("ADD", true),
        ("ad", false),
        ("ad*", true),
        ("elodie", true),
        ("add call", true),
        ("add party", false),
        ("add + call", true),
        ("add+party", false),
        ("party | call", true),
        ("party|wedding", false),
        ("-party", true),
        ("-add", false),
        ("--add", true),
        ("-(party | wedding)", true),
        ("(party | add) + -wedding", true),
        // "and" binds more than "or"
        ("add | party wedding", true),
        ("(add | party) wedding", false),
        ("\"minute call\"", true),
        ("\"call minute\"", false),
        ("\"müller 10\"", false),
        // a dash, a point and a slash within a word join its parts
        ("30-minute", true),
        ("30-minutes", false),
        ("30-min*", true),
        ("EventType.Add", true),
        ("10.0.0.7", true),
        ("10.0.0.8", false),
    ] {
        assert_eq!(is_in(term, &texts), expected, "{term}");
    }
}

#[test]
fn what_cannot_be_understood_is_said_with_its_place() {
    for (term, place, what) in [
        ("", 1, Mistake::NothingToFind),
        ("  ", 3, Mistake::NothingToFind),
        ("a |", 4, Mistake::NothingToFind),
        ("| a", 1, Mistake::NothingToFind),
        ("a + + b", 5, Mistake::NothingToFind),
        ("()", 2, Mistake::NothingToFind),
        ("-", 2, Mistake::NothingToFind),
        ("é (b", 3, Mistake::Unclosed),
        ("((b)", 1, Mistake::Unclosed),
        ("a) b", 2, Mistake::Unopened),
        ("a \"b c", 3, Mistake::Quotation),
        ("a \"\"", 3, Mistake::NoWord),
        ("*", 1, Mistake::NoWord),
        ("a ??", 3, Mistake::NoWord),
    ] {
        let found = SearchTerm::parse(term);
        assert_eq!(found, Err(Misunderstood { place, what }), "{term:?}");
    }
}

const WORDS: [&str; 6] = ["a", "b", "ab", "abc", "ba", "c"];

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(&WORDS[..]).prop_map(str::to_owned)
}

fn terms() -> impl Strategy<Value = SearchTerm> {
    let ending = prop::sample::select(&[Ending::Whole, Ending::Open][..]);
    let one = (word(), ending).prop_map(|(word, ending)| SearchTerm::Words(vec![word], ending));
    let several = prop::collection::vec(word(), 2..4);
    let several = several.prop_map(|words| SearchTerm::Words(words, Ending::Whole));
    prop_oneof![one, several].prop_recursive(4, 24, 3, |inner| {
        let some = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            some.clone().prop_map(SearchTerm::Any),
            some.prop_map(SearchTerm::All),
            inner.prop_map(|term| SearchTerm::Not(Box::new(term))),
        ]
    })
}

/// The term as somebody would write it, with a parenthesis around all that could be misread.
fn written(term: &SearchTerm) -> String {
    let joined = |terms: &[SearchTerm], sign: &str| {
        let parts: Vec<String> = terms.iter().map(written).collect();
        format!("({})", parts.join(sign))
    };
    match term {
        SearchTerm::Any(terms) => joined(terms, " | "),
        SearchTerm::All(terms) => joined(terms, if terms.len() == 2 { " + " } else { " " }),
        SearchTerm::Not(term) => format!("-{}", written(term)),
        SearchTerm::Words(words, Ending::Open) => format!("{}*", words.join(" ")),
        SearchTerm::Words(words, Ending::Whole) if words.len() == 1 => words.concat(),
        SearchTerm::Words(words, Ending::Whole) => format!("\"{}\"", words.join(" ")),
    }
}

/// The same question, answered by looking for text in text.
fn slowly(term: &SearchTerm, texts: &[String]) -> bool {
    match term {
        SearchTerm::Any(terms) => terms.iter().any(|term| slowly(term, texts)),
        SearchTerm::All(terms) => !terms.iter().any(|term| !slowly(term, texts)),
        SearchTerm::Not(term) => !slowly(term, texts),
        SearchTerm::Words(words, ending) => {
            let end = if *ending == Ending::Whole { " " } else { "" };
            let wanted = format!(" {}{end}", words.join(" "));
            texts
                .iter()
                .any(|text| format!(" {text} ").contains(&wanted))
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_looked_for(
        term in terms(),
        texts in prop::collection::vec(prop::collection::vec(word(), 0..5), 0..4),
    ) {
        let read = SearchTerm::parse(&written(&term));
        let texts: Vec<String> = texts.iter().map(|words| words.join(" ")).collect();
        let found: Vec<Vec<String>> = texts.iter().map(|text| words(text)).collect();
        prop_assert_eq!(read.map(|read| read.is_in(&found)), Ok(slowly(&term, &texts)));
    }

    #[test]
    fn anything_is_read_or_refused_within_its_length(text in ".{0,300}") {
        if let Err(mistake) = SearchTerm::parse(&text) {
            prop_assert!((1..=text.chars().count() + 1).contains(&mistake.place));
        }
    }
}
