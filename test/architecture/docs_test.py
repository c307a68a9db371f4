"""The documentation is whole: line widths, links, pictures. Each check is shown to fail."""

import re
import shlex
import sys
import tempfile
import unittest
from pathlib import Path

from docs_scan import RULES, scan_docs
from scan import floors

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs/pictures"))
import draw as pictures  # noqa: E402


def findings(files):
    """What the scan says of a project of these files: [(path, line, rule)]."""
    with tempfile.TemporaryDirectory(prefix="foodorder-docs-") as folder:
        for name, text in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return [(it.path, it.line, it.rule) for it in scan_docs(folder)]


class Pages(unittest.TestCase):
    def test_no_page_of_ours_has_a_wide_line_a_dead_link_or_no_reader(self):
        self.assertEqual([str(finding) for finding in scan_docs(ROOT)], [])

    def test_every_rule_has_words(self):
        self.assertEqual(set(RULES), {"width", "link", "word", "orphan"})

    def test_a_wide_line_is_found(self):
        self.assertEqual(findings({"README.md": "short\n" + "word " * 30}), [("README.md", 2, "width")])

    def test_tables_and_code_may_be_wide(self):
        wide = "x" * 200
        self.assertEqual(findings({"README.md": f"| {wide} |\n\n    {wide}\n\n```\n{wide}\n```\n"}), [])

    def test_a_private_word_is_found(self):
        self.assertEqual(findings({"README.md": "Records go in batches.\n\nRecords go in waves.\n"}), [("README.md", 3, "word")])

    def test_a_link_to_a_missing_file_is_found(self):
        files = {"README.md": "[a](LICENSE) [b](docs/b.md)\n", "LICENSE": ""}
        self.assertEqual(findings(files), [("README.md", 1, "link")])

    def test_a_link_to_a_missing_heading_is_found(self):
        text = "# The `page` of it\n\n[a](#the-page-of-it) [b](#nowhere)\n"
        self.assertEqual(findings({"README.md": text}), [("README.md", 3, "link")])

    def test_a_link_in_code_and_one_to_the_web_are_not_looked_up(self):
        self.assertEqual(findings({"README.md": "`[a](b.md)` [c](https://example.org/d)\n\n    [e](f.md)\n"}), [])

    def test_a_page_that_nothing_links_is_found(self):
        files = {"README.md": "[a](docs/a.md)\n", "docs/a.md": "# A\n", "docs/b.md": "[b](b.md)\n"}
        self.assertEqual(findings(files), [("docs/b.md", 1, "orphan")])

    def test_a_picture_that_no_page_shows_is_found(self):
        files = {"README.md": "![a](docs/images/a.svg)\n", "docs/images/a.svg": "", "docs/images/b.svg": ""}
        self.assertEqual(findings(files), [("docs/images/b.svg", 1, "orphan")])


class Pictures(unittest.TestCase):
    def test_the_committed_pictures_are_what_their_texts_draw(self):
        self.assertEqual(pictures.stale(), [], "run python3 docs/pictures/draw.py")

    def test_a_picture_that_is_not_what_its_text_draws_is_found(self):
        with tempfile.TemporaryDirectory(prefix="foodorder-pictures-") as folder:
            for name in ("changed", "missing", "right"):
                Path(folder, f"{name}.txt").write_text(f'size 10 10\ntitle "{name}"\n')
            Path(folder, "right.svg").write_text(pictures.draw('size 10 10\ntitle "right"'))
            Path(folder, "changed.svg").write_text(pictures.draw('size 10 10\ntitle "before"'))
            Path(folder, "nobody.svg").write_text("<svg/>")
            self.assertEqual(pictures.stale(Path(folder), Path(folder)), ["changed", "missing", "nobody"])

    def test_a_command_that_is_wrong_is_named_with_its_line(self):
        for text, said in (
            ("size 9 9\nbix 1 2", "line 2: there is no command bix"),
            ("text 1 2 red,loud x", "red,loud is no style"),
            ("box 1 2 3", "line 1: box"),
            ('box 0 0 20 20 red "too long a line"', "too narrow"),
        ):
            with self.assertRaisesRegex(ValueError, said):
                pictures.draw(text)

    def test_the_picture_of_the_floors_has_each_area_on_its_floor(self):
        self.assertEqual(drawn_floors((ROOT / "docs/pictures/floors.txt").read_text()), built_floors())

    def test_an_area_that_is_drawn_on_another_floor_is_found(self):
        text = (ROOT / "docs/pictures/floors.txt").read_text()
        moved = re.sub(r'^box (\d+) \d+ (.*"http".*)$', r"box \1 304 \2", text, flags=re.MULTILINE)
        self.assertEqual(drawn_floors(moved)["http"], 2)


def built_floors():
    """{"base": 0, "fraud": 4, ...}, from the CMakeLists.txt files."""
    return {area.removeprefix("plugins/"): floor for area, floor in floors(ROOT).items()}


def drawn_floors(text):
    """The same from the picture: a box belongs to the floor whose number is nearest in height."""
    commands = [shlex.split(line, comments=True) for line in text.splitlines() if line.strip()]
    labels = {int(it[4]): int(it[2]) for it in commands if it[:1] == ["text"] and it[4].isdigit()}
    found = {}
    for command in commands:
        if command[:1] == ["box"]:
            middle = int(command[2]) + int(command[4]) / 2
            found[command[6].split(":")[0]] = min(labels, key=lambda floor: abs(labels[floor] - middle))
    return found


if __name__ == "__main__":
    unittest.main(verbosity=2)
