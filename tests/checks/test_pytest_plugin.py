"""The plugin in runs of pytest of its own: options, ids, the fixture; it costs nothing where it is not used."""

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

LECTURE = """
    from compgraph import Node, log, sigmoid
    from compgraph.checks import assert_gradients

    x, y, w = Node(1.0, "x"), Node(1.0, "y"), Node(0.1, "w")
    a = sigmoid((w*x).named("z")).named("a")
    L = (-(y*log(a) + (1 - y)*log(1 - a))).named("L")
"""


@pytest.fixture
def lecture(pytester):
    def run(body, *options):
        pytester.makepyfile(LECTURE + body)
        return pytest_with_plugin(pytester, *options)

    return run


def pytest_with_plugin(pytester, *options):
    """A run with this plugin and no other, whether the package is installed or not."""
    pytester._monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return pytester.runpytest_subprocess("-p", "compgraph.checks.pytest_plugin", "-p", "no:cacheprovider", *options)


def test_a_right_form_passes_and_a_wrong_one_fails_with_its_message(lecture):
    result = lecture("""
    def test_right():
        assert_gradients(L, {w: x*(a - y)})

    def test_wrong():
        assert_gradients(L, {w: x*(y - a)})
    """)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*dL/dw is not x·(y − a): they differ*", "*hint: your form has the other sign"])
    result.stdout.fnmatch_lines(["*picture: *test_wrong*dw.svg"])
    result.stdout.no_fnmatch_line("*_first_disagreement*")  # the engine's own frames stay out of it


def test_gradcheck_passes_and_fails_by_the_report(lecture):
    result = lecture("""
    import compgraph as cg

    wrong = cg.op("wrong", lambda y, x: 3*x, body=lambda x: x*x)

    def test_right(gradcheck):
        gradcheck(L)
        gradcheck(L, [w])

    def test_wrong(gradcheck):
        gradcheck(wrong(w))
    """)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*wrong rule in op wrong*", "*picture: *dw.svg", "*the chain rule of dw:"])


def test_ops_give_tests_their_names(lecture):
    result = lecture(
        """
    import pytest
    from compgraph import all_ops

    @pytest.mark.parametrize("op", all_ops())
    def test_it(op):
        assert op.arity
    """,
        "--collect-only",
        "-q",
    )
    result.stdout.fnmatch_lines(["*test_it[[]sigmoid]", "*test_it[[]softplus]"])


def test_samples_and_seed_are_options_and_in_the_header(lecture):
    body = """
    def test_it():
        assert_gradients(L, {w: (a - y) + 0*x})
    """
    assert "at random point 1 of seed 0" in lecture(body).stdout.str()
    assert "at random point 1 of seed 7" in (told := lecture(body, "--compgraph-seed=7").stdout.str())
    assert "compgraph: 16 random points, seed 7" in told
    lecture(body, "--compgraph-samples=0").assert_outcomes(passed=1)
    assert lecture(body, "--compgraph-samples=-3").ret == pytest.ExitCode.USAGE_ERROR


def test_a_run_without_use_loads_no_leaf_and_no_library(pytester):
    pytester.makepyfile("""
    import sys

    def test_it():
        heavy = {"sympy", "mpmath", "flint", "numpy", "graphviz", "rich", "wasmtime"}
        assert not heavy & set(sys.modules)
        assert not {name for name in sys.modules if name.startswith("compgraph.") and "checks." in name} - {
            "compgraph.checks.pytest_plugin", "compgraph.checks.settings",
        }
    """)
    result = pytest_with_plugin(pytester)
    result.assert_outcomes(passed=1)


def test_outside_pytest_a_failure_is_an_assertion_error():
    code = (
        "import compgraph as cg\nfrom compgraph.checks import assert_gradients\n"
        "x = cg.Node(3.0, 'x')\nassert_gradients(x*x, {x: x})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, encoding="utf-8")
    assert "AssertionError: dv1/dx is not x" in run.stderr
    assert "hint: your form is 1/2 of the gradient" in run.stderr
