"""The iris data: what ships is Fisher's table, and a damaged table is refused at its line and column."""

from collections import Counter
from statistics import mean

import pytest

from compgraph.errors import GraphValueError
from compgraph.nn import iris

HEADER = "sepal_length,sepal_width,petal_length,petal_width,species\n"


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "flowers.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_iris_has_fifty_flowers_of_each_species():
    assert Counter(flower.species for flower in iris()) == {"setosa": 50, "versicolor": 50, "virginica": 50}


@pytest.mark.parametrize(
    ("species", "means"),
    [
        ("setosa", (5.006, 3.428, 1.462, 0.246)),
        ("versicolor", (5.936, 2.770, 4.260, 1.326)),
        ("virginica", (6.588, 2.974, 5.552, 2.026)),
    ],
)
def test_iris_has_the_means_of_fishers_paper(species, means):
    flowers = [flower for flower in iris() if flower.species == species]
    assert [mean(column) for column in list(zip(*flowers, strict=True))[:4]] == pytest.approx(means, abs=1e-12)


def test_iris_is_the_paper_and_not_the_copy_with_two_wrong_rows():
    assert iris()[34][:4] == (4.9, 3.1, 1.5, 0.2)
    assert iris()[37][:4] == (4.9, 3.6, 1.4, 0.1)


def test_iris_reads_another_file_and_leaves_out_comments(table):
    flowers = iris(table("# mine\n" + HEADER + "\n5,3,1.5,0.2,setosa\n"))
    assert [tuple(flower) for flower in flowers] == [(5.0, 3.0, 1.5, 0.2, "setosa")]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("5.1,3.5,1.4,setosa", "line 3: 4 columns; 5 are wanted"),
        ("5.1,3.5,1.4,0.2,setosa,9", "line 3: 6 columns; 5 are wanted"),
        ("5.1,3.5,1.4,wide,setosa", "line 3, column petal_width: 'wide' is not a number"),
        ("5.1,,1.4,0.2,setosa", "line 3, column sepal_width: '' is not a number"),
        ("5.1,3.5,nan,0.2,setosa", "line 3, column petal_length: nan is not finite"),
        ("1e999,3.5,1.4,0.2,setosa", "line 3, column sepal_length: 1e999 is not finite"),
        ("5.1,3.5,1.4,0.2,", "line 3, column species: empty"),
        ('5.1,3.5,1.4,0.2,"setosa', "line 3: not CSV"),
    ],
)
def test_iris_names_file_line_and_column_of_a_bad_row(table, row, complaint):
    path = table(HEADER + "4.9,3.0,1.4,0.2,setosa\n" + row + "\n")
    with pytest.raises(GraphValueError) as caught:
        iris(path)
    assert str(caught.value).startswith(f"{path}, {complaint}")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "length,width\n1,2\n"])
def test_iris_refuses_a_table_without_its_header(table, text):
    with pytest.raises(GraphValueError, match="write 'sepal_length,sepal_width"):
        iris(table(text))


def test_iris_refuses_a_file_that_is_not_text(table):
    with pytest.raises(GraphValueError, match="not UTF-8 text"):
        iris(table(b"\xff\xfe"))


def test_iris_says_which_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv"):
        iris(tmp_path / "nowhere.csv")
