"""The command line: ``compgraph lecture``, ``draw``, ``explain``, ``check`` and ``play``.

Exit status: 0 all is well, 1 a check failed or gave no verdict at all, 2 the input is wrong (one line on stderr), 130
interrupted. Ctrl-C is how ``play`` ends, with 0.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from .errors import CompgraphError, NonFiniteWarning, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .node import Node

__all__ = ["main"]

_FAILED, _WRONG_INPUT, _INTERRUPTED = 1, 2, 130
_LAST_PORT = 65535

_EXAMPLES = """\
examples:
  compgraph lecture --out pictures
  compgraph draw "z = w*x + b; a = sigmoid(z)" -o neuron.svg
  compgraph explain "z = w*x + b; a = sigmoid(z)" --at w=0.5,x=2,b=-1
  compgraph explain "z = w*x + b; a = sigmoid(z)" --of w --format latex
  compgraph check "y = exp(sin(x))" --at x=1
  echo "y = x**3" | compgraph check - --at x=2
  compgraph play "y = x**2*exp(-x)" --at x=1

The program is text, a file that holds such text, or - for standard input. Its last assigned name is the root.
"""


class _InputError(Exception):
    """Something that the user typed is wrong; the message says what, and what to write instead."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _InputError(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments after the program's name; those of the process if left out.

    Returns:
        The exit status: 0 all is well, 1 a check failed or gave no verdict at all, 2 the input is wrong, 130
        interrupted.

    >>> main(["check", "y = x**3", "--at", "x=2"])
           reverse mode  forward  graph  central  complex  exact  verdict
    dy/dx            12       16     16       16       16     16  agrees
    <BLANKLINE>
    1 of 1 gradients agree.
    The columns say in how many digits each way agrees. 1 partial held against the values of its op. Taylor: order 2.0.
    0
    """
    with warnings.catch_warnings():
        warnings.simplefilter("always", NonFiniteWarning)
        said: set[str] = set()
        warnings.showwarning = lambda message, *_, **__: _warn(str(message), said)
        try:
            status = _run(sys.argv[1:] if argv is None else argv)
            sys.stdout.flush()
        except SystemExit as request:  # argparse's --help and --version; rich at a broken pipe
            return int(request.code or 0)
        except KeyboardInterrupt:
            return _INTERRUPTED
        except BrokenPipeError:  # the reader, such as head, has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return _FAILED
        except (_InputError, CompgraphError) as error:
            return _complain(str(error))
        except OSError as error:
            return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return status


def _warn(message: str, said: set[str]) -> None:
    """One line, once: what a command reads in passing, and again for its picture, is one thing to know."""
    if message not in said:
        said.add(message)
        print(f"compgraph: warning: {message}", file=sys.stderr)


def _complain(message: str) -> int:
    print(f"compgraph: {message}", file=sys.stderr)
    return _WRONG_INPUT


def _run(argv: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks σ or − shows ? rather than a traceback
            stream.reconfigure(errors="replace")
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help()
        return 0
    command: Callable[[argparse.Namespace], int] = arguments.command
    return command(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="compgraph",
        description="Expressions as graphs that show, check and compute their derivatives.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    lecture = commands.add_parser("lecture", help="logistic regression as a graph, from one example to Fisher's iris")
    lecture.add_argument(
        "--out", metavar="DIR", default=".", help="folder for lecture.html and .svg; made if missing (default: .)"
    )
    lecture.set_defaults(command=_lecture)

    draw = _program_parser(commands, "draw", "draw a program's graph", _draw)
    draw.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        default="graph.svg",
        help=".html, .svg, .png, .pdf, .dot, .mmd or .txt (default: graph.svg)",
    )

    explain = _program_parser(commands, "explain", "the chain rule, step by step", _explain)
    explain.add_argument("--of", metavar="NAME", help="only the gradient of this name, and the paths to it")
    explain.add_argument(
        "--format",
        default="text",
        choices=["text", "markdown", "latex", "html"],
        help="what is printed (default: text)",
    )
    draw.add_argument(
        "--level",
        default="lecture",
        choices=["lecture", "ops", "collapsed"],
        help="boxes, single ops, or scopes folded (default: lecture)",
    )
    explain.add_argument("--level", default="lecture", choices=["lecture", "ops"], help="boxes or single ops")

    _program_parser(commands, "check", "verify every gradient in several independent ways", _check)
    _add_play(commands)
    return parser


def _add_play(commands: argparse._SubParsersAction[_Parser]) -> None:
    summary = "type a program and play with its graph, in the browser"
    play = commands.add_parser(
        "play", help=summary, description=f"play: {summary}. Nothing leaves this computer; Ctrl-C ends it."
    )
    play.add_argument(
        "program",
        metavar="PROGRAM",
        nargs="?",
        help="program text, a file that holds it, or - for standard input (default: the lecture's)",
    )
    play.add_argument(
        "--at",
        metavar="w1=0.1,x1=1",
        default="",
        help="values of the inputs (default: 0.5 each; the lecture has its own)",
    )
    play.add_argument("--port", metavar="N", type=_port, default=0, help="port on 127.0.0.1 (default: a free one)")
    play.add_argument("--no-browser", action="store_true", help="only print the address")
    play.set_defaults(command=_play)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= _LAST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: write a number from 1024 to {_LAST_PORT}")
    return int(text)


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from . import __version__

        print(f"compgraph {__version__}")
        parser.exit()


def _program_parser(
    commands: argparse._SubParsersAction[_Parser],
    name: str,
    summary: str,
    command: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=f"{name}: {summary}.")
    parser.add_argument(
        "program", metavar="PROGRAM", help="program text, a file that holds it, or - for standard input"
    )
    parser.add_argument("--at", metavar="w1=0.1,x1=1", default="", help="values of the inputs")
    parser.add_argument("--root", metavar="NAME", help="what is differentiated (default: the last assigned name)")
    parser.set_defaults(command=command)
    return parser


# --- commands ------------------------------------------------------------------------------------------------------


def _lecture(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from .lecture import run

    with _writing(arguments.out):
        passed = run(Path(arguments.out), Console(highlight=False))
    return 0 if passed else _FAILED


def _draw(arguments: argparse.Namespace) -> int:
    root = _root(arguments)
    from .diagrams import draw

    if arguments.at:
        root.backward()
    drawing = draw(root, arguments.level)
    with _writing(arguments.out):
        path = drawing.save(arguments.out)
    print(f"wrote {path}")
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    root = _root(arguments)
    from .derivations import explain
    from .graph import find

    of = None if arguments.of is None else find(root, arguments.of)
    derivation = explain(root, of=of, level=arguments.level)
    print(derivation if arguments.format == "text" else getattr(derivation, arguments.format))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    root = _root(arguments, values_needed=True)
    from .checks import verify

    report = verify(root)
    print(report)
    if not report.rows:
        raise _InputError("the root has no inputs: there is no gradient to check")
    wrong = any(row.verdict in {"differs", "loses digits"} for row in report.rows)
    return 0 if not wrong and any(row.verdict == "agrees" for row in report.rows) else _FAILED


def _play(arguments: argparse.Namespace) -> int:
    import threading
    import webbrowser

    from . import play

    is_lecture = arguments.program is None
    program, nodes = _parsed(play.PROGRAM if is_lecture else arguments.program)
    values = (play.VALUES if is_lecture else {}) | _values(arguments.at, nodes)
    try:
        playground = play.Playground(program, values, arguments.port)
    except OSError as error:
        raise _InputError(f"--port {arguments.port}: {error.strerror}; leave it out for a free one") from None
    with playground:
        print(f"{playground.address}\nFor this computer only, while this runs; Ctrl-C ends it.", flush=True)
        if not arguments.no_browser:  # in a thread: a browser may hold up who starts it
            threading.Thread(target=webbrowser.open, args=(playground.address,), daemon=True).start()
        with suppress(KeyboardInterrupt):
            playground.serve_forever()
    return 0


@contextmanager
def _writing(target: str) -> Iterator[None]:
    """Errors of the file system, told of what the user named rather than of a temporary file."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _InputError(f"cannot write {target}: {error.strerror or error}") from None


# --- program and values --------------------------------------------------------------------------------------------


def _root(arguments: argparse.Namespace, *, values_needed: bool = False) -> Node:
    """The root of the program, its inputs set where values are given."""
    from .graph import inputs

    _, nodes = _parsed(arguments.program)
    name = arguments.root or next(reversed(nodes))
    if name not in nodes:
        raise _InputError(f"--root {name}: no such name; the program has {', '.join(nodes)}")
    root = nodes[name]
    values = _values(arguments.at, nodes)
    for key, value in values.items():
        nodes[key].value = value
    empty = [str(node.name) for node in inputs(root) if node.name not in values]
    if empty and (values or values_needed):
        raise _InputError(f"no value for {', '.join(empty)}; write --at {','.join(f'{key}=0.5' for key in empty)}")
    return root


def _values(text: str, nodes: Mapping[str, Node]) -> dict[str, float]:
    """What --at says of the inputs of a program."""
    from .syntax import parse_values

    try:
        values = parse_values(text)
    except ParseError as error:
        raise _InputError(f"--at: {error}") from None
    known = [str(node.name) for node in nodes.values() if node.op.name == "input"]
    for key in values:
        if key not in known:
            what = "is computed by the program" if key in nodes else "is not in the program"
            raise _InputError(f"--at {key}: {what}; its inputs are {', '.join(dict.fromkeys(known)) or 'none'}")
    return values


def _parsed(program: str) -> tuple[str, dict[str, Node]]:
    """The program's text, and its nodes by name."""
    from .syntax import parse

    text, source = _read(program)
    try:
        return text, parse(text)
    except ParseError as error:
        if not source and _looks_like_a_path(program):
            raise _InputError(f"no such file: {program}") from None
        raise _InputError(f"{source}: {error}" if source else str(error)) from None


def _read(program: str) -> tuple[str, str]:
    """The program's text, and where it is from; nothing where it was typed."""
    file = program != "-" and _is(Path.is_file, program)
    if program != "-" and not file:
        if _is(Path.is_dir, program):
            raise _InputError(f"{program} is a folder; name a file in it, or write a program such as 'y = x**2'")
        return program, ""
    try:
        if not file:
            return sys.stdin.read(), "standard input"
        return Path(program).read_text(encoding="utf-8-sig"), program
    except UnicodeDecodeError as error:
        raise _InputError(f"{program}: not UTF-8 text (byte {error.start})") from None


def _is(kind: Callable[[Path], bool], program: str) -> bool:
    try:
        return program != "" and kind(Path(program))
    except (OSError, ValueError):  # too long for a path, or characters that no path has
        return False


def _looks_like_a_path(program: str) -> bool:
    return not set(program) & set(" =();\n") and ("." in program or os.sep in program)
