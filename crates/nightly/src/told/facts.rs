//! What a verdict rests on, an item each: judges, people, models, what is missing, the baseline, what moved.

use super::numbers::{count, percent, plural};
use crate::{Drift, Flip, JudgeChange, JudgeFinding, Morning, Moved, Word};

/// More prompts are not named; their number is.
const FLIPS_NAMED: usize = 5;

impl Morning {
    /// What the verdict rests on.
    pub(super) fn facts(&self) -> Vec<String> {
        let judges = self.verdict.iter().flat_map(|verdict| &verdict.judges).map(describe_judge);
        let gold = self.against.as_ref().and_then(|against| against.gold);
        let gold = gold.map(|gold| format!("judge and people agree on {}/{}", gold.agree, gold.of));
        let mut facts: Vec<String> = judges.chain(gold).chain(self.models()).collect();
        facts.extend(self.missing());
        facts.extend(self.jobs());
        facts.extend(self.baseline());
        facts.extend(self.sweeps());
        facts
    }

    /// What moved since the baseline and what did not, a line each; empty where nothing is known.
    pub(super) fn drift_told(&self) -> Vec<String> {
        let (still, moved): (Vec<&Drift>, Vec<&Drift>) =
            self.drift.iter().partition(|drift| drift.moved == Moved::NotMuch);
        let told = |drift: &&Drift| drift.to_string().replace(" (not much)", "");
        let list = |drifts: &[&Drift]| drifts.iter().map(told).collect::<Vec<_>>().join(", ");
        let line = |what: &str, drifts: &[&Drift]| {
            (!drifts.is_empty()).then(|| format!("{what}: {}", list(drifts)))
        };
        [line("moved", &moved), line("steady", &still)].into_iter().flatten().collect()
    }

    /// The prompts that got worse furthest, and where none did, those that got better; an item each.
    pub(super) fn flips_told(&self) -> Vec<String> {
        let (worse, better): (Vec<&Flip>, Vec<&Flip>) =
            self.flips.iter().partition(|flip| flip.worse);
        let (said, shown) = if worse.is_empty() { ("better", better) } else { ("worse", worse) };
        let named = shown.iter().take(FLIPS_NAMED);
        let mut items: Vec<String> = named.map(|flip| flip.told()).collect();
        if let Some(first) = items.first_mut() {
            first.insert_str(0, &format!("got {said} most: "));
        }
        let more = shown.len().saturating_sub(FLIPS_NAMED);
        items.extend((more > 0).then(|| format!("and {more} more")));
        items
    }

    fn models(&self) -> Option<String> {
        let models = &self.circumstances.as_ref()?.models;
        let each = models.iter().map(|(model, ids)| match ids.len() {
            0 => format!("{model} did not say who it is"),
            _ => format!("{model} is {}", ids.iter().cloned().collect::<Vec<_>>().join(" and ")),
        });
        let each: Vec<String> = each.collect();
        (!each.is_empty()).then(|| each.join(", "))
    }

    /// The largest share of any gate, and whether it counted.
    fn missing(&self) -> Option<String> {
        let gates = self.verdict.iter().flat_map(|verdict| &verdict.gates);
        let findings = gates.filter_map(|gate| Some((gate.word, gate.finding.as_ref()?)));
        let (word, worst) = findings.max_by(|(_, a), (_, b)| a.missing.total_cmp(&b.missing))?;
        if worst.missing == 0.0 {
            return Some("nothing missing".to_owned());
        }
        let missing = percent(worst.missing);
        let is_bounded = worst.worst_case != (worst.low, worst.high);
        let holds = is_bounded && matches!(word, Word::Pass | Word::Regression);
        let unchanged = if holds { ", verdict unchanged at worst case" } else { "" };
        Some(format!("missing {missing}{unchanged}"))
    }

    fn jobs(&self) -> Option<String> {
        let done = self.done;
        let other = |number: u64, what: &str| {
            if number > 0 { format!(", {} {what}", count(number)) } else { String::new() }
        };
        let (failed, open) = (other(done.failed, "failed"), other(done.open, "open"));
        let is_known = done.answered + done.failed + done.open > 0;
        is_known.then(|| format!("{} answered{failed}{open}", plural(done.answered, "job")))
    }

    fn baseline(&self) -> Option<String> {
        let against = self.against.as_ref()?;
        let days = self.judged.duration_since(against.began).as_hours() / 24;
        let age = plural(u64::try_from(days).unwrap_or(0), "day");
        let repeats = plural(u64::from(against.repeats), "repeat");
        Some(format!("baseline {}, {age} old, {repeats}", against.name))
    }

    fn sweeps(&self) -> Option<String> {
        let tonight = self.sweep?;
        let against = self.against.as_ref();
        let baseline = against.map(|against| format!(" against {}", against.sweep));
        let anchors = against.and_then(|against| against.anchors);
        let anchors = anchors.map(|anchors| format!(", anchors {anchors}"));
        Some(format!("{tonight}{}{}", baseline.unwrap_or_default(), anchors.unwrap_or_default()))
    }
}

fn describe_judge(judge: &JudgeFinding) -> String {
    let JudgeFinding { stage, judged, flips, unanswered, .. } = judge;
    let same = match (judge.change, judged) {
        (Some(JudgeChange::OtherModel), _) => format!("judge {stage} is another model"),
        (_, 0) => format!("judge {stage} was not asked about any anchor"),
        (_, _) => format!("judge {stage} same on {}/{judged} anchors", judged - flips),
    };
    match unanswered {
        0 => same,
        unanswered => format!("{same}, {unanswered} unanswered"),
    }
}

impl Flip {
    /// `t-041 6/6 → 0/3`.
    fn told(&self) -> String {
        let Self { prompt, baseline, tonight, .. } = self;
        format!("{prompt} {}/{} → {}/{}", baseline.yes, baseline.of, tonight.yes, tonight.of)
    }
}
