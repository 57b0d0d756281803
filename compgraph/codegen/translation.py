"""Python functions of floats as JavaScript: which functions, constants and runtime functions a function needs.

A function object is translated from its own source, with what its free names stand for: other functions, closures,
partial functions, caches, tables and numbers. Each becomes one definition; a printed source holds those it needs.
"""

from __future__ import annotations

import ast
import functools
import math
import operator
import re
import types
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from ..errors import is_inside
from .expressions import BOOL, LIST, Local, is_record, literal
from .sources import TranslationError, definition_of, free_names, uses_wide_integers
from .statements import Statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .expressions import Expressions

__all__ = ["Translator", "runtime_definitions", "takes_most"]

_DEFINITION: Final = re.compile(r"^(?:function|const|class) (\w+)", re.MULTILINE)
_REFERENCE: Final = re.compile(r"«(\w+)»")
_WORD: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)

# Functions of math that raise nowhere, and that JavaScript has as they are.
_SAME: Final[Mapping[Any, str]] = {
    math.atan: "Math.atan", math.atan2: "Math.atan2", math.tanh: "Math.tanh", math.asinh: "Math.asinh",
    math.cbrt: "Math.cbrt", math.fabs: "Math.abs",
}  # fmt: skip

# What no variable may be called: JavaScript's words, and the names that the printed text takes from it.
_WORDS: Final = """
arguments await break case catch class const continue debugger default delete do else enum eval export extends false
finally for function if implements import in instanceof interface let new null package private protected public return
static super switch this throw true try typeof var void while with yield undefined NaN Infinity Math Number Map Object
Array BigInt JSON Boolean DataView ArrayBuffer error
"""
_RESERVED: Final = frozenset(_WORDS.split())


@cache
def runtime_definitions() -> Mapping[str, str]:
    """The definitions in runtime.js by their names, without comments.

    >>> print(runtime_definitions()["math_isnan"])
    function math_isnan(x) { return x !== x; }
    """
    text = resources.files(__package__).joinpath("runtime.js").read_text(encoding="utf-8")
    text = re.sub(r"^ *//.*\n", "", text, flags=re.MULTILINE)
    starts = [*_DEFINITION.finditer(text)]
    ends = [*(match.start() for match in starts[1:]), len(text)]
    found = {match[1]: text[match.start() : end].strip() for match, end in zip(starts, ends, strict=True)}
    return {name: _with_references(name, body, found) for name, body in found.items()}


def takes_most(name: str) -> float:
    """How many arguments a function of the runtime takes at most.

    >>> takes_most("math_log"), takes_most("math_hypot")
    (1, inf)
    """
    parameters = re.search(r"\((.*?)\) \{", runtime_definitions()[name].partition("\n")[0])
    given = parameters[1] if parameters else ""
    return math.inf if "..." in given else given.count(",") + bool(given)


def _with_references(name: str, text: str, names: Iterable[str]) -> str:
    """A definition with the others that it uses as references."""
    others = frozenset(names) - {name}
    head = _DEFINITION.match(text)
    start = head.end() if head else 0
    return text[:start] + re.sub(
        r"(?<![\w.])[A-Za-z_]\w*", lambda word: f"«{word[0]}»" if word[0] in others else word[0], text[start:]
    )


class Translator:
    """Definitions in JavaScript of Python objects, each made once.

    >>> from compgraph.kernels.eft import two_sum
    >>> translator = Translator()
    >>> name = translator.refer(two_sum)
    >>> print(translator.source([name])[0])
    function $two_sum(a, b) {
      const s = a + b;
      if (s - s !== 0) {
        return [s, 0];
      }
      const z = s - a;
      return [s, a - (s - z) + (b - z)];
    }
    """

    def __init__(self) -> None:
        self._hints: list[str] = []
        self._texts: list[str] = []
        self._keys: dict[tuple[int, bool], int] = {}
        self._kept: list[Any] = []  # lest another object gets the same id

    # --- objects ---------------------------------------------------------------------------------------------------

    def runtime(self, name: str) -> str:
        """A function of the runtime, as it stands in a definition."""
        if name not in runtime_definitions():
            raise TranslationError(f"no translation for Python's {name.replace('_', '.', 1)}")
        return f"«{name}»"

    def accepts(self, function: Any, count: int) -> bool:
        """Whether the translation of a function takes so many arguments: that of math.log takes no base."""
        name = _runtime_name(function)
        return name is None or name not in runtime_definitions() or count <= takes_most(name)

    def refer(self, value: Any, *, wide: bool = False) -> str:
        """An object as it stands in a definition: a literal, or the name of a definition of its own.

        Raises:
            TranslationError: There is no translation.
        """
        if value is None or isinstance(value, (bool, int, float, str)):
            return literal(value, wide=wide)
        known = _runtime_name(value)
        if known is not None:
            return _SAME[value] if value in _SAME else self.runtime(known)
        wide = wide and isinstance(value, (tuple, list, Mapping))
        key = id(value), wide
        if key not in self._keys:
            mark = len(self._texts)
            self._keys[key] = mark
            self._kept.append(value)
            self._hints.append("")
            self._texts.append("")
            try:
                self._hints[mark], self._texts[mark] = self._define(value, wide=wide)
            except BaseException:
                self._forget(mark)
                raise
        return f"«{self._keys[key]}»"

    def _forget(self, mark: int) -> None:
        """Drop the definitions from one on that could not be made, and those made for it."""
        del self._hints[mark:], self._texts[mark:], self._kept[mark:]
        self._keys = {key: index for key, index in self._keys.items() if index < mark}

    def _define(self, value: Any, *, wide: bool) -> tuple[str, str]:
        """What a definition is to be called, and its text, in which «» stands for its name."""
        if isinstance(value, types.FunctionType):
            return _hint(value), f"function «»{self._function(value)}"
        if isinstance(value, functools.partial) and not value.keywords:
            args = "".join(f"{self.refer(arg)}, " for arg in value.args)
            return "partial", f"const «» = (...args) => {self.refer(value.func)}({args}...args);"
        if isinstance(value, functools._lru_cache_wrapper):
            inner = value.__wrapped__
            return _hint(inner), f"const «» = {self.runtime('cached')}({self.refer(inner)});"
        if isinstance(value, (tuple, list)):
            return "list", f"const «» = [{', '.join(self.refer(entry, wide=wide) for entry in value)}];"
        if isinstance(value, Mapping):
            pairs = (f"[{self.refer(key)}, {self.refer(entry, wide=wide)}]" for key, entry in value.items())
            return "table", f"const «» = new Map([{', '.join(pairs)}]);"
        raise TranslationError(f"no translation for {value!r}")

    def _function(self, function: types.FunctionType) -> str:
        body = self.statements_of(function)
        given = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        return body.function(definition_of(function), [self.refer(value, wide=body.wide) for value in given])

    def statements_of(self, function: types.FunctionType) -> Statements:
        """What writes the statements of a function."""
        return Statements(self, free_names(function), function.__qualname__, wide=uses_wide_integers(function))

    # --- variables -------------------------------------------------------------------------------------------------

    def parameters_of(self, args: ast.arguments, around: Expressions) -> dict[str, Local]:
        """The parameters of a function as names of JavaScript."""
        plain = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        scope = {arg.arg: Local(_variable(arg.arg, around), _annotated(arg.annotation)) for arg in plain}
        if args.vararg:
            scope[args.vararg.arg] = Local(_variable(args.vararg.arg, around), LIST)
        return scope

    def targets_of(self, node: ast.expr, around: Expressions) -> dict[str, Local]:
        """The names in the target of a loop."""
        names = [name.id for name in ast.walk(node) if isinstance(name, ast.Name)]
        return {name: Local(_variable(name, around), None) for name in names}

    def locals_of(self, names: Sequence[str], body: Sequence[ast.stmt], around: Expressions) -> dict[str, Local]:
        """The names that the statements of a function assign; parameters stay what they are."""
        scope = around.scopes[-1]
        scope |= {name: Local(_variable(name, around), None) for name in names if name not in scope}
        for name, assigned in _values(body).items():
            if name in names and scope[name].kind is None:
                kinds = {value if isinstance(value, str) else around.kind(value) for value in assigned}
                kind = LIST if LIST in kinds else BOOL if kinds == {BOOL} else None
                scope[name] = scope[name]._replace(kind=kind)
        return scope

    # --- sources ---------------------------------------------------------------------------------------------------

    def source(self, texts: Sequence[str]) -> list[str]:
        """The definitions that some texts refer to, each after those it is made of; then the texts themselves."""
        needed: dict[str, str] = {}
        for text in texts:
            self._collect(text, needed)
        names = _names({key: self._hints[int(key)] for key in needed if key.isdecimal()})
        definitions = [self._named(text, names).replace("«»", names.get(key, key)) for key, text in needed.items()]
        return [*definitions, *(self._named(text, names) for text in texts)]

    def _collect(self, text: str, needed: dict[str, str]) -> None:
        """Add what a text refers to, deepest first; what is being added already comes after."""
        waiting = [iter(_REFERENCE.findall(text))]
        path: list[str] = []
        begun = set(needed)
        while waiting:
            key = next(waiting[-1], None)
            if key is None:
                waiting.pop()
                if path:
                    done = path.pop()
                    needed[done] = self._text_of(done)
            elif key not in begun:
                begun.add(key)
                path.append(key)
                waiting.append(iter(_REFERENCE.findall(self._text_of(key))))

    def _text_of(self, key: str) -> str:
        return self._texts[int(key)] if key.isdecimal() else runtime_definitions()[key]

    def _named(self, text: str, names: Mapping[str, str]) -> str:
        return _REFERENCE.sub(lambda match: names.get(match[1], match[1]), text)


def _names(hints: Mapping[str, str]) -> dict[str, str]:
    """A name for each definition, with a sign that no name of Python has: no variable can hide it."""
    counts: dict[str, int] = {}
    names = {}
    for key, hint in hints.items():
        counts[hint] = counts.get(hint, 0) + 1
        names[key] = f"${hint}" if counts[hint] == 1 else f"${hint}${counts[hint]}"
    return names


def _hint(function: Callable[..., Any]) -> str:
    """What a function is called: by its own name if it is the package's, as a user's may be anything."""
    name = function.__name__.strip("_<>")
    return name if is_inside(function.__code__) and _WORD.fullmatch(name) else "f"


def _runtime_name(value: Any) -> str | None:
    """What an object of Python's own library is called in the runtime."""
    if is_record(value) or isinstance(value, (types.FunctionType, tuple, list, Mapping)):
        return None
    name, module = getattr(value, "__name__", ""), getattr(value, "__module__", None)
    if module in {"math", "_operator"} and getattr(math if module == "math" else operator, name, None) is value:
        return f"{module.strip('_')}_{name}"
    return name if module == "builtins" and name else None


def _variable(name: str, around: Expressions) -> str:
    """A name that JavaScript has no other use for, and no other variable here has."""
    new = name if _WORD.fullmatch(name) else "v"
    taken = {known.name for scope in around.scopes for key, known in scope.items() if key != name}
    while new in _RESERVED or new in runtime_definitions() or new in taken:
        new += "_"
    return new


def _annotated(annotation: ast.expr | None) -> str | None:
    text = ast.unparse(annotation) if annotation else ""
    return LIST if text.partition("[")[0].lower() in {"list", "tuple", "sequence", "iterable"} else None


def _values(body: Sequence[ast.stmt]) -> dict[str, list[Any]]:
    """What is assigned to each name: expressions, a kind that an annotation says, or "" for what is not known."""
    found: dict[str, list[Any]] = {}
    for node in (inner for statement in body for inner in ast.walk(statement)):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                value = node.value if isinstance(target, ast.Name) else ""
                _note(found, target, value)
        elif isinstance(node, ast.AnnAssign):
            _note(found, node.target, _annotated(node.annotation) or node.value or "")
        elif isinstance(node, (ast.AugAssign, ast.For)):
            _note(found, node.target, "")
    return found


def _note(found: dict[str, list[Any]], target: ast.expr, value: Any) -> None:
    for name in ast.walk(target):
        if isinstance(name, ast.Name):
            found.setdefault(name.id, []).append(value)
