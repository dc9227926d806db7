"""What a person reads on a page that AppTest drew."""

import html
import re

from streamlit.testing.v1 import AppTest


def words(app: AppTest) -> str:
    """All words of the page on one line, without tags."""
    # The whole app, not its main part alone: a dialog stands outside of it, beside the style sheet.
    bodies = [element.proto.body for element in app.get("html") if "<style" not in element.proto.body]
    texts = [re.sub(r"<[^>]*>", " ", body) for body in bodies]
    texts += [alt for body in bodies for alt in re.findall(r'(?:alt|aria-label)="([^"]*)"', body)]
    texts += [element.value for element in app.text]
    texts += [element.label for kind in ("button", "selectbox", "number_input") for element in app.get(kind)]
    texts += [element.label for element in app.get("multiselect")]
    texts += [element.label for element in app.get("expander")]
    texts += [element.help for kind in ("selectbox", "number_input") for element in app.get(kind)]
    texts += [element.proto.label for element in app.get("page_link")]
    return re.sub(r"\s+", " ", html.unescape(" ".join(texts)))


def chart(app: AppTest) -> str:
    """The specification of the chart, as JSON; empty where there is none."""
    charts = app.get("plotly_chart")
    return charts[0].proto.spec if charts else ""
