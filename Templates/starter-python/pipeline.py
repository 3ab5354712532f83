"""The pipeline's functions. In a module of their own, so that the cluster's workers import them by name."""

import json
import subprocess
from typing import Dict

import sematic


@sematic.func
def count(text: str) -> Dict[str, int]:
    """Has the words counted by the package's Swift executable, which is on PATH here and in the image."""
    done = subprocess.run(["count-words"], input=text, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@sematic.func
def summarize(counts: Dict[str, int]) -> str:
    return ", ".join(f"{count} x {word}" for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


@sematic.func
def report(text: str) -> str:
    return summarize(count(text))
