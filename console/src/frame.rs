//! What stands around every page: places, breadcrumb, actions, language, account.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::assets;
use crate::words::Words;

/// Who looks at the page, as `shell.graphql` asks for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Viewer {
    /// Name to greet by.
    pub display_name: String,
    /// Role in force, as the API spells it.
    pub role: String,
    /// The park in force.
    pub park: Option<ViewerPark>,
    /// The tenant in force.
    pub tenant: Option<Named>,
    /// Every role the person may take.
    #[serde(default)]
    pub memberships: Vec<Membership>,
    /// What the role may do.
    #[serde(default)]
    pub can: Vec<Permission>,
    /// Who is in the park or tenant in an emergency.
    #[serde(default)]
    pub emergencies: Vec<Emergency>,
}

/// An entry of the platform operator that lasts.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Emergency {
    /// Its id.
    pub id: String,
    /// Who entered.
    pub operator: String,
    /// What for.
    pub reason: String,
    /// Whether anything may be changed.
    pub write: bool,
    /// Over at the latest at.
    pub ends_at: DateTime<Utc>,
}

/// The park in force.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewerPark {
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Today on the park's calendar.
    pub today: NaiveDate,
    /// IANA time zone.
    pub time_zone: String,
    /// ISO 4217 code.
    pub currency: String,
}

/// Something with a name in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// A role that can be taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// The role.
    pub role: String,
    /// Where.
    pub park: Named,
    /// For which tenant, if for one.
    pub tenant_name: Option<String>,
    /// Key that takes it.
    pub scope: String,
}

/// What may be done to a kind of thing.
#[derive(Clone, Debug, Deserialize)]
pub struct Permission {
    /// The kind of thing: `leasing`, `billing`, ...
    pub resource: String,
    /// `read`, `write`, `commit`.
    pub actions: Vec<String>,
}

impl Viewer {
    /// Whether the role may do it; pages hide what it may not, the API refuses it in any case.
    pub fn may(&self, action: &str, resource: &str) -> bool {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        self.can.iter().any(|p| same(&p.resource, resource) && p.actions.iter().any(|a| same(a, action)))
    }

    /// The area of the console that belongs to the role.
    pub fn area(&self) -> Area {
        match self.role.as_str() {
            "PARK_ADMINISTRATOR" | "PARK_FINANCE" => Area::Park,
            "TENANT_MANAGER" | "TEAM_LEADER" | "QUALITY_ANALYST" | "TRAINER" | "HUMAN_RESOURCES" | "TENANT_FINANCE" => {
                Area::Centre
            }
            "PLATFORM_OPERATOR" => Area::Platform,
            "ASSESSOR" => Area::Assess,
            "STATISTICS_OFFICER" => Area::Statistics,
            _ => Area::None,
        }
    }
}

/// The areas of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// `/park`: the park's administration and finance.
    Park,
    /// `/centre`: one call centre.
    Centre,
    /// `/assess`: the assessor.
    Assess,
    /// `/statistics`: the statistics officer.
    Statistics,
    /// `/platform`: the operator of the installation.
    Platform,
    /// A role whose pages are not built yet.
    None,
}

impl Area {
    /// Where its home is.
    pub const fn home(self) -> &'static str {
        match self {
            Self::Park => "/park",
            Self::Centre => "/centre",
            Self::Assess => "/assess",
            Self::Statistics => "/statistics",
            Self::Platform => "/platform",
            Self::None => "/welcome",
        }
    }

    /// The area that a path is in.
    pub fn of(path: &str) -> Self {
        let below = |home: &str| path.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        [Self::Park, Self::Centre, Self::Assess, Self::Statistics, Self::Platform]
            .into_iter()
            .find(|area| below(area.home()))
            .unwrap_or(Self::None)
    }

    /// Its places, left on every page: at most ten, nothing else. Add a place here when its page is registered.
    pub const fn places(self) -> &'static [Place] {
        match self {
            Self::Park => &[
                Place { key: "place-park-home", href: "/park", under: &[], needs: "" },
                Place {
                    key: "place-park-map",
                    href: "/park/map",
                    under: &["/park/floors", "/park/control", "/park/zones"],
                    needs: "estate",
                },
                Place {
                    key: "place-park-seats",
                    href: "/park/seats",
                    under: &["/park/holds", "/park/outages", "/park/seat-days"],
                    needs: "estate",
                },
                Place {
                    key: "place-park-tenants",
                    href: "/park/tenants",
                    under: &["/park/requests"],
                    needs: "tenants",
                },
                Place {
                    key: "place-park-pipeline",
                    href: "/park/pipeline",
                    under: &["/park/leads", "/park/quotes", "/park/visits"],
                    needs: "pipeline",
                },
                Place { key: "place-park-leases", href: "/park/leases", under: &[], needs: "leasing" },
                Place {
                    key: "place-park-invoices",
                    href: "/park/invoices",
                    under: &["/park/books", "/park/prices", "/park/platform-invoices"],
                    needs: "billing",
                },
                Place {
                    key: "place-park-grants",
                    href: "/park/grants",
                    under: &["/park/invitations", "/park/letters"],
                    needs: "access",
                },
                Place { key: "place-audit", href: "/park/audit", under: &[], needs: "audit" },
                Place { key: "place-park-jobs", href: "/park/jobs", under: &[], needs: "jobs" },
            ],
            Self::Centre => &[
                Place { key: "place-centre-home", href: "/centre", under: &[], needs: "" },
                Place {
                    key: "place-centre-seats",
                    href: "/centre/seats",
                    under: &["/centre/seat-days", "/centre/requests", "/centre/use", "/centre/assignments"],
                    needs: "estate",
                },
                Place { key: "place-centre-people", href: "/centre/people", under: &[], needs: "people" },
                Place {
                    key: "place-centre-roster",
                    href: "/centre/roster",
                    under: &["/centre/shifts", "/centre/staffing"],
                    needs: "staffing",
                },
                Place {
                    key: "place-centre-operations",
                    href: "/centre/operations",
                    under: &["/centre/imports", "/centre/jobs"],
                    needs: "operations",
                },
                Place { key: "place-centre-maturity", href: "/centre/maturity", under: &[], needs: "self_assessment" },
                Place { key: "place-centre-cost", href: "/centre/cost", under: &[], needs: "cost" },
                Place {
                    key: "place-centre-invoices",
                    href: "/centre/invoices",
                    under: &["/centre/statement", "/centre/month-statement"],
                    needs: "billing",
                },
                Place { key: "place-audit", href: "/centre/audit", under: &[], needs: "audit" },
            ],
            Self::Assess => &[
                Place { key: "place-assess-home", href: "/assess", under: &[], needs: "" },
                Place { key: "place-centre-maturity", href: "/assess/assessments", under: &[], needs: "assessment" },
                Place { key: "place-audit", href: "/assess/audit", under: &[], needs: "audit" },
            ],
            Self::Statistics => &[Place { key: "place-statistics", href: "/statistics", under: &[], needs: "" }],
            Self::Platform => &[Place { key: "place-platform", href: "/platform", under: &[], needs: "emergencies" }],
            Self::None => &[],
        }
    }
}

/// A place in the navigation.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Word.
    pub key: &'static str,
    /// Path.
    pub href: &'static str,
    /// Further paths that belong to it; everything below `href` does already (except below a home).
    pub under: &'static [&'static str],
    /// What the role must be able to read for the place to be shown; empty = it always is.
    pub needs: &'static str,
}

impl Place {
    fn holds(&self, path: &str) -> bool {
        let home = matches!(self.href, "/park" | "/centre" | "/assess" | "/platform");
        let below = |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        path == self.href || (!home && below(self.href)) || self.under.iter().any(|base| below(base))
    }
}

/// A step of the breadcrumb.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// Something to do, at the top right of the page.
#[derive(Clone, Debug)]
pub struct Action {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the one primary action.
    pub primary: bool,
}

/// What just happened, said once.
#[derive(Clone, Debug)]
pub struct Flash {
    /// In words.
    pub text: String,
}

/// Everything around a page; every template has it as `f`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Words and formats of the language.
    pub w: Words,
    /// Title of the page.
    pub title: String,
    /// Path and query of this page without the language.
    pub here: String,
    /// Path alone.
    pub path: String,
    /// Who looks; none before sign-in.
    pub viewer: Option<Viewer>,
    /// Steps above the page.
    pub crumbs: Vec<Crumb>,
    /// What can be done, the primary action last.
    pub actions: Vec<Action>,
    /// What just happened.
    pub flash: Option<Flash>,
    /// Seconds after which the page asks again.
    pub refresh: Option<u32>,
    /// Whether it does so without script, too.
    pub reload: bool,
}

impl Frame {
    /// Adds a step to the breadcrumb.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { label: label.into(), href: href.into() });
        self
    }

    /// Adds an action beside the primary one.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.actions.push(Action { label: label.into(), href: href.into(), primary: false });
        self
    }

    /// Sets the primary action.
    #[must_use]
    pub fn primary(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.actions.push(Action { label: label.into(), href: href.into(), primary: true });
        self
    }

    /// Work in progress: asks again after so many seconds, with script by replacing what is shown, without by loading
    /// the page again.
    #[must_use]
    pub fn refresh(mut self, seconds: u32) -> Self {
        self.refresh = Some(seconds);
        self.reload = true;
        self
    }

    /// Live numbers: asks again after so many seconds, with script only. Not for pages with a form or a map.
    #[must_use]
    pub fn live(mut self, seconds: u32) -> Self {
        self.refresh = Some(seconds);
        self
    }

    /// The role's places.
    pub fn places(&self) -> Vec<&'static Place> {
        let Some(viewer) = &self.viewer else { return Vec::new() };
        viewer.area().places().iter().filter(|p| p.needs.is_empty() || viewer.may("read", p.needs)).collect()
    }

    /// Whether this page belongs to the place.
    pub fn is_at(&self, place: &Place) -> bool {
        place.holds(&self.path)
    }

    /// Where the brand leads.
    pub fn home(&self) -> &'static str {
        self.viewer.as_ref().map_or("/", |v| v.area().home())
    }

    /// Whether the viewer may do it.
    pub fn may(&self, action: &str, resource: &str) -> bool {
        self.viewer.as_ref().is_some_and(|v| v.may(action, resource))
    }

    /// The name in the language of the page; the Chinese one where there is no English one.
    pub fn name<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.w.name(zh, en)
    }

    /// This page in another language.
    pub fn in_language(&self, tag: &str) -> String {
        let mark = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{mark}lang={tag}", self.here)
    }

    /// Address of an asset, changing with its content.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// The park's time zone, UTC before sign-in.
    pub fn zone(&self) -> &str {
        self.viewer.as_ref().and_then(|v| v.park.as_ref()).map_or("UTC", |p| p.time_zone.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_what_is_below_it_but_a_home_does_not() {
        let home = Place { key: "", href: "/park", under: &[], needs: "" };
        let leases = Place { key: "", href: "/park/leases", under: &["/park/x"], needs: "" };
        assert!(home.holds("/park") && !home.holds("/park/leases"));
        assert!(leases.holds("/park/leases") && leases.holds("/park/leases/1") && leases.holds("/park/x/2"));
        assert!(!leases.holds("/park/leasesx"));
    }
}
