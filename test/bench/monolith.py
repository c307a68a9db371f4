"""Measures the monolith on files of its own, against a loop that commits the same transactions.

Yields (row, measured, floor) once a round; floor is None where there is none.
"""

import contextlib
import subprocess
import tempfile
import time
from pathlib import Path

from program import Failed, foodorder, place_orders, running

START_ORDERS = 100_000
AGES = {"hour": 360_000, "day": 8_640_000, "week": 60_480_000}  # orders at 100 a second
CONFIG = '[fraud]\nblockOn = "none"\n'


class Bench:
    """A folder, and what is measured in it."""

    def __init__(self, build, folder, seconds):
        self.build = build
        self.folder = Path(folder)
        self.seconds = seconds
        self.files = 0
        self.config = self.folder / "foodorder.toml"
        self.config.write_text(CONFIG)

    def new_file(self):
        self.files += 1
        return self.folder / f"{self.files}.db"

    def floor(self, *arguments):
        answer = subprocess.run(
            [str(self.build / "test/bench/database_floor"), *map(str, arguments)], capture_output=True, text=True
        )
        if answer.returncode != 0:
            raise Failed(answer.stderr.strip())
        return float(answer.stdout) if answer.stdout else None

    @contextlib.contextmanager
    def monolith(self, file, durability, *options):
        options = (f"--database=sqlite:{file}", f"--durability={durability}", "--fail-rate=0", *options)
        with running(foodorder(self.build, "--architecture=monolith", f"--config={self.config}", *options)) as server:
            yield server

    def processed(self, durability, connections):
        """Orders a second, from the first request until the last job is done."""
        with self.monolith(self.new_file(), durability) as server:
            place_orders(server.port, 1, connections)
            wait_for_jobs(server)
            before, began = orders_in(server), time.monotonic()
            place_orders(server.port, self.seconds, connections)
            wait_for_jobs(server)
            return (orders_in(server) - before) / (time.monotonic() - began)

    def rates(self):
        for durability in ("process", "power"):
            floor = self.floor("orders", self.new_file(), durability, 32, self.seconds)
            measured = self.processed(durability, 32)
            yield f"monolith.orders_{durability}", measured, floor
        single = self.floor("place", self.new_file(), "power", "indexed", 1, self.seconds)
        yield "monolith.shared", measured, single

    def posts(self):
        sync = self.floor("sync", self.new_file(), self.seconds)
        with self.monolith(self.new_file(), "power") as server:
            command = [self.build / "test/bench/order_client", server.port, 50, self.seconds, "--no-events"]
            answer = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
            yield "monolith.post_50", float(answer.stdout.split()[1]), sync

    def start(self, file):
        with self.monolith(file, "process") as server:
            if orders_in(server) < START_ORDERS:
                raise Failed("the prepared orders are not there")
            yield "monolith.start", server.ready_seconds, None


def orders_in(server):
    topics = {topic["name"]: topic for topic in server.get_json("/api/bus/topics")}
    return topics["orders"]["records"]


def wait_for_jobs(server):
    deadline = time.monotonic() + 120
    while server.get_json("/api/jobs?limit=1"):
        if time.monotonic() > deadline:
            raise Failed("the jobs were not all done within 120 s")
        time.sleep(0.005)


def measure(build, rounds, smoke):
    with tempfile.TemporaryDirectory(dir=build) as folder:
        bench = Bench(build, folder, 1 if smoke else 4)
        filled = bench.new_file()
        if not smoke:
            bench.floor("fill", filled, START_ORDERS)
        for _ in range(rounds):
            yield from bench.rates()
            yield from bench.posts()
            if not smoke:
                yield from bench.start(filled)


def claim(build, ages, seconds):
    """The highest rate of each fraud query, as the table is after an hour, a day and a week at 100 orders a second."""
    with tempfile.TemporaryDirectory(dir=build) as folder:
        bench = Bench(build, folder, seconds)
        for age in ages:
            file = bench.new_file()
            bench.floor("history", file, AGES[age])
            for query in ("scan", "indexed", "counted"):
                yield f"claim.{query}_{age}", bench.floor("place", file, "process", query, 1, seconds), None
            for part in Path(folder).glob(f"{file.name}*"):
                part.unlink()
