//! A schedule in words, and when it is due next.

use jiff::Timestamp;

use super::{DoneBy, Overlap, Schedule};

impl Schedule {
    /// What it says, a line for each matter.
    pub fn describe(&self) -> Vec<String> {
        let terms = &self.terms;
        let mut lines = vec![
            format!("runs     {} as of {}", terms.sweep, self.content.short()),
            format!("due      {}", terms.timetable.describe()),
            format!("starts   within {}, or the due time is missed", terms.start_within),
        ];
        lines.extend(terms.done_by.map(|done_by| format!("done     {}", describe_end(done_by))));
        lines.push(format!("overlap  {}", describe_overlap(terms.overlap)));
        lines.extend(self.describe_baseline().map(|line| format!("against  {line}")));
        lines.extend(terms.tell.iter().map(|tell| {
            let on: Vec<_> = tell.on.iter().map(|occasion| occasion.word()).collect();
            format!("tells    {} of {}", tell.webhook, on.join(", "))
        }));
        if terms.priority.0 != 0 {
            lines.push(format!("priority {}", terms.priority.0));
        }
        if terms.paused {
            lines.push("paused   due times are skipped until it is resumed".to_owned());
        }
        lines
    }

    /// The next due times after a moment as people in its zone read them, with the offset that makes
    /// clear which of two equal times is meant.
    pub fn show_upcoming(&self, after: Timestamp, count: usize) -> Vec<String> {
        let timetable = &self.terms.timetable;
        timetable.upcoming(after).take(count).map(|due| timetable.show(due)).collect()
    }

    fn describe_baseline(&self) -> Option<String> {
        let baseline = self.terms.baseline.as_ref()?;
        let repeats = baseline.repeats.map(|repeats| format!(", {repeats} repeats or more"));
        let age = baseline.max_age.map(|age| format!(", not older than {age}"));
        Some(
            [baseline.pinned.clone(), repeats.unwrap_or_default(), age.unwrap_or_default()]
                .concat(),
        )
    }
}

fn describe_end(done_by: DoneBy) -> String {
    match done_by {
        DoneBy::Clock(time) => format!("by {}, or it is cancelled", time.strftime("%H:%M")),
        DoneBy::Within(length) => format!("{length} after the due time, or it is cancelled"),
    }
}

fn describe_overlap(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Skip => "does not run while the last one is going",
        Overlap::Queue => "waits for the last one to end, within the start window",
    }
}
