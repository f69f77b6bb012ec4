//! What a mail says, ready to show: a sentence, facts in rows, and how to go on; as text and as HTML.

use askama::Template;
use store::StoreError;

/// A fact.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is.
    pub label: &'static str,
    /// One thing a line.
    pub lines: Vec<String>,
}

/// What a mail says.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What it is about, which is also the subject.
    pub heading: String,
    /// The news.
    pub opening: String,
    /// The facts.
    pub rows: Vec<Row>,
    /// What the reader can do.
    pub closing: Option<String>,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct TextView<'a> {
    opening: &'a str,
    rows: &'a [Row],
    closing: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct HtmlView<'a> {
    heading: &'a str,
    opening: &'a str,
    rows: &'a [Row],
    closing: Option<&'a str>,
}

impl Letter {
    /// Adds a fact, if there is one.
    pub fn row(&mut self, label: &'static str, lines: impl IntoIterator<Item = String>) {
        let lines: Vec<String> = lines.into_iter().map(|line| one_line(&line)).collect();
        if !lines.is_empty() {
            self.rows.push(Row { label, lines });
        }
    }

    /// As text.
    pub fn text(&self) -> Result<String, StoreError> {
        let view = TextView {
            opening: &self.opening,
            rows: &self.rows,
            closing: self.closing.as_deref(),
        };
        let text = view.render().map_err(StoreError::invalid)?;
        Ok(format!("{}\n", text.trim_end()))
    }

    /// As HTML.
    pub fn html(&self) -> Result<String, StoreError> {
        let view = HtmlView {
            heading: &self.heading,
            opening: &self.opening,
            rows: &self.rows,
            closing: self.closing.as_deref(),
        };
        view.render().map_err(StoreError::invalid)
    }
}

/// What people wrote, in one line and without letters that nobody sees: so no name can add a header or a paragraph.
pub fn one_line(text: &str) -> String {
    let visible = text.chars().map(|letter| {
        let is_space = letter.is_control()
            || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if is_space { ' ' } else { letter }
    });
    let visible: String = visible.collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}
