"""One publication as a file: it is read as it was written, and every other text is a finding."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from ledgers import publication, restated, value

from kpiascode.model.canonical import as_line
from kpiascode.model.ledger import People, Publication
from kpiascode.record import segment_of
from kpiascode.record.segments import Broken, publication_of

FULL = publication(
    value("14.5", "2025-11", status="met"),
    restated(value("14.5"), "-0.000000001", slice=(("channel", None), ("country", "Ålesund \u202fNO"))),
    value(None, "2026-01", watermark=None),
    scorecard="monthly",
    channel="email",
    audiences=("company", "retail"),
    recipients=People(number=120),
    delivered=People(number=5),
    acknowledged=People(number=None),
    artefact="a" * 64,
    note="Returns count from December on.",
    parents=("b" * 64, "c" * 64),
)


def read(one: Publication, data: bytes | None = None) -> Publication:
    segment = segment_of(one)
    folder, name = segment.path.split("/")
    return publication_of(data or segment.data, folder=folder, name=name, path="ledger/x")


def refused(lines: list[dict[str, Any] | str]) -> tuple[str, int]:
    """Return what is said of a file whose name fits its content, and of which line."""
    data = "".join((line if isinstance(line, str) else as_line(line)) + "\n" for line in lines).encode()
    head = lines[0] if isinstance(lines[0], dict) else {}
    name = f"{head.get('run', '0' * 16)}-{sha256(data).hexdigest()}.jsonl"
    with pytest.raises(Broken) as broken:
        publication_of(data, folder="2026", name=name, path="ledger/x")
    return broken.value.diagnostic.message, broken.value.diagnostic.place.span.line


def lines_of(one: Publication = FULL) -> list[dict[str, Any]]:
    return [json.loads(line) for line in segment_of(one).data.decode().splitlines()]


def test_what_is_read_is_what_was_written() -> None:
    assert read(FULL) == replace(FULL, values=tuple(sorted(FULL.values, key=lambda one: one.start)))


def test_the_same_publication_has_the_same_bytes() -> None:
    two = publication(value(), value(kpi="churn"), audiences=("company", "retail"))
    shuffled = replace(
        two, hash="", values=two.values[::-1], kpis=two.kpis[::-1], audiences=("retail", "company")
    )

    assert segment_of(shuffled).data == segment_of(two).data
    assert segment_of(shuffled).path == segment_of(two).path


def test_the_file_says_by_its_name_when_and_what_it_is() -> None:
    segment = segment_of(FULL)
    year, _, name = segment.path.partition("/")

    assert year == "2026"
    assert name == f"{lines_of()[0]['run']}-{sha256(segment.data).hexdigest()}.jsonl"
    assert segment.data.endswith(b"\n")
    assert b"\r" not in segment.data


def test_when_and_by_which_commit_it_was_is_no_part_of_what_it_tells() -> None:
    later = replace(FULL, at=FULL.at.replace(hour=9), commit=None, parents=(), values=())

    assert lines_of(later)[0]["run"] == lines_of()[0]["run"]
    assert lines_of(replace(FULL, note="Another note."))[0]["run"] != lines_of()[0]["run"]


def test_a_few_people_are_not_counted() -> None:
    head = lines_of()[0]

    assert (head["recipients"], head["delivered"], head["acknowledged"]) == (120, 5, "<5")


@pytest.mark.parametrize(
    ("number", "text"),
    [("12.500", "12.5"), ("-0", "0"), ("1E+3", "1000"), ("1E-7", "0.0000001"), ("0.00", "0"), ("100", "100")],
)
def test_a_number_has_one_text(number: str, text: str) -> None:
    assert lines_of(publication(value(number)))[2]["value"] == text


def test_each_flipped_bit_is_found() -> None:
    data = segment_of(publication(value())).data

    for position in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[position] ^= 1 << bit
            with pytest.raises(Broken):
                read(publication(value()), bytes(flipped))


def test_a_torn_file_is_found() -> None:
    data = segment_of(FULL).data

    for length in range(1, len(data)):
        with pytest.raises(Broken):
            read(FULL, data[:length])


def with_value(**changes: Any) -> list[dict[str, Any] | str]:
    head, told, one, *_ = lines_of()
    return [head, told, one | changes]


@pytest.mark.parametrize(
    ("lines", "told", "line"),
    [
        pytest.param(["[" * 60_000], "is no JSON", 1, id="nested without end"),
        pytest.param(["7"], "not written as `kpi publish` writes it", 1, id="no mapping"),
        pytest.param([" " * 70_000], "longer than any", 1, id="a line without end"),
        pytest.param([lines_of()[1]], "tells no publication", 1, id="no first line"),
        pytest.param([lines_of()[0] | {"format": 2}], "made by a newer kpiascode", 1, id="a newer format"),
        pytest.param([lines_of()[0] | {"format": True}], "tells no publication", 1, id="a format that is no number"),
        pytest.param([lines_of()[0] | {"extra": 1}], "a key `extra`, which is unknown", 1, id="an unknown key"),
        pytest.param([lines_of()[0] | {"channel": "pigeon"}], "a `channel` that is none", 1, id="a channel"),
        pytest.param([lines_of()[0] | {"recipients": 3}], "a `recipients` that is none", 1, id="too few, counted"),
        pytest.param([lines_of()[0] | {"note": "a\nb"}], "a `note` that is none", 1, id="a note of two lines"),
        pytest.param([lines_of()[0] | {"parents": ["c" * 64, "b" * 64]}], "`parents` that is none", 1, id="out of order"),
        pytest.param([lines_of()[0] | {"at": "2026-01-02"}], "a `at` that is none", 1, id="a day"),
        pytest.param([lines_of()[0] | {"at": "2027-01-02T08:30:00Z"}], "folder that is not its own", 1, id="another year"),
        pytest.param([*lines_of()[:2], lines_of()[1]], "in the order of their names, each once", 3, id="a KPI twice"),
        pytest.param([*lines_of()[:3], lines_of()[2]], "in the order of KPIs and periods, each once", 4, id="a value twice"),
        pytest.param([*lines_of()[:3], lines_of()[1]], "and nothing else", 4, id="a KPI after a value"),
        pytest.param([*lines_of()[:3], {"kind": "moon"}], "and nothing else", 4, id="an unknown kind"),
        pytest.param([lines_of()[0], lines_of()[2]], "of a KPI that was not published", 1, id="a value of no KPI"),
        pytest.param(with_value(value="Infinity"), "a `value` that is none", 3, id="infinity"),
        pytest.param(with_value(value="NaN"), "a `value` that is none", 3, id="not a number"),
        pytest.param(with_value(value="1e5"), "a `value` that is none", 3, id="an exponent"),
        pytest.param(with_value(value="1.50"), "a `value` that is none", 3, id="a zero that says nothing"),
        pytest.param(with_value(value="-0"), "a `value` that is none", 3, id="less than nothing"),
        pytest.param(with_value(value=1), "a `value` that is none", 3, id="a bare number"),
        pytest.param(with_value(value="9" * 500), "a `value` that is none", 3, id="too many digits"),
        pytest.param(with_value(value="15"), "its hash is another one", 3, id="another value"),
        pytest.param(with_value(start="2025-11-31"), "a `start` that is none", 3, id="no day"),
        pytest.param(with_value(end="2025-11-01"), "ends no later than it begins", 3, id="an empty period"),
        pytest.param(with_value(status="fine"), "a `status` that is none", 3, id="a status"),
        pytest.param(with_value(reason="Because"), "says why, and who it is", 3, id="a reason without anything to restate"),
        pytest.param(with_value(kpi="../../etc"), "a `kpi` that is none", 3, id="a name"),
        pytest.param(with_value(slice=[["channel", 1]]), "a `slice` that is none", 3, id="a slice"),
        pytest.param([json.dumps(lines_of()[0])], "not written as `kpi publish` writes it", 1, id="other spaces"),
        pytest.param(['{"a":1,"a":1}'], "not written as `kpi publish` writes it", 1, id="a key twice"),
        pytest.param(['{"a":NaN}'], "is no JSON", 1, id="no number of JSON"),
    ],
)  # fmt: skip
def test_a_file_with_the_right_hash_and_the_wrong_content_is_found(
    lines: list[dict[str, Any] | str], told: str, line: int
) -> None:
    message, where = refused(lines)

    assert told in message
    assert where == line


def test_what_is_missing_is_named() -> None:
    head = lines_of()[0]
    del head["channel"]

    assert refused([head]) == ("A line has no `channel`.", 1)


def test_a_file_under_the_name_of_another_is_found() -> None:
    segment = segment_of(FULL)
    with pytest.raises(Broken, match="name of none"):
        publication_of(segment.data, folder="2026", name="notes.jsonl", path="ledger/x")
    with pytest.raises(Broken, match="not its own"):
        publication_of(segment.data, folder="2025", name=segment.path[5:], path="ledger/x")
