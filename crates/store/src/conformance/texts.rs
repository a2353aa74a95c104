//! Texts: model output is hostile input, and comes back byte for byte.

use iago_sweep::{Fact, JobId, ResultFact, Text, escape, unescape};

use super::facts::{answered, begin, job, result, text_of};
use crate::{Appended, READ_MAX, Store, StoreError};

/// What was said is what is read: the texts that break other stores.
pub async fn texts_come_back_byte_for_byte<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let texts: Vec<(JobId, Text)> = (0..).map(job).zip(odd_texts()).collect();
    let facts = texts.iter().map(|(job, text)| said(*job, text.clone())).collect();
    store.append(sweep, term, facts).await.expect("appended");
    let jobs: Vec<JobId> = texts.iter().map(|(job, _)| *job).collect();
    let read = store.read(sweep, &jobs).await.expect("read");
    assert_eq!(read.len(), texts.len());
    for (read, text) in read.iter().zip(&texts) {
        // Not `assert_eq!`: it would print four million characters.
        assert!(read == text, "the text of {} came back changed", text.0);
    }
}

/// A row that a database might refuse stands between two plain ones.
pub async fn one_bad_row_never_blocks_its_batch<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let mut bad = result(2);
    bad.echoed_model = Some("\0\u{2410}\0".to_owned());
    let text = Text {
        raw: "\0".to_owned(),
        reasoning: Some("\0".to_owned()),
        altered: true,
        logprobs: Some("\0\u{2400}".to_owned()),
    };
    let bad_fact = Fact::Result(Box::new(bad.clone()), text.clone());
    let facts = vec![answered(result(1)), bad_fact, answered(result(3))];
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored; 3]);
    let recovered = store.results(sweep, None, 10).await.expect("recovered");
    assert_eq!(recovered, [result(1), bad, result(3)]);
    assert_eq!(store.read(sweep, &[job(2)]).await.expect("read"), [(job(2), text)]);
}

/// Most answers come without them. Those that have them stand in one batch with those that do not,
/// before them and after them.
pub async fn log_probabilities_stay_with_their_answers<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    // More than one statement's worth for any adapter.
    let texts: Vec<(JobId, Text)> =
        (0..700).map(|number| (job(number), measured(number))).collect();
    let facts = texts.iter().map(|(job, text)| said(*job, text.clone())).collect();
    store.append(sweep, term, facts).await.expect("appended");
    let jobs: Vec<JobId> = texts.iter().map(|(job, _)| *job).collect();
    assert_eq!(store.read(sweep, &jobs).await.expect("read"), texts);

    let late = Text { logprobs: Some("[]".to_owned()), ..Text::default() };
    let late = Fact::Result(Box::new(ResultFact { attempt: 2, ..result(1) }), late);
    let appended = store.append(sweep, term, vec![late, answered(result(900))]).await;
    assert_eq!(appended.expect("appended"), [Appended::Duplicate, Appended::Stored]);
    let read = store.read(sweep, &[job(1), job(900)]).await.expect("read");
    assert_eq!(read, [(job(1), measured(1)), (job(900), text_of(&result(900)))]);
}

/// Every third one has log probabilities; an empty list of them is not none.
fn measured(number: i64) -> Text {
    let listed = format!("[{{\"token\":\"\\u0000\",\"logprob\":-{number}.5}}]");
    let logprobs = match number % 6 {
        0 => Some(listed),
        3 => Some(String::new()),
        _ => None,
    };
    Text { raw: format!("answer {number}"), logprobs, ..Text::default() }
}

/// In whatever order, and however often, they are asked for.
pub async fn texts_come_in_job_order_and_once<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let facts = (1..=3).map(|number| answered(result(number))).collect();
    store.append(sweep, term, facts).await.expect("appended");
    let read = store.read(sweep, &[job(3), job(1), job(3)]).await.expect("read");
    assert_eq!(read, [(job(1), text_of(&result(1))), (job(3), text_of(&result(3)))]);
}

/// An unanswered job has no text, which is not an empty one.
pub async fn texts_of_unknown_jobs_are_left_out<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    store.append(sweep, term, vec![said(job(2), Text::default())]).await.expect("appended");
    let read = store.read(sweep, &[job(1), job(2), job(i64::MAX)]).await.expect("read");
    assert_eq!(read, [(job(2), Text::default())]);
    assert_eq!(store.read(sweep, &[]).await.expect("read"), []);
}

/// A page has a bound, and the bound itself is within it.
pub async fn too_many_texts_at_once_are_refused<S: Store>(store: S) {
    let (sweep, _) = begin(&store).await;
    let jobs: Vec<JobId> = (0..).map(job).take(READ_MAX + 1).collect();
    assert_eq!(store.read(sweep, &jobs[..READ_MAX]).await.expect("read"), []);
    let refused = store.read(sweep, &jobs).await;
    assert!(
        matches!(refused, Err(StoreError::TooMany { asked, limit: READ_MAX }) if asked > READ_MAX),
        "{refused:?}"
    );
}

fn said(job: JobId, text: Text) -> Fact {
    Fact::Result(Box::new(result(job.number())), text)
}

fn odd_texts() -> Vec<Text> {
    let pictures = "\u{2400} \u{2410} \u{2410}\u{2400}";
    let long: String = (0..400_000u32).map(|n| format!("{n:010}")).collect();
    let raws = [
        String::new(),
        "\0".to_owned(),
        "a\0b\0".to_owned(),
        pictures.to_owned(),
        escape(&format!("\0{pictures}")),
        unescape(&escape("\0\u{2410}")),
        "\u{1f9d1}\u{200d}\u{1f52c} e\u{301} \u{fffd} \u{10ffff}".to_owned(),
        "\\ud800 '\";--\r\n\t\u{1b}[31m".to_owned(),
        long,
        "\u{1f9ea}".repeat(1 << 20),
    ];
    let plain = raws.iter().map(|raw| Text {
        raw: raw.clone(),
        reasoning: None,
        altered: false,
        logprobs: None,
    });
    let reasoned = raws.iter().map(|raw| Text {
        raw: String::new(),
        reasoning: Some(raw.clone()),
        altered: true,
        logprobs: None,
    });
    let measured = raws.iter().map(|raw| Text { logprobs: Some(raw.clone()), ..Text::default() });
    plain.chain(reasoned).chain(measured).collect()
}
