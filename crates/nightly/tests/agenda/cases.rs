//! One night each.

use iago_nightly::{
    Action, Agenda, Event, Missed, Origin, Refusal, Run, RunKey, RunState, ScheduleName, Skipped,
};
use jiff::Timestamp;

use crate::store::Store;
use crate::{at, schedule};

/// An agenda with a store, whose driver does all that it is told.
struct Night {
    agenda: Agenda,
    store: Store,
    /// What was asked for beside records, in words.
    done: Vec<String>,
    /// Submissions are left unanswered.
    is_deaf: bool,
}

impl Night {
    /// From noon on the day before, with one schedule that is due at two.
    fn of(further: &str) -> Self {
        let (agenda, store) = Default::default();
        let mut night = Self { agenda, store, done: Vec::new(), is_deaf: false };
        let nightly = schedule("nightly", "0 2 * * *", "UTC", further);
        night.tell("2026-09-14T12:00Z", Event::Put(Box::new(nightly)));
        night
    }

    fn tell(&mut self, now: &str, event: Event) {
        let actions = self.agenda.apply(at(now), event);
        let found = self.store.commit(self.store.term, at(now), &actions).expect(LEADS);
        assert_eq!(found, []);
        for action in actions {
            self.perform(now, action);
        }
    }

    fn perform(&mut self, now: &str, action: Action) {
        match action {
            Action::Submit(run) => {
                self.done.push(format!("submit {}", clock(run.key.due)));
                if !self.is_deaf {
                    self.store.submit(self.store.term, &run.key, Timestamp::MAX).expect(LEADS);
                    self.tell(now, Event::Started(run.key));
                }
            }
            Action::Cancel(key) => self.done.push(format!("cancel {}", clock(key.due))),
            Action::Refuse(_, refusal) => self.done.push(format!("refuse {refusal:?}")),
            Action::Keep(_) | Action::Forget(_) | Action::Record { .. } => {}
        }
    }

    fn tick(&mut self, now: &str) {
        self.tell(now, Event::Tick);
    }

    /// The coordinator dies; another one has the store alone.
    fn restart(&mut self, now: &str) {
        self.agenda = Agenda::default();
        let stored = self.store.load();
        self.tell(now, Event::Loaded(Box::new(stored)));
    }

    fn state(&self, due: &str) -> Option<&RunState> {
        self.store.runs.get(&key(due)).map(|run| &run.state)
    }

    fn next(&self, now: &str) -> Option<Timestamp> {
        self.agenda.next_moment(at(now))
    }
}

const LEADS: &str = "it still leads";
const DUE: &str = "2026-09-15T02:00Z";
const NEXT_DUE: &str = "2026-09-16T02:00Z";

#[test]
fn a_due_time_starts_when_it_has_come_and_not_before() {
    let mut night = Night::of("");
    assert_eq!(night.next("2026-09-14T12:00Z"), Some(at(DUE)));
    night.tick("2026-09-15T01:59:59Z");
    assert_eq!(night.state(DUE), None);
    night.tick(DUE);
    assert_eq!(night.state(DUE), Some(&RunState::Running));
    night.tick("2026-09-15T02:01Z");
    night.tell("2026-09-15T02:41Z", Event::Ended(key(DUE)));
    assert_eq!(night.state(DUE), Some(&RunState::Ended));
    assert_eq!(night.done, ["submit 15 02:00"]);
    night.tick("2026-09-15T02:41Z");
    assert_eq!(night.next("2026-09-15T02:41Z"), Some(at(NEXT_DUE)));
}

#[test]
fn what_is_on_record_as_starting_is_submitted_by_whoever_leads_next() {
    let mut night = Night::of("");
    night.is_deaf = true;
    night.tick(DUE);
    assert_eq!(night.state(DUE), Some(&RunState::Starting));
    night.is_deaf = false;
    night.restart("2026-09-15T02:10Z");
    assert_eq!(night.next("2026-09-15T02:10Z"), Some(at("2026-09-15T02:10Z")));
    night.tick("2026-09-15T02:10Z");
    assert_eq!(night.state(DUE), Some(&RunState::Running));
    assert_eq!(night.done, ["submit 15 02:00", "submit 15 02:00"]);
}

#[test]
fn a_start_window_that_is_over_is_missed_even_if_the_run_was_on_record() {
    let mut night = Night::of("start_within = \"30m\"");
    night.is_deaf = true;
    night.tick(DUE);
    night.restart("2026-09-15T02:30Z");
    night.tick("2026-09-15T02:30Z");
    assert_eq!(night.state(DUE), Some(&RunState::Missed { why: Missed::Late }));
}

#[test]
fn after_a_long_outage_only_the_newest_due_time_in_its_window_runs() {
    let mut night = Night::of("start_within = \"50h\"");
    night.tick("2026-09-18T12:00Z");
    let late = RunState::Missed { why: Missed::Late };
    let by = at("2026-09-18T02:00Z");
    let superseded = |by| RunState::Missed { why: Missed::Superseded { by } };
    assert_eq!(night.state(DUE), Some(&late));
    assert_eq!(night.state(NEXT_DUE), Some(&late));
    assert_eq!(night.state("2026-09-17T02:00Z"), Some(&superseded(by)));
    assert_eq!(night.state("2026-09-18T02:00Z"), Some(&RunState::Running));
    assert_eq!(night.done, ["submit 18 02:00"]);
}

#[test]
fn an_outage_of_years_is_worked_off_in_parts() {
    let mut night = Night::of("");
    let now = "2036-09-14T12:00Z";
    let mut ticks = 0;
    while night.next(now) == Some(at(now)) {
        night.tick(now);
        ticks += 1;
        assert!(ticks < 10, "it goes on for ever");
    }
    assert!(ticks > 1);
    let late = |run: &&Run| run.state == RunState::Missed { why: Missed::Late };
    assert_eq!(night.store.runs.values().filter(late).count(), 3_653);
    assert_eq!(night.done, Vec::<String>::new());
}

#[test]
fn while_the_last_run_is_going_the_next_is_skipped() {
    let mut night = Night::of("");
    night.tick(DUE);
    night.tick(NEXT_DUE);
    let why = Skipped::StillGoing { due: at(DUE) };
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Skipped { why }));
}

#[test]
fn or_it_waits_for_the_end_within_its_window() {
    let mut night = Night::of("overlap = \"queue\"\nstart_within = \"2h\"");
    night.tick(DUE);
    night.tick(NEXT_DUE);
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Waiting));
    night.restart("2026-09-16T02:30Z");
    night.tick("2026-09-16T02:30Z");
    night.tell("2026-09-16T03:59Z", Event::Ended(key(DUE)));
    assert_eq!(night.next("2026-09-16T03:59Z"), Some(at("2026-09-16T03:59Z")));
    night.tick("2026-09-16T03:59Z");
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Running));
}

#[test]
fn what_cannot_start_in_its_window_makes_room_for_what_waits() {
    let mut night = Night::of("overlap = \"queue\"\nstart_within = \"30h\"");
    night.is_deaf = true;
    night.tick(DUE);
    night.tick(NEXT_DUE);
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Waiting));
    night.tell(NEXT_DUE, not_started(true));
    night.is_deaf = false;
    night.tick("2026-09-16T08:00Z");
    assert_eq!(night.state(DUE), Some(&RunState::Failed { why: "no sweep".into() }));
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Running));
}

#[test]
fn whoever_waits_beyond_the_window_has_missed_it() {
    let mut night = Night::of("overlap = \"queue\"\nstart_within = \"2h\"");
    night.tick(DUE);
    night.tick(NEXT_DUE);
    assert_eq!(night.next(NEXT_DUE), Some(at("2026-09-16T04:00Z")));
    night.tick("2026-09-16T04:00Z");
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Missed { why: Missed::StillGoing }));
}

#[test]
fn only_the_newest_waits() {
    let mut night = Night::of("overlap = \"queue\"\nstart_within = \"30h\"");
    night.tick(DUE);
    night.tick(NEXT_DUE);
    night.tick("2026-09-17T02:00Z");
    let why = Missed::Superseded { by: at("2026-09-17T02:00Z") };
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Missed { why }));
    assert_eq!(night.state("2026-09-17T02:00Z"), Some(&RunState::Waiting));
}

#[test]
fn what_waits_is_not_superseded_by_itself() {
    let mut night = Night::of("overlap = \"queue\"\nstart_within = \"2h\"");
    [DUE, NEXT_DUE].into_iter().for_each(|due| night.tick(due));
    let mut stored = night.store.load();
    stored.schedules[0].last_due = None;
    night.agenda.apply(at(NEXT_DUE), Event::Loaded(Box::new(stored)));
    let actions = night.agenda.apply(at(NEXT_DUE), Event::Tick);
    night.store.commit(0, at(NEXT_DUE), &actions).expect(LEADS);
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Waiting));
}

#[test]
fn a_run_that_is_not_done_at_its_deadline_is_cancelled_and_makes_room() {
    let mut night = Night::of("done_by = \"06:30\"");
    night.tick(DUE);
    night.tick(DUE);
    assert_eq!(night.next(DUE), Some(at("2026-09-15T06:30Z")));
    night.restart("2026-09-15T06:00Z");
    night.tick("2026-09-15T06:30Z");
    assert_eq!(night.state(DUE), Some(&RunState::Expired));
    // Its end comes too late to change that.
    night.tell("2026-09-15T06:31Z", Event::Ended(key(DUE)));
    assert_eq!(night.state(DUE), Some(&RunState::Expired));
    night.tick(NEXT_DUE);
    assert_eq!(night.done, ["submit 15 02:00", "cancel 15 02:00", "submit 16 02:00"]);
}

#[test]
fn what_came_to_an_end_while_nobody_led_is_not_taken_for_late() {
    let mut night = Night::of("done_by = \"06:30\"");
    night.tick(DUE);
    night.restart("2026-09-15T09:00Z");
    night.tell("2026-09-15T09:00Z", Event::Ended(key(DUE)));
    night.tick("2026-09-15T09:00Z");
    assert_eq!(night.state(DUE), Some(&RunState::Ended));
}

#[test]
fn what_has_ended_had_started() {
    let mut night = Night::of("");
    night.is_deaf = true;
    night.tick(DUE);
    night.store.submit(night.store.term, &key(DUE), Timestamp::MAX).unwrap();
    night.tell("2026-09-15T02:41Z", Event::Ended(key(DUE)));
    assert_eq!(night.state(DUE), Some(&RunState::Ended));
}

#[test]
fn a_submission_that_failed_is_tried_again_within_the_window() {
    let mut night = Night::of("");
    night.is_deaf = true;
    night.tick(DUE);
    night.tell("2026-09-15T02:00:01Z", not_started(true));
    assert_eq!(night.next("2026-09-15T02:00:01Z"), Some(at("2026-09-15T02:00:31Z")));
    night.tick("2026-09-15T02:00:31Z");
    night.tell("2026-09-15T02:00:32Z", not_started(true));
    assert_eq!(night.done.len(), 2);
    night.tick("2026-09-15T02:30:00Z");
    assert_eq!(night.state(DUE), Some(&RunState::Failed { why: "no sweep".into() }));
}

#[test]
fn one_that_cannot_succeed_is_not_tried_again() {
    let mut night = Night::of("");
    night.is_deaf = true;
    night.tick(DUE);
    night.tell("2026-09-15T02:00:01Z", not_started(false));
    assert_eq!(night.state(DUE), Some(&RunState::Failed { why: "no sweep".into() }));
}

#[test]
fn due_times_of_a_paused_schedule_are_skipped_and_stay_so() {
    let mut night = Night::of("");
    night.tell("2026-09-14T13:00Z", Event::Pause(name()));
    night.tick(DUE);
    night.tell("2026-09-15T02:10Z", Event::Resume(name()));
    assert_eq!(night.state(DUE), Some(&RunState::Skipped { why: Skipped::Paused }));
    night.tick(NEXT_DUE);
    assert_eq!(night.state(NEXT_DUE), Some(&RunState::Running));
}

#[test]
fn a_pause_does_not_reach_back_to_what_came_up_before_it() {
    let mut night = Night::of("");
    night.tell("2026-09-15T02:10Z", Event::Pause(name()));
    assert_eq!(night.state(DUE), Some(&RunState::Running));
}

#[test]
fn a_new_version_counts_from_now_and_leaves_what_is_going_alone() {
    let mut night = Night::of("done_by = \"06:30\"");
    night.tick(DUE);
    let version = night.store.runs[&key(DUE)].version;
    let edited = schedule("nightly", "0 5 * * *", "UTC", "");
    night.tell("2026-09-15T04:00Z", Event::Put(Box::new(edited.clone())));
    assert_eq!(night.next("2026-09-15T04:00Z"), Some(at("2026-09-15T05:00Z")));
    night.tick("2026-09-15T06:30Z");
    assert_eq!(night.state(DUE), Some(&RunState::Expired), "by the version that it started in");
    night.tick("2026-09-16T05:00Z");
    let run = &night.store.runs[&key("2026-09-16T05:00Z")];
    assert_eq!(run.version, edited.version());
    assert_ne!(run.version, version);
    // The same once more is no new version.
    assert_eq!(night.agenda.apply(at("2026-09-16T05:01Z"), Event::Put(Box::new(edited))), []);
}

#[test]
fn a_removed_schedule_is_due_no_more_and_its_run_goes_on() {
    let mut night = Night::of("done_by = \"06:30\"\noverlap = \"queue\"");
    night.tick(DUE);
    night.tell("2026-09-15T03:00Z", Event::RunNow(name()));
    assert_eq!(night.state("2026-09-15T03:00Z"), Some(&RunState::Waiting));
    night.tell("2026-09-15T03:10Z", Event::Remove(name()));
    let removed = RunState::Skipped { why: Skipped::Removed };
    assert_eq!(night.state("2026-09-15T03:00Z"), Some(&removed));
    assert_eq!(night.agenda.schedules().count(), 0);
    night.restart("2026-09-15T06:30Z");
    night.tick("2026-09-15T06:30Z");
    assert_eq!(night.state(DUE), Some(&RunState::Expired));
    night.tick("2026-09-17T02:00Z");
    assert_eq!(night.store.runs.len(), 2);
    assert_eq!(night.next("2026-09-17T02:00Z"), None);
}

#[test]
fn somebody_can_have_a_run_now_also_of_a_paused_one() {
    let mut night = Night::of("paused = true");
    night.tell("2026-09-14T15:00:07.5Z", Event::RunNow(name()));
    let run = &night.store.runs[&key("2026-09-14T15:00:07Z")];
    assert_eq!((run.origin, &run.state), (Origin::Asked, &RunState::Running));
    // It does not stand for what the timetable says.
    night.tell("2026-09-14T16:00Z", Event::Ended(key("2026-09-14T15:00:07Z")));
    night.tell("2026-09-14T16:00Z", Event::Resume(name()));
    night.restart("2026-09-15T02:00Z");
    night.tick(DUE);
    assert_eq!(night.state(DUE), Some(&RunState::Running));
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let mut night = Night::of("");
    let other: ScheduleName = "other".parse().unwrap();
    night.tell("2026-09-14T13:00Z", Event::RunNow(other.clone()));
    night.tell("2026-09-14T13:00Z", Event::Pause(other.clone()));
    night.tell("2026-09-14T13:00Z", Event::Remove(other));
    night.tell(DUE, Event::RunNow(name()));
    night.tell("2026-09-15T02:10Z", Event::RunNow(name()));
    assert_eq!(night.done[..3], ["refuse NoSuchSchedule"; 3]);
    assert_eq!(night.done[3..5], ["submit 15 02:00", "refuse AlreadyDue"]);
    assert!(night.done[5].starts_with("refuse StillGoing"));
    assert!(Refusal::StillGoing(at(DUE)).to_string().contains("2026-09-15T02:00:00Z"));
}

#[test]
fn whoever_finds_another_record_takes_it_for_the_truth() {
    let mut night = Night::of("");
    let mut twin = night.agenda.clone();
    night.tick(DUE);
    let actions = twin.apply(at(DUE), Event::Tick);
    let found = night.store.commit(0, at(DUE), &actions).unwrap();
    assert_eq!(found.len(), 1, "the key is unique");
    twin.apply(at(DUE), Event::Found(Box::new(found[0].clone())));
    assert_eq!(twin.runs().next().unwrap().state, RunState::Running);
    let follows = twin.apply(at("2026-09-15T02:01Z"), Event::Tick);
    assert_eq!(follows, [], "it runs already");
}

#[test]
fn a_clock_that_is_set_back_changes_nothing() {
    let mut night = Night::of("");
    night.tick(DUE);
    night.tick("2026-09-14T23:00Z");
    night.restart("2026-09-15T01:00Z");
    night.tick("2026-09-15T01:00Z");
    night.tick(DUE);
    assert_eq!(night.done, ["submit 15 02:00"]);
}

fn not_started(again: bool) -> Event {
    Event::NotStarted { key: key(DUE), why: "no sweep".into(), again }
}

fn key(due: &str) -> RunKey {
    RunKey { schedule: name(), due: at(due) }
}

fn name() -> ScheduleName {
    "nightly".parse().expect("it is a name")
}

fn clock(moment: Timestamp) -> String {
    moment.strftime("%d %H:%M").to_string()
}
