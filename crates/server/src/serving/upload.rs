//! The body of a request on its way in: it must keep coming, and all of them together must fit into memory.

use super::pace::{Alarm, Patience, Progress};
use crate::bound::Share;
use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::timeout;

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

/// What is left of a body that nobody read to its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Leftover(Arc<Mutex<Option<Incoming>>>);

/// So many bytes of a body are read although nobody wants them, if they come within so long: then the connection can go
/// on, which most clients expect.
const UNWANTED: usize = 64 << 10;
const LINGER: Duration = Duration::from_millis(100);

impl Leftover {
    /// Reads what is left, if it is little and comes soon. False if the connection cannot go on.
    pub async fn is_done_with(&self) -> bool {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut body) = left else {
            return true;
        };
        let mut bytes = 0;
        let read = async {
            while bytes <= UNWANTED {
                let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
                match frame {
                    None => return true,
                    Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, Bytes::len),
                    Some(Err(_broken)) => return false,
                }
            }
            false
        };
        timeout(LINGER, read).await.unwrap_or(false)
    }
}

/// The body.
#[derive(Debug)]
pub(super) struct Upload {
    /// Taken out when this is dropped.
    body: Option<Incoming>,
    leftover: Leftover,
    patience: Patience,
    alarm: Alarm,
    progress: Progress,
    memory: Arc<Share>,
}

impl Upload {
    /// A body whose bytes are counted in `memory`.
    pub fn new(
        body: Incoming,
        (patience, memory): (Patience, Arc<Share>),
        leftover: Leftover,
    ) -> Upload {
        Upload {
            body: Some(body),
            leftover,
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
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        match Pin::new(body).poll_frame(context) {
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
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.body.as_ref().map(HttpBody::size_hint);
        hint.unwrap_or_default()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let left = self.body.take().filter(|body| !body.is_end_stream());
        let mut leftover = self
            .leftover
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *leftover = left;
    }
}
