import csv
import importlib.resources
from pathlib import Path

import sematic

TEMPLATE = Path(__file__).parent / "template.txt"


@sematic.func
def price(name: str) -> str:
    with open("tables/prices.csv") as table:
        return dict(csv.reader(table))[name]


@sematic.func
def line(name: str, price: str) -> str:
    currency = importlib.resources.files("reporting.settings").joinpath("currency.txt").read_text().strip()
    return TEMPLATE.read_text().format(name=name, price=price, currency=currency)


@sematic.func
def pipeline(name: str) -> str:
    return line(name, price(name))
