"""Draw the exam of the home page, in the theme's colours (run as a script)."""

from __future__ import annotations

from pathlib import Path

ENGLISH = {
    "suffix": "",
    "subjects": ["click", "long view", "watch time"],
    "apart": ("Apart", "a course for each subject"),
    "together": ("Together", "one shared course", "own lessons"),
}
CHINESE = {
    "suffix": "_zh",
    "subjects": ["点击", "长播", "观看时长"],
    "apart": ("各学各的", "每科各上一门课"),
    "together": ("一起学", "一门共享的课", "自己的课"),
}
# Those of report_card.png: AUC, AUC and D².
MARKS_APART = (".715", ".716", ".200")
MARKS_TOGETHER = (".721", ".725", ".218")
LINES = (62, 122, 182)
EDGES = ((0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6))


def tree(x: float, y: float, name: str = "exam-tree") -> str:
    nodes = [(13, 3), (7, 12), (19, 12), (4, 21), (10, 21), (16, 21), (22, 21)]
    nodes = [(x + a, y + b) for a, b in nodes]
    path = "".join(
        "M{} {}L{} {}".format(*nodes[start], *nodes[end]) for start, end in EDGES
    )
    circles = "".join(
        f'<circle class="{name}-node" cx="{a}" cy="{b}" r="2"/>' for a, b in nodes
    )
    return f'<path class="{name}" d="{path}"/>{circles}'


def box(x: float, y: float, width: float, height: float, name: str = "") -> str:
    return (
        f'<rect class="exam-box {name}" x="{x}" y="{y}" width="{width}" '
        f'height="{height}" rx="6"/>'
    )


def line(path: str) -> str:
    return f'<path class="exam-line" d="{path}"/>'


def text(x: float, y: float, words: str, name: str = "", anchor: str = "start") -> str:
    return f'<text class="{name}" x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>'


def drawing(title: str, subjects: list[str], marks: tuple[str, ...], body: str) -> str:
    described = ", ".join(f"{s} {m}" for s, m in zip(subjects, marks, strict=True))
    names = "".join(
        text(2, y + 5, subject) for subject, y in zip(subjects, LINES, strict=True)
    )
    return (
        '<svg class="exam" role="img" viewBox="0 0 340 232" '
        f'aria-label="{title}: {described}" xmlns="http://www.w3.org/2000/svg">\n'
        f"{text(170, 22, title, 'exam-title', 'middle')}{names}{body}\n</svg>\n"
    )


def apart(words: dict) -> str:
    title, note = words["apart"]
    parts = [text(190, 226, note, "exam-note", "middle")]
    for mark, y in zip(MARKS_APART, LINES, strict=True):
        parts += [line(f"M90 {y}H118M262 {y}H286"), box(118, y - 20, 144, 40)]
        parts += [tree(127 + 33 * i, y - 12) for i in range(4)]
        parts += [text(294, y + 6, mark, "exam-mark")]
    return drawing(title, words["subjects"], MARKS_APART, "".join(parts))


def together(words: dict) -> str:
    title, course, lessons = words["together"]
    parts = [
        box(114, 42, 88, 160, "exam-shared"),
        *(tree(125 + 38 * i, 54 + 37 * j) for i in range(2) for j in range(4)),
        text(150, 226, course, "exam-note", "middle"),
        text(270, 226, lessons, "exam-note", "middle"),
    ]
    for mark, y in zip(MARKS_TOGETHER, LINES, strict=True):
        parts += [
            line(f"M90 {y}C102 {y} 102 122 114 122"),
            line(f"M202 122C214 122 210 {y} 222 {y}M258 {y}H286"),
            box(222, y - 17, 36, 34),
            tree(227, y - 12, "exam-own-tree"),
            text(294, y + 6, mark, "exam-mark exam-up"),
        ]
    return drawing(title, words["subjects"], MARKS_TOGETHER, "".join(parts))


if __name__ == "__main__":
    folder = Path(__file__).parents[1] / "images"
    for words in (ENGLISH, CHINESE):
        for name, draw in (("apart", apart), ("together", together)):
            path = folder / f"exam_{name}{words['suffix']}.svg"
            path.write_text(draw(words), encoding="utf-8")
