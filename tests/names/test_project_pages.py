"""A page that comes with a team's project links to nothing that stays with the kit's developers."""

import re

import pytest

from tests.names.texts import ROOT, Text, pages

# What copier leaves out of a project, as paths from the root.
_LEFT_OUT = re.findall(r"^  - /([\w./-]+)", (ROOT / "copier.yml").read_text(), re.MULTILINE)
_TESTS_OF_A_PROJECT = ("tests/app", "tests/project")


def is_left_out(path: str) -> bool:
    """Return whether a file or folder is not in a team's project."""
    inside = any(f"{path}/".startswith(f"{place}/") for place in _LEFT_OUT)
    return inside or (path.startswith("tests/") and not path.startswith(_TESTS_OF_A_PROJECT))


def strays(page: Text) -> list[str]:
    """Return the links of a page that lead out of a team's project."""
    links = re.findall(r"\]\(([^)\s#]+)", page.words)
    targets = [(page.folder / link).resolve() for link in links if "://" not in link]
    return [path for path in (str(each.relative_to(ROOT)) for each in targets) if is_left_out(path)]


# Where there is a page of the same name and .jinja, a project gets that one.
NAMES = {page.name for page in pages()}
SHIPPED = [page for page in pages() if f"{page.name}.jinja" not in NAMES and not is_left_out(page.name)]


@pytest.mark.parametrize("page", SHIPPED, ids=lambda page: page.name)
def test_a_page_of_a_project_leads_to_files_of_the_project(page: Text) -> None:
    assert strays(page) == []


@pytest.mark.parametrize("link", ["../benchmarks/page.py", "features.md", "../tests/image/conftest.py"])
def test_a_link_out_of_the_project_is_found(link: str) -> None:
    assert len(strays(Text("docs/image.md", f"[there]({link})", ROOT / "docs"))) == 1
