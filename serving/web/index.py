"""Our own index page: no script, nothing fetched from elsewhere."""

from __future__ import annotations

from jinja2 import Environment

from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.score_sets import ScoreSet, published_set
from tenure.serving.board import Board

INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tenure: {{ project.name }}</title>
<link rel="stylesheet" href="{{ base }}/style.css">
</head>
<body>
<main>
<h1>Tenure: {{ project.name }}</h1>
<p>Which customers are likely to leave or go quiet, and why.</p>
<h2>The clock</h2>
<p>{{ clock }}</p>
<h2>Outcomes</h2>
<table>
<thead><tr><th>outcome</th><th>definition</th><th>as of</th><th>model</th><th>scored</th></tr></thead>
<tbody>
{% for name, found in outcomes.items() %}
<tr><th scope="row">{{ name }}</th>
{% if found %}<td>{{ found.definition }}</td><td>{{ found.as_of }}</td><td>{{ found.model_version }}</td>
<td>{{ found.counts.get("scored", 0) }}</td>
{% else %}<td colspan="4">not scored yet: run <code>tenure train</code> and <code>tenure score</code></td>
{% endif %}</tr>
{% endfor %}
</tbody>
</table>
<h2>The API</h2>
<ul>
<li><a href="{{ base }}/v1/at-risk?limit=20">/v1/at-risk</a>: the at-risk list
  (<a href="{{ base }}/v1/at-risk?format=csv">as CSV</a>)</li>
<li><code>/v1/customers/ID/risk</code>: one customer</li>
<li><code>POST /v1/score</code>: score histories in the request, nothing stored</li>
<li><a href="{{ base }}/v1/openapi.json">/v1/openapi.json</a>: the API described</li>
<li><a href="{{ base }}/healthz">/healthz</a>, <a href="{{ base }}/readyz">/readyz</a>,
  <a href="{{ base }}/metrics">/metrics</a></li>
</ul>
</main>
</body>
</html>
"""

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(INDEX)


def index_page(board: Board) -> str:
    """The index page of a project, as HTML."""
    project = board.settings.project
    with reading(board.engine) as connection:
        outcomes = {name: published_set(connection, name) for name in project.outcome}
    said = clock_in_words(board, outcomes)
    return _PAGE.render(project=project, base=project.service.base, outcomes=outcomes, clock=said)


def clock_in_words(board: Board, outcomes: dict[str, ScoreSet | None]) -> str:
    """By which clock this project lives."""
    zone = board.settings.project.timezone
    if board.settings.project.project.clock == "system":
        return f"This project lives by today's date; its days begin at midnight in {zone}."
    days = [found.as_of for found in outcomes.values() if found is not None]
    where = f", {max(days)}" if days else ""
    return f"This project lives on the last midnight of its data{where} ({zone}): its clock does not move."
