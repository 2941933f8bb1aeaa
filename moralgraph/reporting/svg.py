"""Draw a figure as an SVG file of its own: for a paper, a slide, or whoever replicates a report.

Rule that must stay true: the same figure gives the same bytes. Words are escaped, and nothing in the file can act.
"""

from xml.sax.saxutils import escape

from elicit.charts import WIDTH, DrawnInterval, interval_chart
from moralgraph.reporting.figures import Figure

LABELS = 420  # room for what stands before the drawing, in the drawing's own units
NUMBERS = 200  # room for what stands behind it
ROW = 28
HEAD = 56
LONGEST_LABEL = 58  # letters that fit before the drawing
INK, QUIET, LINE, BRAND, PAPER = "#1a2528", "#4d5b60", "#dcd9cf", "#0f5c5b", "#ffffff"
FONT = "system-ui, Segoe UI, Roboto, Noto Sans, sans-serif"


def draw(figure: Figure) -> str:
    """Return the figure as SVG.

    Examples
    --------
    >>> from elicit.charts import Interval
    >>> drawn = draw(Figure("f", "A & B", (Interval("near", 50.0, 40.0, 60.0, shown="50 %"),), low=0, high=100))
    >>> drawn.startswith("<svg"), "A &amp; B" in drawn, drawn.count("<line")
    (True, True, 3)
    """
    chart = interval_chart(figure.rows, low=figure.low, high=figure.high, rule=figure.rule)
    known = chart.rows if chart else ()
    width, height = LABELS + WIDTH + NUMBERS, HEAD + ROW * max(len(known), 1) + ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="{FONT}" font-size="13" fill="{INK}">',
        f"<title>{escape(figure.title or figure.name)}</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        f'<text x="8" y="24" font-size="16" font-weight="600">{escape(figure.title or figure.name)}</text>',
        *([_ticks(chart.ticks)] if chart else []),
        *(_row(row, number, rule=chart.rule if chart else "") for number, row in enumerate(known)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ticks(ticks: list[str]) -> str:
    apart = WIDTH / (len(ticks) - 1)
    return "".join(
        f'<text x="{LABELS + apart * place:.1f}" y="46" text-anchor="middle" fill="{QUIET}">{escape(tick)}</text>'
        for place, tick in enumerate(ticks)
    )


def _row(row: DrawnInterval, number: int, *, rule: str) -> str:
    middle = HEAD + ROW * number + ROW // 2
    drawn = [
        f'<text x="8" y="{middle + 4}">{escape(_shortened(row.interval.label))}</text>',
        _line(0, WIDTH, middle, stroke=LINE, width=1),
    ]
    if rule:
        drawn.append(_line(float(rule), float(rule), middle, stroke=QUIET, width=1, tall=ROW))
    if row.low and row.high:
        drawn.append(_line(float(row.low), float(row.high), middle, stroke=BRAND, width=5, opacity=0.45))
    if row.mid:
        drawn.append(_line(float(row.mid), float(row.mid), middle, stroke=BRAND, width=3, tall=14))
    numbers = " · ".join(part for part in (row.interval.shown, row.interval.note) if part) or "–"
    drawn.append(f'<text x="{LABELS + WIDTH + 16}" y="{middle + 4}">{escape(numbers)}</text>')
    return "".join(drawn)


def _line(
    start: float, end: float, middle: int, *, stroke: str, width: int, tall: int = 0, opacity: float = 1.0
) -> str:
    return (
        f'<line x1="{LABELS + start:.1f}" x2="{LABELS + end:.1f}" y1="{middle - tall // 2}" y2="{middle + tall // 2}" '
        f'stroke="{stroke}" stroke-width="{width}" opacity="{opacity}"/>'
    )


def _shortened(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
