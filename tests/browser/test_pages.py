"""Pages in a real browser: on a phone, a tablet and a desk, in the light, in the dark and on paper.

Every type of page is found by the folders of the site. What is wrong is told with the page, the element and the measure.
"""

import pytest
from playwright.sync_api import Browser
from sites import SITES, Folders, Site, View
from visits import Visit, visit

SEEN = [
    pytest.param(
        (site, view), id=f"{site.name}-{view.name}", marks=pytest.mark.xdist_group(f"browser-{site.name}")
    )
    for site in SITES
    for view in site.views
]


@pytest.fixture(scope="module", params=SEEN)
def seen(request: pytest.FixtureRequest, browser: Browser, folders: Folders) -> Visit:
    site: Site
    view: View
    site, view = request.param
    return visit(browser, site, folders.of(site), view)


def test_axe_finds_nothing(seen: Visit) -> None:
    assert seen.of("axe") == ""


def test_the_console_is_silent_and_no_request_leaves_the_page(seen: Visit) -> None:
    assert seen.of("console", "request", "address") == ""


def test_nothing_sticks_out_is_cut_or_lies_over_another(seen: Visit) -> None:
    assert seen.of("sideways", "sticks out", "cut", "text over text", "cut by pages") == ""


def test_labels_of_pictures_lie_within_and_apart(seen: Visit) -> None:
    assert seen.of("label outside", "label over label") == ""


def test_pictures_have_a_role_and_a_name_and_ids_are_unique(seen: Visit) -> None:
    assert seen.of("picture", "id") == ""


def test_text_can_be_read_and_targets_can_be_hit(seen: Visit) -> None:
    assert seen.of("contrast", "small", "target") == ""
