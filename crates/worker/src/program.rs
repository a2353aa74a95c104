//! The processes of one program: started when they are needed, kept, and replaced when they break.

use std::sync::{Mutex, MutexGuard, PoisonError};

use iago_grading::read_score;
use iago_sweep::{Label, Says};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::process::{Broken, Process};
use crate::settings::ProgramSettings;
use crate::standing::{Asker, Standing};

/// Characters of a version that are kept.
const VERSION_CHARS_MAX: usize = 200;

/// A program that the worker's settings name.
pub(crate) struct Program {
    settings: ProgramSettings,
    /// At most as many as may be asked at once.
    idle: Mutex<Vec<Process>>,
    standing: Mutex<Standing>,
    stop: CancellationToken,
}

/// What a program said to one request.
pub(crate) struct Said {
    pub(crate) label: Label,
    /// Its line, as it came.
    pub(crate) line: String,
    pub(crate) version: Option<String>,
}

/// Why it said nothing.
pub(crate) enum Silent {
    Broken(Broken),
    /// Its worker has ended.
    Stopped,
}

impl Program {
    pub(crate) fn new(settings: ProgramSettings) -> Self {
        let (idle, standing) = (Mutex::default(), Mutex::default());
        Self { settings, idle, standing, stop: CancellationToken::new() }
    }

    /// How many of its processes may be asked at once. Whoever asks holds to it.
    pub(crate) fn concurrency(&self) -> u32 {
        self.settings.concurrency
    }

    /// Whether it was never of any use in the life of this worker, whoever asked it.
    pub(crate) fn is_unusable(&self) -> bool {
        self.standing().is_unusable()
    }

    /// Ends its processes, those at work among them.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
        self.idle().clear();
    }

    /// Asks one of its processes. A process that breaks is not asked again.
    pub(crate) async fn ask(
        &self,
        by: Asker,
        request: &Map<String, Value>,
        says: &Says,
    ) -> Result<Said, Silent> {
        let asked = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Silent::Stopped),
            asked = self.ask_one(request, says) => asked,
        };
        let mut standing = self.standing();
        match &asked {
            Ok(_) => standing.replied(),
            Err(_) => standing.broke(by),
        }
        asked.map_err(Silent::Broken)
    }

    async fn ask_one(&self, request: &Map<String, Value>, says: &Says) -> Result<Said, Broken> {
        let kept = self.idle().pop();
        let started = kept.map_or_else(|| Process::start(&self.settings), Ok);
        let unstarted = |error: std::io::Error| Broken::Unstarted(error.to_string());
        let mut process = started.map_err(unstarted)?;
        let id = process.next_id();
        let line = process.exchange(&line(request, id), self.settings.timeout).await;
        match line.and_then(|line| read_reply(says, id, line)) {
            Ok(said) => {
                self.keep(process);
                Ok(said)
            }
            Err(broken) => {
                let status = process.end().await;
                let ended = matches!(broken, Broken::Ended(_));
                Err(if ended { Broken::Ended(status) } else { broken })
            }
        }
    }

    fn keep(&self, process: Process) {
        let mut idle = self.idle();
        if !self.stop.is_cancelled() {
            idle.push(process);
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn line(request: &Map<String, Value>, id: u64) -> Vec<u8> {
    let mut request = request.clone();
    request.insert("id".to_owned(), id.into());
    let mut line = Value::Object(request).to_string().into_bytes();
    line.push(b'\n');
    line
}

fn read_reply(says: &Says, id: u64, line: String) -> Result<Said, Broken> {
    let label = read_score(says, &line).map_err(Broken::Meaningless)?;
    let reply: Value = serde_json::from_str(&line).unwrap_or_default();
    if reply["id"].as_u64() != Some(id) {
        return Err(Broken::Astray);
    }
    let version = reply["version"].as_str();
    let version = version.map(|version| version.chars().take(VERSION_CHARS_MAX).collect());
    Ok(Said { label, line, version })
}
