"""`kpi comment`: one comment for a review, edited in place, whatever the host and other runs do meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import Result
from command_line import Kpi, process

from hosts_stand_in import HEAD, MEMBER, NEW, OLD, STRANGER, TOKEN, Failure, Site, started

MARKER: Final = "<!-- kpiascode:review key=KPI CI/review -->"
REVIEW: Final = f"{MARKER}\n### KPI review: 1 value-changing\n\n**net_revenue** would read 4.12 M.\n"
NONE: Final = f"{MARKER}\nNo KPI changes.\n"
NOW: Final = "No KPI changes in the latest revision."
BUSY: Final = (1.0, 2.0, 4.0, 8.0, 16.0)

VARIABLES: Final = (
    "GITHUB_ACTIONS GITHUB_REPOSITORY GITHUB_EVENT_PATH GITHUB_API_URL GITHUB_TOKEN GITHUB_STEP_SUMMARY GITHUB_ACTOR "
    "GITHUB_RUN_NUMBER GITHUB_RUN_ATTEMPT GITLAB_CI CI_API_V4_URL CI_PROJECT_ID CI_MERGE_REQUEST_IID "
    "CI_MERGE_REQUEST_PROJECT_ID CI_MERGE_REQUEST_SOURCE_PROJECT_ID CI_MERGE_REQUEST_SOURCE_BRANCH_SHA CI_COMMIT_SHA "
    "CI_PIPELINE_ID CI_JOB_ID KPI_GITLAB_TOKEN http_proxy HTTP_PROXY all_proxy ALL_PROXY"
).split()


def stamp(run: str, commit: str = HEAD) -> str:
    return f"<!-- kpiascode:run {run} sha={commit} -->"


def body(text: str, run: str = "12.1", commit: str = HEAD) -> str:
    """Return a comment of ours, as it stands on the host."""
    return f"{MARKER}\n{stamp(run, commit)}\n{text}\n"


SHOWN: Final = body(REVIEW.partition("\n")[2].strip())


class Job:
    """A job of a CI system: its environment, and the host that it speaks to."""

    def __init__(self, site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.site, self.folder, self.monkeypatch = site, folder, monkeypatch
        self.waited: list[float] = []
        self.environment: dict[str, str] = {}
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("kpiascode.cli.comment_command.time.sleep", self.waited.append)

    def set(self, **variables: str | None) -> None:
        for name, value in variables.items():
            if value is None:
                self.monkeypatch.delenv(name, raising=False)
                self.environment.pop(name, None)
            else:
                self.monkeypatch.setenv(name, value)
                self.environment[name] = value

    def comment(self, text: str = REVIEW, *arguments: str) -> Result:
        file = self.folder / "review.md"
        file.write_bytes(text.encode())
        result = Kpi()("comment", str(file), *arguments)
        assert TOKEN not in result.output
        return result

    def told(self, text: str = REVIEW) -> str:
        result = self.comment(text)
        assert (result.exit_code, result.stderr) == (0, ""), result.stderr
        return result.stdout

    def refused(self, code: int = 3, text: str = REVIEW) -> str:
        result = self.comment(text)
        assert (result.exit_code, result.stdout) == (code, ""), result.output
        return " ".join(result.stderr.split())


class GitHubJob(Job):
    def __init__(self, site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(site, folder, monkeypatch)
        self.summary = folder / "summary.md"
        self.event()
        self.set(
            GITHUB_ACTIONS="true",
            GITHUB_REPOSITORY="acme/shop",
            GITHUB_EVENT_PATH=str(folder / "event.json"),
            GITHUB_API_URL=site.address,
            GITHUB_TOKEN=TOKEN,
            GITHUB_STEP_SUMMARY=str(self.summary),
            GITHUB_RUN_NUMBER="12",
            GITHUB_RUN_ATTEMPT="1",
        )

    def event(self, head: str = HEAD, source: str | None = "acme/shop") -> None:
        repo = None if source is None else {"full_name": source}
        pull_request = {"number": 7, "head": {"sha": head, "repo": repo}}
        (self.folder / "event.json").write_text(json.dumps({"pull_request": pull_request}))

    def run(self, number: str, attempt: str = "1") -> None:
        self.set(GITHUB_RUN_NUMBER=number, GITHUB_RUN_ATTEMPT=attempt)

    def from_fork(self) -> None:
        self.event(source="stranger/shop")


class GitLabJob(Job):
    def __init__(self, site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(site, folder, monkeypatch)
        self.set(
            GITLAB_CI="true",
            CI_API_V4_URL=f"{site.address}/api/v4",
            CI_PROJECT_ID="42",
            CI_MERGE_REQUEST_IID="7",
            CI_MERGE_REQUEST_PROJECT_ID="42",
            CI_MERGE_REQUEST_SOURCE_PROJECT_ID="42",
            CI_COMMIT_SHA=HEAD,
            CI_PIPELINE_ID="12",
            CI_JOB_ID="1",
            KPI_GITLAB_TOKEN=TOKEN,
        )
        site.base = "/api/v4"

    def event(self, head: str = HEAD) -> None:
        self.set(CI_COMMIT_SHA=head)

    def run(self, number: str, attempt: str = "1") -> None:
        self.set(CI_PIPELINE_ID=number, CI_JOB_ID=attempt)

    def from_fork(self) -> None:
        self.set(CI_PROJECT_ID="43", CI_MERGE_REQUEST_SOURCE_PROJECT_ID="43")


@pytest.fixture
def site() -> Iterator[Site]:
    made = started()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def github(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHubJob:
    return GitHubJob(site, tmp_path, monkeypatch)


@pytest.fixture
def gitlab(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitLabJob:
    return GitLabJob(site, tmp_path, monkeypatch)


@pytest.fixture(params=[GitHubJob, GitLabJob], ids=["github", "gitlab"])
def job(request: pytest.FixtureRequest, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return request.param(site, tmp_path, monkeypatch)


# --- one comment


def test_the_first_review_is_posted_with_a_marker_and_the_run(job: GitHubJob) -> None:
    assert job.told().startswith("Posted the review: ")
    assert job.site.bodies == [SHOWN]


def test_github_says_where_the_comment_is(github: GitHubJob) -> None:
    assert github.told() == f"Posted the review: {github.site.address}/c/0\n"


def test_the_next_push_edits_it_in_place(job: GitHubJob) -> None:
    job.told()
    job.site.head = NEW
    job.event(NEW)
    job.run("13")

    assert job.told(REVIEW.replace("4.12", "4.05")).startswith("Updated the review")

    (one,) = job.site.bodies
    assert "4.05 M" in one
    assert "4.12 M" not in one
    assert stamp("13.1", NEW) in one


def test_the_same_review_is_not_written_again(job: GitHubJob) -> None:
    job.told()
    job.site.head = NEW
    job.event(NEW)
    job.run("13")
    before = list(job.site.writes)

    assert "says the same already" in job.told()
    assert job.site.writes == before


def test_the_host_may_have_other_line_ends(job: GitHubJob) -> None:
    job.site.add(SHOWN.replace("\n", "\r\n").rstrip())

    assert "says the same already" in job.told()
    assert job.site.writes == []


def test_of_several_the_newest_is_edited_and_others_are_left(job: GitHubJob) -> None:
    for number in (1, 2):
        job.site.add(body(f"old {number}", run=f"{number}.1", commit=OLD))

    job.told()

    assert job.site.bodies == [body("old 1", run="1.1", commit=OLD), SHOWN]


def test_a_comment_without_a_stamp_is_older_than_any(job: GitHubJob) -> None:
    job.site.add(f"{MARKER}\nold")

    assert job.told().startswith("Updated")
    assert job.site.bodies == [SHOWN]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(f"See this:\n{MARKER}\nmine", id="who quotes us"),
        pytest.param(f" {MARKER}\nmine", id="an indented marker"),
        pytest.param("<!-- kpiascode:review key=KPI CI/other -->\nmine", id="another job"),
        pytest.param("<!-- kpiascode:review key=KPI CI/review2 -->\nmine", id="a key that begins alike"),
        pytest.param("### KPI review: 1 value-changing", id="the same words"),
        pytest.param("", id="nothing"),
    ],
)
def test_the_comment_of_somebody_else_is_left_alone(job: GitHubJob, other: str) -> None:
    job.site.add(other)

    job.told()

    assert job.site.bodies == [other, SHOWN]


def test_whoever_may_write_for_us_is_us(github: GitHubJob) -> None:
    """The token may be that of a bot, of an app, or of a person, and change."""
    github.site.add(body("old", run="1.1"), **MEMBER)

    github.told()

    assert github.site.bodies == [SHOWN]


def test_a_stranger_cannot_silence_a_review_with_a_copy_of_its_marker(github: GitHubJob) -> None:
    github.site.add(body("All is well.", run="999999.1"), **STRANGER)

    github.told()
    github.run("13")
    github.told(REVIEW.replace("4.12", "4.05"))

    forged, ours = github.site.bodies
    assert "All is well." in forged
    assert "4.05 M" in ours


def test_nor_can_anybody_on_gitlab_where_only_ones_own_notes_can_be_edited(gitlab: GitLabJob) -> None:
    gitlab.site.add(body("All is well.", run="999999.1"), author={"id": 66})

    gitlab.told()

    assert gitlab.site.bodies == [body("All is well.", run="999999.1"), SHOWN]


@pytest.mark.parametrize("tells_next", [True, False])
def test_the_comment_is_found_on_a_later_page(job: GitHubJob, tells_next: bool) -> None:
    job.site.tells_next = tells_next
    for number in range(250):
        job.site.add(f"talk {number}")
    job.site.add(body("old", run="1.1"))

    job.told()

    assert job.site.bodies[-1] == SHOWN
    assert len(job.site.comments) == 251
    assert sum("page=" in line for line in job.site.requests) == 3


def test_a_short_page_is_not_the_last_where_another_is_announced(job: GitHubJob) -> None:
    job.site.page_size = 3
    for number in range(8):
        job.site.add(f"talk {number}")
    job.site.add(body("old", run="1.1"))

    job.told()

    assert job.site.bodies[-1] == SHOWN
    assert len(job.site.comments) == 9


def test_pages_without_end_are_given_up(job: GitHubJob) -> None:
    """Each page is the same, and another one is announced."""
    page = Failure(200, {"Link": '<x>; rel="next"'}, only="GET", body=b'[{"id": 1, "body": "talk"}]')
    head = Failure(200, body=json.dumps({"head": {"sha": HEAD}, "sha": HEAD, "id": 1}).encode(), only="GET")
    extra = [head] if isinstance(job, GitLabJob) else []
    job.site.failures = [head, *extra, *[page] * 200]

    assert "there are more than 10,000 comments" in job.refused()
    assert job.site.writes == []


# --- nothing changed


def test_where_nothing_changed_nothing_is_posted(job: GitHubJob) -> None:
    assert job.told(NONE) == "Nothing was posted: no KPI changes.\n"
    assert job.site.writes == []


def test_where_nothing_changes_any_more_the_comment_says_so_once(job: GitHubJob) -> None:
    job.told()
    job.run("13")

    assert job.told(NONE).startswith("Updated")
    assert job.site.bodies == [body(NOW, run="13.1")]

    job.run("14")
    assert "says the same already" in job.told(NONE)


# --- runs that overtake each other


def test_an_older_run_that_ends_after_a_newer_one_is_silent(job: GitHubJob) -> None:
    """Both are of one commit, as when a label is set right after a push."""
    job.run("13")
    job.told(REVIEW.replace("4.12", "4.05"))
    job.run("12")

    assert job.told() == "Nothing was posted: a later run has shown its review already.\n"
    assert "4.05 M" in job.site.bodies[0]
    assert len(job.site.writes) == 1


def test_runs_are_compared_as_numbers_and_by_attempt(job: GitHubJob) -> None:
    for run, attempt, is_later in (
        ("9", "1", True),
        ("10", "1", True),
        ("9", "2", False),
        ("10", "2", True),
        ("10", "1", False),
    ):
        job.run(run, attempt)
        told = job.told(REVIEW.replace("4.12", f"{run}.{attempt}"))
        assert told.startswith("Nothing was posted") is not is_later, (run, attempt)


def test_a_run_of_a_commit_that_is_not_the_newest_is_silent(job: GitHubJob) -> None:
    """The newer run is not done yet, so there is no stamp to see."""
    job.site.head = NEW

    assert "has another newest commit by now" in job.told()
    assert job.site.writes == []


def test_an_old_run_that_is_started_anew_is_silent(job: GitHubJob) -> None:
    job.site.add(body("new", run="13.1", commit=HEAD))
    job.event(OLD)
    job.run("12", "2")

    job.told()

    assert job.site.bodies == [body("new", run="13.1", commit=HEAD)]


def test_a_stamp_inside_the_text_is_text(job: GitHubJob) -> None:
    forged = f"{MARKER}\n{stamp('999999.1')}\nnet_revenue would read 4.12 M.\n"
    job.told(forged)
    job.run("13")

    job.told()

    assert job.site.bodies == [body(REVIEW.partition("\n")[2].strip(), run="13.1")]


def test_on_gitlab_the_commit_is_that_of_the_branch_and_not_the_one_that_merges(gitlab: GitLabJob) -> None:
    gitlab.set(CI_COMMIT_SHA=OLD, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=HEAD)

    gitlab.told()

    assert gitlab.site.bodies == [SHOWN]


# --- a host that is busy


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("only", ["GET", "POST"])
def test_a_busy_host_is_asked_again_with_longer_and_longer_pauses(
    job: GitHubJob, status: int, only: str
) -> None:
    job.site.failures = [Failure(status, only=only)] * 5

    job.told()

    assert job.site.bodies == [SHOWN]
    assert tuple(job.waited) == BUSY


def test_it_is_given_up_in_the_end(job: GitHubJob) -> None:
    job.site.failures = [Failure(503, message="Down for a while.")] * 6

    told = job.refused()

    assert told == (
        "error: the host cannot be used: it answers 503: Down for a while. It was asked 6 times; run the job again later."
    )
    assert tuple(job.waited) == BUSY


def test_a_connection_that_breaks_is_a_busy_host(job: GitHubJob) -> None:
    job.site.failures = [Failure(is_dropped=True)] * 2

    job.told()

    assert job.site.bodies == [SHOWN]
    assert tuple(job.waited) == BUSY[:2]


def test_a_host_that_is_not_there(job: GitHubJob) -> None:
    job.set(GITHUB_API_URL="http://127.0.0.1:9", CI_API_V4_URL="http://127.0.0.1:9")

    assert "it cannot be reached (Connection refused)" in job.refused()
    assert tuple(job.waited) == BUSY


@pytest.mark.parametrize(
    "lost", [Failure(502, only="POST", is_done=True), Failure(only="POST", is_done=True, is_dropped=True)]
)
def test_a_comment_whose_confirmation_is_lost_is_not_posted_twice(job: GitHubJob, lost: Failure) -> None:
    job.site.failures = [lost]

    assert "says the same already" in job.told()
    assert job.site.bodies == [SHOWN]
    assert len(job.site.writes) == 1


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        pytest.param(429, {"Retry-After": "30"}, 30.0, id="seconds"),
        pytest.param(503, {"Retry-After": "Mon, 05 Jan 2026 10:00:45 GMT"}, 45.0, id="a time"),
        pytest.param(503, {"Retry-After": "Mon, 05 Jan 2026 09:00:00 GMT"}, 1.0, id="a time that is over"),
        pytest.param(429, {"Retry-After": "0"}, 1.0, id="no time"),
        pytest.param(429, {"Retry-After": "soon"}, 1.0, id="a word"),
        pytest.param(403, {"Retry-After": "60"}, 60.0, id="too many requests at once, as GitHub says it"),
        pytest.param(
            403,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767607250"},
            50.0,
            id="the requests of an hour are used up",
        ),
    ],
)
def test_the_host_is_given_the_time_that_it_asks_for(
    job: GitHubJob, status: int, headers: dict[str, str], seconds: float
) -> None:
    job.site.failures = [Failure(status, headers)]

    job.told()

    assert job.waited == [seconds]
    assert job.site.bodies == [SHOWN]


def test_more_time_than_a_job_should_take_is_told(job: GitHubJob) -> None:
    job.site.failures = [Failure(429, {"Retry-After": "3600"})]

    assert "It asks to wait for 3,600 seconds; run the job again then." in job.refused()
    assert job.waited == []


# --- a host that refuses


@pytest.mark.parametrize(
    ("status", "github", "gitlab"),
    [
        (401, "GITHUB_TOKEN: ${{ github.token }}", "is not valid here"),
        (403, "pull-requests: write", "the scope `api`"),
        (404, "pull-requests: write", "the scope `api`"),
        (422, "The text was not accepted", "The text was not accepted"),
    ],
)
@pytest.mark.parametrize("only", ["GET", "POST"])
def test_a_refusal_is_told_with_the_next_step(
    job: GitHubJob, status: int, github: str, gitlab: str, only: str
) -> None:
    job.site.failures = [Failure(status, only=only, message="Resource not accessible by integration")]

    told = job.refused()

    assert f"it answers {status}: Resource not accessible by integration." in told
    assert (github if type(job) is GitHubJob else gitlab) in told
    assert job.waited == []
    assert job.site.comments == []


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(f"\x07\x1b[31m::error::x\n::set-env::{TOKEN} ##[error]x", id="commands, and the token"),
        pytest.param({"base": ["x" * 5000]}, id="long"),
        pytest.param(None, id="nothing"),
    ],
)
def test_what_a_host_says_is_only_text(job: GitHubJob, message: Any) -> None:
    job.site.failures = [Failure(422, message=message)]

    result = job.comment()

    assert result.exit_code == 3
    assert not any(hidden in result.stderr for hidden in ("\x07", "\x1b", "##["))
    assert not any(line.startswith("::") for line in result.stderr.splitlines())
    assert len(result.stderr) < 500


@pytest.mark.parametrize(
    "answer", [b"<html>Log in</html>", b"", b"[" * 100_000, b"{}", b"[]", b"null", b'"x"', b'{"head": 1}']
)
def test_an_answer_of_another_kind_is_refused(job: GitHubJob, answer: bytes) -> None:
    job.site.failures = [Failure(200, body=answer)]

    assert "the host refused: its answer" in job.refused()


@pytest.mark.parametrize(
    "comment", [1, None, {}, {"id": "x", "body": MARKER}, {"id": 5}, {"id": 6, "body": None, "user": None}]
)
def test_a_comment_of_another_shape_is_not_ours(job: GitHubJob, comment: Any) -> None:
    job.site.comments.append(comment)

    job.told()

    assert job.site.comments[-1]["body"] == SHOWN


# --- where the token goes


def test_a_project_that_was_renamed_is_found(github: GitHubJob) -> None:
    github.set(GITHUB_REPOSITORY="acme/old")
    github.event(source="acme/old")
    github.site.failures = [
        Failure(301, {"Location": "/repos/acme/shop/pulls/7"}, only="GET /repos/acme/old/pulls"),
        Failure(
            301,
            {"Location": "/repos/acme/shop/issues/7/comments?per_page=100&page=1"},
            only="GET /repos/acme/old/issues",
        ),
        Failure(
            307,
            {"Location": f"{github.site.address}/repos/acme/shop/issues/7/comments"},
            only="POST /repos/acme/old/issues",
        ),
    ]

    github.told()

    assert github.site.bodies == [SHOWN]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_to_another_host(job: GitHubJob, status: int) -> None:
    other = started()
    try:
        job.site.failures = [Failure(status, {"Location": f"{other.address}/repos/acme/shop/pulls/7"})]

        assert "it sends us elsewhere, where the token does not belong" in job.refused()
        assert other.requests == []
    finally:
        other.shutdown()
        other.server_close()


@pytest.mark.parametrize(
    "there",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "//evil.example/", "http://x@127.0.0.1/", "", "\\\\evil"],
)
def test_nor_anywhere_else(job: GitHubJob, there: str) -> None:
    job.site.failures = [Failure(302, {"Location": there})] * 9

    assert "the host refused: it sends us" in job.refused()


def test_a_post_is_not_turned_into_another_request(job: GitHubJob) -> None:
    job.site.failures = [Failure(302, {"Location": "/repos/acme/shop/issues/7/comments"}, only="POST")]

    assert "it sends us elsewhere" in job.refused()


def test_a_circle_ends(github: GitHubJob) -> None:
    github.site.failures = [Failure(301, {"Location": "/repos/acme/shop/pulls/7"})] * 9

    assert "it sends us in circles" in github.refused()


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com",
        "ftp://api.example.com",
        "file:///etc",
        "api.example.com",
        "https://",
        "https://me:pw@api.example.com",
        "https://api.example.com?x=1",
        "https://api.example.com#x",
        "https://api.example.com/a b",
        "https://[::1",
    ],
)
def test_an_address_that_no_token_is_sent_to(job: GitHubJob, address: str) -> None:
    job.set(GITHUB_API_URL=address, CI_API_V4_URL=address)

    told = job.refused(2)

    assert "is no address for a token" in told
    assert "pw" not in told


@pytest.mark.parametrize("secret", ["two words", "a\nHost: evil.example", "é", "x" * 5001])
def test_a_token_that_is_none_is_not_repeated(job: GitHubJob, secret: str) -> None:
    job.set(GITHUB_TOKEN=secret, KPI_GITLAB_TOKEN=secret)

    told = job.refused(2)

    assert "holds more than a token" in told
    assert secret not in told


# --- forks


def test_the_review_of_a_fork_is_in_the_summary(github: GitHubJob) -> None:
    """The token can read, and not write."""
    github.from_fork()
    github.site.failures = [Failure(403, only="POST", message="Resource not accessible by integration")]

    told = github.told()

    assert told.startswith("::notice title=kpi comment::The change comes from where no job may comment")
    assert "net_revenue" in github.summary.read_text()


@pytest.mark.parametrize("source", ["stranger/shop", None], ids=["a fork", "a fork that was deleted"])
def test_a_fork_without_a_token(github: GitHubJob, source: str | None) -> None:
    github.event(source=source)
    github.set(GITHUB_TOKEN=None)

    assert github.told().startswith("::notice ")
    assert github.site.requests == []


def test_a_fork_whose_token_may_write_has_its_comment(job: GitHubJob) -> None:
    job.from_fork()

    job.told()

    assert job.site.bodies == [SHOWN]


def test_a_bot_whose_token_can_only_read(github: GitHubJob) -> None:
    github.set(GITHUB_ACTOR="dependabot[bot]")
    github.site.failures = [Failure(403, only="POST")]

    assert github.told().startswith("::notice ")


def test_the_pipeline_of_a_fork_on_gitlab(gitlab: GitLabJob) -> None:
    """It runs in the fork, which does not have the variables of the project that it was forked from."""
    gitlab.from_fork()
    gitlab.set(KPI_GITLAB_TOKEN=None)

    assert gitlab.told().startswith("The change comes from where no job may comment")


def test_a_host_that_is_down_is_no_fork(job: GitHubJob) -> None:
    job.from_fork()
    job.site.failures = [Failure(503)] * 6

    assert "cannot be used" in job.refused()


def test_without_a_token_and_no_fork(job: GitHubJob) -> None:
    job.set(GITHUB_TOKEN="", KPI_GITLAB_TOKEN="")

    assert "There is no token: " in job.refused(2)


# --- the summary of the job


def test_the_summary_has_the_review_and_keeps_what_is_there(github: GitHubJob) -> None:
    github.summary.write_text("### kpi check: all clean\n", encoding="utf-8")

    github.told()

    assert github.summary.read_text(encoding="utf-8") == (
        "### kpi check: all clean\n### KPI review: 1 value-changing\n\n**net_revenue** would read 4.12 M.\n\n"
    )


@pytest.mark.parametrize("text", [REVIEW, NONE])
def test_the_summary_is_written_whatever_becomes_of_the_comment(github: GitHubJob, text: str) -> None:
    github.site.failures = [Failure(404)]

    github.comment(text)

    assert text.partition("\n")[2].strip() in github.summary.read_text()


def test_a_summary_that_is_full_stays_as_it_is(github: GitHubJob) -> None:
    """GitHub would drop all of one that is larger than a mebibyte."""
    github.summary.write_bytes(b"x" * (1024 * 1024 - 50))

    result = github.comment()

    assert (result.exit_code, github.site.bodies) == (0, [SHOWN])
    assert "has no room for the review" in result.stderr
    assert github.summary.stat().st_size == 1024 * 1024 - 50


def test_without_a_summary(github: GitHubJob) -> None:
    github.set(GITHUB_STEP_SUMMARY=None)

    assert github.told().startswith("Posted")


# --- the text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"{MARKER}\n", id="a marker alone"),
        pytest.param(f"\n{REVIEW}", id="an empty first line"),
        pytest.param(f" {REVIEW}", id="a space before it"),
        pytest.param(f"{MARKER} x\nx", id="more behind it"),
        pytest.param("<!-- kpiascode:review key= -->\nx", id="no key"),
        pytest.param("<!-- kpiascode:review key=a --> <!-- b -->\nx", id="a key that ends the comment"),
        pytest.param("### KPI review\n", id="no marker"),
    ],
)
def test_a_text_without_a_marker_is_no_review(job: GitHubJob, text: str) -> None:
    assert "its first line is no marker" in job.refused(2, text)
    assert job.site.requests == []


def test_a_file_of_bytes_is_no_review(job: GitHubJob, kpi: Kpi) -> None:
    (job.folder / "review.md").write_bytes(MARKER.encode() + b"\n\xff\xfe")

    assert kpi("comment", str(job.folder / "review.md")).exit_code == 2


def test_a_file_that_is_too_large_is_not_read_to_its_end(job: GitHubJob) -> None:
    assert "more than 1,048,576 bytes" in job.refused(2, REVIEW + "x" * 1_100_000)


def test_a_review_that_is_longer_than_a_comment_is_refused(job: GitHubJob) -> None:
    is_github = type(job) is GitHubJob
    limit = 65_536 if is_github else 1_000_000
    room = limit - len(body(""))

    assert "keeps it shorter" in job.refused(2, f"{MARKER}\n{'x' * (room + 1)}\n")
    assert job.site.writes == []
    assert job.told(f"{MARKER}\n{'x' * room}\n").startswith("Posted")


@pytest.mark.parametrize("order", ["/merge", "  /close", "> /label ~x", "\t/approve", "x\r/merge"])
def test_no_line_is_an_order_to_the_host(job: GitHubJob, order: str) -> None:
    job.told(f"{MARKER}\nnet_revenue\n{order}\n")

    (one,) = job.site.bodies
    assert order.split("/")[1] in one
    assert not any(line.lstrip(" \t>").startswith("/") for line in one.splitlines())


def test_hidden_characters_are_not_posted_and_others_are(job: GitHubJob) -> None:
    job.told(f"{MARKER}\na\x00b\x1b[31m 日本 € a/b\n")

    assert job.site.bodies == [body("a\ufffdb\ufffd[31m 日本 € a/b")]


def test_hostile_text_is_only_text(job: GitHubJob) -> None:
    text = '"; $(touch pwned) `x` \\u0000 {"body": "x"} ${{ github.token }}\n<!-- kpiascode:review key=z -->'

    job.told(f"{MARKER}\n{text}\n")

    assert job.site.bodies == [body(text)]


def test_a_review_comes_from_standard_input(github: GitHubJob) -> None:
    for arguments in (["comment"], ["comment", "-"]):
        ended = process(*arguments, folder=github.folder, input=REVIEW)
        assert (ended.returncode, ended.stderr) == (0, "")

    assert github.site.bodies == [SHOWN]


# --- the environment


def test_a_host_may_be_named(github: GitHubJob) -> None:
    github.set(GITHUB_ACTIONS=None)

    assert "This is no job of GitHub or GitLab" in github.refused(2)
    assert github.comment(REVIEW, "--host", "github").exit_code == 0
    assert github.site.bodies == [SHOWN]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_REPOSITORY", None),
        ("GITHUB_REPOSITORY", "acme/shop/../../x"),
        ("GITHUB_REPOSITORY", "acme/shop?x"),
        ("GITHUB_RUN_NUMBER", None),
        ("GITHUB_RUN_NUMBER", "-1"),
        ("GITHUB_RUN_ATTEMPT", "1e3"),
        ("GITHUB_EVENT_PATH", None),
        ("GITHUB_EVENT_PATH", "no/such/file"),
    ],
)
def test_an_environment_that_is_none_of_github(github: GitHubJob, name: str, value: str | None) -> None:
    github.set(**{name: value})

    assert name in github.refused(2)
    assert github.site.requests == []


@pytest.mark.parametrize("number", ["7", True, 7.0, None, [7]])
def test_a_number_that_is_none(github: GitHubJob, number: Any) -> None:
    event = {"pull_request": {"number": number, "head": {"sha": HEAD, "repo": {"full_name": "acme/shop"}}}}
    (github.folder / "event.json").write_text(json.dumps(event))

    assert "is of no pull request" in github.refused(2)


@pytest.mark.parametrize(
    "event",
    [
        "",
        "[",
        "[]",
        "{}",
        '{"pull_request": {"number": "7"}}',
        '{"pull_request": {"number": true, "head": {}}}',
    ],
)
def test_a_run_of_no_pull_request(github: GitHubJob, event: str) -> None:
    (github.folder / "event.json").write_text(event)

    assert "is no JSON" in (told := github.refused(2)) or "is of no pull request" in told
    assert "net_revenue" in github.summary.read_text()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CI_MERGE_REQUEST_IID", None),
        ("CI_MERGE_REQUEST_IID", "7/../8"),
        ("CI_PROJECT_ID", "x"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "42/x"),
        ("CI_PIPELINE_ID", None),
        ("CI_JOB_ID", "1.5"),
        ("CI_COMMIT_SHA", "main"),
        ("CI_API_V4_URL", None),
    ],
)
def test_an_environment_that_is_none_of_gitlab(gitlab: GitLabJob, name: str, value: str | None) -> None:
    gitlab.set(**{name: value})

    assert "merge request" in (told := gitlab.refused(2)) or name in told
    assert gitlab.site.requests == []
