import re
from contextlib import closing

from rest_framework.test import APIClient

from shop.api.openapi import document


def test_the_document_is_served_as_it_was_committed_and_only_once() -> None:
    answer = APIClient().get("/api/v1/openapi.json")

    assert answer.json() == document.committed()
    assert APIClient().get("/api/v1/openapi.json", headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_the_pages_scripts_and_styles_come_from_here_so_that_it_works_offline(db: None) -> None:
    page = APIClient().get("/api/docs", headers={"Accept": "text/html"}).content.decode()

    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(sources) >= 4
    assert all(source.startswith("/") for source in sources)
    for source in sources:
        with closing(APIClient().get(source.replace("&amp;", "&"))) as answer:
            assert answer.status_code == 200, source


def test_the_page_runs_no_script_but_its_own() -> None:
    answer = APIClient().get("/api/docs", headers={"Accept": "text/html"})

    assert "script-src 'self';" in answer["Content-Security-Policy"] + ";"
    assert "<script>" not in answer.content.decode()
