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
CONNECTIONS = 64
ORDERS_THERE = (1_000, 100_000)  # before an order is measured
MEASURED_ORDERS = 10_000
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
        """Of all threads that live, to the nanosecond: /proc/PID/stat knows only ticks of 10 ms."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) * 1e-9

    def _main_thread_cpu_seconds(self):
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


def options(port):
    return [f"--port={port}", "--inspector-port=0"]


def foodorder(build, *more):
    port = free_port()
    return Process([str(build / "foodorder"), *options(port), *more], port, "/readyz")


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


def place_orders(port, seconds, connections=CONNECTIONS, orders_max=None):
    """Lets wrk POST orders over connections that are kept alive. After `orders_max` it sends no more, but still takes
    its seconds."""
    url = f"http://127.0.0.1:{port}/api/orders"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(HERE / "post_orders.lua"), url]
    environment = {**os.environ, "ORDERS_MAX": str(orders_max or "")}
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
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


def seconds_for(orders):
    """Long enough for so many orders where the machine is not too busy."""
    return 1 + orders // 8000


def fill(server, orders, count):
    """Places orders until there are so many, or a few more. `count(server)` tells how many there are."""
    while (missing := orders - count(server)) > 0:
        place_orders(server.port, seconds_for(missing), orders_max=missing + CONNECTIONS)  # the last ones may be lost


def orders_in_log(server):
    return end_offsets(server)["orders"]


def bare_orders(server):
    return int(server.get("/")[1].split()[0])


def order_cost(server, orders):
    """CPU seconds of one order, all that follows from it included."""
    wait_for_lag_zero(server)
    before, cpu_before = end_offsets(server), server.cpu_seconds()
    place_orders(server.port, seconds_for(orders), orders_max=orders)
    wait_for_lag_zero(server)
    cpu = server.cpu_seconds() - cpu_before
    written = {topic: end - before[topic] for topic, end in end_offsets(server).items()}
    placed = written["orders"]
    if placed == 0 or written != {topic: count * placed for topic, count in RECORDS_AN_ORDER.items()}:
        raise Failed(f"an order is not {RECORDS_AN_ORDER}: {written}")
    return cpu / placed


def bare_cost(server, orders):
    before, cpu_before = bare_orders(server), server.cpu_seconds()
    place_orders(server.port, seconds_for(orders), orders_max=orders)
    return (server.cpu_seconds() - cpu_before) / (bare_orders(server) - before)


def measure_orders(build, rounds, smoke):
    """What an order costs where so many are there already. Each round has processes of its own: a log only grows."""
    for _ in range(rounds):
        with running(bare_server(build)) as bare, running(foodorder(build, "--fail-rate=0")) as server:
            read_events(server.port)
            for there in ORDERS_THERE:
                orders_there, measured = (there // 100, 100) if smoke else (there, MEASURED_ORDERS)
                fill(bare, orders_there, bare_orders)
                fill(server, orders_there, orders_in_log)
                floor = bare_cost(bare, measured)
                yield f"orders.cpu_{there}", order_cost(server, measured), floor


def measure_start(build, rounds, idle_seconds):
    for _ in range(rounds):
        with running(bare_server(build)) as bare, running(foodorder(build)) as server:
            yield "start.ready", server.ready_seconds, bare.ready_seconds
            yield "start.cpu", server.ready_cpu_seconds, bare.ready_cpu_seconds
            time.sleep(idle_seconds)
            yield "start.idle_memory", server.resident_bytes(), bare.resident_bytes()
