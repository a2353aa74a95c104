//! What jobs can take at most: what the run holds back of a budget, and what `iago plan` says.

use std::collections::BTreeMap;

use iago_sweep::{Again, Level, Model, Money, Parameters, Plan, Price, Stage, StageKind, Usage};

use crate::needs::{BYTES_PER_TOKEN, Template, instruction_of, texts_of};
use crate::settings::Settings;

/// So many bytes are never less than a token, in prose of any language: for what may be spent at most.
const BYTES_PER_TOKEN_MIN: u64 = 2;

/// What the jobs of a plan can take at most.
pub struct AtMost<'p> {
    plan: &'p Plan,
    /// By stage.
    sent: Vec<Sent>,
}

/// What a job of a stage sends at most. It may hold all that the stages were asked that it hangs on,
/// and what they answered.
struct Sent {
    /// Bytes of texts, with the longest values of all variables together.
    bytes: u64,
    /// How many prompts have so many bytes, the longest last.
    prompts: BTreeMap<u64, u64>,
    /// The stages that it hangs on, and how often the answer of each stands in it.
    answers: Vec<(u32, u64)>,
}

/// The input of a job's first call.
#[derive(Clone, Copy)]
struct Input {
    /// Of texts.
    bytes: u64,
    /// Tokens of the answers before it.
    answers: u64,
}

/// A call with all of its output.
struct Call {
    /// What it takes by the usual length of a token.
    likely: Usage,
    /// What is held back for it.
    most: Usage,
}

/// What some jobs take at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Tokens of all calls, with every answer as long as it may be. Of a text so many bytes are one as
    /// in English prose: what limits of tokens are reserved by.
    pub usage: Usage,
    /// What is held back for it, which no language and no reply goes beyond; `None` where no price is
    /// known.
    pub cost: Option<Money>,
}

/// The most that a job can cost.
#[derive(Clone, Copy, Default)]
pub(crate) struct Most {
    /// All calls of the job.
    pub(crate) of_job: Money,
    /// The dearest of them.
    pub(crate) of_call: Money,
}

impl<'p> AtMost<'p> {
    /// Measures the texts of a plan.
    pub fn of(plan: &'p Plan) -> Self {
        let named: Vec<_> = plan.stages.iter().map(names_in).collect();
        let sent = (0..).zip(&plan.stages).map(|(stage, _)| Sent::of(plan, &named, stage));
        Self { plan, sent: sent.collect() }
    }

    /// What so many jobs of a stage and a cell take at most: those of the longest prompts, each call
    /// with all of its output. A score takes nothing.
    pub fn of_jobs(&self, (stage, cell): (u32, u32), jobs: u64, price: Option<&Price>) -> Taken {
        let nothing = Taken { cost: Some(Money::ZERO), ..Taken::default() };
        let Some((kind, parameters, sent)) = self.asked(stage, cell) else { return nothing };
        let (mut left, mut taken) = (jobs, nothing);
        taken.cost = price.map(|_| Money::ZERO);
        for (bytes, prompts) in sent.prompts.iter().rev() {
            let these = left.min(prompts.saturating_mul(self.jobs_of_prompt(stage, cell)));
            left -= these;
            for Call { likely, most } in calls(kind, parameters, self.input(sent, cell, *bytes)) {
                let Usage { input, output, .. } = &mut taken.usage;
                *input = input.saturating_add(these.saturating_mul(likely.input));
                *output = output.saturating_add(these.saturating_mul(likely.output));
                let cost = price.map(|price| times(price.most(&most), these));
                taken.cost = taken.cost.zip(cost).map(|(sum, more)| sum + more);
            }
        }
        taken
    }

    /// The most that one job can cost; `None` where no price is known.
    pub(crate) fn of_job(&self, at: (u32, u32), settings: &Settings) -> Option<Most> {
        let Some((kind, parameters, sent)) = self.asked(at.0, at.1) else {
            return Some(Most::default()); // a score calls nobody
        };
        let model = self.plan.model_asked(at.0, at.1)?;
        let price = settings.served(&model.endpoint)?.price(&model.id)?;
        let longest = sent.prompts.last_key_value().map_or(0, |(bytes, _)| *bytes);
        let mut most = Most::default();
        for call in calls(kind, parameters, self.input(sent, at.1, longest)) {
            most.of_call = price.most(&call.most);
            most.of_job += most.of_call;
        }
        Some(most)
    }

    fn asked(&self, stage: u32, cell: u32) -> Option<(&'p StageKind, &'p Parameters, &Sent)> {
        self.plan.model_asked(stage, cell)?;
        let kind = &self.plan.stages.get(stage as usize)?.kind;
        Some((kind, self.plan.parameters_asked(stage, cell)?, self.sent.get(stage as usize)?))
    }

    fn jobs_of_prompt(&self, stage: u32, cell: u32) -> u64 {
        let cell = self.plan.cells.get(cell as usize);
        let repeats = cell.map_or(self.plan.repeats, |cell| self.plan.size_of(cell).1);
        u64::from(repeats) * u64::from(self.plan.votes_of(stage))
    }

    /// The longest input of a job with a prompt of so many bytes.
    fn input(&self, sent: &Sent, cell: u32, prompt: u64) -> Input {
        let answers = sent.answers.iter();
        let tokens =
            |(of, times): &(u32, u64)| longest_answer(self.plan, *of, cell).saturating_mul(*times);
        Input {
            bytes: sent.bytes.saturating_add(prompt),
            answers: answers.map(tokens).fold(0, u64::saturating_add),
        }
    }
}

impl Sent {
    /// A text counts as often as a template names it, and once where none does; what stands in a loop
    /// counts as often as it is written.
    fn of(plan: &Plan, named: &[BTreeMap<&str, u64>], stage: u32) -> Self {
        let before = plan.ancestors_of(stage);
        let asked: Vec<u32> = before.iter().copied().chain([stage]).collect();
        let named = |of: u32, name: &str| {
            named.get(of as usize).and_then(|names| names.get(name)).copied().unwrap_or(0)
        };
        let times = |name: &str| asked.iter().map(|of| named(*of, name).max(1)).sum::<u64>();
        let texts = asked.iter().filter_map(|of| plan.stages.get(*of as usize)).map(text_of);
        let mut prompts = BTreeMap::new();
        for prompt in &plan.prompts {
            *prompts.entry(length_of(&prompt.fields, &times)).or_default() += 1;
        }
        let stands = |of: u32| {
            let fields = plan.stages.get(of as usize).map_or(&[][..], Stage::fields);
            let after = asked.iter().filter(|at| plan.ancestors_of(**at).contains(&of));
            let in_one = |at: &u32| {
                let by_name = fields.iter().map(|field| named(*at, &field.name)).sum::<u64>();
                by_name + u64::from(plan.parent_of(*at) == Some(of) && continues(plan, *at))
            };
            after.map(in_one).sum::<u64>().max(1)
        };
        Self {
            bytes: texts.sum::<u64>().saturating_add(longest_variables(plan, &times)),
            prompts,
            answers: before.iter().map(|of| (*of, stands(*of))).collect(),
        }
    }
}

/// How many calls a job can take beside retries.
pub fn calls_at_most(kind: &StageKind) -> u32 {
    match kind {
        StageKind::Generate { again: Some(Again::Continue { turns_max, .. }), .. } => {
            (*turns_max).max(1)
        }
        StageKind::Generate { again: Some(Again::Resample { tries_max, .. }), .. } => {
            (*tries_max).max(1)
        }
        StageKind::Generate { again: None, .. }
        | StageKind::Judge { .. }
        | StageKind::Score { .. } => 1,
    }
}

/// The longest answer that a stage can have in a cell, in tokens: of a conversation that goes on, those
/// of all turns together.
fn longest_answer(plan: &Plan, stage: u32, cell: u32) -> u64 {
    let turns = match plan.stages.get(stage as usize).map(|stage| &stage.kind) {
        Some(StageKind::Generate { again: Some(Again::Continue { turns_max, .. }), .. }) => {
            (*turns_max).max(1)
        }
        Some(_) | None => 1,
    };
    let parameters = plan.parameters_asked(stage, cell);
    u64::from(turns) * parameters.map_or(0, |of| u64::from(of.max_output_tokens))
}

/// The calls of a job that needs all of them, the dearest last: the longest input there is and all of
/// the output limit. One that goes on in the same conversation sends again what was said so far. What is
/// held back has room for one more answer in its input.
fn calls(kind: &StageKind, parameters: &Parameters, input: Input) -> impl Iterator<Item = Call> {
    let output = u64::from(parameters.max_output_tokens);
    let (again, message) = match kind {
        StageKind::Generate { again: Some(Again::Continue { message, .. }), .. } => {
            (output, message.len() as u64)
        }
        StageKind::Generate { .. } | StageKind::Judge { .. } | StageKind::Score { .. } => (0, 0),
    };
    let of_call = move |call: u64, bytes_per_token: u64, room: u64| {
        let bytes = input.bytes.saturating_add(call.saturating_mul(message));
        let answers = input.answers.saturating_add(call.saturating_mul(again));
        let input = (bytes / bytes_per_token).saturating_add(answers).saturating_add(room);
        Usage { input, output, ..Usage::default() }
    };
    (0..u64::from(calls_at_most(kind))).map(move |call| Call {
        likely: of_call(call, BYTES_PER_TOKEN as u64, 0),
        most: of_call(call, BYTES_PER_TOKEN_MIN, output),
    })
}

fn times(money: Money, count: u64) -> Money {
    Money(money.0.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
}

/// How often the templates of a stage name what stands in their gaps.
fn names_in(stage: &Stage) -> BTreeMap<&str, u64> {
    let mut named = BTreeMap::new();
    for text in texts_of(stage) {
        Template::of(text).names().for_each(|name| *named.entry(name).or_default() += 1);
    }
    named
}

fn length_of(texts: &BTreeMap<String, String>, times: &impl Fn(&str) -> u64) -> u64 {
    let length = |(name, text): (&String, &String)| times(name).saturating_mul(text.len() as u64);
    texts.iter().map(length).fold(0, u64::saturating_add)
}

fn longest_variables(plan: &Plan, times: &impl Fn(&str) -> u64) -> u64 {
    let level = |level: &Level| length_of(&level.variables, times);
    let longest = |levels: &[Level]| levels.iter().map(level).max().unwrap_or(0);
    let of_levels = plan.factors.iter().map(|factor| longest(&factor.levels));
    let of_model = |model: &Model| length_of(&model.set, times);
    let of_models = plan.models.iter().map(of_model).max().unwrap_or(0);
    let of_all = length_of(&plan.variables, times).saturating_add(of_models);
    of_levels.fold(of_all, u64::saturating_add)
}

fn continues(plan: &Plan, stage: u32) -> bool {
    match plan.stages.get(stage as usize).map(|stage| &stage.kind) {
        Some(StageKind::Generate { follows: Some(follows), .. }) => follows.continues,
        Some(_) | None => false,
    }
}

/// The length of a stage's own texts, in bytes.
fn text_of(stage: &Stage) -> u64 {
    let own = texts_of(stage).into_iter().map(str::len).sum::<usize>();
    (own + instruction_of(stage)) as u64
}

#[cfg(test)]
mod tests {
    use iago_sweep::{
        Cell, Condition, Field, Message, Prompt, Question, Required, Role, Source, Take,
    };

    use super::*;

    fn generate(again: Option<Again>, text: &str) -> StageKind {
        let (role, template) = (Role::User, text.to_owned());
        let messages = vec![Message { role, template, when: None }];
        let field = Field {
            name: "answer".to_owned(),
            source: Source::Whole,
            repeated: false,
            required: Required::Always,
            outside: None,
            take: Take::First,
        };
        StageKind::Generate { follows: None, helper: None, messages, fields: vec![field], again }
    }

    fn judge(text: &str) -> StageKind {
        StageKind::Judge {
            of: "reply".to_owned(),
            judge: "j".to_owned(),
            when: None,
            after: None,
            sees: vec!["answer".to_owned()],
            text: text.to_owned(),
            question: Question::Labels(Vec::new()),
            votes: None,
        }
    }

    /// One stage that asks one model for 100 tokens, twice for each of these prompts.
    fn plan(bytes: &[usize], prompts_max: Option<u32>) -> Plan {
        let parameters = Parameters { max_output_tokens: 100, ..Parameters::default() };
        let model = |name: &str| {
            let [name, endpoint, id] = [name, "lab", name].map(str::to_owned);
            let parameters = parameters.clone();
            Model { name, endpoint, id, parameters, ..Model::default() }
        };
        let prompt = |bytes: &usize| Prompt {
            fields: [("text".to_owned(), "x".repeat(*bytes))].into(),
            ..Prompt::default()
        };
        let only = || "only".to_owned();
        let (name, condition) = ("m".to_owned(), only());
        Plan {
            repeats: 2,
            prompts: bytes.iter().map(prompt).collect(),
            conditions: vec![Condition { name: only(), levels: BTreeMap::new() }],
            cells: vec![Cell { model: name, condition, prompts_max, ..Cell::default() }],
            models: vec![model("m")],
            judges: vec![model("j")],
            stages: vec![Stage { name: "reply".to_owned(), kind: generate(None, "") }],
            ..Plan::default()
        }
    }

    /// A prompt of 400 bytes, and a judge of what is answered.
    fn judged(reply: StageKind, text: &str) -> Plan {
        let of = |name: &str, kind| Stage { name: name.to_owned(), kind };
        let stages = vec![of("reply", reply), of("grade", judge(text))];
        Plan { stages, ..plan(&[400], None) }
    }

    fn taken(plan: &Plan, stage: u32, jobs: u64) -> (u64, u64, Option<Money>) {
        let price = Price { input: 1, ..Price::default() };
        let Taken { usage, cost } = AtMost::of(plan).of_jobs((stage, 0), jobs, Some(&price));
        (usage.input, usage.output, cost)
    }

    #[test]
    fn every_prompt_is_counted_by_its_own_length() {
        // Held back is twice as much, and room for each answer; neither takes a minute of a limit.
        let input = 2 * (5 + 250);
        let held_back = Money(2 * (10 + 500) + 4 * 100);
        assert_eq!(taken(&plan(&[20, 1_000], None), 0, 4), (input, 400, Some(held_back)));
    }

    #[test]
    fn of_fewer_jobs_than_there_could_be_the_longest_are_counted() {
        let some = plan(&[20, 1_000, 30], Some(1));
        assert_eq!(taken(&some, 0, 2).2, Some(Money(2 * (500 + 100))));
        assert_eq!(taken(&some, 0, 3).2, Some(Money(3 * 100 + 2 * 500 + 15)));
        assert_eq!(taken(&some, 0, 0), (0, 0, Some(Money::ZERO)));
    }

    #[test]
    fn a_judge_may_be_sent_all_turns_of_a_conversation_that_went_on() {
        let go_on = Again::Continue { turns_max: 8, message: String::new() };
        let anew = Again::Resample { tries_max: 8, until: "grade".to_owned() };
        let of = |again| taken(&judged(generate(again, ""), "{{ answer }}"), 1, 1);
        let once = of(None);
        let more = |(input, _, cost): (u64, u64, Option<Money>)| {
            let cost = cost.zip(once.2).map(|(all, once)| all.0 - once.0);
            (input - once.0, cost)
        };
        assert_eq!(more(of(Some(go_on))), (7 * 100, Some(7 * 100)));
        assert_eq!(more(of(Some(anew))), (0, Some(0)), "the last one stands alone");
    }

    #[test]
    fn a_text_is_counted_as_often_as_it_is_named() {
        let of = |asked: &str, graded: &str| {
            let plan = judged(generate(None, asked), graded);
            [0, 1].map(|stage| taken(&plan, stage, 1).0)
        };
        let asked = |text: &str| of(text, "")[0] - text.len() as u64 / 4;
        let named = "{{ text }}, {{text}} {# text #}!";
        assert_eq!((asked("{{ text }}"), asked(named)), (100, 200));
        let graded = |text: &str| of("", text)[1] - of("", &" ".repeat(text.len()))[1];
        assert_eq!(graded("{{ answer }}"), 0, "one is always counted");
        assert_eq!(graded("{{ answer }} {{ answer }}"), 100);
        assert_eq!(graded("{{ answers }} {{ answered }}"), 0, "these are others");
    }

    #[test]
    fn what_no_number_can_hold_is_the_most_there_is() {
        let mut plan = plan(&[8], None);
        plan.repeats = u32::MAX;
        plan.prompts = vec![plan.prompts[0].clone(); 3];
        plan.models[0].parameters.max_output_tokens = u32::MAX;
        assert_eq!(taken(&plan, 0, u64::MAX).1, u64::MAX);
    }

    #[test]
    fn what_nobody_knows_the_price_of_costs_nobody_knows_what() {
        let plan = plan(&[20], None);
        assert_eq!(AtMost::of(&plan).of_jobs((0, 0), 2, None).cost, None);
        assert_eq!(
            AtMost::of(&plan).of_jobs((1, 0), 2, None).cost,
            Some(Money::ZERO),
            "nobody is asked"
        );
    }
}
