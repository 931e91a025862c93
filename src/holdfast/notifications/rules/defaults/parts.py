"""How a default letter is put together. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# The closing of most letters: until when changes are the customer's own to make.
CHANGES = "{% if changes %}<p>{{ changes }}</p>{% endif %}"


@dataclass(frozen=True, slots=True)
class Source:
    """A letter as it is written: the subject, the HTML, and the same in the length of a text message."""

    subject: str
    body: str
    sms: str


def letter(subject: str, heading: str, opening: str, sms: str, closing: str = "") -> Source:
    """Heading, what happened, the facts, what else is to say, and the next step."""
    parts = [f"<h1>{heading}</h1>", f"<p>{opening}</p>", "{{ details }}", closing, "{{ button }}"]
    return Source(subject, "\n".join(part for part in parts if part) + "\n", sms)
