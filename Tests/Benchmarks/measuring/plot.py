"""Log-log plots side by side, as SVG."""
import math
from html import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 320, 230, 62, 34, 20, 40
# Between two labels of the axis.
ROOM = 46
INK, GRID, GUIDE = "#333", "#ddd", "#999"


class Panel:
    """One cost by one kind of work. Points are (work, cost), both above 0."""

    def __init__(self, title, points, ticks, unit, colour):
        """Ticks are (work, label): those that have room are drawn, the last one always."""
        self.title, self.points, self.ticks, self.unit, self.colour = title, sorted(points), ticks, unit, colour
        costs = [cost for _, cost in self.points]
        self.low, self.high = 10 ** math.floor(math.log10(min(costs))), 10 ** math.ceil(math.log10(max(costs) * 1.05))

    def x(self, work):
        first, last = self.points[0][0], self.points[-1][0]
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(work / first) / math.log(last / first)

    def y(self, cost):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(cost / self.low) / math.log(self.high / self.low)

    def svg(self):
        parts = [text(LEFT, 20, self.title, bold=True)]
        for power in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1):
            y = self.y(10 ** power)
            parts += [line(LEFT, y, WIDTH - RIGHT, y, GRID), text(LEFT - 6, y + 4, f"{10 ** power:g}", "end")]
        drawn = None
        for work, label in reversed(self.ticks):
            x = self.x(work)
            if drawn is not None and drawn - x < ROOM:
                continue
            drawn = x
            parts += [line(x, TOP, x, HEIGHT - BOTTOM, GRID), text(x, HEIGHT - BOTTOM + 16, label, "middle")]
        parts.append(text(14, (TOP + HEIGHT - BOTTOM) / 2, self.unit, "middle", turned=True))
        parts.append(path([(self.x(work), self.y(cost)) for work, cost in self.linear()], GUIDE, "4 3"))
        places = [(self.x(work), self.y(cost)) for work, cost in self.points]
        parts.append(path(places, self.colour))
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{self.colour}"/>' for x, y in places]
        return "\n".join(parts)

    def linear(self, steps=60):
        """What it would be if everything above the first cost were in proportion to the work."""
        (first, fixed), (last, top) = self.points[0], self.points[-1]
        works = [first * (last / first) ** (step / steps) for step in range(steps + 1)]
        return [(work, fixed + (max(top, fixed) - fixed) * (work - first) / (last - first)) for work in works]


def line(x1, y1, x2, y2, colour):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def path(places, colour, dashes=None):
    data = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    style = f' stroke-dasharray="{dashes}"' if dashes else ' stroke-width="2"'
    return f'<path d="{data}" fill="none" stroke="{colour}"{style}/>'


def text(x, y, words, anchor="start", bold=False, turned=False):
    more = ' font-weight="bold"' if bold else ""
    if turned:
        more += f' transform="rotate(-90 {x:.1f} {y:.1f})"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}"{more}>{escape(words)}</text>'


def page(panels, columns, caption):
    """Panels from left to right and from the top down."""
    rows = -(-len(panels) // columns)
    width, height = columns * WIDTH, rows * HEIGHT + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">', f'<rect width="{width}" height="{height}" fill="white"/>']
    for number, panel in enumerate(panels):
        x, y = number % columns * WIDTH, number // columns * HEIGHT
        parts += [f'<g transform="translate({x} {y})">', panel.svg(), "</g>"]
    parts += [text(LEFT, height - 12, caption), "</svg>", ""]
    return "\n".join(parts)
