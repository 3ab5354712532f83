import sematic
from shouting import shout
from vendored import twice


@sematic.func
def pipeline(text: str) -> str:
    return twice(shout(text))
