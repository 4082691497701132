"""What a bot says at its start."""

from dataclasses import replace
from threading import Event

import pytest

from bot import settings
from bot.web.server import begin
from bot.world import world

SIGNING = f"whsec_{'MDEy' * 12}"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"MATINEE_GITLAB_TOKEN": "glpat-x"}, "MATINEE_GITLAB_WEBHOOK_SECRET"),
        ({"MATINEE_GITHUB_TOKEN": "ghp-x"}, "MATINEE_GITHUB_WEBHOOK_SECRET"),
        ({"MATINEE_GITHUB_WEBHOOK_SECRET": "s"}, "MATINEE_GITHUB_TOKEN"),
        (
            {"MATINEE_GITLAB_SIGNING_TOKEN": SIGNING},
            "MATINEE_GITLAB_TOKEN",
        ),
        ({"MATINEE_GITLAB_URL": "https://gitlab.example"}, ""),
    ],
    ids=lambda given: next(iter(given), "") if isinstance(given, dict) else "",
)
def test_a_forge_that_is_set_up_by_half_is_named_with_the_setting_that_it_lacks(tmp_path, caplog, given, says):
    memory = {"MATINEE_STATE": str(tmp_path), "MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
    free = {"MATINEE_LISTEN": "127.0.0.1:0", "MATINEE_ADMIN_LISTEN": "127.0.0.1:0"}
    chosen, over = settings.settings({**memory, **free, **given}), Event()
    opened = replace(world(chosen), hooked=frozenset({"memory"}))
    begin(chosen, opened, over)
    over.set()
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == bool(says)
    assert says in "".join(warnings)
