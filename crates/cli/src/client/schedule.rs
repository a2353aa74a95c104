//! `iago schedule`: what runs when, and what became of it.

mod add;
pub(crate) mod history;
mod list;
mod show;
pub(crate) mod told;
pub(crate) mod written;

use iago_nightly::ScheduleName;
use iago_protocol::wire::{ScheduleRequest, ScheduleTold};

use crate::args::{ClientArgs, ScheduleArgs, ScheduleCommand, ScheduleNameArgs};
use crate::client::{Client, json};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::services::Nights;
pub(crate) use add::put;
use told::Told;

pub(crate) async fn run(args: ScheduleArgs) -> Result<Exit, Stop> {
    match args.command {
        ScheduleCommand::Add(args) => add::run(args).await,
        ScheduleCommand::List(args) => list::run(args).await,
        ScheduleCommand::Show(args) => show::run(args).await,
        ScheduleCommand::History(args) => history::run(args).await,
        ScheduleCommand::RunNow(args) => decide(args, Order::RunNow).await,
        ScheduleCommand::Pause(args) => decide(args, Order::Pause).await,
        ScheduleCommand::Resume(args) => decide(args, Order::Resume).await,
        ScheduleCommand::Remove(args) => decide(args, Order::Remove).await,
    }
}

/// What is decided about a schedule.
#[derive(Clone, Copy, Debug)]
enum Order {
    RunNow,
    Pause,
    Resume,
    Remove,
}

/// Has it done, and says how the schedule stands then.
async fn decide(args: ScheduleNameArgs, order: Order) -> Result<Exit, Stop> {
    let name = named(&args.name)?;
    let told = ask(&args.client, &name, order).await?;
    let told = Told::read(told)?;
    if args.client.json {
        data(&json::line(&told.json()))?;
    }
    talk(&stands(&name, &told, order));
    Ok(Exit::Done)
}

async fn ask(args: &ClientArgs, name: &ScheduleName, order: Order) -> Result<ScheduleTold, Stop> {
    let mut client = Client::new(args)?;
    let request = ScheduleRequest { name: name.as_str().to_owned() };
    let asked = client.ask_nights(async |mut nights: Nights| {
        let request = request.clone();
        match order {
            Order::RunNow => nights.run_now(request).await,
            Order::Pause => nights.pause_schedule(request).await,
            Order::Resume => nights.resume_schedule(request).await,
            Order::Remove => nights.remove_schedule(request).await,
        }
    });
    asked.await
}

fn stands(name: &ScheduleName, told: &Told, order: Order) -> String {
    let next = || told.next().map_or_else(|| "never".to_owned(), |next| next.shown);
    match order {
        Order::RunNow => {
            let run = told
                .last
                .as_ref()
                .map_or_else(String::new, |last| format!(", and {}", last.stands()));
            format!("{name}: a run is due now{run}; `iago schedule show {name}` says how it goes")
        }
        Order::Pause => format!(
            "{name} is paused: due times are skipped until `iago schedule resume {name}`; what is going goes on"
        ),
        Order::Resume => format!("{name} goes on, due next {}", next()),
        Order::Remove => format!(
            "{name} is removed; its runs stay, and what is going goes on. A file of it in the coordinator's \
             folder of schedules brings it back: take that out too"
        ),
    }
}

/// A name as a schedule can have it.
pub(crate) fn named(name: &str) -> Result<ScheduleName, Stop> {
    name.parse().map_err(|error| Stop::new(Exit::Usage, format!("{error}")))
}
