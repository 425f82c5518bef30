"""Whether words are people: names that end where names end, and have no noun of a title among them."""

from __future__ import annotations

import re

from .names import Names, is_familiar, read_names
from .patterns import HAN_CHAR, VENUE_WORD
from .text import Text

_NAMES_JOINED = re.compile(r" and | & |[、和与;；]")
_INITIAL = re.compile(r"\b[A-Z]\.|(?<=[a-z] )[A-Z]{1,3}\Z")
_SURELY_JOINED = re.compile(r";|\b[A-Z]\.")
_JOINT = re.compile(r"[,;、]|\band\b|&")
# Nouns of titles that no one is called.
NOUN = re.compile(
    r"\b(?:Learning|Training|Networks?|Models?|Methods?|Systems?|Analys[ei]s|Theor(?:y|ies)|Data|Processing"
    r"|Machines?|Neural|Deep"
    r"|(?<=[a-z] )(?:Are|Is|Not)|(?:How|Why|What) (?=[A-Z])|Your|Without|Using|Via"
    r"|Graphs?|Algorithms?|Survey|Study|Studies|Review|Report|Approach(?:es)?|Problems?|Equations?|Techniques"
    r"|Challenges|Progress"
    r"|[A-Z]{2,}s|[A-Z]\w{3,}(?:at|iz|ys|rc|rag|rn|ct|nd|pt|ss)ing"
    r"|Means|Large|Local|Noise|Multiple|Random|Finite|Nonlinear|Linear|Dynamic|Adaptive|Visual|Latent|Joint|Sparse"
    r"|Gradient|Adversarial|Direct|Implicit|Mining|Diffusion|Conditional|Spatial|Semantic|Statistical|Hybrid"
    r"|Hierarchical"
    r"|Unsupervised|Supervised|Optimal|Synthetic|Contrastive|Stochastic|Reinforcement|Features?|Knowledge|Generative"
    r"|Transformers?|Embeddings?|Context|Prompts?|Reward|Large-Scale|Self-[A-Z]\w+|It|Me|Them|Everyone|Irrelevant"
    r"|Engineering|Reasoning|Inference|Causal|Information|Expiring"
    r"|Images?|Language|Vision|Quantum|Advances|Trends|Beyond|Towards?|New|Efficient|Understanding"
    r"|\w{3,}(?:tions?|ity|ities|ics|ness"
    r"|ology|ometry|ments?))\b"
)
_AFTER = re.compile(
    r"[ *_\"”)\]]{0,4}(?=[\n,;:.。|→(\[\0—–-]|\Z| [-–—|/·]|\d{4}|(?:in|at|published)\b|主编|编著|合著|著)"
)


def names_at(text: Text, start: int, stop: int, ends: re.Pattern[str] = _AFTER) -> Names | None:
    """The names at `start`, up to the last that `ends` follows: "Bo Li, Ann Bell, Deep learning for" are two."""
    last = stop = min(stop, start + 600)
    for _ in range(3):
        names = read_names(text, start, last)
        if not names:
            return None
        joints = [joint.start() for joint in _JOINT.finditer(text.plain, start, names.end)]
        # "Bo Li, SKATE: …": the last is no name but a word of the title.
        # "Nichol and Dhariwal, Improved Diffusion Models, …"
        stray = (ends is not _AFTER or len(names.names) > 1) and NOUN.search(names.names[-1]) is not None
        if names.et_al or (
            ends.match(text.plain, names.end, stop) and not (stray or _is_stray(text, names, joints, stop))
        ):
            return names
        if not joints:
            return None
        last = joints[-1]
    return None


def _is_stray(text: Text, names: Names, joints: list[int], stop: int) -> bool:
    """Whether the last of `names` begins the title: "Bo Li, SKATE: …", "王明、李华，Graph Matching"."""
    if not joints or names.end >= stop or text.plain[joints[-1]] != ",":
        return False
    if " " not in names.names[-1] and " " in names.names[0]:
        return True
    mixed = text.raw[joints[-1]] == "，" and text.raw.startswith(":", names.end)
    return mixed or any(text.plain[joint] == "、" for joint in joints)


def reads_as_names(text: Text, start: int, end: int) -> bool:
    """Whether `start:end` are names from end to end."""
    names = names_at(text, start, end)
    return names is not None and names.end >= end - 1 and is_sure(names, text)


def is_byline(text: Text, start: int, end: int) -> bool:
    """Whether `start:end` are several people, each with a first name, from end to end."""
    if not _JOINT.search(text.flat, start, end):
        return False
    names = names_at(text, start, end)
    if names is None or names.end < end - 1 or NOUN.search(text.plain, start, end):
        return False
    # "Tree Automata and Essential Subtrees" are two as well.
    several = len(names.names) > 2 or _SURELY_JOINED.search(text.flat, start, end) is not None
    return several and len(names.names) > 1 and all(" " in name for name in names.names)


def is_sure(names: Names, text: Text) -> bool:
    """Whether `names` are people: et al., initials, first and family name, or family names joined by "and"."""
    if names.et_al:
        return True
    written = text.plain[names.start : names.end]
    if NOUN.search(written) or (len(names.names) == 1 and VENUE_WORD.search(written)):
        return False
    if HAN_CHAR.search(written):
        return all(map(is_familiar, names.names))
    whole = sum(" " in name or _INITIAL.search(name) is not None for name in names.names)
    return whole == len(names.names) or (
        len(names.names) > 1 and (_NAMES_JOINED.search(written) is not None or whole + 1 == len(names.names) > 2)
    )
