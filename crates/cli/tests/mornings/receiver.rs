//! Somebody who receives messages, and looks at nothing but what is documented of them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver as Inbox, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A message as it came.
#[derive(Debug)]
pub(crate) struct Received {
    /// By name, in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// A web server that takes every message, but for the first one, which it asks for again.
pub(crate) struct Receiver {
    port: u16,
    inbox: Mutex<Inbox<Received>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("it listens").port();
        let (outbox, inbox) = mpsc::channel();
        std::thread::spawn(move || serve(&listener, &outbox));
        Self { port, inbox: Mutex::new(inbox) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/nights?of=assistant", self.port)
    }

    /// The next message, whether it was taken or not.
    pub(crate) fn next(&self) -> Received {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.recv_timeout(PATIENCE).expect("a message")
    }
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Whether it is signed with a secret, as the documentation of messages has it.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.trim_start_matches("whsec_")).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
        let [id, moment] = ["webhook-id", "webhook-timestamp"].map(|name| self.header(name));
        mac.update(format!("{id}.{moment}.").as_bytes());
        mac.update(&self.body);
        let ours = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature") == ours
    }
}

fn serve(listener: &TcpListener, outbox: &Sender<Received>) {
    let mut status = "503 Service Unavailable";
    for stream in listener.incoming().flatten() {
        let Some(received) = receive(&stream) else { continue };
        let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        drop((&stream).write_all(reply.as_bytes()));
        status = "204 No Content";
        if outbox.send(received).is_err() {
            return;
        }
    }
}

fn receive(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    assert!(line.starts_with("POST /nights?of=assistant HTTP/1.1"), "{line}");
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Received { headers, body })
}
