//! The body of a request on its way in: it must keep coming, and all of them together must fit into memory.

use super::pace::{Alarm, Patience, Progress};
use crate::bound::Share;
use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The client sends too little.
    #[error("the body comes too slowly")]
    TooSlow,
    /// Too many bodies are being read.
    #[error("there is no memory for the body")]
    NoRoom,
    /// The connection failed.
    #[error(transparent)]
    Broken(hyper::Error),
}

/// The body.
#[derive(Debug)]
pub(super) struct Upload {
    body: Incoming,
    patience: Patience,
    alarm: Alarm,
    progress: Progress,
    memory: Arc<Share>,
}

impl Upload {
    /// A body whose bytes are counted in `memory`.
    pub fn new(body: Incoming, patience: Patience, memory: Arc<Share>) -> Upload {
        Upload {
            body,
            patience,
            alarm: Alarm::default(),
            progress: Progress::new(),
            memory,
        }
    }

    fn count(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, Unread> {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.progress.add(bytes);
        if self.memory.grow(bytes) {
            Ok(frame)
        } else {
            Err(Unread::NoRoom)
        }
    }
}

impl HttpBody for Upload {
    type Data = Bytes;
    type Error = Unread;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unread>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(this.count(frame))),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(Unread::Broken(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let (patience, alarm) = (&this.patience, &mut this.alarm);
                ready!(this.progress.poll_too_slow(patience, alarm, context));
                Poll::Ready(Some(Err(Unread::TooSlow)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
