//! A schedule from its file to its verdict, over the wire: with a worker whose every answer is the test's own,
//! paused time, and a clock that goes with it.

use std::time::Duration;

use iago_coordinator::{Clock, Settings, Sources, compile};
use iago_nightly::{Morning, Run, RunState, Word};
use iago_protocol::wire::schedule_part::Part;
use iago_protocol::wire::{
    BaselineSet, FilePart, GateRequest, HistoryRequest, ListSchedulesRequest, RunTold,
    ScheduleHead, SchedulePart, ScheduleRequest, ScheduleTold, SubmitHead, Submitted, SweepRequest,
    gate_part,
};
use iago_protocol::{Assignment, Outcome};
use iago_store::{Access, Act, Kind, Nights, Scope, State, Store};
use iago_sweep::{Digest, SweepId};
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;
use tonic::{Code, Response, Status};

#[path = "nights/anchors.rs"]
mod anchors;
#[path = "support/hand.rs"]
mod hand;
#[path = "support/house.rs"]
mod house;
#[path = "support/served.rs"]
mod served;
#[path = "support/sweep.rs"]
mod sweep;

use hand::{Hand, answered, failed, labelled};
use house::House;
use served::{grant, list, with};
use sweep::{hand_in_against, hand_in_extension, hand_in_with, settings, sources, submit, text};

const PROMPTS: u32 = 4;
const NOON: &str = "2026-09-15T12:00:00Z";

/// The small sweep with a gate, which is looked at twice, and whose baseline is judged again.
fn gated(name: &str) -> String {
    let gates = r#"
[[gates]]
measure = "yes"
better = "higher"
margin = 0.05
tier = "critical"
[gating]
alpha = 0.05
missing = "worst-case"
top_up = { repeats = 1, looks = 2, spend = "pocock" }
rejudge_baseline = true
"#;
    text(name).replace("repeats = 1\n", "repeats = 2\n") + gates
}

/// A coordinator whose clock shows a few seconds before noon, and a worker that is never lost.
async fn house() -> House {
    let before: jiff::Timestamp = "2026-09-15T11:59:55Z".parse().expect("a moment");
    let silence_max = Duration::from_secs(24 * 60 * 60);
    let house =
        House::piped(Settings { clock: Clock::set(before), silence_max, ..settings() }).await;
    list(&house.served, &house.operator).await.expect("it leads");
    house
}

const TERMS: &str = r#"
sweep = "small.toml"
cron = "0 12 * * *"
zone = "UTC"
priority = 3
tell = [{ webhook = "everybody", on = ["pass", "regression", "inconclusive", "unreliable-baseline"] }]
"#;

fn against(baseline: &str) -> String {
    format!("{TERMS}\nbaseline = {{ pinned = \"{baseline}\" }}\n")
}

fn parts(terms: &str, sources: &Sources, is_dry_run: bool) -> Vec<SchedulePart> {
    let plan = compile(sources).expect("a sweep");
    let json = serde_json::to_vec(&plan).expect("it has a JSON form");
    let head = ScheduleHead {
        name: "nightly".to_owned(),
        terms: terms.to_owned(),
        file_name: "small.toml".to_owned(),
        plan_digest: Digest::of(json).as_bytes().to_vec(),
        dry_run: is_dry_run,
    };
    let files = sources.files.clone().into_iter();
    let files = files.map(|(path, data)| Part::File(FilePart { path, data }));
    let parts = [Part::Head(head)].into_iter().chain(files);
    parts.map(|part| SchedulePart { part: Some(part) }).collect()
}

async fn put(house: &House, terms: &str, text: &str) -> Result<ScheduleTold, Status> {
    let parts = parts(terms, &sources(text, PROMPTS), false);
    let request = with(&house.operator, tokio_stream::iter(parts));
    house.nights().put_schedule(request).await.map(Response::into_inner)
}

fn named(token: &str) -> tonic::Request<ScheduleRequest> {
    with(token, ScheduleRequest { name: "nightly".to_owned() })
}

async fn history(house: &House) -> Vec<RunTold> {
    let request = HistoryRequest { name: "nightly".to_owned(), ..HistoryRequest::default() };
    let told = house.nights().history(with(&house.operator, request)).await.expect("it is there");
    told.into_inner().runs
}

fn read(told: &RunTold) -> (Run, Option<Morning>) {
    let run = serde_json::from_slice(&told.run).expect("a run");
    (run, serde_json::from_slice(&told.morning).ok())
}

/// Answers everything that is handed out, in the way that judges answer, until nothing came for a while.
/// Gives the sweeps of the jobs, in the order in which they were handed out.
async fn answer_all(hand: &mut Hand, label: &str) -> Vec<SweepId> {
    let say = |job: &Assignment| if job.said.is_empty() { answered() } else { labelled(label) };
    answer_each(hand, say).await.into_iter().map(|job| job.sweep).collect()
}

/// The same, with what the test says of each job; gives the jobs.
async fn answer_each(hand: &mut Hand, say: impl Fn(&Assignment) -> Outcome) -> Vec<Assignment> {
    let mut answered = Vec::new();
    while let Ok(jobs) = timeout(Duration::from_secs(15), hand.assignments()).await {
        for job in jobs {
            hand.deliver(job.held(), say(&job)).await;
            answered.push(job);
        }
    }
    answered
}

/// A finished sweep, under a name to compare with.
async fn baseline(house: &House, hand: &mut Hand, name: &str) -> SweepId {
    let sweep = submit(&house.served, &house.operator, "before", PROMPTS).await;
    answer_all(hand, "yes").await;
    set_baseline(house, sweep, name).await;
    sweep
}

async fn set_baseline(house: &House, sweep: SweepId, name: &str) {
    let set = BaselineSet { name: name.to_owned(), sweep: sweep.0, ..BaselineSet::default() };
    house.nights().set_baseline(with(&house.operator, set)).await.expect("it is done");
}

#[tokio::test(start_paused = true)]
async fn a_night_is_asked_judged_beside_its_anchors_topped_up_and_told_of() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    let before = baseline(&house, &mut hand, "good").await;
    put(&house, &against("good"), &gated("night")).await.expect("it is taken");
    house.nights().run_now(named(&house.operator)).await.expect("it is taken");
    sleep(Duration::from_secs(1)).await;
    let heads = house.store.sweeps().await.expect("the store answers");
    let of = |kind| heads.iter().find(|head| head.kind == kind).expect("there is one").id;
    let (night, anchors) = (of(Kind::Night), of(Kind::Anchors));
    let jobs = answer_all(&mut hand, "yes").await;
    let count = |of| jobs.iter().filter(|sweep| **sweep == of).count();
    // Two repeats, and one more at the second look: an answer and a label each. Of the anchors the labels.
    assert_eq!((count(night), count(anchors)), (2 * 4 * 3, 4));
    let head = house.store.sweeps().await.expect("the store answers");
    let head = head.into_iter().find(|head| head.id == night).expect("it is there");
    assert_eq!((head.revision, head.note.as_str()), (1, "topped up: look 2 of 2"));
    let told = history(&house).await.remove(0);
    let (run, morning) = read(&told);
    let morning = morning.expect("it was judged");
    assert_eq!((run.state, told.sweep), (RunState::Ended, Some(night.0)));
    let against = morning.against.expect("it was compared");
    assert_eq!((against.sweep, against.anchors), (before, Some(anchors)));
    let verdict = morning.verdict.expect("a verdict");
    assert_eq!((verdict.look, verdict.word), (2, Word::Inconclusive), "of so few prompts");
    assert!(matches!(verdict.judges[..], [_]), "the judge was watched");
    assert_eq!(told.notices.len(), 1);
}

async fn gate(house: &House, sweep: SweepId, baseline: &str) -> Morning {
    let baseline = baseline.to_owned();
    let request = GateRequest { sweep: sweep.0, baseline, flips: 0 };
    let mut told = house.nights().gate(with(&house.operator, request)).await.expect("judged");
    let first = told.get_mut().message().await.expect("it comes").expect("a part");
    let Some(gate_part::Part::Morning(json)) = first.part else { panic!("the morning is first") };
    serde_json::from_slice(&json).expect("a morning")
}

#[tokio::test(start_paused = true)]
async fn a_night_is_judged_by_its_number_as_its_schedule_asks() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    let before = baseline(&house, &mut hand, "good").await;
    let other = BaselineSet { name: "other".to_owned(), sweep: before.0, replace: false };
    house.nights().set_baseline(with(&house.operator, other)).await.expect("it is done");
    let terms = format!("{TERMS}\nbaseline = {{ pinned = \"good\", repeats = 5 }}\n");
    put(&house, &terms, &gated("night")).await.expect("it is taken");
    house.nights().run_now(named(&house.operator)).await.expect("it is taken");
    answer_all(&mut hand, "yes").await;
    let told = history(&house).await.remove(0);
    let (run, stored) = read(&told);
    assert_eq!(stored.expect("it was judged").word, Word::UnreliableBaseline);
    let night = SweepId(told.sweep.expect("it has begun"));
    let morning = gate(&house, night, "").await;
    assert_eq!(morning.word, Word::UnreliableBaseline, "of too few repeats for this schedule");
    assert_eq!((morning.run, morning.zone.as_deref()), (Some(run.key), Some("UTC")));
    let another = gate(&house, night, "other").await;
    assert_ne!(another.word, Word::UnreliableBaseline, "nothing is asked of another one");
}

#[tokio::test(start_paused = true)]
async fn a_schedule_whose_baseline_is_missing_says_so_before_its_first_night() {
    let house = house().await;
    let told = put(&house, &against("gone"), &gated("night")).await.expect("it is taken");
    let [caution] = &told.cautions[..] else { panic!("{:?}", told.cautions) };
    assert!(caution.contains("iago baseline set gone SWEEP"), "{caution}");
    let shown = house.nights().show_schedule(named(&house.operator)).await.expect("it is there");
    assert_eq!(shown.into_inner().cautions, told.cautions);
    let mut hand = house.join("w1").await;
    baseline(&house, &mut hand, "gone").await;
    let shown = house.nights().show_schedule(named(&house.operator)).await.expect("it is there");
    assert_eq!(shown.into_inner().cautions, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_would_not_be_taken_is_refused_by_a_dry_run_too() {
    let house = house().await;
    let elsewhere = gated("night").replace("endpoint = \"lab\"", "endpoint = \"elsewhere\"");
    let mut said = Vec::new();
    for is_dry_run in [true, false] {
        let parts = parts(TERMS, &sources(&elsewhere, PROMPTS), is_dry_run);
        let request = with(&house.operator, tokio_stream::iter(parts));
        let refused = house.nights().put_schedule(request).await.expect_err("no such pool");
        assert_eq!(refused.code(), Code::InvalidArgument);
        said.push(refused.message().to_owned());
    }
    assert_eq!(said[0], said[1]);
    assert!(house.store.dates().await.expect("the store answers").schedules.is_empty());
}

/// There is one place in which schedules are gathered.
#[tokio::test(start_paused = true)]
async fn who_stops_sending_holds_up_nobody_for_long() {
    let house = house().await;
    let head = parts(TERMS, &sources(&gated("night"), PROMPTS), false).into_iter().take(1);
    let silent = tokio_stream::iter(head).chain(tokio_stream::pending());
    let stopped = house.nights().put_schedule(with(&house.operator, silent)).await;
    assert_eq!(stopped.expect_err("nothing came").code(), Code::DeadlineExceeded);
    put(&house, TERMS, &gated("night")).await.expect("there is room again");
}

#[tokio::test(start_paused = true)]
async fn anchors_keep_step_with_their_night_and_a_restart_keeps_it_too() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    baseline(&house, &mut hand, "good").await;
    put(&house, &against("good"), &gated("night")).await.expect("it is taken");
    house.nights().run_now(named(&house.operator)).await.expect("it is taken");
    sleep(Duration::from_secs(1)).await;
    drop(hand);
    let clock = Clock::set("2026-09-15T12:00:30Z".parse().expect("a moment"));
    let silence_max = Duration::from_secs(24 * 60 * 60);
    let house = house.outlive(Settings { clock, silence_max, ..settings() }).await;
    let mut hand = house.join("w2").await;
    let jobs = answer_all(&mut hand, "yes").await;
    let heads = house.store.sweeps().await.expect("the store answers");
    let anchors = heads.iter().find(|head| head.kind == Kind::Anchors).expect("there is one");
    assert_eq!(anchors.state, State::Done);
    // An answer and a label for each of two repeats: half of the anchors are not judged before half of that.
    let own = |jobs: &[SweepId]| jobs.iter().filter(|sweep| **sweep != anchors.id).count();
    let mut positions = (0..).zip(&jobs).filter(|(_, sweep)| **sweep == anchors.id);
    let third = positions.nth(2).map(|(position, _)| position).expect("four are judged");
    assert!(own(&jobs[..third]) >= 16 / 2, "{jobs:?}");
    let (run, _) = read(&history(&house).await[0]);
    assert_eq!(run.state, RunState::Ended);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_cancels_a_night_and_its_anchors() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    baseline(&house, &mut hand, "good").await;
    drop(hand);
    let terms = against("good") + "done_within = \"45m\"\n";
    put(&house, &terms, &gated("night")).await.expect("it is taken");
    house.nights().run_now(named(&house.operator)).await.expect("it is taken");
    sleep(Duration::from_secs(46 * 60)).await;
    let heads = house.store.sweeps().await.expect("the store answers");
    let cancelled = heads.iter().filter(|head| head.state == State::Cancelled);
    assert_eq!(cancelled.count(), 2);
    let (run, morning) = read(&history(&house).await[0]);
    assert_eq!((run.state, morning.expect("it is told").word), (RunState::Expired, Word::Deadline));
}

fn with_token(house: &House, sweep: i64) -> tonic::Request<SweepRequest> {
    with(&house.operator, SweepRequest { sweep })
}

#[tokio::test(start_paused = true)]
async fn a_night_asks_afresh_although_the_same_was_asked_before() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    let text = gated("night");
    let before = sweep::hand_in(&house.served, &house.operator, &text, PROMPTS).await;
    answer_all(&mut hand, "yes").await;
    put(&house, TERMS, &text).await.expect("it is taken");
    house.nights().run_now(named(&house.operator)).await.expect("it is taken");
    let jobs = answer_all(&mut hand, "yes").await;
    assert_eq!(jobs.len(), 2 * 4 * 2);
    let (_, morning) = read(&history(&house).await[0]);
    let word = morning.expect("it was judged").word;
    assert_eq!(word, Word::Inconclusive, "there is nothing to compare with");
    // And nobody is given a night's answers who asks for the sweep.
    let again =
        sweep::hand_in(&house.served, &house.operator, &text, PROMPTS).await.expect("taken");
    assert_eq!(again.sweep, before.expect("taken").sweep);
}

#[tokio::test(start_paused = true)]
async fn a_schedule_is_shown_compared_and_removed() {
    let house = house().await;
    let parts_of = |text: &str, dry| parts(TERMS, &sources(text, PROMPTS), dry);
    let mut nights = house.nights();
    let mut ask = async |text: &str, dry| {
        let request = with(&house.operator, tokio_stream::iter(parts_of(text, dry)));
        nights.put_schedule(request).await.map(Response::into_inner)
    };
    let dry = ask(&gated("night"), true).await.expect("it is looked at");
    assert!(dry.is_new && !dry.upcoming_s.is_empty());
    assert!(house.store.dates().await.expect("the store answers").schedules.is_empty());
    let new = ask(&gated("night"), false).await.expect("it is taken");
    assert_eq!((new.is_new, new.version.clone()), (true, dry.version));
    let noon: jiff::Timestamp = NOON.parse().expect("a moment");
    assert_eq!(new.upcoming_s.first(), Some(&noon.as_second()));
    let same = ask(&gated("night"), false).await.expect("it is taken");
    assert_eq!((same.is_new, same.changes.len(), &same.version), (false, 0, &new.version));
    let edited = gated("night").replace("margin = 0.05", "margin = 0.08");
    let other = ask(&edited, false).await.expect("it is taken");
    assert_ne!(other.version, new.version);
    let changes = other.changes.join("\n");
    assert!(
        changes.contains("content of the sweep") && changes.contains("+margin = 0.08"),
        "{changes}"
    );
    let mut wrong = parts_of(&edited, false);
    let Some(Part::Head(head)) = &mut wrong[0].part else { panic!("the head comes first") };
    head.terms.push_str("crom = \"x\"\n");
    let wrong = house.nights().put_schedule(with(&house.operator, tokio_stream::iter(wrong))).await;
    assert!(wrong.expect_err("a key that is none").message().contains("crom"));
    let listed =
        house.nights().list_schedules(with(&house.operator, ListSchedulesRequest {})).await;
    assert_eq!(listed.expect("it is told").into_inner().schedules.len(), 1);
    let removed = house.nights().remove_schedule(named(&house.operator)).await;
    assert!(removed.expect("it was there").into_inner().schedule.is_empty());
    let gone = house.nights().show_schedule(named(&house.operator)).await;
    assert_eq!(gone.expect_err("it never ran").code(), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn whoever_reads_may_look_and_not_decide() {
    let house = house().await;
    put(&house, TERMS, &gated("night")).await.expect("it is taken");
    let reader = grant(&house.store, "r", Scope::Reader, None).await;
    house.nights().show_schedule(named(&reader)).await.expect("it may look");
    let request = HistoryRequest { name: "nightly".to_owned(), ..HistoryRequest::default() };
    house.nights().history(with(&reader, request)).await.expect("it may look");
    for refused in [
        house.nights().run_now(named(&reader)).await,
        house.nights().pause_schedule(named(&reader)).await,
        house.nights().resume_schedule(named(&reader)).await,
        house.nights().remove_schedule(named(&reader)).await,
    ] {
        assert_eq!(refused.expect_err("it may not").code(), Code::PermissionDenied);
    }
    let audit = house.store.audit(10).await.expect("the store answers");
    assert!(audit.iter().any(|noted| (noted.act, &*noted.detail) == (Act::Schedule, "nightly")));
}
