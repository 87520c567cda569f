"""Texts as answers: how alike two of them are. Imports nothing, because generated scripts carry this module's source with them."""


def word_overlap(first: str, second: str) -> float:
    """Jaccard similarity of the sets of words, lower-cased: shared words by all words; 1 where neither has any."""
    one, other = set(first.lower().split()), set(second.lower().split())
    both = len(one & other)
    every = len(one) + len(other) - both
    return both / every if every else 1.0


def edit_distance(first: str, second: str) -> int:
    """How many letters must be put in, taken out or exchanged to make one text the other (Levenshtein 1966)."""
    if len(first) < len(second):
        first, second = second, first
    row = list(range(len(second) + 1))
    for place, letter in enumerate(first, 1):
        corner, row[0] = row[0], place
        for other, mark in enumerate(second, 1):
            corner, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, corner + (letter != mark))
    return row[-1]
