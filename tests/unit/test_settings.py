"""What can be set from the environment, and what is said of what cannot."""

from dataclasses import fields
from pathlib import Path

import pytest

from api.settings import Settings, default_index
from index.errors import SettingError


def test_nothing_set_means_the_defaults():
    settings = Settings.from_env({})
    assert settings == Settings(index=default_index())
    assert (settings.host, settings.port, settings.api_key) == ("127.0.0.1", 8000, "")


def test_everything_can_be_set():
    made = Settings.from_env(
        {
            "DATELINE_INDEX": "/data/news",
            "DATELINE_HOST": "0.0.0.0",
            "DATELINE_PORT": "9000",
            "DATELINE_WORKERS": "8",
            "DATELINE_API_KEY": "secret",
            "DATELINE_MODEL": "en_core_web_lg",
            "DATELINE_WAIT": "2.5",
            "DATELINE_MAX_BODY": "1000000",
            "DATELINE_MAX_URL": "2000",
            "DATELINE_TIMEOUT": "60",
            "DATELINE_ARCHIVE": "postgresql+psycopg://desk@db/desk",
        }
    )
    assert made == Settings(
        index=Path("/data/news"),
        host="0.0.0.0",
        port=9000,
        workers=8,
        api_key="secret",
        model="en_core_web_lg",
        wait=2.5,
        max_body=1_000_000,
        max_url=2_000,
        timeout=60,
        archive="postgresql+psycopg://desk@db/desk",
    )


def test_blank_is_as_good_as_unset():
    names = [f"DATELINE_{field.name.upper()}" for field in fields(Settings)]
    assert Settings.from_env(dict.fromkeys(names, "  ")) == Settings.from_env({})


def test_a_home_folder_is_understood(monkeypatch):
    monkeypatch.setenv("HOME", "/home/desk")
    assert Settings.from_env({"DATELINE_INDEX": "~/index"}).index == Path("/home/desk/index")


def test_other_variables_are_none_of_ours():
    assert Settings.from_env({"PORT": "1", "DATELINE_COLOUR": "red"}) == Settings.from_env({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"), ("PORT", "-1"), ("PORT", "65536"), ("PORT", "80.5"),
        ("WORKERS", "0"), ("WORKERS", "many"), ("WORKERS", "257"),
        ("WAIT", "-1"), ("WAIT", "nan"), ("WAIT", "inf"), ("WAIT", "soon"),
        ("PRIVATE", "http://x/"), ("PRIVATE", "10.0.0.0/99"), ("COURIER", "perhaps"), ("MAIL_FROM", "anna"),
        ("MAX_BODY", "0"), ("MAX_BODY", "4MB"), ("MAX_URL", "1"), ("TIMEOUT", "0"), ("TIMEOUT", "1e9"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(name, value):
    with pytest.raises(SettingError) as caught:
        Settings.from_env({f"DATELINE_{name}": value})
    assert (caught.value.name, caught.value.value) == (f"DATELINE_{name}", value)
    assert f"DATELINE_{name}" in str(caught.value)
    assert repr(value) in str(caught.value)
    assert "it must be" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["mail.example", "http://u:secret@m", "smtp://:secret@", "smtp://u:secret@m:99999"]
)
def test_a_mail_server_that_cannot_be_used_is_refused_without_its_password(url):
    with pytest.raises(SettingError, match="DATELINE_SMTP") as caught:
        Settings.from_env({"DATELINE_SMTP": url})
    assert "secret" not in str(caught.value)


def test_the_courier_may_run_elsewhere():
    assert Settings.from_env({}).courier
    assert not Settings.from_env({"DATELINE_COURIER": "off"}).courier


def test_every_setting_is_described():
    for field in fields(Settings):
        assert f" {field.name}: " in Settings.__doc__
