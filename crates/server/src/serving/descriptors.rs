//! File descriptors: every connection needs one.

/// What a process needs besides connections: databases, logs, the runtime.
const OTHERS: usize = 256;

/// Raises the limit of this process as far as it may, and returns how many connections fit into it.
pub(super) fn raise() -> usize {
    limit().map_or(usize::MAX, |limit| limit.saturating_sub(OTHERS))
}

#[cfg(unix)]
fn limit() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files is not raised");
            limit.current
        }
    };
    current.and_then(|current| usize::try_from(current).ok())
}

#[cfg(not(unix))]
fn limit() -> Option<usize> {
    None
}
