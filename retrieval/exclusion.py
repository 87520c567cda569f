"""Leaving documents out: domains that a user excludes, and, for honest benchmarks, whatever names the competition itself."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from retrieval.web import Document, Found

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")


class DomainError(ValueError):
    """--exclude-domain: what was given is no domain."""


@dataclass(frozen=True)
class Exclusion:
    """`domains`: left out with all below them. `names`: documents that contain one are left out, and queries lose it."""

    domains: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def query(self, text: str) -> str:
        """The query without the excluded names."""
        for pattern in self._patterns:
            text = pattern.sub(" ", text)
        return " ".join(text.split())

    def keeps(self, document: Document) -> bool:
        host = (urlsplit(document.url).hostname or "").lower()
        if any(host == domain or host.endswith(f".{domain}") for domain in self.domains):
            return False
        whole = f"{document.title}\n{document.url}\n{document.text}"
        return not any(pattern.search(whole) for pattern in self._patterns)

    def apply(self, found: Found) -> Found:
        kept = tuple(document for document in found.documents if self.keeps(document))
        return found.model_copy(update={"documents": kept, "excluded": len(found.documents) - len(kept)})

    @property
    def _patterns(self) -> list[re.Pattern[str]]:
        """'spaceship-titanic' is found as 'Spaceship Titanic' and 'spaceship_titanic' too."""
        gap = r"[\W_]*"
        words = [[re.escape(word) for word in re.split(r"[\W_]+", name) if word] for name in self.names]
        return [re.compile(rf"(?<![^\W_]){gap.join(each)}(?![^\W_])", re.IGNORECASE) for each in words if each]


def domains(given: tuple[str, ...]) -> tuple[str, ...]:
    """Domains as a user writes them ('https://www.kaggle.com/', 'kaggle.com') in one form.

    Raises:
        DomainError: one is none.
    """
    return tuple(dict.fromkeys(_domain(text) for text in given))


def _domain(text: str) -> str:
    bare = text.strip().lower()
    host = (urlsplit(bare).hostname or "") if "://" in bare else bare.partition("/")[0]
    host = host.removeprefix("www.").rstrip(".")
    if not DOMAIN.fullmatch(host):
        raise DomainError(f"--exclude-domain: {text!r} is no domain — write it like kaggle.com")
    return host
