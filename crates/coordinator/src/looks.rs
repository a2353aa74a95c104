//! How often a sweep's answers were looked at before the last was asked for.
//!
//! Whoever sees a report may ask for more repeats or prompts because of what it says, and that makes chance findings more
//! frequent than their p-values claim. Nobody can count looks; that there is more data of the same cells than was asked
//! for at first can be counted.

use std::collections::BTreeMap;

use iago_store::Store;
use iago_sweep::{Plan, SweepId};

use crate::standing::{StandingError, find_head, stored_plan};

/// 1, and once more for each revision that asks cells which were there for more, after the first job was handed out.
pub(crate) async fn count_looks<S: Store>(store: &S, sweep: SweepId) -> Result<u64, StandingError> {
    let head = find_head(store, sweep).await?;
    let frontiers = store.frontiers(sweep).await?;
    let Some(begun) = frontiers.iter().map(|frontier| frontier.revision).min() else {
        return Ok(1);
    };
    let mut looks = 1;
    let mut earlier = stored_plan(store, sweep, begun.min(head.revision)).await?;
    for revision in begun + 1..=head.revision {
        let plan = stored_plan(store, sweep, revision).await?;
        looks += u64::from(asks_more(&earlier, &plan));
        earlier = plan;
    }
    Ok(looks)
}

/// Whether a cell of the earlier plan has more prompts or repeats in the later one.
fn asks_more(earlier: &Plan, plan: &Plan) -> bool {
    let before = count_transcripts(earlier);
    let now = count_transcripts(plan);
    now.iter().any(|(cell, asked)| before.get(cell).is_some_and(|before| before < asked))
}

/// How many transcripts each (model, condition) asks for.
fn count_transcripts(plan: &Plan) -> BTreeMap<(&str, &str), u64> {
    let count = |(prompts, repeats)| u64::from(prompts) * u64::from(repeats);
    let cells = plan.cells.iter();
    cells.map(|cell| ((&*cell.model, &*cell.condition), count(plan.size_of(cell)))).collect()
}

#[cfg(test)]
mod tests {
    use iago_store::{Kind, MemoryStore, Names, NewRevision, NewSweep};
    use iago_sweep::{Cell, Fact, Frontier, Model, Prompt};

    use super::*;

    fn plan(prompts: usize, repeats: u32, models: &[&str]) -> Plan {
        let prompt = |number: usize| Prompt { id: format!("p{number}"), ..Prompt::default() };
        let cell = |model: &&str| Cell {
            model: (*model).to_owned(),
            condition: "only".to_owned(),
            ..Cell::default()
        };
        let model = |name: &&str| Model { name: (*name).to_owned(), ..Model::default() };
        Plan {
            name: "n".to_owned(),
            repeats,
            prompts: (0..prompts).map(prompt).collect(),
            models: models.iter().map(model).collect(),
            cells: models.iter().map(cell).collect(),
            ..Plan::default()
        }
    }

    fn revision(number: u32, plan: &Plan) -> NewRevision {
        NewRevision {
            number,
            plan: serde_json::to_vec(plan).unwrap(),
            ask: plan.ask_hash(),
            analysis: plan.analysis_hash(),
            note: String::new(),
            names: Names::default(),
        }
    }

    /// The looks of a sweep with these revisions, each of which is worked on, but for the first ones.
    async fn looks_at(plans: &[Plan], idle: u32) -> u64 {
        let store = MemoryStore::default();
        let term = store.lead("c", std::time::Duration::ZERO).await.unwrap();
        let new = NewSweep {
            name: "n".to_owned(),
            revision: revision(0, &plans[0]),
            created_ms: 0,
            kind: Kind::Asked,
        };
        let sweep = store.submit(term, new).await.unwrap();
        for (number, plan) in (0..).zip(plans) {
            if number > 0 {
                store.revise(term, sweep, revision(number, plan)).await.unwrap();
            }
            if number >= idle {
                let pool = "p".to_owned();
                let frontier = Frontier { revision: number, pool, position: 9 };
                store.append(sweep, term, vec![Fact::Frontier(frontier)]).await.unwrap();
            }
        }
        count_looks(&store, sweep).await.unwrap()
    }

    #[tokio::test]
    async fn more_prompts_or_repeats_are_looks_and_another_model_is_none() {
        let plans = [
            plan(4, 1, &["a"]),
            plan(4, 2, &["a"]),
            plan(4, 2, &["a", "b"]),
            plan(6, 2, &["a", "b"]),
        ];
        assert_eq!(looks_at(&plans[..1], 0).await, 1);
        assert_eq!(looks_at(&plans, 0).await, 3);
    }

    #[tokio::test]
    async fn an_extension_before_anything_was_asked_is_no_look() {
        let plans = [plan(4, 1, &["a"]), plan(4, 2, &["a"]), plan(4, 3, &["a"])];
        assert_eq!(looks_at(&plans, 1).await, 2);
        assert_eq!(looks_at(&plans, 9).await, 1);
    }
}
