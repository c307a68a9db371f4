"""Tools that know nothing of the program but its contract: Schemathesis finds no answer that openapi.json does not allow,
a client that openapi-python-client makes of it works, and httpx-sse reads the events."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import httpx
import httpx_sse
from program import PATIENCE_S, Program

HERE = Path(__file__).resolve().parent
TOOLS = Path(sys.executable).parent


def run(tool, *arguments, **options):
    """Runs a tool of .venv to its end; gives its exit status and output."""
    done = subprocess.run(
        [sys.executable, TOOLS / tool, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    return done.returncode, done.stdout


def make_client(program, folder):
    """Makes a client of the document that the program serves, and puts it on Python's path."""
    document, config = Path(folder, "openapi.json"), Path(folder, "config.yml")
    document.write_text(httpx.get(f"{program.url}/openapi.json").text)
    # The tool knows no NDJSON: it is bytes to the client that it makes.
    config.write_text("package_name_override: foodorder_client\npost_hooks: []\n"
                      "content_type_overrides: {application/x-ndjson: application/octet-stream}\n")
    arguments = ["generate", "--fail-on-warning", f"--path={document}", f"--config={config}", f"--output-path={folder}/out"]
    status, output = run("openapi-python-client", *arguments)
    if status != 0 or "warning" in output.lower():
        raise AssertionError(output)
    sys.path.insert(0, f"{folder}/out")


def run_schemathesis(program, folder, *which):
    """Holds the answers of the operations that `which` chooses against the document that the program serves."""
    settings = [f"--config-file={HERE}/schemathesis.toml"]
    options = [f"--url={program.url}", "--checks=all", "--seed=1", "--no-color", *which]
    return run("schemathesis", *settings, "run", f"{program.url}/openapi.json", *options, cwd=folder,
               env={"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "PATH": str(TOOLS)})


class Tools(unittest.TestCase):
    maxDiff = None

    def test_schemathesis_finds_no_answer_that_the_contract_does_not_allow(self):
        with Program() as program, tempfile.TemporaryDirectory() as folder:
            status, output = run_schemathesis(program, folder, "--exclude-path-regex=^/(api/(jobs|calls|services)|check|notify|audit)")
            self.assertEqual(status, 0, output)
            self.assertIsNone(program.process.poll(), "the program ended")

    def test_schemathesis_finds_none_in_the_monolith(self):
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "foodorder.toml")
            config.write_text('[fraud]\nblockOn = "none"\n')  # or it stops orders, rightly
            options = ["--architecture=monolith", f"--database=sqlite:{folder}/foodorder.db", f"--config={config}"]
            with Program(*options) as program:
                status, output = run_schemathesis(program, folder, "--include-path-regex=^/api/(jobs|orders|stats|fraud)")
                self.assertEqual(status, 0, output)
                self.assertIsNone(program.process.poll(), "the program ended")

    def test_a_generated_client_places_changes_and_deletes_an_order(self):
        with Program() as program, tempfile.TemporaryDirectory() as folder:
            make_client(program, folder)
            from foodorder_client import Client, models
            from foodorder_client.api.modules import configure_module, list_modules
            from foodorder_client.api.orders import (
                change_order, delete_order, get_fraud, get_order, get_order_history, get_stats, list_orders, patch_order,
                place_order,
            )

            client = Client(base_url=program.url, raise_on_unexpected_status=True)
            pizza = models.NewOrder(customer_name="Alice", item="Pizza", quantity=2, price=12.99)
            answer = place_order.sync_detailed(client=client, body=pizza, idempotency_key="one")
            placed = answer.parsed
            self.assertIsInstance(placed, models.Order)
            again = place_order.sync(client=client, body=pizza, idempotency_key="one")
            self.assertEqual(again, placed)
            self.assertEqual(list_orders.sync(client=client, limit=10), [placed])
            self.assertEqual(get_order.sync(placed.id, client=client), placed)

            change = models.OrderUpdate(quantity=3)
            stale = change_order.sync_detailed(placed.id, client=client, body=change, if_match='"old"')
            self.assertEqual((stale.status_code, stale.parsed.type_), (412, "/problems/precondition-failed"))
            tag = answer.headers["ETag"]
            changed = change_order.sync(placed.id, client=client, body=change, if_match=tag)
            self.assertEqual((changed.quantity, changed.item, changed.status), (3, "Pizza", "updated"))
            word = models.OrderUpdate(status="in the oven")
            self.assertEqual(patch_order.sync(placed.id, client=client, body=word).status, "in the oven")
            self.assertEqual(delete_order.sync(placed.id, client=client).status, "deleted")
            gone = get_order.sync(placed.id, client=client)
            self.assertEqual((gone.status, gone.type_), (404, "/problems/order-not-found"))
            self.assertIn("orders", {record.topic for record in get_order_history.sync(placed.id, client=client)})

            wrong = models.NewOrder(customer_name="", item="Pizza", quantity=0, price=1)
            refused = place_order.sync(client=client, body=wrong)
            self.assertEqual([error.field for error in refused.errors], ["customerName", "quantity"])

            self.assertIsInstance(get_stats.sync(client=client).orders.created, int)
            self.assertEqual(get_fraud.sync(client=client).windows.window_ms, 60_000)
            kinds = [module.kind for module in list_modules.sync(client=client)]
            self.assertEqual(sorted(kinds), ["analytics", "audit", "fraud", "notification", "notification", "order"])
            settings = models.Settings(fail_rate=0.5)
            body = models.SettingsChange(settings=settings)
            module = configure_module.sync("notification-1", client=client, body=body)
            self.assertEqual(module.settings["failRate"], 0.5)

    def test_httpx_sse_reads_orders_and_heartbeats(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
            config.write("[order]\nheartbeatMs = 100\n")
            config.flush()
            with Program(f"--config={config.name}") as program, httpx.Client(timeout=PATIENCE_S) as client:
                self.read_events(client, program.url)

    def read_events(self, client, url):
        with httpx_sse.connect_sse(client, "GET", f"{url}/events") as source:
            source.response.raise_for_status()
            events = source.iter_sse()
            first = next(events)
            self.assertEqual((first.event, first.json(), first.retry), ("heartbeat", {"type": "heartbeat"}, 2000))
            pizza = {"customerName": "Alice", "item": "Pizza", "quantity": 2, "price": 12.99}
            order = client.post(f"{url}/api/orders", json=pizza).raise_for_status().json()
            placed = next(event for event in events if event.event == "message")
            self.assertEqual((placed.json()["type"], placed.json()["data"]["order"]), ("order", order))
            beat = next(event for event in events if event.event == "heartbeat")
            self.assertNotEqual(beat.id, first.id)
        with httpx_sse.connect_sse(client, "GET", f"{url}/events", headers={"Last-Event-ID": first.id}) as source:
            again = next(event for event in source.iter_sse() if event.event == "message")
            self.assertEqual((again.id, again.data), (placed.id, placed.data))
        with httpx_sse.connect_sse(client, "GET", f"{url}/events/system") as source:
            kinds = [next(events).event for events in [source.iter_sse()] for _ in range(2)]
            self.assertEqual(kinds[0], "heartbeat")


if __name__ == "__main__":
    unittest.main(verbosity=2)
