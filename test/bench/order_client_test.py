"""The load client counts from the planned time: a server that stalls is seen by all who would have asked meanwhile.

    python3 test/bench/order_client_test.py ORDER_CLIENT
"""

import asyncio
import sys
import unittest

RATE = 100
SECONDS = 20
STALL_AT, STALL_S = 8, 1  # of the time since the first request: once in 20 s
ANSWER = b'{"id":"x"}'
RESPONSE = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER)


class Server:
    """Answers each order at once, but none for a second."""

    def __init__(self):
        self.begin = None

    async def serve(self, reader, writer):
        loop = asyncio.get_running_loop()
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                self.begin = self.begin or loop.time()
                since = loop.time() - self.begin
                if STALL_AT <= since < STALL_AT + STALL_S:
                    await asyncio.sleep(STALL_AT + STALL_S - since)
                writer.write(RESPONSE)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def p99(client, *options):
    """What the client says, in seconds."""
    server = await asyncio.start_server(Server().serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        client, str(port), str(RATE), str(SECONDS), *options, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    server.close()
    return float(dict(line.split(" ", 1) for line in output.decode().splitlines())["post"].split()[1])


class OrderClient(unittest.IsolatedAsyncioTestCase):
    async def test_a_stall_of_one_second_in_twenty_is_in_the_99th_percentile(self):
        right, wrong = await asyncio.gather(p99(CLIENT, "--no-events"), p99(CLIENT, "--closed-loop"))
        self.assertGreaterEqual(right, 0.75)
        # A client that waits for its answers would not have seen it, so this test would fail.
        self.assertLess(wrong, 0.75)
        print(f"p99: {right:.3f} s; by a closed loop: {wrong:.3f} s", file=sys.stderr)


if __name__ == "__main__":
    CLIENT = sys.argv.pop()
    unittest.main()
