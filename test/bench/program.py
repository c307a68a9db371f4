"""Measures the program from outside: what an order costs, how long a start takes, what it holds when nothing happens.

Each function yields (row, measured, floor) once a round, as the C++ drivers beside it print.
"""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
RECORDS_AN_ORDER = {"orders": 1, "order-status": 1, "audit": 4, "orders-dlq": 0}  # when no notification fails


class Failed(Exception):
    """A run that says nothing: what was measured is not what should have happened."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Process:
    """A server under measurement, on a port of its own."""

    def __init__(self, command, port, ready_path):
        self.port = port
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            self._wait_until_ready(ready_path)
        except Failed:
            self.stop()
            raise
        self.ready_seconds = time.monotonic() - self.started_at
        self.ready_cpu_seconds = self._main_thread_cpu_seconds()

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def get_json(self, path):
        status, body = self.get(path)
        if status != 200:
            raise Failed(f"GET {path} gave {status}")
        return json.loads(body)

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND

    def _main_thread_cpu_seconds(self):
        """To the nanosecond, where cpu_seconds() knows only ticks of 10 ms."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0]) * 1e-9

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait_until_ready(self, path):
        while time.monotonic() < self.started_at + 30:
            if self.process.poll() is not None:
                raise Failed(f"{self.process.args[0]} has ended with {self.process.returncode}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get(path)[0] == 200:
                    return
            time.sleep(0.001)
        raise Failed(f"{self.process.args[0]} was not ready within 30 s")


@contextlib.contextmanager
def running(process):
    try:
        yield process
    finally:
        process.stop()


def foodorder(build, *options):
    port = free_port()
    command = [str(build / "foodorder"), f"--port={port}", "--inspector-port=0", *options]
    return Process(command, port, "/readyz")


def bare_server(build):
    port = free_port()
    return Process([str(build / "test/bench/order_floor"), str(port)], port, "/")


def read_events(port):
    """One reader of /events, until the server closes."""
    reader = socket.create_connection(("127.0.0.1", port))
    reader.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
    if not reader.recv(4096).startswith(b"HTTP/1.1 200"):
        raise Failed("GET /events was refused")

    def drain():
        with contextlib.suppress(OSError):
            while reader.recv(1 << 18):
                pass

    threading.Thread(target=drain, daemon=True).start()


def place_orders(port, seconds, connections=64):
    """Lets wrk POST orders over connections that are kept alive."""
    url = f"http://127.0.0.1:{port}/api/orders"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(HERE / "post_orders.lua"), url]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    wrong = re.search(r"Non-2xx.*|Socket errors.*", answer.stdout)
    if wrong:
        raise Failed(f"wrk: {wrong[0]}")


def end_offsets(server):
    def end(topic):
        return sum(partition["endOffset"] for partition in server.get_json(f"/api/bus/topics/{topic}")["partitions"])

    return {topic: end(topic) for topic in RECORDS_AN_ORDER}


def wait_for_lag_zero(server, look_seconds=0.1):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        groups = server.get_json("/api/bus/groups")
        if sum(partition["lag"] for group in groups for partition in group["partitions"]) == 0:
            return
        time.sleep(look_seconds)
    raise Failed("the groups have not read everything within 120 s")


def order_cost(server, seconds):
    """CPU seconds of one order, all that follows from it included."""
    before, cpu_before = end_offsets(server), server.cpu_seconds()
    place_orders(server.port, seconds)
    wait_for_lag_zero(server)
    cpu = server.cpu_seconds() - cpu_before
    written = {topic: end - before[topic] for topic, end in end_offsets(server).items()}
    orders = written["orders"]
    if orders == 0 or written != {topic: count * orders for topic, count in RECORDS_AN_ORDER.items()}:
        raise Failed(f"an order is not {RECORDS_AN_ORDER}: {written}")
    return cpu / orders


def bare_cost(server, seconds):
    before, cpu_before = int(server.get("/")[1]), server.cpu_seconds()
    place_orders(server.port, seconds)
    return (server.cpu_seconds() - cpu_before) / (int(server.get("/")[1]) - before)


def measure_orders(build, rounds, seconds):
    with running(bare_server(build)) as bare, running(foodorder(build, "--fail-rate=0")) as server:
        read_events(server.port)
        for _ in range(rounds):
            floor = bare_cost(bare, seconds)
            yield "orders.cpu", order_cost(server, seconds), floor


def measure_start(build, rounds, idle_seconds):
    for _ in range(rounds):
        with running(bare_server(build)) as bare, running(foodorder(build)) as server:
            yield "start.ready", server.ready_seconds, bare.ready_seconds
            yield "start.cpu", server.ready_cpu_seconds, bare.ready_cpu_seconds
            time.sleep(idle_seconds)
            yield "start.idle_memory", server.resident_bytes(), bare.resident_bytes()
