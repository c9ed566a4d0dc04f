"""What a terminal shows of a text that was written to it."""

import re

#: Sequences that move the cursor or erase; those that set colors and titles; single characters.
_CONTROL = re.compile(
    r"\x1b\[(?P<number>\d*)(?P<move>[A-DGJK])"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-~]"
    r"|(?P<character>[\x00-\x08\x0a-\x1f\x7f-\x9f])"
)


def shown(text: str) -> str:
    """Return ``text`` as a terminal leaves it: no control character stays but ends of lines, tabs.

    A carriage return and a backspace go back, and what follows overwrites; colors go.
    """
    lines: list[list[str]] = [[]]
    row = column = start = 0
    for control in _CONTROL.finditer(f"{text}\0"):
        if written := text[start : control.start()]:
            line = lines[row]
            line += " " * (column - len(line))
            line[column : column + len(written)] = written
            column += len(written)
        start, count = control.end(), int(control["number"] or 1) or 1
        match control["move"] or control["character"]:
            case "\n":
                row, column = row + 1, 0
            case "\r":
                column = 0
            case "A":
                row = max(0, row - count)
            case "B":
                row += count
            case "C":
                column += count
            case "D" | "\b":
                column = max(0, column - count)
            case "G":
                column = count - 1
            case "J" | "K" as extent:
                part = int(control["number"] or 0)
                _erase(lines[row], column, part)
                if extent == "J" and part:
                    lines[:row] = [[] for _ in range(row)]
                if extent == "J" and part != 1:
                    del lines[row + 1 :]
        lines += [[] for _ in range(row + 1 - len(lines))]
    return "\n".join(map("".join, lines))


def _erase(line: list[str], column: int, part: int) -> None:
    """Erase what follows the cursor (part 0), what precedes it (1) or both (2)."""
    if part == 1:
        before = min(len(line), column + 1)
        line[:before] = " " * before
    else:
        del line[column if part == 0 else 0 :]
