"""Text from outside made safe to show, and numbers as people read them."""

from deeptrace_core.phrases import counted as counted
from deeptrace_core.phrases import score as score
from deeptrace_core.phrases import visible as visible


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
