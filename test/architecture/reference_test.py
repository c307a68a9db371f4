"""The pages that repeat the code say what it says: settings, routes, topics, flags, metrics."""

import json
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
import tables  # noqa: E402


def read(*patterns):
    return "\n".join(file.read_text() for pattern in patterns for file in sorted(ROOT.glob(pattern)))


def missing(names, page):
    """Names that do not stand in the page as `name` or at the beginning of such a piece of code."""
    return sorted(name for name in names if not re.search(rf"`{re.escape(name)}[`= ]", page))


def unknown_tests(page, sources):
    """Names in the last column of the page's tables that no source has. A name may be the beginning of a test's."""
    rows = [line.strip().strip("|").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    names = [row[-1].strip() for row in rows]
    return [name for name in names if name != "test" and name.split(", ")[0] not in sources]


def registered_tests():
    """Names for ctest, as far as a recipe may name them: they are written in CMake, or follow from a file's name."""
    written = re.findall(r"(?:foodorder_test\(|add_test\(NAME )(\w+)", read("test/*/CMakeLists.txt"))
    files = [f"{it.parent.name}_{it.name.split('.')[0]}" for it in ROOT.glob("test/*/*.test.mjs")]
    rules = [f"architecture_{it.stem.removesuffix('_test')}" for it in ROOT.glob("test/architecture/*_test.py")]
    return {*written, *files, *rules}


class Tables(unittest.TestCase):
    def test_tables_are_what_their_sources_say(self):
        self.assertEqual(list(tables.stale()), [], "run python3 docs/tables.py")

    def test_a_table_that_is_not_what_its_source_says_is_found(self):
        page = "# A\n<!-- table: docs/tables.py writes it -->\nold\n<!-- end of table -->\nend\n"
        toml = '[http]\n# the port (1 to 9)\nport = 3\n\n# a | b\n#token = "x"\n'
        wanted = tables.filled(page, tables.settings(toml))
        self.assertNotEqual(page, wanted)
        self.assertEqual(tables.filled(wanted, wanted.split("\n\n", 1)[1].split("\n\n<!--")[0].splitlines()), wanted)
        self.assertIn("### `[http]`\n", wanted)
        self.assertIn("| `port` | `3` | the port (1 to 9) |\n", wanted)
        self.assertIn("| `token` |  | a \\| b |\n", wanted)

    def test_a_setting_of_a_module_is_written_into_the_contract(self):
        toml = '[http]\n# the port (an integer from 1 to 9)\nport = 3\n\n[oven]\n# how hot it\n# is (a number from 0 to 1.5)\n#heat = 1\n'
        toml += '\n# what burns (one of wood, gas)\nfuel = "gas"\n'
        document = json.dumps({"components": {"schemas": {"Settings": {"properties": {"old": {}}}}}})
        written = json.loads(tables.with_settings(document, toml))["components"]["schemas"]["Settings"]["properties"]
        heat = {"type": "number", "minimum": 0, "maximum": 1.5, "description": "Of oven: how hot it is."}
        fuel = {"type": "string", "enum": ["wood", "gas"], "description": "Of oven: what burns."}
        self.assertEqual(written, {"heat": heat, "fuel": fuel})

    def test_a_page_without_a_place_for_its_table_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no place for its table"):
            tables.filled("# A\n", [])


class Reference(unittest.TestCase):
    def test_every_topic_is_described_and_in_the_contract(self):
        topics = re.findall(r'string_view \w+ = "([a-z-]+)"', read("include/foodorder/runtime/topics.hpp"))
        self.assertIn("orders", topics)
        self.assertEqual(missing(topics, read("docs/reference/events.md")), [])
        self.assertEqual([it for it in topics if f'"address": "{it}"' not in read("web/asyncapi.json")], [])

    def test_the_table_of_topics_is_that_of_the_program(self):
        names = dict(re.findall(r'string_view (\w+) = "([a-z-]+)"', read("include/foodorder/runtime/topics.hpp")))
        rows = re.findall(r'row\((\w+), (\d+), (delete|compact)\w*, \w*(?:{})?, "(\w*)"', read("src/runtime/topics.cpp"))
        self.assertEqual(len(rows), len(names))
        page = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (delete|compact)[^|]* \| `?(\w*)`? ?\|", read("docs/reference/events.md"), re.M)
        self.assertEqual(sorted(page), sorted((names[name], *rest) for name, *rest in rows))

    def test_every_flag_is_described(self):
        flags = set(re.findall(r'"(--[a-z][a-z-]+)', read("src/config/*.cpp", "plugins/notification/*.cpp")))
        self.assertLess({"--port", "--fail-rate", "--config", "--url"}, flags)
        self.assertEqual(missing(flags, read("docs/reference/command-line.md")), [])

    def test_every_metric_is_described(self):
        found = re.findall(r'"((?:foodorder|process)_[a-z_]+)"(?:[,)]|$)', read("src/*/*.cpp"), re.M)
        names = set(found) - {"foodorder_plugin"}
        self.assertIn("foodorder_module_up", names)
        self.assertEqual(missing(names, read("docs/reference/metrics.md")), [])

    def test_every_test_that_the_recipes_name_is_there(self):
        recipes = read("docs/internals/hacking.md").split("\n## Recipes\n")[1].split("\n## ")[0]
        named = set(re.findall(r"`((?:unit|system|architecture|web)_\w+)`", recipes))
        self.assertIn("architecture_reference", named)
        self.assertEqual(sorted(named - registered_tests()), [])

    def test_every_operation_of_the_contract_is_named_and_says_what_any_request_may_get(self):
        document = json.loads(read("web/openapi.json"))
        tags = {it["name"] for it in document["tags"]}
        items = [operations for item in document["paths"].values() for operations in item.items()]
        operations = [operation for name, operation in items if not name.startswith("x-")]
        names = [operation["operationId"] for operation in operations]
        self.assertEqual(len(names), len(set(names)))
        for operation in operations:
            self.assertTrue(tags.issuperset(operation["tags"]) and operation["tags"], operation["operationId"])
            self.assertLessEqual({"400", "403", "431", "503"}, set(operation["responses"]), operation["operationId"])

    def test_every_part_of_the_contract_is_used_and_there(self):
        document = json.loads(read("web/openapi.json"))
        parts = {
            f"#/components/{kind}/{name}"
            for kind, named in document["components"].items()
            for name in named
            if kind != "securitySchemes"
        }
        self.assertEqual(set(re.findall(r'"\$ref": "([^"]+)"', read("web/openapi.json"))), parts)

    def test_a_name_that_is_not_described_is_found(self):
        page = "| `--port` | `--url=URL` | `-X name=value` | --json |"
        self.assertEqual(missing({"--port", "--url", "-X", "--json", "--por"}, page), ["--json", "--por"])

    def test_every_test_that_the_page_of_faults_names_is_there(self):
        sources = read("test/**/*.cpp", "test/**/*.test.mjs", "test/*/CMakeLists.txt")
        self.assertEqual(unknown_tests(read("docs/internals/faults.md"), sources), [])

    def test_a_fault_whose_test_is_gone_is_found(self):
        page = "| example | what it does now | test |\n|---|---|---|\n| a | b | It works |\n| a | b | It is gone |\n"
        self.assertEqual(unknown_tests(page, 'TEST_CASE("It works")'), ["It is gone"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
