"""Writes beside a wheel, as CycloneDX, which releases of what it depends on it was tested with."""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "constraints.txt"


def install(wheel: Path, environment: Path) -> Path:
    """Install the wheel and what it needs, and nothing else, in a new environment, and return its Python."""
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    # By name and from its folder: pip would write down where a wheel that is named by its path lay on this machine.
    name, version = wheel.name.split("-")[:2]
    local = ["--no-index", "--no-deps", "--find-links", wheel.parent, f"{name}=={version}"]
    subprocess.run([*pip, "install", *local], check=True)
    subprocess.run([*pip, "install", "--constraint", LOCK, f"{name}=={version}"], check=True)
    subprocess.run([*pip, "uninstall", "--yes", "setuptools", "pip"], check=True)
    return python


def name_the_wheel(sbom: Path, wheel: Path) -> None:
    """Say of which file it is the bill: the tool reads pyproject.toml, which leaves the version to the build."""
    bill = json.loads(sbom.read_text("utf-8"))
    described = bill["metadata"]["component"]
    version = wheel.name.split("-")[1]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    described["version"] = version
    described["purl"] = f"pkg:pypi/{described['name']}@{version}"
    described["hashes"] = [{"alg": "SHA-256", "content": digest}]
    sbom.write_text(json.dumps(bill, indent=2) + "\n", "utf-8")


def main() -> None:
    """Write the bill of materials of the wheel that the command line names."""
    wheel = Path(sys.argv[1]).resolve()
    sbom = wheel.with_name("-".join(wheel.name.split("-")[:2]) + ".cdx.json")
    with tempfile.TemporaryDirectory() as folder:
        python = install(wheel, Path(folder) / "environment")
        describe = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
        project = ["--pyproject", ROOT / "pyproject.toml", "--mc-type", "library"]
        subprocess.run([*describe, *project, "--output-file", sbom, python], check=True)
    name_the_wheel(sbom, wheel)


if __name__ == "__main__":
    main()
