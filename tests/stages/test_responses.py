"""The export of a feedback round: read strictly, or refused as a whole, with nothing of it repeated."""

import time

import pytest
from feedback_cases import FIVE, feedback_round, question

from kpiascode.load import responses as reading
from kpiascode.load.responses import MAX_BYTES, MAX_CELL, MAX_ROWS, as_token, read_responses
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.feedback import Response, Responses
from kpiascode.model.performance import FeedbackRound, Group, Scale

QUIET = feedback_round()
WORDS = feedback_round(questions=[question("reliable"), question("keep", None)], moderated=True)
SECRET = "Zacharias"


def read(text: str | bytes, asked: FeedbackRound = QUIET, **options: object) -> Responses:
    data = text if isinstance(text, bytes) else text.encode()
    found = read_responses("export.csv", data, asked, **options)  # type: ignore[arg-type]
    assert isinstance(found, Responses), found
    return found


def refused(text: str | bytes, asked: FeedbackRound = QUIET, **options: object) -> Diagnostic:
    """Return the one finding of an export, after a look that it repeats nothing."""
    data = text if isinstance(text, bytes) else text.encode()
    found = read_responses("export.csv", data, asked, **options)  # type: ignore[arg-type]
    assert isinstance(found, tuple), "it is read"
    (finding,) = found
    assert finding.veiled
    assert SECRET not in f"{finding}"
    return finding


def rows(*lines: str, header: str = "respondent,group,reliable") -> str:
    return "\n".join((header, *lines, ""))


def told(finding: Diagnostic) -> tuple[str, str, int, int]:
    """Return code, message, line and column."""
    return finding.code, finding.message, finding.place.span.line, finding.place.span.column


# --- what is read


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"respondent,group,reliable\na,peers,4\nb,reports,\n", id="as a program writes it"),
        pytest.param(b"\xef\xbb\xbfrespondent,group,reliable\na,peers,4\nb,reports,\n", id="a mark of bytes"),
        pytest.param(b"respondent,group,reliable\r\na,peers,4\r\nb,reports,\r\n", id="of Windows"),
        pytest.param(b"respondent,group,reliable\na,peers,4\nb,reports,", id="no line break at the end"),
        pytest.param(b'"respondent","group","reliable"\n"a","peers","4"\n"b","reports",""\n', id="in quotes"),
        pytest.param(b"reliable,group,respondent\n4,peers,a\n,reports,b\n", id="in another order"),
    ],
)
def test_each_row_is_what_one_of_a_group_answered(data: bytes) -> None:
    assert read(data) == Responses(
        (
            Response(group=Group.PEERS, answers={"reliable": 4}, texts={}, let_through=False),
            Response(group=Group.REPORTS, answers={}, texts={}, let_through=False),
        ),
        frozenset({"a", "b"}),
    )


def test_semicolons_part_columns_where_that_is_said() -> None:
    assert read("respondent;group;reliable\na;peers;2\n", delimiter=";").rows[0].answers == {"reliable": 2}


def test_a_header_alone_is_nobody() -> None:
    assert read("respondent,group,reliable\n") == Responses((), frozenset())


def test_words_are_kept_where_a_moderator_may_let_them_through() -> None:
    found = read(
        rows(
            'a,peers,4,"One, ""two""\nthree",yes',
            "b,peers,5,  ,",
            header="respondent,group,reliable,keep,moderated",
        ),
        WORDS,
    )
    assert found.rows == (
        Response(
            group=Group.PEERS, answers={"reliable": 4}, texts={"keep": 'One, "two"\nthree'}, let_through=True
        ),
        Response(group=Group.PEERS, answers={"reliable": 5}, texts={}, let_through=False),
    )


@pytest.mark.parametrize("header", ["respondent,group,reliable,keep", "respondent,group,reliable"])
def test_where_no_words_are_told_none_are_kept(header: str) -> None:
    asked = feedback_round(questions=[question("reliable"), question("keep", None)])
    line = f"a,peers,4,{SECRET}" if "keep" in header else "a,peers,4"

    assert SECRET not in repr(read(rows(line, header=header), asked))


def test_a_scale_may_lie_around_zero() -> None:
    asked = feedback_round(questions=[question("reliable", Scale(low=-2, high=2, labels=()))])

    assert [one.answers["reliable"] for one in read(rows("a,peers,-2", "b,peers,0"), asked).rows] == [-2, 0]


def test_a_column_that_is_named_is_not_read() -> None:
    text = rows(f"a,{SECRET},peers,4", header="respondent,full name,group,reliable")

    assert SECRET not in repr(read(text, ignored=("full name",)))


# --- what is refused


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("6", id="above the scale"),
        pytest.param("0", id="below it"),
        pytest.param("-1", id="a minus"),
        pytest.param("5.0", id="a point"),
        pytest.param('"5,0"', id="a comma"),
        pytest.param("4.5", id="a half"),
        pytest.param("05", id="a zero before"),
        pytest.param("+5", id="a plus"),
        pytest.param(" 5", id="a blank before"),
        pytest.param("5 ", id="a blank behind"),
        pytest.param(" ", id="a blank"),
        pytest.param("\u00a05", id="a blank that does not break"),
        pytest.param("٥", id="an Arabic five"),
        pytest.param("５", id="a wide five"),
        pytest.param("⁵", id="a raised five"),
        pytest.param("5\u200b", id="something that is not seen"),
        pytest.param("1e0", id="an exponent"),
        pytest.param("0x1", id="another base"),
        pytest.param("always", id="a label"),
        pytest.param("nan", id="no number"),
        pytest.param('"=HYPERLINK(""http://evil.example"",""5"")"', id="a formula"),
        pytest.param("=5", id="a short formula"),
        pytest.param("@5", id="another one"),
        pytest.param(SECRET, id="a name"),
    ],
)
def test_an_answer_is_a_number_of_the_scale_as_it_is_written_and_nothing_else(answer: str) -> None:
    assert told(refused(rows("a,peers,4", f"b,peers,{answer}"))) == (
        "wrong-answer",
        "Row 3, column `reliable`: this is no number of the scale.",
        3,
        9,
    )


@pytest.mark.parametrize("group", ["bosses", "Peers", " peers", "customers", "", "=peers", SECRET])
def test_a_group_that_is_not_asked(group: str) -> None:
    finding = refused(rows(f"a,{group},4"))

    assert told(finding) == (
        "wrong-answer",
        "Row 2, column `group`: the round does not ask such a group.",
        2,
        3,
    )
    assert finding.hint == "It asks `partners`, `peers`, `reports`."


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(SECRET, id="as it was"),
        pytest.param(SECRET.upper(), id="in capitals"),
        pytest.param(f"  {SECRET}\t", id="between blanks"),
        pytest.param(f"{SECRET}\u200b", id="with something that is not seen"),
        pytest.param("Ｚacharias", id="in wide letters"),
        pytest.param(f"{SECRET}\ufe0f", id="with a selector of emoji"),
        pytest.param(f"{SECRET}\U000e0100", id="with a selector of ideographs"),
        pytest.param("Zach\u034farias", id="with a joiner of graphemes"),
        pytest.param(f"{SECRET}\u180b", id="with a selector of Mongolian"),
        pytest.param(f"{SECRET}\u3164", id="with a filler of Korean"),
        pytest.param("Zach\u115farias", id="with another filler"),
        pytest.param(f"{SECRET}\uffa0", id="with a narrow filler"),
        pytest.param(f"{SECRET}\u2800", id="with a blank of Braille"),
        pytest.param(f"{SECRET}\x07", id="with a bell"),
    ],
)
def test_nobody_answers_twice(again: str) -> None:
    finding = refused(rows(f"{SECRET},peers,4", "b,peers,5", f"{again},reports,5"))

    assert told(finding) == (
        "wrong-respondent",
        "Row 4, column `respondent`: the one of row 2 stands here again.",
        4,
        1,
    )
    assert again.strip() not in f"{finding}"


def test_tokens_that_differ_are_two() -> None:
    assert len(read(rows("a1,peers,4", "a2,peers,4", "a 1,peers,4")).rows) == 3
    assert as_token("Straße") == as_token("STRASSE")


def test_an_accent_makes_another_token_however_it_is_written() -> None:
    assert len(read(rows("lea,peers,4", "léa,peers,4")).rows) == 2
    assert as_token("léa") == as_token("le\u034f\u0301a")


def test_a_group_is_not_made_large_enough_by_signs_that_nobody_sees() -> None:
    """Four people, and one of them again: five rows, of which each sign alone would tell the group."""
    finding = refused(rows(*(f"p{n},peers,{n + 1}" for n in range(4)), "p0\ufe0f,peers,1"))

    assert finding.code == "wrong-respondent"


@pytest.mark.parametrize("token", ["", "  ", "\u200b", '" "'])
def test_each_row_has_a_token(token: str) -> None:
    assert refused(rows(f"{token},peers,4")).message == "Row 2, column `respondent`: it is empty."


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("respondent,group,reliable,zacharias", "Row 1, column 4: no question of `autumn` has this name."),
        (f"respondent,group,reliable,{SECRET}", "Row 1, column 4: no question of `autumn` has this name."),
        ("respondent,group,reliable,moderated", "Row 1, column 4: no question of `autumn` has this name."),
        ("respondent,group,reliable,", "Row 1, column 4: no question of `autumn` has this name."),
        ("respondent,group,reliable,group", "Row 1, column 4: a column before has the same name."),
        ("respondent,reliable", "The export has no column `group`."),
        ("group,reliable", "The export has no column `respondent`."),
        ("respondent,group", "The export has no column `reliable`."),
    ],
)
def test_columns_are_those_of_the_round(header: str, message: str) -> None:
    finding = refused(header + "\n")

    assert (finding.code, finding.message) == ("wrong-columns", message)


def test_a_column_of_moderation_is_needed_where_words_are_told() -> None:
    assert (
        refused(rows("a,peers,4,x", header="respondent,group,reliable,keep"), WORDS).message
        == "The export has no column `moderated`."
    )


@pytest.mark.parametrize("said", ["Yes", "no", "true", " yes", SECRET])
def test_a_moderator_says_yes_or_nothing(said: str) -> None:
    text = rows(f"a,peers,4,x,{said}", header="respondent,group,reliable,keep,moderated")

    assert refused(text, WORDS).message == "Row 2, column `moderated`: it is neither `yes` nor empty."


def test_the_other_delimiter_is_proposed() -> None:
    found = read_responses("export.csv", b"respondent;group;reliable\na;peers;4\n", QUIET)

    assert isinstance(found, tuple)
    assert [one.hint for one in found] == ["Its columns are parted by another sign: add --delimiter ';'."]


def test_a_column_that_is_missing_is_asked_for() -> None:
    assert refused("respondent,group\n").hint == "The round asks for `group`, `reliable`, `respondent`.", (
        "and not: it has them"
    )


def test_a_column_that_differs_by_case_only_is_told_once() -> None:
    found = read_responses("export.csv", b"respondent,Group,reliable\na,peers,4\n", QUIET)

    assert isinstance(found, tuple)
    assert [one.message for one in found] == [
        "Row 1, column 2: this is `group` but for upper and lower case."
    ]


def test_a_column_that_is_not_to_be_read_must_be_there() -> None:
    assert refused(rows("a,peers,4"), ignored=("nmae",)).code == "wrong-columns"


# --- files that are none


@pytest.mark.parametrize(
    ("data", "code", "message", "line", "column"),
    [
        pytest.param(b"", "malformed-csv", "The export is empty.", 1, 1, id="empty"),
        pytest.param(b"\xef\xbb\xbf", "malformed-csv", "The export is empty.", 1, 1, id="a mark alone"),
        pytest.param(
            rows(f"a,peers,{SECRET}").encode("utf-16"),
            "not-utf8",
            "The export is not UTF-8.",
            1,
            1,
            id="UTF-16",
        ),
        pytest.param(
            rows("a,peers,4").encode("utf-16-le"),
            "forbidden-character",
            "The export holds U+0000 NULL.",
            1,
            2,
            id="UTF-16 without a mark",
        ),
        pytest.param(
            rows("a,peers,4", "Zo\xeb,peers,4").encode("latin-1"),
            "not-utf8",
            "The export is not UTF-8.",
            1,
            1,
            id="Latin 1",
        ),
        pytest.param(
            b"respondent,group,reliable\na,pe\0ers,4\n",
            "forbidden-character",
            "The export holds U+0000 NULL.",
            2,
            5,
            id="NUL",
        ),
        pytest.param(
            b'respondent,group,reliable\na,peers,4\nb,"peers,4\nc,peers,4\n',
            "malformed-csv",
            "Row 3, column 2: a quote is not closed.",
            3,
            3,
            id="a quote that is not closed",
        ),
        pytest.param(
            b'respondent,group,reliable\na,"peers" x,4\n',
            "malformed-csv",
            "Row 2, column 2: a quote or a line break stands where none may.",
            2,
            10,
            id="a text beside quotes",
        ),
        pytest.param(
            b'respondent,group,reliable\na,pe"ers,4\n',
            "malformed-csv",
            "Row 2, column 2: a quote or a line break stands where none may.",
            2,
            5,
            id="a quote inside",
        ),
        pytest.param(
            b"respondent,group,reliable\ra,peers,4\r",
            "malformed-csv",
            "Row 1, column 3: a quote or a line break stands where none may.",
            1,
            26,
            id="line breaks of an old Mac",
        ),
        pytest.param(
            b"respondent,group,reliable\na,peers,4,5\n",
            "malformed-csv",
            "Row 2 has 4 columns, and the header has 3.",
            2,
            1,
            id="a column too many",
        ),
        pytest.param(
            b"respondent,group,reliable\na,peers,4\nb,peers\n",
            "malformed-csv",
            "Row 3 has 2 columns, and the header has 3.",
            3,
            1,
            id="a column too few",
        ),
        pytest.param(
            b"respondent,group,reliable\na,peers,4\n\nb,peers,4\n",
            "malformed-csv",
            "Row 3 is empty.",
            3,
            1,
            id="an empty line",
        ),
        pytest.param(
            b'respondent,group,reliable\n"a\nb",peers,4\nc,peers,9\n',
            "wrong-answer",
            "Row 3, column `reliable`: this is no number of the scale.",
            4,
            9,
            id="a row of two lines",
        ),
    ],
)
def test_what_is_no_such_file_is_refused(
    data: bytes, code: str, message: str, line: int, column: int
) -> None:
    assert told(refused(data)) == (code, message, line, column)


@pytest.mark.parametrize("where", ["respondent", "group", "reliable", "keep"])
def test_a_cell_of_ten_megabytes(where: str) -> None:
    cells = {"respondent": "a", "group": "peers", "reliable": "4", "keep": "x", "moderated": "yes"}
    cells[where] = SECRET * 1_200_000
    data = rows(",".join(cells.values()), header=",".join(cells)).encode()
    start = time.monotonic()

    assert refused(data, WORDS).code == "text-too-long"
    assert len(data) > 10_000_000
    assert time.monotonic() - start < 5


def test_a_header_of_ten_megabytes() -> None:
    assert refused(SECRET * 1_200_000).code == "text-too-long"
    assert refused("a," * 5_000_000).message == "Row 1 has more than 200 columns."


def test_the_longest_cell_is_read() -> None:
    text = rows(f"a,peers,4,{'x' * MAX_CELL},yes", header="respondent,group,reliable,keep,moderated")

    assert len(read(text, WORDS).rows[0].texts["keep"]) == MAX_CELL
    assert refused(text.replace("xx", "xxx", 1), WORDS).code == "text-too-long"


def test_a_file_that_is_too_large() -> None:
    assert refused(b"\n" * (MAX_BYTES + 1)).code == "file-too-large"


def test_a_hundred_thousand_rows_are_read_and_no_more() -> None:
    lines = [f"r{number},peers,{number % 5 + 1}" for number in range(MAX_ROWS + 1)]
    start = time.monotonic()

    assert len(read(rows(*lines[:-1])).rows) == MAX_ROWS
    assert time.monotonic() - start < 20
    finding = refused(rows(*lines))
    assert (finding.code, finding.place.span.line) == ("too-many-responses", MAX_ROWS + 2)


def test_many_findings_are_cut() -> None:
    found = read_responses("export.csv", rows(*(f"r{n},peers,9" for n in range(1000))).encode(), QUIET)

    assert isinstance(found, tuple)
    assert len(found) == reading.MAX_FINDINGS


def test_what_is_wrong_in_one_place_spoils_all_of_it() -> None:
    """Nothing is told of a file of which a part is wrong."""
    assert isinstance(read_responses("x", rows("a,peers,4", "b,peers,9").encode(), QUIET), tuple)


def test_a_scale_of_eleven_steps() -> None:
    asked = feedback_round(questions=[question("reliable", Scale(low=0, high=10, labels=()))])

    assert read(rows("a,peers,10", "b,peers,0"), asked).rows[0].answers == {"reliable": 10}
    assert FIVE.high == 5
    assert refused(rows("a,peers,11"), asked).hint == (
        "Write a whole number from 0 to 10 and nothing else, or leave it empty."
    )
