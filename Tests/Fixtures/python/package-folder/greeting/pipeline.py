import sematic

from greeting.words import greeting


@sematic.func
def greet(name: str) -> str:
    return greeting(name)


@sematic.func
def pipeline(name: str) -> str:
    return greet(name)
