"""The sources keep the architecture, and the scan that says so sees a breach of each rule."""

import re
import unittest
from pathlib import Path

from scan import RULES, floors, scan

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BREACHES = HERE / "breaches"


def planted():
    """What the files under breaches/ say of themselves: `// breach: rule` at the end of the line."""
    for file in BREACHES.glob("**/*.?pp"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if found := re.search(r"// breach: ([\w-]+)$", line):
                yield str(file.relative_to(BREACHES)), number, found[1]


class Sources(unittest.TestCase):
    def test_no_file_of_ours_breaches_the_architecture(self):
        self.assertEqual([str(finding) for finding in scan(ROOT)], [])

    def test_the_floors_are_read_from_the_cmake_files(self):
        found = floors(ROOT)
        self.assertEqual((found["base"], found["bus"], found["runtime"], found["rules"], found["app"]), (0, 1, 2, 3, 6))
        self.assertEqual(found["plugins/order"], found["bus_kafka"] if "bus_kafka" in found else found["config"])


class PlantedBreaches(unittest.TestCase):
    def test_each_is_found_where_it_stands_and_nothing_else_is(self):
        found = [(finding.path, finding.line, finding.rule) for finding in scan(BREACHES, lines_max=20, function_lines_max=9)]
        self.assertEqual(sorted(found), sorted(planted()))

    def test_there_is_one_for_every_rule(self):
        self.assertEqual({rule for _, _, rule in planted()}, set(RULES))


if __name__ == "__main__":
    unittest.main(verbosity=2)
