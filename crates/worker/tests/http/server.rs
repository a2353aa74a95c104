//! A server that says to everybody what the test tells it to say, in pieces.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use iago_providers::{Dialect, Protocol, Streaming};
use iago_worker::{EndpointSettings, Timeouts};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What is done next in a connection. At its end it is closed.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Say(String),
    Wait(Duration),
    /// Says it again and again, with this pause.
    Repeat(String, Duration),
    /// Says no more, and leaves it open.
    Hang,
}

pub(crate) struct Server {
    pub(crate) address: String,
    heard: Arc<Mutex<Vec<String>>>,
    _stop: DropGuard,
}

impl Server {
    pub(crate) async fn start(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let stop = CancellationToken::new();
        let (log, stopped) = (Arc::clone(&heard), stop.clone().cancelled_owned());
        let serving = async move {
            loop {
                let (stream, _) = listener.accept().await.expect("it listens");
                tokio::spawn(serve(stream, steps.clone(), Arc::clone(&log)));
            }
        };
        tokio::spawn(async move {
            tokio::select! { () = serving => {}, () = stopped => {} }
        });
        Self { address, heard, _stop: stop.drop_guard() }
    }

    /// The first line of each request.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics in it").clone()
    }
}

async fn serve(stream: TcpStream, steps: Vec<Step>, heard: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let Some(line) = read_request(&mut stream).await else { return };
    heard.lock().expect("nobody panics in it").push(line);
    for step in steps {
        // Whoever has hung up needs nothing more.
        let said = match step {
            Step::Say(text) => stream.write_all(text.as_bytes()).await,
            Step::Wait(long) => {
                tokio::time::sleep(long).await;
                Ok(())
            }
            Step::Repeat(text, pause) => loop {
                tokio::time::sleep(pause).await;
                if let Err(gone) = stream.write_all(text.as_bytes()).await {
                    break Err(gone);
                }
            },
            Step::Hang => std::future::pending().await,
        };
        if said.is_err() {
            return;
        }
    }
}

/// Reads a request, and gives its first line.
pub(crate) async fn read_request(stream: &mut BufReader<impl AsyncRead + Unpin>) -> Option<String> {
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if first.is_empty() {
            line.trim().clone_into(&mut first);
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().trim().strip_prefix("content-length: ") {
            length = value.parse().expect("it is a number");
        }
    }
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    Some(first)
}

/// How a test calls this address: as OpenAI's chat, without patience.
pub(crate) fn endpoint(url: &str) -> EndpointSettings {
    let timeouts = Timeouts {
        connect: Duration::from_secs(20),
        first_byte: None,
        idle: Duration::from_secs(20),
        total: Duration::from_secs(60),
    };
    let dialect = Dialect::new(Protocol::OpenAiChat, url).expect("it is an address");
    let prices = std::collections::BTreeMap::new();
    EndpointSettings { dialect, key: None, timeouts, proxy: None, ca: None, prices, free: false }
}

/// The same, asked for streams.
pub(crate) fn streaming(server: &Server) -> EndpointSettings {
    let mut endpoint = endpoint(&format!("http://{}/v1", server.address));
    endpoint.dialect.streaming = Streaming::Always;
    endpoint
}

/// A whole reply.
pub(crate) fn reply(status: u16, body: &Value) -> String {
    let body = body.to_string();
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

/// An answer in full.
pub(crate) fn answer() -> String {
    let body = json!({
        "model": "echo-1",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "content": "ok" } }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11 },
    });
    reply(200, &body)
}

/// The head of a stream that ends with its connection.
pub(crate) fn head() -> Step {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    Step::Say(head.to_owned())
}

/// A chunk of chat that says something.
pub(crate) fn chunk(text: &str) -> String {
    let delta = json!({
        "model": "echo-1",
        "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }],
    });
    format!("data: {delta}\n\n")
}

/// The chunks that end an answer.
pub(crate) fn last_chunks() -> String {
    let last = json!({
        "model": "echo-1",
        "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }],
    });
    let usage = json!({
        "model": "echo-1",
        "choices": [],
        "usage": { "prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11 },
    });
    format!("data: {last}\n\ndata: {usage}\n\ndata: [DONE]\n\n")
}
