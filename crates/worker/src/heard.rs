//! What came of one call: for its attempt, for its pools, and for the coordinator.

use std::time::Duration;

use iago_attempt::{Astray, Ended, Trouble};

use iago_providers::{Answer, Dialect, Outcome as Decoded, Reply, decode, is_simulated, spent};
use iago_sweep::{CallEnd, Money, Need, Price, Told, Usage, find_by_id};

use crate::bench::{Bench, Endpoint};
use crate::client::Received;
use crate::counts::Paid;
use crate::silence::NoReply;
use crate::told::told;

/// How the reason begins for which a pool is blocked whose endpoint's address is wrong.
pub const NOTHING_SPEAKS: &str = "nothing speaks";

/// What a proxy says that wants another password, or any.
const PROXY_REFUSES: u16 = 407;

/// One answer with what surrounds it.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) latency: Duration,
}

/// What came of one call.
pub(crate) enum End {
    Answered(Box<Answered>),
    Trouble { status: Option<u16>, message: String },
}

/// The same, with what it means.
pub(crate) struct Heard {
    pub(crate) ended: Ended,
    pub(crate) end: End,
    pub(crate) how: CallEnd,
    pub(crate) usage: Option<Need>,
    /// `None` where neither the provider nor a price tells.
    pub(crate) cost: Option<Money>,
    pub(crate) told: Told,
}

/// Who called, and when.
pub(crate) struct Ear<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) model_id: &'a str,
    /// By the clock of the gates.
    pub(crate) started: Duration,
    pub(crate) latency: Duration,
}

impl Ear<'_> {
    /// A reply came: the gates learn of it, and it is counted.
    pub(crate) fn replied(&self, received: &Received, prefill: Option<&str>) -> Heard {
        let Received { status, headers, body } = received;
        self.count_call();
        let dialect = &self.endpoint.settings.dialect;
        let reply = Reply { status: *status, headers, body };
        let heard = match decode(dialect, &reply, prefill) {
            Decoded::Answered(answer) => self.answered(*answer),
            Decoded::Throttled { retry_after, overloaded, message } => {
                self.throttled(*status, retry_after, overloaded, &message)
            }
            Decoded::Transient { status, retry_after, message } => {
                self.failed(status, retry_after, &message)
            }
            Decoded::Rejected { status, message } => self.rejected(status, &message),
            Decoded::Credential { status, message, spend } => {
                self.turned_away(status, &message, spend)
            }
            Decoded::Misaddressed { status, message, by_endpoint } => {
                self.misaddressed(status, &message, by_endpoint)
            }
        };
        self.read_bill(heard, received)
    }

    /// None came, or not all of it: the part that did may tell what it took.
    pub(crate) fn unanswered(&self, no_reply: NoReply) -> Heard {
        let NoReply { silence, message, begun, .. } = no_reply;
        self.bench.tally.trouble(&message);
        let trouble = Trouble { status: None, message: message.clone() };
        let end = End::Trouble { status: None, message };
        if silence.is_sent() {
            self.count_call();
            let ended = Ended::Transient { trouble, retry_after: None };
            let heard = Heard::new(ended, end, CallEnd::Broken);
            return match begun {
                Some(begun) => self.read_bill(heard, &begun),
                None => Heard { cost: self.pay(Paid::Untold, true), ..heard },
            };
        }
        let gate = &self.bench.route.home().gate;
        let outage =
            silence.is_unreachable() && gate.with(|gate, now| gate.unreachable(self.started, now));
        let ended = Ended::Unsent { trouble, counts: !outage };
        Heard { cost: Some(Money::ZERO), ..Heard::new(ended, end, CallEnd::Unsent) }
    }

    fn answered(&self, answer: Answer) -> Heard {
        self.responded();
        self.bench.route.home().gate.with(|gate, now| gate.answered(self.model_id, now));
        let end = End::Answered(Box::new(Answered { answer, latency: self.latency }));
        Heard::new(Ended::Answered, end, CallEnd::Answered)
    }

    /// What a reply, or the part of it that came, says of limits, and of what it took and cost, with an
    /// answer or without.
    fn read_bill(&self, heard: Heard, Received { status, headers, body }: &Received) -> Heard {
        let dialect = &self.endpoint.settings.dialect;
        let bill = match &heard.end {
            End::Answered(answered) => Some((answered.answer.usage, answered.answer.cost)),
            End::Trouble { .. } => spent(dialect, body),
        };
        let usage = bill.and_then(|(usage, _)| need(dialect, &usage));
        let paid = if is_simulated(headers) {
            self.bench.counts.simulate();
            Paid::Cost(Money::ZERO)
        } else {
            bill.map_or(Paid::Untold, |(usage, cost)| self.price(&usage, cost))
        };
        // An endpoint that says that it failed has billed nothing; one that began to answer has.
        let cost = self.pay(paid, (200..300).contains(status));
        Heard { usage, cost, told: told(dialect, headers), ..heard }
    }

    /// Counts what a call cost; one that may be billed and does not say so is counted as well.
    fn pay(&self, paid: Paid, may_be_billed: bool) -> Option<Money> {
        let is_free = self.endpoint.settings.free && self.find_price().is_none();
        let paid = if is_free { Paid::Cost(Money::ZERO) } else { paid };
        if may_be_billed && paid == Paid::Untold {
            self.bench.counts.lose_bill();
        }
        self.bench.counts.pay(paid);
        paid.cost()
    }

    /// What the provider says that it cost, and else what its tokens do. An endpoint that does not
    /// tell what it took leaves its cost unknown.
    fn price(&self, usage: &Usage, told: Option<Money>) -> Paid {
        let has_told = *usage != Usage::default();
        let priced = self.find_price().filter(|_| has_told).map(|price| price.of(usage));
        told.or(priced).map_or(Paid::Unpriced, Paid::Cost)
    }

    fn find_price(&self) -> Option<&Price> {
        find_by_id(&self.endpoint.settings.prices, self.model_id)
    }

    fn throttled(
        &self,
        status: u16,
        retry_after: Option<Duration>,
        overloaded: bool,
        message: &str,
    ) -> Heard {
        let Bench { route, tally, counts, .. } = self.bench;
        route.home().gate.with(|gate, _| gate.responded());
        route.gate.with(|gate, now| gate.throttled(self.started, now, retry_after));
        tally.throttle();
        counts.throttle();
        tally.trouble(if overloaded { "overloaded" } else { "throttled" });
        let how = if overloaded {
            CallEnd::Overloaded { retry_after }
        } else {
            CallEnd::Throttled { retry_after }
        };
        Heard::new(Ended::Throttled, self.trouble(Some(status), message), how)
    }

    fn failed(&self, status: Option<u16>, retry_after: Option<Duration>, message: &str) -> Heard {
        self.responded();
        self.bench.tally.trouble(&status.map_or("malformed".into(), status_class));
        let message = self.without_key(message);
        let trouble = Trouble { status, message: message.clone() };
        let how = match status {
            // It has too much to do, for now and for anybody.
            Some(503) => CallEnd::Overloaded { retry_after },
            Some(409) => CallEnd::Other,
            Some(_) | None => CallEnd::Broken,
        };
        let ended = Ended::Transient { trouble, retry_after };
        Heard::new(ended, End::Trouble { status, message }, how)
    }

    fn rejected(&self, status: u16, message: &str) -> Heard {
        self.responded();
        self.bench.tally.trouble("rejected");
        Heard::new(Ended::Rejected, self.trouble(Some(status), message), CallEnd::Other)
    }

    /// Nothing of the protocol replied. Where the endpoint has answered, its address is right: then a
    /// server that knows the model by its id, or that speaks as an endpoint does and never answered
    /// this model, has refused that alone, and anything else stands there for a while and will go
    /// again. A proxy that refuses its own password never does.
    ///
    /// Where nothing was answered yet, an error worded as an endpoint's blocks as well: some say the same
    /// of a wrong path, and to ask a person burns nothing.
    fn misaddressed(&self, status: u16, message: &str, by_endpoint: bool) -> Heard {
        let gate = &self.bench.route.home().gate;
        let (answers, answers_model) =
            gate.with(|gate, _| (gate.has_answered(), gate.has_answered_for(self.model_id)));
        let names_it = status >= 300 && message.contains(self.model_id);
        if names_it || (by_endpoint && answers && !answers_model) {
            return self.rejected(status, message);
        }
        if status == PROXY_REFUSES {
            return self.block_address(status, message, by_endpoint);
        }
        self.responded();
        match gate.with(|gate, now| gate.astray(self.started, now)) {
            Astray::Never => self.block_address(status, message, by_endpoint),
            Astray::Lasting => self.block_lasting(status, message),
            // Others are answered and this model never was: it may not be there.
            Astray::Passing { counts: true } if !answers_model => {
                self.failed(Some(status), None, message)
            }
            Astray::Passing { counts } => {
                self.bench.tally.trouble("url");
                let end = self.trouble(Some(status), message);
                Heard::new(Ended::Astray { counts }, end, CallEnd::Other)
            }
        }
    }

    /// Every job would end like this one, so none does: the pool waits for a person.
    fn block_address(&self, status: u16, message: &str, by_endpoint: bool) -> Heard {
        let mut settings = vec!["its `url`", "its `protocol`"];
        settings.extend(self.endpoint.settings.proxy.as_ref().map(|_| "its `proxy`"));
        settings.extend(by_endpoint.then_some("the `id` of the model"));
        let settings = match &settings[..] {
            [url, protocol] => format!("{url}, or {protocol},"),
            [most @ .., last] => format!("{} or {last}", most.join(", ")),
            [] => String::new(),
        };
        let nothing = self.nothing_speaks(status, message, "");
        self.block(status, format!("{nothing}; correct {settings} in the configuration"))
    }

    fn block_lasting(&self, status: u16, message: &str) -> Heard {
        let nothing = self.nothing_speaks(status, message, " any more");
        let way_out = "see to what is there, or correct its `url` in the configuration";
        self.block(status, format!("{nothing}, for half an hour since its last answer; {way_out}"))
    }

    fn nothing_speaks(&self, status: u16, message: &str, any_more: &str) -> String {
        let dialect = &self.endpoint.settings.dialect;
        let (protocol, url) = (dialect.protocol, dialect.call_url());
        let words = self.without_key(message);
        format!("{NOTHING_SPEAKS} {protocol} at {url}{any_more} ({status}: {words})")
    }

    fn block(&self, status: u16, message: String) -> Heard {
        self.bench.tally.trouble("url");
        self.bench.route.home().gate.with(|gate, _| gate.block(message.clone()));
        let end = End::Trouble { status: Some(status), message };
        Heard::new(Ended::Misaddressed, end, CallEnd::Other)
    }

    fn turned_away(&self, status: u16, message: &str, spend: bool) -> Heard {
        let why = if spend { "spend limit" } else { "credential refused" };
        let message = format!("{why} ({status}): {}", self.without_key(message));
        self.bench.tally.trouble("credential");
        self.bench.route.home().gate.with(|gate, _| gate.block(message.clone()));
        let end = End::Trouble { status: Some(status), message };
        Heard::new(Ended::Credential, end, CallEnd::Other)
    }

    fn responded(&self) {
        self.bench.route.home().gate.with(|gate, _| gate.responded());
        self.bench.route.gate.with(|gate, _| gate.responded());
    }

    fn count_call(&self) {
        self.bench.tally.call();
        self.bench.counts.call();
    }

    fn trouble(&self, status: Option<u16>, message: &str) -> End {
        End::Trouble { status, message: self.without_key(message) }
    }

    fn without_key(&self, message: &str) -> String {
        self.endpoint.settings.without_key(message)
    }
}

impl Heard {
    fn new(ended: Ended, end: End, how: CallEnd) -> Self {
        Self { ended, end, how, usage: None, cost: None, told: Told::default() }
    }
}

/// What counts against limits; `None` where the endpoint does not tell.
fn need(dialect: &Dialect, usage: &Usage) -> Option<Need> {
    let uncounted = if dialect.counts_cached() { 0 } else { usage.cached_input };
    let input = usage.input.saturating_sub(uncounted);
    (*usage != Usage::default()).then_some(Need { input, output: usage.output })
}

fn status_class(status: u16) -> String {
    if status == 200 { "malformed".to_owned() } else { status.to_string() }
}
