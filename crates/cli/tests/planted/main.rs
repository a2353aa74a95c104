//! What the simulated endpoint plants is what the report says, the ugly parts too: refusals, broken
//! formats, cut answers and judges that err are shown as what they are.

mod blindness;
mod judges;
mod planted;
mod recorder;
mod subjects;
mod traps;
#[path = "../support/world.rs"]
mod world;
