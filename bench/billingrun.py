"""A month billed: 1,000 tenants with a lease each, from the seat ledger to posted invoices, by the product's own job.

Filled behind the product's back, as its owner; started and followed over GraphQL. Every twentieth seat is held from the middle of the month
on and every twenty-fifth until its middle. Beside it on PostgreSQL: COPY of the rows that the run left (into tables without keys),
and COPY of the ledger rows that it had to read.
"""
import os, subprocess, tempfile, time

import seatdays
from seatdays import AT, key

MONTH = "2026-10"
VERSION = ("lease_version (park_id, tenant_id, lease_id, version, in_force_from, term_from, term_to, product, unit_price_minor, currency, tax_rate_bp, "
           "proration, rent_free, deposit_minor, payment_days, reason, recorded_at)")


def held(n):
    """The stays of a seat: one that is over, and one that is or was in the month."""
    first = "2026-10-16" if n % 20 == 0 else "2025-10-01"
    last = "2026-10-16" if n % 25 == 1 else "2027-01-01"
    return [("2024-07-01", "2025-10-01"), (first, last)]


def fixed(count):
    yield from seatdays.fixed(count)
    yield VERSION, [(key("t", n), key("l", n), 1, "2022-01-01", "2022-01-01", "2027-01-01", "equipped", 88000 + n, "ILS", 900, "by_day", "[]", 0, 15, "", AT)
                    for n in range(seatdays.TENANTS)]


def allocations(n, s, p, t, l, z):
    return [(t, key("a", n, k), s, l, a, b, 0, 1440, AT) for k, (a, b) in enumerate(held(n))]


def entries(n, s, p, t, l, z):
    return [(t, key("e", n, k, kind), s, l, key("a", n, k), kind, on, AT) for k, stay in enumerate(held(n)) for kind, on in zip(("allocate", "release"), stay)]


TABLES = {table: rows for table, rows in seatdays.TABLES.items() if table.startswith("seat (")}
TABLES |= {next(t for t in seatdays.TABLES if t.startswith(f"{name} (")): rows for name, rows in (("allocation", allocations), ("seat_ledger", entries))}


def counted(owner):
    """How many rows the tables have that a run may write to."""
    big = ("seat", "allocation", "seat_ledger", "seat_claim")
    names = subprocess.run(["psql", owner, "-qAtc", "SELECT tablename FROM pg_tables WHERE schemaname = 'voxpark'"], check=True, text=True, capture_output=True).stdout.split()
    sql = " UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM voxpark.{name}" for name in names if name not in big)
    rows = subprocess.run(["psql", owner, "-qAtc", sql], check=True, text=True, capture_output=True).stdout.split()
    return {name: int(n) for name, n in (row.split("|") for row in rows)}


def peers(owner, before):
    """Seconds to read the ledger, and to copy in what the run left; how many rows that is."""
    began = time.perf_counter()
    subprocess.run(["psql", owner, "-qAtc", "COPY (SELECT lease_id, allocation_id, kind, effective_on, recorded_at FROM voxpark.seat_ledger) TO STDOUT"], check=True, stdout=subprocess.DEVNULL)
    read, rows, write = time.perf_counter() - began, 0, 0.0
    for name, now in counted(owner).items():
        if now <= before[name]:
            continue
        rows += now - before[name]
        with tempfile.NamedTemporaryFile() as file:
            subprocess.run(["psql", owner, "-qc", f"COPY voxpark.{name} TO STDOUT"], check=True, stdout=file)
            subprocess.run(["psql", owner, "-qc", f"CREATE TABLE public.{name} (LIKE voxpark.{name})"], check=True)
            began = time.perf_counter()
            with open(file.name) as copied:
                subprocess.run(["psql", owner, "-qc", f"COPY public.{name} FROM STDIN"], check=True, stdin=copied)
            write += time.perf_counter() - began
    return read, write, rows


def measure(server, owner, count):
    server.start()
    server.found()
    server.stop()
    began = time.perf_counter()
    path = os.path.join(server.folder, "voxpark.db")
    seatdays.on_postgres(owner, count, fixed, TABLES) if owner else seatdays.on_sqlite(path, count, fixed, TABLES)
    filled = time.perf_counter() - began
    server.start()
    token = server.sign_in("park@bench")
    before = counted(owner) if owner else {}
    began = time.perf_counter()
    start = "mutation($i: BillingRunStartInput!) { billingRunStart(input: $i) { run { id } userErrors { message } } }"
    started = server.gql(start, {"i": {"month": MONTH, "idempotencyKey": "run"}}, token)["billingRunStart"]
    if not started["run"]:
        raise SystemExit(started)
    resident, run = 0.0, None
    while run is None or run["state"] == "RUNNING":
        time.sleep(0.1)
        resident = max(resident, server.rss_mib())
        if time.perf_counter() - began > 540:
            token = server.sign_in("park@bench")
        run = server.gql("query($id: ID!) { node(id: $id) { ... on BillingRun { state issued refused held net { amount } } } }", {"id": started["run"]["id"]}, token)["node"]
    took = time.perf_counter() - began
    if run["state"] != "DONE" or run["issued"] != seatdays.TENANTS:
        raise SystemExit(run)
    told = f"{count} seats on {'PostgreSQL' if owner else 'SQLite'} (filled in {filled:.0f} s): billed in {took:.2f} s, {run['issued']} invoices, net {run['net']['amount']}; resident at most {resident:.0f} MiB"
    if owner:
        read, write, rows = peers(owner, before)
        told += f"; reading the ledger {read:.2f} s, copying its {rows} rows {write:.2f} s: {took / (read + write):.1f} x of both"
    print(told)
    server.stop()
