//! Who owns the rows of a table and what each class of caller may do with them.

/// A class of caller: one login role and one connection pool each on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Staff of a tenant.
    Tenant,
    /// Staff of a park.
    Park,
    /// A government assessor.
    Assessor,
    /// The installation itself, with a named reason.
    System,
}

impl Class {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Tenant, Self::Park, Self::Assessor, Self::System];
    /// Stable name; the login role is `<prefix>_<name>`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Park => "park",
            Self::Assessor => "assessor",
            Self::System => "system",
        }
    }
}

/// Whose rows they are; decides the key columns that lead every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The installation: no park column; only the system class may touch it.
    Installation,
    /// A park: led by `park_id`.
    Park,
    /// A tenant: led by `(park_id, tenant_id)`.
    Tenant,
    /// A tenant or the park itself, whose own rows carry the nil tenant: each sees its own and not the other's.
    Either,
}

/// What a class may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The rows do not exist for it.
    None,
    /// Read.
    Read,
    /// Read these columns only (a repository that asks for another column fails on PostgreSQL).
    ReadColumns(&'static [&'static str]),
    /// Read those rows that satisfy a plain condition on their own columns.
    ReadWhere(&'static str),
    /// Add, and not even read what was added.
    Add,
    /// Read some columns, and cut rows short: change the columns `sets`, or remove them.
    Curtail {
        /// What can be read.
        reads: &'static [&'static str],
        /// What can be changed.
        sets: &'static [&'static str],
    },
    /// Read and add, never change or remove.
    Append,
    /// Read and add rows whose column of this name is the caller.
    AppendOwn(&'static str),
    /// Read and add, change these columns, never remove.
    Advance(&'static [&'static str]),
    /// Read, add, change, remove.
    Write,
}

impl Access {
    /// Whether anything can be read.
    pub const fn reads(self) -> bool {
        !matches!(self, Self::None | Self::Add)
    }
    /// Whether rows can be added.
    pub const fn inserts(self) -> bool {
        matches!(self, Self::Add | Self::Append | Self::AppendOwn(_) | Self::Advance(_) | Self::Write)
    }
    /// Whether rows can be changed.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Write | Self::Curtail { .. } | Self::Advance(_))
    }
    /// Whether rows can be removed.
    pub const fn removes(self) -> bool {
        matches!(self, Self::Write | Self::Curtail { .. })
    }
}

/// The rule of one table.
#[derive(Clone, Copy, Debug)]
pub struct TableRule {
    /// Table name.
    pub name: &'static str,
    /// Whose rows they are.
    pub owner: Owner,
    /// Staff of the tenant (its own rows only, or the park's rows where the park owns them).
    pub tenant: Access,
    /// Staff of the park.
    pub park: Access,
    /// Assessors, within their grants.
    pub assessor: Access,
    /// The installation.
    pub system: Access,
}

impl TableRule {
    /// Owned by the installation.
    pub const fn installation(name: &'static str) -> Self {
        Self {
            name,
            owner: Owner::Installation,
            tenant: Access::None,
            park: Access::None,
            assessor: Access::None,
            system: Access::Write,
        }
    }
    /// Owned by a park and written by it alone.
    pub const fn park(name: &'static str) -> Self {
        Self { owner: Owner::Park, park: Access::Write, ..Self::installation(name) }
    }
    /// Owned by a tenant, written by the park, read by both (leases, invoices).
    pub const fn shared(name: &'static str) -> Self {
        Self { owner: Owner::Tenant, tenant: Access::Read, ..Self::park(name) }
    }
    /// Owned by a tenant and hidden from its park.
    pub const fn private(name: &'static str) -> Self {
        Self { owner: Owner::Tenant, tenant: Access::Write, ..Self::installation(name) }
    }
    /// Owned by a tenant or by the park itself.
    pub const fn either(name: &'static str) -> Self {
        Self { owner: Owner::Either, park: Access::Write, ..Self::private(name) }
    }
    /// Sets what staff of a tenant may do.
    #[must_use]
    pub const fn for_tenant(self, tenant: Access) -> Self {
        Self { tenant, ..self }
    }
    /// Sets what staff of the park may do.
    #[must_use]
    pub const fn for_park(self, park: Access) -> Self {
        Self { park, ..self }
    }
    /// Sets what assessors may do.
    #[must_use]
    pub const fn for_assessor(self, assessor: Access) -> Self {
        Self { assessor, ..self }
    }
    /// Sets what the installation itself may do.
    #[must_use]
    pub const fn for_system(self, system: Access) -> Self {
        Self { system, ..self }
    }
    /// Rows are never changed or removed, by anyone.
    #[must_use]
    pub const fn append_only(self) -> Self {
        const fn cap(a: Access) -> Access {
            if a.changes() { Access::Append } else { a }
        }
        Self {
            tenant: cap(self.tenant),
            park: cap(self.park),
            assessor: cap(self.assessor),
            system: cap(self.system),
            ..self
        }
    }
    /// What a class may do.
    pub const fn access(&self, class: Class) -> Access {
        match class {
            Class::Tenant => self.tenant,
            Class::Park => self.park,
            Class::Assessor => self.assessor,
            Class::System => self.system,
        }
    }
    /// The columns that lead every key of the table.
    pub const fn key_columns(&self) -> &'static [&'static str] {
        match self.owner {
            Owner::Installation => &[],
            Owner::Park => &["park_id"],
            Owner::Tenant | Owner::Either => &["park_id", "tenant_id"],
        }
    }
}
