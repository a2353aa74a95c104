//! Whether tonight's judge is still the one that it was.
//!
//! Transcripts that it has judged before (of the baseline, and those that people labelled) are judged again
//! tonight, blind and among tonight's own. Labels that differ are *flips*. Some flips are the judge's own
//! noise; the question is whether there are more, or all one way. A judge that another model answers for is
//! another judge, whatever it says of the anchors.

use std::collections::BTreeMap;

use iago_statistics::{beta_quantile, binomial_at_least, hypergeometric_exact, mcnemar_exact};
use serde::{Deserialize, Serialize};

use crate::model_check::{ModelCheck, OtherModel};

/// The one-sided level of the test of flips, and the two-sided one of that of their direction. Together a
/// judge that is as it was is called changed in at most 1% of nights.
pub const JUDGE_LEVEL: f64 = 0.005;

/// So many anchors without any label are no accident of noise.
const ABSTAINED_MIN: u64 = 3;

/// The power at which a change is said to be visible.
const POWER: f64 = 0.8;

/// A judge stage with what it says tonight of what it has judged before.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgeCheck {
    /// The judge stage.
    pub stage: String,
    /// How often it flips when nothing has changed.
    pub noise: Noise,
    /// The ids that answered for it, then and tonight.
    pub model: ModelCheck,
    /// Transcripts judged again.
    pub anchors: Vec<Anchor>,
}

/// How often a judge contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Noise {
    /// Flips among anchors that were judged twice by the judge as it was.
    Measured {
        /// Of them, those whose two labels differ.
        flips: u64,
        /// Anchors judged twice.
        of: u64,
    },
    /// The share that is tolerated where it was not measured.
    Assumed(f64),
}

/// One transcript that was judged then and is judged now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// What the judge said when the baseline was made; `None` where it abstained.
    pub then: Option<String>,
    /// What it says tonight.
    pub now: Now,
}

/// What a judge says of an anchor tonight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Now {
    /// One of its labels.
    Label(String),
    /// It was asked, and gave none.
    Abstained,
    /// It could not be asked.
    Unanswered,
}

/// What the anchors show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgeFinding {
    /// The judge stage.
    pub stage: String,
    /// Anchors that got an answer tonight.
    pub judged: u64,
    /// Of them, those with another label than then; an abstention is another label.
    pub flips: u64,
    /// Of them, those without a label tonight.
    pub abstained: u64,
    /// Anchors that could not be judged.
    pub unanswered: u64,
    /// One-sided: of so many flips or more by noise alone.
    pub p_flips: f64,
    /// Two-sided, over all labels: of flips that lean so far one way, though each way is as likely.
    pub p_direction: f64,
    /// The share of flips that would be seen with 80% power; `None` where none would.
    pub could_see: Option<f64>,
    /// What is not as it was.
    pub change: Option<JudgeChange>,
    /// The ids that answered for it, where they are not those of then, or not what is expected.
    pub model: Option<OtherModel>,
}

iago_sweep::words! {
    /// How a judge is not as it was.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    JudgeChange, "change of a judge", {
        /// Another model answered for it.
        OtherModel = "other-model",
        /// It gives no label at all.
        AbstainsAlways = "abstains-always",
        /// It flips more than by its own noise.
        Flips = "flips",
        /// Its flips lean one way: what it did not call so then it calls so now.
        Leans = "leans",
    }
}

impl JudgeCheck {
    /// Four questions, in this order.
    ///
    /// Is it the same model, that of then and the one that is expected? Does it give any label? Are there more
    /// flips than by noise: the one-sided exact binomial test where the noise is assumed, the one-sided
    /// hypergeometric one against the measured flips otherwise? And do flips lean: by noise alone `then` and
    /// `now` are two draws of one judge, so that as many flips lead to a label as away from it; the exact test
    /// of McNemar (1947), for every label, times their number? The last two are held to [`JUDGE_LEVEL`].
    /// Anchors whose chances to flip differ make all of them conservative.
    pub fn find(&self) -> JudgeFinding {
        let (pairs, unanswered) = self.answered();
        let judged = pairs.len() as u64;
        let count =
            |holds: fn(&Pair<'_>) -> bool| pairs.iter().filter(|pair| holds(pair)).count() as u64;
        let (flips, abstained) =
            (count(|(then, now)| then != now), count(|(_, now)| now.is_none()));
        let (p_flips, p_direction) = (self.noise.p(flips, judged), p_direction(&pairs));
        let model = self.model.change().or_else(|| self.model.change_since_baseline());
        let change = if model.is_some() {
            Some(JudgeChange::OtherModel)
        } else if abstained == judged && judged >= ABSTAINED_MIN {
            Some(JudgeChange::AbstainsAlways)
        } else if p_flips <= JUDGE_LEVEL {
            Some(JudgeChange::Flips)
        } else {
            (p_direction <= JUDGE_LEVEL).then_some(JudgeChange::Leans)
        };
        JudgeFinding {
            stage: self.stage.clone(),
            judged,
            flips,
            abstained,
            unanswered,
            p_flips,
            p_direction,
            could_see: self.noise.could_see(judged),
            change,
            model,
        }
    }

    /// What was said (then, now) of the anchors that got an answer, and how many got none.
    fn answered(&self) -> (Vec<Pair<'_>>, u64) {
        let pairs: Vec<Pair<'_>> = self.anchors.iter().filter_map(Anchor::pair).collect();
        let unanswered = (self.anchors.len() - pairs.len()) as u64;
        (pairs, unanswered)
    }
}

/// The labels of an anchor, (then, now).
type Pair<'a> = (Option<&'a str>, Option<&'a str>);

impl Anchor {
    fn pair(&self) -> Option<Pair<'_>> {
        match &self.now {
            Now::Label(label) => Some((self.then.as_deref(), Some(label))),
            Now::Abstained => Some((self.then.as_deref(), None)),
            Now::Unanswered => None,
        }
    }
}

impl JudgeFinding {
    /// The share of anchors that could not be judged; 0 where there are none.
    pub fn share_unanswered(&self) -> f64 {
        self.unanswered as f64 / (self.judged + self.unanswered).max(1) as f64
    }
}

impl Noise {
    /// One-sided: how likely so many flips are, or more, by noise alone.
    fn p(self, flips: u64, judged: u64) -> f64 {
        if flips == 0 {
            return 1.0;
        }
        match self {
            Self::Assumed(share) => binomial_at_least(flips, judged, share),
            Self::Measured { flips: before, of } => {
                let is_more = flips * of > before * judged;
                let p = hypergeometric_exact((flips, judged), (flips + before, judged + of));
                if is_more { 0.5 * p } else { 1.0 }
            }
        }
    }

    /// The share of flips at which the least number that is too many comes up with 80% power.
    fn could_see(self, judged: u64) -> Option<f64> {
        let (mut low, mut high) = (1, judged + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.p(middle, judged) <= JUDGE_LEVEL { high = middle } else { low = middle + 1 }
        }
        let least = low;
        let at_least = |rest: u64| beta_quantile(POWER, least as f64, rest as f64 + 1.0);
        (least <= judged).then(|| at_least(judged - least))
    }
}

/// Flips to a label against flips away from it, over all labels.
fn p_direction(pairs: &[Pair<'_>]) -> f64 {
    let mut moved: BTreeMap<Option<&str>, (u64, u64)> = BTreeMap::new();
    for (then, now) in pairs.iter().filter(|(then, now)| then != now) {
        moved.entry(*now).or_default().0 += 1;
        moved.entry(*then).or_default().1 += 1;
    }
    let labels = moved.len() as f64;
    let smallest = moved.values().map(|(to, from)| mcnemar_exact(*to, *from)).fold(1.0, f64::min);
    // Of two labels one says what the other does.
    (smallest * (labels - 1.0).max(1.0)).min(1.0)
}
