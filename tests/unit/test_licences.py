"""Nothing is installed whose licence nobody looked at, and the SBOM says what each package is under and who asks for it."""

from __future__ import annotations

import pytest

from docs import licences, sbom


@pytest.mark.parametrize("lock", licences.LOCKS)
def test_every_package_is_under_a_licence_that_somebody_looked_at(lock: str) -> None:
    found = {name: licences.refused(licences.licence(name)) for name in licences.packages(lock)}
    assert len(found) > 20
    assert not {name: parts for name, parts in found.items() if parts}


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("MIT", set()),
        ("Apache-2.0 OR GPL-3.0-only", set()),
        ("MIT AND PSF-2.0", set()),
        ("AGPL-3.0-only", {"AGPL-3.0-only"}),
        ("MIT AND GPL-3.0-only", {"GPL-3.0-only"}),
        ("BSD, Other/Proprietary License", {"Other/Proprietary License"}),
        ("SSPL-1.0 OR AGPL-3.0-only", {"SSPL-1.0"}),
        ("UNKNOWN", {"UNKNOWN"}),
        ("", {""}),
    ],
)
def test_of_a_choice_one_is_enough_and_of_a_sum_all_are_needed(expression: str, refused: set[str]) -> None:
    assert licences.refused(expression) == refused


def test_the_page_is_that_of_the_locks() -> None:
    """A package that a marker leaves out of this Python stands on the page of another."""
    said, made = (
        set(text.replace(", ", " ").split()) for text in (licences.PAGE.read_text(encoding="utf-8"), licences.page())
    )
    assert made - said <= {"pyyaml-ft"}, "make docs"
    assert len(said) > 200


def test_the_sbom_says_what_we_ask_for_and_leaves_no_licence_open() -> None:
    bom = {
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [
            {"name": "PyYAML", "bom-ref": "a", "licenses": [{"expression": "MIT"}]},
            {"name": "tink", "bom-ref": "b"},
        ],
        "dependencies": [{"ref": "root"}, {"ref": "a", "dependsOn": ["b"]}],
    }
    made = sbom.completed(bom, "# why\nPyYAML    # declarations\n")
    assert {"ref": "root", "dependsOn": ["a"]} in made["dependencies"]
    assert [edge["ref"] for edge in made["dependencies"]] == ["a", "root"]
    assert made["components"][1]["licenses"] == [{"expression": "Apache-2.0"}]
