//! Frames in iago's own nouns.

use std::collections::BTreeMap;

use iago_sweep::{
    Digest, FailureClass, Finish, JobId, Label, Money, Need, Parse, SweepId, Text, Usage,
};

use crate::calls::{Ask, Call};

/// The right to one attempt. Unique for ever, and increasing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease {
    /// The leadership term of the coordinator that gave it.
    pub term: u64,
    /// Its number within the term.
    pub sequence: u64,
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq)]
pub enum FromWorker {
    /// Everything that it has; always first.
    Inventory(Inventory),
    /// How many assignments it has made room for, in this connection.
    Credit(u64),
    /// Ended attempts.
    Deliveries(Vec<Delivery>),
    /// A pool can do nothing until a person acts.
    PoolBlocked {
        /// The pool.
        pool: String,
        /// Why, in the provider's words.
        reason: String,
    },
    /// It lives.
    Heartbeat(Heartbeat),
    /// It lacks a blob.
    Need(Digest),
    /// It drains: it starts nothing more, and hangs up once everything is acknowledged.
    Leaving,
    /// Its last frame: everything is acknowledged, and what comes now is not begun.
    Left,
    /// Of a pool no more calls are under way than the slice of this number allows: what it took away
    /// can be given to others.
    Within {
        /// The pool.
        pool: String,
        /// [`Slice::number`] of the latest one.
        number: u64,
    },
    /// Calls that wait to begin. They end with the connection.
    Asks(Vec<Ask>),
    /// Asks, by number, that are not wanted any more, granted or not.
    Withdrawn(Vec<u64>),
    /// Calls that ended.
    Calls(Vec<Call>),
}

/// Everything that a worker has when it connects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// New at every start of the worker.
    pub boot: String,
    /// The same at every start; two living workers never share one.
    pub name: String,
    /// The protocol that it speaks.
    pub protocol: u32,
    /// Pools that it has credentials for.
    pub pools: Vec<String>,
    /// Assignments that it has room for at once.
    pub slots: u32,
    /// Assignments that it still works on.
    pub held: Vec<Held>,
    /// Ended attempts whose delivery it still keeps, in the order of their sequence.
    pub unacknowledged: Vec<Held>,
    /// What it was last told that it may use.
    pub slices: Vec<Slice>,
}

/// An assignment that a worker still has, or the delivery that became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its lease.
    pub lease: Lease,
    /// Its sweep.
    pub sweep: SweepId,
    /// Its job.
    pub job: JobId,
    /// Which execution of the job it is.
    pub attempt: u32,
}

/// A sign of life, with what people want to see while they wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heartbeat {
    /// The sequence of the last assignment seen.
    pub last_lease: u64,
    /// Calls ever made.
    pub calls: u64,
    /// Calls ever throttled.
    pub throttles: u64,
    /// Troubles by class.
    pub troubles: BTreeMap<String, u64>,
    /// Pool to what it waits for.
    pub waits: BTreeMap<String, String>,
}

/// An ended attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The worker's own count, without gaps.
    pub sequence: u64,
    /// The lease under which it ran.
    pub lease: Lease,
    /// Its sweep.
    pub sweep: SweepId,
    /// Its job.
    pub job: JobId,
    /// Which execution of the job it was.
    pub attempt: u32,
    /// HTTP exchanges.
    pub calls: u32,
    /// Those that were throttled.
    pub throttles: u32,
    /// What it cost; `None` where no price is known.
    pub cost: Option<Money>,
    /// Calls that ended without a word on their cost, after the endpoint may have seen them.
    pub broken: u32,
    /// The endpoint declared that its behaviour is planted.
    pub simulated: bool,
    /// How it ended.
    pub outcome: Outcome,
}

/// The bytes of a delivery without its texts: on the wire and, about, in memory.
const DELIVERY_BYTES: usize = 160;

impl Delivery {
    /// The bytes that it counts for against a result credit, the same on both sides of the wire: its
    /// texts, and a fixed allowance for all else.
    pub fn weight(&self) -> usize {
        DELIVERY_BYTES + self.outcome.text_bytes()
    }

    /// The assignment that it ends.
    pub fn held(&self) -> Held {
        let Self { lease, sweep, job, attempt, .. } = *self;
        Held { lease, sweep, job, attempt }
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With an answer.
    Answered {
        /// Why the model stopped.
        finish: Finish,
        /// Whether the fields could be read.
        parse: Parse,
        /// What a judge said.
        label: Option<Label>,
        /// Tokens.
        usage: Usage,
        /// Milliseconds of the answering call.
        latency_ms: u32,
        /// The model id that the endpoint says answered.
        echoed_model: Option<String>,
        /// Hash of the body sent.
        request: Digest,
        /// The answer.
        text: Text,
    },
    /// Without one, for good.
    Failed {
        /// What kind of end.
        class: FailureClass,
        /// The last HTTP status.
        status: Option<u16>,
        /// The provider's words.
        message: String,
    },
    /// Unfinished; the job is open again.
    Released,
}

impl Outcome {
    fn text_bytes(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        match self {
            Self::Answered { text, echoed_model, .. } => {
                let beside = length(&text.reasoning) + length(&text.logprobs);
                text.raw.len() + beside + length(echoed_model)
            }
            Self::Failed { message, .. } => message.len(),
            Self::Released => 0,
        }
    }
}

/// What a coordinator says.
#[derive(Clone, Debug, PartialEq)]
pub enum FromCoordinator {
    /// Always first.
    Welcome {
        /// The coordinator's term.
        term: u64,
        /// How often to send a heartbeat, in milliseconds.
        heartbeat_ms: u32,
        /// For how many milliseconds slices last once the connection has broken.
        slices_ms: u32,
    },
    /// Work.
    Assignments(Vec<Assignment>),
    /// Everything up to this sequence is durable.
    Acknowledged(u64),
    /// What may be used of a pool.
    Slice(Slice),
    /// A blob that was asked for.
    Blob {
        /// Its content hash.
        digest: Digest,
        /// Its content.
        data: Vec<u8>,
    },
    /// No more work will come.
    Drain,
    /// How many bytes of deliveries, by [`Delivery::weight`], it has made room for in this
    /// connection.
    ResultCredit(u64),
    /// Answers to asks.
    Grants {
        /// Numbers of asks whose calls may begin.
        granted: Vec<u64>,
        /// Those that can never be granted, each with the reason, for people.
        refused: Vec<(u64, String)>,
        /// Those that cannot be granted as they are, since too much is expected of them: their jobs go
        /// back as they came.
        declined: Vec<u64>,
        /// When that was said, in milliseconds of the coordinator's own clock, which begins anywhere
        /// and never jumps: what is on its way for longer than others has grown old.
        sent_ms: u64,
    },
}

/// A job handed out.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The right to work on it.
    pub lease: Lease,
    /// Its sweep.
    pub sweep: SweepId,
    /// Its job.
    pub job: JobId,
    /// Which execution of the job this is.
    pub attempt: u32,
    /// The plan to render from.
    pub plan: Digest,
    /// The stored answers that the job hangs on, nearest first; none for a stage at the beginning.
    pub said: Vec<Text>,
    /// The job's `Idempotency-Key`: opaque, and the same in every attempt.
    pub key: String,
    /// The pools that its calls draw from, its endpoint's first.
    pub pools: Vec<String>,
    /// What a call of it is expected to take.
    pub need: Need,
    /// What each call of it can cost at most; `None` where no price is known.
    pub cost_most: Option<Money>,
}

impl Assignment {
    /// What an inventory says of it.
    pub fn held(&self) -> Held {
        let Self { lease, sweep, job, attempt, .. } = *self;
        Held { lease, sweep, job, attempt }
    }
}

/// What a worker may use of a pool until told otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// The pool.
    pub pool: String,
    /// Calls a minute of the whole pool, over which starts are spread; at once where absent.
    pub requests_per_minute: Option<u32>,
    /// Calls at once; 0: nothing may start.
    pub concurrency: u32,
    /// Each of its calls is asked for.
    pub metered: bool,
    /// Calls a minute that the pool turned out to take, where nobody configured them: told so that
    /// whoever leads next need not find out again.
    pub limit_in_force: Option<u64>,
    /// A person has acted: a block of the pool is over.
    pub lifts: bool,
    /// The slices that a coordinator has told, counted.
    pub number: u64,
    /// In an inventory: calls under way beyond it.
    pub over: u32,
}
