"""Counts the instructions of an order by callgrind: exact where seconds are not, so that two commits can be compared.

A run places orders, one at a time on each of its connections, and waits until all groups have read everything. What an
order costs is the difference of a long run and a short one that lasts as long: the start and the end of the program
fall out, and what it does each second whether there are orders or not.
"""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import program

TOGETHER = {64: (640, 3840), 6: (120, 1200), 1: (40, 400)}  # connections: orders of the short run and of the long one


class Poster:
    """Connections of which each places an order at the same time."""

    def __init__(self, port, connections):
        self.port = port
        self.sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
        self.placed = 0

    def place(self, orders):
        for _ in range(orders // len(self.sockets)):
            for connection in self.sockets:
                connection.sendall(self._request())
            for connection in self.sockets:
                self._read_answer(connection)

    def close(self):
        for connection in self.sockets:
            connection.close()

    def _request(self):
        self.placed += 1
        body = (
            f'{{"customerName":"Customer {self.placed % 5000}","item":"Margherita",'
            f'"quantity":{self.placed % 4 + 1},"price":{self.placed % 30 + 3}.25}}'
        )
        head = f"POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    @staticmethod
    def _read_answer(connection):
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = connection.recv(4096)
            if not piece:
                raise program.Failed("the program has closed a connection")
            answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 201"):
            raise program.Failed(f"an order was refused: {answer.decode()}")
        missing = int(re.search(rb"(?i)content-length: (\d+)", head)[1]) - len(body)
        while missing > 0:
            missing -= len(connection.recv(missing))


def counted(command, port, ready_path, connections, orders, seconds=0.0):
    """The instructions of a whole run: start, orders and what follows from them, end. It lasts `seconds` at least from
    its first order on; how long it took is given, too."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "profile"
        callgrind = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}"]
        with program.running(program.Process([*callgrind, *command], port, ready_path)) as server:
            if ready_path == "/readyz":
                program.read_events(port)
            poster = Poster(port, connections)
            began = time.monotonic()
            poster.place(orders)
            if ready_path == "/readyz":
                program.wait_for_lag_zero(server)
            poster.close()
            lasted = time.monotonic() - began
            time.sleep(max(0.0, seconds - lasted))
        totals = re.search(r"^(?:totals|summary): (\d+)", profile.read_text(), re.MULTILINE)
        if not totals:
            raise program.Failed("callgrind has counted nothing")
        return int(totals[1]), lasted


def of_an_order(command_on, ready_path, connections, smoke):
    few, many = TOGETHER[connections]
    if smoke:
        few, many = connections, 2 * connections

    def run(orders, seconds=0.0):
        port = program.free_port()
        return counted(command_on(port), port, ready_path, connections, orders, seconds)

    of_many, lasted = run(many)
    of_few, _ = run(few, lasted)
    return (of_many - of_few) / (many - few)


def of_program(build, connections, smoke=False):
    def command_on(port):
        return [str(build / "foodorder"), *program.options(port), "--fail-rate=0", "--log-level=error"]

    return of_an_order(command_on, "/readyz", connections, smoke)


def measure(build, smoke):
    """A single round, since its figures hardly vary."""
    if not shutil.which("valgrind"):
        raise program.Failed("item n needs valgrind (apt-get install valgrind)")
    for connections in TOGETHER:
        measured = of_program(build, connections, smoke)
        floor = of_an_order(lambda port: [str(build / "test/bench/order_floor"), str(port)], "/", connections, smoke)
        yield f"orders.instructions_{connections}", measured, floor
