"""The main job, end to end: what it claims is what it computed, and it fails where a claim is false."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import compgraph
from compgraph import lecture
from compgraph.cli import main
from compgraph.stable.exponential import logistic_loss


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The lecture's output as a newcomer gets it: a process of its own, piped, into a folder that is not there yet."""
    folder = tmp_path_factory.mktemp("lecture") / "new" / "pictures"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "compgraph", "lecture", "--out", str(folder)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(Path(compgraph.__file__).parents[1]), "COLUMNS": "80", "PYTHONUTF8": "1"},
        check=False,
    )
    return done, folder


def test_lecture_passes_and_says_so(printed):
    done, _ = printed
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith("Every check passed.")


@pytest.mark.parametrize(
    "claim",
    [
        "w1·x1 + w2·x2 + b",
        "σ(z)",
        "−(y·log(a) + (1 − y)·log(1 − a))",
        "−y/a + (1 − y)/(1 − a)",
        "= −y·(1 − a) + (1 − y)·a = a − y",
        "x1·dz",
        "x2·dz",
        "✓ dz = −0.574442516812 and a − y = −0.574442516812",
        "✓ 8 of 8 gradients agree in every way",
        "w := w − α·dw",
        "✓ the loss fell: L = 0.854355 before, 0.671064 after",
        "✓ J fell in every one of 300 passes: 0.6931 to",
        "✓ the coefficients are the known fit in every printed digit",
    ],
)
def test_lecture_says(printed, claim):
    assert claim in printed[0].stdout


@pytest.mark.parametrize("number", ["−45.272", "5.755", "10.447"])
def test_lecture_prints_the_known_fit_beside_its_own(printed, number):
    rows = [line.split() for line in printed[0].stdout.splitlines()]
    assert any(row[-3:] == [number, number, "0.000"] for row in rows)


@pytest.mark.parametrize(("name", "end"), [("lecture.html", "</html>"), ("lecture.svg", "</svg>")])
def test_lecture_names_the_page_and_the_picture_that_it_wrote(printed, name, end):
    done, folder = printed
    assert sorted(entry.name for entry in folder.iterdir()) == ["lecture.html", "lecture.svg"]
    assert str(folder / name) in done.stdout
    assert (folder / name).read_text(encoding="utf-8").rstrip().endswith(end)


def test_lecture_prints_no_colour_codes_and_no_bar_into_a_pipe(printed):
    output = printed[0].stdout
    assert "\x1b" not in output
    assert "\r" not in output
    assert "━" not in output


def test_lecture_fits_into_80_columns_but_for_the_path(printed):
    done, folder = printed
    assert all(len(line) <= 80 for line in done.stdout.splitlines() if str(folder) not in line)


def test_lecture_shows_colours_and_a_bar_on_a_terminal(tmp_path):
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system="standard", highlight=False)
    assert lecture.run(tmp_path, console)
    assert "\x1b[" in console.file.getvalue()
    assert "gradient descent" in console.file.getvalue()


def test_lecture_fails_on_a_planted_wrong_partial(tmp_path, capsys, monkeypatch):
    right = logistic_loss.partials
    monkeypatch.setattr(logistic_loss, "partials", (lambda *numbers: 1.001 * right[0](*numbers), right[1]))
    assert main(["lecture", "--out", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "✗ dz" in out
    assert "✗ 2 of 8 gradients agree" in out
    assert out.rstrip().endswith("A check failed.")


def test_lecture_fails_where_the_fit_is_another_one(tmp_path, capsys, monkeypatch):
    flowers = lecture.flowers()
    flowers[0] = flowers[0]._replace(y=1.0)
    monkeypatch.setattr(lecture, "flowers", lambda: flowers)
    assert main(["lecture", "--out", str(tmp_path)]) == 1
    assert "✗ the coefficients" in capsys.readouterr().out


def test_lecture_writes_into_the_current_folder_by_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["lecture"]) == 0
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["lecture.html", "lecture.svg"]


def test_lecture_refuses_a_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "taken").write_text("old")
    assert main(["lecture", "--out", str(tmp_path / "taken")]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"compgraph: cannot write {tmp_path / 'taken'}: File exists\n")
    assert (tmp_path / "taken").read_text() == "old"


def test_one_step_is_the_formula_of_the_lecture():
    graph = lecture.build()
    updates, before, after = lecture.gradient_step(graph, 0.5)
    for update in updates:
        assert update.after == update.before - 0.5 * update.gradient
    assert (before, after) == (pytest.approx(0.8543552444685271), graph.L.value)
    assert after < before


def test_descent_sums_the_examples_as_a_loop_by_hand_does():
    graph, examples = lecture.build(), lecture.flowers()[45:55]
    iterations = lecture.descend(graph, examples, rate=0.1)
    first, second = next(iterations), next(iterations)
    by_hand = lecture.build()
    total = 0.0
    for example in examples:
        lecture.show(by_hand, example)
        by_hand.L.backward()
        total += by_hand.w1.grad / len(examples)
    assert second.parameters["w1"] == pytest.approx(first.parameters["w1"] - 0.1 * total, rel=1e-14)


def test_newton_ends_where_the_cost_has_no_slope():
    graph = lecture.build()
    for node in graph.parameters:
        node.value = 0.0
    last = list(lecture.newton(graph, lecture.flowers()))[-1]
    assert last.slope < 1e-12
    assert last.parameters == {
        "w1": pytest.approx(5.7545, abs=5e-5),
        "w2": pytest.approx(10.4467, abs=5e-5),
        "b": pytest.approx(-45.2723, abs=5e-5),
    }
