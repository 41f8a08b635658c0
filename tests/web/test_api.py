import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from app.main import create_app
from app.settings import Settings
from tests.web.conftest import SAMPLE


def test_a_text_is_scored_kept_and_deleted(client):
    made = client.post("/api/v1/reports", json={"text": SAMPLE, "name": "mock.vtt"})
    assert made.status_code == 201
    kept = made.json()
    address = made.headers["location"]
    assert kept["schema"] == 1 and kept["scorable"] and len(kept["steps"]) == 7
    assert client.get(address).json() == kept
    listed = client.get("/api/v1/reports").json()
    assert listed["total"] == 1 and listed["reports"][0]["id"] == kept["id"]
    assert client.get(f"{address}/transcript").json()["format"] == "webvtt"
    assert client.delete(address).status_code == 204
    assert client.get(address).json()["error"]["status"] == 404


def test_a_native_transcript_is_taken_as_given(client):
    turns = [
        {"speaker": "interviewer", "name": None, "at": 0.0, "text": "Design search."},
        {"speaker": "candidate", "name": None, "at": 9.0, "text": "I would ask first. " * 20},
    ]
    body = {"transcript": {"schema": 1, "question": "photo-search", "turns": turns}}
    kept = client.post("/api/v1/reports", json=body).json()
    words = client.get(f"/api/v1/reports/{kept['id']}/transcript").json()
    assert [turn["text"] for turn in words["turns"]] == [turn["text"] for turn in turns]
    assert kept["question"] == "photo-search"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"text": "a", "transcript": {}}, 422),
        ({"text": "a", "unknown": 1}, 422),
        ({"text": ""}, 422),
        ({"transcript": {"turns": "no"}}, 422),
        ({"text": SAMPLE, "format": "no-such"}, 422),
        ({"text": SAMPLE, "speaker": "Nobody"}, 422),
        ({"text": SAMPLE, "rubric": "../x"}, 404),
    ],
)
def test_what_cannot_be_scored_is_said_in_json(client, body, status):
    answer = client.post("/api/v1/reports", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_rubrics_are_listed_and_shown(client):
    listed = client.get("/api/v1/rubrics").json()
    assert listed[0]["id"] == "seven-step"
    assert len(client.get("/api/v1/rubrics/seven-step").json()["steps"]) == 7


@pytest.fixture(scope="module")
def schema(tmp_path_factory, standards):
    database = f"sqlite:///{tmp_path_factory.mktemp('api')}/api.db"
    app = create_app(Settings(database=database, hosts=("testserver",)), standards=standards)
    yield schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    app.state.home.engine.dispose()


# That a text has words in a known format, and which methods there are, no schema can say.
NOT_IN_A_SCHEMA = [positive_data_acceptance, unsupported_method]
OPERATIONS = (
    "POST /reports",
    "GET /reports",
    "GET /reports/{id}",
    "DELETE /reports/{id}",
    "GET /reports/{id}/transcript",
    "POST /reports/{id}/judge",
    "GET /judging/{id}",
    "DELETE /judging/{id}",
    "GET /rubrics",
    "GET /rubrics/{id}",
    "POST /sessions/{id}/turns",
)


@pytest.mark.parametrize("name", OPERATIONS)
def test_any_request_gets_an_answer_that_was_described(schema, name):
    method, path = name.split()
    operation = schema[f"/api/v1{path}"][method]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(case):
        case.call_and_validate(excluded_checks=NOT_IN_A_SCHEMA)

    check()


def test_every_operation_is_tried(schema):
    described = [
        f"{result.ok().method.upper()} {result.ok().path.removeprefix('/api/v1')}"
        for result in schema.get_all_operations()
    ]
    assert sorted(described) == sorted(OPERATIONS)
