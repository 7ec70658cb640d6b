"""The workflows on GitHub do no more than they must, and run nothing that somebody else can exchange."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text("utf-8"))
    for path in sorted(GITHUB.glob("workflows/*.yml"))
}
NAMES = list(WORKFLOWS)
# What a job may do besides reading the source, each with what needs it.
WRITES = {
    ("release.yml", "attest"): {"id-token", "attestations"},  # signs, and keeps what it signed
    ("release.yml", "publish"): {"id-token"},  # trusted publishing
    ("release.yml", "announce"): {"contents"},  # the release of the repository
}


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each job with its workflow's name and its own."""
    for name, workflow in WORKFLOWS.items():
        for job_name, job in workflow["jobs"].items():
            yield name, job_name, job


def used() -> Iterator[str]:
    """Yield what the jobs and their steps use."""
    for _, _, job in jobs():
        yield from (part["uses"] for part in [job, *job.get("steps", [])] if "uses" in part)


def test_workflows() -> None:
    """These are read: a file of another name or ending would not be."""
    assert NAMES == ["docs.yml", "lint.yml", "release.yml", "tests.yml"]
    assert len(list((GITHUB / "workflows").iterdir())) == len(NAMES)


@pytest.mark.parametrize(
    "path",
    [*GITHUB.rglob("*.yml"), ROOT / ".readthedocs.yaml", ROOT / ".pre-commit-config.yaml"],
    ids=lambda path: path.name,
)
def test_parse(path: Path) -> None:
    """Every file is YAML, and says something."""
    assert isinstance(yaml.safe_load(path.read_text("utf-8")), dict)


def test_pinned() -> None:
    """An action is named by the hash of a commit, which nobody can move as a tag; a comment says the release."""
    foreign = [name for name in used() if not name.startswith("$/.github/workflows/")]
    assert foreign
    assert [name for name in foreign if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
    for name in NAMES:
        text = (GITHUB / "workflows" / name).read_text("utf-8")
        lines = [line for line in text.splitlines() if re.search(r"uses: .+@", line)]
        assert [line for line in lines if not re.search(r" # v\d+\.\d+\.\d+$", line)] == []


def test_one_release_of_each_action() -> None:
    """No workflow is left behind when an action is renewed."""
    assert len(set(used())) == len({name.split("@")[0] for name in used()})


@pytest.mark.parametrize("name", NAMES)
def test_no_permission_for_all(name: str) -> None:
    """A workflow gives nothing to its jobs: each asks for its own."""
    assert WORKFLOWS[name]["permissions"] == {}


def test_least_permissions() -> None:
    """A job reads the source, or has the rights of the table, and none besides."""
    for workflow, name, job in jobs():
        permissions = job["permissions"]
        wanted = WRITES.get((workflow, name))
        given = dict.fromkeys(wanted, "write") if wanted else {"contents": "read"}
        assert permissions == given, (workflow, name)


def test_events() -> None:
    """No workflow runs a stranger's pull request with the rights of the repository; a tag alone makes a release."""
    for name, workflow in WORKFLOWS.items():
        events = set(workflow[True])  # YAML 1.1 reads `on` so
        assert not events & {"pull_request_target", "workflow_run", "issue_comment"}, name
    assert WORKFLOWS["release.yml"][True] == {"push": {"tags": ["v*"]}}


def test_no_secrets() -> None:
    """Nothing is stored that could be stolen: publishing is trusted, and the token is that of the run."""
    for name in NAMES:
        assert "secrets." not in (GITHUB / "workflows" / name).read_text("utf-8")


def test_no_credentials_stay() -> None:
    """The token of the checkout is not left in the folder, where the tests could read it."""
    for workflow, name, job in jobs():
        for step in job.get("steps", []):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, (workflow, name)


def test_release() -> None:
    """Nothing is published that was not tested, checked and attested, nor without a maintainer who agrees."""
    release = WORKFLOWS["release.yml"]["jobs"]
    assert release["tests"]["uses"] == "$/.github/workflows/tests.yml"
    assert set(release["attest"]["needs"]) == {"tests", "check"}
    assert release["publish"]["needs"] == ["attest"]
    assert release["announce"]["needs"] == ["publish"]
    assert release["publish"]["environment"] == "release"
    assert "nox -s release_check" in [step.get("run") for step in release["check"]["steps"]]
    publishing = release["publish"]["steps"][-1]
    assert publishing["with"] == {"attestations": True}


def test_sessions_exist() -> None:
    """The workflows run sessions that the noxfile has."""
    text = (ROOT / "noxfile.py").read_text("utf-8")
    sessions = set(re.findall(r"^@nox\.session.*?^def (\w+)", text, re.M | re.S))
    run = [
        step["run"] for _, _, job in jobs() for step in job.get("steps", []) if "nox" in str(step)
    ]
    named = {name for command in run for name in re.findall(r"-s ((?:[a-z_]+ ?)+)", command)}
    assert named
    assert {name for names in named for name in names.split()} <= sessions


def test_pythons() -> None:
    """CI has every Python that the classifiers name."""
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    pythons = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert WORKFLOWS["tests.yml"]["jobs"]["pairs"]["strategy"]["matrix"]["python"] == pythons
