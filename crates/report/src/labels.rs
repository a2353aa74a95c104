//! People's labels of one stage, transcript by transcript.

use std::collections::{BTreeMap, BTreeSet};

use iago_statistics::fleiss_kappa;
use iago_sweep::{Gold, Plan, Rating, Sampled};

use crate::material::Material;

/// One set of people's labels.
#[derive(Debug)]
pub(crate) struct Labels {
    /// The stage that they labelled.
    pub(crate) stage: usize,
    pub(crate) sampled: Sampled,
    /// How many labels of one class are needed.
    pub(crate) min_per_class: u64,
    pub(crate) raters: u64,
    /// Over the transcripts that two or more people labelled.
    pub(crate) kappa: Option<f64>,
    /// Labelled transcripts that the plan does not ask for.
    pub(crate) strangers: u64,
    said: BTreeMap<Place, Majority>,
}

/// What most people call a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Majority {
    Label(String),
    /// As many say one thing as say another: no label.
    Tied,
}

/// A transcript: cell, prompt and repeat.
type Place = (usize, usize, usize);

/// What each person called one transcript; whoever labels twice means the later one.
type Said<'a> = BTreeMap<&'a str, &'a str>;

impl Labels {
    /// Every set of the plan whose stage it has.
    pub(crate) fn of(material: &Material) -> Vec<Self> {
        let plan = material.plan();
        let sets = plan.gold.iter().filter_map(|gold| {
            let stage = plan.stages.iter().position(|stage| stage.name == gold.stage)?;
            Some(Self::of_stage(material, gold, stage))
        });
        sets.collect()
    }

    /// What people call a transcript; `None` where nobody labelled it.
    pub(crate) fn get(&self, cell: usize, prompt: usize, repeat: usize) -> Option<&Majority> {
        self.said.get(&(cell, prompt, repeat))
    }

    /// Labelled transcripts that the plan asks for.
    pub(crate) fn len(&self) -> u64 {
        self.said.len() as u64
    }

    fn of_stage(material: &Material, gold: &Gold, stage: usize) -> Self {
        let words = material.plan().stages[stage].labels();
        // A label that the judge cannot say would read as "none of these": it is no label.
        let is_label = |rating: &&Rating| words.is_empty() || words.contains(&&*rating.label);
        let mut transcripts: BTreeMap<(&str, &str, &str, u32), Said<'_>> = BTreeMap::new();
        for rating in gold.ratings.iter().filter(is_label) {
            let Rating { prompt, model, condition, repeat, rater, label, .. } = rating;
            let transcript = (prompt.as_str(), model.as_str(), condition.as_str(), *repeat);
            transcripts.entry(transcript).or_default().insert(rater, label);
        }
        let numbers = Numbers::of(material.plan());
        let place = |(transcript, said): (&_, &Said<'_>)| {
            let (cell, prompt, repeat) = numbers.find(transcript)?;
            let is_asked = material.asks(cell, prompt, repeat);
            is_asked.then(|| ((cell, prompt, repeat), find_majority(said)))
        };
        let said: BTreeMap<Place, Majority> = transcripts.iter().filter_map(place).collect();
        let raters: BTreeSet<&str> = transcripts.values().flat_map(|s| s.keys().copied()).collect();
        Self {
            stage,
            sampled: gold.sampled,
            min_per_class: u64::from(gold.min_per_class),
            raters: raters.len() as u64,
            kappa: find_kappa(transcripts.values()),
            strangers: (transcripts.len() - said.len()) as u64,
            said,
        }
    }
}

fn find_majority(said: &Said<'_>) -> Majority {
    let mut raters: BTreeMap<&str, usize> = BTreeMap::new();
    said.values().for_each(|label| *raters.entry(label).or_default() += 1);
    let most = raters.values().copied().max().unwrap_or(0);
    let mut first = raters.iter().filter(|(_, raters)| **raters == most);
    match (first.next(), first.next()) {
        (Some((label, _)), None) => Majority::Label((*label).to_owned()),
        (_, _) => Majority::Tied,
    }
}

fn find_kappa<'a>(transcripts: impl Iterator<Item = &'a Said<'a>> + Clone) -> Option<f64> {
    let words: BTreeSet<&str> =
        transcripts.clone().flat_map(|said| said.values().copied()).collect();
    let chose = |said: &Said<'_>, word: &str| {
        u32::try_from(said.values().filter(|label| **label == word).count()).unwrap_or(u32::MAX)
    };
    let count = |said: &Said<'_>| words.iter().map(|word| chose(said, word)).collect::<Vec<u32>>();
    let items: Vec<Vec<u32>> = transcripts.map(count).collect();
    fleiss_kappa(&items)
}

/// Where the transcripts of a plan are, by the names that a file of labels gives them.
struct Numbers<'a> {
    prompts: BTreeMap<&'a str, usize>,
    cells: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'a> Numbers<'a> {
    fn of(plan: &'a Plan) -> Self {
        let prompts = plan.prompts.iter().map(|prompt| prompt.id.as_str());
        let cells = plan.cells.iter().map(|cell| (cell.model.as_str(), cell.condition.as_str()));
        Self { prompts: prompts.zip(0..).collect(), cells: cells.zip(0..).collect() }
    }

    fn find(&self, transcript: &(&str, &str, &str, u32)) -> Option<Place> {
        let (prompt, model, condition, repeat) = transcript;
        let cell = self.cells.get(&(*model, *condition))?;
        Some((*cell, *self.prompts.get(prompt)?, *repeat as usize))
    }
}
