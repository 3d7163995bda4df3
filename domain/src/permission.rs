//! Who may do what: one pure function over role, action and resource.
//!
//! Rows come from the scope of the transaction; this table only says which kinds of thing a role may touch at all.
//! `docs/permissions.md` is printed from it and a test compares the two.

use std::fmt::Write as _;

macro_rules! listed {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }
        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// Stable name in tables, tokens and documents.
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            /// The value with this stable name.
            pub fn from_name(name: &str) -> Option<Self> { match name { $($text => Some(Self::$variant),)+ _ => None } }
        }
    };
}

pub(crate) use listed;

listed! {
    /// The roles of product.md, and the installation itself.
    Role {
        /// Runs the installation: parks, plans, health; never a tenant's operating data.
        PlatformOperator = "platform_operator",
        /// Runs one park.
        ParkAdministrator = "park_administrator",
        /// The money of one park.
        ParkFinance = "park_finance",
        /// Runs one call centre.
        TenantManager = "tenant_manager",
        /// Leads a team.
        TeamLeader = "team_leader",
        /// Scores contacts.
        QualityAnalyst = "quality_analyst",
        /// Trains people.
        Trainer = "trainer",
        /// Keeps people's files.
        HumanResources = "human_resources",
        /// The money of one tenant.
        TenantFinance = "tenant_finance",
        /// Handles contacts; sees only what is its own.
        Agent = "agent",
        /// Rates submitted assessments under a dated grant.
        Assessor = "assessor",
        /// Reads the statistics of a region.
        StatisticsOfficer = "statistics_officer",
        /// The installation's own work (jobs, sign-in).
        System = "system",
    }
}

impl Role {
    /// Whether somebody in this role acts for a park itself.
    pub const fn is_park_staff(self) -> bool {
        matches!(self, Self::ParkAdministrator | Self::ParkFinance)
    }
}

listed! {
    /// What is done to a resource.
    Action {
        /// See it.
        Read = "read",
        /// Create or change it.
        Write = "write",
        /// The act that binds: submit an assessment, issue an invoice.
        Commit = "commit",
    }
}

listed! {
    /// Who may use something that an installation can close.
    Audience {
        /// Everybody, signed in or not.
        Everybody = "everybody",
        /// Whoever has the permission for it.
        Permitted = "permitted",
        /// Nobody.
        Nobody = "nobody",
    }
}

listed! {
    /// What kinds of thing there are to permit.
    Resource {
        /// Buildings, floors, zones, seats.
        Estate = "estate",
        /// Tenants of the park.
        Tenants = "tenants",
        /// Leases, allocations, the seat ledger.
        Leasing = "leasing",
        /// Requests of tenants to the park for seats.
        Requests = "requests",
        /// Leads, visits and quotes.
        Pipeline = "pipeline",
        /// Invoices and payments.
        Billing = "billing",
        /// How the two sides of an invoice are called: titles, tax numbers, accounts, where invoices go.
        BillingProfiles = "billing_profiles",
        /// Unit-seat cost and its entries.
        Cost = "cost",
        /// People and teams.
        People = "people",
        /// Shifts, rosters, occupancy, staffing need.
        Staffing = "staffing",
        /// Contact imports, intervals, indicators.
        Operations = "operations",
        /// The tenant's own assessment: ratings and evidence.
        SelfAssessment = "self_assessment",
        /// The assessor's ratings of a submitted assessment.
        Assessment = "assessment",
        /// Members, roles and grants.
        Access = "access",
        /// How those of a park or tenant get in: what is required of them, service accounts.
        Security = "security",
        /// Entries of the platform operator in an emergency.
        Emergencies = "emergencies",
        /// The audit log.
        Audit = "audit",
        /// The API beyond what the console asks for: documents of one's own, the schema.
        Api = "api",
        /// Figures of the park as a whole.
        Statistics = "statistics",
        /// Background jobs: what was asked for and is done outside of requests.
        Jobs = "jobs",
        /// Frameworks, reference figures and other published packs.
        Packs = "packs",
    }
}

/// Whether the role may do the action to that kind of resource.
pub fn allows(role: Role, action: Action, resource: Resource) -> bool {
    use Action::{Commit, Read, Write};
    use Resource as R;
    if resource == R::Packs {
        return action == Read;
    }
    let level = |max: Action| action <= max;
    match role {
        Role::System => true,
        Role::PlatformOperator => match resource {
            R::Emergencies => level(Commit),
            R::Api => level(Read),
            _ => false,
        },
        Role::ParkAdministrator => match resource {
            R::Estate | R::Tenants | R::Leasing | R::Requests | R::Pipeline | R::Billing | R::Access | R::Security => {
                level(Commit)
            }
            R::Jobs | R::Emergencies | R::BillingProfiles => level(Write),
            R::Audit | R::Assessment | R::Statistics | R::Api => level(Read),
            R::Cost | R::People | R::Staffing | R::Operations | R::SelfAssessment | R::Packs => false,
        },
        Role::ParkFinance => match resource {
            R::Billing => level(Commit),
            R::BillingProfiles => level(Write),
            R::Estate | R::Tenants | R::Leasing | R::Requests | R::Pipeline | R::Statistics => level(Read),
            _ => false,
        },
        Role::TenantManager => match resource {
            R::People | R::Staffing | R::Operations | R::Cost | R::SelfAssessment | R::Security => level(Commit),
            R::Jobs | R::Emergencies | R::Requests | R::BillingProfiles => level(Write),
            R::Estate | R::Tenants | R::Leasing | R::Billing | R::Assessment | R::Audit | R::Api => level(Read),
            R::Pipeline | R::Access | R::Statistics | R::Packs => false,
        },
        Role::TeamLeader => match resource {
            R::Staffing => level(Write),
            R::Estate | R::Tenants | R::People | R::Operations => level(Read),
            _ => false,
        },
        Role::QualityAnalyst => match resource {
            R::Tenants | R::Operations | R::People | R::SelfAssessment => level(Read),
            _ => false,
        },
        Role::Trainer => match resource {
            R::Tenants | R::People | R::SelfAssessment => level(Read),
            _ => false,
        },
        Role::HumanResources => match resource {
            R::People => level(Write),
            R::Staffing | R::Estate | R::Tenants => level(Read),
            _ => false,
        },
        Role::TenantFinance => match resource {
            R::Cost => level(Commit),
            R::Billing | R::BillingProfiles | R::Leasing | R::Estate | R::Tenants => level(Read),
            _ => false,
        },
        Role::Assessor => match resource {
            R::Assessment => level(Commit),
            R::Tenants | R::SelfAssessment | R::Audit => level(Read),
            _ => false,
        },
        Role::StatisticsOfficer => matches!((resource, action), (R::Statistics, Read)),
        // An agent's own roster and scores come with the steps that build them.
        Role::Agent => false,
    }
}

/// The whole table as Markdown: a role a row, a resource a column, `R`ead, `W`rite, `C`ommit.
pub fn table() -> String {
    let mut out = String::from("| role |");
    for r in Resource::ALL {
        let _ = write!(out, " {} |", r.name());
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(Resource::ALL.len()));
    out.push('\n');
    for role in Role::ALL {
        let _ = write!(out, "| {} |", role.name());
        for resource in Resource::ALL {
            let cell: String = [(Action::Read, 'R'), (Action::Write, 'W'), (Action::Commit, 'C')]
                .into_iter()
                .filter_map(|(a, c)| allows(*role, a, *resource).then_some(c))
                .collect();
            let _ = write!(out, " {} |", if cell.is_empty() { "-" } else { &cell });
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stronger_action_implies_the_weaker() {
        for role in Role::ALL {
            for resource in Resource::ALL {
                let can = |a| allows(*role, a, *resource);
                assert!(!can(Action::Write) || can(Action::Read), "{role:?} {resource:?}");
                assert!(!can(Action::Commit) || can(Action::Write), "{role:?} {resource:?}");
            }
        }
    }

    #[test]
    fn a_park_never_reads_what_is_private_to_a_tenant() {
        for role in [Role::ParkAdministrator, Role::ParkFinance, Role::PlatformOperator] {
            for resource in
                [Resource::People, Resource::Operations, Resource::SelfAssessment, Resource::Staffing, Resource::Cost]
            {
                assert!(!allows(role, Action::Read, resource), "{role:?} {resource:?}");
            }
        }
    }

    #[test]
    fn the_pipeline_is_for_staff_of_the_park_alone() {
        for role in Role::ALL.iter().filter(|role| !role.is_park_staff() && **role != Role::System) {
            assert!(!allows(*role, Action::Read, Resource::Pipeline), "{role:?}");
        }
        assert!(!allows(Role::ParkFinance, Action::Write, Resource::Pipeline));
    }

    #[test]
    fn names_round_trip() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(*role));
        }
    }
}
