//! `iago doctor`: what a sweep needs, looked at one by one, and what to do about what is wrong.

mod calls;
mod coordinated;
mod files;
mod finding;
mod money;
mod space;
mod targets;
mod tiny;
mod workspace;

use std::path::Path;

use crate::args::{ClientArgs, DoctorArgs};
use crate::client::{Client, START_ONE};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk, width};
use finding::{Finding, in_json, in_words};
use targets::Targets;

/// The client's settings where nobody says.
const USUAL_CLIENT: &str = "config/client.toml";

/// Looks at everything, and ends as the first thing does that is wrong.
pub(crate) async fn run(args: DoctorArgs) -> Result<Exit, Stop> {
    let mut findings = Vec::new();
    let settings = files::look(&args, &mut findings);
    let targets =
        settings.as_ref().and_then(|settings| Targets::find(&args, settings, &mut findings));
    let mut client = coordinator(&args, &mut findings).await;
    match (&mut client, targets) {
        (Coordinator::Answers(client), Some(targets)) => {
            coordinated::look(client, &targets, &mut findings).await;
        }
        (Coordinator::None, Some(targets)) => {
            workspace::look(&args.store, &mut findings).await;
            calls::look(targets, &mut findings).await;
        }
        (Coordinator::None, None) => workspace::look(&args.store, &mut findings).await,
        (Coordinator::Fails, Some(targets)) => {
            findings.extend(targets.names().map(|name| {
                Finding::passed_over(name, "not called: that goes through a coordinator's worker")
            }));
        }
        (Coordinator::Answers(_) | Coordinator::Fails, None) => {}
    }
    data(&if args.json { in_json(&findings) } else { in_words(&findings, width()) })?;
    let wrong = findings.iter().find_map(Finding::wrong);
    if !args.json {
        talk(&ending(&findings));
    }
    Ok(wrong.unwrap_or(Exit::Done))
}

/// What the verdicts come to, and what they mean.
fn ending(findings: &[Finding]) -> String {
    let wrong = findings.iter().filter(|finding| finding.wrong().is_some()).count();
    let said = match wrong {
        0 => "nothing is wrong".to_owned(),
        1 => "NO: one thing is wrong; what to do stands beside it".to_owned(),
        _ => format!("NO: {wrong} things are wrong; what to do stands beside each"),
    };
    if findings.iter().any(Finding::is_passed_over) {
        return format!("{said}; what has a - was not tried");
    }
    said
}

/// Who hands out jobs.
enum Coordinator {
    /// It leads and takes our token.
    Answers(Box<Client>),
    /// There should be one.
    Fails,
    /// Nobody asked for one, or the usual one is not there: `iago run` needs none.
    None,
}

async fn coordinator(args: &DoctorArgs, findings: &mut Vec<Finding>) -> Coordinator {
    const WHAT: &str = "coordinator";
    let is_wanted = args.client.is_some() || args.coordinator.is_some();
    if args.local || !is_wanted && !Path::new(USUAL_CLIENT).is_file() {
        return Coordinator::None;
    }
    let client = ClientArgs {
        config: args.client.clone(),
        coordinator: args.coordinator.clone(),
        json: args.json,
    };
    let begun = tokio::time::Instant::now();
    let asked = async {
        let mut client = Client::new(&client)?;
        client.list().await.map(|sweeps| (client, sweeps.len()))
    };
    match asked.await {
        Ok((client, sweeps)) => {
            let ms = begun.elapsed().as_millis();
            let seen =
                format!("it leads and takes our token; {sweeps} sweeps, answered in {ms} ms");
            findings.push(Finding::well(WHAT, seen));
            Coordinator::Answers(Box::new(client))
        }
        Err(stop) if stop.exit == Exit::Unreachable && !is_wanted => {
            let seen = "none answers, and `iago run` needs none; calls are made from here";
            findings.push(Finding::passed_over(WHAT, seen));
            Coordinator::None
        }
        Err(stop) => {
            let way_out = if stop.exit == Exit::Unreachable {
                "start `iago coordinator`, or correct `coordinators` in the client's settings"
            } else if stop.exit == Exit::Credential {
                "set the variable to a token that is good: `iago token create`"
            } else {
                "correct that, and see that coordinator and client are the same iago"
            };
            findings.push(Finding::wrong_with(WHAT, stop.without(START_ONE), way_out));
            Coordinator::Fails
        }
    }
}
