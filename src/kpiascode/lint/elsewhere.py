"""Checks that one may look for among the rules, and what takes their place: made into a table of the page.

A name in backticks that holds a hyphen is the code of a finding, a rule or a probe; a test knows them all.
"""

from typing import Final

ELSEWHERE: Final[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = (
    (
        "Files and shape",
        (
            ("A file that is no YAML; `@` or `>=` without quotes", "`yaml-syntax`"),
            ("A key that stands twice", "`duplicate-key`"),
            (
                "`no`, `010`, `1:30` without quotes, which versions of YAML read differently",
                "`ambiguous-scalar`",
            ),
            (
                "A key that does not exist, is missing, or has a wrong value",
                "`unknown-key`, `missing-key`, `wrong-type`, `invalid-value`",
            ),
            ("A kind that does not exist", "`unknown-kind`, `missing-kind`"),
            ("A version of the language that is not supported", "`invalid-value`, at `version`"),
            ("A name in capitals, or two that differ in capitals only", "`invalid-name`: names have none"),
            ("Includes of files elsewhere", "There are none: `unsupported-yaml`, `path-outside-project`"),
        ),
    ),
    (
        "References",
        (
            (
                "A KPI, goal, owner, unit, dataset or dimension that does not exist",
                "`unknown-kpi`, `unknown-goal`, `unknown-owner`, `unknown-org-unit`, `unknown-dataset`, "
                "`unknown-dimension`",
            ),
            ("Two definitions of one name, in whichever files", "`duplicate-name`"),
            ("Definitions in a circle", "`kpi-cycle`, `field-cycle`, `goal-cycle`, `org-unit-cycle`"),
            ("A KPI that serves no goal", "The probe `serves-a-goal`. A KPI that is only watched is sound"),
        ),
    ),
    (
        "What a number means",
        (
            ("A KPI without direction or unit", "`missing-key`"),
            (
                "A percent sign on what is no share",
                "The `unit` decides how a number is shown, so that the two cannot differ: `unit-mismatch`",
            ),
            ("Euros and dollars in one composite", "`unit-mismatch`"),
            ("A division by zero", "Its value is null by definition, on each engine"),
            ("A division of whole numbers that is cut", "`/` is true division, on each engine"),
            (
                "Whether a KPI adds up over time",
                "It need not be declared: the expression tells, and `latest-of-additive` asks it",
            ),
            (
                "Weights that do not come to 1",
                "Weights are parts of their own sum: 2 and 1 are two thirds and one third",
            ),
            ("A calendar without time zone", "It is UTC unless `calendar` says otherwise"),
        ),
    ),
    (
        "SQL",
        (
            (
                "`SELECT *`, `LIMIT`, unused `WITH`, statements that write, templates in SQL",
                "There is no SQL in definitions: `statement-in-expression`, `expression-syntax`, "
                "`forbidden-character`",
            ),
            ("A measure with no or several outputs", "An expression is one number: `not-a-number`"),
            (
                "`NOW()`, `CURRENT_DATE`, `RANDOM()`",
                "There are none here: `unknown-function`, and without brackets `unknown-column`",
            ),
            ("A column or table that does not exist", "`unknown-column`, `unknown-dataset`; `missing-table`"),
            ("A column that two tables have", "A path names the table: `ship_to.country`"),
            (
                "A join that multiplies rows",
                "Relationships lead from many to one: `keys-not-primary`. Whether the data keeps to it is "
                "proved: `key-not-unique`",
            ),
            (
                "A condition that makes an inner join of a left one",
                "There are no joins to turn: a row without partner has null there. "
                "`null-unsafe-negation` tells where that surprises",
            ),
            (
                "What one of the dialects cannot say",
                "`cannot-compile`, once `kpi compile` or `kpi build` asks; the probe `computes-everywhere`",
            ),
        ),
    ),
    (
        "Goals",
        (
            (
                "A goal without KPI, target or period",
                "`missing-key`, `empty-period`, `goal-without-measure`",
            ),
            (
                "KPIs that no running goal needs, units without a running goal",
                "The page `goals.html` of the site, which knows the day",
            ),
            ("A target on the wrong side of its baseline", "`target-on-wrong-side`"),
            (
                "A target that was met before it began",
                "`baseline-is-target`, `target-on-wrong-side`; to hold a level is `path: maintain`",
            ),
            ("Bands that overlap or go backwards", "`target-on-wrong-side`, `unordered-targets`"),
            (
                "A target in another unit",
                "Numbers are in that of the KPI; for a KPI as target `unit-mismatch`",
            ),
            (
                "A goal whose end is past",
                "It is history, and its page says how it ended. Rules read no clock, so that the same "
                "files give the same findings on each day",
            ),
        ),
    ),
    (
        "Owners and readers",
        (
            ("A KPI without owner, or with one that does not exist", "`missing-key`, `unknown-owner`"),
            (
                "A list of code owners that is not current",
                "`kpi codeowners --check`: rules do not look at files that are no definitions",
            ),
            (
                "A goal whose KPI belongs to somebody who has not agreed",
                "The probe `acknowledged`: an agreement is an event, and no definition",
            ),
            (
                "An owner of too many KPIs",
                "How many one can look after depends on the team; `kpi list` shows the owner of each",
            ),
            ("A KPI without description", "`missing-key`; with an empty one `description-repeats-title`"),
            (
                "A scorecard without readers or period",
                "Its own unit, and those beneath, always read it, by month unless `grain` says otherwise; "
                "the probe `reaches-its-audience`",
            ),
            ("Acronyms that are in no glossary", "There is no glossary, and capitals alone tell nothing"),
            (
                "Unknown variables in templates",
                "`broken-template`, of templates that `kpi build --templates` takes; definitions have none",
            ),
        ),
    ),
    (
        "Whether it is still needed",
        (
            (
                "A KPI that nobody has reviewed for long",
                "Reviews are no part of a definition; git knows when it was last changed",
            ),
            ("A KPI that never changes", "The probe `varies`, which sees the values"),
            ("A status that is always green", "It needs the values of many periods: its page shows them"),
            ("Two KPIs that move together", "The probe `not-a-duplicate`, which sees the values"),
            (
                "A KPI after its `sunset`",
                "Rules read no clock. That something still uses it is found on each day: `deprecated-in-use`",
            ),
        ),
    ),
    (
        "Privacy",
        (
            (
                "A slice with so few people that one can be told",
                "Only the data knows how many there are; a dimension with `person: true` is on no page",
            ),
            (
                "How secret a KPI is, and whether pages show more than their sources",
                "There are no levels of secrecy: what must not be read by all is no part of the repository",
            ),
            ("Tags that are no part of a vocabulary", "There are no tags"),
        ),
    ),
    (
        "Comments that allow",
        (
            (
                "One without use, without reason, of an unknown rule, or that is mistyped itself",
                "`unused-allow`, `allow-without-reason`, `unknown-rule`, `misspelled-allow`",
            ),
            ("One that has expired", "They do not expire: a finding that is right as it is stays so"),
        ),
    ),
    (
        "Changes",
        (
            (
                "A KPI that is gone or has a new name, a past number that changes, a target that is moved, a "
                "reused name",
                "They compare two versions, and a rule sees one. What must be explained is asked of each "
                "version: `missing-reason`, and `reason` of `revisions`",
            ),
        ),
    ),
)
"""By what it is about: what is looked for, and where it is found or why it is not."""
