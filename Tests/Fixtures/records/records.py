"""The pipeline of RecordComparisonTests.swift in Python."""
import sys
from typing import List

import sematic
from sematic.retry_settings import RetrySettings
from shapes import Fit, Sample, Settings

attempts = 0


@sematic.func
def load(count: int) -> List[Sample]:
    """Makes samples."""
    return [Sample(index / 2, f"sample {index}") for index in range(count)]


@sematic.func
def square(value: float) -> float:
    return value * value


@sematic.func
def total(values: List[float]) -> float:
    return sum(values)


@sematic.func
def spread(start: float) -> float:
    return total([square(start), square(start + 1), square(start + 2)])


@sematic.func(retry=RetrySettings(exceptions=(ValueError,), retries=2))
def fit(samples: List[Sample], mean: float, settings: Settings) -> Fit:
    global attempts
    attempts += 1
    if attempts == 1:
        raise ValueError("not yet")
    return Fit(mean, samples, settings.level)


@sematic.func
def pipeline(settings: Settings, start: float, note: str) -> Fit:
    """Fits samples."""
    return fit(load(settings.rounds), spread(start), settings).set(tags=["fitted"])


@sematic.func
def refuse(value: float) -> float:
    raise ValueError("refused")


@sematic.func
def failing(start: float) -> float:
    return refuse(square(start))


from shapes import Level

for future in (pipeline(Settings(3, Level.HIGH, None), 1.25, "a note"), failing(1.25)):
    print("run", future.id)
    try:
        sematic.LocalRunner().run(future)
    except Exception as error:
        print(error, file=sys.stderr)
