"""Templates: what may stand in them, what is refused with which line, and that no value breaks out. No database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.refusals import Invalid
from holdfast.notifications.rules.defaults import DEFAULTS, known_language
from holdfast.notifications.rules.defaults.parts import Source
from holdfast.notifications.rules.markup import details_html, text_of
from holdfast.notifications.rules.substitution import names_in, parse
from holdfast.notifications.rules.vocabulary import BLOCKS, EVENTS, check_source
from holdfast.notifications.rules.writing import write

GOOD = Source("Hello {{ name }}", "<p>Hello {{ name }}</p>\n{{ button }}", "Hello {{ link }}")
BOOKED = EVENTS["booked"]


def mistakes(event: str = "booked", **changes: str) -> dict:
    try:
        check_source(EVENTS[event], replace(GOOD, **changes))
    except Invalid as refusal:
        return refusal.fields
    return {}


def test_every_language_has_every_event_and_only_known_variables() -> None:
    for language, written in DEFAULTS.items():
        assert set(written) == set(EVENTS), language
        for name, source in written.items():
            check_source(EVENTS[name], source)


def test_the_languages_say_the_same_with_the_same_variables() -> None:
    """What English tells, every language tells: nobody loses a time or a name by being written to in French."""
    for language, written in DEFAULTS.items():
        for name, source in written.items():
            said = names_in(parse(source.body, field="body", known=EVENTS[name].variables))
            english = names_in(parse(DEFAULTS["en"][name].body, field="body", known=EVENTS[name].variables))
            assert english - said <= {"name"}, (language, name)
            assert source.body.count("<p>") == DEFAULTS["en"][name].body.count("<p>"), (language, name)


def test_a_language_of_a_country_is_written_in_its_language_and_an_unknown_one_in_english() -> None:
    assert [known_language(one) for one in ("de-at", "fr", "pt-br", "")] == ["de", "fr", "en", "en"]


@pytest.mark.parametrize(
    ("field", "source", "code", "facts"),
    [
        ("body", "<p>Hello\n{{ nmae }}</p>", "unknown_variable", {"name": "nmae", "line": 2}),
        ("body", "{{ name.__class__ }}", "unknown_variable", {"name": "name.__class__", "line": 1}),
        ("body", "{{ name|safe }}", "unknown_variable", {"name": "name|safe", "line": 1}),
        ("body", "\n\n{{ settings['SECRET_KEY'] }}", "unknown_variable", {"name": "settings['SECRET_KEY']", "line": 3}),
        ("body", "{% load i18n %}", "unknown_tag", {"name": "load i18n", "line": 1}),
        ("body", "{% include 'x' %}", "unknown_tag", {"name": "include 'x'", "line": 1}),
        ("body", "{% for a in b %}{% endfor %}", "unknown_tag", {"name": "for a in b", "line": 1}),
        ("body", "{% if name and when %}x{% endif %}", "unknown_tag", {"name": "if name and when", "line": 1}),
        ("body", "<p>\n{% if name %}</p>", "unclosed", {"name": "name", "line": 2}),
        ("body", "x\n{% endif %}", "not_open", {"name": "endif", "line": 2}),
        ("body", "a {{ name", "stray_braces", {"line": 1}),
        ("body", "{% if name %}" * 10 + "x" + "{% endif %}" * 10, "too_deep", {"line": 1}),
        ("body", "<p>\n<script>alert(1)</script></p>", "unknown_markup", {"name": "script", "line": 2}),
        ("body", "<p onclick='x'>y</p>", "unknown_attribute", {"name": "onclick", "line": 1}),
        ("body", "<a href='javascript:alert(1)'>y</a>", "wrong_address", {"line": 1}),
        ("body", "<a href='https://a.example/{{ name }}'>y</a>", "wrong_address", {"line": 1}),
        ("body", "<a href='{{ name }}'>y</a>", "wrong_address", {"line": 1}),
        ("body", "<{{ name }}>", "stray_angle", {"line": 1}),
        ("body", "<p {{ name }}>x</p>", "unknown_attribute", {"name": "\ue000name\ue000", "line": 1}),
        ("body", "<p>x\n<b>y</p>", "wrong_end", {"name": "p", "line": 2}),
        ("body", "<p>x", "unclosed_markup", {"name": "p", "line": 1}),
        ("body", "{% if name %}<p>{% endif %}x</p>", "half_markup", {"line": 1}),
        ("body", "<a href='{% if name %}https://x.example'>a{% endif %}</a>", "half_markup", {"line": 1}),
        ("body", "<!-- x -->", "unknown_markup", {"name": "!--", "line": 1}),
        ("body", " ", "required", {}),
        ("body", "x" * 20_001, "too_long", {"limit": 20_000}),
        ("subject", "Hello\r\nBcc: everybody@example.com", "no_newlines", {}),
        ("subject", "", "required", {}),
        ("subject", "{{ details }}", "unknown_variable", {"name": "details", "line": 1}),
        ("sms", "{{ button }}", "unknown_variable", {"name": "button", "line": 1}),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_with_its_line(
    field: str, source: str, code: str, facts: dict
) -> None:
    assert mistakes(**{field: source}) == {field: [(code, facts)]}


def test_every_unknown_variable_is_named_at_once() -> None:
    found = mistakes(body="<p>{{ a }}\n{% if b %}{{ c }}{% endif %}</p>")["body"]
    assert [(facts["name"], facts["line"]) for _, facts in found] == [("a", 1), ("b", 2), ("c", 2)]


def test_a_letter_that_is_no_use_without_its_link_must_have_it() -> None:
    assert mistakes("offer", body="<p>Come!</p>", sms="Come!") == {
        "body": [("link_missing", {})],
        "sms": [("link_missing", {})],
    }
    assert mistakes("offer", body='<p><a href="{{ link }}">Come</a></p>') == {}
    assert mistakes("booked", body="<p>Come!</p>", sms="Come!") == {}


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_somebody_types_as_a_name_stays_text(name: str, where: str) -> None:
    source = Source(
        "For {{ name }}", '<p>{{ name }}</p><p><a href="{{ link }}">go</a></p>{{ details }}', "{{ name }}"
    )
    values = {"name": name, "link": "https://x.example/?a=1&b=2", "details": details_html([("Where", where)])}
    made = write("booked", source, values)
    rest = made.html
    for part in ("<p>", "</p>", '<a href="https://x.example/?a=1&amp;b=2">', "</a>", "<dl>", "</dl>", "<dt>", "</dt>", "<dd>", "</dd>"):  # fmt: skip
        rest = rest.replace(part, "", 2)
    assert "<" not in rest
    assert not any(ord(letter) < 32 for letter in made.subject + made.sms)


def test_a_value_is_not_read_as_a_template_again() -> None:
    source = Source("x", "<p>{{ name }}</p>", "x")
    made = write("booked", source, {"name": "{{ link }}{% if x %}", "link": "https://secret.example"})
    assert "secret" not in made.html
    assert made.text == "{{ link }}{% if x %}"


def test_sections_stand_where_the_name_has_a_value() -> None:
    source = Source(
        "{% if is_today %}today{% elif is_tomorrow %}tomorrow{% else %}later{% endif %}", "<p>x</p>", "x"
    )
    said = [write("booked", source, {name: "1"}).subject for name in ("is_today", "is_tomorrow", "when")]
    assert said == ["today", "tomorrow", "later"]


def test_the_text_is_made_of_the_html() -> None:
    html = (
        "<h1>Hello  &amp; good day</h1>\n<p>One<br>two <b>three</b></p><ul><li>a</li><li>b &lt;c&gt;</li></ul><ol><li>x</li><li>y</li></ol>"
        '<p>See <a href="https://a.example">our page</a> now.</p><p><a href="https://b.example">Go</a></p><hr>'
        + details_html([("When", "today"), ("Note", "line one\nline two")])
        + "<blockquote>Said</blockquote>loose end"
    )
    assert text_of(html) == (
        "Hello & good day\n\nOne\ntwo three\n\n- a\n- b <c>\n\n1. x\n2. y\n\nSee our page (https://a.example) now.\n\n"
        "Go:\nhttps://b.example\n\n----\n\nWhen: today\nNote: line one\nline two\n\nSaid\n\nloose end"
    )


def test_the_blocks_belong_to_every_letter() -> None:
    assert all(event.variables >= BLOCKS for event in EVENTS.values())
