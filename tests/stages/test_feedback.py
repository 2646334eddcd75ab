"""What is told of a feedback round: numbers by group, words that name nobody, and a document of both."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from factories import owner, project, unit
from feedback_cases import (
    answered,
    back,
    feedback_round,
    person,
    piled,
    question,
)
from markdown_it import MarkdownIt

from kpiascode.assess.feedback import summary, withheld
from kpiascode.model.feedback import Responses, Split, Told, ToldQuestion, ToldWords
from kpiascode.model.performance import FeedbackRound, Group, PersonRef, Scale
from kpiascode.model.project import Level, Project, Restricted
from kpiascode.pipeline.packing import BOTH, files_of
from kpiascode.render.locales import NBSP
from kpiascode.render.packs.feedback import feedback_pack

P, R, T = Group.PEERS, Group.REPORTS, Group.PARTNERS
S, M = Group.SELF, Group.MANAGER
HIDDEN = "Not shown: fewer than 5 answers, all the same, or needed to hide such a group"
KEEP = question("keep", None)


def told_of(asked: FeedbackRound, responses: Responses, at: int = 0) -> Split:
    found = summary(asked, responses).questions[at]
    assert isinstance(found, ToldQuestion)
    return found.split


# --- numbers


def test_a_group_is_told_from_k_answers_on() -> None:
    split = told_of(feedback_round(P, T), back(*piled({P: (0, 1, 2, 3, 0), T: (1, 1, 1, 1, 1)})))

    assert split == Split(
        alone={P: Told((P,), 6, (0, 1, 2, 3, 0)), T: Told((T,), 5, (1, 1, 1, 1, 1))},
        rest=None,
        whole=Told((P, T), 11, (1, 2, 3, 4, 1)),
    )


def test_of_four_answers_nothing_is_told() -> None:
    found = summary(feedback_round(P), back(*piled({P: (1, 1, 1, 1, 0)})))

    assert found.participation == Split(alone={P: None}, rest=None, whole=None)
    assert isinstance(found.questions[0], ToldQuestion)
    assert found.questions[0].split == Split(alone={P: None}, rest=None, whole=None)


def test_it_is_answers_to_this_question_that_count() -> None:
    asked = feedback_round(P, questions=[question("one"), question("two")])
    rows = [answered(P, one=1 + n % 5, **({"two": 1 + n} if n < 4 else {})) for n in range(9)]

    assert told_of(asked, back(*rows), 0).alone[P] is not None
    assert told_of(asked, back(*rows), 1) == Split(alone={P: None}, rest=None, whole=None)


def test_the_round_says_how_many_are_enough() -> None:
    rows = back(*piled({P: (1, 1, 1, 0, 0)}))

    assert told_of(feedback_round(P, k=3), rows).alone[P] == Told((P,), 3, (1, 1, 1, 0, 0))
    assert told_of(feedback_round(P, k=4), rows).alone[P] is None


def test_rows_without_an_answer_are_nobody() -> None:
    """Else a group could be made large enough by empty rows."""
    rows = back(*piled({P: (1, 1, 1, 1, 0)}), *(answered(P) for _ in range(20)))

    assert summary(feedback_round(P), rows).participation.alone[P] is None


def test_a_manager_of_one_hides_no_other_group() -> None:
    """They are told alone or not at all, so nothing has to be hidden with them."""
    split = told_of(
        feedback_round(S, M, P, R),
        back(*piled({S: (1, 0, 0, 0, 0), M: (0, 1, 0, 0, 0), P: (1, 2, 3, 0, 0), R: (0, 0, 2, 3, 0)})),
    )

    assert split.alone[S] is split.alone[M] is split.rest is None
    assert split.whole == Told((P, R), 11, (1, 2, 5, 3, 0))


def test_a_unit_may_learn_what_it_said_of_itself() -> None:
    split = told_of(feedback_round(S, P), back(*piled({S: (1, 2, 3, 0, 0), P: (0, 0, 2, 3, 0)})))

    assert split.alone[S] == Told((S,), 6, (1, 2, 3, 0, 0))
    assert split.whole == Told((P,), 5, (0, 0, 2, 3, 0))


def test_a_group_that_agrees_is_not_told() -> None:
    split = told_of(feedback_round(P, R), back(*piled({P: (0, 0, 0, 0, 9), R: (0, 2, 3, 1, 0)})))

    assert split == Split(alone={P: None, R: Told((R,), 6, (0, 2, 3, 1, 0))}, rest=None, whole=None)
    assert summary(
        feedback_round(P, R), back(*piled({P: (0, 0, 0, 0, 9), R: (0, 2, 3, 1, 0)}))
    ).participation.whole == Told((P, R), 15)


def test_one_who_differs_is_enough() -> None:
    assert told_of(feedback_round(P), back(*piled({P: (1, 0, 0, 0, 4)}))).alone[P] == Told(
        (P,), 5, (1, 0, 0, 0, 4)
    )


def test_the_order_of_rows_says_nothing() -> None:
    rows = piled({P: (1, 2, 3, 0, 0), R: (0, 0, 2, 3, 0)})

    assert summary(feedback_round(P, R), back(*rows)) == summary(feedback_round(P, R), back(*reversed(rows)))


# --- words


def words_of(
    responses: Responses, *persons: str, groups: Sequence[Group] = (P, R), k: int = 5
) -> tuple[str, ...]:
    asked = feedback_round(*groups, questions=[KEEP], moderated=True, k=k)
    (found,) = summary(asked, responses, [person(title=one) for one in persons]).questions
    assert isinstance(found, ToldWords)
    return found.words


FIVE_TEXTS = ("Ease", "Care", "aim", "Depth", "Bread")


def test_words_stand_in_the_order_of_the_alphabet() -> None:
    assert words_of(back(*(answered(P, text) for text in FIVE_TEXTS))) == (
        "aim",
        "Bread",
        "Care",
        "Depth",
        "Ease",
    )


def test_words_that_nobody_let_through_are_not_told() -> None:
    rows = [answered(P, text, let_through=text != "Care") for text in FIVE_TEXTS]

    assert words_of(back(*rows)) == ("aim", "Bread", "Depth", "Ease")


def test_words_of_four_are_not_told() -> None:
    rows = [answered(P, text) for text in FIVE_TEXTS[:4]] + [answered(P, reliable=3) for _ in range(9)]

    assert words_of(back(*rows)) == ()


def test_words_of_a_group_that_is_not_told_are_not_told() -> None:
    """Two small groups are enough together for numbers, and not for words."""
    rows = [answered(P, text) for text in FIVE_TEXTS]
    rows += [answered(R, text) for text in ("Fog", "Gale", "Hail")]
    rows += [answered(T, text) for text in ("Ice", "Jam")]

    assert words_of(back(*rows), groups=(P, R, T)) == ("aim", "Bread", "Care", "Depth", "Ease")


def test_words_of_a_group_that_hides_another_are_not_told() -> None:
    rows = [answered(P, text) for text in (*FIVE_TEXTS, "Fog")]
    rows += [answered(R, text) for text in ("Gale", "Hail", "Ice", "Jam", "Kelp")]
    rows += [answered(T, "Lamp")]

    assert words_of(back(*rows), groups=(P, R, T)) == ("aim", "Bread", "Care", "Depth", "Ease", "Fog")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Write to anna@example.com", id="an address"),
        pytest.param("anna ＠ example.com", id="a wide sign"),
        pytest.param("anna (at) example.com", id="an address in words"),
        pytest.param("anna [AT] example.com", id="in brackets"),
        pytest.param("Ask @anna_s", id="a handle"),
        pytest.param("My number is +49 170 1234567.", id="a telephone number"),
        pytest.param("0170/123-45-67", id="with other signs"),
        pytest.param("٠١٧٠١٢٣٤", id="in Arabic digits"),
        pytest.param("Look at https://example.com/anna", id="a link"),
        pytest.param("See www.example.com", id="another one"),
        pytest.param("Alex Sommer always helps.", id="a full name"),
        pytest.param("Alex always helps.", id="a first name"),
        pytest.param("Mr. SOMMER helps", id="a last name in capitals"),
        pytest.param("_Alex_ is rude", id="in italics"),
        pytest.param("Ask Alex_Sommer", id="as a user's name"),
        pytest.param("Ask AlexSommer", id="without a blank"),
        pytest.param("alex's help", id="whose it is"),
        pytest.param("Sommers Liste", id="whose it is, in German"),
        pytest.param("A l e x? No: Álex.", id="an accent"),
        pytest.param("Al\u200bex", id="with something that is not seen"),
        pytest.param("ＡＬＥＸ", id="in wide letters"),
        pytest.param("p_1 knows", id="the name of a document"),
        pytest.param("It was me, R-17.", id="a token"),
        pytest.param("it was me (r 17)", id="a token with another sign"),
        pytest.param('=HYPERLINK("mailto:x@example.com")', id="a formula with an address"),
        pytest.param("Write to anna&#64;example.com", id="an address with an escape of HTML"),
        pytest.param("Write to anna&commat;example.com", id="another escape"),
        pytest.param("anna%40example.com", id="an address as in a link"),
        pytest.param("anna at ferry dot example", id="an address in plain words"),
        pytest.param("anna AT ferry.example", id="half in words"),
        pytest.param("anna -at- ferry.example", id="between hyphens"),
        pytest.param("anna ät ferry punkt de", id="an address in German"),
        pytest.param("anna <at> example.com", id="in angle brackets"),
        pytest.param("anna(a)ferry.example", id="an address with an a"),
        pytest.param("Ask me: 0171\u2013123\u201345\u201367", id="a telephone number with dashes"),
        pytest.param("0171\u2011123\u201145\u201167", id="with hyphens that do not break"),
        pytest.param("0171·123·45·67", id="with dots in the middle"),
        pytest.param("0171,123,45,67", id="with commas"),
        pytest.param("0171, 123, 45, 67", id="with commas and blanks"),
        pytest.param("171:123:45:67", id="with colons"),
        pytest.param("171_123_45_67", id="with underscores"),
        pytest.param("+1,000,000,000", id="no amount"),
        pytest.param("Al\u3164ex", id="with a letter that is not seen"),
        pytest.param("Al\u115fex", id="with another one"),
        pytest.param("Al\ufe0fex", id="with a selector that is not seen"),
        pytest.param("Al\x07ex", id="with a bell"),
        pytest.param("Al&shy;ex", id="with a soft hyphen as HTML has it"),
        pytest.param("ask Alex\u3164now", id="before a letter that looks like a blank"),
    ],
)
def test_words_that_may_name_somebody_are_not_told(text: str) -> None:
    rows = Responses(tuple(answered(P, one) for one in (*FIVE_TEXTS, text)), frozenset({"r-17", "r-18"}))
    asked = feedback_round(P, questions=[KEEP], moderated=True)

    assert words_of(rows, "Alex Sommer", groups=(P,)) == ("aim", "Bread", "Care", "Depth", "Ease")
    assert withheld(asked, rows, [person()]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Sommer",
        "The van of the depot",
        "They answer within 24 hours, 7 days a week.",
        "More than 1,000,000 orders",
        "Room 17",
        "The aluminium exit",
        "=SUM(A1:A9)",
        "<b>bold</b> & [a](b)",
        "r-170",
        "We are at home. Then we call.",
        "Look at it: a dot is missing.",
        "Somebody from 10:00\u201312:30, please",
        "From 9:00 - 17:00",
        "1,000,000.50 in all",
        "In 2024, 2025 and 2026",
        "AT&T and R&D",
        "100%",
    ],
)
def test_other_words_are_told(text: str) -> None:
    """Without a folder nobody knows a name; small words of names, numbers and parts of words name nobody."""
    rows = Responses(tuple(answered(P, one) for one in (*FIVE_TEXTS, text)), frozenset({"r-17"}))

    assert text in words_of(rows, groups=(P,))
    assert text == "Sommer" or text in words_of(rows, "Al van Exitus", groups=(P,))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("robin łukasz", "Robin did it", id="a name in small letters"),
        pytest.param("robin łukasz", "lukasz is great", id="and its other word"),
        pytest.param("robin Łukasz", "robin did it", id="one word in small letters"),
        pytest.param("vincent van gogh", "Van did it", id="all in small letters: every word"),
        pytest.param("Łukasz Nowak", "Lukasz is kind", id="a stroke"),
        pytest.param("Lukasz Nowak", "ŁUKASZ is kind", id="a stroke in what is said"),
        pytest.param("Søren Kierk", "Soren helps", id="a stroke through an o"),
        pytest.param("Søren Kierk", "Soeren helps", id="written as two letters"),
        pytest.param("Søren Kierk", "Sören helps", id="as the neighbours write it"),
        pytest.param("Müller", "Mueller was late", id="ue for u umlaut"),
        pytest.param("Mueller", "Müller was late", id="u umlaut for ue"),
        pytest.param("Müller", "Muller was late", id="without dots"),
        pytest.param("Mu\u0308ller", "MUELLER", id="an accent of its own"),
        pytest.param("Strauß", "STRAUSS", id="a sharp s"),
        pytest.param("Ægir Jón", "aegir", id="a ligature"),
        pytest.param("李", "李 helped", id="a name of one sign"),
        pytest.param("李", "谢谢李", id="among other signs"),
        pytest.param("김 민수", "김씨는 늘 돕는다", id="a syllable of Korean"),
        pytest.param("राम", "राम ने मदद की", id="a sign upon a letter"),
    ],
)
def test_however_a_name_is_written_it_is_not_told(title: str, text: str) -> None:
    rows = back(*(answered(P, one) for one in (*FIVE_TEXTS, text)))

    assert words_of(rows, title, groups=(P,)) == ("aim", "Bread", "Care", "Depth", "Ease")
    assert text in words_of(rows, "Nobody Else", groups=(P,))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("Robin van Quandt", "The van of the depot", id="a small word"),
        pytest.param("И. Петров", "Хорошо и быстро", id="an initial, which is a word as well"),
        pytest.param("J. Q. Quandt", "Plan Q", id="a Latin initial"),
        pytest.param("Müller", "Mule", id="the beginning of a name"),
        pytest.param("Bo Lu", "The value is due", id="no u umlaut"),
    ],
)
def test_what_is_no_name_is_told(title: str, text: str) -> None:
    rows = back(*(answered(P, one) for one in (*FIVE_TEXTS, text)))

    assert text in words_of(rows, title, groups=(P,))


@pytest.mark.parametrize(
    "text", ["at_" * 1_600, "0" + " " * 4_900 + "1", "(at " * 1_200, "1 " * 5 + "-" * 4_900]
)
def test_a_long_answer_takes_no_long_time(text: str) -> None:
    rows = back(*(answered(P, one) for one in (*FIVE_TEXTS, *(f"{text}{n}x" for n in range(20)))))

    since = time.process_time()
    words_of(rows, "Alex Sommer", groups=(P,))
    assert time.process_time() - since < 5


def test_a_name_in_a_language_without_blanks() -> None:
    rows = back(*(answered(P, one) for one in (*FIVE_TEXTS, "いつも山田さんが助けます")))

    assert "いつも山田さんが助けます" not in words_of(rows, "山田", groups=(P,))


def test_without_moderation_words_are_told_nowhere() -> None:
    asked = feedback_round(P, questions=[question("reliable"), KEEP])
    rows = piled({P: (1, 2, 3, 0, 0)})

    (_, found) = summary(asked, back(*rows)).questions
    assert found == ToldWords(KEEP, ())
    assert "Answers in words are not shown." in documents(asked, back(*rows))[1]


# --- the document


NEW_YEAR = datetime(2026, 1, 1)
PROJECT = project(unit("care", Level.TEAM), unit("retail", Level.DEPARTMENT), owner("controller", "retail"))


def documents(
    asked: FeedbackRound,
    responses: Responses,
    *,
    given: Project = PROJECT,
    restricted: Restricted | None = None,
) -> tuple[str, str]:
    """Return the document as HTML and as Markdown."""
    held = restricted or Restricted()
    pack = feedback_pack(summary(asked, responses, held.persons.values()), given, held)
    made = files_of({"it": pack}, given.settings, NEW_YEAR, BOTH).files
    return made["it.html"].replace(NBSP, " "), made["it.md"].replace(NBSP, " ")


def plain(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html.partition("<body")[2]).split())


def test_a_hidden_group_is_called_so_and_has_no_number() -> None:
    html, text = documents(feedback_round(P, R), back(*piled({P: (1, 2, 3, 1, 0), R: (1, 1, 1, 0, 0)})))

    assert f"| Peers | – | {HIDDEN} |" in text
    assert f"| Reports | – | {HIDDEN} |" in text
    assert (
        "| All together | 10 | 1 never: 2 · 2 seldom: 3 · 3 sometimes: 4 · 4 often: 1 · 5 always: 0 |" in text
    )
    assert plain(html).count(HIDDEN) == 2


def test_nothing_is_told_where_too_few_answered() -> None:
    html, text = documents(feedback_round(P, R), back(*piled({P: (1, 1, 1, 0, 0), R: (1, 0, 0, 0, 0)})))

    assert "Fewer than 5 people answered of any group, so nothing is shown." in plain(html)
    assert not re.search(r"\| \d", text)
    assert "<svg" not in html


def test_nobody_answered() -> None:
    html, _ = documents(feedback_round(P), back())

    assert "so nothing is shown" in html


def test_sums_say_whom_they_hold() -> None:
    _, text = documents(
        feedback_round(S, P, R, T),
        back(*piled({S: (1, 0, 0, 0, 0), P: (1, 2, 3, 3, 0), R: (1, 1, 1, 2, 0), T: (0, 1, 1, 0, 0)})),
    )

    assert "| Reports and partners together | 7 |" in text
    assert "| Peers, reports and partners together | 16 |" in text
    assert "**16 people answered, self not counted.**" in text


def test_a_round_about_a_person_says_for_whom_it_is_and_until_when() -> None:
    asked = feedback_round(P, about=PersonRef("p_1"))
    html, text = documents(
        asked,
        back(*piled({P: (1, 2, 3, 1, 0)})),
        restricted=Restricted(persons={"p_1": person()}),
    )

    for told in (plain(html), text):
        assert "About Alex Sommer" in told
        assert (
            "For Alex Sommer, Controller and those who lead Alex Sommer only. Delete by 1 June 2026."
            in told.replace("**", "").replace("\u00a0", " ")
        )


def test_a_picture_has_its_numbers_in_words() -> None:
    html, _ = documents(feedback_round(P), back(*piled({P: (0, 1, 2, 3, 0)})))

    label = "Peers: 1 never: 0 · 2 seldom: 1 · 3 sometimes: 2 · 4 often: 3 · 5 always: 0"
    assert f'<svg role="img" aria-label="{label}"' in html
    assert "<small>1 never: 0 · 2 seldom: 1" in html


def test_a_scale_around_zero() -> None:
    scale = Scale(low=-1, high=1, labels=())
    _, text = documents(
        feedback_round(P, questions=[question("reliable", scale)]), back(*piled({P: (2, 1, 3)}, low=-1))
    )

    assert "−1: 2 · 0: 1 · 1: 3" in text


HOSTILE = (
    '=HYPERLINK("http:evil","x")',
    "<script>alert(1)</script>",
    "[a](javascript:alert(1)) ![b](c) | # *d*",
    "'\"><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "one\n\n# two\n\n```\nthree",
    "\u202eturned\u202c and \u0007 bell",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_is_shown_and_does_nothing(text: str) -> None:
    asked = feedback_round(P, questions=[KEEP], moderated=True)
    html, markdown = documents(asked, back(*(answered(P, one) for one in (*FIVE_TEXTS, text))))

    assert "<script" not in html
    assert "<img" not in html
    assert "default-src &#39;none&#39;" in html
    assert "\u202e" not in html + markdown
    tokens = MarkdownIt().enable("table").parse(markdown)
    inner = [child for token in tokens for child in token.children or []]
    assert not {token.type for token in (*tokens, *inner)} & {
        *("link_open", "image", "fence", "code_block", "html_block"),
    }
    assert sum(token.type == "list_item_open" for token in tokens) >= 6


def test_a_formula_stays_the_text_that_it_is() -> None:
    asked = feedback_round(P, questions=[KEEP], moderated=True)
    html, markdown = documents(asked, back(*(answered(P, one) for one in (*FIVE_TEXTS, "=1+1"))))

    assert "“=1+1”" in plain(html)
    assert "- “=1+1”" in markdown


def test_titles_of_a_round_do_nothing() -> None:
    asked = replace(
        feedback_round(P, questions=[replace(question("reliable"), title="<b>x</b>")]), title="<i>|"
    )
    html, _ = documents(asked, back(*piled({P: (1, 2, 3, 1, 0)})))

    assert "<b>x" not in html
    assert "<i>" not in html


def test_there_is_no_mean_and_no_rank() -> None:
    """Other numbers than counts are nowhere."""
    html, _ = documents(feedback_round(P, R), back(*piled({P: (1, 2, 3, 1, 0), R: (0, 2, 3, 1, 0)})))

    assert not re.search(r"\d[.,]\d", plain(html).replace("0.1.0", ""))


def test_the_same_answers_give_the_same_bytes() -> None:
    asked = feedback_round(P, R, questions=[question("reliable"), KEEP], moderated=True)
    rows = [*piled({P: (1, 2, 3, 1, 0), R: (0, 2, 3, 1, 0)}), *(answered(P, one) for one in FIVE_TEXTS)]

    assert documents(asked, back(*rows)) == documents(asked, back(*rows[::-1]))
