import sematic

from reversing import reverse


@sematic.func
def pipeline(text: str) -> str:
    return reverse(text)
