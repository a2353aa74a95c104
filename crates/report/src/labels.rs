//! People's labels of one stage, transcript by transcript.

use std::collections::{BTreeMap, BTreeSet};

use iago_statistics::fleiss_kappa;
use iago_sweep::{Gold, Rating, Sampled};

use crate::labelled::{Numbers, Place};
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
    /// Labelled transcripts that the plan does not ask for, or whose answer is one to another request.
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

/// A transcript by its names: prompt, model, condition and repeat. One whose place holds an answer to another request is
/// not that transcript.
type Named<'a> = (&'a str, bool, &'a str, &'a str, u32);

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

    /// What people call each transcript that they labelled.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Place, &Majority)> {
        self.said.iter()
    }

    /// Labelled transcripts that the plan asks for.
    pub(crate) fn len(&self) -> u64 {
        self.said.len() as u64
    }

    fn of_stage(material: &Material, gold: &Gold, stage: usize) -> Self {
        let words = material.plan().stages[stage].labels();
        // A label that the judge cannot say would read as "none of these": it is no label.
        let is_label = |rating: &&Rating| words.is_empty() || words.contains(&&*rating.label);
        let numbers = Numbers::of(material.plan());
        let mut transcripts: BTreeMap<Named<'_>, (Option<Place>, Said<'_>)> = BTreeMap::new();
        for rating in gold.ratings.iter().filter(is_label) {
            let Rating { prompt, model, condition, repeat, rater, label, .. } = rating;
            let place = numbers.find(rating);
            let is_strange = place.is_some_and(|at| material.contradicts(&gold.stage, rating, at));
            let named = (prompt.as_str(), is_strange, model.as_str(), condition.as_str(), *repeat);
            let place = place.filter(|_| !is_strange);
            transcripts.entry(named).or_insert((place, Said::new())).1.insert(rater, label);
        }
        let find = |(place, said): &(Option<Place>, Said<'_>)| {
            let (cell, prompt, repeat) = (*place)?;
            let is_asked = material.asks(cell, prompt, repeat);
            is_asked.then(|| ((cell, prompt, repeat), find_majority(said)))
        };
        let said: BTreeMap<Place, Majority> = transcripts.values().filter_map(find).collect();
        let labelled = || transcripts.values().map(|(_, said)| said);
        let raters: BTreeSet<&str> = labelled().flat_map(|s| s.keys().copied()).collect();
        Self {
            stage,
            sampled: gold.sampled,
            min_per_class: u64::from(gold.min_per_class),
            raters: raters.len() as u64,
            kappa: find_kappa(labelled()),
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
