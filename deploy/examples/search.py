"""Dateline's API from Python: python search.py [ADDRESS [QUERY]]."""

import sys

from api.client import Dateline, ProblemError

address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
query = sys.argv[2] if len(sys.argv) > 2 else "dam inquiry"

dateline = Dateline(address)
try:
    page = dateline.page(query, limit=3, facets="person")
except ProblemError as problem:
    sys.exit(f"{problem.kind}: {problem.detail}")

print(f"{page.paragraphs} paragraphs in {page.articles} articles")
for hit in page.hits:
    print(hit.published or "no day", "|", hit.headline, "|", hit.link)
    print("   ", hit.snippet)
for value in page.facets["person"]["values"][:3]:
    print(value["count"], value["name"], value["id"])
