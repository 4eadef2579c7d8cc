"""Typed: whether typed code is the target's, however it is laid out, and the first token at which it is not.

Code is equal when its syntax trees are: spacing, comments, quotes and parentheses that change nothing do not count.
Tokens only say where it differs. They are found without Python's own tokenizer, which stops at the first mistake, and
at another one in each version.
"""

from __future__ import annotations

import ast
import re
import textwrap
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

_TOKEN = re.compile(
    r"""(?P<nothing>\s+|\#.*|\\$)
    |(?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?)
    |(?P<word>(?:\.\s*)?[^\W\d]\w*)
    |(?P<string>'[^']*'|"[^"]*")
    |(?P<sign>\*\*=?|//=?|->|[-+*/%@&|^<>=!:]=|.)""",
    re.VERBOSE,
)
_BODY = "\n    pass"
_LONG = 2_000  # no pattern comes near it; what is longer is not looked at closely
_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class _Token:
    """A word, number or sign; or the start of a line, whose text is "" and whose key is how deep it is indented."""

    key: str | int
    text: str
    line: int
    column: int

    @property
    def starts_a_line(self) -> bool:
        return isinstance(self.key, int)

    @property
    def end(self) -> int:
        return self.column + len(self.text)


@dataclass(frozen=True)
class Difference:
    """Where typed code first differs: `line` counts from 1, `column` from 0; `width` characters are meant."""

    line: int
    column: int
    width: int
    source: str
    says: str

    @property
    def caret(self) -> str:
        """The line as it was typed, and below it carets under what differs."""
        before = re.sub(r"[^\t]", " ", self.source[: self.column])
        return f"{self.source}\n{before}{'^' * self.width}"


def is_the_same(typed: str, target: str) -> bool:
    """Whether typed code is the target's. A target that is the head of a block is met by the head alone."""
    wanted = _tree(with_body(target))
    return any(_tree(code) == wanted for code in (laid_out(typed), laid_out(typed) + _BODY))


def with_body(code: str) -> str:
    """The code; the head of a block gets a body that does nothing, so that Python reads it."""
    return code + _BODY if code.endswith(":") else code


def laid_out(typed: str) -> str:
    """Typed code without empty lines around it and without indentation that all of it has."""
    return textwrap.dedent(typed).strip("\n")


def is_blank(typed: str) -> bool:
    """Whether nothing is typed but comments."""
    return not _tokens(typed)


def first_difference(typed: str, target: str) -> Difference:
    """Where code that is not the target's first differs from it, and in a sentence what stands and what belongs there.

    Something has to be typed: see `is_blank`.
    """
    typed = laid_out(typed)
    found, expected = _without_idle_parentheses(typed), _tokens(target)
    lines = typed.split("\n")
    for number, (one, other) in enumerate(zip_longest(found, expected)):
        if one is None or other is None or one.key != other.key:
            before = found[number - 1] if number else None
            after = expected[number + 1] if number + 1 < len(expected) else None
            return _described(lines, before, one, other, after)
    return _unreadable(typed, lines)


def _described(
    lines: Sequence[str], before: _Token | None, one: _Token | None, other: _Token | None, after: _Token | None
) -> Difference:
    """What stands at `one` (None: nothing more) where `other` (None: nothing more) belongs; `after` follows `other`."""
    if one is not None and isinstance(one.key, int) and other is not None and isinstance(other.key, int):
        return _indented_wrongly(lines, one, one.key, other.key)
    wanted = after if other is not None and other.starts_a_line else other
    if one is not None and not one.starts_a_line:
        belongs = _quoted(wanted) if wanted is not None and wanted is other else "the end of the line"
        return _at(lines, one, f"{_place(lines, one)} stands {_quoted(one)}, and {belongs} was expected.")
    if wanted is None and one is not None:
        whole = replace(one, text=lines[one.line - 1][one.column :])
        return _at(lines, whole, f"Your line {one.line} is one too many: nothing more was expected.")
    assert before is not None  # something is typed
    assert wanted is not None
    end = replace(before, column=before.end, text="")
    if wanted is other:
        return _at(lines, end, f"{_place(lines, end)} the line ends, and {_quoted(wanted)} was expected.")
    return _at(lines, end, f"It ends here, and another line was expected, which begins with {_quoted(wanted)}.")


def _indented_wrongly(lines: Sequence[str], start: _Token, depth: int, wanted: int) -> Difference:
    levels = "one level more" if depth < wanted else "one level less"
    says = "as deep as a line above it" if depth < 0 else levels
    return _at(lines, start, f"Your line {start.line} was expected to be indented {says}.")


def _at(lines: Sequence[str], token: _Token, says: str) -> Difference:
    return Difference(token.line, token.column, max(1, len(token.text)), lines[token.line - 1], says)


def _place(lines: Sequence[str], token: _Token) -> str:
    """The place of a token in words, for those who hear the page."""
    before = lines[token.line - 1][: token.column].strip()
    return f"In your line {token.line}, after `{before}`," if before else f"At the start of your line {token.line}"


def _quoted(token: _Token) -> str:
    """A token, and the name of a character that looks like another one."""
    strange = len(token.text) == 1 and not token.text.isascii()
    return f"`{token.text}`" + (f" ({unicodedata.name(token.text, 'a rare character').lower()})" if strange else "")


def _unreadable(typed: str, lines: Sequence[str]) -> Difference:
    """All tokens are right, so it is how they stand in their lines: tabs among spaces, say."""
    try:
        ast.parse(typed)
    except SyntaxError as error:
        line = min(max(error.lineno or 1, 1), len(lines))
        return Difference(line, 0, 1, lines[line - 1], f"Python cannot read your line {line}: {error.msg}.")
    except _UNPARSABLE:
        pass
    return Difference(1, 0, 1, lines[0], "The words are right, but Python reads them as another statement.")


# --- tokens and trees -------------------------------------------------------------------------------


def _tokens(code: str) -> list[_Token]:
    return list(_scan(code[:_LONG]))


def _scan(code: str) -> Iterator[_Token]:
    indents, open_brackets, continued = [0], 0, False
    for number, line in enumerate(code.split("\n"), 1):
        fresh = not open_brackets and not continued
        continued = line.endswith("\\")
        depth = None
        for match in _TOKEN.finditer(line):
            text = match[0]
            if match.lastgroup == "nothing":
                continue
            if text == ";" and not open_brackets:  # as good as a new line, and as nothing at the end of one
                fresh = True
                continue
            if fresh:
                depth = _depth(line, indents) if depth is None else depth
                yield _Token(depth, "", number, match.start())
                fresh = False
            open_brackets += (text in "([{") - (text in ")]}")
            open_brackets = max(open_brackets, 0)
            yield _Token(_key(match), text, number, match.start())


def _depth(line: str, indents: list[int]) -> int:
    """How many levels a line is indented; -1 where it fits no line above it. `indents` is kept up to date."""
    line = line.expandtabs(8)
    width = len(line) - len(line.lstrip())
    if width > indents[-1]:
        indents.append(width)
    while width < indents[-1]:
        indents.pop()
    return len(indents) - 1 if width == indents[-1] else -1


def _key(match: re.Match[str]) -> str:
    """What is compared: numbers by their value, a name behind a dot without the space between them."""
    if match.lastgroup == "number":
        try:
            return repr(ast.literal_eval(match[0]))
        except _UNPARSABLE:
            return match[0]
    return re.sub(r"\s+", "", match[0])


def _without_idle_parentheses(typed: str) -> list[_Token]:
    """The tokens of typed code but for pairs of parentheses that change nothing, so that none of them is blamed."""
    tokens, tree = _tokens(typed), _tree(typed)
    if tree is None or len(typed) > _LONG:
        return tokens
    starts = [0]
    for line in typed.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    code, waiting = typed, list[int]()
    idle = set[int]()
    for index, token in enumerate(tokens):
        if token.text == "(":
            waiting.append(index)
        elif token.text == ")" and waiting:
            pair = (waiting.pop(), index)
            without = list(code)
            for place in pair:
                without[starts[tokens[place].line - 1] + tokens[place].column] = " "
            if _tree("".join(without)) == tree:
                code = "".join(without)
                idle.update(pair)
    return [token for index, token in enumerate(tokens) if index not in idle]


def _tree(code: str) -> str | None:
    """The syntax tree as text, without positions; None where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(code))
    except _UNPARSABLE:
        return None
