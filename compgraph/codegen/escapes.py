"""Names in print: one function for each target by which a name, whatever is in it, becomes text there and nothing else.

Names are free Unicode. What could be taken for a formula, for markup or for a line's end is quoted or escaped.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

__all__ = ["NAME", "html_name", "html_text", "latex_name", "latex_text", "text_name"]

# Letters and digits, with marks on them; not ², which would read as a power.
_LETTER = r"(?:[^\W⁰¹²³⁴-ⁿ]|[\u0300-\u036f])"
_PART = rf"{_LETTER}+['′″]*(?:\[\w+(?:, ?\w+)*\])*"
_WORD = rf"(?=[^\W\d₀-₉¼-¾]){_PART}(?:\.{_PART})*"

#: How a name stands in a formula: as it is, or quoted. Neither can be taken for anything else there.
NAME: Final = rf'(?:{_WORD}|"(?:[^"\\]|\\.)*")'

# One part of a name between dots: letters, the digits after them or what stands after a low line, primes, indices.
_PIECES = re.compile(
    rf"(?P<base>.+?)(?P<index>[0-9]+|[₀-₉]+|(?<=[^\W\d_])_{_LETTER}+?)?(?P<primes>['′″]*)(?P<brackets>(?:\[[^\]]*\])*)"
)

# The Greek letters that have a command of their own; the others look like Latin ones.
_SMALL: Final = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
    "phi chi psi omega"
)  # fmt: skip
_CAPITAL: Final = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
_COMMANDS: Final = frozenset([*_SMALL.split(), *_CAPITAL.split(), "varepsilon", "varphi"])
_GREEK: Final = {
    unicodedata.lookup(f"GREEK {size} LETTER {name.replace('lambda', 'lamda').replace('Lambda', 'Lamda')}"): name
    for size, names in (("SMALL", _SMALL), ("CAPITAL", _CAPITAL))
    for name in names.split()
}
_DIGITS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

# Commands that mathematics mode has everywhere: pdfLaTeX, MathJax and KaTeX differ in what \text may hold.
_LATEX: Final = {
    "\\": r"\backslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "~": r"{\sim}", "^": r"{\wedge}", "<": "{<}", ">": "{>}", "|": r"{\vert}", "*": r"{\ast}", "`": r"{\grave{\ }}",
    "∂": r"\partial{}", "∇": r"\nabla{}", "∞": r"\infty{}", "−": "{-}", "·": r"{\cdot}", "′": "'", "″": "''",
    "→": r"{\to}", "×": r"{\times}", "≤": r"{\le}", "≥": r"{\ge}", "≠": r"{\ne}", "½": r"\tfrac{1}{2}",
}  # fmt: skip


def text_name(name: str) -> str:
    r"""A name as it stands in every formula, on the screen and in pictures.

    One word, perhaps with dots, indices in brackets and primes, stays as it is. Anything else could be taken for a
    formula or a number, or break the line: it is quoted, and what does not print is spelled out as in Python.

    >>> print(text_name("layer1.w[0]"), text_name("θ₁′"), text_name("my loss"), text_name("2"), text_name("a\nb"))
    layer1.w[0] θ₁′ "my loss" "2" "a\nb"
    """
    return name if re.fullmatch(_WORD, name) else f'"{"".join(map(_spelled, name))}"'


def _spelled(character: str) -> str:
    if character in {'"', "\\"}:
        return f"\\{character}"
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def html_name(name: str) -> str:
    """A name in HTML, in italics, the digits after its letters below the line.

    >>> html_name("layer1.w2"), html_name("a<b>")
    ('<var>layer<sub>1</sub>.w<sub>2</sub></var>', '<var>&quot;a&lt;b&gt;&quot;</var>')
    """
    if not re.fullmatch(_WORD, name):
        return f"<var>{html_text(text_name(name))}</var>"
    shown = []
    for base, index, primes, brackets in map(_pieces, name.split(".")):
        below = f"<sub>{html_text(index.lstrip('_'))}</sub>" if index else ""
        shown.append(f"{html_text(base)}{below}{html_text(primes + brackets)}")
    return f"<var>{'.'.join(shown)}</var>"


def html_text(text: str) -> str:
    """Plain text in HTML, where neither the text of an element nor a quoted attribute can end by it.

    >>> html_text('</style><b a="1">')
    '&lt;/style&gt;&lt;b a=&quot;1&quot;&gt;'
    """
    return html.escape(text).replace("&#x27;", "'")


def latex_name(name: str) -> str:
    r"""A name in LaTeX's mathematics mode: Greek letters, indices below the line, words upright.

    Args:
        name: The name. Letters that are neither Latin nor Greek need XeLaTeX or LuaLaTeX, or MathJax or KaTeX.

    >>> print(latex_name("w1"), latex_name("theta1"), latex_name("layer1.w2"), latex_name("x′"), latex_name("a b"))
    w_{1} \theta_{1} \mathrm{layer}_{1}.w_{2} x' \text{"a b"}
    """
    if not re.fullmatch(_WORD, name):
        return latex_text(text_name(name))
    shown = []
    for base, index, primes, brackets in map(_pieces, name.split(".")):
        below = [entry for entry in (index.lstrip("_").translate(_DIGITS), *_entries(brackets)) if entry]
        indices = f"_{{{','.join(map(_latex_word, below))}}}" if below else ""
        shown.append(_latex_word(base) + indices + primes.replace("″", "''").replace("′", "'"))
    return ".".join(shown)


def latex_text(text: str) -> str:
    r"""Plain text on one line of LaTeX's mathematics mode, whatever stands in it.

    >>> print(latex_text("50 % of {a}"))
    \text{50 }\%\text{ of }\{\text{a}\}
    """
    pieces = re.split(f"([{re.escape(''.join([*_LATEX, *_GREEK]))}])", text)
    return "".join(
        piece if not piece else _symbol(piece) if index % 2 else rf"\text{{{piece}}}"
        for index, piece in enumerate(pieces)
    )


def _symbol(character: str) -> str:
    return _LATEX[character] if character in _LATEX else rf"\{_GREEK[character]}{{}}"


def _latex_word(word: str) -> str:
    """A base or an index: one letter in italics, a number as it is, a Greek letter by its name, a word upright."""
    greek = _GREEK.get(word, word)
    if greek in _COMMANDS:
        return rf"\{greek}"
    if (len(word) == 1 and word.isascii()) or (word.isdecimal() and word.isascii()):
        return r"\_" if word == "_" else word
    if word.isascii():
        escaped = word.replace("_", r"\_")
        return rf"\mathrm{{{escaped}}}"
    return latex_text(word)


def _pieces(part: str) -> tuple[str, str, str, str]:
    """(letters, index, primes, indices in brackets) of a part of a name; the index with the low line that led to it."""
    found = _PIECES.fullmatch(part)
    if found is None:
        return part, "", "", ""
    base, index, primes, brackets = (found[group] or "" for group in ("base", "index", "primes", "brackets"))
    plain = base.isalpha() and (not index.startswith("_") or len(base) == 1 or base in _COMMANDS)
    return (base, index, primes, brackets) if plain else (base + index, "", primes, brackets)


def _entries(brackets: str) -> list[str]:
    return re.findall(r"\w+", brackets)
