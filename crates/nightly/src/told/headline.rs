//! The first line, and what it means in one sentence.

use super::clock::Clock;
use super::gate::GateTold;
use super::numbers::plural;
use crate::{Morning, Word};

impl Morning {
    /// What people call it: the schedule, or the sweep where somebody asked without one.
    pub(super) fn title(&self) -> &str {
        self.run.as_ref().map_or(&self.name, |run| run.schedule.as_str())
    }

    /// `regression`, or `missed`.
    pub(super) fn said(&self) -> &'static str {
        self.occasion().word()
    }

    pub(super) fn mark(&self) -> char {
        if self.missed { '·' } else { self.word.mark() }
    }

    pub(super) fn clock(&self) -> Clock {
        Clock::of(self.zone.as_deref())
    }

    /// When it was: from its submission to the verdict. From when it was due, where nobody knows when that
    /// was; and that alone, where it never began.
    pub(super) fn when(&self) -> String {
        let due = self.run.as_ref().map(|run| run.due);
        match (due, self.sweep) {
            (Some(due), None) => format!("due {}", self.clock().moment(due)),
            (Some(due), Some(_)) if self.began == self.judged => {
                self.clock().span(due, self.judged)
            }
            (_, _) => self.clock().span(self.began, self.judged),
        }
    }

    /// `$11.20`, with what nobody knows.
    pub(super) fn cost(&self) -> String {
        match self.unpriced {
            0 => self.spent.to_string(),
            unpriced => {
                format!("{} and {} of unknown cost", self.spent, plural(unpriced, "execution"))
            }
        }
    }

    /// `REGRESSION`, `assistant-nightly`, `15 Sep 2026, 02:00–02:41 UTC`, `$11.20`, `exit 1`.
    pub(super) fn first_line(&self) -> Vec<String> {
        let simulated = self.simulated.then(|| "SIMULATED".to_owned());
        let (said, title) = (self.said().to_uppercase(), self.title().to_owned());
        let cost = self.sweep.map(|_| self.cost());
        let exit = format!("exit {}", self.exit_code());
        let named = simulated.into_iter().chain([said, title, self.when()]);
        named.chain(cost).chain([exit]).collect()
    }

    /// What the word means, for whoever reads it first thing in the morning.
    pub(super) fn headline(&self) -> String {
        if self.missed {
            return "It never started, so that nothing is known of this night.".to_owned();
        }
        match self.word {
            Word::Pass => self.describe_pass(),
            Word::Regression => self.describe_regression(),
            Word::Inconclusive => self.describe_inconclusive(),
            Word::UnreliableBaseline => {
                "The baseline is nothing to compare with, so that nothing is known of the model."
                    .to_owned()
            }
            Word::ChangedModel => {
                "Another model answered than the one that is meant, so that the two nights cannot be \
                 compared."
                    .to_owned()
            }
            Word::ChangedJudge => {
                "The judge is not what it was: what looks like the model may be the judge.".to_owned()
            }
            Word::Infrastructure => {
                "The run is to blame and not the model, of which nothing is known.".to_owned()
            }
            Word::Deadline => {
                "It was not done in time and is cancelled, so that nothing is known of the model."
                    .to_owned()
            }
        }
    }

    fn describe_pass(&self) -> String {
        match self.critical_gates().count() {
            1 => "The critical gate passes: a loss of more than its margin is excluded.".to_owned(),
            gates => format!(
                "All {gates} critical gates pass: a loss of more than the margin is excluded at each."
            ),
        }
    }

    fn describe_regression(&self) -> String {
        match self.critical_that_are(Word::Regression).as_slice() {
            [one] => format!("Got worse by more than its margin: {one}."),
            several => format!("Got worse by more than their margins: {}.", several.join("; ")),
        }
    }

    fn describe_inconclusive(&self) -> String {
        match (self.critical_that_are(Word::Inconclusive).as_slice(), &self.verdict) {
            ([], None) => "Nothing was compared, so that nothing is known.".to_owned(),
            ([], Some(_)) => "No gate is critical, so that nothing could pass.".to_owned(),
            (open, _) => {
                format!(
                    "It cannot be told whether this got worse beyond its margin: {}.",
                    open.join("; ")
                )
            }
        }
    }

    fn critical_that_are(&self, word: Word) -> Vec<String> {
        self.critical_gates().filter(|gate| gate.gate.word == word).map(GateTold::name).collect()
    }

    fn critical_gates(&self) -> impl Iterator<Item = GateTold<'_>> {
        self.gates_told().into_iter().filter(|gate| gate.is_critical())
    }
}
