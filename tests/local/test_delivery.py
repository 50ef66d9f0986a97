"""Lock files and Compose keep their promises."""

import ast
import json
import re
import sys

import pytest
import yaml
from django.core.management import call_command

from config.local.servers import ROOT

LONG_RUNNING = {"web", "worker", "beat", "postgres", "valkey"}
HOST = re.compile(r"https?://|file://|\.org\b|--index-url|--find-links|--trusted-host")


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_python_lock_has_a_hash_for_every_package_and_no_host(name):
    text = (ROOT / name).read_text()
    packages = re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.M)[1:]
    assert len(packages) > 40
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert HOST.findall(text) == []


def test_python_lock_holds_what_debian_12_needs_beside_our_own_version():
    # pip leaves it out when locking on a newer Python, and then refuses to install on 3.11.2.
    assert "\nasync-timeout==" in (ROOT / "requirements.lock").read_text()


def test_base_lock_is_part_of_the_development_lock():
    def pins(name):
        return set(re.findall(r"^[A-Za-z0-9_.-]+==\S+", (ROOT / name).read_text(), re.M))

    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()


def test_npm_lock_has_integrity_and_no_host():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_every_service_that_stays_has_a_health_check(compose):
    staying = {
        name for name, service in compose["services"].items() if service.get("restart") != "no"
    }
    assert staying == LONG_RUNNING
    assert {name for name in staying if "healthcheck" in compose["services"][name]} == staying


# What is no secret, is one only while keys are changed, or belongs to a channel that may be off.
OPTIONAL = {
    "SECRET_KEY_FALLBACKS": "",
    "PASSWORD_PROFILE": "dengbao",
    "PASSWORD_SLOTS": "4",
    "ONE_TIME_PASSWORD_HOURS": "72",
    "EMAIL_URL": "consolemail://",
    "NOTICE_GATEWAY_URL": "",
    "NOTICE_GATEWAY_SECRET": "",
}
REQUIRED = r"\$\{[A-Z_]+:\?[^}]+\}"


def comes_from_outside(name: str, value: str) -> bool:
    """The secret in it is asked of the environment; what may be left out has a known stand-in."""
    if name in OPTIONAL:
        return value == f"${{{name}:-{OPTIONAL[name]}}}"
    if name.endswith("_URL"):
        return re.fullmatch(rf"[a-z]+://\w*:{REQUIRED}@[\w.:/-]+", value) is not None
    return not re.search(r"SECRET|PASSWORD|KEYS", name) or bool(re.fullmatch(REQUIRED, value))


def test_compose_has_no_secret_of_its_own_and_says_which_is_missing(compose):
    given = [
        (name, str(value))
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
    ]
    assert {name for name, _ in given} >= {"DATABASE_URL", "OWNER_DATABASE_URL", *OPTIONAL}
    assert [name for name, value in given if not comes_from_outside(name, value)] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://portal_app:letmein@postgres:5432/portal"),
        ("DATABASE_URL", "postgres://portal_app:${POSTGRES_APP_PASSWORD:-letmein}@postgres/portal"),
        ("REDIS_URL", "${REDIS_URL:-redis://valkey:6379/0}"),
        ("EMAIL_URL", "smtp+tls://portal:letmein@mail:587"),
        ("EMAIL_URL", "${EMAIL_URL:-smtp+tls://portal:letmein@mail:587}"),
        ("NOTICE_GATEWAY_SECRET", "${NOTICE_GATEWAY_SECRET:-sixteen-letters-}"),
        ("SECRET_KEY", "${SECRET_KEY:-letmein}"),
    ],
)
def test_a_secret_written_into_compose_is_refused(name, value):
    assert not comes_from_outside(name, value)


def test_portal_containers_are_read_only_and_data_are_in_named_volumes(compose):
    for name in ("web", "worker", "beat", "migrate"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    for name in ("postgres", "valkey"):
        volume = compose["services"][name]["volumes"][0].partition(":")[0]
        assert volume in compose["volumes"]


def test_web_and_worker_share_the_uploaded_files(compose):
    for name in ("web", "worker"):
        service = compose["services"][name]
        [volume] = service["volumes"]
        source, _, place = volume.partition(":")
        assert source in compose["volumes"]
        assert service["environment"]["FILES_ROOT"] == place
        assert f"-m 0700 {place}" in (ROOT / "Dockerfile").read_text()


def test_static_files_can_be_collected_under_hashed_names(tmp_path, settings):
    """What the image does, without the compression: a reference to a missing file would fail."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command(
        "collectstatic", interactive=False, verbosity=0, ignore_patterns=["vendor/icons/*"]
    )
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    for needed in ("vendor/tabler/tabler.min.css", "vendor/echarts/echarts.min.js"):
        assert (tmp_path / names[needed]).stat().st_size > 100_000


def test_the_image_does_not_run_as_root():
    text = (ROOT / "Dockerfile").read_text()
    final_stage = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER portal$", final_stage, re.M)


def test_compose_and_make_run_listen_to_the_same_queues(compose):
    command = compose["services"]["worker"]["command"]
    queues = command[command.index("-Q") + 1]
    assert f'"{queues}"' in (ROOT / "config" / "local" / "run.py").read_text()


def test_setup_runs_on_the_bare_standard_library():
    source = (ROOT / "config" / "local" / "setup.py").read_text()
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", source, re.M))
    ast.parse(source, feature_version=(3, 8))  # It must live to say that Python is too old.
    assert imported - set(sys.stdlib_module_names) - {"__future__"} == set()
