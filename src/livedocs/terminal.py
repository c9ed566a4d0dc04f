"""What a terminal shows of a text that was written to it."""

from __future__ import annotations

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
    screen, start = _Screen(), 0
    for control in _CONTROL.finditer(text):
        screen.write(text[start : control.start()])
        start = control.end()
        screen.obey(control["move"] or control["character"], control["number"])
    screen.write(text[start:])
    return "\n".join("".join(line) for line in screen.lines)


class _Screen:
    """Lines of characters, as long as need be, and a cursor."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = [[]]
        self._row = self._column = 0

    def write(self, text: str) -> None:
        if not text:
            return
        line = self.lines[self._row]
        line += " " * (self._column - len(line))
        line[self._column : self._column + len(text)] = text
        self._column += len(text)

    def obey(self, control: str | None, number: str | None) -> None:
        """Do what a character, or a sequence such as ``ESC [ 2 K``, says."""
        count = int(number or 1) or 1
        match control:
            case "\n":
                self._go_to(self._row + 1)
                self._column = 0
            case "\r":
                self._column = 0
            case "A":
                self._go_to(max(0, self._row - count))
            case "B":
                self._go_to(self._row + count)
            case "C":
                self._column += count
            case "D" | "\b":
                self._column = max(0, self._column - count)
            case "G":
                self._column = count - 1
            case "J" | "K":
                self._erase(all_lines=control == "J", part=int(number or 0))

    def _go_to(self, row: int) -> None:
        self._row = row
        while len(self.lines) <= row:
            self.lines.append([])

    def _erase(self, *, all_lines: bool, part: int) -> None:
        """Erase what follows the cursor (part 0), what precedes it (1) or both (2)."""
        line = self.lines[self._row]
        if part == 1:
            before = min(len(line), self._column + 1)
            line[:before] = " " * before
        else:
            del line[self._column if part == 0 else 0 :]
        if all_lines and part:
            self.lines[: self._row] = [[] for _ in range(self._row)]
        if all_lines and part != 1:
            del self.lines[self._row + 1 :]
