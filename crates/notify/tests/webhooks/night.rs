//! A store that somebody leads, with messages in it, and what delivers them.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iago_notify::{Receivers, WebhookSettings, deliver_all};
use iago_store::{
    Change, DueKey, MemoryStore, NewNotice, Nights, NoticeEnd, Recording, RunRow, Store,
};
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use crate::receiver::PATIENCE;

/// What all messages are signed with, as the environment has it and as bytes.
pub(crate) const SECRET: &str = "whsec_c2lnbiBieSB0aGlz";
pub(crate) const SIGNED_BY: &[u8] = b"sign by this";

pub(crate) struct Leader {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) term: u64,
}

/// What delivers, at work.
pub(crate) struct Courier {
    pub(crate) terms: watch::Sender<Option<u64>>,
    stop: CancellationToken,
    at_work: JoinHandle<()>,
}

impl Leader {
    pub(crate) async fn new() -> Self {
        let store = Arc::new(MemoryStore::default());
        let term = store.lead("a test", Duration::from_secs(3600)).await.expect("nobody leads");
        Self { store, term }
    }

    pub(crate) async fn tell(&self, id: &str, url_env: &str, body: &[u8]) {
        self.tell_in(self.term, id, url_env, body).await;
    }

    /// Stores a run of its own with one message, to whoever is behind this variable.
    pub(crate) async fn tell_in(&self, term: u64, id: &str, url_env: &str, body: &[u8]) {
        let to = json!({
            "webhook": url_env.to_lowercase(), "url_env": url_env, "secret_env": "SECRET",
            "on": ["regression"],
        });
        let to = to.to_string().into_bytes();
        let notice = NewNotice { id: id.to_owned(), to, body: body.to_vec() };
        let key = DueKey { schedule: id.to_owned(), due_s: 0 };
        let (run, state) = (b"{}".to_vec(), b"\"ended\"".to_vec());
        let recording = Recording {
            row: RunRow { key, run, state, is_over: true },
            was: None,
            cancels: false,
            verdict: None,
            notices: vec![notice],
        };
        let change = Change::Record(Box::new(recording));
        self.store.change(term, vec![change]).await.expect("it leads");
    }

    /// Delivers with these variables set, besides the secret.
    pub(crate) fn start(&self, variables: &[(&'static str, String)]) -> Courier {
        self.start_with(Arc::clone(&self.store), variables)
    }

    /// The same, through a store that may have its ways.
    pub(crate) fn start_with(
        &self,
        store: Arc<impl Nights>,
        variables: &[(&'static str, String)],
    ) -> Courier {
        let mut set: BTreeMap<&str, String> = variables.iter().cloned().collect();
        set.insert("SECRET", SECRET.to_owned());
        let named = BTreeMap::<String, WebhookSettings>::new();
        let read = move |name: &str| set.get(name).cloned().map(SecretString::from);
        let (terms, told) = watch::channel(Some(self.term));
        let stop = CancellationToken::new();
        let delivering = deliver_all(store, told, Receivers::new(named, read), stop.clone());
        let at_work = tokio::spawn(async { delivering.await.expect("HTTP can be set up") });
        Courier { terms, stop, at_work }
    }

    /// Waits until so many messages have an end, and gives these, by id.
    pub(crate) async fn ends(&self, count: usize) -> Vec<NoticeEnd> {
        let all = async {
            loop {
                let ends = self.ended().await;
                if ends.len() >= count {
                    return ends;
                }
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, all).await.expect("they come to an end")
    }

    async fn ended(&self) -> Vec<NoticeEnd> {
        let mut ends = Vec::new();
        for id in ["a", "b", "g", "h1", "h2", "nightly/2026-09-15T00:00:00Z/ci", "w1", "w2", "w3"] {
            let key = DueKey { schedule: id.to_owned(), due_s: 0 };
            let notices = self.store.notices(&key).await.expect("it is in memory");
            ends.extend(notices.into_iter().filter_map(|notice| notice.end));
        }
        ends
    }
}

impl Courier {
    /// Ends it in the middle of whatever it does.
    pub(crate) async fn kill(self) {
        self.at_work.abort();
        assert!(self.at_work.await.expect_err("it was killed").is_cancelled());
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.at_work).await.expect("it stops").expect("it does not panic");
    }
}

/// All that is logged in a test.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn collect(&self) -> DefaultGuard {
        let writing = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        tracing::subscriber::set_default(
            writing.with_ansi(false).with_writer(self.clone()).finish(),
        )
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panics in it")).into_owned()
    }

    /// Waits until all of these were said.
    pub(crate) async fn has(&self, words: &[&str]) {
        let said = async {
            while !words.iter().all(|word| self.text().contains(word)) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = timeout(PATIENCE, said).await;
        assert!(waited.is_ok(), "not all of {words:?} in {}", self.text());
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, said: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics in it").extend_from_slice(said);
        Ok(said.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
