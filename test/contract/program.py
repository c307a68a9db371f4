"""The real program while a test runs, on free ports of 127.0.0.1."""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from socket import create_server

import httpx

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("FOODORDER_BIN", str(ROOT / "build/release/foodorder"))
PATIENCE_S = 60


def free_port():
    with create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Program:
    """`with Program() as program:` starts it, waits until it is ready, and ends it."""

    def __init__(self, *options):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.command = [BINARY, f"--port={port}", "--inspector-port=0", *options]

    def __enter__(self):
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdout=self.output, stderr=subprocess.STDOUT)
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.output.close()

    def wait_until_ready(self):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        self.output.seek(0)
        raise RuntimeError(f"the program is not ready: {self.output.read().decode()}")
