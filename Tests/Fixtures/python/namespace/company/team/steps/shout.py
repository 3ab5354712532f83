import sematic

from company.shared.text import loud


@sematic.func
def pipeline(text: str) -> str:
    return loud(text)
