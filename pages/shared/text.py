"""Text from outside made safe to show, and numbers as people read them."""

import unicodedata


def counted(number: int, one: str, many: str) -> str:
    """ "1 face", "3 faces": never "face(s)"."""
    return f"{number:,} {one if number == 1 else many}"


def score(value: float) -> str:
    """A score, with the two decimals that mean something."""
    return f"{value:.2f}"


def visible(text: str) -> str:
    """The text with everything that would act instead of show replaced by a mark.

    A file's name may hold line breaks, or characters that turn the reading direction so that
    "gpj.exe" reads "exe.jpg". Joiners stay: emoji are made with them.
    """
    return "".join("\N{REPLACEMENT CHARACTER}" if _acts(char) else char for char in text)


def _acts(char: str) -> bool:
    category = unicodedata.category(char)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and char not in "\u200c\u200d")


def shortened(text: str, limit: int = 60) -> str:
    """The text cut in its middle: the beginning and the ending of a file's name say the most."""
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


def literal(text: str) -> str:
    r"""Markdown that displays the text as it is: `**a**`, `:smile:`, `$x$` and `<b>` included.

    Streamlit replaces `:name:` and arrows after it has read the Markdown, so a backslash does not hold
    them; an invisible word joiner inside does.
    """
    joiner = "\N{WORD JOINER}"
    escaped = []
    for char in visible(text):
        if char in ":<>-=~@":
            escaped.append(f"\\{char}{joiner}")
        elif char.isascii() and not char.isalnum() and char != " ":
            escaped.append(f"\\{char}")
        else:
            escaped.append(char)
    return "".join(escaped)
