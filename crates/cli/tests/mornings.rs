//! Nights for real: a schedule on a coordinator, its workers and Postgres as processes of their own, a
//! baseline, a judge that is watched, gates, and a receiver of messages. What is wrong on a night is planted
//! in the endpoint, and each night has to come to its own word.

#[path = "support/world.rs"]
mod world;

#[path = "support/fleet.rs"]
mod fleet;

#[path = "mornings/house.rs"]
mod house;
#[path = "mornings/receiver.rs"]
mod receiver;

#[path = "mornings/due.rs"]
mod due;
#[path = "mornings/troubled.rs"]
mod troubled;
