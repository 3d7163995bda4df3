"""Seat-days of a whole park: seats, five years of allocations and placements, a year of proven months, a month of logins (as the month
that the product keeps of them: nothing that is asked here reads single logins).

Filled behind the product's back, as its owner; asked over GraphQL. Beside it stands the reading of the same rows by the
database's own client, which any count has to do at least.
"""
import hashlib, os, sqlite3, subprocess, time, uuid

TENANTS, EVERY = 1000, 15  # a seat changes hands every so many months
MONTHS = [f"{year}-{month:02}-01" for year in range(2022, 2028) for month in range(1, 13)]
HELD = [(MONTHS[n], MONTHS[n + EVERY]) for n in range(0, 60, EVERY)]
# The days as bits of their month, as the product keeps them beside its ledger.
BITS = sum(1 << day - 1 for day in range(1, 32) if day % 7 not in (3, 4))
DAYS = [f"2026-10-{day:02}" for day in range(1, 32) if day % 7 not in (3, 4)]
AT = "2026-01-01 00:00:00+00:00"
ASK = """query($known: Date, $rule: String) { park { seatDays(from: "2026-10-01", to: "2026-11-01", knownOn: $known, ruleId: $rule) {
  total { seatDays { built leased occupied effective loggedIn } } tenants { tally { seatDays { leased } } } zones { tally { seatDays { leased } } } } } }"""


def key(kind, *of):
    return uuid.UUID(bytes=hashlib.md5(f"{kind}{of}".encode()).digest())


def fixed(count):
    """Rows that are few: the tree, tenants and leases."""
    zones = max(1, count // 200)
    yield "building (park_id, building_id, code, name)", [(key("b"), "B", "B")]
    yield "floor (park_id, floor_id, building_id, code, name, level)", [(key("f"), key("b"), "1F", "1F", 1)]
    yield "zone (park_id, zone_id, floor_id, code, name)", [(key("z", n), key("f"), f"Z{n}", f"Z{n}") for n in range(zones)]
    yield ("tenant (park_id, tenant_id, code, name, name_en, business, operating_since, arrived_on, created_at)",
           [(key("t", n), f"T{n}", f"T{n}", f"T{n}", "", "2020-01-01", "2020-01-01", AT) for n in range(TENANTS)])
    yield ("lease (park_id, tenant_id, lease_id, code, signed_on, created_at)",
           [(key("t", n), key("l", n), "L", "2021-12-01", AT) for n in range(TENANTS)])


def seats(count):
    for n in range(count):
        yield n, key("s", n), key("p", n), key("t", n % TENANTS), key("l", n % TENANTS), key("z", n // 200)


# Rows of each seat: the table with its columns, and what a seat has in it.
TABLES = {
    "seat (park_id, seat_id, zone_id, code, product, x_mm, y_mm, built_from)":
        lambda n, s, p, t, l, z: [(s, z, f"S{n:07}", "equipped", n % 40 * 1500, n // 40 * 1800, "2021-01-01")],
    "person (park_id, tenant_id, person_id, employee_no, name_sealed, position, joined_on, recorded_at)":
        lambda n, s, p, t, l, z: [(t, p, f"E{n:07}", b"", "agent", "2021-01-01", AT)],
    "allocation (park_id, tenant_id, allocation_id, seat_id, lease_id, held_from, held_to, shift_from_min, shift_to_min, recorded_at)":
        lambda n, s, p, t, l, z: [(t, key("a", n, k), s, l, a, b, 0, 1440, AT) for k, (a, b) in enumerate(HELD)],
    "seat_ledger (park_id, tenant_id, entry_id, seat_id, lease_id, allocation_id, kind, effective_on, recorded_at)":
        lambda n, s, p, t, l, z: [(t, key("e", n, k, kind), s, l, key("a", n, k), kind, on, AT)
                                  for k, held in enumerate(HELD) for kind, on in zip(("allocate", "release"), held)],
    "occupancy (park_id, tenant_id, occupancy_id, allocation_id, seat_id, held_from, held_to, person_id, sat_from, sat_to, recorded_at)":
        lambda n, s, p, t, l, z: [(t, key("o", n, k), key("a", n, k), s, a, b, p, a, b, AT) for k, (a, b) in enumerate(HELD)] if n % 10 else [],
    "paid_month (park_id, tenant_id, entry_id, person_id, month, payroll, insurance, sign, file_id, recorded_at)":
        lambda n, s, p, t, l, z: [(t, key("m", n, k), p, 2026 * 12 + 9 - k, True, n % 7 > 0, 1, key("file"), AT) for k in range(13)],
    "presence_month (park_id, tenant_id, month, agent, seat_id, days, recorded_at)":
        lambda n, s, p, t, l, z: [(t, 2026 * 12 + 9, key("g", n).bytes, s, BITS, AT)],
}


def on_sqlite(path, count, fixed=fixed, tables=TABLES):
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    park = db.execute("SELECT park_id FROM park").fetchone()[0]
    db.execute("UPDATE write_scope SET class = 'system'")
    plain = lambda value: value.bytes if isinstance(value, uuid.UUID) else value

    def rows(table, rows):
        places = ", ".join("?" * (table.count(",") + 1))
        db.executemany(f"INSERT INTO {table} VALUES ({places})", ((park, *map(plain, row)) for row in rows))

    for table, few in fixed(count):
        rows(table, few)
    for table, of in tables.items():
        rows(table, (row for seat in seats(count) for row in of(*seat)))
    db.execute("UPDATE write_scope SET class = NULL")
    db.commit()
    db.close()


def on_postgres(owner, count, fixed=fixed, tables=TABLES):
    park = subprocess.run(["psql", owner, "-Atc", "SELECT park_id FROM voxpark.park"], check=True, text=True, capture_output=True).stdout.strip()

    def text(value):
        return "\\\\x" + value.hex() if isinstance(value, bytes) else "t" if value is True else "f" if value is False else str(value)

    def rows(table, rows):
        copy = subprocess.Popen(["psql", owner, "-qc", f"COPY voxpark.{table} FROM STDIN"], stdin=subprocess.PIPE, text=True)
        for row in rows:
            copy.stdin.write("\t".join([park, *map(text, row)]) + "\n")
        copy.stdin.close()
        if copy.wait():
            raise SystemExit(f"{table} was refused")

    for table, few in fixed(count):
        rows(table, few)
    for table, of in tables.items():
        rows(table, (row for seat in seats(count) for row in of(*seat)))
    subprocess.run(["psql", owner, "-qc", "VACUUM ANALYZE"], check=True)


READ = ["SELECT seat_id, zone_id, product, built_from, built_to FROM {}seat",
        "SELECT tenant_id, seat_id, held_from, held_to FROM {}allocation WHERE held_from < '2026-11-01' AND held_to > '2026-10-01'",
        "SELECT tenant_id, seat_id, person_id, sat_from, sat_to FROM {}occupancy WHERE sat_from < '2026-11-01' AND sat_to > '2026-10-01'",
        "SELECT tenant_id, person_id, employee_no FROM {}person",
        "SELECT person_id, month FROM {}paid_month WHERE month = 24321",
        "SELECT tenant_id, agent, seat_id, days FROM {}presence_month WHERE month = 24321"]


def read_sqlite(path):
    db = sqlite3.connect(path)
    for sql in READ:
        for _ in db.execute(sql.format("")):
            pass
    db.close()


def read_postgres(owner):
    for sql in READ:
        subprocess.run(["psql", owner, "-qAtc", f"COPY ({sql.format('voxpark.')}) TO STDOUT"], check=True, stdout=subprocess.DEVNULL)


def measure(server, owner, count, rounds, spread):
    """`owner` = URL of the owner on PostgreSQL, None = SQLite."""
    server.start()
    server.found()
    server.stop()
    began = time.perf_counter()
    path = os.path.join(server.folder, "voxpark.db")
    on_postgres(owner, count) if owner else on_sqlite(path, count)
    filled = time.perf_counter() - began
    server.start()
    token = server.sign_in("park@bench")
    ours, past, runs, peer = [], [], [], []

    def ask(times, **of):
        began = time.perf_counter()
        answer = server.gql(ASK, of, token)["park"]["seatDays"]
        times.append(time.perf_counter() - began)
        return answer["total"]["seatDays"]

    for _ in range(rounds):
        views = ask(ours)
        ask(past, known="2026-11-15")
        ask(runs, rule="seat-12-months")
        began = time.perf_counter()
        read_postgres(owner) if owner else read_sqlite(path)
        peer.append(time.perf_counter() - began)
    # One seat in ten has nobody but those who logged in there; one person in seven is not insured.
    sat, paid = sum(n % 10 > 0 for n in range(count)), sum(n % 10 > 0 and n % 7 > 0 for n in range(count))
    want = {"built": count * 31, "leased": count * 31, "occupied": sat * 31 + (count - sat) * len(DAYS), "effective": paid * 31, "loggedIn": count * len(DAYS)}
    if views != want:
        server.stop()
        raise SystemExit(f"other figures than the rows have: {views}, not {want}")
    middle = sorted(ours)[len(ours) // 2] / (sorted(peer)[len(peer) // 2] or 1)
    print(f"{count} seats on {'PostgreSQL' if owner else 'SQLite'} (filled in {filled:.0f} s): a month's four views {spread(ours)} s, as known on a past day "
          f"{spread(past)} s, effective by runs of twelve months {spread(runs)} s; reading the rows {spread(peer)} s, ratio {middle:.1f}; "
          f"resident {server.rss_mib():.0f} MiB")
    server.stop()
