"""Whether two names can be one person's: a family name in common, and no contradiction in the rest."""

from __future__ import annotations

from collections.abc import Callable

from rapidfuzz.distance import OSA

from .name_words import PARTICLES, Name, Words, is_pinyin

_NICKNAMES = frozenset(
    pair
    for pairs in (
        "mike michael,joe joseph,bill william,bob robert,steve stephen,larry lawrence,andy andrew,dave david,"
        "kate katherine,jim james,tony anthony"
    ).split(",")
    for pair in (tuple(pairs.split()), tuple(reversed(pairs.split())))
)


def same(stated: Name, real: Name) -> bool:
    """Whether two names can be one person's."""
    for ours in stated.spellings:  # loops, for any() takes twice as long
        for theirs in real.spellings:
            if _agree(ours, theirs):
                return True
    return False


def _agree(ours: Words, theirs: Words) -> bool:
    """Whether two lists of words can be one name: a family name in common, and no leftover on both sides."""
    if ours == theirs:
        return True
    if ours[-1] == theirs[-1] and len(ours) <= len(theirs):  # the usual case, told quickly
        for word, other in zip(ours, theirs, strict=False):
            if word != other and not _initial(word, other):
                break
        else:
            return True
    if "".join(ours) == "".join(theirs):
        return True
    left, right = list(ours), list(theirs)
    shared = []  # words of two letters and more that both have
    for word in ours:
        if word in right:
            left.remove(word)
            right.remove(word)
            if len(word) > 1:
                shared.append(word)
    if left and right:
        shared += _take_joined(left, right) + _take_joined(right, left) + _take_alike(left, right, _misspelt)
    families = {ours[-1], theirs[-1]}
    if families.isdisjoint(shared) and all(word in PARTICLES for word in shared):
        return len(theirs[-1]) == 1 and not _unlike(left, right, True)
    if families.isdisjoint(shared) and len(ours[-1]) > 1 and len(theirs[-1]) > 1:
        return False
    if len(theirs) > 1 and (len(shared) > 1 or not right) and _is_another(left, ours):
        return False
    return not _unlike(left, right, not families.isdisjoint(shared)) or _negligible(left, right, len(shared))


def _is_another(left: list[str], ours: Words) -> bool:
    """Whether the words left begin or end a list of words as a whole name does: Thomas Kipf Max Welling."""
    at_an_end = tuple(left) in (ours[: len(left)], ours[len(ours) - len(left) :])
    return at_an_end and sum(len(word) > 1 and word not in PARTICLES for word in left) > 1


def _unlike(left: list[str], right: list[str], is_family_shared: bool) -> bool:
    """Whether both sides keep words after those that abbreviate each other are taken from them."""
    if left and right:
        _take_alike(left, right, _initial)
        _take_initials(left, right)
        _take_initials(right, left)
        if is_family_shared:
            _take_alike(left, right, _short_form)
    return bool(left and right)


def _negligible(left: list[str], right: list[str], shared: int) -> bool:
    """Whether what is left of two names that share a forename too is particles and middle initials."""
    return shared > 1 and any(all(len(word) == 1 or word in PARTICLES for word in side) for side in (left, right))


def _take_alike(left: list[str], right: list[str], is_alike: Callable[[str, str], bool]) -> list[str]:
    """Take pairs that are alike from both sides; returns the words taken, of either."""
    taken = []
    for word in tuple(left):
        match = next((other for other in right if is_alike(word, other)), None)
        if match is not None:
            left.remove(word)
            right.remove(match)
            taken += [word, match]
    return taken


def _take_joined(left: list[str], right: list[str]) -> list[str]:
    """Take words of `left` that `right` writes apart: Wentau for Wen Tau."""
    taken = []
    for word in [word for word in left if len(word) > 3]:
        for start in range(len(right)):
            for stop in range(start + 2, min(start + 4, len(right)) + 1):
                if "".join(right[start:stop]) == word:
                    taken += [word, *right[start:stop]]
                    left.remove(word)
                    del right[start:stop]
                    break
            else:
                continue
            break
    return taken


def _take_initials(left: list[str], right: list[str]) -> None:
    """Take a word of `left` that is initials of `right`, some left out or not: TN for Thomas Norbert."""
    for word in [word for word in left if 1 < len(word) < 5]:
        initials = iter([other[0] for other in right])
        if right and word[0] == right[0][0] and all(letter in initials for letter in word):
            left.remove(word)
            right.clear()


def _initial(word: str, other: str) -> bool:
    return (len(word) == 1 or len(other) == 1) and word[0] == other[0]


def _short_form(word: str, other: str) -> bool:
    """Chris for Christopher, Yu. for Yulia, XM for Xiaoming, Mike for Michael; Wei is not short for Weiming."""
    short, long = sorted((word, other), key=len)
    if (word, other) in _NICKNAMES:
        return True
    if short[0] != long[0] or (is_pinyin(short) and is_pinyin(long)):
        return False
    rest = iter(long)
    return long.startswith(short) or (len(short) < 4 and all(letter in rest for letter in short))


def _misspelt(word: str, other: str) -> bool:
    """Whether one is a slip of the pen for the other; Zhang is none for Zheng."""
    shorter = min(len(word), len(other))
    slips = 2 if shorter >= 9 else 1
    return (
        shorter >= 5
        and OSA.distance(word, other, score_cutoff=slips) <= slips
        and not (is_pinyin(word) and is_pinyin(other))
    )
