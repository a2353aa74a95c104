//! What the endpoint saw of a fleet: how many calls, when, and to which jobs.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use iago_simulated_endpoint::Log;
use serde_json::Value;

use super::{Fleet, LONG, until};

/// A call, as the endpoint wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// When it came, by [`Fleet::elapsed`].
    pub at: Duration,
    pub key: String,
}

impl Fleet {
    /// Waits until the endpoint has seen this many calls.
    pub async fn until_calls(&self, calls: u64) {
        until(&format!("{calls} calls"), LONG, || self.calls() >= calls).await;
    }

    /// How many calls the endpoint has seen: its account without the keys, which is quick to ask for.
    pub fn calls(&self) -> u64 {
        let address = self.endpoint.url().replace("http://", "");
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(b"GET /log/summary HTTP/1.0\r\n\r\n").expect("it reads");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("it answers");
        let (_, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
        let summary: Value = serde_json::from_str(body).expect("it is JSON");
        summary["calls"].as_u64().expect("a count")
    }

    /// The endpoint's account.
    pub fn log(&self) -> Log {
        self.endpoint.log()
    }

    /// Since the endpoint started: the clock of its journal.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The first call of every job that was called from then on, in order.
    pub fn first_calls_since(&self, then: Duration) -> Vec<Called> {
        let journal = std::fs::read_to_string(self.world.path("calls.jsonl")).expect("its journal");
        let mut seen = BTreeSet::new();
        let calls = journal.lines().map(|line| {
            let line: Value = serde_json::from_str(line).expect("a whole line");
            let at = Duration::from_millis(line["ms"].as_u64().expect("a time"));
            Called { at, key: line["key"].as_str().expect("a key").to_owned() }
        });
        let first: Vec<_> = calls.filter(|call| seen.insert(call.key.clone())).collect();
        first.into_iter().filter(|call| call.at >= then).collect()
    }

    /// Jobs that may be with workers at most: each one's share, and as much again waiting.
    pub fn out_max(&self, workers: usize) -> u64 {
        // The window beyond a share is the share again, but never less than 16.
        2 * u64::from(self.setup.concurrency) + 16 * workers as u64
    }
}
