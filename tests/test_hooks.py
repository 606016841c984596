"""The pre-commit hooks, run by the real pre-commit in a real repository; and shell completion, in a real shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, ROOT

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
pytest.importorskip("pre_commit", reason="pre-commit is not installed (extra test)")
yaml = pytest.importorskip("yaml", reason="pre-commit is not installed (extra test)")
HOOKS = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}
# The installed command, as the hooks' entries and completion call it.
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def call(*command: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": PATH,
        "PRE_COMMIT_HOME": str(cwd / ".cache"),
        "PYTHONIOENCODING": "utf-8",
        **env,
    }
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=300, env=environment
    )


def test_the_manifest_is_valid(tmp_path: Path) -> None:
    done = call(sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with both hooks, as they are but for their environment: this one, not one that pip makes."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    hooks = [{**hook, "language": "system"} for hook in HOOKS.values()]
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (tmp_path / ".gitignore").write_text(".cache\n", encoding="utf-8")
    (tmp_path / "analyzer.toml").write_text(
        'ignore = ["drafts/"]\n[thresholds]\nlabel = 0\nmatters = 0\n', encoding="utf-8"
    )
    (tmp_path / "code.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "drafts").mkdir()
    for name in ("column.md", "drafts/column.md"):
        shutil.copy(EXAMPLES / "opinion-column.md", tmp_path / name)
    for command in (["init", "-q"], ["add", "-A"]):
        assert call("git", *command, cwd=tmp_path).returncode == 0
    return tmp_path


def hook(repository: Path, name: str) -> subprocess.CompletedProcess[str]:
    return call(sys.executable, "-m", "pre_commit", "run", name, "--all-files", "--color=never", cwd=repository)


def test_one_hook_blocks_and_the_other_only_shows(repository: Path) -> None:
    blocked = hook(repository, "analyzer")
    assert blocked.returncode == 1, blocked.stdout
    assert "column.md:" in blocked.stdout and "warning unsourced: " in blocked.stdout
    assert "code.py" not in blocked.stdout
    assert "drafts/column.md:" not in blocked.stdout.replace("drafts/column.md: passed over", "")
    shown = hook(repository, "analyzer-warn")
    assert shown.returncode == 0, shown.stdout
    assert "warning unsourced: " in shown.stdout


def test_a_silenced_document_passes(repository: Path) -> None:
    path = repository / "column.md"
    path.write_text(f"<!-- analyzer: begin ignore -->\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    call("git", "add", "-A", cwd=repository)
    assert hook(repository, "analyzer").returncode == 0


@pytest.mark.skipif(shutil.which("analyzer", path=PATH) is None, reason="the command is not installed")
@pytest.mark.parametrize(
    ("words", "offered"),
    [("analyzer rep", ["report"]), ("analyzer report --fail-", ["--fail-over", "--fail-on"]),
     ("analyzer report --format s", ["sarif"]), ("analyzer report --fail-on unsourced,l", ["unsourced,loaded"])],
)  # fmt: skip
def test_bash_completes_commands_options_formats_and_rules(tmp_path: Path, words: str, offered: list[str]) -> None:
    script = (
        'eval "$(analyzer --show-completion bash)"\n'
        f'COMP_LINE="{words}"; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n'
        '_analyzer_completion analyzer "${COMP_WORDS[$COMP_CWORD]}" ""; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = call("bash", "-c", script, cwd=tmp_path)
    assert set(offered) <= set(done.stdout.split()), done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("analyzer", path=PATH) is None, reason="the command is not installed")
def test_completion_is_installed_for_the_shell_that_asks(tmp_path: Path) -> None:
    # With a second command, bash stays the parent; of a single one it becomes the process, and no shell may be left.
    done = call("bash", "-c", "analyzer --install-completion bash; exit $?", cwd=tmp_path, HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "_analyzer_completion" in "".join(
        path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file() and "analyzer" in path.name
    )
