//! The stream of a server that may be a hostile one. No message is larger than its limit, and nothing that is kept
//! while nobody asks for it grows without bound.
//!
//! tokio-postgres collects a message before anybody sees it, and keeps all notices of a login and all parameters.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::config::{Config, Host, SslMode, SslNegotiation};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::BoxedError;
use crate::limits::Excess;

/// Less than this is no limit: a login and the description of a statement's columns have some kilobytes.
const LEAST: usize = 64 << 10;

/// The question whether the server speaks TLS: its length and its code.
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

type Connector = <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect;
type Encrypted = <Connector as TlsConnect<Socket>>::Stream;

/// Makes bounded streams, encrypted or not.
#[derive(Clone)]
pub(super) struct Connect {
    tls: MakeRustlsConnect,
    mode: SslMode,
    asks_first: bool,
    limit: usize,
    /// What a server did that it may not do.
    pub(super) excess: Arc<OnceLock<Excess>>,
}

impl Connect {
    /// For connections by this configuration, which is changed so that all of their bytes come by here. The library
    /// hands only encrypted streams over, so it is told that all are. Sockets of this machine are left
    /// as they are.
    pub(super) fn new(tls: MakeRustlsConnect, config: &mut Config, limit: usize) -> Connect {
        let mode = config.get_ssl_mode();
        let asks_first = config.get_ssl_negotiation() == SslNegotiation::Postgres;
        if config.get_hosts().iter().all(|host| matches!(host, Host::Tcp(_))) {
            config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
        }
        Connect { tls, mode, asks_first, limit: limit.max(LEAST), excess: Arc::default() }
    }
}

impl MakeTlsConnect<Socket> for Connect {
    type Stream = Bounded;
    type TlsConnect = ConnectOne;
    type Error = BoxedError;

    fn make_tls_connect(&mut self, host: &str) -> Result<ConnectOne, BoxedError> {
        let tls = MakeTlsConnect::<Socket>::make_tls_connect(&mut self.tls, host)?;
        Ok(ConnectOne { tls, by: self.clone() })
    }
}

/// Makes one stream.
pub(super) struct ConnectOne {
    tls: Connector,
    by: Connect,
}

impl TlsConnect<Socket> for ConnectOne {
    type Stream = Bounded;
    type Error = BoxedError;
    type Future = Pin<Box<dyn Future<Output = Result<Bounded, BoxedError>> + Send>>;

    fn connect(self, mut socket: Socket) -> Self::Future {
        Box::pin(async move {
            let ConnectOne { tls, by } = self;
            let stream = if speaks_tls(&mut socket, &by).await? {
                SocketStream::Encrypted(Box::new(tls.connect(socket).await?))
            } else {
                SocketStream::Plain(socket)
            };
            let messages = Messages::new(by.limit);
            Ok(Bounded { stream, messages, excess: by.excess })
        })
    }
}

async fn speaks_tls(socket: &mut Socket, by: &Connect) -> Result<bool, BoxedError> {
    if by.mode == SslMode::Disable || !by.asks_first {
        return Ok(by.mode != SslMode::Disable);
    }
    socket.write_all(&TLS_REQUEST).await?;
    let does = socket.read_u8().await? == b'S';
    if does || by.mode == SslMode::Prefer {
        Ok(does)
    } else {
        Err("server does not support TLS".into())
    }
}

enum SocketStream {
    Plain(Socket),
    Encrypted(Box<Encrypted>),
}

/// A stream of messages of bounded size.
pub(super) struct Bounded {
    stream: SocketStream,
    messages: Messages,
    excess: Arc<OnceLock<Excess>>,
}

/// A stream of either kind.
trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Duplex for S {}

impl Bounded {
    fn stream(&mut self) -> Pin<&mut dyn Duplex> {
        match &mut self.stream {
            SocketStream::Plain(socket) => Pin::new(socket),
            SocketStream::Encrypted(stream) => Pin::new(stream.as_mut()),
        }
    }
}

impl AsyncRead for Bounded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = self.stream().poll_read(context, buffer);
        match self.messages.take(&buffer.filled()[before..]) {
            Ok(()) => read,
            Err(Wrong::Stranger) => {
                let text = "it does not speak PostgreSQL's protocol";
                Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)))
            }
            Err(Wrong::Excess(excess)) => {
                // The library drops the reason.
                let _ = self.excess.set(excess);
                Poll::Ready(Err(io::Error::other(excess)))
            }
        }
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}

impl TlsStream for Bounded {
    fn channel_binding(&self) -> ChannelBinding {
        match &self.stream {
            SocketStream::Plain(_) => ChannelBinding::none(),
            SocketStream::Encrypted(stream) => stream.channel_binding(),
        }
    }
}

/// What is wrong with a server's messages.
#[derive(Debug)]
enum Wrong {
    /// The first one is none that PostgreSQL begins with.
    Stranger,
    /// One is too large, or there are too many.
    Excess(Excess),
}

/// How a server's first message may begin: with authentication, an error, a notice, or an older protocol.
const FIRST: &[u8] = b"RENv";

/// Follows a server's messages: a letter, the length of the rest in four bytes, the rest.
struct Messages {
    limit: usize,
    /// The letter and length of the message that begins.
    head: Vec<u8>,
    /// Bytes of the message that are still to come.
    rest: usize,
    is_logged_in: bool,
    /// Bytes that may be kept for ever: all of the login, later those of parameters.
    kept: usize,
}

impl Messages {
    fn new(limit: usize) -> Messages {
        Messages { limit, head: Vec::new(), rest: 0, is_logged_in: false, kept: 0 }
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Wrong> {
        while !bytes.is_empty() {
            let inside = self.rest.min(bytes.len());
            self.rest -= inside;
            bytes = &bytes[inside..];
            let head = bytes.len().min(5 - self.head.len());
            self.head.extend_from_slice(&bytes[..head]);
            bytes = &bytes[head..];
            if let &[letter, a, b, c, d] = self.head.as_slice() {
                self.head.clear();
                self.begin(letter, u32::from_be_bytes([a, b, c, d]) as usize)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, letter: u8, length: usize) -> Result<(), Wrong> {
        if self.kept == 0 && !FIRST.contains(&letter) {
            return Err(Wrong::Stranger);
        }
        self.rest = length.saturating_sub(4);
        if !self.is_logged_in || letter == b'S' {
            self.kept += 1 + length;
        }
        // "Ready for a query" ends the login.
        self.is_logged_in |= letter == b'Z';
        if length > self.limit || self.kept > self.limit {
            Err(Wrong::Excess(Excess::Message(self.limit)))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A login of twelve bytes.
    const LOGIN: &[u8] = b"R\0\0\0\x04Z\0\0\0\x05I";

    fn message(letter: u8, length: usize) -> Vec<u8> {
        let head = u32::try_from(length + 4).unwrap().to_be_bytes();
        [&[letter][..], &head, &vec![b'Z'; length]].concat()
    }

    /// Whether this many of a message are taken after another text, in pieces of any size.
    fn takes(first: &[u8], times: usize, message: &[u8]) -> bool {
        let all = [first, &message.repeat(times)].concat();
        let taken = [1, 3, 5, 7, 100_000].map(|size| {
            let mut messages = Messages::new(1000);
            all.chunks(size).all(|chunk| messages.take(chunk).is_ok())
        });
        assert!(taken.iter().all(|it| *it == taken[0]), "{taken:?}");
        taken[0]
    }

    #[test]
    fn messages_are_bounded_and_so_is_what_is_kept_of_them() {
        assert!(takes(LOGIN, 9, &message(b'D', 1000 - 4)), "rows");
        assert!(!takes(LOGIN, 1, &message(b'D', 1000 - 3)), "a large row");
        let (notice, parameter) = (message(b'N', 0), message(b'S', 0));
        assert!(takes(b"", 200, &notice), "1000 bytes of a login");
        assert!(!takes(b"", 201, &notice), "a login with more");
        assert!(takes(LOGIN, 2000, &notice), "later notices are not kept");
        assert!(!takes(LOGIN, 201, &parameter), "parameters are");
    }

    #[test]
    fn a_stranger_is_known_by_the_first_letter() {
        for text in ["HTTP/1.1 400 Bad Request", "TTP/1.1", "SSH-2.0-x", "220 mail"] {
            let taken = Messages::new(1000).take(text.as_bytes());
            assert!(matches!(taken, Err(Wrong::Stranger)), "{text}");
        }
    }
}
