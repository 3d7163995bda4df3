# Grants.
grants-title = Grants
grants-none = No grants yet
grants-none-lead = A grant lets an assessor look at submitted assessments and their evidence within dates.
grant-who = Who
grant-what = What
grant-all-tenants = every tenant
grant-period = Valid
grant-revoke = Revoke
grant-revoke-lead = { $name } loses access at once.
grant-revoke-do = Revoke grant
grant-revoke-done = The grant is revoked.
grant-new-title = New grant
grant-email = Assessor’s e-mail
grant-email-hint = Must belong to an existing user.
grant-tenant-hint = Empty = every tenant of the park.
grant-purpose-hint = Such as “maturity assessment 2026”.
grant-new-do = Create grant
grant-new-done = { $email } has a grant.
