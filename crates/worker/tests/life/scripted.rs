//! An endpoint that says what the test tells it to say, in order, and keeps what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::coordinator::soon;

/// What every answer is said to have taken.
pub(crate) const INPUT_TOKENS: u64 = 10;
pub(crate) const OUTPUT_TOKENS: u64 = 5;

/// One reply.
pub(crate) struct Reply {
    status: u16,
    headers: &'static str,
    body: String,
    end: End,
}

/// What comes after the last byte.
enum End {
    /// Nothing: the body is whole.
    Whole,
    /// The connection ends, and the body is not whole.
    Broken,
    /// The connection stays, and nothing comes.
    Silent,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) key: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Scripted {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _stop: DropGuard,
}

/// An answer in full.
pub(crate) fn says(text: &str) -> Reply {
    ends("stop", text)
}

/// An answer that ends for this reason.
pub(crate) fn ends(finish: &str, text: &str) -> Reply {
    let body = json!({
        "model": "echo-1",
        "choices": [{ "finish_reason": finish, "message": { "content": text } }],
        "usage": { "prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS },
    });
    whole(200, body.to_string())
}

/// The same, with log probabilities.
pub(crate) fn says_with_logprobs(text: &str, logprobs: &Value) -> Reply {
    let mut reply = says(text);
    let mut body: Value = serde_json::from_str(&reply.body).expect("it is JSON");
    body["choices"][0]["logprobs"] = logprobs.clone();
    reply.body = body.to_string();
    reply
}

/// An answer with this body.
pub(crate) fn answers(body: &Value) -> Reply {
    whole(200, body.to_string())
}

/// No answer.
pub(crate) fn fails(status: u16) -> Reply {
    whole(status, json!({ "error": { "message": "no" } }).to_string())
}

fn whole(status: u16, body: String) -> Reply {
    Reply { status, headers: "", body, end: End::Whole }
}

/// No answer, for this reason.
pub(crate) fn fails_with(status: u16, words: &str) -> Reply {
    whole(status, json!({ "error": { "message": words } }).to_string())
}

/// A web page.
pub(crate) fn page(status: u16) -> Reply {
    whole(status, "<!doctype html><title>Somewhere else</title>".to_owned())
}

/// No answer, after so many tokens of output.
pub(crate) fn fails_after(status: u16, output: u64) -> Reply {
    let usage = json!({ "prompt_tokens": INPUT_TOKENS, "completion_tokens": output });
    whole(status, json!({ "error": { "message": "no" }, "usage": usage }).to_string())
}

/// The beginning of a stream that tells what was taken so far, after which its connection breaks.
pub(crate) fn breaks_off(usage: &Value) -> Reply {
    Reply { end: End::Broken, ..ends_early(usage) }
}

/// The same, after which nothing comes.
pub(crate) fn falls_silent(usage: &Value) -> Reply {
    Reply { end: End::Silent, ..ends_early(usage) }
}

/// The same, after which it is closed as if it were whole.
pub(crate) fn ends_early(usage: &Value) -> Reply {
    let choice = json!({ "index": 0, "delta": { "content": "<" }, "finish_reason": null });
    let chunk = json!({ "model": "echo-1", "choices": [choice], "usage": usage });
    whole(200, format!("data: {chunk}\n\n"))
}

/// A limit is met, and for once its headers say which.
pub(crate) fn throttles() -> Reply {
    let headers = "retry-after: 0.01\r\nx-ratelimit-limit-requests: 60\r\n\
                   x-ratelimit-remaining-requests: 0\r\n";
    Reply { headers, ..fails(429) }
}

/// A limit is met, and will be for a minute.
pub(crate) fn throttles_for_long() -> Reply {
    Reply { headers: "retry-after: 60\r\n", ..fails(429) }
}

/// No answer, and none for a minute.
pub(crate) fn fails_for_long() -> Reply {
    Reply { headers: "retry-after: 60\r\n", ..fails(503) }
}

impl Scripted {
    /// Whoever asks after the last reply gets a 500.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/v1", listener.local_addr().expect("it is bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stop = CancellationToken::new();
        let (log, stopped) = (Arc::clone(&asked), stop.clone().cancelled_owned());
        let mut replies: Vec<_> = replies.into_iter().collect();
        replies.reverse();
        let serving = async move {
            let mut silent = Vec::new();
            loop {
                let (stream, _) = listener.accept().await.expect("it listens");
                let mut stream = BufReader::new(stream);
                let Some(one) = read(&mut stream).await else { continue };
                log.lock().expect("nobody panics in it").push(one);
                silent.extend(write(stream, replies.pop().unwrap_or_else(|| fails(500))).await);
            }
        };
        tokio::spawn(async move {
            tokio::select! { () = serving => {}, () = stopped => {} }
        });
        Self { url, asked, _stop: stop.drop_guard() }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("nobody panics in it").clone()
    }

    /// Waits until it was asked so often.
    pub(crate) async fn asked_times(&self, times: usize) {
        soon("requests", async {
            while self.asked().len() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

impl Asked {
    /// Who says what, in order.
    pub(crate) fn messages(&self) -> Vec<(String, String)> {
        let text = |message: &Value, part: &str| message[part].as_str().map(str::to_owned);
        let pair = |message| Some((text(message, "role")?, text(message, "content")?));
        let messages = self.json()["messages"].as_array().cloned().expect("there are messages");
        messages.iter().map(|message| pair(message).expect("they are texts")).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("it is JSON")
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if line == "\r\n" {
            break;
        }
        match line.trim().split_once(": ") {
            Some(("idempotency-key", value)) => value.clone_into(&mut key),
            Some(("content-length", value)) => length = value.parse().expect("it is a number"),
            Some(_) | None => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { key, body })
}

/// Gives the connection back where it is to be kept.
async fn write(mut stream: BufReader<TcpStream>, reply: Reply) -> Option<BufReader<TcpStream>> {
    let Reply { status, headers, body, end } = reply;
    let missing = usize::from(!matches!(end, End::Whole));
    let length = body.len() + missing;
    let head = format!(
        "HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    );
    let reply = [head.as_bytes(), body.as_bytes()].concat();
    stream.write_all(&reply).await.expect("the worker listens");
    if matches!(end, End::Silent) {
        return Some(stream);
    }
    stream.shutdown().await.expect("it can be closed");
    None
}
