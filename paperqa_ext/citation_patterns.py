"""What titles, authors, years and labels look like in an answer: the regexes that find citations, as data.

They run on the `flat` or `plain` text of `citation_text`: Chinese punctuation is half-width but for 、 。 and quotes,
and in `plain` a NUL is a character of an id or a URL. Every repetition is bounded, to keep matching linear.
"""

import re

# Letters. CJK is kept apart: Chinese runs on without spaces, so a name or a word there is no run of letters.
CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
_HAN = r"[\u3400-\u9fff]"
_LETTER = rf"[^\W\d_{CJK}]"
_UPPER = rf"(?![a-z]){_LETTER}"
HAN_CHAR = re.compile(_HAN)
WORDS = re.compile(rf"{_LETTER}+")

# --- Years -----------------------------------------------------------------------------------------------------------

# 2017; not 2017–2020, 1990s, 1990 年代.
_YEAR = r"(?<!\d)(?<!\d[-–])(?P<year>(?:19|20)\d\d)(?!\d|[-–]\d{4}|[ ]?年代|s\b)"
YEAR = re.compile(_YEAR)
# A year in running text: "introduced in 2017"; not "since 2017".
ANY_YEAR = re.compile(rf"(?<!from )(?<!since )(?<!until )(?<!between )(?<![自从至到]){_YEAR}")
# (2017), (NeurIPS 2017, oral), [ICLR 2018]
BRACKETED_YEAR = re.compile(rf"[(\[](?:[^()\[\]\n\0]{{0,60}}?[^\d()\n\0])??{_YEAR}[^()\[\]\n]{{0,40}}[)\]]?")
FOUR_DIGITS = re.compile(r"\d{4}")

# --- Labels ----------------------------------------------------------------------------------------------------------

_LABELS = {
    "title": r"(?:Paper |Article |Full )?Title|Paper(?: Name)?|论文名?|文献|"
    r"(?:论文|文章|英文|中文)?(?:标题|题目|题名|名称)",
    "authors": r"(?:First |Lead )?Author(?:s|\(s\))?|Written by|(?:论文|第一|主要)?作者(?:列表)?",
    "year": r"(?:Publication )?Year|Published(?: in| on)?|(?:Publication |Release )?Date|"
    r"(?:发表|出版|发布|提交)?(?:年份|时间|日期|年度)|发表于",
    "other": r"arXiv(?: ?(?:ID|Link|编号|链接))?|(?:Paper )?Link|URL|DOI|"
    r"(?:论文)?(?:链接|地址)|Abstract|(?:Brief )?Summary|"
    r"Description|Venue|Journal|Conference|Source|Keywords?|Key \w{3,15}|(?:Main )?Contributions?|摘要|简介|概述|内容|"
    r"描述|期刊|会议|来源|出处|关键词|(?:主要|核心)?(?:贡献|内容|思想|创新点)",
}
_LABEL = "|".join(rf"(?P<{kind}>{words})" for kind, words in _LABELS.items())
_COLON = r"[ ]?[*_]{0,3}[ ]?:[*_]{0,3}[ ]{0,4}"
# At the start of a line: "**Title:** ", "作者: ". The group that matched names the kind.
FIELD = re.compile(rf"[*_]{{0,3}}(?:{_LABEL}){_COLON}", re.IGNORECASE)
# Inside a line, in two steps, for a label may begin at any letter but needs a colon: the colon, the label before it.
COLON_AFTER_WORD = re.compile(rf"(?<=[\w)]){_COLON}")
LABEL_AT_END = re.compile(rf"(?<![A-Za-z])(?:{_LABEL})\Z", re.IGNORECASE)

# --- Authors ---------------------------------------------------------------------------------------------------------

_PARTICLE = r"(?:de|del|della|der|den|di|da|dos|du|la|le|van|von|vom|zu|ten|ter|bin|ibn|al|el|y|e)"
_WORD = rf"(?:{_UPPER}\.(?:[- ]?{_UPPER}\.){{0,3}}|(?:[dDlL]['’])?{_UPPER}(?:{_LETTER}|['’‐-]){{0,30}})"
# Laurens van der Maaten; Kipf, T. N.; Sammy Davis Jr.; 张三 or 让·皮埃尔 if something stands there that ends a name.
NAME = re.compile(
    rf"(?:{_PARTICLE} ){{0,2}}{_WORD}(?:(?:[ ]|(?<=\.))(?:{_PARTICLE} ){{0,2}}{_WORD}){{0,4}}(?: (?:Jr|Sr)\.)?"
    rf"(?:, {_UPPER}\.(?:[ -]?{_UPPER}\.){{0,3}}(?=[ ]?(?:[,;&(\[]|and\b|et al|\Z|\n)))?"
    rf"|{_HAN}{{2,4}}?(?:·{_HAN}{{1,6}}?){{0,2}}(?=等|[、,和与及在于提发所撰著的合共;。.(\[\0\n\d ]|\Z)"
)
# Capitalised like a name, but the start of a sentence, a venue, a month, a heading.
NOT_NAME = re.compile(
    r"(?:This|That|These|The(?!-| [A-Z])|It|In|On|We|"
    r"A(?!\.| [A-Z]\b)|And|Our|Their|They|Its|By|For|With|Published|Preprint|Available|Link|Paper|Code|"
    r"Proceedings|Journal|Transactions|Conference|Advances|arXiv|IEEE|ACM|ICLR|ICML|NeurIPS|NIPS|CVPR|ICCV|ECCV|ACL|"
    r"EMNLP|NAACL|KDD|AAAI|IJCAI|WWW|Nature|Science|(?:Jan|Febr)uary|March|April|(?:May|June|July|August) \d|"
    r"(?:Septem|Octo|Novem|Decem)ber|Introduce[sd]|Propose[sd]|Presents|Year|Authors?)\b"
    r"|[这该本此其我它]|首次|提出|介绍|研究|论文|来自|发表|作者|年份|摘要"
)
# "Dr. Elena Kudlow": not part of the name
HONORIFIC = re.compile(r"(?:Drs?|Prof(?:essors?)?|Mrs?|Ms)\.?[ ](?=\S)")
# Thomas N. Kipf. — the full stop is the sentence's; in "Kipf, T. N." it is the name's.
FINAL_INITIAL = re.compile(r"\w [A-Z]\.$")
# Between names: ", ", ", and ", " & ", 、, 和
JOIN = re.compile(r"[ ]?(?:[,;、][ ]{0,2}(?:(?:and|&)[ ]|和|与)?|and[ ]|&[ ]?|和|与|及|以及)[ ]?")
# After names: et al., and others, and her colleagues, 等 3 人
ET_AL = re.compile(
    r"(?:,[ ]?|[ ]{1,2}|(?<![^\W\d_]))(?:and )?(?:et\.?[ ]?al\b\.?|others\b|colleagues\b"
    r"|\d+ others\b|(?:his|her|their) co\w+)"
    r"|[ ]?等(?:[ ]?\d*[ ]?人|学者)?"
)
# What may follow a name that is one: (2017), [arXiv:…], " in", 提出
AFTER_NAMES = re.compile(
    r"[\s*_\"]*(?:\Z|\n|[\0(\[.,;:。)|—–-]|(?:in|at|published|from|proposed|introduced)\b|\d{4}|[在于的提所撰发合共])"
)
# Between a title and the authors after it: the rest of its link "](https://…)", then marks, then "by " or 由.
LINK_END = re.compile(r"[*_\"”]{0,3}\]\(\0{0,400}\)?[*_]{0,3}")
MARKS = re.compile(r"[ \n*_\"”'’」』》\]\0,.:;|—–-]{0,400}")
LEAD_IN = re.compile(
    r"(?:\(|(?:written |authored |published |proposed )?by |(?:是)?由[ ]?|作者(?:是|为|包括|有)?[: ]{0,2})?"
)
# Further on in the line: "is a survey by Jie Zhou"
BY = re.compile(r"\bby (?=\S)|由[ ]?|作者(?:是|为|包括|有)?[: ]{0,2}|authors? (?:are|is|were|include) ")
# The canonical line, " — First Author, Second Author et al. (2022)": whatever stands there is taken for names.
DASHED_NAMES = re.compile(
    rf"[*_\"”]*[ ]?(?:—|–|-|:|by)[ ](?P<names>[^()\[\]\n\0]{{2,400}}?)[ ]?(?=\((?:[^()\n]{{0,30}} )?{_YEAR})"
)
NAME_SEPARATOR = re.compile(r"\s*(?:[,，](?:[ ]?and\b)?|\band\b|&|、)\s*")
# Between authors and the title after them: "Kipf (2017) ", "Vaswani et al. introduced ", "张三于 "
AUTHOR_BEFORE = re.compile(rf"[.,]?[ ]?\(?{_YEAR}| (?:published|proposed|introduced|wrote|in\b)|[ ]?(?:在|于)[ 《“\d]")
ADJACENT = {",", ".", ":", ',"', "'s", "’s"}

# --- Titles ----------------------------------------------------------------------------------------------------------

# 《Title》, **Title**, *Title*, “Title”, "Title", 'Long Title', [Title](
DELIMITED = re.compile(
    r"(?P<book>《)[^《》\n]{1,250}》"
    r"|(?P<bold>\*\*\*?)[^\s*](?:[^*\n]|\*(?!\*)){1,300}?(?P=bold)"
    r"|(?<![\w*])(?P<italic>[*_])[^\s*_][^*_\n]{2,300}(?P=italic)(?![\w*])"
    r"|(?P<quote>“[^“”\n]{2,300}”|「[^「」\n]{2,300}」|『[^『』\n]{2,300}』|\"[^\s\"][^\"\n]{1,300}\"|(?<!\w)'[A-Z][^'\n]{8,300}'(?!\w))"
    r"|(?P<link>(?<!!)\[[^\[\]\n]{4,300}\]\()"
)
# Inside another delimiter, as in **"Title" (2017)** or **[Title](https://…)**
QUOTED = re.compile(
    r"[\"“「『《](?P<title>[^\"“”「」『』《》\n]{1,300})[\"”」』》](?=[ *_]*(?:[,.(:]?\Z|[,(]|[-–—] |by\b|等|的))"
)
LINKED = re.compile(r"\[(?P<title>[^\[\]\n]{1,300})\]\(")
# **Title that the generation limit cu
UNCLOSED = re.compile(r"[\[*]{0,3}(?:\*\*|[\"“「《\[*])(?![ ])(?P<title>[^\n*\"”」》\]]{0,300})\Z")
# **1. Title**
NUMBER = re.compile(r"\d{1,2}[.)、][ ]?(?=\D)")
# **Title**: what it is about
DESCRIBED = re.compile(r"[ *]{0,3}:")
# [here](, [PDF](, **链接**
NO_TITLE = re.compile(
    r"(?:arxiv\b.{0,20}|here|link|pdf|paper|code|github|source|website|doi|url|html|(?:论文)?链接|这里|原文|代码|\W*)\Z|https?:",
    re.IGNORECASE,
)
# Kipf, T. N., & Welling, M. (2017). Title
APA = re.compile(
    rf"[*_]?(?P<names>[^\n()]{{3,600}}?)[.,]?[ ]?"
    rf"[(]?{_YEAR}[a-z]?(?:, [A-Z][a-z]+)?(?:[)][.,:]?|[.])[ ]{{1,3}}(?![a-z])"
)
# 张三, 李四. Title[J]
GBT = re.compile(r"(?P<title>[^\n\[\]]{4,300})\[(?:[JCDMPRSNAZ]|EB|DB|CP)(?:/OL)?\]")
GBT_NAMES_END = re.compile(r"\.[ ]{0,2}(?=[^\W\d_]{2}|A |\d)")
APA_TITLE_END = re.compile(r"[.?!](?=\s|\Z|\*|_)|[*_]|\0|。|$", re.MULTILINE)
# Where a title without delimiters ends: before " (2017", an id, ", 2017"; or, `maybe`, if names follow, before " by ",
# " - ", ", ".
CUT = re.compile(
    rf"[ ]{{0,2}}\((?=[^()\n]{{0,60}}?{_YEAR})|[,.]?[ ]?\0|[,.] (?=(?:19|20)\d\d\b)"
    r"|(?P<maybe>,? by (?=\S)|[ ][-–—|]{1,2}[ ]|[*_\"”][,:]?[ ]|[,.] |,(?=[\u4e00-\u9fff])"
    r"|[ ]?\((?=[^()]{2,60}\)))|[ ][-–—][ ]|\.[ ]|。|\n",
    re.IGNORECASE,
)
# 发表在《Nature》: what follows is a venue.
VENUE_BEFORE = re.compile(r"(?:发表|刊登|刊载|收录|载)[在于到]$")
# The paper titled "…", 题为“…”: what follows is a title.
CUE_BEFORE = re.compile(
    r"(?:\b(?:paper|papers|titled|entitled|called|article|survey|study|review|preprint|publication|work)|论文|题为|名为|文章|综述|文献|标题为)"
    r"[ ]?(?:is|was|titled|entitled|called|named|题为|名为|是|为|包括|有)?[ ]?[,:]?[ *_]*$|\bcite[sd]?:? $",
    re.IGNORECASE,
)
# How a sentence begins, and a title seldom does.
STOP_WORD = re.compile(
    r"(?:Use|Try|Read|Check|Make|Set|You|I|We|It|This|These|Those|There|Here|Start|Look|Note|Please|Remember|Keep|Avoid|Sure|"
    r"Consider|Choose|Search|Visit|Ensure|If|When|Another|Some|Also|See|My|Your|Published|Authors?|Year|Abstract)\b|[这该本此其我您你]|以下|请|首先|使用|作者[是有]|作者包括"
)
CLAUSE_MARK = re.compile(r"[,。!?！？;]")
# A heading over papers ("以下论文:"), and over things that are none ("Tips for reading papers").
PAPERS = re.compile(r"\b(?:papers?|articles?|publications?|references|literature)\b|论文|文献|参考", re.IGNORECASE)
ADVICE = re.compile(
    r"\b(?:tips?|steps?|advice|how to|guidelines|topics|concepts|methods)\b|建议|步骤|技巧|注意|方法|概念|主题",
    re.IGNORECASE,
)

# --- The end of a citation -------------------------------------------------------------------------------------------

# ".**", "](https://…)": closes what the citation has opened.
CLOSING = re.compile(r"[.,]?[*_\"”」』》\])]{1,6}(?:\(\0*\)?)?")
# At the end of the answer: finished; else what a cut leaves after the last thing read, " — Second Aut" or ", (20".
ENDED = re.compile(r"(?:[.!?。！？)\]\"”」』》*_]|(?:19|20)\d\d[a-z]?|年)\Z")
CUT_REST = re.compile(r"[ ]?(?:[-–—,(\[]|by )[^.。!?)\]:]{0,40}")
LOWER_WORD = re.compile(r"(?<=[ ])(?!and\b|van\b|von\b)[a-z]{2,}")
