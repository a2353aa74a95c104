//! Reading stored texts in another way than at first, without asking anybody.
//!
//! What was read at first stays where it is; what a text comes to under today's plan is kept beside it,
//! once. So it can be broken off at any point: whatever has no reading yet is read the next time.

use std::collections::BTreeMap;

use iago_grading::{Grader, Said, read_label};
use iago_store::{READ_MAX, Store, StoreError};
use iago_sweep::{
    Coordinate, JobId, Label, Parse, Plan, ReadingFact, ResultFact, StageKind, SweepId, Text,
};
use iago_sweep_file::Renderer;

use crate::opening::decide;
use crate::readings::{StagePages, grammar_now, reread_stages};

/// Reads texts as a plan says.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) grader: &'p Grader,
    pub(crate) renderer: &'p Renderer,
}

/// Reads every stored text that a plan reads anew and that has no reading yet; gives their number.
/// Holds no more than a page of results in memory, and the texts of [`READ_MAX`].
pub(crate) async fn reread<S: Store>(
    store: &S,
    term: u64,
    sweep: SweepId,
    reader: Reader<'_>,
) -> Result<u64, StoreError> {
    let mut read = 0;
    for stage in reread_stages(reader.plan) {
        let mut pages = StagePages::new(reader.plan, stage);
        while let Some(page) = pages.next(store, sweep).await? {
            let unread = page.into_iter().filter(|(_, reading)| reading.is_none());
            let unread: Vec<ResultFact> = unread.map(|(fact, _)| fact).collect();
            // As many at once as their texts can be read in one go.
            for some in unread.chunks(READ_MAX / reader.texts_each(stage).max(1)) {
                let readings = read_some(store, sweep, reader, some).await?;
                read += readings.len() as u64;
                store.keep_readings(sweep, term, readings).await?;
                // Reading is work: whoever shares this thread has a turn in between.
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(read)
}

async fn read_some<S: Store>(
    store: &S,
    sweep: SweepId,
    reader: Reader<'_>,
    some: &[ResultFact],
) -> Result<Vec<ReadingFact>, StoreError> {
    let mut jobs: Vec<JobId> = some.iter().flat_map(|fact| reader.texts_of(fact.job)).collect();
    jobs.sort_unstable();
    jobs.dedup();
    let texts: BTreeMap<JobId, Text> = store.read(sweep, &jobs).await?.into_iter().collect();
    let read = |fact: &ResultFact| {
        let said = reader.texts_of(fact.job).into_iter().map_while(|job| texts.get(&job).cloned());
        reader.read(fact, &said.collect::<Vec<_>>())
    };
    Ok(some.iter().filter_map(read).collect())
}

impl Reader<'_> {
    /// Whether what a job's text was read as at first does not count.
    pub(crate) fn rereads(&self, job: JobId) -> bool {
        let stage = self.plan.stages.get(job.at().stage as usize);
        stage.is_some_and(|stage| self.plan.reread.contains(&stage.name))
    }

    /// The jobs whose texts say what a job's result comes to: its own, or for a score what it looks at,
    /// nearest first.
    pub(crate) fn texts_of(&self, job: JobId) -> Vec<JobId> {
        let at = job.at();
        match self.plan.stages.get(at.stage as usize).map(|stage| &stage.kind) {
            Some(StageKind::Generate { .. } | StageKind::Judge { .. }) => vec![job],
            // What a program said stays what it said: it is asked for by what it is shown.
            Some(StageKind::Score { scorer, .. }) if scorer.program().is_some() => Vec::new(),
            Some(StageKind::Score { .. }) => {
                let stages = self.plan.ancestors_of(at.stage).into_iter();
                let of = |stage| JobId::pack(Coordinate { stage, vote: 0, ..at }).ok();
                stages.filter_map(of).collect()
            }
            None => Vec::new(),
        }
    }

    fn texts_each(&self, stage: u32) -> usize {
        let any = JobId::pack(Coordinate { stage, ..Coordinate::default() });
        any.map_or(1, |job| self.texts_of(job).len())
    }

    /// What a result comes to, from the texts of [`Reader::texts_of`]; `None` for one that the plan
    /// does not read anew.
    pub(crate) fn read(&self, fact: &ResultFact, texts: &[Text]) -> Option<ReadingFact> {
        let at = fact.job.at();
        let grammar = grammar_now(self.plan, at.stage)?;
        let (parse, label) = self.read_stage(fact, texts)?;
        let said = Said { finish: fact.finish, parse, label: label.as_ref() };
        let opening = decide(*self, at, &said);
        let (opens, decided) = (opening.opens, opening.decided);
        Some(ReadingFact { job: fact.job, grammar, parse, label, opens, decided })
    }

    fn read_stage(&self, fact: &ResultFact, texts: &[Text]) -> Option<(Parse, Option<Label>)> {
        let at = fact.job.at();
        let nothing = Text::default();
        let own = texts.first().unwrap_or(&nothing);
        Some(match &self.plan.stages.get(at.stage as usize)?.kind {
            StageKind::Generate { .. } => (self.grader.parse(at, own, fact.finish).parse, None),
            StageKind::Judge { question, .. } => {
                (Parse::Ok, Some(read_label(question, &own.raw, fact.finish)))
            }
            StageKind::Score { scorer, .. } if scorer.program().is_some() => {
                (fact.parse, fact.label.clone())
            }
            StageKind::Score { .. } => {
                // What cannot be compared any more is unknown.
                let label = self.renderer.score(self.plan, self.grader, at, texts);
                (Parse::Ok, Some(label.unwrap_or(Label::Abstained)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::time::Duration;

    use futures_util::poll;
    use iago_store::{Kind, MemoryStore, Names, NewRevision, NewSweep};
    use iago_sweep::{
        Cell, Condition, Digest, Fact, Field, Finish, Model, Prompt, Required, Source, Stage, Take,
        Usage,
    };

    use super::*;

    /// A stage whose one field is in a tag, read anew, over many prompts.
    fn plan(prompts: usize) -> Plan {
        let field = Field {
            name: "answer".to_owned(),
            source: Source::Tag("OUTPUT".to_owned()),
            repeated: false,
            required: Required::Always,
            outside: None,
            take: Take::First,
        };
        let reply = StageKind::Generate {
            follows: None,
            helper: None,
            messages: Vec::new(),
            fields: vec![field],
            again: None,
        };
        let only = || "only".to_owned();
        Plan {
            repeats: 1,
            prompts: (0..prompts)
                .map(|number| Prompt { id: number.to_string(), ..Prompt::default() })
                .collect(),
            conditions: vec![Condition { name: only(), levels: BTreeMap::new() }],
            models: vec![Model { name: "m".to_owned(), ..Model::default() }],
            cells: vec![Cell { model: "m".to_owned(), condition: only(), ..Cell::default() }],
            stages: vec![Stage { name: "reply".to_owned(), kind: reply }],
            reread: ["reply".to_owned()].into(),
            ..Plan::default()
        }
    }

    fn result(prompt: u32) -> Fact {
        let at = Coordinate { prompt, ..Coordinate::default() };
        let fact = ResultFact {
            job: JobId::pack(at).expect("it is in range"),
            term: 1,
            attempt: 1,
            finish: Finish::Stop,
            parse: Parse::Missing,
            label: None,
            opens: 0,
            decided: 0,
            usage: Usage::default(),
            cost: None,
            latency_ms: 1,
            calls: 1,
            throttles: 0,
            echoed_model: None,
            request: Digest::of(""),
            simulated: true,
        };
        let raw = if prompt.is_multiple_of(2) { "<OUTPUT>yes</OUTPUT>" } else { "no tag" };
        Fact::Result(Box::new(fact), Text { raw: raw.to_owned(), ..Text::default() })
    }

    #[tokio::test]
    async fn reading_that_is_broken_off_is_gone_on_with_and_reads_nothing_twice() {
        let store = MemoryStore::default();
        let term = store.lead("one", Duration::ZERO).await.unwrap();
        let plan = plan(READ_MAX * 2 + 500);
        let revision = NewRevision {
            number: 0,
            plan: Vec::new(),
            ask: Digest::of(""),
            analysis: Digest::of(""),
            note: String::new(),
            names: Names::default(),
        };
        let new = NewSweep { name: "sweep".to_owned(), revision, created_ms: 0, kind: Kind::Asked };
        let sweep = store.submit(term, new).await.unwrap();
        let prompts = u32::try_from(plan.prompts.len()).unwrap();
        store.append(sweep, term, (0..prompts).map(result).collect()).await.unwrap();
        let (grader, renderer) = (Grader::new(&plan).unwrap(), Renderer::new(&plan).unwrap());
        let reader = Reader { plan: &plan, grader: &grader, renderer: &renderer };

        let mut first = pin!(reread(&store, term, sweep, reader));
        assert!(poll!(&mut first).is_pending(), "others have a turn after so many");
        let term = store.lead("two", Duration::ZERO).await.unwrap();
        assert!(matches!(first.await, Err(StoreError::Deposed { .. })), "its term is over");
        let kept = store.readings(sweep, plan.grammar_of(0), None, usize::MAX).await.unwrap();
        assert_eq!(kept.len(), READ_MAX);

        let left = reread(&store, term, sweep, reader).await.unwrap();
        assert_eq!(left, u64::from(prompts) - READ_MAX as u64);
        let kept = store.readings(sweep, plan.grammar_of(0), None, usize::MAX).await.unwrap();
        assert_eq!(kept.len(), plan.prompts.len());
        let is_right = |of: &ReadingFact| {
            of.parse
                == if of.job.at().prompt.is_multiple_of(2) { Parse::Ok } else { Parse::Missing }
        };
        assert!(kept.iter().all(is_right));
        assert_eq!(reread(&store, term, sweep, reader).await.unwrap(), 0);
    }
}
