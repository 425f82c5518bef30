"""Whether an answer declines, by its wording in English or Chinese; `citations.abstains` also weighs what it cites."""

import re

# "I don't know of any", "no such paper", "not in my records"
_ABSTAIN_EN = (
    r"\b(?:I|we)(?:[’'](?:m|re|d|ve)| am| are| would| have)?\b[^.!?。\n]{0,30}?(?:"
    r"(?:do not|don[’']t|did not|didn[’']t) (?:\w+ )?(?:know|have|recall|recogni[sz]e|find|hold|see|remember)"
    r"|(?:can|could)(?:not|n?[’']t| not) (?:\w+ )?(?:find|locate|recommend|provide|identify|verify"
    r"|confirm|recall|offer|suggest|list|name|access|answer|give|vouch|point|think of|say|tell)"
    r"|not (?:aware|familiar|sure|able|certain|capable|confident)|unaware|unable to|incapable"
    r"|know(?: of)? (?:no\b|nothing)|have no\b|found (?:no\b|nothing)|was(?:n[’']t| not) able|rather not"
    r"|(?:will not|won[’']t) (?:guess|invent|make up|list)"
    r"|have nothing\b|(?:do not|don[’']t) want to (?:make up|invent|guess|fabricate)|came up (?:empty|blank)"
    r"|(?:have|[’']ve) (?:never|not)\b|haven[’']t (?:seen|heard|come)|lack (?:access|information|reliable))"
    r"|\bno (?:such|matching) (?:paper|article|work|publication)|\bnone that I\b"
    r"|\bmy (?:knowledge|records?|index) (?:does not|doesn[’']t|do not|don[’']t) (?:cover|include|contain|hold)\b"
    r"|\b(?:no (?:\w+ ){0,3}papers?|nothing|none(?: of \w+ \w+)?) (?:\w+ ){0,4}?"
    r"(?:found|match(?:es)?|exists?|known|available|recorded|covers?|fits?"
    r"|in (?:my|the|our) (?:records|index|database|collection))"
    r"|\bno (?:results?|records?|matches|match|entr(?:y|ies)) (?:for|of|in|on|match\w*|(?:was|were) found)\b"
    r"|\b(?:not (?:in|part of|recorded in)|outside|beyond) my (?:records|index|database|knowledge|training)"
    r"|\brecords (?:\w+ ){0,6}(?:no|not)\b|so they hold no\b"
    r"|(?:\b(?:papers?|articles?|titles?|works?|ids?|identifiers?|authors?|publications?|references?)\b"
    r"[^.!?\n]{0,60}|[\"”»](?: \([^()\n]{0,60}\))?) (?:(?:really|actually) )?(?:does|do)(?: not|n[’']t)"
    r" (?:appear to |seem to |actually )?exist|\bthere (?:are|is|were) no\b|\bcannot recommend"
    r"|\bthere (?:isn[’']t|is not|aren[’']t|are not|doesn[’']t seem to be|does not seem to be) (?:an?y?|such)\b"
)
# 没有找到, 不知道, 没有…论文, 查不到, 给不出
_ABSTAIN_ZH = (
    r"(?:没有|未能?|没能?|无法|没法|不能|没办法)(?:成功)?(?:在[^。\n]{0,12})?(?:直接|准确|可靠地?)?"
    r"(?:找到|查到|检索到|发现|搜索到|查询到|收录|推荐|提供|确定|确认|给出|访问|核实|回答|列出|识别|联网|查证|验证|见过|听说)"
    r"|[查找搜给想]不[到出起]|(?:检索|搜索|查询)不到|(?<!自己)(?<!自己都)[记说]不[清准]|拿不准|没有把握|不便(?:直接)?(?:给出|推荐|列)|不作推荐|不掌握|尚未收录|暂无"
    r"|(?:无法|不能|不敢)保证[^。\n]{0,20}(?:真实|准确|存在)|超出[^。\n]{0,12}(?:知识|记录|范围)"
    r"|(?:不知道|不了解|不清楚|不确定(?!性|的)|不认识|没听说过|并不存在|查无)"
    r"|没有印象|帮不上忙|(?:查询|检索|搜索)结果为空|尚无(?:论文|文献|研究)|不(?:想|愿|会|能|敢)?(?:凭空)?编造|不予列出|无法核对"
    r"|恕[^。\n]{0,6}?(?:不能|无法|难)(?:照办|从命|提供|奉告|推荐|应)|不能照办|难以从命"
    r"|不(?:列|给|举)出[^。，,\n]{0,6}(?:论文|文献)"
    r"|没有[^。，,\n]{0,80}(?:论文|文献|记录|信息|符合|条目|检索结果)|不在[^。\n]{0,8}(?:记录|收录|索引)"
)
_ABSTAIN = re.compile(f"{_ABSTAIN_EN}|{_ABSTAIN_ZH}", re.IGNORECASE)
# Something of this stands in whatever declines; it is found much faster.
_HINT = re.compile(r"no|'t|’t|never|unaware|unable|incapable|lack|outside|beyond|empty|blank|没|未|无|不|超出|为空")
_SENTENCE = re.compile(r"[^\n]{0,300}?(?:[.!?](?=\s|\Z)|[。！？\n]|\Z)|[^\n]{300}")
# "Sorry!", 您好。: a sentence of its own, so that the next is the first to say something.
_GREETING = re.compile(r"(?:sorry|sure|unfortunately|抱歉|很抱歉|对不起|您好|你好)\W*\Z", re.IGNORECASE)


def declines(text: str) -> bool:
    """Whether `text` says anywhere that it knows, finds or recommends nothing."""
    return _HINT.search(text.lower()) is not None and _ABSTAIN.search(text) is not None


def declines_at_once(text: str) -> bool:
    """Whether the first sentence of `text`, greetings aside, declines."""
    first = _SENTENCE.match(text)
    while first and first.end() < len(text) and _GREETING.match(first[0].strip()):
        first = _SENTENCE.match(text, first.end())
    return first is not None and declines(first[0])


_NEGATION = re.compile(r"[没未无不非查虚编]|[nN](?:o|[’']t)|rather|instead|unable|unaware")
# What begins a clause of its own: "I found none, but", "; the nearest is", 但, 最接近的是
_TURN = re.compile(
    r"[.!?。！？\n](?=\s|[^\x00-\x7f]|\Z)|;|\b(?:but|however|though|although|nearest|closest|perhaps|meant?)\b"
    r"|[但却]|不过|最接近|相近|类似|可能是|是否指|是不是|是指|指的是|推荐",
    re.IGNORECASE,
)


def denied(text: str, start: int, end: int) -> bool:
    """Whether the clause around `start:end` says of what stands there that there is no such paper."""
    if not _NEGATION.search(text, max(0, start - 120), min(len(text), end + 80)):
        return False
    before = _TURN.split(text[max(0, start - 120) : start])[-1]
    after = _TURN.split(text[end : end + 80], maxsplit=1)[0]
    return declines(before) or _NOT_BEFORE.search(before) is not None or _DENIED_AFTER.match(after) is not None


# 而不是《…》, rather than "…"
_NOT_BEFORE = re.compile(
    r"(?:而不是|而非|不是|并非|(?:没有|不存在|不记得)[^。，,\n]{0,14}?(?:题为|名为|叫做?|关于|针对|给出)"
    r"|\bnot|\brather than"
    r"|\binstead of)[ “\"《*]{0,4}\Z",
    re.IGNORECASE,
)
# 《…》并不存在, "…" does not exist, is not a real paper
_DENIED_AFTER = re.compile(
    r"[\"”*》]{0,3}(?:[ ]?\([^()\n]{0,60}\))?(?:,? by [^.!?\n]{2,80}?,)?[^,，。\n]{0,40}?"
    r"(?:(?:does not|doesn[’']t|do not|don[’']t) (?:appear to |seem to |actually )?(?:exist|be|match|correspond|ring)\b"
    r"|(?:is not|isn[’']t) (?:a real|an actual|in my|recorded|known|something)"
    r"|(?:can|could)(?:not| not|n[’']t) be (?:found|verified|confirmed)"
    r"|(?:并)?不存在|不在[^。\n]{0,8}(?:记录|收录|索引)|查无|未(?:能)?(?:收录|找到|查到)|[查找搜]不到|没有(?:收录|找到|查到)|是(?:虚构|编造)|无法(?:确认|核实|找到|查到))"
    r"|[”》]{0,3}(?:的(?:论文|文献|研究|文章))?[,，][ ]?我们?(?:确实|暂时|目前|尚|并|也)?"
    r"(?:[查找]不到|不(?:了解|知道|清楚|掌握)|(?:没有?|未能?|无法)(?:找到|查到|核实|确认))(?!更|其他|别的)",
    re.IGNORECASE,
)
