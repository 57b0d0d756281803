"""No name can break a table of the checks, or be taken for one of its lines."""

from hypothesis import assume, given
from hypothesis import strategies as st

from compgraph.checks import precision, verify
from compgraph.node import Node
from compgraph.ops import exp, log

names = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    st.sampled_from(["a\nb  16  agrees", "</script>", 'a<b>"|{}&', "∂", "w₁", "\x1b[31m"]),
)


@given(names, names)
def test_no_name_makes_a_line(first, second):
    assume(first != second and "L" not in {first, second})
    x, y = Node(1.5, first), Node(0.5, second)
    root = log(x * exp(y)).named("L")
    plain = log(Node(1.5, "p") * exp(Node(0.5, "q"))).named("L")
    for check in (verify, precision):
        assert len(str(check(root)).splitlines()) == len(str(check(plain)).splitlines())
    assert "<b>" not in verify(root)._repr_html_()
    assert "</script>" not in verify(root)._repr_html_()
