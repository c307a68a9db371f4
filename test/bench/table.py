"""What the rounds of a benchmark say: medians, ratios, goals; as a table and as JSON."""

from dataclasses import dataclass, field
from statistics import median
from typing import Callable, Optional


@dataclass(frozen=True)
class Goal:
    """`reached` is asked with the medians of what was measured, of the floor, and of the ratio of each round."""

    text: str
    reached: Callable[[float, float, float], bool]


def ratio_at_most(limit):
    return Goal(f"<= {limit:g} x", lambda measured, floor, ratio: ratio <= limit)


def ratio_at_least(limit):
    return Goal(f">= {limit:g} x", lambda measured, floor, ratio: ratio >= limit)


@dataclass(frozen=True)
class Kind:
    """What a row is: its place in the table, its words, its unit (a factor and its name), and its goal if it has one."""

    item: str
    text: str
    factor: float
    unit: str
    goal: Optional[Goal] = None


A_SECOND = (1, "/s")
COUNT = (1, "")
THOUSANDS = (1e-3, "k")
NANOSECONDS = (1e9, "ns")
MICROSECONDS = (1e6, "us")
MILLISECONDS = (1e3, "ms")
MILLIONS = (1e-6, "M/s")
MEGABYTES = (1 / 2**20, "MB")
PERCENT = (100, "%")
TIMES = (1, "x")

SECONDS = (1, "s")

HALF_THE_RATE = ratio_at_least(0.5)

def at_most_thousand(limit):
    return Goal(f"<= {limit} k", lambda measured, floor, ratio: measured <= limit * 1000)


LAG_BOUNDED = Goal("<= 1 s", lambda measured, floor, ratio: measured <= 1)
GIVEN_BACK = Goal(">= 90 %", lambda measured, floor, ratio: measured >= 0.9)

KINDS = {
    "orders.cpu_1000": Kind(
        "a", "CPU of an order and all that follows, 1,000 in the log", *MICROSECONDS, ratio_at_most(4)
    ),
    "orders.cpu_100000": Kind(
        "a", "CPU of an order and all that follows, 100,000 in it", *MICROSECONDS, ratio_at_most(4)
    ),
    "bus.groups_1": Kind(
        "b",
        "bus: a record appended, delivered to 1 group; to a deque",
        *NANOSECONDS,
        Goal("<= 100 ns", lambda measured, floor, ratio: measured <= 100e-9),
    ),
    "bus.groups_2": Kind("b", "the same, to 2 groups", *NANOSECONDS),
    "bus.groups_4": Kind("b", "the same, to 4 groups", *NANOSECONDS),
    "bus.log_1": Kind("b", "bus: the same to 1 group; to a deque kept as a log", *NANOSECONDS, ratio_at_most(2)),
    "bus.log_2": Kind("b", "the same, to 2 groups", *NANOSECONDS, ratio_at_most(2)),
    "bus.log_4": Kind("b", "the same, to 4 groups", *NANOSECONDS, ratio_at_most(2)),
    "fanout.readers_1": Kind("c", "SSE with a backlog, 1 reader", *MILLIONS),
    "fanout.readers_100": Kind("c", "SSE with a backlog, 100 readers", *MILLIONS),
    "fanout.readers_1000": Kind("c", "SSE with a backlog, 1,000 readers", *MILLIONS, ratio_at_least(15)),
    "fanout.alone_1": Kind(
        "c",
        "SSE: one event alone, 1 reader has it",
        *MILLISECONDS,
        Goal("<= +1 ms", lambda measured, floor, ratio: measured - floor <= 0.001),
    ),
    "fanout.alone_1000": Kind("c", "SSE: one event alone, all 1,000 have it", *MILLISECONDS),
    "start.ready": Kind(
        "d", "from start to ready", *MILLISECONDS, Goal("<= 100 ms", lambda measured, floor, ratio: measured <= 0.1)
    ),
    "start.cpu": Kind("d", "CPU of it", *MILLISECONDS),
    "start.idle_memory": Kind(
        "d",
        "resident memory when idle",
        *MEGABYTES,
        Goal("<= 50 MB", lambda measured, floor, ratio: measured <= 50 * 2**20),
    ),
    "fraud.few": Kind("e", "fraud windows: an order, 1,000 customers", *MICROSECONDS),
    "fraud.many": Kind("e", "fraud windows: an order, 1,000,000 customers", *MICROSECONDS),
    "fraud.growth": Kind("e", "fraud windows: growth of the cost by customers", *TIMES, ratio_at_most(1.5)),
    "fraud.given_back_resident": Kind("e", "given back to the system by a window passed", *PERCENT, GIVEN_BACK),
    "monolith.orders_process": Kind("m", "orders processed, 32 connections, durability process", *A_SECOND, HALF_THE_RATE),
    "monolith.orders_power": Kind("m", "orders processed, 32 connections, durability power", *A_SECOND, HALF_THE_RATE),
    "monolith.shared": Kind("m", "the same, to one commit for each order", *A_SECOND, ratio_at_least(4)),
    "monolith.post_50": Kind(
        "m", "POST, 50 a second, durability power: p50, to an fdatasync", *MILLISECONDS, ratio_at_most(1.5)
    ),
    "monolith.start": Kind(
        "m",
        "from start to ready, 100,000 orders",
        *MILLISECONDS,
        Goal("<= 300 ms", lambda measured, floor, ratio: measured <= 0.3),
    ),
    "rest.cpu": Kind("r", "CPU of an order over REST, all that follows included", *MICROSECONDS, ratio_at_most(1.5)),
    **{
        f"claim.{query}_{age}": Kind("w", f"highest rate, {query}, after {age}", *A_SECOND)
        for age in ("hour", "day", "week")
        for query in ("scan", "indexed", "counted")
    },
    "orders.instructions_64": Kind("n", "instructions of an order, 64 connections", *THOUSANDS, at_most_thousand(115)),
    "orders.instructions_6": Kind("n", "instructions of an order, 6 connections", *THOUSANDS, at_most_thousand(140)),
    "orders.instructions_1": Kind("n", "instructions of an order, 1 connection", *THOUSANDS, at_most_thousand(190)),
    "search.rate": Kind("i", "inspector: 1,000,000 records filtered", *MILLIONS),
    "search.first_row": Kind(
        "i",
        "inspector: the first row is there",
        *MILLISECONDS,
        Goal("<= 200 ms", lambda measured, floor, ratio: measured <= 0.2),
    ),
    "search.memory": Kind(
        "i",
        "inspector: resident memory that it adds",
        *MEGABYTES,
        Goal("<= 32 MB", lambda measured, floor, ratio: measured <= 32 * 2**20),
    ),
    "search.post_p99": Kind(
        "i",
        "inspector: p99 of POST meanwhile, 50 a second",
        *MILLISECONDS,
        Goal("<= 100 ms", lambda measured, floor, ratio: measured <= 0.1),
    ),
    "kafka.orders_32": Kind("k", "orders fully processed, 32 connections", *A_SECOND, ratio_at_least(0.35)),
    "kafka.orders_128": Kind("k", "orders fully processed, 128 connections", *A_SECOND, ratio_at_least(0.33)),
    "kafka.orders_256": Kind("k", "orders fully processed, 256 connections", *A_SECOND),
    "kafka.chain_32": Kind("k", "the same, to a bare chain of 6 records, 32 connections", *A_SECOND, ratio_at_least(1)),
    "kafka.chain_128": Kind("k", "the same, to a bare chain of 6 records, 128 connections", *A_SECOND, ratio_at_least(1)),
    "kafka.behind_32": Kind("k", "the group furthest behind, 32 connections", *SECONDS, LAG_BOUNDED),
    "kafka.behind_128": Kind("k", "the group furthest behind, 128 connections", *SECONDS, LAG_BOUNDED),
    "kafka.behind_256": Kind("k", "the group furthest behind, 256 connections", *SECONDS, LAG_BOUNDED),
    "kafka.post_50_p50": Kind("k", "POST, 50 a second: p50", *MILLISECONDS),
    "kafka.post_50_p99": Kind(
        "k",
        "POST, 50 a second: p99",
        *MILLISECONDS,
        Goal("<= 10 ms", lambda measured, floor, ratio: measured <= 0.01),
    ),
    "kafka.notified_50_p50": Kind(
        "k",
        "POST to NOTIFIED, 50 a second: p50",
        *MILLISECONDS,
        Goal("< 3 ms", lambda measured, floor, ratio: measured < 0.003),
    ),
    "kafka.notified_50_p99": Kind("k", "POST to NOTIFIED, 50 a second: p99", *MILLISECONDS),
    "kafka.post_half_p50": Kind("k", "POST, half of the most: p50", *MILLISECONDS),
    "kafka.post_half_p99": Kind("k", "POST, half of the most: p99", *MILLISECONDS),
    "kafka.notified_half_p50": Kind("k", "POST to NOTIFIED, half of the most: p50", *MILLISECONDS),
    "kafka.notified_half_p99": Kind("k", "POST to NOTIFIED, half of the most: p99", *MILLISECONDS),
    "kafka.cpu_loop": Kind("k", "CPU of an order: our thread", *MICROSECONDS),
    "kafka.cpu_librdkafka": Kind("k", "CPU of an order: librdkafka's threads", *MICROSECONDS),
    "kafka.cpu_broker": Kind("k", "CPU of an order: the broker", *MICROSECONDS),
    "kafka.threads": Kind("k", "threads", *COUNT),
    "kafka.memory": Kind("k", "resident memory", *MEGABYTES),
    "kafka.send": Kind("k", "bus: records sent and acknowledged", *A_SECOND, HALF_THE_RATE),
    "kafka.bare": Kind("k", "the bare producer, to Kafka's ProducerPerformance", *A_SECOND),
    "kafka.two": Kind("k", "orders over 2 processes, to 1", *A_SECOND),
    "kafka.notified_by_1": Kind("k", "a backlog notified by 1 process", *A_SECOND),
    "kafka.notified_by_2": Kind("k", "a backlog notified by 2 processes, to 1", *A_SECOND),
    "kafka.notified_by_4": Kind("k", "a backlog notified by 4 processes, to 1", *A_SECOND),
}


@dataclass
class Row:
    """`floor` has a figure for each of `measured`, or only None where there is no floor."""

    name: str
    measured: list = field(default_factory=list)
    floor: list = field(default_factory=list)

    @property
    def kind(self):
        return KINDS[self.name]

    def has_floor(self):
        return None not in self.floor

    def median_floor(self):
        return median(self.floor) if self.has_floor() else None

    def ratios(self):
        return [measured / floor for measured, floor in zip(self.measured, self.floor)] if self.has_floor() else []

    def median_ratio(self):
        return median(self.ratios()) if self.has_floor() else None

    def reached(self):
        """True, False, or None for a row without a goal."""
        goal = self.kind.goal
        return goal and goal.reached(median(self.measured), self.median_floor(), self.median_ratio())

    def as_json(self):
        return {
            "name": self.name,
            "item": self.kind.item,
            "text": self.kind.text,
            "measured": median(self.measured),
            "floor": self.median_floor(),
            "ratio": self.median_ratio(),
            "ratioMin": min(self.ratios(), default=None),
            "ratioMax": max(self.ratios(), default=None),
            "goal": self.kind.goal.text if self.kind.goal else None,
            "reached": self.reached(),
            "rounds": [{"measured": m, "floor": f} for m, f in zip(self.measured, self.floor)],
        }


def number(value):
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:.{digits}f}"


def cells(row):
    kind, ratios = row.kind, row.ratios()
    goal = kind.goal.text if kind.goal else ""
    verdict = {True: "met", False: "missed", None: ""}[row.reached()]

    def with_unit(value):
        return f"{number(value * kind.factor)} {kind.unit}".rstrip()

    return [
        kind.item,
        kind.text,
        with_unit(median(row.measured)),
        with_unit(row.median_floor()) if ratios else "",
        number(row.median_ratio()) if ratios else "",
        f"{number(min(ratios))}..{number(max(ratios))}" if ratios else "",
        goal,
        verdict,
    ]


def render(rows):
    """A table that is Markdown as well."""
    lines = [["", "what", "measured", "floor", "ratio", "of rounds", "goal", ""], *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths)) + " |" for line in lines)
