//! Coordinators, workers and clients as processes of their own, on Postgres, with the doors locked:
//! whatever happens in mid-sweep, what is planted comes out to the unit, every call is accounted for,
//! and the logs tell what happened.

#[path = "support/world.rs"]
mod world;

#[path = "support/fleet.rs"]
mod fleet;

#[path = "fleet/control.rs"]
mod control;
#[path = "fleet/database.rs"]
mod database;
#[path = "fleet/extension.rs"]
mod extension;
#[path = "fleet/kills.rs"]
mod kills;
#[path = "fleet/leadership.rs"]
mod leadership;
#[path = "fleet/looking.rs"]
mod looking;
#[path = "fleet/network.rs"]
mod network;
#[path = "fleet/workers.rs"]
mod workers;
