//! `iago schedule show`: what one says, when it is due, and its last run.

use iago_protocol::wire::ScheduleRequest;

use crate::args::ScheduleNameArgs;
use crate::client::schedule::named;
use crate::client::schedule::told::Told;
use crate::client::{Client, json};
use crate::exit::{Exit, Stop};
use crate::output::data;
use crate::plain::plain_line;
use crate::services::Nights;

/// Due times that are shown.
const DUE_SHOWN: usize = 5;

pub(super) async fn run(args: ScheduleNameArgs) -> Result<Exit, Stop> {
    let request = ScheduleRequest { name: named(&args.name)?.as_str().to_owned() };
    let mut client = Client::new(&args.client)?;
    let asked =
        client.ask_nights(async |mut nights: Nights| nights.show_schedule(request.clone()).await);
    let told = Told::read(asked.await?)?;
    data(&if args.client.json { json::line(&told.json()) } else { shown(&told) })?;
    Ok(Exit::Done)
}

fn shown(told: &Told) -> String {
    let mut lines = vec![told.name.clone()];
    lines.extend(told.schedule.iter().flat_map(|schedule| schedule.describe()));
    lines.extend(told.cautions.iter().map(|caution| format!("caution  {caution}")));
    let version: String = told.version.chars().take(SHORT).collect();
    lines.push(format!("version  {version}, since {}", told.shown(told.since)));
    lines.extend(told.due().take(DUE_SHOWN).map(|due| format!("next     {}", due.shown)));
    lines.push(match &told.last {
        None => "last     none yet".to_owned(),
        Some(last) => format!("last     {}: {}", told.shown(last.run.key.due), last.stands()),
    });
    lines.iter().map(|line| format!("{}\n", plain_line(line))).collect()
}

/// Characters of a digest that people read.
const SHORT: usize = 8;
