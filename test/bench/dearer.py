"""Fails where an order has become dearer: by more than 3 % of the instructions that instructions.json has for the compiler.

    python3 test/bench/dearer.py --build DIR --compiler GNU-12

Ends with 77, and says why, where it cannot compare: no valgrind, or no figure for this compiler. Where an order is
meant to cost more, or costs less, the figure that it prints goes into instructions.json.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import instructions
import program

CONNECTIONS = 64  # the figure that hardly depends on how busy the machine is
RISE_MAX = 0.03
FIGURES = Path(__file__).with_name("instructions.json")
SKIPPED = 77


def judge(measured, known):
    """What to say, and the exit status."""
    change = f"{measured:,.0f} instructions an order, {known:,} in {FIGURES.name}: {measured / known - 1:+.1%}"
    if measured > known * (1 + RISE_MAX):
        return f"an order has become dearer: {change} (allowed: +{RISE_MAX:.0%})", 1
    return change, 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--compiler", required=True, help="its name and major version, as in instructions.json")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed (script/bootstrap --tests installs it)")
        sys.exit(SKIPPED)
    try:
        measured = instructions.of_program(arguments.build.resolve(), CONNECTIONS)
    except program.Failed as failure:
        sys.exit(f"dearer: {failure}")
    known = json.loads(FIGURES.read_text()).get(arguments.compiler)
    if known is None:
        print(f"skipped: {FIGURES.name} has no figure for {arguments.compiler}; measured {measured:,.0f}")
        sys.exit(SKIPPED)
    text, status = judge(measured, known)
    print(text)
    sys.exit(status)


if __name__ == "__main__":
    main()
