//! Who is asked, and how: the model of the cell, a helper, and stages that build on an answer.

use iago_sweep::{Follows, Message, Model, Parameters, Plan, Role, Stage, StageKind};

use crate::asking_on::{begin_stage, deliver, said};
use crate::scripted::{Asked, says};
use crate::sweep::POOL;

fn parameters(max_output_tokens: u32) -> Parameters {
    Parameters {
        max_output_tokens,
        temperature: Some(0.5),
        cache_prefix: false,
        ..Parameters::default()
    }
}

/// Asks about the reply, perhaps in the same conversation, perhaps somebody else.
fn ask_afterwards(plan: &mut Plan, continues: bool, helper: Option<&str>) {
    let follows = Some(Follows { of: "reply".to_owned(), when: None, after: None, continues });
    let template = "Was that true?".to_owned();
    let messages = vec![Message { role: Role::User, template, when: None }];
    let (helper, fields, again) = (helper.map(str::to_owned), Vec::new(), None);
    let kind = StageKind::Generate { follows, helper, messages, fields, again };
    plan.stages.push(Stage { name: "afterwards".to_owned(), kind });
}

/// What is asked in the second stage about this answer.
async fn ask_about(answer: &str, change: impl FnOnce(&mut Plan)) -> Asked {
    let (mut stream, endpoint, _worker, _coordinator) =
        begin_stage(change, 1, &[answer], vec![says("Yes.")]).await;
    drop(stream.deliveries(1).await);
    endpoint.asked().remove(0)
}

#[tokio::test]
async fn a_cell_asks_with_its_own_parameters() {
    let change = |plan: &mut Plan| plan.cells[0].parameters = Some(parameters(7));
    let (_, endpoint) = deliver(change, vec![says("Hi.")]).await;
    assert_eq!(endpoint.asked()[0].json()["temperature"], 0.5);
}

#[tokio::test]
async fn a_stage_that_continues_asks_in_the_conversation_of_the_answer() {
    let asked = ask_about("I never lie.", |plan| ask_afterwards(plan, true, None)).await;
    let conversation =
        [said("user", "Hello!"), said("assistant", "I never lie."), said("user", "Was that true?")];
    assert_eq!(asked.messages(), conversation);
    assert_eq!(asked.json()["model"], "sim-echo");
}

#[tokio::test]
async fn a_helper_is_asked_in_place_of_the_cells_model_and_as_itself() {
    let change = |plan: &mut Plan| {
        ask_afterwards(plan, false, Some("helper"));
        plan.cells[0].parameters = Some(parameters(7));
        plan.judges.push(Model {
            name: "helper".to_owned(),
            endpoint: POOL.to_owned(),
            id: "sim-helper".to_owned(),
            parameters: Parameters { temperature: Some(0.25), ..parameters(9) },
            ..Model::default()
        });
    };
    let asked = ask_about("I never lie.", change).await;
    assert_eq!(asked.messages(), [said("user", "Was that true?")]);
    assert_eq!(
        (&asked.json()["model"], &asked.json()["temperature"]),
        (&"sim-helper".into(), &0.25.into())
    );
}
