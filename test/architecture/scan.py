"""Reads the sources for breaches of the architecture that the compiler lets pass.

The floors come from the foodorder_library() calls in the CMakeLists.txt files, the very ones that cmake/floors.cmake
checks the links of. docs/internals/hacking.md explains the rules.

    python3 test/architecture/scan.py [ROOT]      prints the findings, exit status 1 if there are any
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

LINES_MAX = 400
PRODUCT = ("include", "src", "plugins")
RULES = {
    "floor": "an area includes areas on strictly lower floors only, so no sibling and no other module",
    "rules": "src/rules includes base and domain only: any architecture links it",
    "public": "headers in include/ include only one another",
    "lost": "what is included with quotes is a file of ours",
    "librdkafka": "only src/bus_kafka knows librdkafka",
    "socket": "Beast and Asio's sockets belong to src/http, src/app and src/bus_kafka",
    "catch2": "Catch2 is included by test/support/catch.hpp, which knows its versions",
    "catch-all": "no catch (...): name what can be thrown; only the guard around modules cannot",
    "co_await": "GCC 12 miscompiles co_await in a bare condition, and so does it in a CHECK: name a local before",
    "system": "time, randomness and environment are injected, or the simulator could not repeat a run",
    "json": "base writes JSON (JsonObject, serialize_json): nobody else joins names and quotes",
    "length": "a file has few lines",
}

LIBRARY = re.compile(r"foodorder_library\(\s*\w+\s+FLOOR\s+(\d+)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CONDITION = re.compile(r"\b(?:if|while|switch|CHECK\w*|REQUIRE\w*)\s*\(")
CATCH_ALL = re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)")
GUARD = Path("src/runtime/failure.cpp")  # a plugin's author may throw anything
SOCKETS = re.compile(r"boost/(beast|asio\.hpp|asio/(ip|local|ssl)/|asio/basic_\w*(socket|acceptor|resolver)\w*\.hpp)")
SYSTEM = re.compile(r"(system_clock|steady_clock)::now\(|\brandom_device\b|\bgetenv\(")
JSON_TEXT = re.compile(r'\\":|\{\\"|\bR"\w*\([^"]*[{,]"')
COMMENT = re.compile(r"//.*$")


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str  # a key of RULES
    text: str = ""

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.text or RULES[self.rule]}"


def floors(root):
    """The floor of each area: {"base": 0, "bus": 1, "plugins/order": 4, ...}."""
    found = {}
    for pattern in ("src/*/CMakeLists.txt", "plugins/*/CMakeLists.txt", "web/CMakeLists.txt"):
        for cmake in root.glob(pattern):
            for floor in LIBRARY.findall(cmake.read_text()):
                found[area_of(cmake.relative_to(root))] = int(floor)
    return found


def area_of(path):
    """src/bus/... and include/foodorder/bus/... are one area, each folder of plugins/ is one."""
    match path.parts:
        case ("src", area, _, *_) | ("include", "foodorder", area, _, *_):
            return area
        case ("plugins", area, _, *_):
            return f"plugins/{area}"
        case ("web", _, *_):
            return "web"
    return None


def resolve(root, file, name):
    """The file of ours that an include means, or None."""
    for folder in (file.parent, root / "include", root / "src", root / "plugins"):
        if (folder / name).is_file():
            return (folder / name).resolve().relative_to(root)
    return None


def check_own(root, areas, file, name):
    """An include of a file of ours by a file of the product."""
    path = file.relative_to(root)
    target = resolve(root, file, name)
    if target is None:
        return "lost", f"{name} is no file of ours: those of others are included with <>"
    if path.parts[0] == "include" and target.parts[0] != "include":
        return "public", f"a public header includes {target}, which its users do not have"
    area, other = area_of(path), area_of(target)
    if area is None or area == other:
        return None
    if area == "rules" and other not in ("base", "domain"):
        return ("rules",)
    if other is None or other not in areas:
        return "floor", f"{target} belongs to no area with a floor"
    if areas[other] >= areas[area]:
        return "floor", f"{area} is on floor {areas[area]} and may include lower floors only, {other} is on {areas[other]}"
    return None


def check_foreign(path, name):
    """An include of somebody else's file by a file of the product."""
    area = area_of(path)
    if name.startswith("librdkafka/") and area != "bus_kafka":
        return ("librdkafka",)
    if SOCKETS.match(name) and area not in ("http", "app", "bus_kafka"):
        return ("socket",)
    return None


def check_include(root, areas, file, quote, name):
    path = file.relative_to(root)
    if path.parts[0] == "test":
        catch = name.startswith("catch2/") and path.parts[:2] != ("test", "support")
        return ("catch2",) if catch else None
    if quote == '"' or name.startswith("foodorder/"):
        return check_own(root, areas, file, name)
    return check_foreign(path, name)


def awaits_in_condition(code):
    """co_await in the parentheses of an if, while, switch or CHECK, unless a local is made of it there."""
    for start in (match.end() for match in CONDITION.finditer(code)):
        depth, end = 1, start
        while end < len(code) and depth > 0:
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            end += 1
        if "co_await" in re.sub(r"=\s*co_await", "", code[start:end]):
            return True
    return False


def check_line(root, areas, file, line):
    include = INCLUDE.match(line)
    if include:
        return check_include(root, areas, file, *include.groups())
    code = COMMENT.sub("", line)
    if CATCH_ALL.search(code) and file.relative_to(root) != GUARD:
        return ("catch-all",)
    if awaits_in_condition(code):
        return ("co_await",)
    path = file.relative_to(root)
    if path.parts[0] in PRODUCT and area_of(path) != "base" and JSON_TEXT.search(code):
        return ("json",)
    injected = path.parts[0] in PRODUCT and area_of(path) != "base" and path.name != "main.cpp"
    if injected and SYSTEM.search(code):
        return ("system",)
    return None


def scan_file(root, areas, file, lines_max):
    path = file.relative_to(root)
    lines = file.read_text().splitlines()
    if len(lines) > lines_max:
        yield Finding(str(path), 1, "length", f"{len(lines)} lines, {lines_max} are allowed")
    area = area_of(path)
    if area and area not in areas:
        yield Finding(str(path), 1, "floor", f"{area} has no foodorder_library() with a floor")
        return
    for number, line in enumerate(lines, 1):
        breach = check_line(root, areas, file, line)
        if breach:
            yield Finding(str(path), number, *breach)


def sources(root):
    for folder in (*PRODUCT, "test"):
        for file in sorted((root / folder).glob("**/*.?pp")):
            path = file.relative_to(root)
            if "node_modules" not in path.parts and path.parts[:3] != ("test", "architecture", "breaches"):
                yield file


def scan(root, lines_max=LINES_MAX):
    root = Path(root).resolve()
    areas = floors(root)
    return [finding for file in sources(root) for finding in scan_file(root, areas, file, lines_max)]


if __name__ == "__main__":
    findings = scan(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    print(*findings, sep="\n", end="\n" if findings else "")
    sys.exit(1 if findings else 0)
