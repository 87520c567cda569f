"""Class labels are cells of the data: where no cell may be shown, scripts show placeholders for them, and answers get them back."""

import re
from collections.abc import Sequence


class Labels:
    """The classes of a task, and a placeholder for each: 'class_1', in quotes as a string of a script."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._pairs = [(label, f"class_{number}") for number, label in enumerate(classes, 1)]

    def hide(self, text: str) -> str:
        """The text with placeholders for quoted labels, also at the end of a quoted column's name."""
        return self._replaced(text, dict(self._pairs))

    def show(self, text: str) -> str:
        """The text with the labels for quoted placeholders."""
        return self._replaced(text, {placeholder: label for label, placeholder in self._pairs})

    @staticmethod
    def _replaced(text: str, words: dict[str, str]) -> str:
        if not words:
            return text
        either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        return re.sub(rf"""(?<=['"`_])(?:{either})(?=['"`])""", lambda match: words[match[0]], text)
