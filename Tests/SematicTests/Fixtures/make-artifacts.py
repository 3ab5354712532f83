"""Makes artifacts.json: what the real Python client makes of a table of values. Run it with the Python that
Tests/sematic installs:  "$(Tests/sematic)/venv/bin/python" make-artifacts.py > artifacts.json"""
import json
import sys
import types
from dataclasses import dataclass
from enum import Enum
from typing import Dict, List, Optional

from sematic.db.models.factories import make_artifact

# A module to import, as in a real package.
shared = types.ModuleType("shared.shapes")
sys.modules["shared"] = types.ModuleType("shared")
sys.modules["shared.shapes"] = shared


class Color(Enum):
    RED = 1
    GREEN = 2


@dataclass
class Point:
    x: float
    y: float


@dataclass
class Drawing:
    name: str
    color: Color
    points: List[Point]
    weights: Dict[str, float]
    title: Optional[str]
    origin: Optional[Point]
    closed: bool
    count: int


for class_ in (Color, Point, Drawing):
    class_.__module__ = "shared.shapes"
    setattr(shared, class_.__name__, class_)

FULL = Drawing("a", Color.GREEN, [Point(0.0, 1.5), Point(-2.0, 1e-7)], {"w": 0.1}, "t", Point(1.0, 2.0), True, 3)
EMPTY = Drawing("", Color.RED, [], {}, None, None, False, 0)

VALUES = [
    ("int", 42, int), ("negative", -7, int), ("large", 2**63 - 1, int), ("true", True, bool), ("false", False, bool),
    ("text", "hello", str), ("unicode", "h\u00e9llo \u2603 \U0001F98A \"q\" \\ /\n\t\x7f\x00", str), ("empty", "", str),
    ("half", 0.5, float), ("third", 1 / 3, float), ("one", 1.0, float), ("minusZero", -0.0, float),
    ("small", 1e-05, float), ("limit", 0.0001, float), ("big", 1e16, float), ("beforeBig", 1234567890123456.0, float),
    ("betweenBig", 12345678901234567.0, float), ("huge", 1.7976931348623157e308, float), ("tiny", 5e-324, float),
    ("avogadro", 6.02214076e23, float), ("nan", float("nan"), float), ("infinity", float("inf"), float),
    ("minusInfinity", float("-inf"), float), ("ints", [1, 2, 3], List[int]), ("noInts", [], List[int]),
    ("floats", [0.1, float("nan")], List[float]), ("texts", ["a", "b"], List[str]), ("nested", [[1], []], List[List[int]]),
    ("longList", list(range(40000)), List[int]), ("dict", {"a": 1.0}, Dict[str, float]),
    ("numbers", {3: "c", 1: "a", 2: "b"}, Dict[int, str]), ("noDict", {}, Dict[str, int]),
    ("some", 5, Optional[int]), ("none", None, Optional[int]), ("options", [1, None], List[Optional[int]]),
    ("color", Color.RED, Color), ("colors", [Color.RED, Color.GREEN], List[Color]),
    ("point", Point(1.0, -2.5), Point), ("points", [Point(1.0, 2.0)], List[Point]), ("noPoints", [], List[Point]),
    ("full", FULL, Drawing), ("emptyDrawing", EMPTY, Drawing), ("byName", {"p": Point(0.0, 0.0)}, Dict[str, Point]),
]

table = {}
for name, value, type_ in VALUES:
    artifact, payloads = make_artifact(value, type_)
    entry = {"id": artifact.id, "type": artifact.type_serialization, "summary": artifact.json_summary,
             "payload": payloads[0].payload.decode()}
    if len(entry["payload"]) > 4000:
        entry["payload"] = entry["summary"] = None
    table[name] = entry
json.dump(table, sys.stdout, indent=1, sort_keys=True)
print()
