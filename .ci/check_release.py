"""Checks what a release consists of: the source before it is built, and the files that were built.

`check_release.py source` looks at version, changelog and tree. Where the commit has a tag of a version, it must be this
one's, and all that says "not released" must be gone; without a tag it prints what is still to do.
`check_release.py artefacts FOLDER` looks into sdist, wheel and bill of materials.
"""

import email.message
import email.parser
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "otp_passkeys"
URLS = {"Documentation", "Source", "Changelog", "Issues", "Security"}
# Where the repository, the tools and the temporary files lie on the machine that builds.
MACHINE = {str(place) for place in (ROOT, Path.home(), Path(tempfile.gettempdir()).resolve())}
# A folder as short as "/root" or "/tmp" is in texts too, so only what lies in it counts.
PLACES = re.compile(
    rb"(?:(?<![\w.~:/-])|(?<=file://))(?:"
    + b"|".join(re.escape(place.encode()) for place in sorted(MACHINE))
    + rb")/[\w.-]+"
)


def read(name: str) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / name).read_text("utf-8")


def git(*arguments: str) -> str:
    """Return what git prints."""
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def version() -> str:
    """Return the version of the package."""
    [found] = re.findall(r'^__version__ = "(.+)"$', read("src/otp_passkeys/__init__.py"), re.M)
    return str(found)


def wrong_in_source(this: str) -> list[str]:
    """Return what is wrong with or without a tag."""
    [first, *_] = re.findall(r"^(\d\S*) \(.+\)$", read("CHANGELOG.rst"), re.M)
    wrong = []
    if first != this:
        wrong.append(f"CHANGELOG.rst begins with {first}, and the package is {this}.")
    if changed := git("status", "--porcelain"):
        wrong.append(f"The tree is not clean:\n{changed}")
    return wrong


def left_for_the_tag(this: str) -> list[str]:
    """Return what still says that this version is not released."""
    left = []
    if not re.search(rf"^{re.escape(this)} \(\d{{4}}-\d\d-\d\d\)$", read("CHANGELOG.rst"), re.M):
        left.append(f"CHANGELOG.rst: write the day for (unreleased) beside {this}.")
    if "not released" in read("README.rst"):
        left.append("README.rst: its status is “not released”.")
    project = read("pyproject.toml")
    if re.search(r'^ *"Development Status :: [12] ', project, re.M):
        left.append(
            "pyproject.toml: the Development Status is that of a package without a release."
        )
    [urls] = re.findall(r"^\[project\.urls\]\n(.*?)(?=^\[)", project, re.M | re.S)
    if missing := URLS - set(re.findall(r'^"?(\w+)"? *=', urls, re.M)):
        left.append(f"pyproject.toml: [project.urls] lacks {', '.join(sorted(missing))}.")
    return left


def check_source() -> None:
    """Check the repository at this commit."""
    this = version()
    wrong, left = wrong_in_source(this), left_for_the_tag(this)
    tags = git("tag", "--points-at", "HEAD", "v*").split()
    if tags:
        wrong += left
        if tags != [f"v{this}"]:
            wrong.append(f"The package is {this}, and the commit has the tag {', '.join(tags)}.")
    if wrong:
        raise SystemExit("\n".join(wrong))
    if tags:
        print(f"{this} may be released: version, changelog, tag and tree are in step.")
    else:
        print(f"A rehearsal of {this}: the commit has no tag. Before it has one:")
        print("\n".join(left) or "nothing is left to do.")


def members(artefact: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file in an artefact."""
    if artefact.suffix == ".whl":
        with zipfile.ZipFile(artefact) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
    elif artefact.suffix == ".gz":
        with tarfile.open(artefact) as sdist:
            for member in sdist.getmembers():
                if file := sdist.extractfile(member):
                    yield member.name, file.read()
    else:
        yield artefact.name, artefact.read_bytes()


def metadata(text: bytes) -> email.message.Message:
    """Return the metadata of a distribution."""
    return email.parser.BytesParser().parsebytes(text)


def wrong_in_wheel(files: dict[str, bytes], this: str) -> list[str]:
    """Return what is wrong with the files of a wheel."""
    info = f"django_otp_passkeys-{this}.dist-info"
    wrong = []
    if files.get(f"{info}/licenses/LICENSE") != (ROOT / "LICENSE").read_bytes():
        wrong.append("The wheel has no licence, or another one.")
    about = metadata(files[f"{info}/METADATA"])
    if about["Version"] != this or about.get_all("License-File") != ["LICENSE"]:
        wrong.append("The metadata of the wheel name another version, or no file with the licence.")
    catalogues = [name for name in files if name.endswith(".po")]
    missing = {name for name in catalogues if name.removesuffix("po") + "mo" not in files}
    if not catalogues or missing:
        wrong.append(f"Catalogues that are not compiled, or none at all: {sorted(missing)}")
    shipped = {name for name in files if name.startswith("otp_passkeys/migrations/0")}
    if shipped != {
        path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.glob("migrations/0*.py")
    }:
        wrong.append(f"The migrations in the wheel are {sorted(shipped)}.")
    return wrong


def wrong_in_bill(text: bytes, this: str, names: set[str]) -> list[str]:
    """Return what is wrong with the bill of materials; it must have every dependency that the wheel names."""
    bill = json.loads(text)
    wrong = []
    if bill["bomFormat"] != "CycloneDX" or bill["metadata"]["component"]["version"] != this:
        wrong.append("The bill of materials is that of something else.")
    if missing := names - {canonical(component["name"]) for component in bill["components"]}:
        wrong.append(f"Not in the bill of materials: {', '.join(sorted(missing))}")
    return wrong


def canonical(name: str) -> str:
    """Return a name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def check_artefacts(folder: Path) -> None:
    """Check everything in a folder, which must be one wheel, one sdist and one bill of materials."""
    this = version()
    stem = f"django_otp_passkeys-{this}"
    wheel, sdist, bill = f"{stem}-py3-none-any.whl", f"{stem}.tar.gz", f"{stem}.cdx.json"
    if (found := {path.name for path in folder.iterdir()}) != {wheel, sdist, bill}:
        raise SystemExit(f"What was built is {', '.join(sorted(found))}.")
    content = {name: dict(members(folder / name)) for name in (wheel, sdist, bill)}
    wrong = wrong_in_wheel(content[wheel], this)
    if f"{stem}/LICENSE" not in content[sdist]:
        wrong.append("The sdist has no licence.")
    about = metadata(content[wheel][f"{stem}.dist-info/METADATA"])
    wanted = {canonical(re.split(r"[^\w.-]", one)[0]) for one in about.get_all("Requires-Dist", [])}
    wrong += wrong_in_bill(content[bill][bill], this, wanted)
    for artefact, files in content.items():
        for name, text in files.items():
            if place := PLACES.search(text):
                wrong.append(f"{artefact}: {name} has a path of this machine, {place[0]!r}.")
    if wrong:
        raise SystemExit("\n".join(wrong))
    print(f"{wheel}, {sdist} and {bill} are as they should be.")


if __name__ == "__main__":
    if sys.argv[1] == "source":
        check_source()
    else:
        check_artefacts(Path(sys.argv[2]))
