"""Checks a wheel: it holds every file of the package, and a new site runs on it in an empty environment."""

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "otp_passkeys"
LOCK = ROOT / "constraints.txt"
LEFT_BY_TOOLS = re.compile(r"/\.|\.pyc$")

# What the README tells a site to add to the settings and addresses that startproject makes.
SITE = {
    "settings.py": """
INSTALLED_APPS += ["django_otp", "otp_passkeys"]
MIDDLEWARE += ["django_otp.middleware.OTPMiddleware"]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend", "otp_passkeys.backends.PasskeyBackend"
]
""",
    "urls.py": """
from django.urls import include, path
urlpatterns += [path("passkeys/", include("otp_passkeys.urls"))]
""",
}


def left_out(wheel: Path) -> set[str]:
    """Return the files of the package that are not in the wheel: a template or a script, say."""
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    files = (path.relative_to(ROOT / "src") for path in PACKAGE.rglob("*") if path.is_file())
    return {name for path in files if not LEFT_BY_TOOLS.search(name := path.as_posix())} - shipped


def run_new_site(wheel: Path, folder: Path) -> None:
    """Do with the wheel what the README says, on the site that startproject makes."""
    environment, site = folder / "environment", folder / "site"
    python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    install = [python, "-m", "pip", "install", "--quiet", "--constraint", LOCK, wheel]
    subprocess.run(install, check=True)
    site.mkdir()
    subprocess.run([python, "-m", "django", "startproject", "site_of_mine", site], check=True)
    for name, lines in SITE.items():
        with (site / "site_of_mine" / name).open("a") as file:
            file.write(lines)
    for command in (["check", "--fail-level=WARNING"], ["migrate"], ["migrate", "--check"]):
        subprocess.run([python, "-W", "error", site / "manage.py", *command], check=True)


def main() -> None:
    """Check the wheel that the command line names."""
    wheel = Path(sys.argv[1])
    if missing := left_out(wheel):
        raise SystemExit(f"Not in the wheel: {', '.join(sorted(missing))}")
    with tempfile.TemporaryDirectory() as folder:
        run_new_site(wheel, Path(folder))


if __name__ == "__main__":
    main()
