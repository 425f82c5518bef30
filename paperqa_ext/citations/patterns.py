"""What titles, authors, years and labels look like in an answer: the regexes that find citations, as data.

They run on the `flat` or `plain` text of `text`: Chinese punctuation is half-width but for 、 。 and quotes,
and in `plain` a NUL is a character of an id or a URL. Every repetition is bounded, to keep matching linear.
"""

import re

# Letters. CJK is kept apart: Chinese runs on without spaces, so a name or a word there is no run of letters.
CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
HAN = r"[\u3400-\u9fff]"
# As ranges of alphabets: a set that is named by what it is not, Han among it, takes many times as long to compile, and
# this one stands in hundreds of places.
LETTER = (
    r"[A-Za-zªµºÀ-ÖØ-öø-ˁ\u0370-\u0373\u0376-\u037d\u0386-\u0481\u048a-\u0556\u0561-\u0587\u05d0-\u05ea\u0620-\u064a"
    r"\u0900-\u167f\u1681-\u1fff\u2c00-\u2dff]"
)
UPPER = rf"(?![a-z]){LETTER}"
HAN_CHAR = re.compile(HAN)
WORDS = re.compile(rf"{LETTER}+")

# --- Years -----------------------------------------------------------------------------------------------------------

# 2017; not 2017–2020, 1990s, 1990 年代. An older one, 1850, is told from a page by what stands around it.
_OLDER = r"1[5-8]\d\d"
A_YEAR = (
    rf"(?<![\da-z])(?<!\d[-–—])(?P<year>(?:19|20)\d\d|(?<=\()(?:{_OLDER})(?=\))"
    rf"|(?<=\bin )(?:{_OLDER})(?=\W)|(?:{_OLDER})(?=[ ]?年|[ ][–—][ ])|(?<=, )(?:{_OLDER})(?=[.)]?(?:\n|\Z)))"
    r"(?!\d|[-–—]\d{4}|/\d{3}|[ ]?年代|s\b)"
)
YEAR = re.compile(A_YEAR)
# A year in running text: "introduced in 2017", "a survey from 2017"; not "since 2017".
ANY_YEAR = re.compile(
    rf"(?=[12])(?:(?<!from )|(?<=(?:paper|study)[ ]from )|(?<=(?:survey|review)[ ]from )|(?<=book from ))"
    rf"(?<!since )(?<!until )(?<!between )(?<![自从至到]){A_YEAR}"
)
# (2017), (NeurIPS 2017, oral), [ICLR 2018]
BRACKETED_YEAR = re.compile(rf"[(\[](?:[^()\[\]\n\0]{{0,60}}?[^\d()\n\0])??{A_YEAR}[^()\[\]\n]{{0,40}}[)\]]?")
YEAR_DIGITS = r"(?<![\d-])(?:19|20)\d\d(?!\d|[-–—](?:19|20)\d\d)"
FOUR_DIGITS = re.compile(r"\d{4}")

# --- Labels ----------------------------------------------------------------------------------------------------------

_LABELS = {
    "title": r"(?:(?:Related |Main |Second |Original )?(?:Paper |Article )|Full |论文)?Title|TI|T1"
    r"|(?:Source )?Paper(?: Name)?|(?:Name|Title) of (?:the )?(?:paper|article|work)|[论論]文名?|文献|"
    r"(?:[论論]文|文章|文献|英文|中文)?(?:[标標][题題]|[题題]目|[题題]名|篇名|名[称稱])|书名",
    "authors": r"(?:First |Lead |Main |Source )?Author(?:s|\(s\))?|AU|A1|Written by|By|Who"
    "|(?:[论論]文|第一|主要)?作者(?:列表|[与和及/、]?(?:出处|来源|单位|机构|期刊|年份))?|[著编]者|责任者|撰写人",
    "year": r"(?:Publication )?Year(?: of publication)?|Issued|When|年|PY|Y1"
    r"|Published(?: in| on)?|(?:Publication |Release )?Date|"
    r"(?:[发發]表|出版|[发發]布|提交)?(?:年份|[时時][间間]|日期|年度)|(?:[发發]表|出版|[发發]布)年|[发發]表[于於]",
    "other": r"(?:Source )?arXiv(?! ?:\d)(?: ?(?:ID|Link|编号|链接))?|(?:Paper )?Link|URL|DOI"
    r"|(?:Preprint|预印本)(?=[*_]{0,3} ?:[*_ ]{0,4}(?:arXiv|https?:|\d{4}\.\d))|"
    r"(?:Paper )?ID|Identifier|"
    r"(?:[论論]文)?(?:链接|鏈接|連結|地址)|[网網]址|官网|用途|Abstract|(?:Brief )?Summary|"
    r"Description|Venue|Journal|刊名|"
    r"Conference|Source|Keywords?|Key \w{3,15}|(?:Main )?Contributions?|摘要|简介|概述|内容|"
    r"描述|期刊|会议|来源|出处|关键词|(?:主要|核心|关键)?(?:贡献|内容|思想|创新点)",
}
# Labels only where a line begins: a title may have such a word before its colon.
_LINE_LABEL = (
    r"In|发表|(?:发表)?(?:期刊|会议|刊物)(?:[/、或](?:期刊|会议))?|领域|亮点|推荐理由|理由|单位|机构|引用(?:数|次数|量)?|方法|结论|意义|影响|特点"
    r"|备注|说明|(?:Author )?Affiliations?|Institutions?|Citations?|Highlights?|Impact|Relevance|Notes?|Why[\w ]{0,30}"
    r"|Published (?:in|at|by)|Publication|Publisher|Main idea|Methods?|Results?|Area|Topics?|Tags?"
    r"|Categor(?:y|ies)|Type"
)
# "Title / 标题:", "作者（Authors）："
_TWICE = "|".join(f"(?:{words})" for words in _LABELS.values())
_LABEL = "|".join(rf"(?P<{kind}>{words})" for kind, words in _LABELS.items())
_ALSO = rf"(?:(?:[ ]?[/|(][ ]?|[ ])(?:{_TWICE})[ ]?\)?|[ ]?\((?:[\u3400-\u9fff]{{2,8}}|[a-z ]{{2,12}})\))?"
_COLON = r"[ ]?[*_]{0,3}[ ]?:[*_]{0,3}[ ]{0,4}"
# At the start of a line: "**Title:** ", "作者: ". The group that matched names the kind. The colon is looked for first:
# few lines have one.
FIELD = re.compile(
    rf"(?=[^:\n]{{1,80}}:)[*_]{{0,3}}(?:\d{{1,2}}[.)] )?(?:(?:{_LABEL}){_ALSO}|(?P<aside>{_LINE_LABEL})){_COLON}",
    re.IGNORECASE,
)
# Inside a line, in two steps, for a label may begin at any letter but needs a colon: the colon, the label before it.
COLON = re.compile(r":[*_]{0,3}[ ]{0,4}")
BEFORE_COLON = re.compile(r"(?<=[\w)])[ ]?[*_]{0,3}[ ]?\Z")
LABEL = re.compile(rf"(?:{_LABEL}){_ALSO}\Z", re.IGNORECASE)
# What may be a label before a colon: up to three words, or Chinese characters.
LABEL_WORDS = re.compile(
    r"(?:(?<![^\W\d_])[A-Za-z]{1,15}(?:\(s\))?[ ]?){1,3}\Z"
    r"|(?:[A-Za-z]{1,10}[ ]?[/(][ ]?|[A-Za-z]{0,5}[ ]?)[\u4e00-\u9fff]{1,8}\)?\Z"
    r"|[\u4e00-\u9fff]{2,6}(?:[ ]?[/( ][ ]?[A-Za-z]{2,10}\)?|\([\u4e00-\u9fff]{2,8}\))\Z"
)

# --- Authors ---------------------------------------------------------------------------------------------------------

PARTICLE = r"(?:de|del|della|der|den|di|da|do|dos|du|la|le|van|von|vom|zu|ten|ter|bin|ibn|al|el|y|e)"
# Th. and Yu. are initials too, where another stands beside. The apostrophe of "Smith's" ends the name.
_INITIAL = (
    rf"(?:{UPPER}|Md|(?:Zs|Cs|Gy|Sz)(?=\.[ ]{UPPER})"
    rf"|(?:Yu|Ya|Zh|Kh|Sh|Ch|Ts|Th|Ph)(?=\.[ -]?{UPPER}\.)|(?<=[A-Z]\.[ ])(?:Yu|Ya|Zh|Kh|Sh|Ch|Ts))\."
)
NAME_WORD = (
    rf"(?:{_INITIAL}(?:[ ]?-?{_INITIAL}){{0,3}}"
    rf"|(?:[dDlL]['’])?{UPPER}(?:{LETTER}|['’](?!s(?!{LETTER}))(?={LETTER})|[‐-]){{0,30}})"
)
# Laurens van der Maaten; Kipf, T. N.; Sammy Davis Jr.; 张三 or 让·皮埃尔 if something stands there that ends a name.
NAME = re.compile(
    rf"(?<![A-Za-z])(?:{PARTICLE} ){{0,2}}{NAME_WORD}"
    rf"(?:(?:[ ]|(?<=\.)|(?<=\.)[ ]{{2}})(?:{PARTICLE} ){{0,2}}{NAME_WORD}){{0,4}}(?: (?:Jr|Sr)\.)?"
    rf"(?:, {UPPER}\.(?:[ -]?{UPPER}\.){{0,3}}(?=[ ]?(?:[,;:&(\[\"“|–—、和与等]|and\b|et al|\Z|\n)))?"
    rf"|(?<=\()(?!{HAN}{{2,4}}[编著]){HAN}{{5,6}}(?=,[ ]?1[5-9]\d\d|,[ ]?20\d\d)|{HAN}{{2,4}}?(?:·{HAN}{{1,6}}?){{0,2}}"
    r"(?=等|早在|团队|主编|编著|博士|教授|老师|院士|先生"
    rf"|[、,和与及在于提发所撰著写的合共;。.)(\[《“\0\n\d |→]|:(?=[ ]?(?:[《“]|\Z|{HAN}{{4}}))|\Z)"
)
# Capitalised like a name, but the start of a sentence, a venue, a month, a heading.
NOT_NAME = re.compile(
    r"(?:Yes|No|Sure|Certainly|Earlier|Later|Then|Also|However|Moreover|Furthermore|Additionally|Finally|Meanwhile"
    r"|Recently|Subsequently|Similarly|Since|After|"
    r"Before|While|As|From|To|At|Both|Other|Another|Here|There|(?:One|See|Most|Many|Some|Several|First|Second|Third"
    r"|Next|"
    r"Building|Recent|Early|Key|Notable|Title|Abstract|Summary|Notes?|I)\Z|"
    r"This|That|These|The(?!-)|It|In|On|We|"
    r"A(?!\.| [A-Z]\b)|And|Our|Their|They|Its|By|For|With|Published|Preprint|Available|Link|Paper|Code|International"
    r"|Frontiers|Trends|Bulletin|"
    r"Proceedings|Journal|Transactions|Conference|Advances|arXiv|IEEE|ACM|ICLR|ICML|NeurIPS|NIPS|CVPR|ICCV|ECCV|ACL|"
    r"EMNLP|NAACL|KDD|AAAI|IJCAI|WWW|PNAS|JMLR|TMLR|SIAM|Nature|Science|Annual Review|Physical Review|"
    r"Communications (?:of|in)|University|Springer|"
    r"(?:Jan|Febr)uary|March|April|(?:May|June|July|August) \d|"
    r"(?:Septem|Octo|Novem|Decem)ber|Introduce[sd]|Propose[sd]|Presents|Year|Authors?)\b"
    r"|(?:One|Two|Three|More) [A-Z]|成[果本功]|路[径线]|单[位一]|向量|安全|游戏|古典|原[理因]"
    r"|[这该本此其我它是在以的和与及由从对为]|[关至由鉴]于|任何|应该|常[见用]"
    r"|文[中内末]|经典|成为|时[间候]|查[阅看]|首次|提出|发现|证明|指出|表明|认为|介绍|研究|论文|来自|提供|发表|作者|年份|摘要|综述|最|第|例如|包括|推荐|因此|其中|然后|可以"
    r"|[近今去同次][年期]|随后|后来|此[外后]|之后|其后|接着|同时|另外|目前|早期|当时|此前|尤其|特别"
    r"|合作者|同事|国[内外]|高[维效]|[\u3400-\u9fff]{0,4}(?:学报|杂志|通报|学刊|导报|日报|书店|书局|书馆|出版社|方法|方面|领域|工作|现象|问题|学者|专家)\Z"
    r"|(?:Comm|Proc|Trans|Phys|Adv|Ann|Appl|Bull|Lett|Rev|Math|Nat|Int)\Z"
)
# "StyleGAN", "TACL", "U-Net": no one is called so
ACRONYM = re.compile(r"[A-Z]+[A-Za-z]*[A-Z]{2,}[a-z]?|[A-Z]-[A-Z]\w+")
# "Dr. Elena Kudlow": not part of the name
HONORIFIC = re.compile(r"(?:Drs?|Prof(?:essors?)?|Mrs?|Ms)\.?[ ](?=\S)")
# Thomas N. Kipf. — the full stop is the sentence's; in "Kipf, T. N." it is the name's.
FINAL_INITIAL = re.compile(r"\w [A-Z]\.$")
# Between names: ", ", ", and ", " & ", 、, 和
JOIN = re.compile(
    r"(?:[ ]?\((?:[A-Z][A-Za-z.'’ -]{1,40}|[\u3400-\u9fff·]{2,8})\))?[ ]{0,3}"
    r"(?:[,;、](?:[ ]?\n[ ]{1,8}|[ ]{0,2})(?:(?:and|&)[ ]{1,8}|和|与|(?:with )?co-authors? (?:are |include )?"
    r"|(?:其[他余])?(?:共同)?(?:合作者|作者)还?(?:包括|[有为是])[ ]?)?|and[ ]|&[ ]{0,8}|和|与|及|以及)[ ]{0,3}"
)
# After names: et al., and others, and her colleagues, 等 3 人, 与合作者, 团队
ET_AL = re.compile(
    r"(?:,[ ]{0,2}|[ ]{1,2}|(?<![^\W\d_]))(?:and )?(?:et\.?[ ]?al\b\.?|others\b|colleagues\b"
    r"|\d+ others\b|(?:his|her|their) co\w+)"
    r"|[,;]?[ ]?等(?:[ ]?\d*[ ]?人|学者)?|,?[ ]?…(?=[ ]?[-–—,(])"
    r"|(?:博士|教授|老师|院士|先生)?[ ]?(?:[与和及](?:其)?(?:合作者|同事|团队)|团队|课题组)"
)
ET_AL_SIGNS = ("et", "others", "colleagues", " co", "等", "与", "和", "及", "团队", "课题组")
# What may follow a name that is one: (2017), [arXiv:…], " in", 提出
AFTER_NAMES = re.compile(
    r"[\s*_\"]*(?:、?\Z|\n|['’]s |[\0(\[.,;:。)|/→—–·-]|(?:in|at|from|published|proposed?|introduced?|show(?:s|ed)?"
    r"|demonstrated?|proved?|argued?|presented|study|studied|described?|reviewed)\b|\d{4}|arXiv\b"
    r"|[A-Z][\w. ]{1,40},? (?:19|20)\d\d|[在于的提所撰发合共])"
)
# After the names of those who wrote a book: "(韩世远 著，2018年)"
WROTE = re.compile(r"[ ]?(?:[合编]?著|主编|编(?=[),。;\n]|\Z))")
# "Title[C].Ann Bell"
WORK_MARK = re.compile(r"\[(?:[JCDMPRSNAZ]|EB|DB|CP)(?:/OL)?\]")
# "**Title**[^2^]", 《…》（第2版）
NOTE_MARK = re.compile(r"[*_]{0,3}(?:\[\^?\d{1,3}\^?\](?!\()){1,4}")
EDITION = re.compile(r"》?[ ]?\([^()\n]{1,12}版\)")
# Between a title and the authors after it: the rest of its link "](https://…)", then marks, then "by " or 由.
LINK_END = re.compile(r"[*_\"”》」]{0,3}\]\((?:\0{0,400}|[^\s()]{1,400})\)?[*_]{0,3}")
MARKS = re.compile(r"[ \n·•*_\"”'’」』》\]\0,.:;。!?|/→—–\u200b-\u200f\u202a-\u202e\u2066-\u2069-]{0,400}")
LEAD_IN = re.compile(
    r"(?:[(\[]|(?:(?:is|was) )?(?:written |authored |published |proposed |edited )?by {1,3}"
    r"|from (?=[^.\n]{3,60}(?:\d{4}|et al|and ))|(?:是)?由[ ]?|作者(?:是|[为為]|包括|有)?[: ]{0,2})?"
)
# Where something new begins in brackets: "(2020, Ann Bell", "(introduced FID; Heusel"
CLAUSE_START = re.compile(r"[,;] ?")
# After a title, before its authors: ", 2022,", " (2022) —"
DATE_FIRST = re.compile(
    rf"[*_\"”」』》\])]{{0,4}}(?:[,:][ ]{{0,2}}(?:[A-Z][\w-]{{1,11}} )?{YEAR_DIGITS}(?:[ ]?年)?(?=[,;])"
    rf"|[ ]?\({YEAR_DIGITS}\)(?=[ ]?(?:[-–—:]|\.[ ]|[*_]{{0,3}}\n)))"
)
# In “…” (2017), Silver et al. show; the authors of “…” are
PAPER_OF = re.compile(r"(?:\b[Ii]n|在|\bauthors? of)(?: the \w+)?[ ]?[*_\"“《]{0,3}\Z")
SUBJECT = re.compile(r"[*_\"”」』》]{0,3}(?:[ ]?\([^()\n]{0,60}\))?(?:,| are| is| were| was|[ ]?[中里][,]?)[ ]?")
# Further on in the line: "is a survey by Jie Zhou", 是张三所著
BY = re.compile(
    r"是(?=[^,。\n]{2,20}(?:所著|合著|撰写))|\bby [*_ ]{0,3}(?=\S)|由[ ]?|作者应?(?:是|[为為]|包括|有)?[: ]{0,2}"
    r"(?:[\u3400-\u9fff]{2,6}(?:学家|学者|教授|研究员|院士)[ ]?)?"
    r"|authors? (?:are|is|were|include) "
)
# The canonical line, " — First Author, Second Author et al. (2022)": whatever stands there is taken for names.
DASHED_NAMES = re.compile(
    rf"[*_\"”]*[ ]?(?:—|–|-|:"
    rf"|by)[ ](?:edited by )?(?P<names>[^()\[\]\n\0]{{2,400}}?)[ ]?(?=\((?:[^()\n]{{0,30}} )?{A_YEAR})"
)
NAME_SEPARATOR = re.compile(r"\s*(?:[,，](?:[ ]?and\b)?|\band\b|&|、)\s*")
# Between authors and the title after them: "Kipf (2017) ", "Vaswani et al. introduced ", "Smith's survey, ", "张三于 ",
# "张三 2009 年的综述"
_WORK = (
    r"(?:papers?|articles?|works?|surveys?|(?:text)?books?|tutorials?"
    r"|reviews?|stud(?:y|ies)|thes[ie]s|notes?|reports?|classics?|essays?|chapters?|lectures?|monographs?|treatises?"
    r"|memoirs?|letters?)"
)
_WORK_ZH = r"(?:论文|综述|专著|著作|文章|工作|教材|教程|书|研究|报告|一文|经典)"
AUTHOR_BEFORE = re.compile(
    rf"[.,]?[ ]?\(?{A_YEAR}"
    r"| (?:published|proposed|introduced|presented|described|developed|wrote|show(?:s|ed)|argued?"
    r"|prov(?:es?|ed)|found|demonstrated|observed|titled|entitled|called|in\b)"
    rf"|(?:['’]s?|,? whose|,? in (?:their|his|her|the|an?))(?: [\w-]{{1,20}}){{0,4}}? {_WORK}\b"
    r"|,? who(?: [a-z]{2,12}){0,3} in (?:\d{4} )?[*_\"“]{0,3}\Z"
    r"|,? (?:is|was) (?:called|titled|entitled)| (?:is|are|was|were) the authors? of [*_\"“]{0,3}\Z"
    r"|\. (?:Its|The) (?:full |exact |complete )?title is:? [*_\"“]{0,3}\Z"
    r"|(?:提出的?)?[,。](?:对应的?)?(?:论文|文章|其|该文)?的?(?:完整)?"
    r"(?:题目|标题|题名?|全称|全名)[是为叫][: ]{0,2}[*_\"“《]{0,3}\Z"
    rf"|['’]s?(?: \({YEAR_DIGITS}\))?[ ]?[*_\"“]{{0,3}}\Z"
    r"|[ ]?(?:博士|教授|老师|院士|先生)?(?:\([A-Z][^()\n]{1,40}\))?(?:,[ ]?[他她]们?)?(?:(?:早|最早|首次|就"
    r"|曾|则|也|还|又|进一步)?[在于](?:[ 《“\d](?![^\n]*[。;])|\Z)"
    rf"|(?:(?:合著|合写|撰写|编写|编著|所著|所写|发表|提出|写|著)?[ ]?的(?:[\u3400-\u9fff]{{0,4}}{_WORK_ZH}"
    rf"|[那这]一?[篇本部]|名[作篇著])?"
    rf"|[写著](?:了|过|有)(?:一[篇本](?:论文|综述|文章|教材|书)?)?|撰写|编写|编著|所著|著)[ ]?[*_\"“]{{0,3}}\Z)"
)
# Between authors whose names are written "Last, First." and the title.
NAMES_STOP = re.compile(rf"\w?\.[ ]{{0,2}}(?:\(?{A_YEAR}\)?[.,]?)?[ ]?[*_\"“]{{0,3}}\Z")
# A title does not belong to authors of the sentence before.
SENTENCE_END = re.compile(r"(?<!al)[.!?](?=\s)|[。！？]|;(?=[\u3400-\u9fff])")
OF_OTHER = re.compile(
    r"(?:\(?\0{0,400}\))?[\s*_\"”」』》\])，,.]{0,4}(?:\(|(?:written |proposed )?by |由[ ]?|作者(?:是|[为為])?[: ]*)"
)
# "As Smith showed in": not part of the name
LEADING_WORD = re.compile(r"(?:As|In|By|And|When|While|Since|After|Later|Then|Also|See|However|Here|Recently)[ ]")
SPACES = re.compile(r"[ ]{1,4}")
# Before names: "以及王明（2020）的"
CONJUNCTION = re.compile(
    r"(?:[再先]读|推荐|参考|阅读|以及|而|和|与|及|由|例如|如|其中|随后|后来|此后|同时|还有)+(?=[\u3400-\u9fff]{2})"
)
MLA_ET_AL = re.compile(r", et al\.?\Z")
# ["Ann Bell", 'Bo Li']
LIST_MARKS = re.compile(r"[\[\]\"']")
# A Chinese name, by a family name that is frequent.
SURNAME = re.compile(
    r"(?:[严嚴向温施牛樊安庞龐颜顏倪殷兰蘭柳包尚梅单單季成谷曲路游蒙华蒲房牟司古吉缪车芦蘆麦褚党卜席卫米宗闵閔苟邬荣寇桑郎甄敖巩佘池查麻苑迟封谈鞠惠乐冀南班储原栗楚鄢劳皮楼盘禹邸干費聶關歐陽尋魯鮑寧應齊畢滿"
    r"王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉"
    r"阎閻余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文"
    r"陶柯纪庄公焦俞章鲁葛伍韦申尤毕聂邢岳齐莫辛祝左涂祁舒耿詹关凌费靳盛童欧项裴屈闫刁晁仇鲍覃霍翁隋甘景柏宁阮桂柴冉饶瞿戚臧宫娄符奚穆燕"
    r"姬屠晏栾郁喻窦冷卓艾蓝仲虞卞竺佟匡巫荆谌沙岑胥蔺翟苗骆滕邝丛][\u3400-\u9fff]{1,2}|(?:欧阳|司马|上官|诸葛|司徒|皇甫|慕容|令狐|尉迟)[\u3400-\u9fff]{1,2})\Z"
)
QUOTE_BRACKET = re.compile(r"[\"”’]\*{0,2} \(")
MARKED = re.compile(r"[\"“”《》*|/]")
# Right behind the authors: ", 2021 年", " (2024)", "\n(2024)"
YEAR_AFTER_NAMES = re.compile(rf"[ ]?[,(]?\n?[ ]{{0,4}}\(?{A_YEAR}")
# Right after a title: " from 1979"
YEAR_CLOSE = re.compile(
    r"[*_\"”’]{0,4},? (?:(?:and |which |it )?(?:was )?published |(?:and |which |it )(?:dates|is) )?"
    rf"(?:from|in|of|dated) {A_YEAR}(?! (?:to|until|on|onwards?)\b)"
)
# Before the title: "The 2004 paper"
YEAR_OF_PAPER = re.compile(rf"{A_YEAR} (?:paper|article|study)\b")
# Before all else: "1994 – Factoring in polynomial time. P. W. Shor, "
YEAR_LEAD = re.compile(rf"[*_]{{0,3}}{A_YEAR}(?:[ ]?年)?[*_]{{0,3}}[ ]?[-–—:|]")
# Where what is said of a title ends.
CLAUSE_END = re.compile(r"[;。]|[.!?](?=[ ])")
# On a line under the title: "NeurIPS 2017", "arXiv:2101.00001 (2021)"
LATER_YEAR = re.compile(rf"\n[ ]{{0,8}}(?:\0{{1,60}},?[ ])?[^\n\0]{{0,60}}?{A_YEAR}[^\n]{{0,40}}$", re.MULTILINE)
ADJACENT = {",", ".", ":", ',"', "'s", "’s"}

# A line in the canonical format, from its number on.
CANONICAL = re.compile(
    r"^(?:\d{1,4}\. |[-*] )?(?P<cited>\*\*(?P<title>[^\s*\"“「《\[](?:[^*\n]|\*(?!\*)){1,400}+)\*\*"
    r"(?: — (?P<names>(?=[^a-z(])[^()\[\]\n;&\"“《]{2,400}?)(?: et al\.)?)? \((?P<year>(?:19|20)\d\d)\)\. "
    r"\[arXiv:(?P<id>[\w./-]{4,40})\]\(https://arxiv\.org/abs/(?P=id)\))[ ]*$",
    re.MULTILINE,
)
# No name has such a word: "Medical Image Analysis"
VENUE_WORD = re.compile(
    r"\b(?:Journal|Letters|Reviews?|Learning|Networks?|Sciences?|Research|Analysis|Systems|Computing|Computation"
    r"|Intelligence|Physics"
    r"|Theory|Processing|Communications|Conference|Press|Mathematics|Statistics|Engineering|Optimization|Recognition"
    r"|Workshop|Medicine|Sensing|Biology"
    r"|Chemistry|Psychology|Economics|Sociology|Geography|Ecology|Neuroscience|Genetics|Scientist|Magazine|Quarterly"
    r"|Bulletin"
    r"|Practice|Annals|Transactions|Proceedings|Reports|Materials|Studies|Policy|Linguistics|Surveys|Methods|Nursing"
    r"|Oncology|Surgery"
    r"|Robotics|Society|Association|Environment|Technology|Management|Finance|Philosophy|Anthropology|Geophysics)\b"
)
VENUE_FOLLOWS = re.compile(r",[ ]?[A-Z《*_][^\n]{0,60}?\b(?:19|20)\d\d")
INITIALS = re.compile(rf"(?:{UPPER}\.[ -]?){{1,4}}")
# In a cell: more than the title stands there.
CELL_MARKS = re.compile(r"[\"“”《》*_\[\]|()]")
# Before it stands a venue, no name: "JMLR 2015"
VENUE_YEAR = re.compile(r"[, ]{1,2}['’(]?(?:19|20)\d\d(?!\d)|\)")
