"""A definition holds a password, a key or a token.

Definitions are read by everybody who may read the repository, and stay in its history for ever. Looked for
are shapes that nothing else has: an address with a password in it, the head of a private key, and the
tokens of AWS, GitHub, GitLab, Google, Slack and Stripe. No finding shows the line, since logs are kept, too.

Bad:

    kind: dataset
    name: order_lines
    description: Copied from postgresql://kim:secret@db.example.com/sales each night.  #! secret-in-definition
    source: sales.order_lines
    time: ordered_on

Good:

    kind: dataset
    name: order_lines
    description: Copied from postgresql://db.example.com/sales each night.
    source: sales.order_lines
    time: ordered_on

Fix: declare the secret void where it was made, then take it out. Engines get their address from the
environment.
"""

import re
from collections.abc import Iterator
from typing import Final

from kpiascode.lint.documents import texts_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.project import Project

SECRETS: Final = re.compile(
    r"""
      (?P<password> :// [^\s/:@]{1,100} : [^\s/@]{1,200} @ )
    | (?P<key> -----BEGIN\ (?:[A-Z]{2,12}\ )?PRIVATE\ KEY----- )
    | \b(?P<token>
          A[KS]IA[0-9A-Z]{16}
        | gh[oprsu]_[A-Za-z0-9]{36}
        | github_pat_[A-Za-z0-9_]{22}
        | glpat-[A-Za-z0-9_-]{20}
        | AIza[A-Za-z0-9_-]{35}
        | xox[abeprs]-[A-Za-z0-9-]{10}
        | [rs]k_live_[A-Za-z0-9]{16}
      )
    """,
    re.VERBOSE | re.ASCII,
)
CALLED: Final = {
    "password": "an address with a password",
    "key": "a private key",
    "token": "an access token",
}


def check(project: Project) -> Iterator[Finding]:
    """Yield each text with a secret; the secret itself is not repeated."""
    for document in project.documents.values():
        for where, text in texts_of(document):
            match = SECRETS.search(text)
            if match is not None:
                yield Finding(
                    message=f"This is {CALLED[str(match.lastgroup)]}, for all to read.",
                    place=document.place_in_text(where, match.start(), match.end()),
                    hint="Declare it void where it was made, then take it out.",
                    veiled=True,
                )


RULE = Rule("secret-in-definition", check, preset=Preset.MINIMAL)
