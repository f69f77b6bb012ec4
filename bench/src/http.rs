//! As much of HTTP/1.1 as a load program needs: requests as bytes, and the heads of answers.

use crate::Failure;

/// What matters of the head of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// How long the body is.
    pub length: usize,
    /// Whether it says when to try again.
    pub retry_after: bool,
    /// Whether the connection ends with it.
    pub closes: bool,
    /// How long the head itself is, with the empty line at its end.
    pub size: usize,
}

const END: &[u8] = b"\r\n\r\n";

/// The head at the beginning of what has arrived, or nothing while it is incomplete.
pub fn head(arrived: &[u8]) -> Result<Option<Head>, Failure> {
    let Some(end) = arrived.windows(END.len()).position(|part| part == END) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&arrived[..end])?;
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3));
    let status = status.ok_or_else(|| format!("{first:?} does not begin an answer"))?;
    let (mut length, mut retry_after, mut closes) = (None, false, false);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse()?);
        }
        retry_after |= name.eq_ignore_ascii_case("retry-after");
        closes |= name.eq_ignore_ascii_case("connection") && value.trim() == "close";
    }
    Ok(Some(Head {
        status: status.parse()?,
        length: length.ok_or_else(|| format!("an answer without Content-Length: {text}"))?,
        retry_after,
        closes,
        size: end + END.len(),
    }))
}

/// A GET request.
pub fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

/// Any request with a JSON body.
pub fn with_body(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nCONTENT-length: 12\r\n\r\nhello";

    #[test]
    fn a_head_is_read_once_all_of_it_has_arrived() {
        let expected = Head {
            status: 503,
            length: 12,
            retry_after: true,
            closes: false,
            size: ANSWER.len() - 5,
        };
        assert_eq!(head(ANSWER).unwrap(), Some(expected));
        for cut in 0..expected.size {
            assert_eq!(head(&ANSWER[..cut]).unwrap(), None, "{cut} bytes");
        }
    }

    #[test]
    fn what_cannot_be_measured_is_an_error() {
        assert!(head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(head(b"HTTP/2 200\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(head(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n").is_err());
    }

    #[test]
    fn a_body_is_announced_with_its_length() {
        let request = String::from_utf8(with_body("POST", "/a", "t", "{}")).unwrap();
        assert!(request.contains("content-length: 2\r\n"));
        assert!(request.ends_with("\r\n\r\n{}"));
    }
}
