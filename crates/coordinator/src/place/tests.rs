//! What the store says of a sweep at moments at which the process may end.

use std::sync::Arc;

use iago_store::MemoryStore;

use super::*;
use crate::driver::lead;
use crate::settings::Settings;
use crate::standing::find_head;

/// Whoever finds it done would take a pilot for the whole.
#[tokio::test]
async fn an_extension_that_was_stored_and_not_yet_taken_up_is_no_sweep_that_is_done() {
    let store = Arc::new(MemoryStore::default());
    let settings = Settings::alone("the test".to_owned(), Vec::new(), Vec::new());
    let (_handle, mut driver) = lead(Arc::clone(&store), settings).await.expect("nobody leads");
    let sweep = driver.place_new(Plan::default(), None, 0).await.expect("it is stored").sweep;
    store.control(driver.term, sweep, State::Done).await.expect("it is there");
    let head = find_head(&*store, sweep).await.expect("it is there");
    let extended = driver.place_changed(head, Plan::default(), "extended".to_owned(), true).await;
    // What was there before decides whether jobs may have been lost.
    assert_eq!(extended.expect("it is stored").state, State::Done);
    let head = find_head(&*store, sweep).await.expect("it is there");
    assert_eq!((head.revision, head.state), (1, State::Running));
}
