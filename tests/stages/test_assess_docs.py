"""What is written about the probes, and that each has its examples."""

import re
import sys
from pathlib import Path

import pytest
import test_assess_communicated
import test_assess_crucial
import test_assess_quantifiable
import test_assess_relevant

from kpiascode.assess.probe import Probe
from kpiascode.assess.probes import PROBES
from kpiascode.model.assessment import Criterion, Outcome

DOCS = Path(__file__).parents[2] / "docs" / "criteria.md"
ROW = re.compile(r"^\| `(?P<name>[a-z-]+)` \| (?P<weight>\d)(?P<gate>, gate)? \|", re.MULTILINE)
EXAMPLES = [
    example
    for module in (
        test_assess_crucial,
        test_assess_quantifiable,
        test_assess_communicated,
        test_assess_relevant,
    )
    for example in module.EXAMPLES
]
NEVER_FAILS = {"enough-points", "weasel-words"}

each_probe = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


def documentation(probe: Probe) -> str:
    return sys.modules[probe.check.__module__].__doc__ or ""


def test_the_page_names_exactly_the_probes_by_criterion_with_weights_and_gates() -> None:
    page = DOCS.read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)

    for criterion in Criterion:
        [section] = [s for s in sections if s.lower().startswith(criterion.value)]
        assert [(m["name"], int(m["weight"]), bool(m["gate"])) for m in ROW.finditer(section)] == [
            (probe.name, probe.weight, probe.gate) for probe in PROBES if probe.criterion is criterion
        ]
    assert len(ROW.findall(page)) == len(PROBES)


@each_probe
def test_a_probe_has_the_name_of_its_file(probe: Probe) -> None:
    assert probe.check.__module__.rsplit(".", 1)[-1] == probe.name.replace("-", "_")


@each_probe
def test_a_probe_says_what_passes_what_does_not_and_what_to_do(probe: Probe) -> None:
    lines = documentation(probe).splitlines()
    said = {line.split(":")[0] for line in lines if re.match(r"[A-Z][a-z ]+: ", line)}

    assert lines[0].endswith((".", "?"))
    assert {"Pass", "Fix"} <= said
    assert "Inconclusive" in said or "Not applicable" in said
    assert "Fail" in said or probe.name in NEVER_FAILS
    assert ("gate" in documentation(probe)) is probe.gate


@each_probe
def test_a_probe_has_an_example_of_every_outcome_that_it_documents(probe: Probe) -> None:
    shown = {outcome for name, outcome, *_ in (example.values for example in EXAMPLES) if name == probe.name}

    documented = {
        outcome
        for outcome, words in {
            Outcome.PASS: "Pass: ",
            Outcome.PARTIAL: "Partial: ",
            Outcome.FAIL: "Fail: (?!never)",
            Outcome.INCONCLUSIVE: "Inconclusive: (?!never)",
            Outcome.NOT_APPLICABLE: "Not applicable: ",
        }.items()
        if re.search(f"^{words}", documentation(probe), flags=re.MULTILINE)
    }
    assert shown == documented


def test_no_two_probes_share_a_name_and_each_criterion_has_one_gate() -> None:
    assert len({probe.name for probe in PROBES}) == len(PROBES)
    for criterion in Criterion:
        assert sum(probe.gate for probe in PROBES if probe.criterion is criterion) == 1
        assert sum(probe.weight for probe in PROBES if probe.criterion is criterion) > 0
