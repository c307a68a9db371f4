"""A scan of a long topic: by the inspector over HTTP, by `foodorder consume`, and by `kcat | jq`, on the same broker.

    script/bench scan                                     on a broker of its own
    python3 test/bench/scan.py [--build DIR] [--records N] [--rounds N]    on the one at KAFKA_BROKER

They take turns and must find the same records. Prints the medians of wall time, and what the server's memory grew by.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import program
from kafka import script
from program import Failed, running

TOPIC = "bench-scan"
FILTER = "order.price > 90 and order.quantity == 2"
JQ = 'select(.payload | fromjson | .order.price > 90 and .order.quantity == 2)'


def order(number):
    """A record of `orders`, as the program writes it; one of 40 is found."""
    return json.dumps({
        "action": "created",
        "order": {
            "id": f"{number:08d}-0000-4000-8000-000000000000", "customerName": f"Guest {number % 50}", "item": "Pizza",
            "quantity": number % 4 + 1, "price": number % 100 + 0.5, "createdAt": "2026-11-29T05:00:00.000Z"},
        "previous": None, "at": "2026-11-29T05:00:00.000Z"})


def fill(records):
    """Kafka's own producer picks each record from a file of 20,000, which is written here."""
    script("console", "topics", "--create", "--topic", TOPIC, "--partitions", "3")
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as payloads:
        payloads.write("\n".join(order(number) for number in range(20_000)))
        payloads.flush()
        script("console", "performance", "--topic", TOPIC, "--num-records", str(records), "--throughput", "-1",
               "--payload-file", payloads.name, "--producer-props", "batch.size=65536", "linger.ms=5")


class Memory:
    """The most that a process holds while this runs, looked at 20 times a second."""

    def __init__(self, server):
        self.server, self.before, self.most, self.ended = server, server.resident_bytes(), 0, threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self):
        while not self.ended.wait(0.05):
            self.most = max(self.most, self.server.resident_bytes())

    def growth(self):
        self.ended.set()
        self.thread.join()
        return self.most - self.before


def over_http(server):
    """Found records, seconds to the first of them, seconds to the end."""
    began, first, found, last = time.monotonic(), None, 0, b""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("GET", f"/api/bus/topics/{TOPIC}/messages?stream&from=oldest&filter={quote(FILTER)}")
    for line in connection.getresponse():
        if b'"offset":' in line and not line.startswith((b'{"progress"', b'{"begin"', b'{"end"')):
            first = first or time.monotonic() - began
            found += 1
        last = line
    if b'"end"' not in last:
        raise Failed(f"the stream ended with {last!r}")
    return found, first, time.monotonic() - began


def command(line):
    """Found records, seconds."""
    began = time.monotonic()
    answer = subprocess.run(["bash", "-o", "pipefail", "-c", line], stdout=subprocess.PIPE, check=False)
    if answer.returncode != 0:
        raise Failed(f"{line} ended with {answer.returncode}")
    return answer.stdout.count(b"\n"), time.monotonic() - began


def measure(build, records, rounds):
    brokers = os.environ.get("KAFKA_BROKER", "localhost:29092")
    fill(records)
    consume = f"'{build}/foodorder' consume --bus=kafka --brokers={brokers} -t {TOPIC} -o beginning -e -q"
    kcat = f"kcat -C -b {brokers} -t {TOPIC} -o beginning -e -q -J"
    figures = {name: [] for name in ("inspector", "first row", "grown by", "consume", "kcat | jq")}
    with running(program.foodorder(build, "--bus=kafka", f"--brokers={brokers}", "--modules=audit")) as server:
        over_http(server)  # what a server holds once and for all is no growth
        for _ in range(rounds):
            memory = Memory(server)
            found, first, took = over_http(server)
            figures["grown by"].append(memory.growth() / 1e6)
            figures["inspector"].append(took)
            figures["first row"].append(first)
            by_consume, took = command(f"{consume} --filter '{FILTER}'")
            figures["consume"].append(took)
            by_jq, took = command(f"{kcat} | jq -c '{JQ}'")
            figures["kcat | jq"].append(took)
            if not found == by_consume == by_jq:
                raise Failed(f"found {found}, {by_consume} and {by_jq} records")
    return found, {name: statistics.median(values) for name, values in figures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=Path("build/release"))
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    try:
        found, medians = measure(arguments.build.resolve(), arguments.records, arguments.rounds)
    except Failed as failed:
        sys.exit(f"scan: {failed}")
    print(f"{arguments.records} records, {found} found, medians of {arguments.rounds}:")
    for name in ("inspector", "consume", "kcat | jq"):
        took = medians[name]
        print(f"  {name:10} {took:6.2f} s  {arguments.records / took:9.0f} records/s  "
              f"{medians['kcat | jq'] / took:5.2f} x kcat | jq")
    print(f"  the inspector's first row after {1000 * medians['first row']:.0f} ms, "
          f"its server's memory grew by {medians['grown by']:.1f} MB")


if __name__ == "__main__":
    main()
