"""What must agree at a release: the version in all places; the editor's settings with the formatter's."""

import configparser
import json
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]


def newest(changelog):
    """The number of the newest release in a changelog."""
    found = re.search(r"^## (\d+\.\d+\.\d+)( |$)", changelog, re.M)
    return found and found[1]


def project_version(cmake):
    return re.search(r"project\(\s*\w+ VERSION (\d+\.\d+\.\d+)", cmake)[1]


class Version(unittest.TestCase):
    def test_the_project_the_changelog_and_the_contracts_have_one_version(self):
        version = project_version((ROOT / "CMakeLists.txt").read_text())
        self.assertEqual(newest((ROOT / "CHANGELOG.md").read_text()), version)
        for contract in ("openapi", "asyncapi"):
            info = json.loads((ROOT / f"web/{contract}.json").read_text())["info"]
            self.assertEqual(info["version"], version, contract)

    def test_the_newest_release_of_a_changelog_is_the_first_with_a_number(self):
        self.assertEqual(newest("# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-01-01\n\n## 1.2.2\n"), "1.2.3")
        self.assertIsNone(newest("# Changelog\n\n## Unreleased\n"))


class Editors(unittest.TestCase):
    def test_editorconfig_agrees_with_clang_format(self):
        text = (ROOT / ".editorconfig").read_text().split("\n[*]\n", 1)[1]
        every = configparser.ConfigParser(interpolation=None)
        every.read_string("[*]\n" + text)
        style = dict(re.findall(r"^(\w+): (.*)$", (ROOT / ".clang-format").read_text(), re.M))
        self.assertEqual(every["*"]["max_line_length"], style["ColumnLimit"])
        self.assertEqual(style["BasedOnStyle"], "Google")  # whose indent is 2 blanks
        self.assertEqual((every["*"]["indent_style"], every["*"]["indent_size"]), ("space", "2"))


class Pins(unittest.TestCase):
    """What is downloaded has one version, so that a build of today is the build of tomorrow."""

    def test_images_and_actions_have_an_exact_version(self):
        compose = (ROOT / "compose.yaml").read_text()
        docker = (ROOT / "Dockerfile").read_text()
        images = re.findall(r"^\s+image: (\S+)$", compose, re.M) + re.findall(r"^FROM (\S+)", docker, re.M)
        workflow = (ROOT / ".github/workflows/ci.yml").read_text()
        images += re.findall(r"image: (debian:\S+)", workflow)
        images.append(json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())["image"])
        self.assertGreater(len(images), 5)
        self.assertEqual([it for it in images if not pinned(it)], [])
        self.assertEqual([it for it in re.findall(r"uses: (\S+)", workflow) if not re.search(r"@[0-9a-f]{40}$", it)], [])

    def test_packages_of_pypi_have_an_exact_version(self):
        pins = dict(re.findall(r"^([\w-]+)==([\d.]+)$", (ROOT / "script/requirements.txt").read_text(), re.M))
        scripts = "\n".join(it.read_text() for it in (ROOT / "script").iterdir() if it.is_file())
        calls = re.findall(r"venv_install ([\w-]+(?: [\w-]+)*)(?:;|$)", scripts, re.M)
        self.assertEqual({package for call in calls for package in call.split()}, set(pins))

    def test_an_image_without_an_exact_version_is_found(self):
        for image in ("debian", "debian:latest", "apache/kafka:4"):
            self.assertFalse(pinned(image), image)
        for image in ("foodorder", "apache/kafka:4.1.1", "debian:trixie-20251103-slim", "a/b:v1.5.0", "c@sha256:" + "0" * 64):
            self.assertTrue(pinned(image), image)


def pinned(image):
    """foodorder itself is built here; others have a digest, a full version, or a day."""
    return bool(re.search(r"@sha256:[0-9a-f]{64}$|:v?\d+\.\d+\.\d+$|-20\d{6}(-slim)?$", image)) or image == "foodorder"


if __name__ == "__main__":
    unittest.main(verbosity=2)
