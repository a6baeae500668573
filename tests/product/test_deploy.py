"""The examples of deployment are valid, and call the product as it is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shopwright.cli.program import parse

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def test_yaml_is_in_good_style():
    pytest.importorskip("yamllint")
    from yamllint import linter
    from yamllint.config import YamlLintConfig

    rules = "{extends: default, rules: {line-length: {max: 120}, document-start: disable}}"
    for name in ("compose.yaml", "kubernetes.yaml"):
        assert [*linter.run((DEPLOY / name).read_text(), YamlLintConfig(rules))] == []


def test_the_compose_file_follows_its_specification():
    pytest.importorskip("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    run = subprocess.run([*command, str(DEPLOY / "compose.yaml")], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_kubernetes_manifest_follows_its_schemas():
    validate = pytest.importorskip("kubernetes_validate")
    yaml = pytest.importorskip("yaml")
    documents = [*yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())]
    assert [document["kind"] for document in documents] == ["Job", "Deployment", "Service"]
    for document in documents:
        validate.validate(document, "1.30", strict=True)


def test_systemd_takes_the_unit(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    # It complains of programs that are not there.
    unit = (DEPLOY / "shopwright.service").read_text()
    copy = tmp_path / "shopwright.service"
    copy.write_text(unit.replace("/opt/shopwright/bin/shopwright", "/bin/true"))
    command = ["systemd-analyze", "verify", "--man=no", str(copy)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert [line for line in run.stderr.splitlines() if copy.name in line] == []


def commands() -> dict[str, list[str]]:
    """File → the words after `shopwright` that begin the service."""
    texts = {path.name: path.read_text() for path in DEPLOY.iterdir() if path.is_file()}
    unit = re.search(r"^ExecStart=\S+ (.*)$", texts["shopwright.service"], re.MULTILINE)
    image = re.search(r"^CMD \[(.*)\]$", texts["Dockerfile"], re.MULTILINE)
    assert unit
    assert image
    found = {
        "shopwright.service": unit[1].split(),
        "Dockerfile": re.findall(r'"([^"]+)"', image[1]),
    }
    for name in ("compose.yaml", "kubernetes.yaml"):
        listed = re.search(r"- serve\n(?: +- --.*\n)+", texts[name])
        assert listed
        found[name] = [line.strip().removeprefix("- ") for line in listed[0].splitlines()]
    return found


@pytest.mark.parametrize(
    "name", ["shopwright.service", "Dockerfile", "compose.yaml", "kubernetes.yaml"]
)
def test_commands_are_the_products_own(name):
    _, arguments = parse(commands()[name])
    assert arguments.workers == 2
    assert arguments.log_format == "json"
