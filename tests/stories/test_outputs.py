"""What jobs may leave in their output file, and that nothing of what is refused is ever seen again."""

import json

import pytest

from bot.core.events import Want
from bot.core.report import State, StepState
from bot.core.standing import dumps
from tests.world.leaks import leaks

pytestmark = pytest.mark.slow

CANARY = "CANARY-7d1f"
SUNG = "".join(f"\\{ord(letter):03o}" for letter in CANARY)
"""The canary as `printf` is told it, so that it stands nowhere but in what a job wrote."""
FILE = "$MATINEE_OUTPUT_FILE"
HALF = 61 * 2**10


def put(text: str) -> str:
    return f"printf '{text}' > {FILE}"


def long(begin: str, *, times: int) -> str:
    """A file whose last value goes on for that many times 61 KiB."""
    end = '"}}'
    return "; ".join([put(begin), *(f"printf $HALF >> {FILE}" for _ in range(times)), f"printf '{end}' >> {FILE}"])


HOSTILE = {
    "no-json": (put(SUNG), "is no JSON, at line 1, column 1"),
    "cut-off": (put(f'{{"A":\\n{{"value": "{SUNG}'), "is no JSON, at line 2"),
    "more-after": (put(f'{{"A": {{"value": "x"}}}} {SUNG}'), "is no JSON, at line 1, column 23"),
    "a-list": (put(f'["{SUNG}"]'), "no JSON object"),
    "a-word": (put(f'"{SUNG}"'), "no JSON object"),
    "no-value": (put(f'{{"A": {{"{SUNG}": 1}}}}'), '1st key without "value"'),
    "no-entry": (put(f'{{"A": "{SUNG}"}}'), "1st key without an object"),
    "bad-name": (put(f'{{"{SUNG}": {{"value": "{SUNG}"}}}}'), "no variable name"),
    "twice": (put(f'{{"A": {{"value": 1}}, "A": {{"value": "{SUNG}"}}}}'), "gives its 1st key again as its 2nd"),
    "odd-mark": (put(f'{{"A": {{"value": 1, "sensitive": "{SUNG}"}}}}'), "neither true nor false"),
    "no-utf8": (put(f'{{"A": {{"value": "{SUNG}\\377"}}}}'), "is not UTF-8, at line 1"),
    "too-deep": (put(f'{{"A": {{"value": {"[" * 20}"{SUNG}"{"]" * 20}}}}}'), "more than 20 deep"),
    "a-nul": (put(f'{{"A": {{"value": "{SUNG}\\\\u0000"}}}}'), "NUL in the 1st key"),
    "many-keys": (
        put("{" + ", ".join(f'"A{number}": {{"value": "{SUNG}"}}' for number in range(1001)) + "}"),
        "has 1001 keys; 1000 are allowed",
    ),
    "large-value": (long(f'{{"A": {{"value": "{SUNG}', times=2), "more than 120 KiB in the 1st key"),
    "large-file": (f"head -c 2097152 /dev/zero > {FILE}", "output file"),
    "a-link": (f"ln -s /etc/passwd {FILE}", "output file"),
    "a-pipe": (f"mkfifo {FILE}", "output file"),
    "a-folder": (f"mkdir {FILE}", "output file"),
}
RIGHT = {
    "no-file": ("echo nothing to say", {}),
    "empty": (put(""), {}),
    "no-keys": (put("{}"), {}),
    "terraform": (
        put(
            '{"host": {"sensitive": false, "type": "string", "value": "db.internal"},'
            ' "ports": {"sensitive": false, "type": ["list", "number"], "value": [80, 443]}}'
        ),
        {"host": "db.internal", "ports": "[80,443]"},
    ),
    "no-strings": (put('{"A": {"value": 1.10}, "B": {"value": true}, "C": {"value": null}}'), None),
}


def job(name: str, script: str, *, outputs: str = "{}", needs: str = "[]", event: str = "deploy") -> str:
    return f"""\
  {name}:
    image: busybox
    needs: {needs}
    outputs: {outputs}
    variables: {{HALF: {"h" * HALF if "HALF" in script else "h"}}}
    on:
      {event}: {{entrypoint: [sh, -c], args: [{json.dumps(script)}]}}
"""


def spec(*jobs: str, services: str = "{}") -> str:
    return f"version: 1\nservices: {services}\njobs:\n{''.join(jobs)}"


@pytest.fixture
def opened(forge, bot):
    def open_pull(text: str):
        pull = forge.repository("acme/shop", {"matinee.yaml": text}).open_pull()
        bot.settle()
        return pull

    return open_pull


def printed(bot, pull) -> list[str]:
    books = [book for book in bot.world.inbox.logs.kept(pull.key.environment) if book[1].startswith("run ")]
    return [line for book in books for _, line in bot.world.inbox.logs.lines(pull.key.environment, *book)]


def standing(bot, pull):
    (home,) = [home for home in bot.world.runner.homes() if home.environment == pull.key.environment]
    return bot.world.runner.recall(home)


def test_what_is_no_output_file_fails_the_job_with_the_reason_and_no_byte_of_it_is_kept(opened, bot, tmp_path):
    pull = opened(spec(*(job(name, script) for name, (script, _) in HOSTILE.items())))
    steps = bot.steps(pull)
    for name, (_, reason) in HOSTILE.items():
        step = steps[f"run {name} on deploy"]
        assert step.state is StepState.FAILED, name
        assert reason in step.why, name
        assert "output file" in step.why, name
    assert bot.report(pull).state is State.FAILED
    assert bot.report(pull).outputs == ()
    assert leaks(tmp_path, CANARY) == []
    assert CANARY.encode() not in dumps(standing(bot, pull))
    assert CANARY not in pull.comment.body + "".join(status.description for status in pull.statuses)
    assert not any(CANARY in line for line in printed(bot, pull))
    assert CANARY not in repr(bot.report(pull))


@pytest.mark.parametrize("on_invalid", ["warn", "keep-previous"])
def test_also_where_the_job_may_go_on_no_byte_of_a_refused_file_is_kept(opened, bot, tmp_path, on_invalid):
    pull = opened(
        spec(*(job(name, script, outputs=f"{{on_invalid: {on_invalid}}}") for name, (script, _) in HOSTILE.items()))
    )
    for name, (_, reason) in HOSTILE.items():
        step = bot.steps(pull)[f"run {name} on deploy"]
        assert step.state is StepState.SUCCEEDED, name
        assert reason in step.why, name
    assert leaks(tmp_path, CANARY) == []
    assert CANARY.encode() not in dumps(standing(bot, pull))
    assert CANARY not in pull.comment.body


def test_every_right_form_is_read(opened, bot):
    pull = opened(spec(*(job(name, script) for name, (script, _) in RIGHT.items())))
    assert bot.report(pull).state is State.RUNNING
    found: dict[str, dict[str, str | None]] = {name: {} for name in RIGHT}
    for each in bot.report(pull).outputs:
        found[each.job][each.name] = each.value
    wanted = {name: values for name, (_, values) in RIGHT.items() if values is not None}
    assert found == {**wanted, "no-strings": {"A": "1.10", "B": "true", "C": "null"}}


SECRET = "t0p-s3cr3t/value"
SPELT = "".join(f"\\{ord(letter):03o}" for letter in SECRET)
SENSITIVE = f'{{"KEY": {{"value": "{SPELT}", "sensitive": true}}, "URL": {{"value": "http://x/?{SPELT}"}}}}'


def test_a_sensitive_output_is_nowhere_but_in_the_standing(opened, bot, tmp_path):
    teller = job("teller", f"printf 'it is {SPELT}\\n'; {put(SENSITIVE)}")
    later = job("later", 'echo "key $KEY url $URL"; exit 4', needs="[teller]").replace(
        "HALF: h", 'KEY: "${jobs.teller.outputs.KEY}", URL: "${jobs.teller.outputs.URL}"'
    )
    pull = opened(spec(teller, later))
    assert printed(bot, pull) == ["it is •••", "key ••• url •••"]
    assert [(each.name, each.value) for each in bot.report(pull).outputs] == [("KEY", None), ("URL", None)]
    assert leaks(tmp_path, SECRET) == []
    assert SECRET not in pull.comment.body
    assert SECRET.encode() in dumps(standing(bot, pull))


def test_what_is_said_about_an_output_is_masked_as_its_value_is(opened, bot, tmp_path):
    entry = f'{{"KEY": {{"value": "{SPELT}", "sensitive": true, "description": "it begins with {SPELT}"}}}}'
    pull = opened(spec(job("teller", put(entry))))
    assert [each.description for each in bot.report(pull).outputs] == ["it begins with •••"]
    assert SECRET not in pull.comment.body
    assert leaks(tmp_path, SECRET) == []


def test_an_output_that_was_open_is_masked_from_the_moment_at_which_another_one_makes_it_secret(opened, bot):
    first = job("first", put(f'{{"URL": {{"value": "http://x/?{SPELT}", "description": "see {SPELT}"}}}}'))
    then = job("then", put(f'{{"KEY": {{"value": "{SPELT}", "sensitive": true}}}}'), needs="[first]")
    pull = opened(spec(first, then))
    assert [(each.value, each.description) for each in bot.report(pull).outputs] == [
        ("http://x/?•••", "see •••"),
        (None, ""),
    ]
    assert SECRET not in pull.comment.body


def test_a_short_sensitive_output_is_hidden_as_an_output_and_not_hunted_in_text(opened, bot):
    pull = opened(spec(job("teller", "echo abc; " + put('{"PIN": {"value": "abc", "sensitive": true}}'))))
    assert [(each.name, each.value) for each in bot.report(pull).outputs] == [("PIN", None)]
    assert printed(bot, pull) == ["abc"]


def test_outputs_of_a_stop_run_are_read_as_its_declaration_says_and_shown(opened, bot, tmp_path):
    text = spec(
        job(
            "backup", put(SENSITIVE.replace(', "sensitive": true', "")), outputs="{declare: {KEY: {sensitive: true}}}"
        ).replace("deploy:", "stop:")
    )
    pull = opened(text)
    bot.asked(pull, Want.STOP)
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    assert [(each.name, each.value) for each in bot.report(pull).outputs] == [("KEY", None), ("URL", None)]
    assert leaks(tmp_path, SECRET) == []


def test_values_that_fit_no_program_together_fail_what_needs_them_before_it_is_started(opened, bot):
    big = job("big", long('{"A": {"value": "', times=1))
    web = '{web: {image: busybox, port: 80, variables: {BOTH: "${jobs.big.outputs.A}${jobs.big.outputs.A}"}}}'
    pull = opened(spec(big, services=web))
    step = bot.steps(pull)["start web"]
    assert step.state is StepState.FAILED
    assert "services.web.variables.BOTH is over 120 KiB" in step.why
