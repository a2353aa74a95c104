//! `iago schedule list`: every schedule in a table.

use iago_protocol::wire::ListSchedulesRequest;
use serde_json::Value;

use crate::args::ClientArgs;
use crate::client::schedule::told::Told;
use crate::client::{Client, json};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk, width};
use crate::services::Nights;
use crate::table::Table;

pub(super) async fn run(args: ClientArgs) -> Result<Exit, Stop> {
    let mut client = Client::new(&args)?;
    let asked = client.ask_nights(async |mut nights: Nights| {
        nights.list_schedules(ListSchedulesRequest {}).await
    });
    let schedules = asked.await?.schedules.into_iter().map(Told::read);
    let schedules: Vec<Told> = schedules.collect::<Result<_, _>>()?;
    if args.json {
        data(&json::line(&Value::from_iter(schedules.iter().map(Told::json))))?;
    } else if schedules.is_empty() {
        talk("nothing is scheduled yet: `iago schedule add FILE` adds a schedule by its file");
    } else {
        data(&table(&schedules).shown(width()))?;
    }
    Ok(Exit::Done)
}

fn table(schedules: &[Told]) -> Table {
    let mut table = Table::new(&["SCHEDULE", "NEXT DUE", "LAST RUN", "CAME TO"]);
    for told in schedules {
        let next = told.next().map_or_else(|| "never".to_owned(), |next| next.shown);
        let last = told.last.as_ref();
        table.row(&[
            told.name.clone(),
            if told.is_paused() { format!("paused; {next} is skipped") } else { next },
            last.map_or_else(|| "none yet".to_owned(), |last| told.shown(last.run.key.due)),
            last.map_or_else(String::new, |last| last.stands()),
        ]);
    }
    table
}
