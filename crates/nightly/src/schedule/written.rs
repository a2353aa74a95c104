//! A schedule as its file has it: keys and plain values, and how they become terms and back.

use serde::{Deserialize, Serialize};

use super::checked::Checked;
use super::fault::{Fault, FaultyTerms};
use super::lines::Lines;
use super::terms::{PinnedBaseline, Terms};
use super::{DoneBy, Length, MessageFormat, Overlap, Tell};

/// The keys of a schedule's file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    sweep: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cron: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_within: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done_within: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overlap: Option<String>,
    #[serde(default)]
    priority: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<WrittenBaseline>,
    #[serde(default)]
    tell: Vec<WrittenTell>,
    #[serde(default)]
    paused: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenBaseline {
    pub(super) pinned: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repeats: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_age: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenTell {
    pub(super) webhook: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on: Option<Vec<String>>,
}

impl Written {
    /// Reads and checks a file; every fault gets its line.
    pub(super) fn read(toml: &str) -> Result<Terms, FaultyTerms> {
        let lines = Lines::of(toml);
        let written: Self = toml::from_str(toml).map_err(|error| {
            let (line, key) = lines.place(error.span().map_or(0, |span| span.start));
            FaultyTerms(vec![Fault { line, key, message: error.message().to_owned() }])
        })?;
        written.check().map_err(|mut faults| {
            for fault in &mut faults {
                fault.line = lines.line_of(&fault.key);
            }
            // What is missing has no line and stands at the end.
            faults.sort_by_key(|fault| fault.line.unwrap_or(usize::MAX));
            FaultyTerms(faults)
        })
    }

    fn check(self) -> Result<Terms, Vec<Fault>> {
        let mut checked = Checked::default();
        let sweep = checked.required("sweep", self.sweep);
        let timetable = checked.timetable(self.cron, self.zone);
        let start_within = checked.parsed("start_within", self.start_within);
        let done_by = checked.done_by(self.done_by, self.done_within);
        let overlap = checked.parsed("overlap", self.overlap).unwrap_or(Overlap::Skip);
        let priority = checked.priority(self.priority);
        let baseline = self.baseline.map(|baseline| checked.baseline(baseline));
        let tell: Vec<Tell> = self.tell.into_iter().map(|tell| checked.tell(tell)).collect();
        checked.receivers_differ(&tell);
        let start_within = start_within.unwrap_or(Length::HALF_AN_HOUR);
        checked.ends_after_it_starts(start_within, done_by);
        match (sweep, timetable) {
            (Some(sweep), Some(timetable)) if checked.faults.is_empty() => Ok(Terms {
                sweep,
                timetable,
                start_within,
                done_by,
                overlap,
                priority,
                baseline,
                tell,
                paused: self.paused,
            }),
            _ => Err(checked.faults),
        }
    }
}

impl WrittenTell {
    /// One that stands alone, without a file around it.
    pub(super) fn check(self) -> Result<Tell, FaultyTerms> {
        let mut checked = Checked::default();
        let tell = checked.tell(self);
        if checked.faults.is_empty() { Ok(tell) } else { Err(FaultyTerms(checked.faults)) }
    }
}

impl TryFrom<Written> for Terms {
    type Error = FaultyTerms;

    fn try_from(written: Written) -> Result<Self, FaultyTerms> {
        written.check().map_err(FaultyTerms)
    }
}

impl From<Terms> for Written {
    fn from(terms: Terms) -> Self {
        let (done_by, done_within) = match terms.done_by {
            Some(DoneBy::Clock(time)) => (Some(time.strftime("%H:%M").to_string()), None),
            Some(DoneBy::Within(length)) => (None, Some(length.to_string())),
            None => (None, None),
        };
        Self {
            sweep: Some(terms.sweep),
            cron: Some(terms.timetable.expression().to_owned()),
            zone: Some(terms.timetable.zone_name().to_owned()),
            start_within: Some(terms.start_within.to_string()),
            done_by,
            done_within,
            overlap: Some(terms.overlap.to_string()),
            priority: i64::from(terms.priority.0),
            baseline: terms.baseline.map(WrittenBaseline::from),
            tell: terms.tell.into_iter().map(WrittenTell::from).collect(),
            paused: terms.paused,
        }
    }
}

impl From<PinnedBaseline> for WrittenBaseline {
    fn from(baseline: PinnedBaseline) -> Self {
        let max_age = baseline.max_age.map(|age| age.to_string());
        Self { pinned: baseline.pinned, repeats: baseline.repeats, max_age }
    }
}

impl From<Tell> for WrittenTell {
    fn from(tell: Tell) -> Self {
        let on = tell.on.iter().map(|occasion| occasion.to_string()).collect();
        let format =
            Some(tell.format).filter(|format| *format != MessageFormat::usual(&tell.webhook));
        let format = format.map(|format| format.to_string());
        let Tell { webhook, url_env, secret_env, .. } = tell;
        Self { webhook, format, url_env, secret_env, on: Some(on) }
    }
}
