//! A submission in pieces becomes one.

use std::time::Duration;

use iago_protocol::wire::submit_part::Part;
use iago_protocol::wire::{FilePart, ScheduleHead, SchedulePart, SubmitPart, schedule_part};
use iago_sweep::SweepId;
use tokio::time::timeout;
use tonic::{Status, Streaming};

use crate::compile::Sources;
use crate::inbox::Submission;

/// The largest submission, in bytes, over all its files.
const SUBMISSION_BYTES_MAX: usize = 2 * 1024 * 1024 * 1024;

/// How long nothing may come of it: while it is gathered, others wait for its place.
const SILENCE_MAX: Duration = Duration::from_secs(30);

pub(crate) async fn gather(mut parts: Streaming<SubmitPart>) -> Result<Submission, Status> {
    let mut submission = Submission::default();
    let mut bytes = 0;
    while let Some(part) = next(&mut parts).await? {
        match part.part {
            Some(Part::Head(head)) => {
                submission.sources.file_name = head.file_name;
                submission.sources.prompts_max = head.prompts_max;
                submission.retry_failed = head.retry_failed;
                submission.plan_digest = head.plan_digest;
                submission.submitted_ms = head.submitted_ms;
                submission.extend = head.extend.map(SweepId);
                submission.against = Some(head.against).filter(|name| !name.is_empty());
            }
            Some(Part::File(file)) => add(file, &mut submission.sources, &mut bytes)?,
            None => return Err(empty()),
        }
    }
    Ok(submission)
}

/// A schedule that somebody hands in, with the files of its sweep.
pub(crate) async fn gather_schedule(
    mut parts: Streaming<SchedulePart>,
) -> Result<(ScheduleHead, Sources), Status> {
    let (mut head, mut sources, mut bytes) = (ScheduleHead::default(), Sources::default(), 0);
    while let Some(part) = next(&mut parts).await? {
        match part.part {
            Some(schedule_part::Part::Head(of)) => {
                sources.file_name.clone_from(&of.file_name);
                head = of;
            }
            Some(schedule_part::Part::File(file)) => add(file, &mut sources, &mut bytes)?,
            None => return Err(empty()),
        }
    }
    Ok((head, sources))
}

async fn next<T>(parts: &mut Streaming<T>) -> Result<Option<T>, Status> {
    timeout(SILENCE_MAX, parts.message()).await.unwrap_or_else(|_elapsed| {
        let words =
            format!("nothing of the files came for {} s: send them again", SILENCE_MAX.as_secs());
        Err(Status::deadline_exceeded(words))
    })
}

/// Adds a piece of a file, after so many bytes of all files and their paths.
fn add(file: FilePart, sources: &mut Sources, bytes: &mut usize) -> Result<(), Status> {
    *bytes += file.path.len() + file.data.len();
    if *bytes > SUBMISSION_BYTES_MAX {
        let words =
            format!("the files and their paths add up to more than {SUBMISSION_BYTES_MAX} bytes");
        return Err(Status::resource_exhausted(words));
    }
    sources.files.entry(file.path).or_default().extend(file.data);
    Ok(())
}

fn empty() -> Status {
    Status::invalid_argument("an empty part")
}
