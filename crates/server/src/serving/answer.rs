//! The body of an answer on its way out: the memory that it takes is counted until the client has all of it.

use super::stream::Talk;
use crate::bound::Share;
use axum::{
    Error,
    body::{Body, Bytes, HttpBody},
};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// The body.
pub(super) struct Counted {
    body: Body,
    talk: Arc<Talk>,
    memory: Option<Share>,
}

impl Counted {
    /// A body that takes `memory`.
    pub fn new(body: Body, talk: Arc<Talk>, memory: Share) -> Counted {
        Counted {
            body,
            talk,
            memory: Some(memory),
        }
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    /// The connection has its last part, and the memory until that is sent.
    fn drop(&mut self) {
        if let Some(memory) = self.memory.take() {
            self.talk.keep(memory);
        }
    }
}
