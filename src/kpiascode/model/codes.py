"""What each finding means that is no rule: `kpi explain CODE` prints it. A rule explains itself, in its file.

An entry says what is wrong, why it is refused, and what to do. Its first sentence stands alone.
"""

from typing import Final

CODES: Final = {
    # --- files and YAML
    "ambiguous-scalar": (
        "A value without quotes reads differently in different versions of YAML. `no`, `on`, `010`, `1:30` "
        "or `1e3` are a truth, a number or a text, depending on who reads. Put quotes around a text, or "
        "write the number or the truth in its plain form. Where only a text can stand, `kpi check --fix` "
        "puts the quotes."
    ),
    "duplicate-key": (
        "A mapping has the same key twice. YAML readers keep one of the two silently, so half of what is "
        "written would not count. Keep one of them."
    ),
    "file-too-large": (
        "A file is larger than is read. The limit keeps a hostile or generated file from filling the "
        "memory. Split it; definitions may stand in any number of files."
    ),
    "forbidden-character": (
        "A text or the name of a file holds a character that is invisible, that turns the direction of text "
        "around or that drives a terminal; or an expression holds a sign that means nothing there. Such a "
        "definition looks different from what it is. Remove the character."
    ),
    "invalid-key": (
        "A key is no plain text. Keys are names; a list, a number or a truth as a key cannot be looked up. "
        "Write it as a text, in quotes if need be; `kpi check --fix` puts them around a number or a truth."
    ),
    "missing-path": (
        "An entry of `paths` in kpiascode.yaml does not exist. Nothing would be read from there, and nobody "
        "would notice. Correct the path, or create the folder."
    ),
    "nested-too-deep": (
        "Values are nested deeper than is read. No definition needs it, and deep nesting can exhaust a "
        "reader. Write it flatter."
    ),
    "no-definitions": (
        "There is no definition under any of the `paths`. Files end in `.yaml` or `.yml`, and hidden ones "
        "are left out. Write a KPI there, or list another folder."
    ),
    "not-a-file": (
        "What a path names is no regular file, but a folder, a pipe or a device. Reading it might never "
        "end. Put a file in its place."
    ),
    "not-a-mapping": (
        "A document is a list or a single value. A definition is a mapping of keys to values. Begin it with "
        "`kind:` and `name:`."
    ),
    "not-utf8": (
        "A file is not UTF-8. Read as anything else its letters would be guessed, and names would differ "
        "from machine to machine. Save it as UTF-8."
    ),
    "number-too-long": (
        "A number has more digits than a KPI can hold. It would be rounded silently. Use fewer digits, or "
        "quotes if it is a text such as an account number."
    ),
    "path-outside-project": (
        "A path leads out of the project and its `data_roots`, or is an address. Definitions may come from "
        "a stranger, so they cannot name files elsewhere. Move the file into the project, or name its "
        "folder under `data_roots`."
    ),
    "symlink-refused": (
        "A path is a symbolic link, or lies behind one. A link could lead to any file of the machine, so "
        "none is followed. Put the file itself there."
    ),
    "text-too-long": (
        "A text is longer than is read. It would make pages and messages unreadable. Shorten it."
    ),
    "project-too-large": (
        "All files of definitions together hold more than is read. The limit keeps a hostile or generated "
        "repository from exhausting the machine. List fewer folders, or make several projects."
    ),
    "too-many-files": (
        "There are more files, or deeper folders, than are read. The limit keeps a mistaken `paths`, such "
        "as a whole disk, from taking hours. List the folder of the definitions."
    ),
    "too-many-values": (
        "A file holds more values than are read. The limit keeps a generated file from exhausting the "
        "machine. Split it."
    ),
    "unreadable-file": (
        "The machine does not let the file be read. Without it the project is incomplete, so nothing can be "
        "said of it. Give yourself the right to read it."
    ),
    "unsupported-yaml": (
        "The file uses a part of YAML that definitions do not have: tags, anchors, aliases, merges, "
        "directives, or a second document in kpiascode.yaml. They make a reader run code or copy values "
        "unseen. Write the values out."
    ),
    "yaml-syntax": (
        "The file is no valid YAML, so nothing in it can be read. Most often a bracket or a quote is not "
        "closed, or an indentation is off by a column, somewhat before the place that is named. Correct it "
        "there."
    ),
    # --- shape
    "duplicate-name": (
        "Two definitions of one kind have the same name. A reference to it could mean either. Rename one of "
        "them."
    ),
    "broken-template": (
        "A template of `--templates` makes no page. It has a mistake, names what a page does not have, "
        "reaches for what templates may not, or takes too long. The old site stays. Correct the line, or "
        "take the file out of the folder: then the template that comes with kpiascode is used."
    ),
    "colour-hard-to-read": (
        "A colour of the theme is too close to that of the page. Text needs a contrast of 4.5 to 1 with its "
        "ground, or some readers cannot read it (WCAG 2, 1.4.3). Take the shade that the message names, or a "
        "stronger colour."
    ),
    "invalid-date": (
        "A date or a period is not one of the calendar. Dates are written 2026-01-31; periods 2026-01, "
        "2026-Q1, 2026-W05 or FY2026."
    ),
    "invalid-name": (
        "A name holds a character that names do not have, or is too long. Names are lower case letters, "
        "digits and `_`, and begin with a letter, so that they can stand in expressions, in SQL and in "
        "addresses. Change the name; what people read is `title`."
    ),
    "invalid-value": (
        "A value is not among those that its key allows, or two keys stand together that exclude each "
        "other. The message says what is allowed."
    ),
    "missing-key": (
        "A key is missing that its definition needs. There is no default for it, since any would be a "
        "guess. Add it."
    ),
    "missing-kind": (
        "A definition does not say what it is. Its keys cannot be checked without that. Begin it with "
        "`kind:`, such as `kind: kpi`."
    ),
    "more-findings": (
        "A file has more findings than are listed. They are often one mistake, seen many times. Correct the "
        "first ones and check again."
    ),
    "unknown-key": (
        "A key is none of its definition, most often for a slip of the pen. It would have no effect, and "
        "nobody would notice. Correct it, or remove it."
    ),
    "unknown-kind": (
        "`kind` names no kind of definition. There are dataset, kpi, goal, owner, org_unit and scorecard."
    ),
    "wrong-type": (
        "A value has another type than its key takes, such as a text for a number. The message says which. "
        "Numbers stand without quotes, lists in `[...]` or one item a line after `- `."
    ),
    # --- references
    "unknown-column": (
        "A field or column is not declared in the dataset and not in its file. Names of columns are taken "
        "as they are, and a field gives one a plain name. Correct the name, or declare the field."
    ),
    "unknown-dataset": (
        "A dataset is named that is not declared. Correct the name, or declare it with `kind: dataset`."
    ),
    "unknown-dialect": (
        "A dialect is named that KPIs are not compiled for. There are duckdb, postgres, sqlite, mysql, "
        "clickhouse, spark, datafusion, snowflake, bigquery, databricks, redshift, trino, athena, tsql and "
        "oracle."
    ),
    "unknown-dimension": (
        "A dimension is named that the KPI does not have. A KPI is sliced and filtered only by what it "
        "lists under `dimensions`, since only these are known to be right for it. Correct the name, or add "
        "it there."
    ),
    "unknown-engine": "The default engine is not declared. Declare it under `engines` in kpiascode.yaml.",
    "unknown-function": (
        "A function is not one of the language. Functions of one database are not, since a KPI means the "
        "same on each. Use one of those that the message lists, or compute a column in the warehouse."
    ),
    "unknown-goal": (
        "A goal is named that is not declared. Correct the name, or declare it with `kind: goal`."
    ),
    "unknown-kpi": (
        "A KPI is named that is not declared; a bare name in an expression without aggregate is one, too. "
        "Correct the name, declare the KPI, or aggregate the column: `sum(amount)`."
    ),
    "unknown-org-unit": (
        "A unit of the organisation is named that is not declared. Correct the name, or declare it with "
        "`kind: org_unit`."
    ),
    "unknown-owner": (
        "An owner is named who is not declared. Every KPI and goal has somebody to ask, so the name must "
        "lead to a contact. Correct the name, or declare it with `kind: owner`."
    ),
    "unknown-relationship": (
        "A path begins with a relationship that the dataset does not have. `customer.country` needs "
        "`customer` under `relationships`. Correct the name, or declare it."
    ),
    "unknown-timezone": (
        "A time zone is not in the IANA database. Days begin at different moments in different zones, so it "
        "decides which rows count. Write for example Europe/London or UTC."
    ),
    "unknown-type": "A type is not one of the language. The message lists those there are.",
    "kpi-cycle": (
        "A KPI is made of itself, over others or directly. It would have no value. Break the circle: one of "
        "them must be computed from rows."
    ),
    "field-cycle": (
        "A field is made of itself. A column of the same name is reached by another field: `amount_raw: "
        '{column: "amount"}`.'
    ),
    "goal-cycle": "A goal leads up to itself through `parent`. Goals are a tree. Leave one `parent` out.",
    "org-unit-cycle": (
        "A unit of the organisation belongs to itself through `parent`. Units are a tree. Leave one "
        "`parent` out."
    ),
    "tree-too-deep": (
        "A goal or a unit stands more than fifty levels below the top of its tree. Nobody could read such a "
        "tree. Let it lead to one further up."
    ),
    # --- goals, reviews, plans, feedback, thanks
    "change-outside-plan": (
        "The process changes on a day outside the plan. What is held against the success test would then not "
        "be what the plan has done. Correct `changed_on`, or leave it out."
    ),
    "consent-not-told": (
        "A recognition names a person who has not agreed to it, or who withdrew before that. Add "
        "`consent_on`, or thank a role or a unit."
    ),
    "plan-too-short": (
        "Fewer whole periods of the KPI's grain lie in the plan than its success test looks at, so it could "
        "never be passed. Whole periods count that begin on the first day of the plan (or `changed_on`) or "
        "later. Let the plan run longer, or make `periods` smaller."
    ),
    "review-not-visible": (
        "A unit is reviewed whose people may not see the review: `visibility` names neither it nor a unit "
        "above it. A sheet would be made that nobody there may read. Add the unit, or do not review it."
    ),
    "review-outside-plan": (
        "A day on which a plan is looked at lies before it begins, or after the day that follows it. Correct "
        "the day in `reviews`, or `opened_on` or `ends_on`."
    ),
    "kept-too-short": (
        "A plan for a person may not be kept until its end, and of what may not be kept nothing is made. Let "
        "`retention_until` lie after `ends_on`, or after the day of the outcome, by as much as it takes to "
        "talk about it."
    ),
    "test-outside-bounds": (
        "The success test of a plan asks for a number that its KPI can never have, by its `bounds`: no value "
        "would pass, or every one. Mostly a percent was written as 95 where 0.95 is meant."
    ),
    "period-with-to-date": (
        "A target of one period stands at a result with `measure: to_date`, which measures the goal from its "
        "start. The two are not of the same time. Leave `measure` out to judge each period by its target, or "
        "write what is wanted up to a day as `from` and `value`."
    ),
    "milestone-outside-goal": (
        "A milestone is due on a day that is none of its goal. The goal would be over without it. Correct "
        "`due`, or the goal's `period`."
    ),
    "repeated-parent": (
        "A goal leads to another one twice. It would count there twice, and with which weight nobody knows. "
        "Name each parent once."
    ),
    "repeated-value": (
        "Two values of a recognition program have one name, so nobody knows which a recognition means. Give "
        "each a name of its own."
    ),
    "check-in-before-goal": (
        "A check-in has seen nothing of the goal's period. `as_of` is the first day that was not seen any "
        "more, so it lies after the goal's start. Correct the day, or name the goal that was meant."
    ),
    "confidence-not-told": (
        "A check-in on a goal does not say how sure its owner is. Numbers tell what was; `confidence`, from "
        "0 to 10, tells what those expect who know the work. Add it."
    ),
    "keeping-not-told": (
        "A document of a person does not say why it is kept, and until when. Data of persons need a purpose, "
        "a lawful basis and an end (articles 5 and 6 of the GDPR). Add `purpose`, `lawful_basis` and "
        "`retention_until`."
    ),
    "meets-itself": "A series of meetings names the same one twice. Name the one who leads and who reports.",
    "no-such-target": (
        "A plan rests on a target that the goal does not have. Name a KPI of which one of its `results` "
        "wants something."
    ),
    "not-of-a-person": (
        "A document in the restricted folder belongs to no person. What everybody may read stands in the "
        "open repository, where changes are reviewed. Move it there, or say whose it is."
    ),
    "number-of-one-person": (
        "The success test of a plan looks at one person, by a dimension that tells persons apart. Nobody is "
        "judged by a number of their own. Measure the team, and say in words what is expected."
    ),
    "outcome-before-plan": (
        "A plan has an outcome before it begins. Correct `outcome: {day: ...}` or `opened_on`."
    ),
    "outside-window": (
        "A recognition lies outside the window of its program. Correct the day, or the window."
    ),
    "person-in-open-repository": (
        "What belongs to a person stands in the open repository. Its history cannot be forgotten, and "
        "everybody with a copy can read it. Move the document to the restricted folder, and remove it from "
        "the history."
    ),
    "person-plan-incomplete": (
        "A plan for a person lacks what makes it fair. It was talked through with the person, somebody in "
        "human resources looks over it, and it says what help is given. Add what the message names."
    ),
    "person-plan-triggered": (
        "A number has set off a plan for a person. Whether somebody needs one is judged by people who know "
        "the work. Say in `current` what was seen."
    ),
    "repeated-question": (
        "Two columns of an export would have the same name. Give each question a name of its own, other than "
        "`respondent`, `group` and `moderated`."
    ),
    "scale-of-no-use": (
        "A scale does not have two to eleven steps, or not one label for each. Correct `from`, `to` or "
        "`labels`."
    ),
    "thanks-one": (
        "A recognition does not say whom it thanks, or names several. Write one of `owner`, `org_unit` and "
        "`person`; a person comes with `consent_on`."
    ),
    "unknown-check-in": "A check-in is named that is not declared. Correct the name, or declare it.",
    "unknown-person": (
        "A person is named whom the restricted folder does not declare. Correct the name, or declare it "
        "there with `kind: person`."
    ),
    "unknown-recognition-program": (
        "A recognition program is named that is not declared. Correct the name, or declare it."
    ),
    "unknown-review-template": (
        "A review template is named that is not declared. Correct the name, or declare it."
    ),
    "unknown-value": (
        "A recognition names a value that its program does not have. Correct the name, or add it to `values`."
    ),
    "weights-not-a-hundred": (
        "The weights of competencies do not add up to 100, so nobody knows how much each counts. Change them."
    ),
    # --- answers of a feedback round
    "too-many-responses": (
        "The export of a feedback round has more rows than are read. Most likely it holds several rounds, or "
        "empty rows of a spreadsheet. Export one round alone."
    ),
    "wrong-answer": (
        "A cell of an export holds what the round does not ask for: a group that it does not have, no whole "
        "number of the scale, or another word than `yes` where a moderator lets words through. Nothing is "
        "guessed, since each answer counts, and nothing is repeated, since it may have been said in "
        "confidence. Correct the cell; an empty one is no answer."
    ),
    "wrong-columns": (
        "The columns of an export are not those of the round. One is missing, stands twice, or is no "
        "question of it: such a column could hold names. Remove it from the export, or leave it unread with "
        "`--ignore-column`."
    ),
    "wrong-respondent": (
        "A row of an export has no token for its respondent, or the token of another row. Who answers twice "
        "would count twice, and a group could seem large enough. Keep one answer of each."
    ),
    # --- what may not be changed now
    "target-held": (
        "A target, or what a KPI measures, is changed on which something rests that is not for everybody, as "
        "long as it runs. What was promised to be enough may not become another thing meanwhile. Leave it as "
        "it is, or talk with the owner who is named; until then the change cannot be merged."
    ),
    # --- the restricted folder
    "age-missing": (
        "A restricted file is encrypted with age, and the library that reads it is not installed. It is an "
        "extra, since most projects need none. Install `kpiascode[privacy]`."
    ),
    "identity-refused": (
        "The key for encrypted files is not there, not usable, or readable by others. KPI_AGE_IDENTITY is "
        "the path of a file of `age-keygen`, or of one SSH key, without a passphrase, which only its owner "
        "may read. Keys that start another program are not used."
    ),
    "not-a-folder": "What should be the restricted folder is a file. Name the folder in which the files lie.",
    "not-decrypted": (
        "An encrypted file cannot be read with the key that is given. It is encrypted for somebody else, "
        "with a passphrase, or it is not whole. Nothing of such a file is believed. Use another key, or "
        "fetch the file again."
    ),
    "restricted-file-not-read": (
        "A file of the restricted folder is not read as a document, since its name has another ending or is "
        "hidden. It may hold what belongs to a person all the same, such as the copy that an editor keeps, "
        "and nobody would ever remove it. Documents end in `.yaml`, `.yml`, `.yaml.age` or `.yml.age`, in "
        "small letters. Rename the file, remove it, or keep it elsewhere; files of git and a `README` are "
        "fine."
    ),
    "restricted-folder-in-git": (
        "The restricted folder lies in the open repository, which tracks it or does not ignore it. What is "
        "committed once stays in the history, for everybody with a copy. Ignore the folder in `.gitignore`,"
        " or keep it in a repository of its own."
    ),
    "restricted-folder-misplaced": (
        "The restricted folder lies where everybody's definitions are read from, or in the site, or holds "
        "the whole project. Then nothing would keep the two apart. Move it elsewhere."
    ),
    "restricted-folder-shared": (
        "Others than its owner may look into the restricted folder. Names of files already tell something. "
        "Give the right to its owner alone: `chmod 700`."
    ),
    "retention-over": (
        "A document of a person may not be kept any more. Its own `retention_until` says so, and nothing is"
        " made of it. Remove it with `kpi purge --remove`, or agree on a later day with the person, and say"
        " why."
    ),
    "several-documents": (
        "A restricted file holds more than one document. Each has an end of its own, and is removed as a "
        "whole file. Give each a file of its own."
    ),
    # --- datasets
    "key-over-relationship": (
        "The key or time of a relationship is itself reached over a relationship. Partners are found by "
        "what stands in the row. Use a column of the dataset, or join the two in the warehouse."
    ),
    "keys-not-primary": (
        "A relationship does not lead to exactly one row, since its keys do not cover the primary key of "
        "where it leads. Rows would be counted several times. Declare the primary key, and name each part "
        "of it."
    ),
    "missing-time": (
        "Rows are to be counted in periods or looked up at a time, and nothing says when they are. Declare "
        "`time` of the dataset, or name the field where the message points."
    ),
    "time-and-valid": (
        "A dataset says both when a row is and for how long it holds. Each row has one or the other: an "
        "order has a time, a price holds for a span. Keep one."
    ),
    "time-not-a-time": (
        "Rows are dated by something that is neither a date nor a timestamp. Cast it in a field: `day: "
        "cast(text_of_day as date)`."
    ),
    "type-mismatch": (
        "Values of different types are compared, added or joined, or a function gets a type that it does "
        "not take. Databases would convert them, each in its own way. Cast one of them in a field, or "
        "declare the type under `columns`."
    ),
    # --- expressions
    "aggregate-of-rows": (
        "An aggregate stands where one row is meant: in a field, a condition or a dimension. There is "
        "nothing to add up there. Aggregate in the KPI's `expression`."
    ),
    "aggregate-without-dataset": "An aggregate needs rows, and the KPI names no dataset. Add `dataset`.",
    "comment-in-expression": (
        "An expression holds `--`, `/*` or `#`, which begin comments in SQL. What is behind would be "
        "ignored by some readers. Say it in `description`, or in a YAML comment on a line of its own."
    ),
    "expression-syntax": (
        "An expression is not complete or not in order. Names, numbers, texts in single quotes, operators "
        "and brackets make an expression; the mark shows where it stops making sense."
    ),
    "expression-too-deep": (
        "An expression nests or chains more operators than are read. Move parts of it into fields of the "
        "dataset or into KPIs of their own."
    ),
    "expression-too-large": (
        "With its fields written out, an expression grows beyond what is read. Move parts into KPIs of "
        "their own, or make a view of them in the warehouse."
    ),
    "expression-too-long": (
        "An expression has more characters or words than are read, and more than anybody can check. Move "
        "parts of it into fields of the dataset or into KPIs of their own."
    ),
    "field-outside-aggregate": (
        "A field stands outside an aggregate, where it has many values and a KPI has one. Aggregate it: "
        "`sum(amount)`."
    ),
    "invalid-duration": (
        "A duration is not one of the language. Write a number and a unit, such as `2 days` or `12 months`."
    ),
    "invalid-filter": (
        "A filter of a question is more than comparisons of dimensions with constants. It only picks "
        "slices. Write for example `channel = 'online'`."
    ),
    "invalid-number": (
        "A number is not written as the language has it. Write digits with at most one point, such as 0.25."
    ),
    "nested-aggregate": (
        "An aggregate stands inside another, which takes rows. Two steps are written with `per`: "
        "`avg(sum(amount) per customer_id)`. More than two need a view in the warehouse."
    ),
    "needs-dataset": (
        "Something is about rows, and the KPI names no dataset. Add `dataset`, or leave it to the KPIs that "
        "are referred to."
    ),
    "not-a-number": (
        "The value of a KPI is no number. Count or measure it, for example with `count(distinct x)` or "
        "`days_between`."
    ),
    "null-in-list": (
        "`null` stands in the list of an `in`. A comparison with null is unknown, so rows would be lost "
        "silently. Take it out of the list; beside `in`, write `or status is null` for rows without a value."
    ),
    "path-too-long": (
        "A path takes more relationships than are followed. Reach the field from a nearer dataset, or join "
        "it in the warehouse."
    ),
    "reference-chain-too-long": (
        "Written out, the KPIs that one refers to grow beyond what can be computed at once. Refer to fewer, "
        "or compute some of them from rows."
    ),
    "statement-in-expression": (
        "An expression holds a word or a sign of SQL statements. An expression is one value, and nothing in "
        "a definition is ever run as a statement. Write only the value; other tables are reached through "
        "relationships."
    ),
    "unclosed-text": (
        "A text in an expression does not end, or holds a backslash or a line break. Close it with a single "
        "quote; a quote inside is written twice: `'it''s'`."
    ),
    "wrong-arguments": "A function gets more or fewer values than it takes. The message says how many.",
    # --- forms of time, cohorts, funnels
    "cohort-and-funnel": (
        "A KPI has both a cohort and a funnel. Each picks entities in its own way, and together they have "
        "no meaning. Make two KPIs."
    ),
    "cohort-entity-elsewhere": (
        "A cohort starts by a field that another dataset holds, and nothing says which row of it an entity "
        "is. Name as `entity` the key that leads there, or a field reached through it."
    ),
    "cohort-not-declared": (
        "`cohort_size()` counts the entities of a cohort, and the KPI declares none. Add `cohort`."
    ),
    "cohort-of-rows": (
        "A cohort is picked or sliced by what may differ from row to row of one entity. An entity could be "
        "in it and not in it. Use what is reached through the entity; rows are picked by the KPI's own "
        "`where`."
    ),
    "form-misplaced": (
        "A form such as `closing`, `rolling` or `share` stands where it has no meaning, such as a balance "
        "within a balance. Put it around the aggregate or the KPI, from the outside in."
    ),
    "funnel-begins-elsewhere": (
        "The first step of a funnel reads another dataset than the KPI. A funnel begins with rows of the "
        "KPI itself. Set the KPI's `dataset`, or leave it out of the step."
    ),
    "funnel-not-declared": (
        "`step(n)` counts the entities of a funnel, and the KPI declares none. Add `funnel`."
    ),
    "invalid-unit": "A form of time names a unit that it does not have. The message lists those there are.",
    "no-such-step": "`step(n)` names a step that the funnel does not have. Steps are counted from 1.",
    "time-form-of-rows": (
        "A form of time, such as `rolling` or `previous`, stands around rows or inside an aggregate. It "
        "shifts whole values. Write it around: `rolling(sum(amount), 28 days)`."
    ),
    "cuts-a-whole": (
        "A row stands for a whole period by `time_grain`, and the interval asked would cut one in two. "
        "Nobody knows how much of it falls on which side. Ask for a grain and a range of whole ones."
    ),
    "filter-not-separable": (
        "A share leaves a dimension free, and the filter mixes it with others by `or`. It is not clear what "
        "the whole would be. Join the conditions on each dimension by `and`."
    ),
    "offset-lands-nowhere": (
        "`previous` goes back by an offset that ends in no period. Use a whole number of periods, or days, "
        "weeks, months, quarters or years."
    ),
    "unit-does-not-fit": (
        "The units of an `average_over` do not fill the interval, so some would be cut in two. Use a "
        "shorter unit, such as day, or ask for a coarser grain."
    ),
    "unit-finer-than-grain": (
        "`to_date` runs from the beginning of a unit that is shorter than the period asked, whose own "
        "beginning it would drop. Use a longer unit, or ask for a finer grain."
    ),
    "window-without-length": (
        "A window is told in units without a fixed length. Use days, weeks, months, quarters or years."
    ),
    # --- KPIs and goals
    "baseline-is-target": (
        "Baseline and target are the same, so there is nothing to reach. Use `path: maintain` without a "
        "baseline to hold a level."
    ),
    "dimension-not-shared": (
        "A KPI that refers to others names a dimension that one of them lacks. Their values could not be "
        "put side by side. Leave it out, or add it to the other."
    ),
    "duplicate-dimension": "A dimension is listed twice. Its slices would be there twice, too. Keep one.",
    "empty-period": (
        "The period of a goal ends before or when it begins. Periods are half-open: a year is `{from: "
        "2026-01-01, to: 2027-01-01}`."
    ),
    "empty-range": (
        "A range ends before or when it begins, so nothing is in it. The beginning is included, the end is "
        "not."
    ),
    "finer-than-time-grain": (
        "A row stands for a whole period by `time_grain`, and the KPI is read by a shorter one. Its rows "
        "cannot be divided. Set a `grain` that is as coarse."
    ),
    "grain-finer-than-reference": (
        "A KPI is read by a shorter period than one that it refers to, which has no value then. Set a "
        "coarser `grain`."
    ),
    "missing-reason": (
        "A target changes within the period of its goal, and nothing says why. Those who read the scorecard "
        "would see a number move. Add `reason`, in a sentence."
    ),
    "one-target": "A result has both `target` and `targets`, or neither. Write one number, or dated ones.",
    "reserved-name": "A dimension has a name that the SQL needs for itself. Give it another one.",
    "revisions-out-of-order": (
        "Revisions do not stand in the order of their `until`, or one day stands twice. Two rules would "
        "hold at once. List them from the earliest to the latest."
    ),
    "target-against-direction": (
        "The shape of a target does not go with the `direction` of its KPI: a band has two ends and no "
        "baseline, all others have one number."
    ),
    "target-on-wrong-side": (
        "A target is worse than the baseline, as the KPI's `direction` has it, or the ends of a band are "
        "swapped. Progress would count backwards. Swap the two, or correct the direction. The same of the "
        "success test of a plan, which what is worse would pass: write `at_most` for what is better lower."
    ),
    "unordered-targets": (
        "Dated targets do not stand in the order of their days, or one day stands twice. List them from the "
        "first to the last."
    ),
    # --- questions
    "cannot-compile": (
        "A dialect has no way to say what a KPI asks. A query that is nearly the same would give another "
        "number. Leave the dialect out, or change the KPI."
    ),
    "date-out-of-range": (
        "A date of a question, or of a plan, lies beyond what calendars here reach. Choose a nearer one."
    ),
    "grain-too-fine": (
        "A KPI is asked for shorter periods than its `grain`, for which its owner vouches for no value. Ask "
        "for that grain or a coarser one."
    ),
    "missing-range": "`--grain all` is one interval, and nothing says where it begins. Add `--from`.",
    "too-many-periods": (
        "A question asks for more periods than are computed at once. Ask for a shorter range or a coarser "
        "grain."
    ),
    # --- data
    "empty-dataset": (
        "A dataset has no row at all. Every KPI of it is empty, which looks like a bad month. Load it, or "
        "correct `source`. Found by `kpi check --data`."
    ),
    "empty-span": (
        "Rows hold for a span that ends no later than it begins, so they never hold. Correct the data, or "
        "`to` of `valid`. Found by `kpi check --data`."
    ),
    "key-not-unique": (
        "Keys of a `primary_key` stand more than once. Rows that lead there would count more than once, so "
        "no value is given. Remove the duplicates, or extend the key."
    ),
    "last-row-not-unique": (
        "Several rows of one key share the last time, so a balance would count them all. Take it per a "
        "finer key, or date the rows more exactly."
    ),
    "malformed-csv": (
        "A file cannot be read as CSV: it is empty, names a column twice or not at all, or a line has more "
        "values than the first. Columns would shift unseen. Quote values that hold the delimiter, and write "
        "each row on one line."
    ),
    "malformed-parquet": (
        "A file is no Parquet file, whatever its name says. Write it again, or correct `source`."
    ),
    "missing-data-file": (
        "The file that a dataset names does not exist. Paths are relative to the folder of kpiascode.yaml, "
        "and upper and lower case differ."
    ),
    "missing-table": (
        "The engine has no table of the name that a dataset gives. Name a file (.csv, .parquet), or give "
        "the database with `--engine duckdb:///path.duckdb`."
    ),
    "not-finite": (
        "A KPI came out as infinity or not-a-number, which is no value. The data holds such a number. "
        "Correct it, or leave it out by `where`."
    ),
    "null-key": (
        "Rows have no value in their `primary_key`, so nothing leads there. Complete the data, or leave "
        "such rows out. Found by `kpi check --data`."
    ),
    "null-time": (
        "Rows have no value in the field that dates them, so they are in no period and count nowhere. "
        "Complete the data. Found by `kpi check --data`."
    ),
    "number-too-wide": (
        "A number has more digits than a column holds. It would be rounded silently. Declare the column as "
        "double or text under `columns`, or ask for another format."
    ),
    "orphan-rows": (
        "Rows have a key, but no partner over a relationship. What is taken from the partner is null there. "
        "Complete the other dataset. Found by `kpi check --data`."
    ),
    "pattern-in-path": (
        "The `source` of a dataset is a pattern. A dataset is one file, so that a stray file cannot become "
        "part of a number. Name the file."
    ),
    "required-partner-missing": (
        "Rows have no partner over a relationship that is `required`. Totals by what the partner tells "
        "would not add up, so no value is given. Complete the data, or drop `required`."
    ),
    "stale-data": (
        "The newest row is older than `freshness` promises. The last period would look like a fall. Load "
        "the data, or promise less. Found by `kpi check --data`."
    ),
    "too-many-columns": "A file has more columns than are read. Leave out those that no KPI needs.",
    "unusable-column-type": (
        "A column is used as a time, a number or a key, and is of a type that is none, such as a list or a "
        "time of day. Make a view that has it as a date, timestamp, number or text, and read that."
    ),
    "value-out-of-bounds": (
        "A KPI has a value that its `bounds` say it can never have. Either the data is wrong, or the "
        "expression, or the bound: a percent is a fraction, so 100 % is 1. Found by `kpi check --data`."
    ),
    "validity-overlaps": (
        "Two rows of one key hold at the same time, so a row would find two partners and count twice. Let "
        "each end where the next begins."
    ),
    "zero-denominator": (
        "A KPI has no value in a period that has rows, since what it is divided by is zero or null there. "
        "Look at those rows. Where it may be so, write `a / nullif(b, 0)`: that gives the same, and says "
        "that it is meant. Found by `kpi check --data`."
    ),
    "wrong-column-type": (
        "A value in a file is not of the type that `columns` declares. Correct the value, or declare "
        "another type."
    ),
    "wrong-delimiter": (
        "The first line of a CSV file is one long name by the comma, and several names by another character: "
        'spreadsheets of many countries write `;`. Say it in the dataset, as `format: {delimiter: ";"}`.'
    ),
    "example-fails": (
        "A worked example of a KPI comes out with another value than it expects, or its rows do not fit the "
        "dataset. Either the definition is wrong, or the example is. Compute it by hand, and correct the one "
        "that is."
    ),
    "example-too-costly": (
        "A worked example of a KPI takes more time or memory than an example may have. Examples are computed "
        "in a process of their own that is ended then, so that no definition can hold up a check. Give fewer "
        "rows, and periods that lie nearer to each other."
    ),
    # --- the ledger
    "clock-behind-ledger": (
        "The clock of this machine is far behind the last publication. What is published now would seem "
        "older than what it follows. Set the clock right, or look at who published with a wrong one."
    ),
    "closed-period-changed": (
        "A period that is over has another value than it was published with. People have read the old one, "
        "so it is not replaced in silence. Correct the data or the definition if the new value is wrong; if "
        "it is right, publish with `--restate REASON --author NAME`, and both are kept."
    ),
    "ledger-broken": (
        "A file of the ledger is missing, was changed, or is none of a ledger. What was published is "
        "written once and never touched, so nothing in it can be trusted until it is whole. Bring the files "
        "back from git."
    ),
    "ledger-newer": (
        "A publication was made by a newer version of kpiascode. Read by this one, parts of it would be "
        "missed. Install the newest version."
    ),
    # --- who approves
    "approver-without-handle": (
        "One of an owner's `approvers` is no account, team or e-mail address. A git host could not ask "
        'anybody, so `kpi codeowners` leaves it out. Write "@user", "@org/team" or an e-mail address, in '
        "quotes."
    ),
    "broken-markers": (
        "The lines of a CODEOWNERS file between which `kpi codeowners` writes do not go together. One of "
        "them is missing, changed or there twice, often after a merge, so that it is not plain what may be "
        "replaced. Delete these lines with what lies between them, and write them anew."
    ),
    "codeowners-differ": (
        "The CODEOWNERS file does not say what the definitions do. A git host would ask others to approve a "
        "change than the owners of what it changes. Run `kpi codeowners --write` and commit the file."
    ),
    "codeowners-too-large": (
        "A CODEOWNERS file of 3 MB and more is ignored by GitHub as a whole, so that nobody is asked. Each "
        "file of definitions has a line. Put more definitions into one file, or shorten the rest."
    ),
    "owners-approve-each-other": (
        "A file defines several owners or units, and nobody stands above those who answer for them. A git "
        "host takes one approval for enough, so each of them can decide who approves for others. Put each "
        "into a file of its own, or declare an owner of the unit to which all of them belong."
    ),
    "owner-without-handle": (
        "An owner has no `approvers`, and its `contact` is no account or e-mail address, so nobody can be "
        "asked about a change of what it answers for. Add `approvers`, as your git host writes them."
    ),
    # --- the choice of rules
    "allow-without-reason": (
        "A comment `# kpi: allow <rule>: <reason>` gives no reason. Whoever reads the definition next year "
        "must know why the rule does not apply. Write the reason behind a colon."
    ),
    "broken-baseline": (
        "The file of known findings is no baseline, so it hides nothing. It was cut, edited by hand, or "
        "merged badly. Write it again with `kpi check --write-baseline FILE`, or take the version of your "
        "main branch."
    ),
    "cannot-be-allowed": (
        "A comment, `check` of kpiascode.yaml or a baseline names a finding that is no rule's. What is wrong "
        "about shape, references or data stays wrong, whoever allows it. Mend it instead."
    ),
    "misspelled-allow": (
        "A comment names a rule and does not begin with `# kpi: allow`, but nearly so: it allows nothing. "
        "Write it as the hint shows, or word the comment differently if it is not meant to allow a finding."
    ),
    "too-many-allows": (
        "One file allows findings at more places than are read. So many exceptions are a choice for the "
        "whole file. Turn the rule off there, under `check: {paths: [...]}` of kpiascode.yaml."
    ),
    "unknown-rule": (
        "A comment or `check` of kpiascode.yaml names a rule that there is none of, so it has no effect. "
        "Correct the name; docs/rules.md lists the rules."
    ),
    "unused-allow": (
        "A comment allows a finding that is not there, on no line that it covers. It would hide the next one "
        "that comes. Remove it, or move it to the line of the finding or the line above. `kpi check --fix` "
        "removes it."
    ),
    "unused-path": (
        "A path under `check: {paths: [...]}` of kpiascode.yaml matches no file of the project, so that no "
        "rule is left out there. It may be mistyped, or the files have moved. Correct or remove it."
    ),
}
"""One paragraph a code."""
