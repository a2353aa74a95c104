//! Which edits of a sweep keep its answers: field by field of the plan.

mod changes;
mod edit;
mod plan;
mod stages;
mod stored;
mod table;
mod unread;
