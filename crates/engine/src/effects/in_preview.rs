//! The words of a preview: what is told of it would be done.

use vod2strm_core::event::{
    Action, Event, FileEvent, HeldEvent, Observer, Reason, TitleEvent, TitleOutcome,
};

/// Passes on what is told of a preview, in the words for what would be done.
pub struct InPreview<'a>(pub &'a dyn Observer);

impl Observer for InPreview<'_> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::File(file) => {
                let (action, reason) = would_be(file.action, file.reason);
                self.0.event(&Event::File(FileEvent { action, reason, ..*file }));
            }
            Event::Title(title) if title.outcome == TitleOutcome::Removed => {
                let outcome = TitleOutcome::WouldRemove;
                self.0.event(&Event::Title(TitleEvent { outcome, ..*title }));
            }
            // What no run has held yet has no id that a person could allow.
            Event::Held(held) if held.id.is_some_and(|id| id.run == 0) => {
                self.0.event(&Event::Held(&HeldEvent { id: None, ..**held }));
            }
            event => self.0.event(event),
        }
    }
}

/// The words for a file of which something would be done.
fn would_be(action: Action, reason: Reason) -> (Action, Reason) {
    match (action, reason) {
        (Action::Written, Reason::Updated) => (Action::Skipped, Reason::DryRunUpdate),
        (Action::Written, _) => (Action::Skipped, Reason::DryRunCreate),
        (Action::Moved, _) => (Action::Skipped, Reason::DryRunMove),
        (Action::Deleted, reason) => (Action::WouldDelete, reason),
        told => told,
    }
}
