"""Names of authors in running text: those that stand at a place, and those before a title."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .patterns import (
    ACRONYM,
    ADJACENT,
    AUTHOR_BEFORE,
    CONJUNCTION,
    ET_AL,
    FINAL_INITIAL,
    HAN_CHAR,
    HONORIFIC,
    JOIN,
    LEADING_WORD,
    MLA_ET_AL,
    NAME,
    NAMES_STOP,
    NOT_NAME,
    OF_OTHER,
    SENTENCE_END,
    SPACES,
    SURNAME,
    VENUE_WORD,
    VENUE_YEAR,
)
from .text import Text, end_of

# 文献, 著作: what begins like a family name and is none
_NO_PERSON = re.compile(
    r"(?:[文论著作教]|.*(?:文献|文章|著作|教材|专著|论文|作品|名著|方面|方法|经典|金融|成果|时间))\Z|文[献章]|时[候间]|方[法面]|金融|经典"
)
# Before a name in a sentence: 参考阎云翔《…》
_LEADS_NAME = re.compile(r"(?:参考|参阅|参见|阅读|推荐|[看读见如及和与的有是由,;。:、(])\Z")
# Between names and the journal: "Marta Díaz, 2020. *Environmental Communication*"
_PLACE_AFTER = re.compile(r", (?:19|20)\d\d\. [*_]?\Z")
# "Bell, Li and Kim replied in 2004 with"
_SUBJECT = re.compile(r" [a-z]{3,}ed\b[^;:,]{0,60}\Z")
# "Kang and McAuley introduced SASRec in"
_OBJECT = re.compile(r"\b(?:introduced|proposed|presented|described|developed|called|named|dubbed) \Z")
_FAMILY_INITIALS = re.compile(r"[^\W\d_][\w'’-]+ [A-Z]{1,3}")
_INITIALS_STOP = re.compile(r"[^\W\d_][\w'’-]+ [A-Z]{1,3}(?=\. [A-Z][a-z])")
# Between a title and the names right after it.
_CLOSE = (",", "，", "-", "—", "–", "——")
_LAST_INITIALS = re.compile(r", (?:[A-Z]\.[ -]?){0,3}[A-Z]\.(?= [^\W\d_a-z])")


@dataclass(frozen=True, slots=True)
class Names:
    """Names at `start:end`, false if there are none; `et_al` if "et al." or its like closes them."""

    names: tuple[str, ...]
    start: int
    end: int
    et_al: bool = False

    def __bool__(self) -> bool:
        return bool(self.names)


def read_names(text: Text, start: int, stop: int) -> Names:
    """The names that stand at `start`."""
    names: list[str] = []
    begin = end = start
    joints: list[re.Match[str]] = []
    plain = text.plain
    while True:
        if plain[start : start + 1] in "DPM":
            start = end_of(HONORIFIC, plain, start, stop)
        if not (match := NAME.match(plain, start, stop)):
            break
        if NOT_NAME.match(match[0]) or (names and _is_remark(names[-1], match[0])):
            break
        end = match.end()
        name = text.raw[match.start() : end]
        if names and all(map(_FAMILY_INITIALS.fullmatch, names)) and (last := _INITIALS_STOP.match(name)):
            end, name = match.start() + last.end(), last[0]  # "LeCun Y, Hinton G. Nature"
        names.append(name[:-1] if FINAL_INITIAL.search(name) and "," not in name else name)
        inverted_before = len(names) > 1 and "," in names[0] and "," not in names[-1]
        if inverted_before and (last := _LAST_INITIALS.match(text.plain, end, stop)):
            end, names[-1] = last.end(), text.raw[match.start() : last.end()]  # "Li, B., and Bell, A. Title"
            break
        if ET_AL.match(text.plain, end, stop) or not (following := JOIN.match(text.plain, end, stop)):
            break
        if joints and following[0].strip() == "," and joints[-1][0].rstrip().endswith(("and", "&")):
            break  # "Ann Bell, and Bo Li, Title"
        joints.append(following)
        start = following.end()
    if len(names) > 1 and (stray := _venue_words(text, names, joints, end, stop)):
        del names[-stray:]
        end = joints[len(names) - 1].start()
    et_al = ET_AL.match(text.plain, end, stop) if names else None
    return Names(tuple(names), begin, et_al.end() if et_al else end, et_al is not None)


def _is_remark(before: str, name: str) -> bool:
    """Whether `name`, after a Latin one, is a word of a remark: "Huan Yang、Renji Zhang，跨请求共享缓存"."""
    if name[0].isascii() or HAN_CHAR.match(before):
        return False
    return not is_familiar(name)


def is_familiar(name: str) -> bool:
    """Whether `name`, if it is Chinese, is one by its family name or its dot: 张三, 让·皮埃尔."""
    return not HAN_CHAR.match(name) or "·" in name or SURNAME.match(name) is not None


def _venue_words(text: Text, names: list[str], gaps: list[re.Match[str]], end: int, stop: int) -> int:
    """How many at the end of `names` are where they published, or a label: "and" or other commas ended the names."""
    *before, last = [gap[0].strip() for gap in gaps[: len(names) - 1]]
    if HAN_CHAR.match(names[-1]):
        return int(last == ";" and text.plain.startswith(":", end))
    if not VENUE_YEAR.match(text.plain, end, stop):
        return 0
    if VENUE_WORD.search(names[-1]):
        # "John Ioannidis, PLoS Medicine, 2005", "Weihua Li, Ruyi Huang, Mechanical Systems and Signal Processing, 2022"
        return 2 if last in ("&", "and") and before[-1:] == [","] and VENUE_WORD.search(names[-2]) else 1
    single = [" " not in name for name in names]
    if len(names) > 2 and not single[0] and single[-2] and single[-1] and last in ("&", "and") and before[-1] == ",":
        return 2  # "E. P. Thompson, Past & Present, 1967"
    if " " not in names[-1] and " " in names[-2] and (last == "," or text.plain.startswith(" ", end)):
        return 1  # "Ann Bell, Bo Li, JMLR 2015", "Sara Conti, Sensors, 2021"
    closed = any(joint.endswith(("and", "&")) for joint in before) and last == ","
    apart = last == ";" and ";" not in before
    return int((closed or (apart and bool(before))) and not any("," in name for name in names))


def leading_names(text: Text, start: int, head: int, shared: bool = False) -> Names | None:
    """The authors before the title at `start`: `Smith et al. (2017) introduced `, `张三等人的`

    If `shared`, another title ends at `head`: to it belong names in brackets, and those that `by` leads after it.
    """
    plain = text.plain
    nearest: Names | None = None
    skip = max(head, start - 200)
    for match in NAME.finditer(plain, skip, start):
        begin = end_of(LEADING_WORD, plain, end_of(CONJUNCTION, plain, match.start(), start), start)
        if begin < skip or (begin > head and not (begin := _name_start(plain, begin, match.end()))):
            continue
        found = read_names(text, begin, start)
        if begin > head and (clause := plain.rfind(";", begin, found.end)) > 0:  # "…提出了 Adam；Kingma 与 Ba 的"
            found = read_names(text, end_of(SPACES, plain, clause + 1, start), start)
        if not found:
            continue
        skip = found.end
        if shared and (
            plain.rfind("(", head, begin) > plain.rfind(")", head, begin) or OF_OTHER.fullmatch(plain, head, begin)
        ):
            continue
        if (
            shared
            and begin < head + 12
            and plain[head:begin].strip(' *_》”"') in _CLOSE
            and len(plain[found.end : start]) > 12
        ):
            continue  # 《…》，张三等 2021 年发布……；《…》
        if plain.endswith("by ", head, begin) and plain[found.end : start].strip(' *_"“') == ".":
            continue  # "… is by Hinton. "
        place = len(found.names) == 1 and " " not in found.names[0] and plain.startswith((" ", ","), found.end)
        place &= plain.endswith((" from ", " at "), head, begin)
        place |= len(found.names) == 1 and VENUE_WORD.search(found.names[0]) is not None
        if place or ACRONYM.fullmatch(found.names[-1].split()[-1]):
            continue  # "Hu et al. from Microsoft in", "Goodfellow 等人提出 GAN，论文题目为"
        if plain.endswith("ed ", head, begin) and _OBJECT.search(plain, max(head, begin - 14), begin):
            continue
        rest, begins = plain[found.end : start], begin == head
        marked = begins and rest.startswith("*")  # "**Ann Bell and Bo Li** – "
        if shared and (";" in rest or _PLACE_AFTER.match(rest)):  # 《…》，陈刚，2017年；《…》
            continue
        clause = begin + len(found.names[0])
        opens = HAN_CHAR.match(plain, begin) and plain.startswith(",", clause) and HAN_CHAR.match(rest.strip())
        if opens and len(found.names) > 1 and not SURNAME.match(found.names[0]):  # "多年前，张三等人的"
            found = read_names(text, clause + 1, start)
        first = found.names[0] if found else ""
        chinese = HAN_CHAR.match(first) is not None
        familiar = [*map(is_familiar, found.names)]
        mixed = len(found.names) > 1 and any("·" in name for name in found.names)
        if chinese and not (found.et_al or mixed) and not (any if begins and len(familiar) > 1 else all)(familiar):
            continue
        several = len(found.names) > 1 and _SUBJECT.match(rest) is not None
        after = rest.lstrip("*") if marked else rest
        sure = ((found.et_al or several) and not SENTENCE_END.search(rest)) or AUTHOR_BEFORE.match(after)
        # Two to four Chinese characters are seldom a name: only where one is bound to stand.
        foreign = "·" in first
        led = chinese and len(first) > 1 and _LEADS_NAME.search(plain, max(0, begin - 4), begin) is not None
        led |= foreign
        quoted = plain.startswith("《", found.end) or (
            len(found.names) > 1 and not shared and plain.startswith(",《", found.end)
        )
        if chinese and not begins and not sure and not (led and quoted):
            continue
        # "周志华《机器学习》"
        book = chinese and plain.startswith("《", start) and (foreign or SURNAME.match(first) is not None)
        book &= _NO_PERSON.search(first) is None
        lone = (begins and "," in first) or ((begins or led) and book)
        lone = lone or (begins and " " in first and rest.strip() in _CLOSE[2:] and not VENUE_WORD.search(first))
        adjacent = rest.strip() in ADJACENT or (
            (len(found.names) > 1 or found.et_al or lone) and not rest.strip(" *–—:" if marked else " –—")
        )
        if sure or adjacent:
            nearest = inverted(found, text, start) if begins else inverted(found, text)
    return nearest


def _name_start(plain: str, start: int, end: int) -> int:
    """Where the name at `start:end` of a sentence begins, 0 if there is none: Chinese runs into the words before it."""
    if not HAN_CHAR.match(plain, start):
        return start
    led = _LEADS_NAME.search(plain, max(0, start - 4), start)
    if "·" in plain[start:end] and (led or not HAN_CHAR.match(plain, start - 1)):
        return start
    if surname := SURNAME.search(plain[start:end]):
        start += surname.start()
        # "受到关注，": words that go on before it and end with a clause
        return 0 if plain.startswith((",", ";", ":", "。", "."), end) and HAN_CHAR.match(plain, start - 1) else start
    return start if ET_AL.match(plain, end) and not HAN_CHAR.match(plain, start - 1) else 0


def inverted(found: Names, text: Text, stop: int = 0) -> Names:
    """`Kipf, Thomas N., and Max Welling`, `Vaswani, Ashish, et al.`: the first author's family name comes first.

    So do two names of a reference that a full stop ends before the title at `stop`: `Gebru, Timnit.`
    """
    alone = NAMES_STOP.match(text.plain, found.end - 1, max(stop, found.end)) is not None
    names = found.names
    if len(names) < 2 or names[0].endswith(".") or HAN_CHAR.match(names[0]):
        return found
    if " " in names[0] and not names[0][0].islower():
        return found
    if len(names) == 2 and alone and not found.et_al and text.plain.startswith(", ", found.start + len(names[0])):
        return replace(found, names=(text.raw[found.start : found.end],)) if " and " not in names[1] else found
    if all(" " in name for name in names[2:]) and (
        len(names) > 2 or (found.et_al and MLA_ET_AL.search(text.plain, found.start, found.end))
    ):
        return replace(found, names=(f"{names[0]}, {names[1]}", *names[2:]))
    return found
