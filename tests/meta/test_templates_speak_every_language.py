"""Every sentence of a page goes through gettext: what is left after the tags holds no words."""

from __future__ import annotations

import re

import pytest

from tests.meta import house

TRANSLATED = re.compile(
    r"{% comment.*?{% endcomment %}|{#.*?#}|{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}",
    re.DOTALL,
)
TEMPLATE_TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
BLOCK_IN_ATTRIBUTE = re.compile(r"""=\"[^"<>]*{% block (\w+)""")
SPOKEN_ATTRIBUTES = re.compile(
    r"""\s(?:aria-label|title|placeholder|alt|aria-description|label)\s*=\s*"([^"]*)\""""
)
MARKUP = re.compile(
    r"<!--.*?-->|<(?:script|style|svg|code)\b.*?</(?:script|style|svg|code)>|<[^>]*>", re.DOTALL
)
WORDS = re.compile(r"[^\W\d_]{2,}")
# The same in every language.
NAMES = {
    "Holdfast",
    "openapi",
    "json",
    "nbsp",
    "middot",
    "ndash",
    "mdash",
    "times",
    "hellip",
    "rarr",
    "larr",
    "lsaquo",
    "rsaquo",
    "amp",
    "shy",
}

# Shown when something is badly wrong, so it calls nothing, not even the translations.
LAST_RESORT = "500.html"


def blocks_in_attributes() -> set[str]:
    """The names of blocks that stand inside an attribute, such as a list of classes: no words for readers."""
    return {name for path in house.templates() for name in BLOCK_IN_ATTRIBUTE.findall(path.read_text())}


def untranslated(template: str, quiet_blocks: frozenset[str] = frozenset()) -> list[str]:
    """The words a reader would see that no translation reaches."""
    for block in quiet_blocks:
        template = re.sub(rf"{{% block {block} %}}.*?{{% endblock[^%]*%}}", "", template, flags=re.DOTALL)
    markup = TEMPLATE_TAGS.sub("", TRANSLATED.sub("", template))
    shown = [*SPOKEN_ATTRIBUTES.findall(markup), MARKUP.sub(" ", markup)]
    return [word for text in shown for word in WORDS.findall(text) if word not in NAMES]


def test_every_word_of_the_templates_is_translatable() -> None:
    assert house.templates(), "no template was found"
    spoken = [path for path in house.templates() if path.name != LAST_RESORT]
    quiet = frozenset(blocks_in_attributes())
    found = {house.named(path): untranslated(path.read_text(), quiet) for path in spoken}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello</p>",
        '<button aria-label="Close">{% icon "x" %}</button>',
        "<p>{% translate 'Hello' %} there</p>",
        '<input placeholder="Name">',
    ],
)
def test_an_untranslated_word_would_be_found(template: str) -> None:
    assert untranslated(template)


@pytest.mark.parametrize(
    "template",
    [
        "<p>{% translate 'Hello' %}</p>",
        '<button aria-label="{% translate "Close" %}" class="quiet"></button>',
        "{% blocktranslate %}Hello <b>there</b>{% endblocktranslate %}",
        "<p>{{ name }} · 10:00&nbsp;–&nbsp;11:00</p>",
        "{# a note #}{% comment 'x' %}more notes{% endcomment %}",
    ],
)
def test_translated_words_and_plain_values_pass(template: str) -> None:
    assert untranslated(template) == []
