"""The description of the API is true: it names every route, and the server answers as it says."""

import json
import re

import hypothesis
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pages.http.routes import API, DESCRIPTION
from tests.http.server import Server

DOCUMENT = json.loads(DESCRIPTION.read_text())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

schema = schemathesis.openapi.from_dict(DOCUMENT)


def test_every_route_is_described_and_the_other_way_round() -> None:
    """Paths and methods; HEAD comes with GET."""
    served = {
        (re.sub(r"\{.*?\}", "{}", route.path), method)
        for route in API
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {
        (re.sub(r"\{.*?\}", "{}", path), method.upper())
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert described == served


def test_the_description_is_served(server: Server) -> None:
    """At the address that every problem names."""
    assert requests.get(f"{server.url}/api/openapi.json", timeout=30).json() == DOCUMENT


@schema.parametrize()
@hypothesis.settings(max_examples=20, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_the_server_answers_as_described(case: schemathesis.Case, server: Server) -> None:
    """Whatever is sent: no mistake of ours, only answers that are described, and nonsense is refused."""
    case.call_and_validate(base_url=f"{server.url}/api", checks=CHECKS, timeout=30)
