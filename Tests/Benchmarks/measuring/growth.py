"""How a cost grows with the work."""
import math

# An exponent of this much above 1 is still noise of the machine.
LINEAR = 1.25


def exponent(points, noise):
    """The slope of log(cost) by log(work), of what comes on top of the smallest work's cost.

    Points are (work, cost). What rises above the first by less than the noise says nothing, but that a lone higher one
    rose from there. None where none is higher.
    """
    (first, fixed), *others = sorted(points)
    higher = [number for number, (_, cost) in enumerate(others) if cost - fixed > noise]
    logs = [(math.log(others[number][0] - first), math.log(others[number][1] - fixed)) for number in higher]
    if len(higher) == 1 and higher[0] > 0:
        logs.append((math.log(others[higher[0] - 1][0] - first), math.log(noise)))
    if len(logs) < 2:
        return None
    middle_x, middle_y = (sum(values) / len(logs) for values in zip(*logs))
    return sum((x - middle_x) * (y - middle_y) for x, y in logs) / sum((x - middle_x) ** 2 for x, _ in logs)


class Verdict:
    """What is said of one cost, and whether it is as it must be."""

    def __init__(self, points, noise, unit, flat_within=None):
        """`flat_within`: it must not grow by more than so much. Otherwise it must grow linearly or slower."""
        (_, first), *others = sorted(points)
        growth, slope = max(0, max(cost for _, cost in others) - first), exponent(points, noise)
        power = "" if slope is None else f", with the power {slope:.2f}"
        if flat_within is not None:
            self.holds = growth <= flat_within
            self.text = f"flat (within {growth:.3g} {unit})" if self.holds else f"GROWS by {growth:.3g} {unit}{power}"
        elif growth <= noise:
            self.holds, self.text = True, f"flat (within {growth:.3g} {unit})"
        else:
            self.holds = slope is None or slope <= LINEAR
            self.text = f"grows by {growth:.3g} {unit}{power}: "
            self.text += "linear or better" if self.holds else "SUPER-LINEAR"
