//! A schedule from its file to its verdict, over the wire: with a worker whose every answer is the test's own,
//! paused time, and a clock that goes with it.

use std::time::Duration;

use iago_coordinator::{Clock, Settings, Sources, compile};
use iago_nightly::{Morning, Run, RunState, Word};
use iago_protocol::wire::schedule_part::Part;
use iago_protocol::wire::{
    FilePart, HistoryRequest, ListSchedulesRequest, RunTold, ScheduleHead, SchedulePart,
    ScheduleRequest, ScheduleTold,
};
use iago_store::{Access, Act, Kind, Nights, Scope, State, Store};
use iago_sweep::{Digest, SweepId};
use tokio::time::sleep;
use tonic::{Code, Response, Status};

#[path = "support/gated.rs"]
mod gated;
#[path = "support/hand.rs"]
mod hand;
#[path = "support/house.rs"]
mod house;
#[path = "support/served.rs"]
mod served;
#[path = "support/sweep.rs"]
mod sweep;

use gated::{PROMPTS, answer_all, baseline, gated, house};
use house::House;
use served::{grant, with};
use sweep::{settings, sources};

const NOON: &str = "2026-09-15T12:00:00Z";

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
