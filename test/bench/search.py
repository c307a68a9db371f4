"""Measures the inspector on the memory bus while it searches a large topic: its own pace, its memory, and what others notice of it.

Yields (row, measured, floor) once a round. The floor of a latency is the same without a scan.
"""

import contextlib
import http.client
import json
import subprocess
import tempfile
import threading
import time

import program
from program import Failed, running

TOPIC = "audit"
MESSAGES = f"/api/bus/topics/{TOPIC}/messages"
BATCH_RECORDS = 10_000
POSTS_A_SECOND = 50
# One record in a hundred.
SCAN = MESSAGES + "?stream&from=oldest&filter=order.price%20%3E%3D%2099%20and%20retryCount%20%3E%3D%201"


def fill(server, records):
    """Writes the records that are scanned, over HTTP as an import does."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection):
        for first in range(0, records, BATCH_RECORDS):
            lines = (
                json.dumps(
                    {
                        "key": f"order-{n}",
                        "value": {"action": "created", "order": {"price": n % 100, "item": "Ramen"}},
                        "headers": [{"name": "retryCount", "value": "1"}],
                    }
                )
                for n in range(first, min(first + BATCH_RECORDS, records))
            )
            connection.request("POST", MESSAGES, "\n".join(lines), {"Content-Type": "application/x-ndjson"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 201:
                raise Failed(f"POST {MESSAGES} gave {answer.status}: {body[:200]}")


class Scan(threading.Thread):
    """Reads scans from their begin to their end, one after the other, until it is stopped."""

    def __init__(self, server, target=SCAN, once=False):
        super().__init__(daemon=True)
        self.server = server
        self.target = target
        self.once = once
        self.stopped = threading.Event()
        self.first_row_seconds = []
        self.seconds = []
        self.shown = 0
        self.failure = None

    def run(self):
        try:
            while not self.stopped.is_set():
                self.scan()
                if self.once:
                    return
        except (OSError, http.client.HTTPException, ValueError) as failure:
            self.failure = failure

    def scan(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        began = time.monotonic()
        rows = 0
        with contextlib.closing(connection):
            connection.request("GET", self.target)
            answer = connection.getresponse()
            for line in answer:
                if b'"offset":' in line and b'"topic":' in line and line.startswith(b'{"topic"'):
                    if rows == 0:
                        self.first_row_seconds.append(time.monotonic() - began)
                    rows += 1
                if self.stopped.is_set():
                    return
        if not line.startswith(b'{"end"'):
            raise ValueError(f"a scan ended with {line[:200]}")
        self.seconds.append(time.monotonic() - began)
        self.shown = rows

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()
        if self.failure:
            raise Failed(f"a scan broke off: {self.failure}")


def memory_growth(server):
    """How much larger the server was at most while one scan ran."""
    before = most = server.resident_bytes()
    with Scan(server, once=True) as scan:
        while scan.is_alive():
            most = max(most, server.resident_bytes())
            time.sleep(0.02)
    return most - before, scan


def post_p99(build, server, seconds):
    command = [
        str(build / "test/bench/order_client"),
        str(server.port),
        str(POSTS_A_SECOND),
        str(seconds),
        "--no-events",
    ]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        raise Failed(f"order_client: {answer.stderr.strip()}")
    return float(answer.stdout.split()[2])


def measure(build, rounds, smoke):
    records = 20_000 if smoke else 1_000_000
    seconds = 1 if smoke else 8
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write("[bus]\nretentionBytes = 1073741824\n")  # a million records are more than the default keeps
        config.flush()
        options = ("--fail-rate=0", "--modules=order", f"--config={config.name}")
        yield from scan_rounds(program.foodorder(build, *options), build, rounds, records, seconds)


def scan_rounds(process, build, rounds, records, seconds):
    with running(process) as server:
        fill(server, records)
        for _ in range(rounds):
            grown, scan = memory_growth(server)
            if scan.shown != records // 100:
                raise Failed(f"a scan has shown {scan.shown} of {records // 100} records")
            yield "search.rate", records / scan.seconds[0], None
            yield "search.first_row", scan.first_row_seconds[0], None
            yield "search.memory", grown, None
            alone = post_p99(build, server, seconds)
            with Scan(server):
                yield "search.post_p99", post_p99(build, server, seconds), alone
