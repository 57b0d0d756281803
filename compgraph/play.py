"""``compgraph play``: the page with a formula field, in the browser, from a small server on this computer.

The server listens on the loopback address only. Its address holds a random token, without which every path is unknown;
requests under another host's name, from another page, too large or not JSON are refused, and the page may load nothing
from elsewhere. A program text is parsed, never evaluated.
"""

from __future__ import annotations

import json
import secrets
import sys
import threading
from functools import cache, cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from .codegen.javascript import table_source
from .diagrams.page import asset, json_text, script_source
from .errors import CompgraphError, UnknownNameError
from .node import Node
from .workbench import STYLE, complaint, derivation, rebuild, show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PROGRAM", "VALUES", "Playground"]

#: The lecture's program, and its first example.
PROGRAM = "z = w1*x1 + w2*x2 + b\na = sigmoid(z)\nL = -(y*log(a) + (1 - y)*log(1 - a))"
VALUES = {"x1": 1.0, "x2": 2.0, "y": 1.0, "w1": 0.1, "w2": -0.2, "b": 0.0}

_HOST = "127.0.0.1"

# A program and its values, in bytes of JSON; a path with the names of its ops, in characters.
_LARGEST_BODY, _LONGEST_PATH = 200_000, 20_000

_SECONDS = 20  # for a request to arrive

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>compgraph play</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body class="compgraph-page">
<main>
<div id="player"></div>
<div id="derivation" class="compgraph-told"></div>
</main>
<noscript>The picture is played by a script of this page.</noscript>
<script type="application/json" id="start">{start}</script>
<script type="module">{script}</script>
</body>
</html>
"""

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Playground(ThreadingHTTPServer):
    """The server: one page, and what it asks for while a program is typed.

    Args:
        program: The text that the formula field has first.
        values: Values of its inputs, by name; the others begin at 0.5.
        port: The port on the loopback address; 0 for one that is free.

    Attributes:
        token: The random part of the address.
        address: Where the page is.

    Raises:
        OSError: The port is in use.

    >>> with Playground("y = x**2") as playground:
    ...     playground.address.startswith("http://127.0.0.1:")
    True
    """

    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would let two listen on one port

    def __init__(self, program: str = PROGRAM, values: Mapping[str, float] | None = None, port: int = 0) -> None:
        self.program, self.values = program, dict(values or {})
        self.token = secrets.token_urlsafe(24)
        self.computing = threading.Lock()  # one reader: answers in the order of the questions, and no race for cores
        super().__init__((_HOST, port), _Answers)

    def server_bind(self) -> None:
        """Bind, without asking a name server what this computer is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOST, self.server_address[1]

    @property
    def hosts(self) -> set[str]:
        """The names under which the page is reached; others are of sites that pretend to lie here."""
        return {f"{_HOST}:{self.server_port}", f"localhost:{self.server_port}"}

    @property
    def folder(self) -> str:
        """The path below which everything is."""
        return f"/{self.token}/"

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{_HOST}:{self.server_port}{self.folder}"

    @cached_property
    def page(self) -> str:
        """The page's HTML."""
        start = json_text({"program": self.program, "values": self.values})
        return _PAGE.format(style=STYLE, start=start, script=_script())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing where the browser went away in the middle; else show the traceback."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def _script() -> str:
    return f"{asset('player.js')}\n{asset('play.js')}"


@cache
def _policy() -> str:
    return (
        f"default-src 'none'; script-src {script_source(_script())} 'self'; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class _RefusedError(Exception):
    """A request that is not answered, and by what status it is told so."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class _Answers(BaseHTTPRequestHandler):
    server: Playground
    server_version, sys_version = "compgraph", ""
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS

    def do_GET(self) -> None:
        self._answer({"": self._page, "table.js": self._table})

    def do_POST(self) -> None:
        self._answer({"program": self._program, "derivation": self._derivation})

    def _answer(self, pages: Mapping[str, Any]) -> None:
        try:
            content, kind = pages[self._place(pages)]()
        except _RefusedError as refused:
            self.close_connection = True  # what it sent may not have been read
            self._send(refused.status, refused.message, "text/plain")
        except Exception:
            message = "this went wrong inside compgraph; the terminal shows where"
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, message, "text/plain")
            raise
        else:
            self._send(HTTPStatus.OK, content, kind)

    def _place(self, pages: Mapping[str, Any]) -> str:
        """What is asked for, below the token."""
        if self.headers.get("Host") not in self.server.hosts:
            raise _RefusedError(HTTPStatus.FORBIDDEN, "this is a page of the computer itself, under no other name")
        path = urlsplit(self.path).path if len(self.path) <= _LONGEST_PATH else ""
        folder, place = path[: len(self.server.folder)], path[len(self.server.folder) :]
        if not secrets.compare_digest(folder.encode(), self.server.folder.encode()) or place not in pages:
            raise _RefusedError(
                HTTPStatus.NOT_FOUND, "nothing is here; the address is the one that compgraph play printed"
            )
        return place

    def _send(self, status: HTTPStatus, content: str, kind: str) -> None:
        body = content.encode()
        self.send_response(status)
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body)), **_HEADERS}
        for name, value in {**headers, "Content-Security-Policy": _policy()}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The terminal is for the user."""

    # --- what is asked for -----------------------------------------------------------------------------------------

    def _page(self) -> tuple[str, str]:
        return self.server.page, "text/html"

    def _table(self) -> tuple[str, str]:
        names = parse_qs(urlsplit(self.path).query).get("ops", [""])[0]
        try:
            source = table_source(filter(None, names.split(",")))
        except UnknownNameError:
            raise _RefusedError(HTTPStatus.NOT_FOUND, "no such op") from None
        return f"{source}\nexport {{ table }};", "text/javascript"

    def _program(self) -> tuple[str, str]:
        def answer(root: Node) -> dict[str, Any]:
            payload = show(root).payload
            table = f"./table.js?{urlencode({'ops': ','.join(payload['program']['ops'])})}"
            return {"payload": payload, "table": table, "derivation": derivation(root)}

        return self._computed(answer)

    def _derivation(self) -> tuple[str, str]:
        return self._computed(lambda root: {"derivation": derivation(root)})

    def _computed(self, answer: Callable[[Node], dict[str, Any]]) -> tuple[str, str]:
        """An answer about the graph of the program that was sent, or what is wrong with that."""
        program, known = self._question()
        try:
            with self.server.computing:
                data = answer([*rebuild(program, known).values()][-1])
        except CompgraphError as error:
            data = {"error": complaint(error)}
        return json_text(data), "application/json"

    def _question(self) -> tuple[str, dict[str, Node]]:
        """A program and inputs, as the page sends them."""
        if self.headers.get("Origin") not in {f"http://{host}" for host in self.server.hosts}:
            raise _RefusedError(HTTPStatus.FORBIDDEN, "only the page itself may ask")
        if self.headers.get_content_type() != "application/json":
            raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send application/json")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()):
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, "say Content-Length")
        if len(length) > len(str(_LARGEST_BODY)) or int(length) > _LARGEST_BODY:
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"send at most {_LARGEST_BODY} bytes")
        try:
            question = json.loads(self.rfile.read(int(length)))
            program, values = question["program"], question["values"]
            known = {name: Node(float(value), name) for name, value in values.items()}
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
            raise _RefusedError(HTTPStatus.BAD_REQUEST, 'send {"program": text, "values": {name: number}}') from None
        if not isinstance(program, str):
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "a program is a text")
        return program, known
