"""``compgraph play`` without a browser: who is answered, what is answered, and how it begins and ends."""

from __future__ import annotations

import http.client
import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from compgraph import play
from compgraph.cli import main
from compgraph.play import Playground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compgraph import Node


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def data(self) -> Any:
        return json.loads(self.text)


class Visitor:
    """Sends requests as a browser does, unless told otherwise."""

    def __init__(self, playground: Playground) -> None:
        self.port, self.token = playground.server_port, playground.token
        self.host = f"127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": self.host} | {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read().decode())
        connection.close()
        return answer

    def post(self, place: str, question: object, **headers: str | None) -> Answer:
        body = question if isinstance(question, bytes) else json.dumps(question).encode()
        usual = {"Content_Type": "application/json", "Content_Length": str(len(body)), "Origin": f"http://{self.host}"}
        return self.get(f"/{self.token}/{place}", "POST", body, **usual | headers)

    def ask(self, program: str, **values: float | str) -> Any:
        answer = self.post("program", {"program": program, "values": values})
        assert answer.status == 200
        return answer.data


@pytest.fixture(scope="module")
def visitor() -> Iterator[Visitor]:
    with Playground("y = x**2", {"x": 3.0}) as playground:
        thread = threading.Thread(target=playground.serve_forever)
        thread.start()
        yield Visitor(playground)
        playground.shutdown()
        thread.join()


QUESTION = {"program": "y = x**2", "values": {"x": 3.0}}


# --- who is answered -----------------------------------------------------------------------------------------------


def test_it_listens_on_the_loopback_address_only(visitor: Visitor) -> None:
    with Playground() as playground:
        assert playground.server_address[0] == "127.0.0.1"
    with socket.socket() as elsewhere, pytest.raises(OSError, match=r"refused|reachable"):
        elsewhere.connect(("127.0.0.2", visitor.port))


def test_the_token_is_long_and_new_each_time() -> None:
    with Playground() as one, Playground() as other:
        assert one.token != other.token
        assert len(one.token) >= 32


@pytest.mark.parametrize(
    "path", ["/", "", "/favicon.ico", "/TOKEN", "/x/", "/TOKENx/", "/TOKEN/x", "/TOKEN/../", "/é/"]
)
def test_every_other_path_is_unknown(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path.replace("TOKEN", visitor.token).replace("é", "%C3%A9") or "*")
    assert answer.status == 404
    assert visitor.token not in answer.text


def test_a_question_without_the_token_is_not_answered(visitor: Visitor) -> None:
    stranger = Visitor.__new__(Visitor)
    stranger.port, stranger.host, stranger.token = visitor.port, visitor.host, "x"
    assert stranger.post("program", QUESTION).status == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "", None])
def test_a_page_under_another_name_is_refused(visitor: Visitor, host: str | None) -> None:
    """DNS rebinding: a site whose name leads to 127.0.0.1 would be of the same origin."""
    answer = visitor.get(f"/{visitor.token}/", Host=host and host.replace("PORT", str(visitor.port)))
    assert answer.status == 403
    assert visitor.token not in answer.text


def test_localhost_is_a_name_of_it(visitor: Visitor) -> None:
    host = f"localhost:{visitor.port}"
    assert visitor.get(f"/{visitor.token}/", Host=host).status == 200
    assert visitor.post("program", QUESTION, Host=host, Origin=f"http://{host}").status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:PORT", None])
def test_a_question_from_another_page_is_refused(visitor: Visitor, origin: str | None) -> None:
    answer = visitor.post("program", QUESTION, Origin=origin and origin.replace("PORT", str(visitor.port)))
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415), ({"Content_Type": None}, 415), ({"Content_Length": None}, 411),
        ({"Content_Length": "-1"}, 411), ({"Content_Length": "²"}, 411), ({"Content_Length": "200001"}, 413),
        ({"Content_Length": "9" * 5000}, 413),
    ],
)  # fmt: skip
def test_what_is_no_json_or_too_large_is_refused_unread(
    visitor: Visitor, headers: dict[str, str | None], status: int
) -> None:
    assert visitor.post("program", b"", **headers).status == status


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"3", b"{}", b'{"program": 3, "values": {}}', b'{"program": "x", "values": []}',
        b'{"program": "x", "values": {"x": "one"}}', b'{"program": "x", "values": {"x": [1]}}',
        b'{"program": "x", "values": {"": 1}}', b'{"program": "x", "values": {"\\ud800": 1}}', b"\xff",
        b"[" * 100_000, b'{"program": "x", "values": {"x": 1%s}}' % (b"0" * 400),
    ],
)  # fmt: skip
def test_a_question_of_another_form_is_refused(visitor: Visitor, body: bytes) -> None:
    assert visitor.post("program", body).status == 400


def test_other_methods_have_no_answer(visitor: Visitor) -> None:
    for method in ("OPTIONS", "PUT", "DELETE", "HEAD"):
        assert visitor.get(f"/{visitor.token}/", method).status == 501


def test_the_page_may_load_nothing_from_elsewhere(visitor: Visitor) -> None:
    headers = visitor.get(f"/{visitor.token}/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/]+=' 'self'", policy["script-src"])
    assert policy["connect-src"] == "'self'"
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert "Access-Control-Allow-Origin" not in headers


def test_no_text_of_a_program_can_end_the_script_that_holds_it() -> None:
    with Playground("</script><script>alert(1)</script>") as playground:
        assert "</script><script>alert" not in playground.page


# --- what is answered ----------------------------------------------------------------------------------------------


def test_a_program_is_answered_by_picture_table_and_derivation(visitor: Visitor) -> None:
    answer = visitor.ask("z = w*x; a = sigmoid(z)", w=2.0)
    values = {one["name"]: one["value"] for one in answer["payload"]["inputs"]}
    assert values == {"w": 2.0, "x": 0.5}
    assert "<svg" in answer["payload"]["views"][0]["svg"]
    assert "<table>" in answer["derivation"]
    table = visitor.get(f"/{visitor.token}/{answer['table'].removeprefix('./')}")
    assert table.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert '"sigmoid"' in table.text


def test_values_alone_are_answered_by_the_derivation(visitor: Visitor) -> None:
    answer = visitor.post("derivation", {"program": "y = 2*x", "values": {"x": 7.25}}).data
    assert list(answer) == ["derivation"]
    assert "7.25" in answer["derivation"]


def test_a_value_that_is_not_finite_is_shown_and_warns_nobody(
    visitor: Visitor, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = visitor.ask("y = 1/x + log(w)", x=0.0, w="Infinity")
    assert "payload" in answer
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("z = w*x\na = sigmo(z)", {"message": "no op is named sigmo; did you mean sigmoid?", "line": 2, "column": 5}),
        ("z = w*", {"message": "invalid syntax", "line": 1, "column": 7}),
        ("x.__class__", {"message": "Attribute is not part of the language: numbers, names, + - * / **, calls of ops",
                         "line": 1, "column": 1}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_program_is_answered_with_its_place(
    visitor: Visitor, program: str, error: dict[str, Any]
) -> None:
    assert visitor.ask(program) == {"error": error}


class Terminal(io.StringIO):
    """What the server writes, in a thread of its own: a traceback between two lines."""

    def __init__(self) -> None:
        super().__init__()
        self.is_done = threading.Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        if self.getvalue().count("-" * 40) == 2:
            self.is_done.set()
        return count


def test_a_fault_of_our_own_is_told_to_the_page_and_shown_in_the_terminal(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Node) -> None:
        raise AssertionError("planted")

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(play, "show", fail)
    answer = visitor.post("program", QUESTION)
    assert (answer.status, "the terminal shows where" in answer.text) == (500, True)
    assert visitor.ask("z = ")["error"]["line"] == 1  # and it goes on
    assert terminal.is_done.wait(10)
    assert "planted" in terminal.getvalue()


def test_a_table_of_unknown_ops_is_unknown(visitor: Visitor) -> None:
    assert visitor.get(f"/{visitor.token}/table.js?ops=add,__class__").status == 404


def test_questions_are_computed_one_after_another(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, computed = 0, 0, play.rebuild

    def rebuild(*question: Any) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.1)
        running -= 1
        return computed(*question)

    monkeypatch.setattr(play, "rebuild", rebuild)
    threads = [threading.Thread(target=visitor.ask, args=("y = x**2",), kwargs={"x": 3.0}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


# --- the command ---------------------------------------------------------------------------------------------------


# The tests may run where Ctrl-C is ignored, as in a script's background; a terminal does not.
AS_IN_A_TERMINAL = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from compgraph.cli import main; sys.exit(main(sys.argv[1:]))"
)


def test_it_prints_its_address_and_ends_with_ctrl_c() -> None:
    command = [sys.executable, "-c", AS_IN_A_TERMINAL, "play", "y = x**2", "--at", "x=3", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/([\w-]{32,})/\n", process.stdout.readline())
    assert found
    assert "Ctrl-C" in process.stdout.readline()
    port = int(found[1])
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", f"/{found[2]}/")
        assert '{"program":"y = x**2","values":{"x":3.0}}' in connection.getresponse().read().decode()
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1] == ""
    assert process.returncode == 0
    with pytest.raises(ConnectionError), closing(http.client.HTTPConnection("127.0.0.1", port)) as gone:
        gone.connect()


def test_a_port_in_use_is_an_error_that_says_what_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    with Playground() as playground:
        assert main(["play", "--no-browser", "--port", str(playground.server_port)]) == 2
    assert re.fullmatch(r"compgraph: --port \d+: .* in use; leave it out for a free one\n", capsys.readouterr().err)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Playground]:
    """The servers that the command would start; none of them does."""
    playgrounds: list[Playground] = []
    monkeypatch.setattr(Playground, "serve_forever", lambda playground: playgrounds.append(playground))  # noqa: PLW0108  # a method
    return playgrounds


def test_without_a_program_it_is_the_lecture_s(served: list[Playground]) -> None:
    assert main(["play", "--no-browser", "--at", "x1=4"]) == 0
    assert served[0].program == play.PROGRAM
    assert served[0].values == play.VALUES | {"x1": 4.0}


def test_a_program_comes_from_standard_input(served: list[Playground], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y = x + 1\n"))
    assert main(["play", "--no-browser", "-"]) == 0
    assert served[0].program == "y = x + 1\n"


@pytest.mark.usefixtures("served")
def test_it_opens_the_browser_unless_told_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = threading.Event()
    monkeypatch.setattr("webbrowser.open", lambda address: opened.set())
    assert main(["play", "y = x", "--no-browser"]) == 0
    assert not opened.is_set()
    assert main(["play", "y = x"]) == 0
    assert opened.wait(60)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["y = sgimoid(x)"], "line 1, column 5: no op is named sgimoid; did you mean sigmoid?"),
        (["y = x", "--at", "w=1"], "--at w: is not in the program; its inputs are x"),
        (["y = x", "--at", "y=1"], "--at y: is computed by the program; its inputs are x"),
        (["--port", "99999"], "'99999' is no port: write a number from 1024 to 65535"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_told_before_anything_is_served(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str], served: list[Playground]
) -> None:
    assert main(["play", "--no-browser", *arguments]) == 2
    assert complaint in capsys.readouterr().err
    assert served == []
