//! When the wait for an answer ends.

use std::time::Duration;

use iago_providers::{Dialect, Protocol, Streaming};
use iago_worker::{EndpointSettings, ProbeError, Probed, Timeouts, probe};

use crate::server::{Server, Step, answer, chunk, head, last_chunks, streaming};

/// Long enough for a machine that is busy, short enough to be waited for.
const IDLE: Duration = Duration::from_millis(1500);

fn say(text: impl Into<String>) -> Step {
    Step::Say(text.into())
}

async fn call(steps: Vec<Step>, change: impl FnOnce(&mut Timeouts)) -> Result<Probed, ProbeError> {
    let server = Server::start(steps).await;
    let mut endpoint: EndpointSettings = streaming(&server);
    change(&mut endpoint.timeouts);
    probe(&endpoint, "echo").await
}

fn impatient(timeouts: &mut Timeouts) {
    timeouts.idle = IDLE;
}

fn halted() -> Result<Probed, ProbeError> {
    Err(ProbeError::TimedOut("the answer came to a halt".to_owned()))
}

#[tokio::test]
async fn a_stream_is_one_answer() {
    let steps = vec![head(), say(chunk("o")), say(chunk("k")), say(last_chunks())];
    let probed = call(steps, impatient).await.unwrap();
    assert_eq!((probed.usage.input, probed.usage.output), (9, 2));
    assert_eq!(probed.echoed_model.as_deref(), Some("echo-1"));
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood_as_well() {
    let probed = call(vec![say(answer())], impatient).await.unwrap();
    assert_eq!((probed.usage.input, probed.usage.output), (9, 2));
}

#[tokio::test]
async fn an_answer_that_comes_slowly_is_waited_for_as_long_as_it_comes() {
    let piece = || [Step::Wait(IDLE / 4), say(chunk("o"))];
    let pieces = (0..6).flat_map(|_| piece());
    let steps = [head()].into_iter().chain(pieces).chain([say(last_chunks())]).collect();
    let probed = call(steps, impatient).await.unwrap();
    assert!(probed.latency > IDLE, "{:?}", probed.latency);
}

#[tokio::test]
async fn a_stream_that_halts_is_given_up() {
    assert_eq!(call(vec![head(), say(chunk("o")), Step::Hang], impatient).await, halted());
}

#[tokio::test]
async fn what_only_keeps_the_connection_open_is_no_answer() {
    let silence = [
        ": keep-alive\n\n".to_owned(),
        "\n".to_owned(),
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]}\n\n"
            .to_owned(),
    ];
    for kept_alive in silence {
        let steps = vec![head(), say(chunk("o")), Step::Repeat(kept_alive, IDLE / 15)];
        assert_eq!(call(steps, impatient).await, halted());
    }
}

#[tokio::test]
async fn an_answer_that_comes_as_a_whole_may_begin_late() {
    let server = Server::start(late(&["\n", "\n", "\n", WHOLE])).await;
    let mut endpoint = streaming(&server);
    endpoint.dialect.streaming = Streaming::Never;
    endpoint.timeouts.idle = IDLE;
    assert!(probe(&endpoint, "echo").await.unwrap().latency > IDLE);
    // It may not come to a halt once it has begun, nor keep waiting for it who asked for a stream.
    let server = Server::start(late(&["{", "\n", "\n", "\n"])).await;
    let address = Dialect::new(Protocol::OpenAiChat, &format!("http://{}", server.address));
    endpoint.dialect = Dialect { streaming: Streaming::Never, ..address.unwrap() };
    assert_eq!(probe(&endpoint, "echo").await, halted());
    assert_eq!(call(late(&["\n", "\n", "\n", WHOLE]), impatient).await, halted());
}

const WHOLE: &str = r#"{"choices":[{"finish_reason":"stop","message":{"content":"ok"}}]}"#;

/// A body in pieces that come apart, all of them together later than anybody waits for one.
fn late(pieces: &[&str]) -> Vec<Step> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    let pieces = pieces.iter().flat_map(|piece| [Step::Wait(IDLE / 2), say(*piece)]);
    [say(head)].into_iter().chain(pieces).collect()
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_no_answer() {
    let ended = call(vec![head(), say(chunk("o"))], impatient).await;
    assert!(matches!(ended, Err(ProbeError::NotUnderstood { .. })), "{ended:?}");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                transfer-encoding: chunked\r\n\r\n5\r\ndata:";
    let cut = call(vec![say(head)], impatient).await;
    let middle = "the connection broke in the middle of an answer".to_owned();
    assert_eq!(cut, Err(ProbeError::Broken(middle)));
}

#[tokio::test]
async fn a_server_that_does_not_begin_is_given_up() {
    let ended = call(vec![Step::Hang], |times| times.first_byte = Some(IDLE)).await;
    assert_eq!(ended, Err(ProbeError::TimedOut("no answer began in time".to_owned())));
}

#[tokio::test]
async fn an_answer_without_end_has_one() {
    let steps = vec![head(), Step::Repeat(chunk("o"), IDLE / 15)];
    let ended = call(steps, |times| times.total = IDLE).await;
    assert_eq!(ended, Err(ProbeError::TimedOut("no complete answer in time".to_owned())));
}
