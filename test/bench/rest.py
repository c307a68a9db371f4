"""Measures services that call each other, against the same requests and transactions bare.

Yields (row, measured, floor) once a round.
"""

import tempfile
import time
from pathlib import Path

from program import Failed, Process, bare_orders, foodorder, free_port, place_orders, running

CONNECTIONS = 32
AUDIT_AN_ORDER = 3  # created, the verdict, NOTIFIED
CONFIG = '[fraud]\nblockOn = "none"\n'


def bare(build, folder):
    port = free_port()
    return Process([str(build / "test/bench/rest_floor"), str(port), str(folder)], port, "/")


def bare_cost(server, seconds):
    before, cpu_before = bare_orders(server), server.cpu_seconds()
    place_orders(server.port, seconds, CONNECTIONS)
    time.sleep(0.5)  # what follows
    return (server.cpu_seconds() - cpu_before) / (bare_orders(server) - before)


def counts(server):
    topics = {topic["name"]: topic["records"] for topic in server.get_json("/api/bus/topics")}
    return topics["orders"], topics["audit"]


def order_cost(server, seconds):
    """CPU seconds of one order, until the audit service has been told all that follows from it."""
    (orders_before, audit_before), cpu_before = counts(server), server.cpu_seconds()
    place_orders(server.port, seconds, CONNECTIONS)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        orders, audit = counts(server)
        if audit - audit_before == AUDIT_AN_ORDER * (orders - orders_before):
            return (server.cpu_seconds() - cpu_before) / (orders - orders_before)
        time.sleep(0.2)
    raise Failed(f"{orders - orders_before} orders, and {audit - audit_before} records of audit")


def measure(build, rounds, smoke):
    seconds = 1 if smoke else 4
    with tempfile.TemporaryDirectory(dir=build) as folder:
        config = Path(folder) / "foodorder.toml"
        config.write_text(CONFIG)
        for place in ("bare", "program"):
            (Path(folder) / place).mkdir()
        options = ("--architecture=rest", f"--database=sqlite:{folder}/program", f"--config={config}", "--fail-rate=0")
        with running(bare(build, Path(folder) / "bare")) as floor, running(foodorder(build, *options)) as server:
            order_cost(server, 1)  # connections and caches
            bare_cost(floor, 1)
            for _ in range(rounds):
                least = bare_cost(floor, seconds)
                yield "rest.cpu", order_cost(server, seconds), least
