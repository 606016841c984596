"""The built wheel in a virtual environment of its own, outside the checkout: it holds the model and needs no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("build", reason="build is not installed (extra test)")
    pytest.importorskip("hatchling", reason="hatchling is not installed (extra test)")
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_package_and_the_model_and_no_pickle(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"analyzer/models/default/model.int8.onnx", "analyzer/models/default/model.int8.onnx.data"} <= set(names)
    assert "analyzer/models/default/README.md" in names
    assert not [name for name in names if "models/large" in name]
    assert "analyzer/py.typed" in names
    for part in ("templates/page.html", "style/page.css", "script/solver.js", "vendor/dagre.min.js"):
        assert f"analyzer/render/html/{part}" in names
    for part in ("templates/overview.html", "style/overview.css"):
        assert f"analyzer/overview/{part}" in names
    assert not [
        name for name in names if name.startswith(("tests/", "labeled/")) or name.endswith((".pkl", ".pt", ".bin"))
    ]


def test_the_installed_wheel_reports_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Installed as files into a folder of its own; the dependencies are those that this environment has."""
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    code = (
        "import sys, analyzer, pathlib\n"
        "assert pathlib.Path(analyzer.__file__).is_relative_to(sys.argv.pop(1)), analyzer.__file__\n"
        "from analyzer.cli import main; main()"
    )
    arguments = [str(site), "report", "--format", "json", str(EXAMPLES / "opinion-column.md")]
    environment = {**os.environ, "PYTHONPATH": str(site), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, cwd=tmp_path, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads(done.stdout)
    assert len(report["sentences"]) > 25


def test_a_report_opens_no_connection(tmp_path: Path) -> None:
    code = (
        "import sys, socket\n"
        "def refuse(*a, **k): raise AssertionError('a connection was opened')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from analyzer.cli import main; main()"
    )
    page = tmp_path / "page.html"
    page.write_text(
        "<html><body><article><h1>Rates</h1><p>The council raised rates by 9 percent, the utility said, and nobody "
        "voted against it at the meeting on Tuesday.</p><img src='http://example.com/x.png'><p>It was a mistake that "
        "this town will regret for as long as it pays its bills.</p></article></body></html>",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, "-c", code, "report", str(page)], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert "mistake" in done.stdout.decode()
