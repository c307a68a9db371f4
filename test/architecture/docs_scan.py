"""Reads the Markdown pages for what a reader would stumble over.

    python3 test/architecture/docs_scan.py [ROOT]      prints the findings, exit status 1 if there are any
"""

import re
import sys
from pathlib import Path

from scan import WORD, Finding

WIDTH_MAX = 120
RULES = {
    # An entry of the changelog is one line, so that the entries of two branches merge.
    "width": f"a line has at most {WIDTH_MAX} characters; tables, pictures, code and CHANGELOG.md are free",
    "link": "a relative link leads to a file, and its anchor to a heading",
    "word": "the field's own words: what Kafka and C++ have named keeps that name",
    "orphan": "each page and picture below docs/ is linked from another page",
}

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`[^`]*`")


def pages(root):
    """The Markdown files of the project, without those of libraries and builds."""
    for pattern in ("*.md", "docs/**/*.md", "web/*.md"):
        yield from sorted(root.glob(pattern))


def prose(text):
    """(number, line) of all lines outside code blocks."""
    fence = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fence = not fence
        elif not fence and not line.startswith("    "):
            yield number, line


def anchors(text):
    """The anchors that GitHub gives the headings of a page."""
    headings = (line.lstrip("#").strip() for _, line in prose(text) if re.match(r"#{1,6} ", line))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(file, text):
    """(line, link as written, the file or folder it means, its anchor) of each relative link."""
    for number, line in prose(text):
        for link in LINK.findall(CODE.sub("", line)):
            if not re.match(r"\w+:", link):
                path, _, anchor = link.partition("#")
                yield number, link, (file.parent / path).resolve() if path else file, anchor


def broken(target, anchor):
    if not target.exists():
        return "leads to nothing"
    if anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
        return f"has no heading for #{anchor}"
    return None


def scan_page(root, file, text):
    path = str(file.relative_to(root))
    for number, line in prose(text):
        if len(line) > WIDTH_MAX and not line.startswith(("|", "![")) and path != "CHANGELOG.md":
            yield Finding(path, number, "width", f"{len(line)} characters, {WIDTH_MAX} are allowed")
        if word := WORD.search(CODE.sub("", line)):
            yield Finding(path, number, "word", f"'{word[0]}' is a private word for what has a name")
    for number, link, target, anchor in links(file, text):
        wrong = broken(target, anchor)
        if wrong:
            yield Finding(path, number, "link", f"{link} {wrong}")


def scan_docs(root):
    root = Path(root).resolve()
    texts = {file: file.read_text() for file in pages(root)}
    linked = {target for file, text in texts.items() for _, _, target, _ in links(file, text) if target != file}
    findings = [finding for file, text in texts.items() for finding in scan_page(root, file, text)]
    for file in (*texts, *sorted((root / "docs/images").glob("*"))):
        if file.is_relative_to(root / "docs") and file not in linked:
            findings.append(Finding(str(file.relative_to(root)), 1, "orphan", RULES["orphan"]))
    return findings


if __name__ == "__main__":
    found = scan_docs(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(1 if found else 0)
