"""Every form of output file on a real engine, as root and as somebody else: what is refused is never seen again."""

import json

import pytest

from tests.world.bot import Bot
from tests.world.github import GitHubWorld
from tests.world.leaks import leaks

pytestmark = [pytest.mark.engine, pytest.mark.slow]

CANARY = "CANARY-7d1f-of-a-job"
SUNG = "".join(f"\\{ord(letter):03o}" for letter in CANARY)
"""The canary as `printf` is told it, so that it stands nowhere but in what a job wrote."""
FILE = "$MATINEE_OUTPUT_FILE"
PASSWD = "root:x:0:0"


def put(text: str) -> str:
    return f"printf '{text}' > {FILE}"


RIGHT = {
    "no-file": ("true", {}),
    "empty": (f": > {FILE}", {}),
    "no-keys": (put("{}"), {}),
    "terraform": (
        put('{"host": {"sensitive": false, "type": "string", "value": "db"}, "ports": {"value": [80]}}'),
        {"host": "db", "ports": "[80]"},
    ),
    "no-strings": (
        put('{"A": {"value": 1.10}, "B": {"value": true}, "C": {"value": null}}'),
        {"A": "1.10", "B": "true", "C": "null"},
    ),
    "mode-000": (put('{"A": {"value": "x"}}') + f"; chmod 000 {FILE}", {"A": "x"}),
}
WRONG = {
    "no-json": (put(SUNG), "is no JSON, at line 1, column 1"),
    "bad-name": (put(f'{{"{SUNG}": {{"value": "{SUNG}"}}}}'), "no variable name"),
    "twice": (put(f'{{"A": {{"value": 1}}, "A": {{"value": "{SUNG}"}}}}'), "gives its 1st key again as its 2nd"),
    "two-mib": (put(SUNG) + f"; head -c 2097152 /dev/zero >> {FILE}", "at most 1048576 are read"),
    "sparse": (put(SUNG) + f"; truncate -s 10G {FILE}", "at most 1048576 are read"),
    "link": (f"ln -s /etc/passwd {FILE}", "is a link"),
    "pipe": (f"mkfifo {FILE}", "is a pipe"),
    "folder": (f"mkdir {FILE}; printf '{SUNG}' > {FILE}/qovery-output.json", "is a folder"),
    "closed": (put(SUNG) + f"; chmod 000 {FILE}", "is no JSON, at line 1, column 1"),
}
USERS = {"root": "", "user 1000": "    user: 1000\n"}


def job(name: str, script: str, more: str) -> str:
    trigger = json.dumps({"entrypoint": ["sh", "-c"], "args": [script]})
    return f"  {name}:\n    image: busybox\n{more}    on: {{deploy: {trigger}}}\n"


def spec(user: str) -> str:
    jobs = (job(form, script, user) for form, (script, _) in {**RIGHT, **WRONG}.items())
    return f"version: 1\njobs:\n{''.join(jobs)}"


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    with Bot(tmp_path / "state", {**world.settings, "workers": "2"}) as bot:
        world.hook = bot.hook
        yield bot


@pytest.mark.parametrize("user", USERS.values(), ids=USERS)
def test_each_form_ends_as_documented_and_no_byte_of_what_is_refused_is_kept_or_told(world, bot, tmp_path, user):
    pull = world.repository("acme/forms", {"matinee.yaml": spec(user)}).open_pull()
    environment = pull.key.environment
    report = bot.settled(environment, pull.head, "running", "failed")
    steps = {step["name"]: step for step in report["steps"]}
    found = {form: {} for form in {**RIGHT, **WRONG}}
    for each in report["outputs"]:
        found[each["job"]][each["name"]] = each["value"]
    for form, (_, wanted) in RIGHT.items():
        assert (steps[f"run {form} on deploy"]["state"], found[form]) == ("succeeded", wanted), form
    for form, (_, reason) in WRONG.items():
        step = steps[f"run {form} on deploy"]
        assert (step["state"], found[form], reason in step["why"]) == ("failed", {}, True), form
    said = bot.run("list", "--json") + bot.run("list") + bot.told() + pull.comment.body
    said += "".join(bot.run("logs", environment, f"run {form} on deploy") for form in WRONG)
    for secret in (CANARY, PASSWD):
        assert secret not in said
        assert leaks(tmp_path, secret) == []
    pull.close()
    bot.settled(environment, None, "deleted")
