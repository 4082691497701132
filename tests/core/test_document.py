import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.report import OutputLine
from bot.core.telling.document import document
from tests.core.any_report import reports
from tests.core.reports import BUILD_FAILED, QUEUED, REFUSED_SPEC, RUNNING


def test_a_document_has_exactly_the_names_that_others_rely_on():
    assert list(document(QUEUED)) == [
        "id",
        "forge",
        "repository",
        "pull",
        "sha",
        "serving_sha",
        "state",
        "why",
        "left_out",
        "url",
        "urls",
        "steps",
        "outputs",
        "sleeps_at",
        "expires_at",
        "problems",
        "access",
    ]


def test_a_failed_step_tells_its_state_time_reason_and_attempts():
    steps = document(BUILD_FAILED)["steps"]
    assert isinstance(steps, list)
    assert steps[0] == {
        "name": "build web",
        "kind": "build",
        "state": "failed",
        "seconds": 0.9,
        "why": "web/Dockerfile:9: RUN /build.sh ended with exit code 1",
        "attempts": 1,
    }


def test_urls_come_by_service():
    told = document(RUNNING)
    assert told["url"] == "http://127.0.0.1:4312"
    assert told["urls"] == [{"service": "web", "url": "http://127.0.0.1:4312"}]


def test_a_sensitive_value_is_null_even_if_it_is_there():
    leaking = OutputLine(job="seed", name="KEY", value="hunter22", sensitive=True)
    assert "hunter22" not in json.dumps(document(replace(RUNNING, outputs=(leaking,))))


def test_a_problem_tells_what_is_allowed_only_where_that_is_known():
    assert document(REFUSED_SPEC)["problems"] == [
        {
            "path": "services.web.prot",
            "line": 9,
            "column": 5,
            "message": "there is no such key; did you mean port?",
            "allowed": ["image", "build", "port", "public"],
        },
        {
            "path": "services.api.needs",
            "line": 14,
            "column": 12,
            "message": "there is no service or job named dbb",
        },
    ]


@settings(max_examples=40)
@given(reports(st.text(max_size=20), most=2))
def test_any_document_is_json_and_comes_back_the_same(report):
    told = document(report)
    assert json.loads(json.dumps(told)) == told
