//! `iago schedule add`: every file is read and compiled here before the first is handed in.

use iago_protocol::wire::schedule_part::Part;
use iago_protocol::wire::{ScheduleHead, SchedulePart, ScheduleTold};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};

use crate::args::{ClientArgs, ScheduleAddArgs};
use crate::client::schedule::told::Told;
use crate::client::schedule::written::{Written, read_all};
use crate::client::{Client, json};
use crate::endpoints::check_parameters;
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::plain::plain;
use crate::services::Nights;
use crate::settings::client::Settings;
use crate::submission::{PIECES_MAX, send_files};

/// Due times that are shown.
const DUE_SHOWN: usize = 3;

pub(super) async fn run(args: ScheduleAddArgs) -> Result<Exit, Stop> {
    let written = read_all(&args.files)?;
    check(&args.client, &written)?;
    if written.is_empty() {
        talk("no schedule is in there: each is a file NAME.toml");
        return Ok(Exit::Done);
    }
    let mut client = Client::new(&args.client)?;
    let mut lines = Vec::new();
    for schedule in &written {
        let asked = client
            .ask_nights(async |mut nights: Nights| put(&mut nights, schedule, args.dry_run).await);
        let told = Told::read(asked.await.map_err(at_fault)?)?;
        if args.client.json {
            lines.push(told.json());
        } else {
            data(&shown(&told, args.dry_run))?;
        }
    }
    if args.client.json {
        data(&json::line(&lines.into()))?;
    }
    Ok(Exit::Done)
}

/// Nothing is scheduled that a model is known to refuse, as far as endpoints are known here.
fn check(args: &ClientArgs, written: &[Written]) -> Result<(), Stop> {
    let settings = Settings::load(args.config.as_deref(), args.coordinator.as_deref())?;
    let Some(endpoints) = settings.endpoints()? else { return Ok(()) };
    written
        .iter()
        .try_for_each(|written| check_parameters(&written.sources, &written.plan, &endpoints))
}

/// A file that is not taken is at fault, not the state of a sweep.
fn at_fault(stop: Stop) -> Stop {
    let exit = if stop.exit == Exit::Incomplete { Exit::BadSweep } else { stop.exit };
    Stop::new(exit, stop.message)
}

/// Hands a schedule in, with every file of its sweep.
pub(crate) async fn put(
    nights: &mut Nights,
    written: &Written,
    dry_run: bool,
) -> Result<Response<ScheduleTold>, Status> {
    let head = ScheduleHead {
        name: written.name.as_str().to_owned(),
        terms: written.text.clone(),
        file_name: written.sources.file_name.clone(),
        plan_digest: written.digest.as_bytes().to_vec(),
        dry_run,
    };
    let (parts, stream) = mpsc::channel(PIECES_MAX);
    let pieces = async move {
        let sent = parts.send(SchedulePart { part: Some(Part::Head(head)) }).await;
        // A stream that broke shows in the reply.
        if sent.is_ok() {
            let file = |file| SchedulePart { part: Some(Part::File(file)) };
            send_files(&written.sources, &parts, file).await;
        }
    };
    let (told, ()) = tokio::join!(nights.put_schedule(ReceiverStream::new(stream)), pieces);
    told
}

/// What became of one, or would.
fn shown(told: &Told, dry_run: bool) -> String {
    let mut lines = vec![format!("{}: {}", told.name, outcome(told, dry_run))];
    lines.extend(told.changes.iter().map(|change| format!("  {change}")));
    if told.is_paused() {
        lines.push(format!("  paused: `iago schedule resume {}` lets it go on", told.name));
    }
    lines.extend(told.cautions.iter().map(|caution| format!("  caution: {caution}")));
    lines.extend(told.due().take(DUE_SHOWN).map(|due| format!("  due {}", due.shown)));
    lines.iter().map(|line| format!("{}\n", plain(line))).collect()
}

fn outcome(told: &Told, dry_run: bool) -> &'static str {
    match (told.is_new, told.changes.is_empty(), dry_run) {
        (true, _, false) => "new",
        (true, _, true) => "would be new",
        (false, true, _) => "unchanged",
        (false, false, false) => "changed",
        (false, false, true) => "would change",
    }
}

#[cfg(test)]
mod tests {
    use iago_nightly::Terms;
    use iago_sweep::Digest;

    use super::*;

    fn told(is_new: bool, changes: &[&str]) -> Told {
        let terms = "sweep = \"a.toml\"\ncron = \"0 2 * * *\"\nzone = \"Europe/Zurich\"\n";
        let terms = Terms::read(terms).unwrap();
        let schedule = terms.pin("a".parse().unwrap(), Digest::of_value(&1));
        Told::read(ScheduleTold {
            name: "a".to_owned(),
            schedule: serde_json::to_vec(&schedule).unwrap(),
            upcoming_s: vec![1_774_659_600, 1_774_746_000, 1_774_828_800, 1_774_915_200],
            changes: changes.iter().map(|change| (*change).to_owned()).collect(),
            is_new,
            ..ScheduleTold::default()
        })
        .unwrap()
    }

    #[test]
    fn a_new_schedule_says_when_it_is_due_next() {
        let expected = "\
a: new
  due Sat 2026-03-28 02:00 +01:00
  due Sun 2026-03-29 03:00 +02:00
  due Mon 2026-03-30 02:00 +02:00
";
        assert_eq!(shown(&told(true, &[]), false), expected);
    }

    #[test]
    fn what_a_night_would_miss_is_said_beforehand() {
        let cautions = vec!["there is no baseline `main`".to_owned()];
        let shown = shown(&Told { cautions, ..told(true, &[]) }, false);
        assert!(
            shown.starts_with("a: new\n  caution: there is no baseline `main`\n  due "),
            "{shown}"
        );
    }

    #[test]
    fn what_changes_is_said_line_by_line() {
        let changed = shown(&told(false, &["cron: 0 2 * * * → 0 3 * * *"]), true);
        assert!(
            changed.starts_with("a: would change\n  cron: 0 2 * * * → 0 3 * * *\n"),
            "{changed}"
        );
        assert!(shown(&told(false, &[]), false).starts_with("a: unchanged\n"));
    }
}
