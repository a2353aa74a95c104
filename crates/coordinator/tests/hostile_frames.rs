//! Whatever comes over the wire, nothing panics, nobody else is disturbed, and whoever sends nonsense
//! is told so.
//!
//! Random bytes, and valid frames with random damage. `IAGO_FUZZ_SECONDS` says for how long; the seed
//! is told, so that what was found can be found again with `IAGO_FUZZ_SEED`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf, BufMut};
use iago_protocol::wire::WorkerFrame;
use iago_protocol::{Ask, Call, Delivery, FromWorker, Heartbeat, Held, Lease, Outcome};
use iago_store::Scope;
use iago_sweep::{CallEnd, Digest, FailureClass, JobId, Money, Need, SweepId, Told, ToldLimit};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status};

#[path = "support/served.rs"]
mod served;

use served::{Served, frame, grant, inventory, list, serve, with};

/// How long to go on where nobody says: enough to see that it works.
const USUAL_SECONDS: u64 = 3;

static PANICS: AtomicU64 = AtomicU64::new(0);

/// Messages as bytes, whatever they hold.
#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;
    fn encoder(&mut self) -> Self {
        *self
    }
    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length).to_vec()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_breaks_nothing() {
    std::panic::set_hook(Box::new(|panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        eprintln!("{panic}");
    }));
    let (seconds, seed) = told();
    println!("IAGO_FUZZ_SEED={seed}, for {seconds} s");
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let served = serve().await;
    let worker = grant(&served.store, "w", Scope::Worker, None).await;
    let reader = grant(&served.store, "r", Scope::Reader, None).await;
    list(&served, &reader).await.expect("it leads");
    let until = Instant::now() + Duration::from_secs(seconds);
    let (mut streams, mut refused) = (0u64, 0u64);
    while Instant::now() < until {
        if dice.next_u32().is_multiple_of(50) {
            knock(&served, &mut dice).await;
            continue;
        }
        let messages = (0..=dice.next_u32() % 4).map(|nth| message(&mut dice, nth)).collect();
        streams += 1;
        let patience = Duration::from_millis(3);
        refused += u64::from(say(&served, &worker, messages, patience).await.is_err());
        assert_eq!(PANICS.load(Ordering::SeqCst), 0, "it panicked");
    }
    list(&served, &reader).await.expect("the loop goes on");
    println!("{streams} streams, {refused} refused");
    assert!(streams >= seconds && refused > 0 && refused < streams, "{refused} of {streams}");
    drop(std::panic::take_hook());
}

#[tokio::test]
async fn a_frame_beyond_the_limit_is_refused() {
    let served = serve().await;
    let worker = grant(&served.store, "w", Scope::Worker, None).await;
    let first = encode(&frame(FromWorker::Inventory(inventory("w1"))));
    let huge = vec![0x3a; 2 * iago_protocol::FRAME_BYTES_MAX];
    let status = loop {
        let messages = vec![first.clone(), huge.clone()];
        let said = say(&served, &worker, messages, Duration::from_secs(10)).await;
        match said.expect_err("too large") {
            starting if starting.code() == Code::Unavailable => tokio::task::yield_now().await,
            status => break status,
        }
    };
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
}

/// Sends these messages as a worker and reads until the stream ends.
async fn say(
    served: &Served,
    token: &str,
    messages: Vec<Vec<u8>>,
    patience: Duration,
) -> Result<(), Status> {
    let mut client = tonic::client::Grpc::new(served.channel.clone());
    client.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    let path = tonic::codegen::http::uri::PathAndQuery::from_static("/iago.v1.Workers/Work");
    let request = with(token, tokio_stream::iter(messages));
    let answered = client.streaming(request, path, Raw).await?;
    let mut stream = answered.into_inner();
    // A worker that closes its side is away; the coordinator keeps its own side until it is lost.
    while let Ok(next) = tokio::time::timeout(patience, stream.message()).await {
        if next?.is_none() {
            break;
        }
    }
    Ok(())
}

/// Bytes that are not even HTTP/2.
async fn knock(served: &Served, dice: &mut ChaCha8Rng) {
    let mut noise = vec![0; (dice.next_u32() % 512) as usize];
    dice.fill_bytes(&mut noise);
    let mut socket =
        TcpStream::connect(served.address.expect("a socket")).await.expect("it listens");
    drop(socket.write_all(&noise).await);
    drop(socket.shutdown().await);
    let mut answer = Vec::new();
    drop(tokio::time::timeout(Duration::from_millis(20), socket.read_to_end(&mut answer)).await);
}

/// A message: mostly a good frame with some damage, the inventory usually first.
fn message(dice: &mut ChaCha8Rng, nth: u32) -> Vec<u8> {
    let mut bytes = if nth == 0 && !dice.next_u32().is_multiple_of(8) {
        return encode(&frame(FromWorker::Inventory(inventory("w1"))));
    } else {
        encode(&frame(any_frame(dice)))
    };
    match dice.next_u32() % 5 {
        0 => {}
        1 => bytes.truncate(pick(dice, bytes.len())),
        2 => (0..=dice.next_u32() % 4).for_each(|_| flip(dice, &mut bytes)),
        3 => {
            bytes = vec![0; (dice.next_u32() % 300) as usize];
            dice.fill_bytes(&mut bytes);
        }
        _ => {
            let (at, more) = (pick(dice, bytes.len()), pick(dice, 40));
            let mut inserted = vec![0; more];
            dice.fill_bytes(&mut inserted);
            bytes.splice(at..at, inserted);
        }
    }
    bytes
}

fn any_frame(dice: &mut ChaCha8Rng) -> FromWorker {
    let (sweep, job) = (SweepId(i64::from(dice.next_u32() % 3)), any_job(dice));
    let lease = Lease { term: dice.next_u64() % 3, sequence: dice.next_u64() % 9 };
    let pools = vec!["lab".to_owned(), "p".to_owned()];
    let need = Need { input: dice.next_u64(), output: u64::MAX };
    match dice.next_u32() % 11 {
        0 => FromWorker::Credit(dice.next_u64()),
        1 => FromWorker::Heartbeat(Heartbeat { calls: u64::MAX, ..Heartbeat::default() }),
        2 => FromWorker::Need(Digest::of(dice.next_u64().to_le_bytes())),
        3 if dice.next_u32().is_multiple_of(2) => {
            FromWorker::Within { pool: "lab".to_owned(), number: dice.next_u64() }
        }
        3 => FromWorker::Leaving,
        4 => FromWorker::PoolBlocked { pool: "p".to_owned(), reason: "\u{1b}[2J\0".to_owned() },
        5 => {
            let mut inventory = inventory("w2");
            inventory.held = vec![Held { lease, sweep, job, attempt: u32::MAX }];
            FromWorker::Inventory(inventory)
        }
        6 => {
            let (number, most) = (dice.next_u64() % 3, dice.next_u64().cast_signed());
            FromWorker::Asks(vec![Ask {
                number,
                pools,
                need,
                certain: number,
                cost_most: Some(Money(most)),
            }])
        }
        7 => FromWorker::Withdrawn(vec![dice.next_u64() % 3]),
        8 => {
            let (limit, after) = (Some(dice.next_u64()), Some(Duration::MAX));
            let told = ToldLimit { limit, reset_after: after, ..ToldLimit::default() };
            FromWorker::Calls(vec![Call {
                grant: Some(dice.next_u64() % 3),
                pools,
                took_ms: u32::MAX,
                how: CallEnd::Throttled { retry_after: after },
                usage: Some(need),
                cost: Some(Money(i64::MIN)),
                told: Told { requests: Some(told), ..Told::default() },
            }])
        }
        _ => FromWorker::Deliveries(vec![Delivery {
            sequence: dice.next_u64(),
            lease,
            sweep,
            job,
            attempt: dice.next_u32(),
            calls: u32::MAX,
            throttles: u32::MAX,
            cost: Some(Money(i64::MAX)),
            broken: u32::MAX,
            simulated: false,
            outcome: Outcome::Failed {
                class: FailureClass::Rejected,
                status: Some(400),
                message: "no".to_owned(),
            },
        }]),
    }
}

fn any_job(dice: &mut ChaCha8Rng) -> JobId {
    JobId::from_number((dice.next_u64() >> 1).cast_signed()).expect("not negative")
}

fn encode(frame: &WorkerFrame) -> Vec<u8> {
    iago_protocol::encode(frame)
}

fn flip(dice: &mut ChaCha8Rng, bytes: &mut [u8]) {
    let at = pick(dice, bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << (dice.next_u32() % 8);
    }
}

fn pick(dice: &mut ChaCha8Rng, below: usize) -> usize {
    dice.next_u32() as usize % below.max(1)
}

#[expect(clippy::disallowed_methods, reason = "a test's own knobs, and its dice")]
fn told() -> (u64, u64) {
    let number = |name| std::env::var(name).ok().and_then(|words| words.parse().ok());
    let random = u64::from(std::process::id()) << 20;
    (
        number("IAGO_FUZZ_SECONDS").unwrap_or(USUAL_SECONDS),
        number("IAGO_FUZZ_SEED").unwrap_or(random),
    )
}
