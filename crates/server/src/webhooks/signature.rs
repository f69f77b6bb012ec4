//! How a receiver knows that a message is ours: Calendly's header, and those of Standard Webhooks.

use crate::api::caller::hex;
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// `t=…,v1=…`: HMAC-SHA256 of the time, a point, and the body.
pub fn calendly(key: &str, seconds: i64, body: &str) -> Option<String> {
    let signed = sign(key.as_bytes(), &[&seconds.to_string(), body])?;
    Some(format!("t={seconds},v1={}", hex(&signed)))
}

/// `v1,…`: HMAC-SHA256 of the id, the time and the body, with points between them.
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
pub fn standard(key: &str, (id, seconds): (&str, i64), body: &str) -> Option<String> {
    // a key that was made for this says so, and is in Base64
    let stripped = key.strip_prefix("whsec_");
    let decoded = stripped.and_then(|key| BASE64_STANDARD.decode(key).ok());
    let key = decoded.unwrap_or_else(|| key.as_bytes().to_vec());
    let signed = sign(&key, &[id, &seconds.to_string(), body])?;
    Some(format!("v1,{}", BASE64_STANDARD.encode(signed)))
}

fn sign(key: &[u8], parts: &[&str]) -> Option<Vec<u8>> {
    // a key of any length will do
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            mac.update(b".");
        }
        mac.update(part.as_bytes());
    }
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    // openssl: printf '1492774577.{"a":1}' | openssl dgst -sha256 -hmac 'secret'
    #[test]
    fn signatures_are_what_other_programs_compute() {
        let signed = calendly("secret", 1_492_774_577, r#"{"a":1}"#).unwrap();
        assert_eq!(
            signed,
            "t=1492774577,v1=ff8d5f25d7eee08192b9853d29d5e538b200ea9882f0a5f1be60b41cefdc5d79"
        );
        let signed = standard(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330),
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signed.unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
