"""What the spec's reader promises, sentence by sentence."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.composing.surroundings import environment_name
from bot.core.composing.variables import job_references, secret_references
from bot.core.deciding.order import deploy_order
from bot.core.events import Pull, PullKey
from bot.core.model import Drafts, Hook, Job, OnFailure, OnInvalid, Origin, Rerun, Service, Spec
from bot.core.names import Sha
from bot.core.reading.spec import LIMIT, Unreadable, read

SHOP = Pull(
    key=PullKey(forge="github", repository="1296269", number=7),
    repository="acme/shop",
    branch="colours",
    head=Sha("a" * 40),
    base="main",
    author="ana",
    open=True,
    fork=False,
)
TELLING = """\
version: 1
variables: {TOLD: "x ${secrets.B}"}
services: {web: {image: a, port: 80, %s}}
jobs: {seed: {image: a, on: {deploy: {}}, outputs: {declare: {KEY: {sensitive: true}}}}}
"""
REFERENCES = ["${secrets.A}", "${jobs.seed.outputs.KEY}", "${variables.TOLD}"]
MOUNTS = ["volumes: {'%s': 1Gi}", "files: {'%s': text}", "tasks: {t: {image: a, files: {'%s': text}}}"]
TAKEN = ["/proc", "/sys/fs", "/dev/shm", "/alloc", "/qovery-output", "/", "/a/../proc", "relative"]
OUTSIDE = ["root: ..", "root: /srv", "dockerfile: ../Dockerfile", "contexts: {a: ../b}", "contexts: {a: /b}"]
TEXTS = ["variables: {A: %s}", "files: {/a: %s}", "args: [%s]", "image: %s", "user: %s"]
KEYS = ["preview", "secrets", "variables", "services", *(f"services.web.{key}" for key in Service.model_fields)]


def spec_of(text: str) -> Spec:
    found = read(text.encode())
    assert isinstance(found, Spec), str(found)
    return found


def said(text: str | bytes) -> str:
    found = read(text if isinstance(text, bytes) else text.encode())
    assert isinstance(found, Unreadable), found
    return str(found)


def service(keys: str) -> Service:
    return spec_of(f"version: 1\nservices: {{web: {{image: a, {keys}}}}}\n").services["web"]


def refused(keys: str) -> str:
    return said(f"version: 1\nservices: {{web: {{image: a, {keys}}}}}\n")


def job(keys: str) -> Job:
    return spec_of(f"version: 1\njobs: {{seed: {{image: a, {keys}}}}}\n").jobs["seed"]


def test_drafts_are_skipped_unless_the_spec_says_deploy():
    assert spec_of("version: 1\nservices: {web: {image: a}}\n").preview.drafts is Drafts.SKIP
    text = "version: 1\npreview: {drafts: deploy}\nservices: {web: {image: a}}\n"
    assert spec_of(text).preview.drafts is Drafts.DEPLOY


def test_a_preview_may_ask_for_a_label_paths_and_times():
    preview = spec_of(
        "version: 1\npreview: {label: preview, paths: ['api/**', 'web/**'], ttl: 72h, sleep: 8h}\n"
        "services: {web: {image: a}}\n"
    ).preview
    assert (preview.label, preview.paths, preview.ttl, preview.sleep) == ("preview", ("api/**", "web/**"), "72h", "8h")


@pytest.mark.parametrize("ttl", ["8h", "480m", "1h"])
def test_a_preview_that_would_be_deleted_before_it_sleeps_is_refused(ttl):
    text = f"version: 1\npreview: {{ttl: {ttl}, sleep: 8h}}\nservices: {{web: {{image: a}}}}\n"
    assert "preview.sleep: it would be deleted after" in said(text)


@pytest.mark.parametrize("pattern", ["./api/**", "../web/**", "api/../web"])
def test_a_pattern_that_can_match_no_file_is_refused(pattern):
    text = f"version: 1\npreview: {{paths: ['{pattern}']}}\nservices: {{web: {{image: a}}}}\n"
    assert "matches no file; write it from the repository's root" in said(text)
    text = f"version: 1\njobs: {{seed: {{image: a, on: {{deploy: {{run: on-change, paths: ['{pattern}']}}}}}}}}\n"
    assert "matches no file; write it from the repository's root" in said(text)


def test_a_secret_is_generated_where_the_spec_says_so_and_given_by_the_operator_otherwise():
    spec = spec_of(
        "version: 1\nsecrets: {DB_PASSWORD: generate}\n"
        "services: {web: {image: a, variables: {A: '${secrets.DB_PASSWORD}', B: '${secrets.GIVEN}'}}}\n"
    )
    assert spec.secrets == {"DB_PASSWORD": Origin.GENERATE}


def test_a_secrets_value_in_the_file_is_refused_and_not_repeated():
    problem = said("version: 1\nsecrets: {PASSWORD: hunter2-hunter2}\nservices: {web: {image: a}}\n")
    assert "a secret's value does not stand in this file" in problem
    assert "hunter2" not in problem


def test_a_password_in_a_repositorys_address_is_refused_and_not_repeated():
    problem = said(
        "version: 1\nservices: {web: {build: {repository: 'https://me:hunter2@forge.example/acme/web.git'}}}\n"
    )
    assert "without user, password or query" in problem
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    "at", ["variables: {A: '%s'}", "files: {/etc/a: '%s'}", "tasks: {t: {image: a, variables: {A: '%s'}}}"]
)
@pytest.mark.parametrize("reference", REFERENCES)
def test_secrets_and_sensitive_outputs_go_into_variables_and_files(at, reference):
    spec_of(TELLING % (at % reference))


@pytest.mark.parametrize(
    "at",
    [
        "args: ['%s']",
        "entrypoint: ['%s']",
        "health: {exec: ['%s']}",
        "health: {http: '/%s'}",
        "tasks: {t: {image: a, args: ['%s']}}",
        "tasks: {t: {image: a, entrypoint: ['%s']}}",
        "tasks: {t: {image: a, hook: prestart, sidecar: true, health: {exec: ['%s']}}}",
        "tasks: {t: {build: {args: {A: '%s'}}}}",
    ],
)
@pytest.mark.parametrize("reference", REFERENCES)
def test_in_arguments_entrypoints_probes_and_build_arguments_they_are_refused_with_the_way_to_do_it(at, reference):
    problem = said(TELLING % (at % reference))
    assert "read" in problem or "no build arguments" in problem
    assert any(way in problem for way in ("into variables", "build.secrets", "read it inside", "before seed runs"))


def test_a_build_takes_secrets_by_name():
    text = "version: 1\nsecrets: {MADE: generate}\nservices: {web: {build: {secrets: [NPM_TOKEN, MADE]}}}\n"
    build = spec_of(text).services["web"].build
    assert build is not None
    assert build.secrets == ("NPM_TOKEN", "MADE")


def test_the_operator_has_to_give_each_secret_that_is_named_and_not_made_here():
    spec = spec_of(
        "version: 1\nsecrets: {MADE: generate}\nvariables: {A: '${secrets.SHARED} ${secrets.MADE}'}\n"
        "services: {web: {build: {secrets: [BUILT, MADE]}, files: {/a: '${secrets.FILED}'},\n"
        "  tasks: {t: {build: {secrets: [SIDE]}, variables: {B: '$${secrets.NOT} ${secrets.TASK}'}}}}}\n"
    )
    assert secret_references(spec) == {"SHARED", "BUILT", "FILED", "SIDE", "TASK"}


def test_variables_of_the_environment_know_secrets_and_services_but_no_job_outputs():
    spec_of("version: 1\nvariables: {A: 'x:${secrets.B}@${services.web.host}'}\nservices: {web: {image: a}}\n")
    text = "version: 1\nvariables: {A: '${jobs.seed.outputs.B}'}\njobs: {seed: {image: a, on: {deploy: {}}}}\n"
    assert "outputs are known only after seed ran" in said(text)


def test_a_name_that_nobody_gives_is_an_error_that_lists_the_known_ones():
    services = "services: {web: {image: a, port: 80, args: ['${services.wbe.url}']}}"
    problem = said(f"version: 1\nvariables: {{B: b}}\n{services}\n")
    assert "${services.wbe.url} is not known; did you mean services.web.url? (allowed: git.sha," in problem
    assert all(name in problem for name in ("pull.number", "environment.id", "services.web.port", "variables.B"))


def test_the_url_of_a_service_that_is_not_public_can_be_named_and_one_without_a_port_has_none():
    service("port: 80, variables: {A: '${services.web.url}'}")
    assert "web has no port, which its url needs" in refused("variables: {A: '${services.web.url}'}")


def test_the_environments_host_is_that_of_its_first_public_service():
    service("port: 80, public: true, variables: {A: '${environment.host}'}")
    assert "no service is public" in refused("port: 80, variables: {A: '${environment.host}'}")


@pytest.mark.parametrize(
    "keys",
    [
        "variables: {A: '${jobs.seed.outputs.X}'}",
        "files: {/etc/a: '${jobs.seed.outputs.X}'}",
        "args: ['${jobs.seed.outputs.X}']",
        "tasks: {t: {image: a, variables: {A: '${jobs.seed.outputs.X}'}}}",
        "tasks: {t: {image: a, files: {/etc/a: '${jobs.seed.outputs.X}'}}}",
        "tasks: {t: {image: a, entrypoint: ['${jobs.seed.outputs.X}']}}",
        "tasks: {t: {image: a, args: ['${jobs.seed.outputs.X}']}}",
        "tasks: {t: {image: a, port: 80, health: {http: '/${jobs.seed.outputs.X}'}}}",
        "tasks: {t: {image: a, health: {exec: ['${jobs.seed.outputs.X}']}}}",
    ],
)
def test_whoever_names_an_output_waits_for_its_job_also_for_the_sake_of_a_task_or_file(keys):
    spec = spec_of(
        f"version: 1\nservices: {{web: {{image: a, after_jobs: false, {keys}}}}}\n"
        "jobs: {seed: {image: a, on: {deploy: {}}}}\n"
    )
    assert job_references(spec.services["web"]) == {"seed"}
    assert deploy_order(spec)["web"] == {"seed"}


@pytest.mark.parametrize("where", ["args: ['%s']", "tasks: {t: {hook: prestart, image: a, files: {/etc/a: '%s'}}}"])
def test_what_needs_the_output_of_a_job_that_waits_for_it_is_a_cycle(where):
    keys = where % "${jobs.b.outputs.X}"
    on = f"on: {{deploy: {{{keys}}}}}" if keys.startswith("args") else f"{keys}, on: {{deploy: {{}}}}"
    text = f"version: 1\njobs: {{a: {{image: a, {on}}}, b: {{image: a, needs: [a], on: {{deploy: {{}}}}}}}}\n"
    assert "these wait for each other: " in said(text)


def test_a_job_has_no_outputs_of_its_own_yet_not_even_for_its_poststop_task():
    task = "{hook: poststop, image: a, args: ['${jobs.a.outputs.X}']}"
    text = f"version: 1\njobs: {{a: {{image: a, on: {{deploy: {{}}}}, tasks: {{t: {task}}}}}}}\n"
    assert "a cannot use its own outputs" in said(text)


def test_names_of_services_and_jobs_are_dns_labels_and_used_once():
    assert "is no name; use at most 40" in said("version: 1\nservices: {Web: {image: a}}\n")
    text = "version: 1\nservices: {web: {image: a}}\njobs: {web: {image: a, on: {deploy: {}}}}\n"
    assert "the service in line 2 has this name already" in said(text)


def test_a_spec_without_a_name_is_called_after_its_repository():
    spec = spec_of("version: 1\nservices: {web: {image: a}}\n")
    assert environment_name(spec, SHOP) == "shop-7"
    assert environment_name(spec.model_copy(update={"name": "Corner"}), SHOP) == "Corner-7"


def test_limits_restarts_and_times_have_the_documented_defaults():
    web, seed = service("port: 80"), job("on: {deploy: {}}")
    assert (web.resources.cpu, web.resources.memory, web.restarts, web.replicas) == ("500m", "512Mi", 3, 1)
    assert (web.after_jobs, web.public) == (True, False)
    trigger = next(iter(seed.on.values()))
    assert (trigger.restarts, trigger.max_duration, trigger.run, trigger.interruptible) == (0, 300, Rerun.ALWAYS, False)
    assert seed.outputs.on_invalid is OnInvalid.FAIL


def test_a_task_ends_within_300_seconds_fails_its_group_and_is_not_tried_again_unless_told_otherwise():
    task = service("tasks: {t: {hook: prestart, image: a}}").tasks["t"]
    assert (task.hook, task.sidecar, task.restarts, task.max_duration) == (Hook.PRESTART, False, 0, 300)
    assert task.on_failure is OnFailure.FAIL


def test_a_task_without_a_hook_is_one_more_main_task_of_a_service_and_no_job_has_one():
    assert service("tasks: {metrics: {image: a}}").tasks["metrics"].hook is None
    assert "metrics needs a hook" in said(
        "version: 1\njobs: {seed: {image: a, on: {deploy: {}}, tasks: {metrics: {image: a}}}}\n"
    )


@pytest.mark.parametrize("hook", Hook)
def test_the_failure_of_a_task_with_a_hook_may_be_told_only_and_that_of_a_main_task_may_not(hook):
    assert (
        service(f"tasks: {{t: {{hook: {hook}, image: a, on_failure: warn}}}}").tasks["t"].on_failure is OnFailure.WARN
    )
    assert "on_failure is for a task with a hook" in refused("tasks: {t: {image: a, on_failure: warn}}")


def test_a_poststop_sidecar_is_refused():
    assert "it cannot be a sidecar" in refused("tasks: {t: {image: a, hook: poststop, sidecar: true}}")


@pytest.mark.parametrize(
    "image",
    [
        "postgres",
        "postgres:16",
        "ghcr.io/acme/seed:1.4",
        "localhost:5000/a/b_c/d--e:V1",
        f"busybox@sha256:{'0' * 64}",
        f"sha256:{'a' * 64}",
    ],
)
def test_an_image_is_named_as_registries_name_it(image):
    assert spec_of(f"version: 1\nservices: {{web: {{image: '{image}'}}}}\n").services["web"].image == image


@pytest.mark.parametrize(
    "image", ["Postgres", "postgres:", "a//b", "-a", "a b", "https://ghcr.io/a", "a@sha256:1", "a:b:c", "a_"]
)
def test_an_image_that_no_registry_can_have_is_refused(image):
    assert "is no image; write its name" in said(f"version: 1\nservices: {{web: {{image: '{image}'}}}}\n")


def test_an_image_may_be_waited_for_and_a_build_may_not():
    assert service("wait: 10m").wait == "10m"
    assert "wait is for an image" in said("version: 1\nservices: {web: {build: {}, wait: 10m}}\n")


@pytest.mark.parametrize("path", TAKEN)
@pytest.mark.parametrize("key", MOUNTS)
def test_nothing_is_mounted_where_something_else_is(key, path):
    refused(key % path)


@pytest.mark.parametrize("build", OUTSIDE)
def test_no_path_of_a_build_leads_out_of_the_repository(build):
    assert "leads out of the repository" in said(f"version: 1\nservices: {{web: {{build: {{{build}}}}}}}\n")


def test_a_path_of_a_build_may_go_up_inside_the_repository():
    spec_of("version: 1\nservices: {web: {build: {root: web/site, dockerfile: ../Dockerfile}}}\n")


@pytest.mark.parametrize("name", ["BUILDKIT_SYNTAX", "buildkit_syntax", "BUILDKIT_CONTEXT_KEEP_GIT_DIR"])
def test_no_build_argument_steers_the_builder(name):
    problem = said(f"version: 1\nservices: {{web: {{build: {{args: {{{name}: x}}}}}}}}\n")
    assert "would steer the builder itself" in problem


def test_a_key_without_a_value_is_a_mistake_and_not_silently_nothing():
    assert "services.web.port: nothing is given here; write its value, or leave port out" in refused("port: ")


def test_anchors_and_aliases_are_refused():
    text = "version: 1\nservices:\n  web: &web {image: a}\n  api: *web\n"
    assert "anchors are refused" in said(text)
    assert "aliases are refused" in said(text)


def test_the_file_is_capped_at_256_kib():
    start = b"version: 1\nservices: {web: {image: a}}\n#"
    assert isinstance(read(start + b" " * (LIMIT - len(start))), Spec)
    assert "over 256 KiB" in said(start + b" " * LIMIT)


def test_a_character_that_is_not_allowed_hides_no_other_mistake():
    problem = said(b'version: 1\nname: "a\x00b"\nservices: {web: {image: "\\0", port: 99999}}\n')
    assert problem.splitlines() == [
        "matinee.yaml:2:9: the character U+0000 is not allowed in YAML",
        "matinee.yaml:3:25: services.web.image: a NUL or half a surrogate pair is no text; take the escape out",
        "matinee.yaml:3:37: services.web.port: 99999 is no port; use 1 to 65535",
    ]


def test_a_replacement_character_that_somebody_wrote_is_a_character_like_any_other():
    assert "is no name" in said("version: 1\nname: '\ufffd'\nservices: {web: {image: a}}\n")


@pytest.mark.parametrize(
    ("written", "advised"),
    [
        ("entrypoint: 'sh -c x'", "[sh, -c, x]"),
        ("entrypoint: 'a && b'", '[sh, -c, "a && b"]'),
        ("entrypoint: 'sh -c a && b'", '[sh, -c, "a && b"]'),
        ("entrypoint: '/bin/bash -c \"a && b\"'", '[/bin/bash, -c, "a && b"]'),
        ("args: --verbose", "[--verbose]"),
        ("needs: 'db, cache'", "[db, cache]"),
        ("health: {tcp: 80, every: 5}", "like 5s"),
        ("resources: {cpu: -1}", "write it like 500m"),
        ("resources: {memory: 512}", "like 512Mi"),
        ("health: /up", "{http: /up}"),
        ("volumes: [/data]", "{/data: 1Gi}"),
        ("variables: [A=1]", '{A: "1"}'),
        ("public: yes", "is wanted: true"),
        ("tasks: {t: {image: a, hook: prestart, max_duration: 5m}}", "of seconds: 300"),
    ],
)
def test_a_value_of_the_wrong_type_is_answered_with_the_right_way_to_write_it(written, advised):
    assert advised in refused(written)


@settings(max_examples=200)
@given(st.text(max_size=60), st.sampled_from(TEXTS))
def test_no_text_crashes_the_reader_wherever_it_stands(text, where):
    found = read(f"version: 1\nservices: {{web: {{build: {{}}, {where % json.dumps(text)}}}}}\n".encode())
    assert isinstance(found, Spec) or found.problems


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(KEYS),
)
def test_no_value_crashes_the_reader_under_whatever_key(value, key):
    web = {"image": "a", key.rpartition(".")[2]: value} if key.startswith("services.") else {"image": "a"}
    document = {"version": 1, "services": {"web": web}} | ({} if "." in key else {key: value})
    found = read(json.dumps(document).encode())
    assert isinstance(found, Spec) or found.problems
