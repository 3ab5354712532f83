import sematic

from common.numbers import parsed


@sematic.func
def calculate(number: int) -> int:
    return 2 * number


@sematic.func
def pipeline(text: str) -> int:
    return calculate(parsed(text))
