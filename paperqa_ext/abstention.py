"""Whether an answer declines, by its wording in English or Chinese; `citations.abstains` also weighs what it cites."""

import re

# "I don't know of any", "no such paper", "not in my records", 没有找到, 不知道, 没有…论文
_ABSTAIN = re.compile(
    r"\b(?:I|we)(?:'m| am| are|'re)?\b[^.!?。\n]{0,30}?(?:"
    r"(?:do not|don[’']t|did not|didn[’']t) (?:\w+ )?(?:know|have|recall|recognize|find|hold)"
    r"|(?:can|could)(?:not|[’']t| not) (?:\w+ )?(?:find|locate|recommend|provide|identify|verify"
    r"|confirm|recall|offer|suggest|list|name|access|answer)"
    r"|not (?:aware|familiar|sure|able|certain)|unaware|unable to|know(?: of)? no\b|have no\b|found (?:no\b|nothing)"
    r"|was(?:n[’']t| not) able)"
    r"|\bno such (?:paper|article|work|publication)"
    r"|\bno (?:\w+ ){0,3}papers? (?:\w+ ){0,4}(?:found|match|exists?|known|available|recorded)"
    r"|\bnot (?:in|part of|recorded in) my (?:records|index|database|knowledge)"
    r"|\brecords (?:\w+ ){0,6}(?:no|not)\b|so they hold no\b"
    r"|\b(?:does not|doesn[’']t) (?:appear to |seem to )?exist|\bthere (?:are|is|were) no\b|\bcannot recommend"
    r"|(?:没有|未能?|没能?|无法|不能)(?:成功)?(?:在[^。\n]{0,12})?(?:找到|查到|检索到|发现|搜索到|查询到|收录|推荐|提供|确定|确认|给出|访问|核实|回答|列出|识别)"
    r"|(?:不知道|不了解|不清楚|不确定(?!性)|不认识|没听说过|并不存在|查无)|没有[^。，,\n]{0,80}(?:论文|文献|记录|信息|符合)|不在[^。\n]{0,8}(?:记录|收录|索引)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^\n]{0,300}?(?:[.!?](?=\s|\Z)|[。！？\n]|\Z)|[^\n]{300}")
# "Sorry!", 您好。: a sentence of its own, so that the next is the first to say something.
_GREETING = re.compile(r"(?:sorry|sure|unfortunately|抱歉|很抱歉|对不起|您好|你好)\W*\Z", re.IGNORECASE)


def declines(text: str) -> bool:
    """Whether `text` says anywhere that it knows, finds or recommends nothing."""
    return _ABSTAIN.search(text) is not None


def declines_at_once(text: str) -> bool:
    """Whether the first sentence of `text`, greetings aside, declines."""
    first = _SENTENCE.match(text)
    while first and first.end() < len(text) and _GREETING.match(first[0].strip()):
        first = _SENTENCE.match(text, first.end())
    return first is not None and declines(first[0])
