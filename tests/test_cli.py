"""The command line: what each command prints, its exit status, and one clear line for every wrong input."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import compgraph
from compgraph import checks, cli
from compgraph.cli import main
from compgraph.stable.exponential import logistic_loss

LECTURE = "z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1-y)*log(1-a))"
AT = "w1=0.1,x1=1,w2=-0.2,x2=2,b=0,y=1"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder):
    return sorted(entry.name for entry in folder.iterdir())


# --- check ---------------------------------------------------------------------------------------------------------


def test_check_agrees_on_the_lecture(capsys):
    assert main(["check", LECTURE, "--at", AT]) == 0
    out = capsys.readouterr().out
    assert "dL/dw1   −0.574442516812       16 " in out
    assert "6 of 6 gradients agree." in out


def test_check_exits_1_on_a_planted_wrong_partial(capsys, monkeypatch):
    right = logistic_loss.partials
    monkeypatch.setattr(logistic_loss, "partials", (lambda *numbers: 1.001 * right[0](*numbers), right[1]))
    assert main(["check", LECTURE, "--at", AT]) == 1
    assert "5 differ" in capsys.readouterr().out


def test_check_agrees_at_a_kink_and_names_the_convention(capsys):
    assert main(["check", "y = relu(x)", "--at", "x=0"]) == 0
    assert "at a kink: relu′(0) = 0, between the slopes 0 and 1 of its sides" in capsys.readouterr().out


def test_check_warns_in_one_line_of_a_value_that_is_not_finite(capsys):
    assert main(["check", "y = log(x)", "--at", "x=-1"]) == 1
    assert capsys.readouterr().err == (
        "compgraph: warning: y = log(x) = nan, from x = −1; "
        "log is defined in (0, ∞), and x = −1 is not there: keep x inside\n"
    )


@pytest.mark.usefixtures("in_an_empty_folder")
@pytest.mark.parametrize("name", ["z.svg", "z.txt", "z.html"])
def test_draw_warns_once_of_a_value_that_is_not_finite(capsys, name):
    assert main(["draw", "z = 1/x", "--at", "x=0", "-o", name]) == 0
    assert capsys.readouterr().err.count("warning: z = 1/x = ∞") == 1


def test_root_chooses_another_name_than_the_last(capsys):
    assert main(["check", LECTURE, "--at", AT, "--root", "z"]) == 0
    assert "dz/dw1" in capsys.readouterr().out


def test_program_comes_from_a_file(in_an_empty_folder, capsys):
    (in_an_empty_folder / "cube.txt").write_text("# a comment\ny = x**3\n")
    assert main(["check", "cube.txt", "--at", "x=2"]) == 0
    assert "dy/dx" in capsys.readouterr().out


def test_program_comes_from_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y = x**3"))
    assert main(["check", "-", "--at", "x=2"]) == 0
    assert "dy/dx" in capsys.readouterr().out


# --- draw and explain ----------------------------------------------------------------------------------------------


def test_draw_writes_the_picture_and_says_where(in_an_empty_folder, capsys):
    assert main(["draw", LECTURE, "--at", AT, "-o", "out.svg"]) == 0
    assert capsys.readouterr().out == "wrote out.svg\n"
    assert files(in_an_empty_folder) == ["out.svg"]
    assert "0.4256" in (in_an_empty_folder / "out.svg").read_text(encoding="utf-8")


def test_draw_needs_no_values(in_an_empty_folder):
    assert main(["draw", LECTURE, "-o", "out.dot"]) == 0
    assert "digraph" in (in_an_empty_folder / "out.dot").read_text(encoding="utf-8")


def test_draw_level_ops_has_more_boxes(in_an_empty_folder):
    main(["draw", LECTURE, "-o", "boxes.dot"])
    assert main(["draw", LECTURE, "-o", "ops.dot", "--level", "ops"]) == 0
    sizes = [(in_an_empty_folder / name).stat().st_size for name in ("boxes.dot", "ops.dot")]
    assert sizes == sorted(sizes)


def test_draw_has_a_default_file(in_an_empty_folder):
    assert main(["draw", "y = x**2"]) == 0
    assert files(in_an_empty_folder) == ["graph.svg"]


def test_explain_shows_the_lectures_derivation(capsys):
    assert main(["explain", LECTURE, "--at", AT]) == 0
    out = capsys.readouterr().out
    assert "a − y" in out
    assert "−0.574443" in out


def test_explain_works_without_values(capsys):
    assert main(["explain", LECTURE]) == 0
    assert "a − y" in capsys.readouterr().out


def test_explain_of_one_name_says_less(capsys):
    main(["explain", LECTURE, "--at", AT])
    whole = capsys.readouterr().out
    assert main(["explain", LECTURE, "--at", AT, "--of", "w1"]) == 0
    part = capsys.readouterr().out
    assert "dw1" in part
    assert len(part) < len(whole)


@pytest.mark.parametrize(
    ("kind", "start", "formula"),
    [
        ("text", "forward\n", "dw1 = x1·dz = 1·(−0.574443) = −0.574443"),
        ("markdown", "**forward**\n", r"- $dw_{1} = x_{1} \cdot dz$ $= 1 \cdot"),
        ("latex", "\\begin{align*}\n", r"dw_{1} &= x_{1} \cdot dz = 1 \cdot"),
        ("html", '<section class="compgraph-derivation"', "<span>= <var>x<sub>1</sub></var>·d<var>z</var></span>"),
    ],
)
def test_explain_prints_in_the_format_asked_for(capsys, kind, start, formula):
    assert main(["explain", LECTURE, "--at", AT, "--format", kind]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(start)
    assert formula in printed


def test_explain_level_ops_shows_single_ops(capsys):
    assert main(["explain", LECTURE, "--at", AT, "--level", "ops"]) == 0
    assert "v1" in capsys.readouterr().out


# --- wrong input: status 2, one line on stderr (and the caret), nothing on stdout, nothing written ------------------


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["dance"], "invalid choice: 'dance'"),
        (["check"], "the following arguments are required: PROGRAM; see compgraph check --help"),
        (["check", "y = x", "--twice"], "unrecognized arguments: --twice; see compgraph --help"),
        (["check", ""], "line 1, column 1: the program is empty"),
        (["check", "y = x**2", "--at", "x=1,w=2"], "--at w: is not in the program; its inputs are x"),
        (["check", "z = x*x; y = z", "--at", "z=1"], "--at z: is computed by the program; its inputs are x"),
        (["check", "y = w*x", "--at", "x=1"], "no value for w; write --at w=0.5"),
        (["check", "y = w*x"], "no value for w, x; write --at w=0.5,x=0.5"),
        (["draw", "y = w*x", "--at", "x=1"], "no value for w"),
        (["explain", "y = w*x", "--at", "x=1"], "no value for w"),
        (["check", "y = x", "--at", "x=nan"], "--at: line 1, column 1: x=nan is not finite"),
        (["check", "y = x", "--at", "x=1e999"], "--at: line 1, column 1: x=1e999 is not finite"),
        (["check", "y = x", "--at", "x"], "--at: line 1, column 1: 'x' is not name=number"),
        (["check", "y = x", "--at", "x=1,x=2"], "--at: line 1, column 5: x has a value already"),
        (["check", "y = x", "--root", "w"], "--root w: no such name; the program has x, y"),
        (["explain", "y = x*x", "--of", "w"], "no node is named 'w'"),
        (["explain", "y = x*x", "--level", "atoms"], "argument --level: invalid choice: 'atoms'"),
        (["check", "graphs/lecture.txt"], "no such file: graphs/lecture.txt"),
        (["check", "lecture.txt"], "no such file: lecture.txt"),
        (["draw", "y = x*x", "-o", "nowhere/out.svg"], "the folder nowhere does not exist"),
        (["draw", "y = x*x", "-o", "out.bmp"], ".bmp"),
        (["draw", "y = x*x", "-o", "out"], "out"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(argv, complaint, capsys, in_an_empty_folder):
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert complaint in err
    assert err.startswith("compgraph: ")
    assert "Traceback" not in err
    assert files(in_an_empty_folder) == []


@pytest.mark.parametrize(
    ("text", "column", "complaint"),
    [
        ("z = w*x + sigmoi(b)", 11, "no op is named sigmoi; did you mean sigmoid?"),
        ("z = w*x; a = z ^ 2", 14, "write **"),
        ("z = (w*x", 5, "'(' was never closed"),
    ],
)
def test_malformed_program_points_at_the_column(text, column, complaint, capsys):
    assert main(["check", text]) == 2
    first, source, caret = capsys.readouterr().err.splitlines()
    assert first.startswith(f"compgraph: line 1, column {column}: ")
    assert complaint in first
    assert source == f"  {text}"
    assert caret == " " * (column + 1) + "^"


def test_malformed_file_is_named_before_its_line(in_an_empty_folder, capsys):
    (in_an_empty_folder / "bad.txt").write_text("z = w*x\na = sigmoi(z)\n")
    assert main(["check", "bad.txt"]) == 2
    assert capsys.readouterr().err.startswith("compgraph: bad.txt: line 2, column 5: no op is named sigmoi")


def test_file_that_is_not_text_is_refused(in_an_empty_folder, capsys):
    (in_an_empty_folder / "bad.txt").write_bytes(b"\xff\xfe")
    assert main(["check", "bad.txt"]) == 2
    assert capsys.readouterr().err == "compgraph: bad.txt: not UTF-8 text (byte 0)\n"


def test_folder_is_not_a_program(in_an_empty_folder, capsys):
    (in_an_empty_folder / "graphs").mkdir()
    assert main(["check", "graphs"]) == 2
    assert "graphs is a folder" in capsys.readouterr().err


def test_text_too_long_for_a_path_is_still_a_program(capsys):
    text = "n0 = x; " + "; ".join(f"n{k} = n{k - 1} + x" for k in range(1, 400))
    assert main(["check", text, "--at", "x=1", "--root", "n9"]) == 0
    assert "dn9/dx" in capsys.readouterr().out


def test_failed_draw_leaves_the_old_file_alone(in_an_empty_folder, capsys, monkeypatch):
    (in_an_empty_folder / "out.svg").write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device", "out.svg")

    monkeypatch.setattr(os, "fdopen", full)
    assert main(["draw", "y = x*x", "-o", "out.svg"]) == 2
    assert capsys.readouterr().err == "compgraph: cannot write out.svg: No space left on device\n"
    monkeypatch.undo()
    assert files(in_an_empty_folder) == ["out.svg"]
    assert (in_an_empty_folder / "out.svg").read_text() == "old"


# --- the program itself --------------------------------------------------------------------------------------------


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"compgraph {compgraph.__version__}\n"


@pytest.mark.parametrize("argv", [[], ["--help"]])
def test_help_has_examples(argv, capsys):
    assert main(argv) == 0
    out = capsys.readouterr().out
    assert "usage: compgraph" in out
    assert "compgraph lecture --out pictures" in out


@pytest.mark.parametrize("argv", cli._EXAMPLES.splitlines()[2:5], ids=lambda line: line.split()[1])
def test_examples_of_the_help_run(argv):
    import shlex

    assert main(shlex.split(argv)[1:]) == 0


def test_interrupt_is_quiet_with_status_130(capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(checks, "verify", interrupt)
    assert main(["check", "y = x", "--at", "x=1"]) == 130
    assert capsys.readouterr() == ("", "")


def test_broken_pipe_is_quiet():
    command = [sys.executable, "-m", "compgraph", "check", "y = x", "--at", "x=1"]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment(), check=False)
    finally:
        os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 1


def test_terminal_without_unicode_shows_question_marks():
    command = [sys.executable, "-m", "compgraph", "check", LECTURE, "--at", AT]
    done = subprocess.run(
        command, capture_output=True, env=environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0"), check=False
    )
    assert done.stderr == b""
    assert b"?0.574442516812" in done.stdout


def test_version_loads_no_third_party_package():
    program = (
        "import sys; from compgraph.cli import main; main(['--version']); "
        "print(sorted({'rich', 'sympy', 'graphviz', 'numpy', 'mpmath'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def environment(**more):
    """The environment of a fresh process that finds the package as this one does."""
    return os.environ | {"PYTHONPATH": str(Path(compgraph.__file__).parents[1])} | more


def test_check_of_a_program_without_inputs_is_wrong_input(capsys):
    assert main(["check", "y = 3"]) == 2
    assert capsys.readouterr().err == "compgraph: the root has no inputs: there is no gradient to check\n"


@pytest.mark.usefixtures("in_an_empty_folder")
def test_a_program_file_may_begin_with_a_byte_order_mark():
    Path("square.txt").write_text("\ufeffy = x**2", encoding="utf-8")
    assert main(["check", "square.txt", "--at", "x=3"]) == 0
