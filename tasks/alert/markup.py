"""How headings, links and codes are written: plain text, the Markdown of 企业微信 and of 钉钉, and Slack's mrkdwn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Markup:
    """Patterns of one way of marking up; `text` stands for what is marked."""

    strong: str
    code: str
    link: str
    item: str
    under: str
    newline: str = "\n"
    ampersand: str = "&"

    def lay_out(self, sections: Iterable[Sequence[str]]) -> str:
        """Lines one below the other, sections apart from each other."""
        return "\n\n".join(self.newline.join(lines) for lines in sections if lines)

    def heading(self, text: str) -> str:
        return self.strong.format(text=text)

    def anchor(self, text: str, url: str) -> str:
        """A link; an address that is none is left out."""
        if not re.fullmatch(r"https?://[^\s<>|()\[\]\"']{1,500}", url):
            return text
        return self.link.format(text=text, url=url.replace("&", self.ampersand))

    def tame(self, text: str) -> str:
        """Text from elsewhere, safe to put into a message: one line, not too long, no mention, link or markup.

        Services read `<@user>`, `<!channel>` and `<at user_id=…>` as a call to people, also in plain text.
        """
        line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
        if len(line) > _LONGEST:
            line = line[: _LONGEST - 1] + "…"
        line = line.replace("<", "‹").replace(">", "›").replace("](", "] (").replace("`", "'").replace("**", "*")
        return line.replace("&", self.ampersand)

    def own(self, text: str) -> str:
        """Our own words: kept as they are, but for the signs that mean something to a service."""
        return " ".join(text.split()).replace("<", "‹").replace(">", "›").replace("&", self.ampersand)


PLAIN = Markup(strong="{text}", code="{text}", link="{text}: {url}", item="- {text}", under="  {text}")
WECOM = Markup(strong="**{text}**", code="`{text}`", link="[{text}]({url})", item="- {text}", under="> {text}")
DINGTALK = replace(WECOM, newline="  \n")  # a bare line break is no break there
SLACK = Markup(
    strong="*{text}*", code="`{text}`", link="<{url}|{text}>", item="• {text}", under="> {text}", ampersand="&amp;"
)
