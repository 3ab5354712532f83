"""What the benchmark prints: tables of ours beside the peers'."""

WIDTH = 44


def title(text):
    print(f"\n{text}", flush=True)


def note(text):
    print(f"  {text}", flush=True)


def mark(what, value, limit, unit):
    """A goal, and whether this run reached it."""
    def text(number):
        return f"{number:.3g} {unit}".rstrip()

    verdict = "reached" if value <= limit else "MISSED"
    print(f"  mark: {what} at most {text(limit)}: {text(value)}, {verdict}", flush=True)


def ratio(own, other):
    return f"{own / other:5.2f}" if own >= other / 10 else f"{own / other:5.3f}"


def figures(columns, rows):
    """Rows of (name, value of each column or None); the first is ours, and each column's ratio is ours by the row's."""
    print(f"{'':<{WIDTH}}" + "".join(f"{name:>10} ratio" for name in columns), flush=True)
    ours = rows[0][1:]
    for number, (name, *values) in enumerate(rows):
        line = f"{name:<{WIDTH}}"
        for own, value in zip(ours, values):
            line += "         -      " if value is None else f"{value:>10.2f} "
            if value is not None:
                line += ratio(own, value) if number and own is not None and value else "     "
        print(line.rstrip(), flush=True)


def missing(names):
    for name in names:
        note(f"missing: {name} (not installed)")
