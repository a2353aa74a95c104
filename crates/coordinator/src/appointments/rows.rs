//! What the agenda says of schedules and runs, as the store keeps it: JSON, and what it must know besides.

use iago_nightly::{Run, RunKey, RunState, Schedule, Standing};
use iago_store::{DueKey, RunRow};
use iago_sweep::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::warn;

/// The row of a run.
pub(crate) fn row(run: &Run) -> RunRow {
    RunRow {
        key: due_key(&run.key),
        run: json(run),
        state: state(&run.state),
        is_over: run.state.is_over(),
    }
}

/// What a run is known by in the store.
pub(crate) fn due_key(key: &RunKey) -> DueKey {
    DueKey { schedule: key.schedule.to_string(), due_s: key.due.as_second() }
}

/// A run's state alone.
pub(crate) fn state(state: &RunState) -> Vec<u8> {
    json(state)
}

/// What is stored of a schedule, a run or a morning. All of them have string keys only, so that they always
/// have a JSON form.
pub(crate) fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

pub(crate) fn read_run(json: &[u8]) -> Option<Run> {
    read(json, "a run")
}

pub(crate) fn read_standing(json: &[u8]) -> Option<Standing> {
    read(json, "a schedule")
}

pub(crate) fn read_schedule(json: &[u8]) -> Option<Schedule> {
    read(json, "a version of a schedule")
}

/// What cannot be read is left alone, and holds up nothing else.
fn read<T: DeserializeOwned>(json: &[u8], what: &str) -> Option<T> {
    let read = serde_json::from_slice(json);
    read.inspect_err(|error| warn!(%error, "{what} in the store cannot be read: left alone")).ok()
}

/// What a schedule pins its sweep by: all of its files, by path and content.
pub(crate) fn content_of<'a>(files: impl IntoIterator<Item = (&'a String, &'a Vec<u8>)>) -> Digest {
    let named = files.into_iter().map(|(path, data)| (path, Digest::of(data).to_string()));
    Digest::of_value(&named.collect::<Vec<_>>())
}
