import subprocess
import sys


def test_help_imports_none_of_what_only_commands_need():
    code = "import sys; from bot.cli import group; group.main(['--help'], standalone_mode=False); print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    modules = set(shown.splitlines()[-1].split())
    heavy = {"pydantic", "sqlalchemy", "docker", "github", "git", "flask", "rich", "ruamel", "kubernetes", "alembic"}
    assert not modules & heavy
