"""Measures the program on a Kafka broker, the one at KAFKA_BROKER that script/kafka has started.

Yields (row, measured, floor) once a round; floor is None where there is none.
"""

import contextlib
import functools
import http.client
import json
import os
import re
import subprocess
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import program
from program import Failed, Process, RECORDS_AN_ORDER, bare_orders, end_offsets, free_port, place_orders, running

SCRIPT = program.HERE.parent.parent / "script" / "kafka"
TOPICS = "orders|orders-dlq|audit|order-status|module-control|module-status"
RECORD_BYTES = 640  # of one on `orders`: key, value and headers
NOTIFICATION_GROUP = "/api/bus/groups/notification-group"
MEMBERS = {"order-group": 1, "notification-group": 2, "fraud-group": 1, "analytics-group": 1, "audit-group": 1}


@dataclass(frozen=True)
class Effort:
    """How long and how much is measured at a time."""

    load_seconds: int = 5
    paced_seconds: int = 4
    warm_up_seconds: int = 40
    sent_records: int = 200_000
    backlog_records: int = 60_000


SMOKE = Effort(load_seconds=1, paced_seconds=1, warm_up_seconds=1, sent_records=2_000, backlog_records=500)


def script(*arguments):
    answer = subprocess.run([str(SCRIPT), *arguments], capture_output=True, text=True)
    if answer.returncode != 0:
        raise Failed(f"script/kafka {arguments[0]}: {(answer.stderr or answer.stdout).strip()}")
    return answer.stdout


def process_cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / program.TICKS_A_SECOND


def threads(pid):
    return list(Path(f"/proc/{pid}/task").iterdir())


def cpu_seconds(pid, broker):
    """Of the thread that is the loop, of librdkafka's threads, and of the broker."""
    loop = librdkafka = 0
    for thread in threads(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            seconds = int((thread / "schedstat").read_text().split()[0]) * 1e-9
            if thread.name == str(pid):
                loop += seconds
            elif (thread / "comm").read_text().startswith("rdk:"):
                librdkafka += seconds
    return {"loop": loop, "librdkafka": librdkafka, "broker": process_cpu_seconds(broker)}


@dataclass
class Run:
    orders: int
    seconds: float
    cpu: dict  # CPU seconds of an order
    behind_seconds: float = 0

    @property
    def rate(self):
        return self.orders / self.seconds


class LagWatch(threading.Thread):
    """Looks four times a second how far each group is behind, until it is stopped."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.most = {}
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.wait(0.25):
            with contextlib.suppress(OSError, http.client.HTTPException, Failed):
                for group in self.server.get_json("/api/bus/groups"):
                    self.most[group["group"]] = max(self.most.get(group["group"], 0), group["lag"])

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()

    def behind_seconds(self, read_per_second):
        known = self.most.keys() & read_per_second.keys()
        return max((self.most[group] / read_per_second[group] for group in known), default=0)


def end_sums(groups):
    return {group["group"]: sum(partition["endOffset"] for partition in group["partitions"]) for group in groups}


def processed(servers, broker, connections, seconds):
    """Places orders at all servers until `seconds` are over, and waits until every group has read everything."""
    server = servers[0]
    before, ends_before = end_offsets(server), end_sums(server.get_json("/api/bus/groups"))
    cpu_before = cpu_seconds(server.process.pid, broker)
    began = time.monotonic()
    with LagWatch(server) as watch:
        load(servers, connections, seconds)
        orders = wait_until_processed(server, before)
    took = time.monotonic() - began
    cpu = cpu_seconds(server.process.pid, broker)
    ends = end_sums(server.get_json("/api/bus/groups"))
    read_per_second = {group: max(1, end - ends_before.get(group, 0)) / took for group, end in ends.items()}
    per_order = {name: (cpu[name] - cpu_before[name]) / orders for name in cpu}
    return Run(orders, took, per_order, watch.behind_seconds(read_per_second))


def load(servers, connections, seconds):
    with ThreadPoolExecutor() as clients:
        shares = [connections // len(servers)] * len(servers)
        list(clients.map(lambda server, share: place_orders(server.port, seconds, share), servers, shares))


def wait_until_processed(server, before):
    """Lag 0 alone is not enough: a group may be about to write what another has to read. Gives the orders."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        program.wait_for_lag_zero(server, 0.02)
        written = {topic: end - before[topic] for topic, end in end_offsets(server).items()}
        orders = written["orders"]
        if orders > 0 and written == {topic: count * orders for topic, count in RECORDS_AN_ORDER.items()}:
            return orders
    raise Failed(f"an order is not {RECORDS_AN_ORDER}: {written}")


def bare_run(server, broker, connections, seconds):
    before, cpu_before, began = bare_orders(server), cpu_seconds(server.process.pid, broker), time.monotonic()
    place_orders(server.port, seconds, connections)
    took = time.monotonic() - began
    cpu = cpu_seconds(server.process.pid, broker)
    orders = bare_orders(server) - before
    return Run(orders, took, {name: (cpu[name] - cpu_before[name]) / orders for name in cpu})


def chain_run(server, connections, seconds):
    """As processed(): until all records of all orders are acknowledged and read."""
    before, began = bare_orders(server), time.monotonic()
    place_orders(server.port, seconds, connections)
    deadline = began + seconds + 120
    while time.monotonic() < deadline:
        placed, ended = map(int, server.get("/")[1].split())
        if placed == ended:
            return (placed - before) / (time.monotonic() - began)
        time.sleep(0.02)
    raise Failed(f"of {placed} orders {ended} are a whole chain")


def pattern(server):
    """The records that the program makes of an order, as chain_floor reads them."""
    order = json.dumps({"customerName": "Customer 1", "item": "Margherita", "quantity": 2, "price": 12.99})
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", "/api/orders", order, {"Content-Type": "application/json"})
        placed = json.loads(connection.getresponse().read())
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        records = server.get_json(f"/api/orders/{placed['id']}/history")
        if Counter(record["topic"] for record in records) == Counter(RECORDS_AN_ORDER):
            return [as_pattern(record) for record in records]
        time.sleep(0.1)
    raise Failed(f"an order is not {RECORDS_AN_ORDER}: {records}")


def as_pattern(record):
    headers = [[header["name"], header["value"]] for header in record["headers"]]
    value = json.dumps(record["value"], separators=(",", ":"), ensure_ascii=False)
    return {"topic": record["topic"], "headers": headers, "value": value}


def paced(build, server, rate, seconds, *options):
    """Orders at a fixed rate: {"post": (p50, p99), "notified": (p50, p99)} in seconds."""
    command = [build / "test/bench/order_client", server.port, rate, seconds, *options]
    answer = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if answer.returncode != 0:
        raise Failed(f"order_client: {answer.stderr.strip()}")
    lines = (line.split() for line in answer.stdout.splitlines())
    return {what: (float(p50), float(p99)) for what, p50, p99 in lines}


class Bench:
    """One broker, and how its rows are measured."""

    def __init__(self, build, effort):
        self.build = build
        self.effort = effort
        self.brokers = os.environ.get("KAFKA_BROKER", "localhost:29092")
        self.broker = int(script("pid"))

    def foodorder(self, *options):
        return program.foodorder(self.build, "--bus=kafka", f"--brokers={self.brokers}", "--fail-rate=0", *options)

    def bare_server(self):
        port = free_port()
        return Process([str(self.build / "test/bench/kafka_floor"), str(port), self.brokers, "bare-orders"], port, "/")

    @contextlib.contextmanager
    def chain(self, server):
        """The bare chain, of records such as the program's."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "pattern.json"
            file.write_text(json.dumps(pattern(server)))
            port = free_port()
            command = [str(self.build / "test/bench/chain_floor"), str(port), self.brokers, str(file)]
            with running(Process(command, port, "/")) as chain:
                yield chain

    def kafka_bench(self, *arguments):
        command = [str(self.build / "test/bench/kafka_bench"), self.brokers, *map(str, arguments)]
        answer = subprocess.run(command, capture_output=True, text=True)
        if answer.returncode != 0:
            raise Failed(f"kafka_bench: {answer.stderr.strip()}")
        return [float(figure) for line in answer.stdout.splitlines() for figure in line.split()[1:]]

    def java_producer(self, records):
        """Records a second of Kafka's own ProducerPerformance, by the same settings; a JVM needs many to get going."""
        output = script(
            *("console", "performance", "--topic", "bare-orders", "--throughput", "-1"),
            *("--num-records", str(records), "--record-size", str(RECORD_BYTES)),
            *("--producer-props", "acks=all", "linger.ms=0"),
        )
        return float(re.findall(r"records sent, ([\d.]+) records/sec", output)[-1])

    def warm_up(self):
        """A broker that was just started is several times slower: its JVM has to compile itself, which takes so long."""
        self.kafka_bench("--rounds", 1, "--records", self.effort.sent_records)
        with running(self.bare_server()) as bare, running(self.foodorder()) as server:
            wait_for_members(server, MEMBERS)
            for connections in (32, 256):
                place_orders(bare.port, max(1, self.effort.warm_up_seconds // 4), connections)
                processed([server], self.broker, connections, max(1, self.effort.warm_up_seconds // 4))
        script("console", "topics", "--delete", "--topic", TOPICS)

    def one_process(self, rounds, rates):
        """All services in one process. `rates` gets what it does at 128 connections, once a round."""
        with contextlib.ExitStack() as stack:
            bare = stack.enter_context(running(self.bare_server()))
            server = stack.enter_context(running(self.foodorder()))
            wait_for_members(server, MEMBERS)
            chain = stack.enter_context(self.chain(server))
            place_orders(bare.port, 1, 32)
            chain_run(chain, 32, 1)
            for _ in range(rounds):
                yield "kafka.threads", len(threads(server.process.pid)), len(threads(bare.process.pid))
                yield "kafka.memory", server.resident_bytes(), bare.resident_bytes()
                runs = yield from self.loads(bare, chain, server)
                rates.append(runs[128].rate)
                yield from self.times(bare, server, 50, "50")
                yield from self.times(bare, server, int(max(run.rate for run in runs.values()) / 2), "half")
                yield from self.producers()

    def loads(self, bare, chain, server):
        """The program and its floors by turns. Gives the runs of the program by their connections."""
        runs = {}
        for connections in (32, 128, 256):
            floor = bare_run(bare, self.broker, connections, self.effort.load_seconds)
            if connections <= 128:
                whole = chain_run(chain, connections, self.effort.load_seconds)
            run = runs[connections] = processed([server], self.broker, connections, self.effort.load_seconds)
            yield f"kafka.orders_{connections}", run.rate, floor.rate
            if connections <= 128:
                yield f"kafka.chain_{connections}", run.rate, whole
            yield f"kafka.behind_{connections}", run.behind_seconds, None
            if connections == 128:
                for name, seconds in run.cpu.items():
                    yield f"kafka.cpu_{name}", seconds, floor.cpu[name]
        return runs

    def times(self, bare, server, rate, name):
        floor = paced(self.build, bare, rate, self.effort.paced_seconds, "--no-events")["post"]
        for what, seconds in paced(self.build, server, rate, self.effort.paced_seconds).items():
            for place, percentile in enumerate(("p50", "p99")):
                yield f"kafka.{what}_{name}_{percentile}", seconds[place], floor[place]

    def producers(self):
        bus, bare = self.kafka_bench("--rounds", 1, "--records", self.effort.sent_records)
        yield "kafka.send", bus, bare
        yield "kafka.bare", bare, self.java_producer(5 * self.effort.sent_records)

    def two_processes(self, rates):
        script("console", "topics", "--delete", "--topic", TOPICS)
        with running(self.foodorder()) as first, running(self.foodorder()) as second:
            wait_for_members(first, {group: 2 * count for group, count in MEMBERS.items()})
            processed([first, second], self.broker, 32, 1)
            for rate in rates:
                run = processed([first, second], self.broker, 128, self.effort.load_seconds)
                yield "kafka.two", run.rate, rate

    def notifications(self, rounds):
        """A backlog of orders, and 1, 2 and 4 notification services that are resumed at the same time."""
        for _ in range(rounds):
            with contextlib.ExitStack() as stack:
                members, rates = [], {}
                for count in (1, 2, 4):
                    while len(members) < count:
                        options = ("--modules=notification", f"--instance-id=notification-{len(members) + 1}")
                        members.append(stack.enter_context(running(self.foodorder(*options))))
                    wait_for_members(members[0], {"notification-group": count})
                    rates[count] = self.drained(members)
                    yield f"kafka.notified_by_{count}", rates[count], rates[1] if count > 1 else None

    def drained(self, members):
        backlog = self.effort.backlog_records
        tell_all(members, "pause")
        self.kafka_bench("--write", backlog)
        began = time.monotonic()
        tell_all(members, "resume")
        while members[0].get_json(NOTIFICATION_GROUP)["lag"] > 0:
            if time.monotonic() > began + 120:
                raise Failed(f"{backlog} orders were not all notified within 120 s")
            time.sleep(0.01)
        return backlog / (time.monotonic() - began)


def wait_for_members(server, wanted):
    """`wanted`: how many members each group has to have; together they have all partitions."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        groups = {group["group"]: group for group in server.get_json("/api/bus/groups")}
        if all(name in groups and is_complete(groups[name], count) for name, count in wanted.items()):
            return
        time.sleep(0.1)
    raise Failed(f"the groups have not {wanted} members within 60 s")


def is_complete(group, count):
    owned = [partition for member in group["members"] for partition in member["assignment"]]
    return group["state"] == "Stable" and len(group["members"]) == count and len(owned) > 0


def tell(server, instance, action):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", f"/api/modules/{instance}/{action}", headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status not in (200, 202):
            raise Failed(f"{action} of {instance}: {answer.status} {answer.read().decode()}")


def tell_all(members, action):
    with ThreadPoolExecutor() as callers:
        names = [f"notification-{number + 1}" for number in range(len(members))]
        list(callers.map(functools.partial(tell, action=action), members, names))


def measure(build, rounds, smoke):
    bench = Bench(build, SMOKE if smoke else Effort())
    bench.warm_up()
    rates = []
    yield from bench.one_process(rounds, rates)
    yield from bench.two_processes(rates)
    yield from bench.notifications(rounds)
