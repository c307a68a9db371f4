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


MICROSECONDS = (1e6, "us")
MILLISECONDS = (1e3, "ms")
MILLIONS = (1e-6, "M/s")
MEGABYTES = (1 / 2**20, "MB")
PERCENT = (100, "%")
TIMES = (1, "x")

HALF_THE_RATE = ratio_at_least(0.5)
GIVEN_BACK = Goal(">= 90 %", lambda measured, floor, ratio: measured >= 0.9)

KINDS = {
    "orders.cpu": Kind("a", "CPU of an order, all that follows included", *MICROSECONDS, ratio_at_most(3)),
    "bus.groups_1": Kind("b", "bus: appended, delivered to 1 group", *MILLIONS, HALF_THE_RATE),
    "bus.groups_2": Kind("b", "bus: appended, delivered to 2 groups", *MILLIONS, HALF_THE_RATE),
    "bus.groups_4": Kind("b", "bus: appended, delivered to 4 groups", *MILLIONS, HALF_THE_RATE),
    "fanout.readers_1": Kind("c", "SSE with a backlog, 1 reader", *MILLIONS),
    "fanout.readers_100": Kind("c", "SSE with a backlog, 100 readers", *MILLIONS),
    "fanout.readers_1000": Kind("c", "SSE with a backlog, 1,000 readers", *MILLIONS, ratio_at_least(5)),
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
    "fraud.given_back_heap": Kind("e", "given back to the allocator by a window passed", *PERCENT, GIVEN_BACK),
    "fraud.given_back_resident": Kind("e", "given back to the system by a window passed", *PERCENT, GIVEN_BACK),
}


@dataclass
class Row:
    name: str
    measured: list = field(default_factory=list)
    floor: list = field(default_factory=list)

    @property
    def kind(self):
        return KINDS[self.name]

    def ratios(self):
        return [measured / floor for measured, floor in zip(self.measured, self.floor)]

    def reached(self):
        """True, False, or None for a row without a goal."""
        goal = self.kind.goal
        return goal and goal.reached(median(self.measured), median(self.floor), median(self.ratios()))

    def as_json(self):
        return {
            "name": self.name,
            "item": self.kind.item,
            "text": self.kind.text,
            "measured": median(self.measured),
            "floor": median(self.floor),
            "ratio": median(self.ratios()),
            "ratioMin": min(self.ratios()),
            "ratioMax": max(self.ratios()),
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
    return [
        kind.item,
        kind.text,
        f"{number(median(row.measured) * kind.factor)} {kind.unit}",
        f"{number(median(row.floor) * kind.factor)} {kind.unit}",
        number(median(ratios)),
        f"{number(min(ratios))}..{number(max(ratios))}",
        goal,
        verdict,
    ]


def render(rows):
    """A table that is Markdown as well."""
    lines = [["", "what", "measured", "floor", "ratio", "of rounds", "goal", ""], *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths)) + " |" for line in lines)
