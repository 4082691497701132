"""Files of other systems, in the shape that projects have them: what they become, and what is listed of them."""

from itertools import pairwise

import pytest

from bot.core.composing.variables import secret_references
from bot.core.deciding.order import beneath, deploy_order
from bot.core.importing import compose
from bot.core.importing.draft import Imported
from bot.core.model import Spec
from bot.core.reading.spec import read
from tests.core.importing.golden import FILES, READERS, imported, told
from tests.core.test_foresight import looked

ORDER = {
    "compose/rails.yaml": ["db < migrate < web", "redis < web", "migrate < sidekiq"],
    "compose/django.yaml": ["postgres < init < web", "init < static"],
    "compose/wordpress.yaml": ["db < wordpress"],
    "compose/monorepo.yaml": ["mysql < api < frontend"],
    "compose/kafka.yaml": ["broker < topics < orders", "topics < billing"],
    "compose/configs.yaml": ["app-server < proxy"],
    "compose/overrides.yaml": ["worker | mail"],
    "compose/selenium.yaml": ["hub < chrome", "hub | site"],
    "compose/elastic.yaml": ["elasticsearch < index < search-ui"],
    "compose/odd-names.yaml": ["my-app-2 | digest"],
    "compose/extends": ["db < migrate < web", "migrate < beat", "web | worker", "migrate < flower"],
    "compose/override": ["cache < api", "mail < api", "cache | mail"],
    "compose/include": ["search < web", "relay < web", "db < web", "queue | search"],
    "compose/env-files": ["api | raw", "many | bare"],
    "compose/interpolation": ["db < web", "psql | web"],
    "compose/fragments": ["api < proxy", "api < worker"],
    "compose/elsewhere": ["web | api", "odd | web"],
    "compose/one-password": ["db < migrate < app", "minio < migrate"],
    "compose/temporal.json": ["postgresql < temporal < ui"],
    "nomad/init-task.nomad.hcl": ["database | web"],
    "nomad/companion.nomad.hcl": ["api"],
    "nomad/cleanup.nomad.hcl": ["report"],
    "nomad/all-hooks.nomad.hcl": ["g"],
    "nomad/batch.nomad.hcl": ["seed | seed-index"],
    "nomad/templates.nomad.hcl": ["app"],
    "nomad/mixed-drivers.nomad.hcl": ["containers"],
    "nomad/periodic.nomad.hcl": ["once"],
    "nomad/connect.nomad.hcl": ["api | dashboard"],
    "nomad/locals.nomad.hcl": ["site"],
    "nomad/multi-group.nomad.hcl": ["migrate < redis", "migrate < web-frontend"],
    "nomad/blocks.nomad.hcl": ["api | db", "load"],
    "qovery/for-each.tf": ["bucket < web", "worker < web"],
    "heroku/overridden.json": ["postgres < release < postdeploy < web", "release < clock", "pr-predestroy"],
    "qovery/lifecycle.tf": ["shop-db < seed-database < web"],
    "qovery/terraform-job.tf": ["rds-instance"],
    "qovery/stages.tf": ["cache < migrate < api", "nats < migrate"],
    "qovery/cron.tf": ["warm-up"],
    "qovery/buildpacks.tf": ["site | docs"],
    "qovery/managed.tf": ["main | admin"],
    "qovery/job.json": ["seed"],
    "qovery/jobs.json": ["create-bucket"],
    "qovery/environment.json": ["pg < migrate < app", "pg < tenant < app"],
    "qovery/containers.json": ["web-site | worker"],
    "qovery/application.json": ["front"],
    "heroku/rails.json": ["postgres < release < postdeploy < web", "redis < worker", "postdeploy < worker"],
    "heroku/review.json": ["postgres < postdeploy < web", "postgres < pr-predestroy"],
    "heroku/node.json": ["data < web"],
    "heroku/many-addons.json": ["mysql < web", "queue < mailer", "cache < clock", "rabbitmq < web"],
    "heroku/predestroy.json": ["postdeploy < web", "pr-predestroy < web"],
    "heroku/minimal.json": ["web"],
    "heroku/no-web.json": ["bot"],
    "heroku/nulls.json": ["web | worker"],
    "heroku/container.json": ["postgres < web", "mysql < consumer"],
    "heroku/go.json": ["redis < postdeploy < web"],
}
"""What comes before what, as the other system has it; `|`: side by side."""

of_each = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")


def spec_of(path) -> Spec:
    made = imported(path)
    assert isinstance(made, Imported), made
    return made.spec


def test_each_system_has_ten_files_and_each_file_an_order():
    assert {f"{path.parent.name}/{path.name}" for path in FILES} == ORDER.keys()
    assert all(sum(path.parent.name == system for path in FILES) >= 10 for system in READERS)


@of_each
def test_a_file_becomes_the_spec_that_is_expected_of_it(path):
    made = imported(path)
    assert isinstance(made, Imported), made
    assert made.text == path.with_suffix(".expected.yaml").read_text(encoding="utf-8")
    assert told(made, path) == path.with_suffix(".left-out").read_text(encoding="utf-8")


@of_each
def test_what_is_printed_is_what_check_accepts(path):
    made = imported(path)
    assert read(made.text.encode()) == made.spec


@of_each
def test_plan_shows_each_node_in_the_order_that_the_other_system_has(path):
    spec = spec_of(path)
    order, rows = deploy_order(spec), list(looked(spec))
    assert sorted(rows) == sorted(spec.nodes)
    for chain in ORDER[f"{path.parent.name}/{path.name}"]:
        names = chain.replace("<", " ").replace("|", " ").split()
        assert set(names) <= set(rows)
        if "|" in chain:
            assert names[0] not in beneath(order, [names[1]])
            assert names[1] not in beneath(order, [names[0]])
        for before, after in pairwise(names) if "<" in chain else ():
            assert before in beneath(order, [after]), f"{before} does not come before {after}"
            assert rows.index(before) < rows.index(after)


@of_each
def test_every_line_that_is_listed_is_a_line_of_the_file(path):
    for each in imported(path).left_out:
        file = path / (each.file or compose.FILE) if path.is_dir() else path
        assert 1 <= each.line <= len(file.read_text(encoding="utf-8").splitlines())
        assert each.why
        assert "\n" not in each.told(path.name)


@of_each
def test_what_the_operator_has_to_give_stands_at_the_top(path):
    made = imported(path)
    head = made.text.split("version: 1")[0]
    assert all(name in head for name in secret_references(made.spec))
