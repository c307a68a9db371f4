"""Writes the tables of the documentation that repeat a source: settings from config/foodorder.toml, routes from
web/openapi.json. Each stands between two comments in its page, which this fills.

    python3 docs/tables.py            writes the tables
    python3 docs/tables.py --check    exit status 1 if a page does not have what its source says
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
METHODS = ("get", "post", "put", "patch", "delete")


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def settings(toml):
    """A table for each [section] of the configuration file: key, default, meaning."""
    lines, comment = [], []
    for line in toml.splitlines():
        if line.startswith("["):
            lines += ["", f"### `{line}`", "", "| key | default | meaning and limits |", "|---|---|---|"]
            comment = []
        elif line.startswith("# "):
            comment.append(line[2:])
        elif match := re.match(r"(#?)(\w+) = (.*)", line):
            default = "" if match[1] else f"`{match[3]}`"
            lines.append(f"| `{match[2]}` | {default} | {cell(' '.join(comment))} |")
            comment = []
        elif not line:
            comment = []
    return lines[1:] if lines[:1] == [""] else lines


def routes(openapi):
    """A row for each route: method and path, summary, statuses."""
    lines = ["| request | what it does | answers |", "|---|---|---|"]
    for path, methods in json.loads(openapi)["paths"].items():
        for method in (it for it in METHODS if it in methods):
            route = methods[method]
            statuses = ", ".join(sorted(route["responses"]))
            lines.append(f"| `{method.upper()} {path}` | {cell(route['summary'])} | {statuses} |")
    return lines[1:] if lines[:1] == [""] else lines


TABLES = {
    "docs/run/settings.md": ("config/foodorder.toml", settings),
    "docs/reference/http.md": ("web/openapi.json", routes),
}


def filled(page, lines):
    """The page with these lines between its two comments."""
    begin, end = "<!-- table: docs/tables.py writes it -->\n", "<!-- end of table -->\n"
    head, _, rest = page.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise ValueError(f"a page has no place for its table: {begin.strip()} ... {end.strip()}")
    return head + begin + "\n" + "\n".join(lines) + "\n\n" + end + tail


def stale(root=ROOT):
    """{page: what it should be} of the pages that are not what their source says."""
    found = {}
    for name, (source, table) in TABLES.items():
        page = (root / name).read_text()
        wanted = filled(page, table((root / source).read_text()))
        if wanted != page:
            found[name] = wanted
    return found


if __name__ == "__main__":
    pages = stale()
    if sys.argv[1:] == ["--check"]:
        print(*(f"{name} is not what {TABLES[name][0]} says: run python3 docs/tables.py" for name in pages), sep="\n")
        sys.exit(1 if pages else 0)
    for name, text in pages.items():
        (ROOT / name).write_text(text)
