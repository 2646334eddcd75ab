"""All publications together: none can vanish, none can change, and whoever did not know of another shows."""

from datetime import timedelta
from pathlib import Path

import pytest
from ledgers import NEW_YEAR, after, audit, messages, publication, restated, value, write

from kpiascode.pipeline.ledger import named
from kpiascode.record import store

LATER = NEW_YEAR + timedelta(hours=1)
LATEST = NEW_YEAR + timedelta(hours=2)


def test_what_was_published_is_in_order_and_the_last_value_counts(tmp_path: Path) -> None:
    first = publication(value("14.5"))
    second = after(first, values=[restated(value("14.5"), "15")], at=LATER)
    third = after(second, values=[value("16", "2026-01")], at=LATEST, channel="email")
    write(tmp_path, third, first, second)

    found = audit(tmp_path)

    assert found.findings == ()
    assert found.ledger.publications == (first, second, third)
    assert found.ledger.heads == (third.hash,)
    assert [str(one.value) for one in found.ledger.told.values()] == ["15", "16"]


def test_a_deleted_publication_is_missed_by_the_one_that_followed_it(tmp_path: Path) -> None:
    first = publication(value())
    files = write(tmp_path, first, after(first, at=LATER))
    files[first.hash].unlink()

    assert messages(tmp_path) == [f"It follows the publication {first.hash[:8]}, whose file is missing."]


def test_a_value_that_changes_in_silence_is_found(tmp_path: Path) -> None:
    first = publication(value("14.5"))
    write(tmp_path, first, after(first, values=[value("14.6")], at=LATER))

    [finding] = audit(tmp_path).findings

    assert finding.message == "A value differs from the one that was told before, and does not say so."
    assert finding.place.span.line == 3


def test_a_value_that_is_told_again_is_no_change(tmp_path: Path) -> None:
    first = publication(value("14.5"))
    write(tmp_path, first, after(first, values=[value("14.50", status="met")], at=LATER))

    assert messages(tmp_path) == []


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(value("99"), id="a value that was never told"),
        pytest.param(value("14.5", "2025-11"), id="a value of another period"),
    ],
)
def test_nothing_is_restated_that_was_not_told(tmp_path: Path, of: object) -> None:
    first = publication(value("14.5", "2025-11"), value("14.5"))
    wrong = restated(value("14.5"), "15", restates=of.hash)  # type: ignore[attr-defined]
    write(tmp_path, first, after(first, values=[wrong], at=LATER))

    assert "which was not told before" in messages(tmp_path)[0]


def test_a_publication_is_not_older_than_what_it_follows(tmp_path: Path) -> None:
    first = publication(value())
    write(tmp_path, first, after(first, at=NEW_YEAR - timedelta(seconds=1)))

    assert "It is older than the publication" in messages(tmp_path)[0]


# --- two publishers that did not know of each other


def test_two_that_tell_of_different_things_are_both_there(tmp_path: Path) -> None:
    root = publication(value())
    one = after(root, values=[value("1", "2026-01")], at=LATER)
    other = after(root, values=[value("2", "2026-02")], at=LATER, channel="email")
    write(tmp_path, root, one, other)

    found = audit(tmp_path)

    assert found.findings == ()
    assert found.ledger.heads == tuple(sorted([one.hash, other.hash]))
    assert (found.ledger.repeats, found.ledger.conflicts) == ((), ())


def test_the_same_told_in_two_places_at_once_counts_once(tmp_path: Path) -> None:
    root = publication(value())
    one, other = (after(root, values=[value("1", "2026-01")], at=at, note="Hi.") for at in (LATER, LATEST))
    write(tmp_path, root, one, other)

    found = audit(tmp_path).ledger

    assert found.publications == (root, one)
    assert found.repeats == (other.hash,)
    assert found.heads == tuple(sorted([one.hash, other.hash])), "the next one follows both"


def test_different_values_told_at_once_are_a_conflict_until_one_is_restated(tmp_path: Path) -> None:
    root = publication(value())
    one = after(root, values=[value("1", "2026-01")], at=LATER)
    other = after(root, values=[value("2", "2026-01")], at=LATEST)
    write(tmp_path, root, one, other)

    [conflict] = audit(tmp_path).ledger.conflicts
    assert (str(conflict.one.value), str(conflict.other.value)) == ("1", "2")

    settled = restated(value("2", "2026-01"), "1")
    write(tmp_path, after(one, other, values=[settled], at=LATEST))
    assert audit(tmp_path).ledger.conflicts == ()
    assert messages(tmp_path) == []


# --- what else lies there


def test_a_foreign_file_is_found_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, publication(value()))
    (tmp_path / ".gitattributes").write_text("* -text\n")
    (tmp_path / "2026" / ".new-0123").write_text("{")
    assert messages(tmp_path) == []

    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "2026" / "more").mkdir()

    assert [finding.place.path for finding in audit(tmp_path).findings] == [
        "ledger/2026/more",
        "ledger/notes.txt",
    ]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    [file] = write(tmp_path / "away", publication(value())).values()
    year = tmp_path / "here" / "2026"
    year.mkdir(parents=True)
    (year / file.name).symlink_to(file)
    (tmp_path / "link").symlink_to(tmp_path / "away")

    assert "It is no publication" in messages(tmp_path / "here")[0]
    assert "links are not followed" in messages(tmp_path / "link")[0]


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, publication(value()))
    monkeypatch.setattr(store, "MAX_SEGMENT", 100)

    assert "none has more than 100" in messages(tmp_path)[0]


def test_too_many_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publication(value())
    write(tmp_path, first, after(first, at=LATER))
    monkeypatch.setattr(store, "MAX_SEGMENTS", 1)

    assert "more than 1 files" in "".join(messages(tmp_path))


# --- names


def test_a_publication_is_named_by_its_place_or_its_hash(tmp_path: Path) -> None:
    first = publication(value())
    write(tmp_path, first, after(first, at=LATER))
    ledger = audit(tmp_path).ledger

    assert [list(named(ledger, name)) for name in ("HEAD", "HEAD~1", "HEAD~2", first.hash[:10], "", "x")] == [
        [1], [0], [], [0], [], []
    ]  # fmt: skip
