//! A small web server for tests: real sockets, answers from a function.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the server sends, head and body, as it stands: a test may send nonsense.
pub type RawAnswer = Vec<u8>;

/// A server on a free port of this machine; it ends with the process.
pub struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Starts to serve; `answer` gets the path and the lower-case head of each request.
    pub fn start(answer: impl Fn(&str, &str) -> RawAnswer + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                serve(stream, &answer);
            }
        });
        Server { url: format!("http://{address}"), requests }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Requests so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A client that goes away is its own business.
fn serve(mut stream: TcpStream, answer: &impl Fn(&str, &str) -> RawAnswer) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut head = String::new();
    for line in BufReader::new(reading).lines().map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        head.push_str(&line.to_lowercase());
        head.push('\n');
    }
    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
    let _ = stream.write_all(&answer(&path, &head));
    let _ = stream.shutdown(Shutdown::Write);
}

/// A whole answer with a status and a length.
pub fn answer(status: u16, content_type: &str, body: &[u8]) -> RawAnswer {
    let mut answer = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}
