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
FUNCTION_LINES_MAX = 70
SHARED_FLOOR = 3  # what architectures and modules share: rules
PRODUCT = ("include", "src", "plugins")
RULES = {
    "floor": "an area includes areas on strictly lower floors only, so no sibling and no other module",
    "rules": "src/rules includes base and domain only: any architecture links it",
    "public": "headers in include/ include only one another; modules include these, their own, and src/ on floor 3",
    "reach": "a header in include/ is reached from what modules include: the plugins, the examples, docs/learn",
    "unused": "a header is included by somebody",
    "lost": "what is included with quotes is a file of ours",
    "librdkafka": "only src/bus_kafka knows librdkafka",
    "socket": "Beast and Asio's sockets belong to src/http, src/app and src/bus_kafka",
    "catch2": "Catch2 is included by test/support/catch.hpp, which knows its versions",
    "catch-all": "no catch (...): name what can be thrown; only the guard around modules cannot",
    "co_await": "GCC 12 miscompiles co_await in a bare condition or a CHECK, and of a ? b : c: name a local before",
    "system": "time, randomness and environment are injected, or the simulator could not repeat a run",
    "json": "base writes JSON (JsonObject, serialize_json): nobody else joins names and quotes",
    "length": "a file has few lines",
    "function": "a function has few lines",
    "word": "the field's own words: what Kafka and C++ have named keeps that name",
}

LIBRARY = re.compile(r"foodorder_library\(\s*\w+\s+FLOOR\s+(\d+)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CONDITION = re.compile(r"\b(?:if|while|switch|CHECK\w*|REQUIRE\w*)\s*\(")
AWAITED_CHOICE = re.compile(r"\bco_await\b[^;\"]*\([^;\"]*\s\?\s")
CATCH_ALL = re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)")
GUARD = Path("src/runtime/failure.cpp")  # a plugin's author may throw anything
SOCKETS = re.compile(r"boost/(beast|asio\.hpp|asio/(ip|local|ssl)/|asio/basic_\w*(socket|acceptor|resolver)\w*\.hpp)")
SYSTEM = re.compile(r"_clock::now\(|\bstd::(time|clock)\(|\b(clock_gettime|gettimeofday)\(|\brandom_device\b|\bgetenv\(")
CLOCK_NAME = re.compile(r"\b(using|typedef)\b.*\b(steady|system|high_resolution)_clock\b")  # hides its now() from the rule
JSON_TEXT = re.compile(r'\\":|\{\\"|\bR"\w*\([^"]*[{,]"')
COMMENT = re.compile(r"//.*$")
# Words of our own for what has a name: batch, queue, in flight, cursor, optional, tear down, event, housekeeping, ...
WORD = re.compile(
    r"\b(?i:waves?|flying|seats?|askers?|told of|bury|buried|bells?|keep_house|for so long as|by that(?=[.,;]|$)|hangs? up"
    r"|hung up|(?:that|it) is none(?! of))\b|\bTold\b"
)
# What the braces of code are not: comments, text, and lines for the preprocessor.
TEXT = re.compile(
    r'R"(?P<end>\w*)\(.*?\)(?P=end)"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/|^\s*#(?:[^\n]*\\\n)*[^\n]*',
    re.DOTALL | re.MULTILINE,
)
NO_FUNCTION = re.compile(r"(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|enum|union|extern)\b", re.DOTALL)


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
    tests = [root / "test"] if "test" in file.relative_to(root).parts else []
    for folder in (file.parent, root / "include", root / "src", root / "plugins", *tests):
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
    if path.parts[0] == "plugins" and target.parts[0] == "src" and areas.get(area_of(target)) != SHARED_FLOOR:
        return "public", f"a module includes {target}, which is no public header"
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


def long_functions(text, lines_max):
    """(line, lines) of each function with more lines, from its name to its last brace. A block in one counts to it."""
    code = TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    heads, start, outer = [], 0, 0  # outer: so many braces are open around the function that we are in
    for end in (match.start() for match in re.finditer(r"[{};]", code)):
        if code[end] == "{":
            head = code[start:end]
            heads.append((end - len(head.lstrip()), head.strip()))
            if not outer and "(" in head and not NO_FUNCTION.match(head.strip()):
                outer = len(heads)
        elif code[end] == "}" and heads:
            begin, _ = heads.pop()
            if len(heads) + 1 == outer:
                outer = 0
                lines = code.count("\n", begin, end) + 1
                if lines > lines_max:
                    yield code.count("\n", 0, begin) + 1, lines
        start = end + 1


def included(root, file):
    """The files of ours that a file includes, C++ or the code in a page."""
    for line in file.read_text().splitlines():
        include = INCLUDE.match(line)
        if include and (target := resolve(root, file, include[2])):
            yield target


def is_of_author(areas, path):
    """Whether the author of a module may have written the file."""
    shared = path.parts[0] == "src" and areas.get(area_of(path)) == SHARED_FLOOR
    return shared or path.parts[0] == "plugins" or path.parts[:3] == ("test", "system", "plugins")


def idle_headers(root, areas, files):
    """Headers that nobody includes, and those in include/ that no author of a module reaches."""
    includes = {file.relative_to(root): set(included(root, file)) for file in files}
    used = set().union(*includes.values())
    reached = set()
    authors = [it for it in includes if is_of_author(areas, it)]
    left = [target for it in authors for target in includes[it]]
    for page in root.glob("docs/learn/*.md"):
        left.extend(included(root, page))
    while left:
        header = left.pop()
        if header not in reached:
            reached.add(header)
            left.extend(includes.get(header, ()))
    for path in includes:
        if path.suffix == ".hpp" and path not in used:
            yield Finding(str(path), 1, "unused", RULES["unused"])
        elif path.parts[0] == "include" and path not in reached:
            yield Finding(str(path), 1, "reach", RULES["reach"])


def check_line(root, areas, file, line):
    include = INCLUDE.match(line)
    if include:
        return check_include(root, areas, file, *include.groups())
    if word := WORD.search(line):
        return "word", f"'{word[0]}' is a private word for what has a name"
    code = COMMENT.sub("", line)
    if CATCH_ALL.search(code) and file.relative_to(root) != GUARD:
        return ("catch-all",)
    if awaits_in_condition(code) or AWAITED_CHOICE.search(code):
        return ("co_await",)
    path = file.relative_to(root)
    if path.parts[0] in PRODUCT and area_of(path) != "base" and JSON_TEXT.search(code):
        return ("json",)
    injected = path.parts[0] in PRODUCT and area_of(path) != "base" and path.name != "main.cpp"
    if injected and (SYSTEM.search(code) or CLOCK_NAME.search(code)):
        return ("system",)
    return None


def scan_file(root, areas, file, lines_max, function_lines_max):
    path = file.relative_to(root)
    text = file.read_text()
    lines = text.splitlines()
    if len(lines) > lines_max:
        yield Finding(str(path), 1, "length", f"{len(lines)} lines, {lines_max} are allowed")
    for number, size in long_functions(text, function_lines_max):
        yield Finding(str(path), number, "function", f"{size} lines, {function_lines_max} are allowed")
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


def scan(root, lines_max=LINES_MAX, function_lines_max=FUNCTION_LINES_MAX):
    root = Path(root).resolve()
    areas = floors(root)
    files = list(sources(root))
    findings = [it for file in files for it in scan_file(root, areas, file, lines_max, function_lines_max)]
    return [*findings, *idle_headers(root, areas, files)]


if __name__ == "__main__":
    findings = scan(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    print(*findings, sep="\n", end="\n" if findings else "")
    sys.exit(1 if findings else 0)
