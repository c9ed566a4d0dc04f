"""The ledger: claims, each with a verdict that its evidence must bear out at every build.

    - id: fewer-parameters
      claim: A GRU has fewer parameters than an LSTM
      verdict: holds
      why: Three blocks against four.
      evidence:
        - for: parameters/formula.py gru_total < lstm_total
      page: parameters.md
      sources: [cho2014]

Each piece of evidence names a file, a snippet or a record of a study, and a rule over its values
that must be true. What is ``for`` the claim and what is ``against`` it decide the verdict: it
holds, or does not, or holds with a condition where there is some of both. A claim without
evidence, such as a date, rests on its sources, and its entry says so.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

import yaml

from .problems import Problem, entry, near_match, read_yaml
from .record import Scalar
from .settings import Settings

#: Which kinds of evidence each verdict needs.
VERDICTS: Final[dict[str, set[str]]] = {
    "holds": {"for"},
    "holds with a condition": {"for", "against"},
    "does not hold": {"against"},
    "not measurable here": set(),
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Evidence:
    """A rule over the values of one file, and which way it speaks."""

    side: str
    file: str
    rule: str


@dataclass(frozen=True)
class Claim:
    """One entry, and the line on which it begins."""

    line: int
    id: str
    claim: str
    verdict: str
    why: str
    evidence: tuple[Evidence, ...] = ()
    sources: tuple[str, ...] = ()
    #: The chapter that argues it, with or without an anchor.
    page: str = ""


def load(settings: Settings) -> list[Claim]:
    """Return all claims; what is wrong with the file is a :class:`Problem` of one line."""
    if settings.claims is None:
        return []
    path = settings.claims
    root = read_yaml(settings.root / path, path)
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        raise Problem(path, None, "must hold a list of claims")
    claims = [_claim(path, node) for node in root.value]
    seen: set[str] = set()
    for claim in claims:
        if claim.id in seen:
            raise Problem(path, claim.line, f'"{claim.id}" stands here twice')
        seen.add(claim.id)
    return claims


def evaluate(rule: str, value_of: Callable[[str], Scalar]) -> bool:
    """Return whether a rule is true.

    A rule compares numbers and texts: names, which ``value_of`` gives (dots included), literals,
    arithmetic, ``abs``, comparisons, ``and``, ``or`` and ``not``.

    Raises:
        ValueError: a rule of another form, an unknown name, values that do not go together.
    """
    try:
        tree = ast.parse(rule.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"not a rule: {rule!r}: {error.msg}") from None
    try:
        result = _value(tree.body, rule, value_of)
    except (ArithmeticError, TypeError) as error:
        raise ValueError(f"cannot be told: {rule!r}: {error}") from None
    if not isinstance(result, bool):
        raise ValueError(f"not a rule, for it is neither true nor false: {rule!r}")
    return result


def verdict_of(evidence: tuple[Evidence, ...]) -> set[str]:
    """Return the verdicts that these kinds of evidence allow."""
    sides = {one.side for one in evidence}
    return {verdict for verdict, needed in VERDICTS.items() if needed == sides}


def _value(node: ast.expr, rule: str, value_of: Callable[[str], Scalar]) -> Any:
    def of(part: ast.expr) -> Any:
        return _value(part, rule, value_of)

    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return value
        case ast.Name() | ast.Attribute():
            return value_of(ast.unparse(node))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not of(operand)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -of(operand)
        case ast.BoolOp(op=op, values=values):
            found = [of(value) for value in values]  # all of them, so that no wrong name hides
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](of(left), of(right))
        case ast.Call(func=ast.Name(id="abs"), args=[argument], keywords=[]):
            return abs(of(argument))
        case ast.Compare(left=left, ops=ops, comparators=comparators) if all(
            type(op) in _COMPARISONS for op in ops
        ):
            terms = [of(left), *map(of, comparators)]
            pairs = zip(ops, terms, terms[1:], strict=False)
            return all(_COMPARISONS[type(op)](one, other) for op, one, other in pairs)
    raise ValueError(f"not a rule: {rule!r}: {ast.unparse(node)} is not allowed")


def _claim(path: str, node: yaml.Node) -> Claim:
    line = node.start_mark.line + 1
    try:
        given = entry(node)
    except ValueError as error:
        raise Problem(path, line, f"not YAML: {error}") from None
    if not isinstance(given, dict):
        raise Problem(path, line, 'a claim must be lines of "name: value"')

    def fault(message: str) -> Problem:
        return Problem(path, line, f'"{given.get("id", "a claim")}" {message}')

    known = [field.name for field in fields(Claim) if field.name != "line"]
    for name in given:
        if name not in known:
            raise fault(f'has no "{name}".{near_match(str(name), known)}')
    for name in ("id", "claim", "verdict", "why"):
        if not isinstance(given.get(name), str) or not given[name].strip():
            raise fault(f'needs "{name}", a text')
    if given["verdict"] not in VERDICTS:
        raise fault(f'has no verdict "{given["verdict"]}".{near_match(given["verdict"], VERDICTS)}')
    for name in ("evidence", "sources"):
        if not isinstance(given.setdefault(name, []), list):
            raise fault(f'"{name}" must be a list')
    if not isinstance(given.get("page", ""), str):
        raise fault('"page" must be a text')
    evidence = tuple(_evidence(one, fault) for one in given.pop("evidence"))
    sources = tuple(map(str, given.pop("sources")))
    if not evidence and not sources:
        raise fault("needs evidence or a source")
    claim = Claim(line, evidence=evidence, sources=sources, **given)
    if evidence and claim.verdict not in verdict_of(evidence):
        sides = " and ".join(sorted({one.side for one in evidence}))
        allowed = " or ".join(f'"{one}"' for one in verdict_of(evidence))
        raise fault(f'says "{claim.verdict}", but its evidence is {sides} it: {allowed}')
    return claim


def _evidence(given: Any, fault: Callable[[str], Problem]) -> Evidence:
    if not isinstance(given, dict) or len(given) != 1 or not {*given} <= {"for", "against"}:
        raise fault('has evidence that is not a line of "for: file rule" or "against: file rule"')
    ((side, text),) = given.items()
    file, _, rule = str(text).partition(" ")
    if not file.endswith((".py", ".json")) or not rule.strip():
        raise fault(f'has evidence without a file or a rule: "{text}"')
    return Evidence(side, file, rule.strip())
