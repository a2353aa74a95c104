//! What the ledger makes of a call: whether it is admitted, and what it takes.

use crate::incoming::Incoming;
use crate::ledger::{Class, Entry, Ledger};
use crate::limit::Tells;
use crate::limiter::{Refusal, Standing};
use crate::minute::Cost;
use crate::outcome::{Answer, Occasion, Outcome};
use crate::protocol::Header;
use crate::rate_headers;
use crate::reply::{Failure, FailureKind};
use crate::usage::Usage;

/// A call that has been written in.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) entry: Entry,
    pub(crate) outcome: Outcome,
    pub(crate) usage: Usage,
    /// Turned away by limit or capacity.
    pub(crate) is_turned_away: bool,
    /// Empty where nothing was held against a limit.
    standing: Standing,
    tells: Tells,
}

impl Admission {
    pub(crate) fn new(entry: Entry, tells: Tells, outcome: Outcome) -> Self {
        let (usage, standing) = (Usage::default(), Standing::default());
        Self { entry, outcome, usage, is_turned_away: false, standing, tells }
    }

    /// Turns it away because too much is going on, which no limit has to do with.
    pub(crate) fn shed(&mut self) {
        let failure = FailureKind::Overloaded.with("more calls are in flight than can be served");
        self.turn_away(failure, Class::Overloaded);
    }

    /// Holds it against the limit, and then looks into the cache. An error takes a request and no
    /// tokens.
    pub(crate) fn arrive(
        &mut self,
        ledger: &mut Ledger,
        incoming: &Incoming<'_>,
        counts_max_output: bool,
    ) {
        self.usage = self.count(incoming);
        let has_answer = matches!(self.outcome.answer, Answer::Reply(_));
        let allowed = incoming.manner.max_output.filter(|_| counts_max_output);
        let cost = if has_answer { self.usage.cost(allowed) } else { Cost::default() };
        self.standing = ledger.arrive(cost);
        if let Some(refusal) = self.standing.refusal {
            self.turn_away(throttle(refusal), Class::Throttled);
        } else if has_answer {
            self.usage = self.usage.with_cached(ledger.look_up(&incoming.manner.prefixes));
        }
    }

    /// The request id, and where the caller stands with the limit.
    pub(crate) fn write_headers(&self, occasion: &Occasion<'_>) -> Vec<Header> {
        let protocol = occasion.protocol;
        let mut headers = vec![(protocol.request_id_header(), occasion.request_id.clone())];
        if self.tells.headers {
            let unix_now = occasion.envelope.unix_now;
            headers.extend(rate_headers::write_levels(protocol, &self.standing, unix_now));
        }
        let wait = self.standing.refusal.and_then(|refusal| refusal.retry_after);
        headers
            .extend(wait.and_then(|wait| rate_headers::write_wait(wait, self.tells.retry_after)));
        headers
    }

    fn count(&self, incoming: &Incoming<'_>) -> Usage {
        match (&self.outcome.answer, &incoming.asked) {
            (Answer::Reply(reply), Ok(asked)) => {
                Usage::of(asked.characters, reply, &incoming.manner)
            }
            (Answer::Failure(_), _) | (_, Err(_)) => Usage::default(),
        }
    }

    fn turn_away(&mut self, failure: Failure, class: Class) {
        self.outcome = Outcome::turn_away(failure, class);
        self.is_turned_away = true;
    }
}

fn throttle(refusal: Refusal) -> Failure {
    let word = refusal.quantity.word();
    let message = match refusal.retry_after {
        Some(_) => format!("the limit on {word} is reached"),
        None => format!("the call takes more {word} than the limit admits in a whole minute"),
    };
    FailureKind::Throttled(refusal.quantity).with(message)
}
