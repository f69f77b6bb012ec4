//! What is looked for in the activity log: `|` or, `+` and (as between words that stand side by side), `-` not, `"…"`
//! words in this order, `(…)`, and `*` for how a word may end. `-` binds most, `|` least.

use crate::app::contacts::searched::plain;
use std::{fmt, iter::Peekable, str::CharIndices};

/// What a text must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchTerm {
    /// One of these.
    Any(Vec<SearchTerm>),
    /// All of these.
    All(Vec<SearchTerm>),
    /// Not this.
    Not(Box<SearchTerm>),
    /// These words, one after the other; the last one may be only how a word begins.
    Words(Vec<String>, Ending),
}

/// Whether the last word is a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is.
    Whole,
    /// It is how a word begins.
    Open,
}

/// What cannot be understood, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misunderstood {
    /// At which character, counted from 1.
    pub place: usize,
    /// What is wrong there.
    pub what: Mistake,
}

/// What can be wrong with a search term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Something to look for should come here.
    NothingToFind,
    /// A quotation that begins here does not end.
    Quotation,
    /// A parenthesis that is opened here is not closed.
    Unclosed,
    /// A parenthesis is closed that was not opened.
    Unopened,
    /// There is neither a letter nor a digit in it.
    NoWord,
}

impl fmt::Display for Misunderstood {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            Mistake::NothingToFind => "a word, a quotation or a parenthesis must come",
            Mistake::Quotation => "a quotation begins that does not end",
            Mistake::Unclosed => "a parenthesis is opened that is not closed",
            Mistake::Unopened => "a parenthesis is closed that was not opened",
            Mistake::NoWord => "something has neither a letter nor a digit",
        };
        write!(
            formatter,
            "cannot be understood: at character {} {what}",
            self.place
        )
    }
}

/// The words of a text, without case and accents.
pub fn words(text: &str) -> Vec<String> {
    let plain = plain(text);
    let words = plain.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

impl SearchTerm {
    /// Reads a search term.
    pub fn parse(text: &str) -> Result<SearchTerm, Misunderstood> {
        let mut parser = Parser {
            text,
            rest: text.char_indices().peekable(),
        };
        let term = parser.any()?;
        match parser.rest.peek().copied() {
            None => Ok(term),
            Some((at, _)) => Err(parser.mistake(at, Mistake::Unopened)),
        }
    }

    /// Whether texts, as their [`words`], have what is looked for. Words that are to follow one another do so in one text.
    pub fn is_in(&self, texts: &[Vec<String>]) -> bool {
        match self {
            SearchTerm::Any(terms) => terms.iter().any(|term| term.is_in(texts)),
            SearchTerm::All(terms) => terms.iter().all(|term| term.is_in(texts)),
            SearchTerm::Not(term) => !term.is_in(texts),
            SearchTerm::Words(wanted, ending) => texts.iter().any(|text| {
                text.windows(wanted.len())
                    .any(|found| fits(wanted, *ending, found))
            }),
        }
    }
}

fn fits(wanted: &[String], ending: Ending, found: &[String]) -> bool {
    let (Some((last, before)), Some((end, start))) = (wanted.split_last(), found.split_last())
    else {
        return false;
    };
    let is_end = match ending {
        Ending::Whole => end == last,
        Ending::Open => end.starts_with(last.as_str()),
    };
    is_end && before == start
}

struct Parser<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<SearchTerm, Misunderstood> {
        let mut terms = vec![self.all()?];
        while self.takes('|') {
            terms.push(self.all()?);
        }
        Ok(one_or(terms, SearchTerm::Any))
    }

    fn all(&mut self) -> Result<SearchTerm, Misunderstood> {
        let mut terms = vec![self.not()?];
        loop {
            let is_joined = self.takes('+');
            match self.rest.peek() {
                None | Some((_, '|' | ')')) if !is_joined => {
                    return Ok(one_or(terms, SearchTerm::All));
                }
                _ => terms.push(self.not()?),
            }
        }
    }

    fn not(&mut self) -> Result<SearchTerm, Misunderstood> {
        if self.takes('-') {
            return Ok(SearchTerm::Not(Box::new(self.not()?)));
        }
        match self.rest.peek().copied() {
            Some((at, '(')) => self.group(at),
            Some((at, '"')) => self.quotation(at),
            Some((at, letter)) if !matches!(letter, '|' | '+' | ')') => self.word(at),
            place => {
                let at = place.map_or(self.text.len(), |(at, _)| at);
                Err(self.mistake(at, Mistake::NothingToFind))
            }
        }
    }

    fn group(&mut self, at: usize) -> Result<SearchTerm, Misunderstood> {
        self.rest.next();
        let inner = self.any()?;
        if self.takes(')') {
            Ok(inner)
        } else {
            Err(self.mistake(at, Mistake::Unclosed))
        }
    }

    fn quotation(&mut self, at: usize) -> Result<SearchTerm, Misunderstood> {
        self.rest.next();
        let mut inner = String::new();
        for (_, letter) in self.rest.by_ref() {
            if letter == '"' {
                return self.words(at, &inner, Ending::Whole);
            }
            inner.push(letter);
        }
        Err(self.mistake(at, Mistake::Quotation))
    }

    /// Up to what has a meaning of its own; a dash has none within a word.
    fn word(&mut self, at: usize) -> Result<SearchTerm, Misunderstood> {
        let goes_on =
            |(_, letter): &(usize, char)| !letter.is_whitespace() && !"|+()\"*".contains(*letter);
        let mut word = String::new();
        while let Some((_, letter)) = self.rest.next_if(goes_on) {
            word.push(letter);
        }
        // only what stands right behind a word says how it may end
        let ending = match self.rest.next_if(|(_, letter)| *letter == '*') {
            Some(_) => Ending::Open,
            None => Ending::Whole,
        };
        self.words(at, &word, ending)
    }

    fn words(&self, at: usize, text: &str, ending: Ending) -> Result<SearchTerm, Misunderstood> {
        match words(text) {
            words if words.is_empty() => Err(self.mistake(at, Mistake::NoWord)),
            words => Ok(SearchTerm::Words(words, ending)),
        }
    }

    /// Whether a sign comes next, after spaces; then it is taken.
    fn takes(&mut self, sign: char) -> bool {
        while self
            .rest
            .next_if(|(_, letter)| letter.is_whitespace())
            .is_some()
        {}
        self.rest.next_if(|(_, letter)| *letter == sign).is_some()
    }

    fn mistake(&self, at: usize, what: Mistake) -> Misunderstood {
        let before = self.text.get(..at).unwrap_or_default();
        Misunderstood {
            place: before.chars().count() + 1,
            what,
        }
    }
}

fn one_or(mut terms: Vec<SearchTerm>, several: fn(Vec<SearchTerm>) -> SearchTerm) -> SearchTerm {
    match terms.pop() {
        Some(only) if terms.is_empty() => only,
        last => {
            terms.extend(last);
            several(terms)
        }
    }
}

#[cfg(test)]
mod tests;
