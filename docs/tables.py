"""Writes what repeats a source: tables of settings from config/foodorder.toml and of routes from web/openapi.json, each
between two comments of its page, and in web/openapi.json the schema of the modules' settings.

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


def schema(name, comment):
    """A setting of a module in JSON Schema, from what the configuration file says of it."""
    text, limits = re.fullmatch(r"(.*) \((.*)\)", comment).groups()
    description = f"Of {name}: {text}."
    if choices := re.fullmatch(r"one of (.*)", limits):
        return {"type": "string", "enum": choices[1].split(", "), "description": description}
    kind, least, most = re.fullmatch(r"an? (integer|number) from (\S+) to (\S+)", limits).groups()
    return {"type": kind, "minimum": json.loads(least), "maximum": json.loads(most), "description": description}


def with_settings(openapi, toml):
    """The document with the settings of all built-in modules."""
    properties, comment, name = {}, [], ""
    for line in toml.splitlines():
        if line.startswith("["):
            name = line[1:-1]
        elif line.startswith("# "):
            comment.append(line[2:])
            continue
        elif (match := re.match(r"#?(\w+) = ", line)) and name not in ("foodorder", "http", "bus", "rest"):
            who = "each module" if match[1] in properties else name
            properties[match[1]] = schema(who, " ".join(comment))
        comment = []
    document = json.loads(openapi)
    document["components"]["schemas"]["Settings"]["properties"] = properties
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


CONTRACT, SETTINGS = "web/openapi.json", "config/foodorder.toml"
TABLES = {
    "docs/run/settings.md": (SETTINGS, settings),
    "docs/reference/http.md": (CONTRACT, routes),
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
    contract = (root / CONTRACT).read_text()
    wanted = with_settings(contract, (root / SETTINGS).read_text())
    return found if wanted == contract else {**found, CONTRACT: wanted}


if __name__ == "__main__":
    pages = stale()
    if sys.argv[1:] == ["--check"]:
        print(*(f"{name} is not what its source says: run python3 docs/tables.py" for name in pages), sep="\n")
        sys.exit(1 if pages else 0)
    for name, text in pages.items():
        (ROOT / name).write_text(text)
