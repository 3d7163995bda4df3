//! What has changed, for those who watch it. A notice carries no values: whoever hears it reads again, with its own
//! rights as they are by then.

use crate::ids::{BillingRunId, GrantId, ImportId, ParkId, ServiceTokenId, SessionId};

/// What can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// One import of call records: how far it is.
    Import(ImportId),
    /// One billing run: how far it is.
    BillingRun(BillingRunId),
    /// Who holds and who uses the seats of the park.
    Seats(ParkId),
    /// A session: whether it is still open.
    Session(SessionId),
    /// A grant: whether it is still in force.
    Grant(GrantId),
    /// A token of a program: whether it is still good.
    Token(ServiceTokenId),
}

/// Something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// This did.
    Of(Topic),
    /// Nobody knows what did: news was missed, or another process changed something.
    Something,
}

impl Notice {
    /// Whether somebody who watches these topics has to look.
    pub fn concerns(self, watched: &[Topic]) -> bool {
        match self {
            Self::Of(topic) => watched.contains(&topic),
            Self::Something => true,
        }
    }

    /// As text, for the way between processes.
    pub fn text(self) -> String {
        match self {
            Self::Of(Topic::Import(id)) => id.to_string(),
            Self::Of(Topic::BillingRun(id)) => id.to_string(),
            Self::Of(Topic::Seats(id)) => id.to_string(),
            Self::Of(Topic::Session(id)) => id.to_string(),
            Self::Of(Topic::Grant(id)) => id.to_string(),
            Self::Of(Topic::Token(id)) => id.to_string(),
            Self::Something => "something".to_owned(),
        }
    }

    /// From such a text; what is not understood is [`Notice::Something`].
    pub fn from_text(text: &str) -> Self {
        // The prefix of an id says what kind of thing it is of.
        let import = text.parse().map(Topic::Import).ok();
        let run = || text.parse().map(Topic::BillingRun).ok();
        let seats = || text.parse().map(Topic::Seats).ok();
        let session = || text.parse().map(Topic::Session).ok();
        let grant = || text.parse().map(Topic::Grant).ok();
        let token = || text.parse().map(Topic::Token).ok();
        import
            .or_else(run)
            .or_else(seats)
            .or_else(session)
            .or_else(grant)
            .or_else(token)
            .map_or(Self::Something, Self::Of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id as _;
    use uuid::Uuid;

    #[test]
    fn text_and_back() {
        let id = Uuid::from_u128(7);
        let topics = [
            Topic::Import(ImportId::from_uuid(id)),
            Topic::BillingRun(BillingRunId::from_uuid(id)),
            Topic::Seats(ParkId::from_uuid(id)),
            Topic::Session(SessionId::from_uuid(id)),
            Topic::Grant(GrantId::from_uuid(id)),
            Topic::Token(ServiceTokenId::from_uuid(id)),
        ];
        for topic in topics {
            assert_eq!(Notice::from_text(&Notice::Of(topic).text()), Notice::Of(topic));
            assert!(Notice::Of(topic).concerns(&topics) && !Notice::Of(topic).concerns(&[]));
        }
        assert_eq!(Notice::from_text("from a newer version"), Notice::Something);
        assert!(Notice::Something.concerns(&[]));
    }
}
