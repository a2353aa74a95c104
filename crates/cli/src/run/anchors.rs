//! The sweep in which transcripts of the baseline are judged again, beside the one that is compared with it.

use iago_protocol::wire::{End, Progress};
use iago_sweep::{Plan, StageKind, SweepId};
use tonic::Streaming;

use super::follow::{next, watch};
use crate::exit::Stop;
use crate::submission::Jobs;
use crate::watch::grouped;

/// How the anchors go, if there are any.
pub(super) struct Anchors {
    stream: Option<Streaming<Progress>>,
    latest: Option<Progress>,
    /// Stages that judge. Answers of all others are those of the baseline.
    judges: Vec<String>,
}

impl Anchors {
    pub(super) async fn watch(
        client: &mut Jobs,
        sweep: Option<SweepId>,
        plan: &Plan,
    ) -> Result<Self, Stop> {
        let Some(sweep) = sweep else {
            return Ok(Self { stream: None, latest: None, judges: Vec::new() });
        };
        let stream = watch(client, sweep).await?;
        let judges =
            plan.stages.iter().filter(|stage| matches!(stage.kind, StageKind::Judge { .. }));
        let judges = judges.map(|stage| stage.name.clone()).collect();
        Ok(Self { stream: Some(stream), latest: Some(Progress::default()), judges })
    }

    /// Waits until they have moved; for ever where there are none, or they have ended.
    pub(super) async fn moved(&mut self) -> Result<(), Stop> {
        let Some(stream) = self.stream.as_mut() else {
            return std::future::pending().await;
        };
        let progress = next(stream).await?;
        if progress.end() != End::Unspecified {
            self.stream = None;
        }
        self.latest = Some(progress);
        Ok(())
    }

    /// In one line.
    pub(super) fn shown(&self) -> String {
        let stages = self.latest.iter().flat_map(|latest| &latest.stages);
        let judged = stages.filter(|stage| self.judges.contains(&stage.name));
        let (ended, known) = judged.fold((0, 0), |(ended, known), stage| {
            (ended + stage.done + stage.failed, known + stage.known)
        });
        format!("the baseline: {} of {} judged again", grouped(ended), grouped(known))
    }

    /// How a sweep and its anchors have ended, once both have. A sweep that did not come to its end is not
    /// waited with.
    pub(super) fn ended_with(&self, own: &Progress) -> Option<(End, String)> {
        let theirs = self.latest.as_ref().map(|latest| (latest.end(), &latest.end_reason));
        match (own.end(), theirs) {
            (End::Unspecified, _) | (End::Done, Some((End::Unspecified, _))) => None,
            (End::Done, Some((end, why))) if end != End::Done => {
                Some((end, format!("while the baseline is judged again: {why}")))
            }
            (end, _) => Some((end, own.end_reason.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use iago_protocol::wire::StageProgress;

    use super::*;

    fn progress(end: End, reason: &str) -> Progress {
        let stage = |name: &str, done, known| StageProgress {
            name: name.to_owned(),
            done,
            known,
            failed: 0,
        };
        Progress {
            end: end.into(),
            end_reason: reason.to_owned(),
            stages: vec![stage("reply", 40, 40), stage("grade", 3, 40)],
            ..Progress::default()
        }
    }

    fn anchors(latest: Option<Progress>) -> Anchors {
        Anchors { stream: None, latest, judges: vec!["grade".to_owned()] }
    }

    #[test]
    fn a_sweep_has_ended_when_its_anchors_have() {
        let own = progress(End::Done, "");
        let still = anchors(Some(progress(End::Unspecified, "")));
        assert_eq!(still.shown(), "the baseline: 3 of 40 judged again");
        assert_eq!(still.ended_with(&own), None);
        let done = anchors(Some(progress(End::Done, "")));
        assert_eq!(done.ended_with(&own), Some((End::Done, String::new())));
        assert_eq!(done.ended_with(&progress(End::Unspecified, "")), None);
        assert_eq!(anchors(None).ended_with(&own), Some((End::Done, String::new())));
    }

    #[test]
    fn anchors_that_are_stuck_are_no_end_of_the_whole() {
        let stuck = anchors(Some(progress(End::Blocked, "no key")));
        let (end, why) = stuck.ended_with(&progress(End::Done, "")).unwrap();
        assert_eq!(
            (end, why.as_str()),
            (End::Blocked, "while the baseline is judged again: no key")
        );
    }

    #[test]
    fn a_sweep_that_is_paused_waits_for_nobody() {
        let still = anchors(Some(progress(End::Unspecified, "")));
        let paused = progress(End::Paused, "money");
        assert_eq!(still.ended_with(&paused), Some((End::Paused, "money".to_owned())));
    }
}
