"""Runs the benchmarks and prints their table; script/bench builds what they need and calls this.

    python3 test/bench/run.py [--build DIR] [--only a,c] [--rounds N] [--json] [--smoke]

Item n needs valgrind; item k a broker at KAFKA_BROKER, started by script/kafka; item w makes files of 15 GB. These run
only where they are asked for.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import instructions
import kafka
import monolith
import program
import rest
import search
from table import KINDS, Row, render

# A round of each in the blink of an eye: whether it still works, nothing else.
SMOKE = {
    "bus_bench": ["--records", "1000"],
    "fanout_bench": ["--writes", "2000", "--readers-max", "100"],
    "fraud_bench": ["--customers", "10000", "--orders", "2000"],
}


def driver(build, name, arguments):
    """The rounds that a C++ driver prints."""
    command = [str(build / "test/bench" / name), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            row, measured, floor = line.split()
            yield row, float(measured), float(floor)
    if process.returncode != 0:
        raise program.Failed(f"{name} has ended with {process.returncode}")


def benchmarks(build, rounds, smoke):
    """The rounds of each item, measured as they are asked for."""

    def cpp(name):
        arguments = ["--rounds", str(rounds)] if rounds else []
        return driver(build, name, arguments + (SMOKE[name] if smoke else []))

    return {
        "a": program.measure_orders(build, rounds or 5, smoke),
        "b": cpp("bus_bench"),
        "c": cpp("fanout_bench"),
        "d": program.measure_start(build, rounds or 7, 0 if smoke else 1),
        "e": cpp("fraud_bench"),
        "i": search.measure(build, rounds or 3, smoke),
        "k": kafka.measure(build, rounds or 3, smoke),
        "m": monolith.measure(build, rounds or 3, smoke),
        "n": instructions.measure(build, smoke),
        "r": rest.measure(build, rounds or 5, smoke),
        "w": monolith.claim(build, ["hour"] if smoke else list(monolith.AGES), 1 if smoke else 10),
    }


def progress(text):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


def measure(items, chosen):
    rows = {}
    for item in chosen:
        progress(f"{item}  starting")
        for name, measured, floor in items[item]:
            row = rows.setdefault(name, Row(name))
            row.measured.append(measured)
            row.floor.append(floor)
            progress(f"{item}  {row.kind.text}, round {len(row.measured)}")
    progress("")
    return [rows[name] for name in KINDS if name in rows]


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def circumstances(build, load_before):
    cpuinfo = Path("/proc/cpuinfo").read_text()
    models = {line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith("model name")}
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%MZ"),
        "foodorder": output_of(str(build / "foodorder"), "--version"),
        "commit": output_of("git", "describe", "--always", "--dirty"),
        "machine": f"{os.cpu_count()} cores, {', '.join(models) or platform.machine()}",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "compiler": output_of("c++", "--version").partition("\n")[0],
        "loadBefore": load_before,
        "loadAfter": os.getloadavg()[0],
    }


def chosen_items(text):
    items = text.split(",")
    unknown = sorted(set(items) - set("abcdeikmnrw"))
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose of a,b,c,d,e,i,k,m,n,r,w")
    return items


def parse_arguments():
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("--build", type=Path, default=Path("build/release"), help="the build to measure")
    parser.add_argument("--only", type=chosen_items, default=list("abcdeimr"), metavar="a,c", help="these items")
    parser.add_argument("--rounds", type=int, help="rounds of each; the default is chosen for each")
    parser.add_argument("--json", action="store_true", help="for machines, with the figures of each round")
    parser.add_argument("--smoke", action="store_true", help="only whether all still work; the figures mean nothing")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    rounds = 1 if arguments.smoke else arguments.rounds
    build = arguments.build.resolve()
    load_before = os.getloadavg()[0]
    try:
        rows = measure(benchmarks(build, rounds, arguments.smoke), arguments.only)
    except (program.Failed, OSError) as failure:
        progress("")
        sys.exit(f"script/bench: {failure}")
    facts = circumstances(build, load_before)
    if arguments.json:
        print(json.dumps({**facts, "rows": [row.as_json() for row in rows]}, indent=2))
        return
    print(render(rows))
    print(f"\n{facts['foodorder']} ({facts['commit']}), {facts['date']}; {facts['machine']}")
    print(f"{facts['system']}; {facts['compiler']}")
    print(f"load before and after: {facts['loadBefore']:.1f}, {facts['loadAfter']:.1f}")


if __name__ == "__main__":
    main()
