"""The classes of the pipeline in records.py."""
from dataclasses import dataclass
from enum import Enum
from typing import List, Optional


class Level(Enum):
    LOW = 1
    HIGH = 2


@dataclass
class Sample:
    x: float
    label: str


@dataclass
class Settings:
    rounds: int
    level: Level
    note: Optional[str]


@dataclass
class Fit:
    mean: float
    samples: List[Sample]
    level: Level
