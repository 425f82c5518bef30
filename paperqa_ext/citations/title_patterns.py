"""What titles look like in an answer, and what stands around them: the regexes that find them, as data.

See `patterns` for what they run on.
"""

import re

from .patterns import A_YEAR, CJK, LETTER, NAME, PARTICLE, UPPER, YEAR_DIGITS

# --- Titles ----------------------------------------------------------------------------------------------------------

# 《Title》, **Title**, *Title*, “Title”, "Title", 'Long Title', [Title](
DELIMITED = re.compile(
    r"(?=[《*_“「『\"'‘\[])(?:(?P<book>《)[^《》\n]{1,250}》"
    r"|(?P<bold>\*\*\*?)[^\s*](?:[^*\n]|\*(?!\*)){1,300}?(?P=bold)"
    rf"|(?P<italic>[*_])(?<![^\W{CJK}][*_])(?<!\*\*)[^\s*_][^*_\n]{{2,300}}(?P=italic)(?![^\W{CJK}]|\*)"
    r"|(?P<quote>“[^“”《》\n]{2,300}”|「[^「」\n]{2,300}」|『[^『』\n]{2,300}』|\"[^\s\"][^\"\n]{1,300}\""
    r"|'(?<!\w')[A-Z][^'\n]{8,300}'(?!\w)"
    r"|‘(?:[^‘’\n]|’(?=\w)){4,300}’)"
    r"|(?P<link>\[(?<!!\[)[^\[\]\n]{4,300}\]\())"
)
# Inside another delimiter, as in **"Title" (2017)** or **[Title](https://…)**
QUOTED = re.compile(
    r"[\"“「『《‘](?P<title>[^\"“”「」『』《》‘\n]{1,300})[\"”」』》’](?=[ *_]*(?:[,.(:]?\Z|[,(]|[-–—] |by\b|等|的))"
)
LINKED = re.compile(r"\[(?P<title>[^\[\]\n]{1,300})\]\(")
# **Title that the generation limit cu
UNCLOSED = re.compile(r"[\[*]{0,3}(?:\*\*|[\"“「《\[*])(?![ ])(?P<title>[^\n*\"”」》\]]{0,300})\Z")
# The paper "Title that the generation limit cu
UNCLOSED_CUED = re.compile(
    r"(?:\b(?:papers?|articles?|titled|entitled|study|survey|called|by|and|or|see|read|recommend|suggest|include|is"
    r"|are)"
    r"|论文|推荐|题为|以及|包括|还有|[、。和与的]|[;,](?=[ ]?《)|(?<=[^\W\d_]),(?= [\"“][A-Z]))[:,]?[ ]?(?:《|“"
    r"|(?<=[ :])[\"])(?P<title>[^\n\"“”《》]{2,300})\Z"
)
# **1. Title**
NUMBER = re.compile(
    r"(?:答案?[ ]?:|(?:Paper|Article|Reference|Recommendation|论文|文献|文章|推荐)[ ]?(?:\d{1,2}|(?-i:[A-D])"
    r"|[一二三四五六七八九十]{1,2})[ ]?[:.、]|\(?\d{1,2}[.)、]|[①-⑳]"
    r"|[一二三四五六七八九十]{1,2}、(?![\u3400-\u9fff]))[ ]?(?=\D)",
    re.IGNORECASE,
)
# **Title**: what it is about
DESCRIBED = re.compile(r"[ *]{0,3}:")
# [here](, [PDF](, **链接**
NO_TITLE = re.compile(
    r"(?:step|stage|phase|tip|part|section|chapter|question|example|note|week|day|month|lecture|module|unit|article"
    r"|clause|recital|myth|reason"
    r"|level|option|variant|scenario)s?[ ]?(?:\d|(?<= )[a-d]\b)"
    r"|(?:exercise|homework|task|tips?|notes?|goals?|project|practice|assignment|watch|lab|quiz|bonus|milestone"
    r"|练习|作业|任务|目标|提示|实践|项目)[ ]?:"
    r"|(?:第.{1,5}[步章节部周天月讲课阶条款]|步骤|阶段|(?:方案|选项)[一二三四a-d\d]|文[中内](?:夹注|引用))|(?:参考文献|References?|Bibliography)\W*\Z"
    r"|(?:(?:Title|Name) of (?:the|your)|(?:Paper|Your|Article) Title|(?:论文|文章)(?:标题|题目))\b"
    r"|(?:Summary|Overview|List|Comparison) of (?:the |these )?(?:\d+ )?papers|(?:MLA|APA|Chicago|Harvard|Vancouver"
    r"|GB/T)\b[^:]{0,20}\Z|(?:答[:：])?论文(?:标题|题目)是?\Z|<[^<>]{1,30}>\Z|[^A-Za-z]*若干\Z|[\u3400-\u9fff]{1,10}(?:方面|方向"
    r"|领域)(?:推荐|可以?看|可参考)?\Z|\d\.\d{1,2}(?:\.\d)? ?[\u3400-\u9fff]"
    r"|[一二三四五六七八九十]{1,2}、[^《“]*\Z|in-text\b|(?:arxiv\b.{0,20}|here|link|pdf|paper|code|github|source|website|doi|url"
    r"|html"
    r"|(?:论文)?链接|这里|原文|代码|\W*)\Z"
    r"|https?:|\([^()]*\)\Z",
    re.IGNORECASE,
)
# 某某, "___", "关于XX的研究", "A Survey of …": to be filled in
BLANK = re.compile(
    r"××|某某|_{3}|……|\A\.\.\.|\b(?:of|on|the|an?|for|to|towards|with) ?(?:\.\.\.|…)"
    r"|[\u3400-\u9fff]X{2,}|X{2,}[\u3400-\u9fff]",
    re.IGNORECASE,
)
BLANK_SIGNS = ("...", "…", "××", "某某", "___", "xx", "XX", "xX", "Xx")
# "Survey papers", 最新的文献
MANY = re.compile(r"(?:.*(?:的|篇|最新|相关|哪些)(?:论文|文章|文献)|[^\n:]{0,80}\bpapers|(?:[\w-]+ ){0,2}Papers)\Z")
# Kipf, T. N., & Welling, M. (2017). Title
APA = re.compile(
    rf"[*_]{{0,3}}(?P<names>[^\n()*《“\"]{{3,600}}?)[.,]?[ ]?"
    rf"(?:[(](?:[A-Z][A-Za-z]{{2,9}} )?{A_YEAR}[a-z]?(?:, [A-Z][a-z]+)?[^()\n]{{0,12}}[)]"
    rf"|(?P<bare>{YEAR_DIGITS})[a-z]?(?=[.:]))"
    rf"[*_]{{0,3}}[.,:。]?[*_]{{0,3}}[ ]{{0,3}}(?:[-–—:|][ ]{{1,3}})?(?:in )?(?![a-z :的]|在[ ]?[《“「\"*])"
)
# 张三, 李四. Title[J]
GBT = re.compile(r"(?P<title>[^\n]{4,300}?)\[(?:[JCDMPRSNAZ]|EB|DB|CP)(?:/OL)?\]")
# LeCun Y, Bengio Y, Hinton G. Title. Nature. 2015
VANCOUVER = re.compile(
    rf"(?:(?:{PARTICLE} ){{0,2}}{UPPER}{LETTER}{{0,25}}(?:[-'’ ]{UPPER}{LETTER}{{1,25}})?"
    rf"(?: [A-Z]{{1,3}}|(?: [A-Z]){{2,3}})(?:,? (?:et al|(?:and|&) )?)?){{1,60}}\.[ ]{{1,2}}(?=[^\W_])(?![A-Z]\. )"
)
# "(Kipf and Welling, 2017) Title"
NAMES_LEAD = re.compile(rf"\([A-Z][^()\n]{{2,80}}[, ]{YEAR_DIGITS}[a-z]?\)")
_VENUE = (
    r"(?:NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|WACV|ACL|EMNLP|NAACL|COLING|AAAI|IJCAI|KDD|WWW|SIGIR|INTERSPEECH|ICASSP"
    r"|ICRA|IROS|CoRL|MICCAI|AISTATS|UAI|COLT)"
)
# What stands before the title of an item: 2017 –, [NeurIPS 2017], arXiv:1706.03762:
LEAD = re.compile(
    rf"(?:{_VENUE}(?:[ ]?['’]?(?:(?:19|20)?\d\d))?:|{_VENUE}[ ]?['’]?(?:19|20)?\d\d(?=[ ][A-Z])|[\[(]{A_YEAR}[\])]"
    rf"|{NAMES_LEAD.pattern}|{YEAR_DIGITS} \| [A-Z][\w.]*(?: [A-Z][\w.]*){{0,2}}(?= \|[^|\n]+\|[^|\n]+$)"
    rf"|{YEAR_DIGITS}(?:[ ]?年)?(?=[ ]?[-–—:|])"
    rf"|\*\*{YEAR_DIGITS}(?:[ ]?年)?\*\*(?=[ ]?[-–—:|][ ]?(?:[^\n《“\"*]{{2,80}}[,:][ ]?)?[\"“《「*_\[])"
    rf"|\[[^\[\]\n]{{0,40}}{YEAR_DIGITS}[^\[\]\n]{{0,10}}\](?!\()|\[?\0+\]?"
    rf"|\[[\u3400-\u9fff]{{1,3}}\](?=[\u3400-\u9fff]))"
    r"[ ]{0,2}(?:[-–—:.,|][ ]{0,2})?(?=[^\s\0])",
    re.MULTILINE,
)
# After a title: " (注意力就是一切)"
TRANSLATED = re.compile(r" ?\((?![^()\n]{0,60}[等、,])(?=[^()\n]{0,40}?[\u3400-\u9fff]{4})[^()\n]{6,120}\)[.。]?")
# "YOLOv2：YOLO9000: Better, Faster", "YOLOv3: YOLOv3: An Incremental": what a title is known by, before it
KNOWN_AS = re.compile(
    r"[*_]{0,3}(?P<name>[A-Z][\w.+-]{1,20})[*_]{0,3}[ ]?(?:[(（](?:19|20)\d\d[)）])?[:：][*_]{0,3}[ ]?(?=(?P=name)\b"
    r"|(?<=：)[A-Z][^\n：:]{2,60}: )"
)
# "图卷积网络（GCN）：Kipf & Welling, 2017, Title": a notion in Chinese before a reference that is not
GLOSS = re.compile(
    r"[*_]{0,3}(?!作者|来源|机构|单位)[\u3400-\u9fff]{2,12}(?:\((?:[A-Za-z-]{1,12}|(?:19|20)\d\d)\))?"
    r"[*_]{0,3}:[*_]{0,3}[ ]?"
    r"(?=[A-Z][^\n]{12,300}(?:(?:19|20)\d\d|作者))(?![^\n\u3400-\u9fff]{1,14}(?![等和与及])[\u3400-\u9fff]{2})"
)
# "You can cite it as: Ann Bell. 2019. Title."
CITE_AS = re.compile(
    r"[^\n:.*\"“《]{0,60}(?:\b(?:cit(?:e|ed|ation)|reference|bibliography)\b|引用|参考文献)"
    r"[^\n:.,*\"“《]{0,16}:[*_]{0,3} "
    r"(?-i:(?=[^\W\d_a-z][^\n]{30}))",
    re.IGNORECASE,
)
# "代码生成：Title"
GLOSS_ALONE = re.compile(
    r"(?!作者|来源|机构|单位|期刊|会议|标题|题目|论文)[\u3400-\u9fff]{2,12}:[ ]?(?=[A-Z][^\n\u3400-\u9fff]{24,200}$)",
    re.MULTILINE,
)
# Before the title of an item: "Read: ", "**Key paper:** ", 经典论文：
READ_LABEL = re.compile(
    r"(?-i:(?!STUDY))(?P<marks>[*_]{0,3})(?:(?:(?:key|core|main|primary|original|seminal|classic|landmark"
    r"|foundational|first|recent|related|relevant"
    r"|recommended|suggested|required|optional|further|background|must-read|follow-up|representative|also|start with)"
    r"[ ])?"
    r"(?:(?:re-?)?read(?:ings?)?|papers?|articles?|references?|study|survey(?: paper)?|works?|citation|preprint|source"
    r"|relevant|background|follow-up|starting point|(?:text)?book"
    r"|classical|historical|contemporary|popular|technical|core|classic|overview|recent|theory|methods?|evidence"
    r"|critique|extension|practice|foundations?"
    r"|applications?"
    r"|(?:step|week|day|stage|session) \d{1,2}(?=[*_]{0,3}[ ]?:[*_ ]{0,4}(?:(?:(?:re-?)?read|skim|(?:start"
    r"|begin) with) |[精泛阅]?读)|[*_]{0,3}[ ]?:[*_ ]{0,4}[^\n]{16,200}(?:19|20)\d\d)"
    r"|start here|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*(?:[ ]?[–-][ ]?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)?"
    r"|weekend|beginner|intermediate|advanced|introductory|introduction|modern|for|against|start|next|then|optional"
    r"|bonus|[QA]\d{0,2}|answer)"
    r"|(?:经典|原始|代表性?|奠基|核心|推荐|必读|精读|选读|泛读|延伸|后续|相关|主要|参考|重点|关键|首篇|入门|进阶|开山|综述|最新|近期|补充|扩展)"
    r"(?:论文|文献|工作|阅读|综述|文章|之作|研究)|综述|阅读|精读|泛读|必读|选读|读论文|读书|答案?|回答)"
    r"(?:[ ]\([^()\n]{1,20}\))?[ ]?(?:(?P=marks)[ ]?:|:(?P=marks))[ ]{0,4}(?=\S)",
    re.IGNORECASE,
)
# "**Modern**: Title by Ann Bell (2020)": what the paper is to show
TOPIC = re.compile(
    r"(?P<marks>[*_]{1,3})(?P<topic>[^\W\d_a-z][^*_:\n《“\"]{1,40})(?:(?P=marks)(?::| [–—-])"
    r"|:(?P=marks))[ ]{1,3}(?=[^\W_a-z])"
)
# "Read Attention Is …", 精读《…》: what to do with the title of an item
READ_VERB = re.compile(
    r"(?:(?:(?:Then|Next|First|Finally|Also|Now),? )?(?:[Rr]e-?read|[Rr]ead|[Ss]kim|[Rr]evisit|[Cc]ompare with"
    r"|[Ss]tart with"
    r"|[Bb]egin with|Finish with)[ ](?=[A-Z\d\"“*《_\[])"
    r"|[通精泛细略重研选阅]?读[ ]?(?=[A-Z“\"*]))"
)
# In marks: `"Title" – Ann Bell (2020)`, `Ann Bell (2020), "Title"`, `Title – Ann Bell (2020)`
WHOLE_REFERENCE = re.compile(
    r"(?=[^\n(\"“《「]*[(\"“《「])(?:[\"“《「][^\"”》」\n]{3,250}[\"”》」][ ]?(?:[-–—,|]|by\b)[^\n]{3,120}"
    rf"|[^\"“《「\n]{{3,120}}[(, ]{YEAR_DIGITS}[)]?[^\"“《「\n]{{0,4}}[\"“《「][^\n]{{3,250}}"
    rf"|[^\n]{{8,250}}?(?: [-–—|]|,? by) [^\n()]{{3,120}}[(]{YEAR_DIGITS}[)]"
    r"|[^\n()]{3,250} \([^()\n]{2,80}(?:et al\.?|[ ]?等|(?:&|and) [^\W\d_a-z][\w-]+)\)):?"
)
GBT_NAMES_END = re.compile(r"\.(?!(?<=\d\.)\d)[ ]{0,2}(?=[“\"]?[^\W\d_]{2}|A |[A-Z]-|\d)")
# "Do nets dream? Two studies. Journal": a second sentence with more words after it, neither a venue nor a number.
APA_TITLE_END = re.compile(
    r"(?<!(?:of|by|to|on|in) [A-Z])(?<![A-Z]\. [A-Z])(?<!\b[A-Z]\.[A-Z])\.(?=\s|\Z|\*|_)(?! [A-IK-Z]\. )|[?!](?=\s"
    r"|\Z|\*|_)(?!"
    r" (?:[^\W\d_][\w’'-]*[ ]){1,12}[\w’'-]+\. [*_]{0,2}(?:[A-Z]|arXiv))|[*_]|\0|。"
    r"|(?<=[\u3400-\u9fff])\.(?=[\u3400-\u9fff《])"
    r"|,(?= (?:[A-Z][\w.&-]*[ ]){1,5}\d{1,4} ?\()| \((?=(?:19|20)\d\d\)(?:[ ,.;]|$))"
    r"|,(?<=[A-Za-z)],)(?=[ ]?[\u3400-\u9fff])|$",
    re.MULTILINE,
)
# After names: " (2017)", "; 2017", ", ICLR 2018"
DATED = re.compile(rf"[ ]?\([^()\n]{{0,40}}?{YEAR_DIGITS}|[,;|/ –—-]{{1,3}}(?:[A-Z]\w{{2,20}} )?{YEAR_DIGITS}")
# In an item the italics after a title are its venue; so are those after "in".
IS_CONTAINER = re.compile(r"[\s.,\"”']{0,4}(?:\((?:19|20)\d\d, )?(?:[Ii]n:?\s)?\Z")
# In an item: "《…》，2020 年，《中国科学》", but not "《…》（2020）、《…》（2021）"
CONTAINED = re.compile(r"[^。;、和与及]{0,120},[ ]?\Z")
# After a journal: "2018年第9期", "，52(3)"
ISSUE = re.compile(
    r"[ ]?,?[ ]?(?:\d{4}[ ]?年?[ ]?,?[ ]?)?(?P<number>第[ ]?\d{1,3}[ ]?[期卷]|\d{1,3}\(\d{1,2}\)|\(\d{1,2}\))?"
)
CONTAINER_END = re.compile(r"[ ]{0,40}(?:[,.。)\n\d]|第|\Z)")
IN_VENUE = re.compile(r"\b(?:in(?: the)?|at|journal|venue)[:]? ?[*_]*\Z", re.IGNORECASE)
# In the sentence of a 《…》: papers are spoken of.
WORK_WORD = re.compile(
    r"论文|文章|[一二三四五两几]篇|之作|[合所]著|研究|综述|发表|提出|一文|文献|作者|撰写|推荐|[阅先再后]读|参考|引用"
    r"|arXiv|\bpapers?\b|\barticles?\b|\bsurvey|\bby\b|et al",
    re.IGNORECASE,
)
# Between titles that are listed in a sentence.
BETWEEN = re.compile(r"[ ]?(?:[,;、]|\(\d{1,2}\)|and|or|&|和|与|及|以及|还有|[ ]){0,6}[ ]?")
# Capitals within a sentence.
_RUN = (
    rf"(?P<title>{UPPER}[\w’'-]{{0,30}}:?(?:[ ](?:{UPPER}[\w’'-]{{0,30}}[:?]?|\d[\w-]{{0,8}}"
    rf"|of|for|and|in|on|the|an?|to|with|is|are|via|from|by|using|at|as|or|without|through|into|over|under|beyond"
    rf"|towards?)){{2,25}})"
)
# "The title of the paper is Attention Is All You Need and it …"
RUN_CUED = re.compile(
    rf"(?:\btitle (?:of [\w ]{{1,30}}? )?is|\b[Tt]he paper is|\b(?:en)?titled"
    rf"|题为|名为|(?:题目|标题|论文)(?:是|为))[ :]{{0,2}}{_RUN}"
)
# "In their 2014 paper Sequence to Sequence Learning with …", "Snell et al.'s Prototypical Networks for …"
RUN_LED = re.compile(
    rf"(?:\b(?:paper|article|survey|(?:text)?book|preprint|study|monograph|thesis|classic|tutorial),?"
    rf"|\bet al\.?['’]s|\b(?:and|&) {UPPER}[\w-]{{1,20}}['’]s|\b(?:published|wrote)"
    rf"|\b(?:proposed|introduced|described|presented) in(?= {UPPER}[^.;()\n]{{24,200}}\.(?: |$))"
    rf"|\(\d{{4}}\)(?:,|(?: [a-z]{{3,}}ed [^.;()\n]{{0,60}}?)\bin(?= {UPPER}[^.;()\n]{{20,200}}[.;]?(?: |$)))) {_RUN}"
)
QUOTE = re.compile(r"[\"“《]")
# Names at the start of a reference, closed by a full stop: "Vaswani et al. Title. NeurIPS 2017."
AFTER_REFERENCE_NAMES = re.compile(r"(?:(?<=\.)|\.)(?:[ ]{1,2}(?=[^\W_])|(?=[A-Z][a-z]|[\u3400-\u9fff]))")
NAMES_END = re.compile(rf"[., ]{{0,2}}(?:[(]?{YEAR_DIGITS}[)]?)?[.]?")
# After several names, ", NeurIPS 2017"
NAMES_VENUE_END = re.compile(rf"[.,;·]{{0,2}}[ ]?(?:[A-Z《][\w&'’.》-]*[ ,;·]{{1,2}}){{1,5}}[(]?{YEAR_DIGITS}[)]?[.]?")
DASH = re.compile(r" [-–—]{1,2} ")
# Where no title ends: one that stops there is cut off.
LOOSE_END = re.compile(
    r"(?:\b(?:a|an|the|of|for|in|on|with|and|or|to|by|from|via|using|as|at|is|are|into|under|over)|[,(:-]|的|与|和|及"
    r"|基于|对|在|为|是|如|包括|编号|链接)\Z"
)
# What a cell holds that is meant for a program.
CODE = re.compile(r"[\"'“‘]{0,2}(?:[;)=}]|\$?\{\{?|</?[a-z])", re.IGNORECASE)
# How a step or a tip begins; a title may, so this weighs only where nothing else speaks for one.
IMPERATIVE = re.compile(
    r"(?:Define|Search|Organi[sz]e|Write|Identify|Choose|Select|Review|Begin|Explore|Learn|Practi[cs]e|Collect"
    r"|Prepare|Submit|"
    r"Summari[sz]e|Revise|Conduct|Develop|Apply|Ask|Focus|Understand|Stay|Join|Follow|Create|Build|Analy[sz]e"
    r"|Compare|Evaluate"
    r"|Determine|"
    r"Provide|Include|Gather|Draft|Cite|Proofread|Find|Get|Take|Be|Do|Don't|Know|Think|Work|Plan|Implement|Test"
    r"|Run|Install|"
    r"Download|Browse|Filter|Sort|Enter|Click|Open|Go|Save|Subscribe|Attend|Contact|Verify|Refer|Email|Call|Book|Buy"
    r"|Schedule|Send|Talk|Meet|put|set|add|use|make"
    r"|keep|give|remove|replace|wrap|check|write|run|copy|paste|fill|leave|insert)\b"
    r"|[用在](?=[ ]?[A-Za-z])|写(?=[一出下份个])|把|打开|检查|避免|保持|调整|尽量|先(?!进|验)"
    r"|关注|阅读(?!理解)|了解|学习(?!率|型|理论|分析|算法)|选择(?!性|偏)|确定(?!性)|收集|整理|撰写|使用|利用|查看|访问|搜索(?!引擎|算法|推荐)"
    r"|检索(?!增强|式|系统|模型)|明确|注意(?!力)|尝试|结合|分析(?!.*研究)|参加|联系"
)
# "Technology Acceptance Model (TAM)": the name of a thing
ABBREVIATED = re.compile(r" ?\([A-Z]{2,8}\)\Z")
# Between what a title is known by and the title: `**GAT** – "`, `**GCN**：论文《`
ACRONYM_GAP = re.compile(
    r"[ *_:–—-]{0,6}(?:\([^()\n]{0,60}\)[ *_:,–—-]{0,6})?(?:论文|paper|from|in)?[ ]?[:]?[ ]?", re.IGNORECASE
)
# How the title of a Chinese study ends.
STUDY = re.compile(
    r"(?:研究|综述|方法|分析|算法|模型|应用|进展|框架|系统|设计|实现|探讨|比较|检测|识别|预测|分类|学习|网络|技术|展望|评述|优化|理论"
    r"|生成|推荐|机制|策略|评估|构建|探索|回顾|挑战|综合|论|与未来|现状|趋势|问题|分割|推理|表示|训练|建模|调查|概述|概览|入门"
    r")[)》”\w ]{0,6}\Z|(?:检验|实证|影响|关系|启示|路径|演变|变迁|证据|经验|特征|差异|差距|估计)\Z"
)
# How a sentence begins, and a title seldom does.
STOP_WORD = re.compile(
    r"(?:Let me|In short|For your|So the|In (?:the )?text|Feel free|Would you|Happy to|Hope|Use|Try|Read|Check|Make"
    r"|Set|You|I|We|It|This"
    r"|These|Those|There|Here|Start|Look|Note|Please|Remember|Keep"
    r"|Avoid|Sure|(?:Both|All|Each|None|Most|Many) (?:of|are|is|were|have|can)|"
    r"Consider|Choose|Search|Visit|Ensure|If|When|Then|Another|Some|Also|See|My|Your|Published|Authors?|Year"
    r"|Abstract|(?:First|Second|Third|Next|Finally|Lastly)(?=,))\b(?!-)|[这该本此其我您你]|以下|更多|[先再]看|推荐(?=[先再]?[看读])|请|希望"
    r"|如需|如果|如有|欢迎|首先|随着|近年来|由于|因此|然而|使用|作者[是有]|作者包括"
)
# What stands after a label where there is nothing to say.
NO_VALUE = re.compile(
    r"(?:not (?:given|provided|specified|stated|available|applicable|known|found|mentioned)|unknown|none|n/a|tb[ad]"
    r"|untitled"
    r"|未(?:知|提供|给出|说明|注明|找到)|不详|暂无|无标题)[\W]*",
    re.IGNORECASE,
)
# What a label's value says of titles, rather than being one.
IS_SAID = re.compile(
    r"(?:The|A|An|Your|This) [^\n]{0,80}\b(?:title|paper|research|name)\b|(?:论文|文章|研究)的", re.IGNORECASE
)
# "The paper on graphs is Attention …", "Two papers about it are A (…) and B"
PAPER_IS = re.compile(
    r"(?:[^\n.]{0,40}[,.] )?(?:The|An?|One|Two|Three|Some) (?:[\w-]+ ){0,3}?(?:papers?|surveys?|articles?|study"
    r"|studies|works?)"
    r"(?: (?=[a-z])[^.:\n]{1,80}?)? (?:is|are) (?=[A-Z])"
)
# "The authors are …", "A study that …", "Refined the …": what is said of a paper.
IS_SENTENCE = re.compile(
    r"(?:The|An?|One|Two|Three|Some) (?:[\w-]+ )?(?:papers?|surveys?|articles?|study|studies"
    r"|works?) (?=[a-z])[^.\n]{0,80}? (?:is|are) "
    r"|(?:A|An|The|This)\b[^\n.]{0,80}\b(?:that|which|who)\b(?! )?"
    r"|The (?:[a-z-]+ ){1,3}(?:is|are|was|were|has)\b|[A-Z][a-z]+ed (?:the|a|an|that)\b|(?:This|It"
    r"|They|We)\b (?:is|are|was|has)\b|This (?:paper|article|work|study|survey) [a-z]+s\b"
)
# After "Wei et al. (2022):": "showed that chain-of-thought helps"
SAID_OF = re.compile(
    r"(?:[a-z]+ed|shows|proposes|introduces|presents|extends|finds|found|uses|argues|proves|gives|gave|the|an?|first)\b"
)
# "Auto-Encoding Variational Bayes was published", "Bishop's book is the standard text"
IS_CLAUSE = re.compile(
    r"\b(?:was|were|has been) (?:\w+ )?(?:[a-z]+ed|written|the|an?)\b|['’]s [^\n]{0,99}? (?:is|are) (?:the|an?)\b"
    r"|是一[种个类项]|指的是"
)
# "Perceptron introduced" by Rosenblatt; a question; "引言: 介绍 …"
HAPPENED = re.compile(
    r"\b(?:introduced|proposed|developed|invented|populari[sz]ed|presented|published|discovered|won|wins|led|founded"
    r"|hosted|edited|maintained)\Z|(?:提出"
    r"|发明|问世|诞生|普及|发布)\Z",
    re.IGNORECASE,
)
QUESTION = re.compile(
    r"(?:What|How|Why|Which|When|Do|Does|Are|Should|Who)\b[^\n]*[?？]\Z|[^\n]*(?:什么|如何|吗|哪些)[?？]?\Z"
)
GLOSSED = re.compile(r"[\u3400-\u9fff]{2,6}(?:\([^()]{1,12}\))?:|[A-Z][\w ]{2,20}:[ ]?[\u3400-\u9fff]")
CLAUSE_MARK = re.compile(r"[,。!?！？;、]")
# Links that lead to a paper: they are citations even where no title stands by.
SCHOLARLY = re.compile(
    r"aclanthology\.org/\w|openreview\.net/(?:forum|pdf)|proceedings\.mlr\.press/|(?:papers"
    r"|proceedings)\.n(?:eur)?ips\.cc/"
    r"|dl\.acm\.org/doi|ieeexplore\.ieee\.org/(?:abstract/)?document|link\.springer\.com/(?:article|chapter)"
    r"|semanticscholar\.org/(?:paper|arxiv)|openaccess\.thecvf\.com/\w|jmlr\.org/papers|nature\.com/articles"
    r"|science\.org/doi|sciencedirect\.com/science/article|(?:bio|med)rxiv\.org/content|ncbi\.nlm\.nih\.gov/",
    re.IGNORECASE,
)

# A line under a title that tells of it: a link, an id, "by …", names with a year or "et al."
FACTS_LINE = re.compile(
    rf"[(\[*_ —–-]{{0,4}}(?:https?://|(?i:arxiv|doi)\b|[Bb]y (?=[A-Z])|(?i:pdf|paper|link|url)\b"
    rf"|(?:19|20)\d\d(?:[ ]?年)?(?=[ ]?[^\w\s])[^\n]{{0,60}}$|(?:19|20)\d\d(?:[ ]?年)?[ ]*$"
    rf"|[A-Z]\w*[A-Z]\w*(?:[ ][A-Z]\w+){{0,2}},? (?:19|20)\d\d[ ]*$"
    rf"|[^\n.]{{0,30}}\barXiv:[^\n]{{0,60}}$"
    rf"|(?={UPPER})(?=[^\n]{{3,300}}?(?:{YEAR_DIGITS}|et al|等)[^\n]{{0,160}}$)(?:{NAME.pattern})"
    rf"(?:[ ]?[,;、&(*_·|]|[ ](?:and|et al|&|\()|[ ]?[等与和及])"
    rf"|(?={UPPER})(?:{NAME.pattern}) ?(?:写的|所著|撰写|提出)"
    rf"|(?=[\u3400-\u9fff][^\n《“\"]{{3,80}}{YEAR_DIGITS}[ ]?年?[)]?[.。]?$)(?:{NAME.pattern})[,、等]"
    rf"|(?={UPPER})(?=[^\n]*[A-Z][\w.’'-]* [A-Z])(?:{NAME.pattern})(?:(?:, and |, | and | & |、"
    rf"|; )(?:{NAME.pattern})){{1,12}}[.]?[*_]{{0,2}}$)",
    re.MULTILINE,
)

# --- The end of a citation -------------------------------------------------------------------------------------------

# ".**", "](https://…)": closes what the citation has opened.
CLOSING = re.compile(r"[.,]?[*_\"”」』》\])]{1,6}(?:\(\0*\)?)?")
