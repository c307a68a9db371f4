"""cmake/floors.cmake refuses a link that breaches the floors, by an error that names both ends."""

import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = f"""
cmake_minimum_required(VERSION 3.25)
set(CMAKE_CXX_COMPILER_FORCED TRUE)  # nothing is compiled here
project(house LANGUAGES CXX)
add_library(foodorder_options INTERFACE)
add_library(boost INTERFACE)
include({ROOT}/cmake/floors.cmake)
"""


def configure(*libraries):
    """Configures a project of these foodorder_library() calls: its exit status and what CMake says, in one line."""
    with tempfile.TemporaryDirectory(prefix="foodorder-floors-") as folder:
        Path(folder, "CMakeLists.txt").write_text(PROJECT + "\n".join(f"foodorder_library({it})" for it in libraries))
        Path(folder, "a.cpp").touch()
        command = ["cmake", "-G", "Ninja", "-S", folder, "-B", f"{folder}/build"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.returncode, " ".join(result.stderr.split())


class Floors(unittest.TestCase):
    def test_a_house_whose_links_all_go_down_is_configured(self):
        status, said = configure(
            "foodorder_base FLOOR 0 SOURCES a.cpp LINKS boost",
            "foodorder_bus FLOOR 1 SOURCES a.cpp LINKS foodorder_base",
            "foodorder_order FLOOR 3 SOURCES a.cpp LINKS foodorder_base PRIVATE_LINKS foodorder_bus",
        )
        self.assertEqual((status, said), (0, ""))

    def assert_refused(self, libraries, message):
        status, said = configure(*libraries)
        self.assertNotEqual(status, 0, "configured")
        self.assertIn(message, said)

    def test_a_link_to_a_sibling_is_refused(self):
        self.assert_refused(
            ["foodorder_order FLOOR 3 SOURCES a.cpp", "foodorder_fraud FLOOR 3 SOURCES a.cpp LINKS foodorder_order"],
            "foodorder_fraud is on floor 3 and may link lower floors only, but foodorder_order is on floor 3",
        )

    def test_a_link_upwards_is_refused(self):
        self.assert_refused(
            ["foodorder_runtime FLOOR 2 SOURCES a.cpp", "foodorder_bus FLOOR 1 SOURCES a.cpp LINKS foodorder_runtime"],
            "foodorder_bus is on floor 1 and may link lower floors only, but foodorder_runtime is on floor 2",
        )

    def test_a_private_link_is_a_link(self):
        self.assert_refused(
            [
                "foodorder_bus_kafka FLOOR 3 SOURCES a.cpp",
                "foodorder_order FLOOR 3 SOURCES a.cpp PRIVATE_LINKS foodorder_bus_kafka",
            ],
            "but foodorder_bus_kafka is on floor 3",
        )

    def test_a_link_to_a_target_that_is_not_there_yet_is_refused(self):
        self.assert_refused(
            ["foodorder_bus FLOOR 1 SOURCES a.cpp LINKS foodorder_base", "foodorder_base FLOOR 0 SOURCES a.cpp"],
            "foodorder_bus links foodorder_base, which is not defined yet",
        )

    def test_a_library_without_a_floor_is_refused(self):
        self.assert_refused(["foodorder_base SOURCES a.cpp"], "foodorder_library(foodorder_base FLOOR n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
