//! A client's connection, on which the server does not wait for ever.

use super::pace::{Alarm, Patience, Progress};
use crate::bound::Share;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

/// What the requests of a connection and its stream know of one another.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// Odd while a request is under way.
    turns: AtomicUsize,
    /// The memory of answers of which the client has yet to take the last part.
    answers: Mutex<Vec<Share>>,
}

impl Talk {
    /// A request is under way until the value is dropped.
    pub fn request(self: Arc<Talk>) -> UnderWay {
        self.turns.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// Counts the memory of an answer until all that is written now is sent.
    pub fn keep(&self, answer: Share) {
        self.answers().push(answer);
    }

    fn sent(&self) {
        self.answers().clear();
    }

    fn answers(&self) -> MutexGuard<'_, Vec<Share>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is under way.
pub(super) struct UnderWay(Arc<Talk>);

impl UnderWay {
    pub fn talk(&self) -> &Arc<Talk> {
        &self.0
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.turns.fetch_add(1, Ordering::Relaxed);
    }
}

/// The stream. It ends when the client sends nothing or too little, or does not take its answers.
#[derive(Debug)]
pub(super) struct PatientStream {
    stream: TcpStream,
    patience: Patience,
    alarm: Alarm,
    talk: Arc<Talk>,
    /// The turn of the talk that the next two are about.
    turn: usize,
    /// Whether there is a part of a head.
    partial: bool,
    /// Since when the client is silent, before a head or within it.
    silent: Option<(bool, Instant)>,
    sending: Option<Progress>,
}

impl PatientStream {
    pub fn new(stream: TcpStream, patience: Patience, talk: Arc<Talk>) -> PatientStream {
        PatientStream {
            stream,
            patience,
            alarm: Alarm::default(),
            talk,
            turn: 0,
            partial: false,
            silent: None,
            sending: None,
        }
    }

    /// Whether a request is under way: then the client need not send anything, and bodies have a pace of their own.
    fn is_under_way(&mut self) -> bool {
        let turn = self.talk.turns.load(Ordering::Relaxed);
        if turn != self.turn {
            self.turn = turn;
            self.partial = false;
            self.silent = None;
        }
        turn % 2 == 1
    }

    fn wait_for_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // whoever is taking an answer has a pace for that
        if self.is_under_way() || self.sending.is_some() {
            return Poll::Pending;
        }
        let since = match self.silent {
            Some((partial, since)) if partial == self.partial => since,
            _ => Instant::now(),
        };
        self.silent = Some((self.partial, since));
        if self.partial {
            ready!(self.alarm.poll_at(since + self.patience.head, context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        ready!(self.alarm.poll_at(since + self.patience.idle, context));
        // as if the client had closed the connection, which nobody needs
        Poll::Ready(Ok(()))
    }

    fn note_sent(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        // the client is waited for, not silent
        self.silent = None;
        let sending = self.sending.get_or_insert_with(Progress::new);
        if let Poll::Ready(written) = written {
            if let Ok(bytes) = &written {
                sending.add(*bytes);
            }
            return Poll::Ready(written);
        }
        ready!(sending.poll_too_slow(&self.patience, &mut self.alarm, context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for PatientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if read.is_pending() {
            return this.wait_for_head(context);
        }
        if buffer.filled().len() > before && !this.is_under_way() {
            this.partial = true;
        }
        read
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.note_sent(written, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.note_sent(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called once everything was written.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.sending.take().is_some() {
            this.talk.sent();
            // HTTP may have looked for bytes while the request was under way, and need not look again before some come
            if this.wait_for_head(context).is_ready() {
                context.waker().wake_by_ref();
            }
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
