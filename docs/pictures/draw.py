"""Draws the pictures of the documentation: each docs/pictures/NAME.txt becomes docs/images/NAME.svg.

    python3 docs/pictures/draw.py            writes all pictures
    python3 docs/pictures/draw.py --check    exit status 1 if a committed picture is not what its text says

A text is one command a line. Words are separated by blanks, texts stand in double quotes, `#` begins a comment.

    size WIDTH HEIGHT
    title "what the picture shows, for readers who cannot see it"
    box X Y WIDTH HEIGHT STYLE "bold line" "more lines"...
    text X Y STYLE "line"...               the first line's baseline is at Y
    line X1 Y1 X2 Y2 STYLE
    arrow X1 Y1 X2 Y2 STYLE "label"
    actors X DISTANCE "name"...            a sequence picture: columns with a line down
    message FROM TO STYLE "label"          from column FROM to column TO (from 1 on), one row further down
    note COLUMN STYLE "line"...            a note on a column's line, one row further down
    gap                                    an empty half row

Styles are words joined by commas: a colour (plain, blue, green, amber, red, violet, faint), dashed, thick, small, bold,
mono, middle, end. The colours have a light and a dark form; the reader's settings choose.
"""

import shlex
import sys
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parent / "images"
LINE = 18  # height of a line of text
ROW = 40  # height of a row of a sequence
GLYPH = {"bold": 7.7, "small": 6.3}  # width of a character in DejaVu Sans, the widest font that is likely
COLOURS = {  # light: ink, fill; dark: ink, fill
    "plain": ("#30353b", "#ffffff", "#d5dae0", "#20262d"),
    "blue": ("#0b5cad", "#e8f1fb", "#7db8f5", "#15293f"),
    "green": ("#0a7050", "#e6f5ef", "#63cfa6", "#12302a"),
    "amber": ("#8a5300", "#fdf3e1", "#e9b45c", "#372a12"),
    "red": ("#b3261e", "#fdecea", "#ff9a8f", "#3d1c1a"),
    "violet": ("#6a3d9a", "#f3ecfa", "#c6a3ec", "#2c2140"),
    "faint": ("#6b737c", "#f3f4f6", "#97a1ab", "#2a3038"),
}


def style_sheet():
    light, dark = [], []
    for name, (ink, fill, dark_ink, dark_fill) in COLOURS.items():
        light.append(f".{name}{{--ink:{ink};--fill:{fill}}}")
        dark.append(f".{name}{{--ink:{dark_ink};--fill:{dark_fill}}}")
    return (
        ":root{--page:#fff}.page{fill:var(--page)}.label{paint-order:stroke;stroke:var(--page);stroke-width:4px}"
        + "".join(light)
        + "rect.shape{fill:var(--fill);stroke:var(--ink);stroke-width:1.3}"
        + "path.shape{fill:none;stroke:var(--ink);stroke-width:1.5}path.head{fill:var(--ink)}"
        + ".thick{stroke-width:3!important}.dashed{stroke-dasharray:5 4}"
        + "text{font:14px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;fill:var(--ink)}"
        + ".bold{font-weight:600}.small{font-size:12px}.mono{font-family:ui-monospace,'DejaVu Sans Mono',monospace}"
        + ".middle{text-anchor:middle}.end{text-anchor:end}"
        + "@media(prefers-color-scheme:dark){:root{--page:#161b22}"
        + "".join(dark)
        + "}"
    )


class Picture:
    """The commands of one text, each a method, and the SVG that they have drawn so far."""

    def __init__(self):
        self.width = self.height = 0
        self.name = ""
        self.parts = []
        self.columns = []
        self.y = 0  # of the last row of a sequence

    def size(self, width, height):
        self.width, self.height = int(width), int(height)

    def title(self, name):
        self.name = name

    def text(self, x, y, style, *lines):
        css = " ".join(style.split(","))
        for number, line in enumerate(lines):
            y_line = int(y) + number * (LINE - (2 if "small" in style else 0))
            self.parts.append(f'<text x="{x}" y="{y_line}" class="{css}">{escape(line, quote=False)}</text>')

    def box(self, x, y, width, height, style, *lines):
        x, y, width, height = int(x), int(y), int(width), int(height)
        css = " ".join(style.split(","))
        self.parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" class="shape {css}"/>')
        first = y + (height - LINE * len(lines)) // 2 + 14
        for number, line in enumerate(lines):
            weight = "bold" if number == 0 and "small" not in style else "small"
            if len(line) * GLYPH[weight] > width - 4:
                raise ValueError(f"the box is {width} wide, too narrow for {line!r}")
            self.text(x + width // 2, first + number * LINE, f"{style},{weight},middle".replace("dashed,", ""), line)

    def line(self, x1, y1, x2, y2, style):
        css = " ".join(style.split(","))
        self.parts.append(f'<path d="M{x1} {y1}L{x2} {y2}" class="shape {css}"/>')

    def arrow(self, x1, y1, x2, y2, style, label=""):
        x1, y1, x2, y2 = int(x1), int(y1), int(x2), int(y2)
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        self.line(x1, y1, round(x2 - 6 * ux, 1), round(y2 - 6 * uy, 1), style)
        base_x, base_y = x2 - 9 * ux, y2 - 9 * uy
        corners = ((x2, y2), (base_x - 4 * uy, base_y + 4 * ux), (base_x + 4 * uy, base_y - 4 * ux))
        path = "L".join(f"{round(a, 1)} {round(b, 1)}" for a, b in corners)
        self.parts.append(f'<path d="M{path}Z" class="head {style.split(",")[0]}"/>')
        if label and abs(x2 - x1) >= abs(y2 - y1):
            self.text((x1 + x2) // 2, (y1 + y2) // 2 - 6, f"{style},small,middle,label", label)
        elif label:
            self.text((x1 + x2) // 2 + 8, (y1 + y2) // 2 + 4, f"{style},small,label", label)

    def actors(self, x, distance, *names):
        self.columns = [int(x) + number * int(distance) for number in range(len(names))]
        self.y = 62
        for column, name in zip(self.columns, names):
            self.line(column, 50, column, self.height - 14, "faint,dashed")
            self.box(column - int(distance) // 2 + 5, 14, int(distance) - 10, 36, "blue", name)

    def message(self, start, end, style, label):
        self.y += ROW
        self.arrow(self.columns[int(start) - 1], self.y, self.columns[int(end) - 1], self.y, style, label)

    def note(self, column, style, *lines):
        self.y += ROW - LINE
        width = 16 + max(len(line) for line in lines) * 7
        height = 10 + LINE * len(lines)
        x = self.columns[int(column) - 1] - width // 2
        x = max(8, min(x, self.width - width - 8))
        self.box(x, self.y - 4, width, height, f"{style},small", *lines)
        self.y += height - 10

    def gap(self):
        self.y += ROW // 2

    def svg(self):
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" class="plain">\n'
            f"<title>{escape(self.name)}</title>\n<style>{style_sheet()}</style>\n"
            f'<rect class="page" width="{self.width}" height="{self.height}" rx="6"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )


COMMANDS = ("size", "title", "box", "text", "line", "arrow", "actors", "message", "note", "gap")
MODIFIERS = ("dashed", "thick", "small", "bold", "mono", "middle", "end")


def draw(text):
    """The SVG of a text. ValueError names the line that is not understood."""
    picture = Picture()
    for number, line in enumerate(text.splitlines(), 1):
        command, *words = shlex.split(line, comments=True) or [None]
        if command is None:
            continue
        if command not in COMMANDS:
            raise ValueError(f"line {number}: there is no command {command}; there are {', '.join(COMMANDS)}")
        for word in words:
            parts = word.split(",")
            if parts[0] in COLOURS and not set(parts[1:]) <= set(MODIFIERS):
                raise ValueError(f"line {number}: {word} is no style; after the colour come {', '.join(MODIFIERS)}")
        try:
            getattr(picture, command)(*words)
        except (TypeError, ValueError, IndexError) as error:
            raise ValueError(f"line {number}: {command}: {error}") from error
    return picture.svg()


def stale(texts=HERE, images=IMAGES):
    """Names of pictures whose committed SVG is not what the text draws, and of those without a text or an SVG."""
    drawn = {file.stem: draw(file.read_text()) for file in sorted(texts.glob("*.txt"))}
    committed = {file.stem: file.read_text() for file in sorted(images.glob("*.svg"))}
    return sorted(name for name in drawn.keys() | committed.keys() if drawn.get(name) != committed.get(name))


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        names = stale()
        print(*(f"docs/images/{name}.svg is not what docs/pictures/{name}.txt draws" for name in names), sep="\n")
        sys.exit(1 if names else 0)
    for source in sorted(HERE.glob("*.txt")):
        try:
            (IMAGES / f"{source.stem}.svg").write_text(draw(source.read_text()))
        except ValueError as error:
            sys.exit(f"{source.name}: {error}")
