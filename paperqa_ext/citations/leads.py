"""What a line announces: papers, or things of another sort.

The head of its first plural noun phrase tells: "papers on graph databases" are papers, "tips for reading papers" are
not. In Chinese the noun at the end does, or the measure word: 三篇 are papers, 三部 and 三位 are not.
"""

from __future__ import annotations

import re
from enum import Enum
from itertools import chain

from .abstention import declines
from .patterns import HAN_CHAR

Lead = Enum("Lead", "PAPERS OTHER NONE")

_PAPER = (
    r"(?:papers?|articles?|publications?|references?|literature|stud(?:y|ies)|surveys?|reviews?|preprints?|books?"
    r"|textbooks?|monographs?|thes[ie]s|dissertations?|readings?|bibliography|citations?|titles|works|classics"
    r"|sources|bibtex"
    r"|(?:reading|reference) (?:list|plan|order|path|roadmap))"
)
_PAPER_NOUN = re.compile(_PAPER, re.IGNORECASE)
# One paper announces no list of such if other things follow: "a typical paper has these sections".
_ONE_PAPER = re.compile(
    r"(?:paper|article|publication|study|survey|review|preprint|book|textbook|thesis|work)", re.IGNORECASE
)
# They stand for whatever is spoken of.
_NEUTRAL = re.compile(
    r"(?:records?|results?|match(?:es)?|entries|items|hits|picks|suggestions|recommendations|options|ones|choices|links"
    r"|resources|examples|candidates|details|lists?|years|months|days|words|sorts|kinds|thanks|goes|lines|pointers"
    r"|points|places|reads|materials"
    r"|always|perhaps|was|has|does|his|its|this|yours|ours|as|us|yes)",
    re.IGNORECASE,
)
_ADVERB = re.compile(r"only|below|first|here|now|too|above|instead|again|today|so|far|please", re.IGNORECASE)
# Where a noun phrase ends.
_BETWEEN = re.compile(
    r"[^\w\s'’/&+-]+|\b(?:on|about|of|for|in|by|to|at|from|with|within|across|around|over|under|between|before|after"
    r"|that|which|who"
    r"|whose|where|when|how|why|what|if|because|related|relevant|concerning|covering|you|we|I|they|it|there|here|are|is"
    r"|was|were|be|can|could|may|might|should|would|will|do|have|has|had|find|try|see|read|include|includes|including"
    r"|using|while|than|but|published|used|like|such|as|worth|behind|needed|led|working|doing|dealing|known"
    r"|available)\b"
)
_BINDS = re.compile(r"(?:on|about|of|for|in|by|to|at|from|with|you|can|related|concerning|covering|where|find)\Z")
_PLURAL = re.compile(
    r"[A-Za-z-]{2,}(?:[^\Wsiu\d_]s|ies|[^s]ius)|people|data|software|hardware|criteria|media|news", re.IGNORECASE
)
# One thing that is laid out in a list.
_SINGULAR = re.compile(
    r"timeline|roadmap|schedule|syllabus|curriculum|outline|plan|guide|structure|advice|summary|conclusion|checklist"
    r"|overview|history|workflow|pipeline|template|format|example|agenda|rubric|glossary|code|tooling",
    re.IGNORECASE,
)
_TO_DO = re.compile(
    r"\b(?:to (?:write|find|search|get|publish|prepare|access|organi[sz]e)|how to\b.*"
    r"|(?:writ|find|search|organi[sz]|prepar|publish|cit)ing) (?!list)",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[.!?](?=[ *])|[。！？]")
# "the three datasets most people use"
_COUNTED_NOUN = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|some|few|several|many|these|following|main|\d{1,2})"
    r" (?:[a-z-]+ ){0,2}?(?:(?P<papers>papers|articles|works|references|publications|studies|surveys|books|titles)"
    r"|[a-z]{3,}[^\Wsiu\d_]s)\b",
    re.IGNORECASE,
)
# "Which area? For example:"
_ASKS = re.compile(
    r"[?？][ *_]*(?:例如|比如|如|譬如|For (?:example|instance)|E\.g\.|Such as)?[,， ]?[:：]?[ *_]*\Z", re.IGNORECASE
)
# Titles for a paper that is yet to be written.
_PROPOSED = re.compile(
    r"\b(?:your|possible|potential|working|alternative|catchy|candidate|suggested|sample) (?:[\w-]+"
    r" ){0,3}?titles?\b(?! for)"
    r"|\btitles? (?:ideas?|suggestions?|options?"
    r"|for (?:your|the|a|this)(?! (?:journal club|reading|seminar|class|course|next|syllabus)))\b|\btitle (?:it|your)\b"
    r"|(?:题目|标题|题名)(?:可以?|不妨)(?:考虑|选|定|取|用|写|拟)"
    r"|拟[定了][^。\n]{0,10}?(?:题目|标题|选题)|(?:拟定?|备选|候选|可选|建议)的?[\u3400-\u9fff]{0,4}?(?:题目|标题|题名)|(?:题目|标题|选题|题名)(?:建议|方向"
    r"|参考|备选|示例)",
    re.IGNORECASE,
)
# "What reviewers ask for:"
_WHAT = re.compile(
    r"(?:^|[.!] )[*_]{0,3}(?:What|How|Why|When|Where)\b(?![^\n]*\b(?:read|cite|papers?|literature|stud(?:y|ies)"
    r"|books?)\b)[^.!?\n]*:[*_ ]*\Z"
)
# What to know before one reads.
_PREREQUISITES = re.compile(
    r"\b(?:help|assist)(?: you)? with\b[^.]*:\W*\Z|\b(?:familiar|comfortable) with\b|\bprerequisites?\b"
    r"|\byou (?:should|need to|must) (?:know|have|be)\b"
    r"|先修|前置知识|预备知识|(?:需要|应当?|必须)(?:掌握|熟悉|了解)",
    re.IGNORECASE,
)
_NOT_PAPERS = re.compile(r"\b(?:rather than|instead of) (?:an? |any )?(?:papers?|articles?)\b", re.IGNORECASE)
# "If you talk about blocks, add:"
_CONDITION = re.compile(r"\b(?:if|when|in case|should) you\b[^,:.]*,", re.IGNORECASE)
# "For residual connections, cite:", "On kernels, see:"
_TO_READ = re.compile(
    r", (?:(?:please|also|you (?:should|could|can|may)) )?"
    r"(?:(?P<read>cite|(?:re)?read|skim)|see|add|start with|look at)[*_ ]*:"
)
# "How it works", "Why dropout works"
_IT_WORKS = re.compile(r"\b(?:it|this|that|which|what|(?:how|why) [^.:?!\n]{1,40}?) works\b", re.IGNORECASE)
_OF_LIST = re.compile(
    r"\b(?:lists?|overview|roundup|set|collection|selection|number|couple|handful|series|kinds?|types?) of\b",
    re.IGNORECASE,
)
# "Week 3: Project", 第三周：做项目
_STAGE = re.compile(
    r"[*_ ]{0,4}(?:(?:week|day|month|phase|stage|step)s?[ ]?\d"
    r"|第[ ]?[一二三四五六七八九十\d]{1,3}[ ]?(?:[周天月步]|阶段|个月))",
    re.IGNORECASE,
)
# Works of art and play, whoever made them and when.
_ART = re.compile(
    r"\b(?:films?|movies?|documentar(?:y|ies)|novels?|songs?|albums?|fiction|comics|anime|poems?|paintings?|operas?"
    r"|symphon(?:y|ies)"
    r"|(?:video |board )?games?|(?:tv|television) (?:shows?|series)|podcasts?|episodes?|lyrics|courses?|MOOCs?|talks"
    r"|videos|plays|musicals|manga|cartoons|quotes|quotations|sayings|proverbs|maxims|mottos?)\b"
    r"|名言|格言|谚语|语录|警句"
    r"|课程|公开课|视频|影视|剧集|观影|片单|戏剧|话剧|舞台剧|音乐剧|歌剧|漫画|单曲|绘本|电影|影片|纪录片|电视剧|小说|歌曲|首歌|专辑|诗歌|画作|游戏|动画|动漫|综艺|播客",
    re.IGNORECASE,
)

_TOPIC_ZH = re.compile(
    r"[*_# ]{0,6}(?:[一二三四五六七八九十]、)?[\u3400-\u9fffA-Za-z-]{2,14}"
    r"(?:方法|应用|模型|理论|机制|算法|框架)类?[*_ :]{0,6}"
)

_PAPER_ZH = (
    r"(?:论文|文献|文章|综述|著作|专著|(?<!供)(?<!供[您你])参考|书目|教材|书籍|成果|标题|题目|预印本"
    r"|(?:研究|相关|代表性?|经典|奠基性?|开创性?)的?工作|代表作|期刊文|篇)"
)
_MENTIONS = re.compile(rf"{_PAPER_ZH}|\b(?:papers?|articles?|surveys?|titles|references)\b")
_COUNTED = re.compile(
    r"(?:[一二两三四五六七八九十几多数\d]+|这|下|某)[ ]?(?P<measure>[篇本部首位款个种条点步项家所门类名张])"
)
_OTHER_WORDS_ZH = (
    r"(?:建议|选题|课题|步骤|技巧|注意|途径|渠道|数据库|关键词|平台|写作|结构|大纲|提纲|计划|日程|路线|历程|大事记|方法|概念|主题|应用|挑战|方向|学者"
    r"|研究者|数据集|数据来源|数据源|结论|观点|信息|细节|设备|仪器|硬件|器材|公开课|课程|模型|框架|会议|期刊|机构|领域|类型|优点|特点|问题|总结|小结|说明|工具|要点|贡献|资源|网站|公司|软件"
    r"|热点|难点|痛点|趋势|章节|环节|项目|作业|练习|重点|考点"
    r"|知识点|议程|流程|技能|岗位|措施|原则|第[一二三四五六七八九十\d]{1,2}章)"
)
_OTHER_ZH = re.compile(_OTHER_WORDS_ZH)
# 论文的建议, 论文写作
_OF_PAPERS = re.compile(
    rf"(?:的[\u3400-\u9fff]{{0,4}}?)?{_OTHER_WORDS_ZH}|[\u3400-\u9fff]{{1,4}}?{_OTHER_WORDS_ZH}[\W\d]*\Z"
)
_TO_DO_ZH = re.compile(r"如何|怎[么样]|[写读找查搜]")
_ENDS_OTHER = re.compile(rf"{_OTHER_WORDS_ZH}(?:如下|有|包括|是|组织|安排|展开|进行|撰写|写作|完成|来写)?[\W\d]*\Z")


# 建议按下面的顺序读：
_TO_READ_ZH = re.compile(
    r"(?:顺序|依次|这样|下面|以下|线来|(?:方向|领域|方面)[,，](?:可以|建议))[^,，。]{0,8}(?:[阅研]?读|看)(?:起|一下)?[:：]\Z"
)


def announced(line: str) -> Lead:
    """What `line`, a heading or the sentence before a list, announces; the last of its sentences that does."""
    line = line.replace("**", "")
    if _ASKS.search(line) or _PROPOSED.search(line) or _PREREQUISITES.search(line) or _WHAT.search(line):
        return Lead.OTHER
    *before, last = [one for one in _SENTENCES.split(line) if one.strip(" *_:")] or [""]
    if declines(last):
        return Lead.OTHER
    if _TO_READ_ZH.search(last):
        return Lead.PAPERS
    if line.endswith(":") and (told := _TO_READ.search(last)):
        return Lead.PAPERS if told["read"] else Lead.NONE
    said = (
        _announced_zh(one) if HAN_CHAR.search(one) else _announced_en(one)
        for one in (last, *before[::-1])
        if one is last or not declines(one)
    )
    return next((lead for lead in said if lead is not Lead.NONE), Lead.NONE)


def _announced_en(sentence: str) -> Lead:
    """What the heads of its noun phrases are: of "tips for papers" the first counts, of "years, papers" the last."""
    lead = Lead.OTHER if _TO_DO.search(sentence) else Lead.NONE
    bound = lead is Lead.OTHER
    topic = False  # of "a paper on neural networks"
    at = 0
    sentence = _CONDITION.sub(" ", sentence) if " you" in sentence else sentence
    sentence = _NOT_PAPERS.sub(" ", sentence) if " than " in sentence or " of " in sentence else sentence
    text = _OF_LIST.sub(" ", _IT_WORKS.sub(" ", sentence) if " works" in sentence else sentence)
    for gap in chain(_BETWEEN.finditer(text), (None,)):
        chunk = text[at : gap.start() if gap else len(text)]
        at = gap.end() if gap else len(text)
        words = chunk.split()
        while words and _ADVERB.fullmatch(words[-1]):
            words.pop()
        if words and (_PAPER_NOUN.fullmatch(words[-1]) or _PAPER_NOUN.fullmatch(" ".join(words[-2:]))):
            if bound:
                return lead
            if not _ONE_PAPER.fullmatch(words[-1]):
                return Lead.PAPERS
            lead = Lead.PAPERS if lead is Lead.NONE else lead  # "ideas that you could explore for your thesis"
            topic = gap is not None and _BINDS.match(gap[0]) is not None
            continue
        counted = _COUNTED_NOUN.search(chunk)
        if counted and counted["papers"]:
            return lead if bound else Lead.PAPERS
        plural = bool(words) and _PLURAL.fullmatch(words[-1]) and (words[-1].islower() or len(words) < 4)
        told = plural or counted or (bool(words) and _SINGULAR.fullmatch(words[-1]))
        if told and not topic and not _NEUTRAL.fullmatch(words[-1]):
            lead = Lead.OTHER
            bound = gap is not None and _BINDS.match(gap[0]) is not None
        else:
            bound = bound and (gap is None or _BINDS.match(gap[0]) is not None)
        topic = topic and gap is not None and _BINDS.match(gap[0]) is not None
    return lead


def _announced_zh(sentence: str) -> Lead:
    counted = _COUNTED.search(sentence)
    measure = counted["measure"] if counted else ""
    if measure == "篇":
        one = counted is not None and counted[0][0] in "这该某"  # "这篇稿子可以投以下期刊："
        return Lead.OTHER if one and _ENDS_OTHER.search(sentence) else Lead.PAPERS
    if (mention := _MENTIONS.search(sentence)) and sentence[mention.start() - 1 : mention.start()] == "写":
        return Lead.OTHER
    if mention:
        of_papers = _OF_PAPERS.match(sentence, mention.end()) or (
            _TO_DO_ZH.search(sentence) and _ENDS_OTHER.search(sentence)
        )
        return Lead.OTHER if of_papers else Lead.PAPERS
    if _OTHER_ZH.search(sentence):
        return Lead.OTHER
    if measure == "本":
        return Lead.PAPERS
    return Lead.OTHER if measure and measure in "部首位款种类条点步家所门" else Lead.NONE


def is_stage(line: str) -> bool:
    """Whether `line` is the heading of a stage of a plan, whose lead is its own: "Week 3: Project"."""
    return _STAGE.match(line) is not None


def is_topic(line: str) -> bool:
    """Whether `line`, a heading in a list of papers, names what those under it are about: 一、经典方法"""
    return _TOPIC_ZH.fullmatch(line) is not None


def is_art(line: str) -> bool:
    """Whether `line` speaks of films, songs, novels or games."""
    return _ART.search(line) is not None


def is_heading(line: str) -> bool:
    """Whether `line` is a few words, in bold or closed by a colon: a heading in all but its mark-up."""
    words = line.strip()
    return len(words) < 60 and (words[-1:] == ":" or (words[:1] in "*_" and words[-1:] in "*_:"))
