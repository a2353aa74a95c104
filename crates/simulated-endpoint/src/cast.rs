//! Answering in character: who plays which model, and where a request stands.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::conversation::Conversation;
use crate::judge::{self, Case};
use crate::key::JobKey;
use crate::ledger::Class;
use crate::models::{self, Character, Model};
use crate::outcome::Answer;
use crate::prompt_set::PromptSet;
use crate::ranks::Place;
use crate::reply::FailureKind;
use crate::trouble::Trouble;
use crate::{
    actor, assistant, calculator, draw, liar, paraphraser, scholar, subject, tags, teller, writer,
};

/// The section in which a judge is shown what was asked.
const SHOWN_REQUEST: &str = "request";

/// All characters, and the prompt set over which they rank.
#[derive(Debug)]
pub(crate) struct Cast {
    seed: u64,
    prompts: RwLock<PromptSet>,
    trouble: RwLock<Trouble>,
}

impl Cast {
    pub(crate) fn new(seed: u64, prompts: &[String], trouble: Trouble) -> Self {
        let prompts = RwLock::new(PromptSet::new(seed, prompts));
        Self { seed, prompts, trouble: RwLock::new(trouble) }
    }

    pub(crate) fn set_prompts(&self, prompts: &[String]) {
        let prompts = PromptSet::new(self.seed, prompts);
        *self.prompts.write().unwrap_or_else(PoisonError::into_inner) = prompts;
    }

    pub(crate) fn set_trouble(&self, trouble: Trouble) {
        *self.trouble.write().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// The model that answers under a name.
    pub(crate) fn find(&self, name: &str) -> Option<Model> {
        models::find(self.trouble().who_answers(name))
    }

    /// Whether every call about this request fails, whoever is asked.
    pub(crate) fn fails_for_good(&self, key: &JobKey, asked: &Conversation) -> bool {
        let failing = self.trouble().failing();
        let place = || {
            self.place(key, asked, |set, user, repeat| {
                let shown = tags::read_section(user, SHOWN_REQUEST);
                let request = shown.or_else(|| tags::read_request(user)).unwrap_or(user);
                let kind = assistant::Kind::of(request)?;
                set.place_of_kind(kind, request, repeat)
            })
        };
        failing.is_some_and(|share| place().is_every_nth(share))
    }

    /// Answers in character.
    pub(crate) fn play(
        &self,
        character: &Character,
        key: &JobKey,
        asked: &Conversation,
    ) -> (Answer, Class) {
        let say =
            |(text, class): (String, Class)| (Answer::text(asked.continue_with(&text)), class);
        match character {
            Character::Subject(subject) => {
                let place = self.place_of_request(key, asked);
                let (reply, class) = subject::answer(subject, asked, place, self.wording(key));
                (Answer::Reply(reply), class)
            }
            Character::Scholar(scholar) => {
                let place = self.place_of_request(key, asked);
                say(scholar::answer(scholar, asked, place, self.wording(key)))
            }
            Character::Judge(judge) => {
                let task = self.place_of_judged_task(key, asked);
                let case = Case { message: asked.user(), seed: self.seed, key: &key.name, task };
                say(judge::answer(*judge, &case))
            }
            Character::Calculator { right } => {
                let place = self.place(key, asked, PromptSet::place_of_problem);
                say(calculator::answer(*right, asked, place))
            }
            Character::Assistant { worse } => say(self.assist(*worse, key, asked)),
            Character::Paraphraser => say(self.paraphrase(key, asked)),
            Character::Liar => {
                say(liar::answer(asked, self.place_of_request(key, asked), self.wording(key)))
            }
            Character::Writer => say(self.write(key, asked)),
            Character::Actor(actor) => {
                say(actor::answer(*actor, asked, key.repeat, self.wording(key)))
            }
            Character::Teller(teller) => {
                let place = self.place(key, asked, |set, user, repeat| {
                    set.place_of_question(teller::read_question(user), repeat)
                });
                say(teller::answer(*teller, asked, place, key.repeat, self.wording(key)))
            }
            Character::Echo => say(("<OUTPUT>ok</OUTPUT>".to_owned(), Class::Echo)),
            Character::Rejects => {
                fail(FailureKind::Invalid, "this model calls every request invalid", Class::Invalid)
            }
            Character::Billing => {
                fail(FailureKind::OutOfMoney, "the credit is used up", Class::OutOfMoney)
            }
        }
    }

    fn assist(&self, worse: u64, key: &JobKey, asked: &Conversation) -> (String, Class) {
        let kind = assistant::Kind::of(asked.asking()).unwrap_or(assistant::Kind::Task);
        let place =
            self.place(key, asked, |set, user, repeat| set.place_of_kind(kind, user, repeat));
        assistant::answer(kind, place, worse, self.wording(key))
    }

    fn paraphrase(&self, key: &JobKey, asked: &Conversation) -> (String, Class) {
        let place = self.place(key, asked, |set, user, repeat| {
            set.place(paraphraser::trim_tags(paraphraser::find_text(user)), repeat)
        });
        paraphraser::answer(paraphraser::find_text(asked.asking()), place, key.turn)
    }

    fn write(&self, key: &JobKey, asked: &Conversation) -> (String, Class) {
        let place = self.place(key, asked, |set, user, repeat| {
            set.place_of_topic(writer::find_topic(user), repeat)
        });
        writer::answer(asked, place, key.repeat)
    }

    /// Where the request that a judge is shown stands among the tasks of the set.
    fn place_of_judged_task(&self, key: &JobKey, asked: &Conversation) -> Option<Place> {
        let request = tags::read_section(asked.user(), SHOWN_REQUEST)?;
        self.prompts().place_of_kind(assistant::Kind::Task, request, key.repeat)
    }

    /// The dice of one call's wording: a further turn or try has another one.
    fn wording(&self, key: &JobKey) -> u64 {
        draw::hash(self.seed, &[b"wording", key.name.as_bytes()])
    }

    /// Where a request stands, which is in its tag or is a whole message.
    fn place_of_request(&self, key: &JobKey, asked: &Conversation) -> Place {
        self.place(key, asked, |set, user, repeat| {
            let request = tags::read_request(user).unwrap_or(user);
            set.place_of_request(request, repeat).or_else(|| set.place(request, repeat))
        })
    }

    /// The place of the last message of the user that has one; without any, the job's draw.
    fn place(
        &self,
        key: &JobKey,
        asked: &Conversation,
        find: impl Fn(&PromptSet, &str, u64) -> Option<Place>,
    ) -> Place {
        let prompts = self.prompts();
        let ranked = asked.users.iter().rev().find_map(|user| find(&prompts, user, key.repeat));
        let draw = || draw::hash(self.seed, &[b"place", key.job().as_bytes()]);
        ranked.unwrap_or_else(|| Place::drawn(draw()))
    }

    /// A panic elsewhere leaves a set that is whole all the same, and trouble as well.
    fn prompts(&self) -> RwLockReadGuard<'_, PromptSet> {
        self.prompts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self) -> RwLockReadGuard<'_, Trouble> {
        self.trouble.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fail(kind: FailureKind, message: &str, class: Class) -> (Answer, Class) {
    (Answer::Failure(kind.with(message)), class)
}
