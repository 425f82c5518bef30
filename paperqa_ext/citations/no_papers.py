"""What is named like a paper and is none: journals and sites, laws, films, courses, data. The regexes, as data."""

import re

# 发表在《Nature》: what follows is a venue.
VENUE_BEFORE = re.compile(
    r"(?:发表|刊登|刊载|收录|载)[在于到](?:[ ]?\d{4}[ ]?年)?(?:第?[ ]?\d{1,3}[ ]?[月期卷]){0,2}的?[ ]?$"
    r"|(?<![记转])载[ ]?$|(?:[刊载见]于|收[入于])[ ]?$|(?:来源|出处|期刊|刊物?名?):[ ]?$"
)
# 《…》 of another sort: laws and reports by their names, books, films, courses and data by what is said beside them.
OTHER_WORK = re.compile(
    r".*(?:(?<![方算用手想看做语书办无证疗])法|法案|条例|办法|(?:发展|建设|总体|战略|行动|专项|城乡|空间|五年)规划|规定|纲要|白皮书|蓝皮书|须知|承诺书|说明书|协议|指引|章程|守则"
    r"|(?:撰写|编写|写作|格式|管理|技术|设计)规范|(?:著录|管理|实施|评审)规则|发展报告|统计公报|目录|意见|通知|公约|宪法|法典|指导原则)\Z|.*(?<!预印)(?:日报|周刊|晚报|年鉴|词典"
    r"|百科全书)\Z"
)
# 《GB/T 7714—2015》
STANDARD = re.compile(r"(?:GB|ISO|IEC|DB|YY|HJ|JT|RFC)(?:/[TZ])? ?\d")
# "Google Spain v. AEPD"
CASE = re.compile(r"[A-Z][^\n:]{2,60} v\.? [A-Z][^\n:]{1,60}\Z")
# "California Consumer Privacy Act"
LAW = re.compile(
    r"(?=[DCT])(?:Declaration|Charter|Treaty|Convention) of [A-Z]\w+\Z"
    r"|[^\n:]{3,60}\b(?:Act|Directive|Regulation|Treaty|Convention|Bill|Ordinance)"
    r"(?: of \d{4}|[ ]?\([^()\n]{1,20}\)?)?\Z"
)
OTHER_BEFORE = re.compile(
    r"(?:电影|影片|纪录片|电视剧|剧集|小说|动画|游戏|歌曲|节目|专辑|期刊|杂志|学报|刊物|报纸|会议|数据集|课程|公开课|软件|法律|法规"
    r"|标准|[节章小]标题|初稿"
    r"|题目建议|标题建议|题目可以考虑|标题可以考虑|改投|投稿至|投稿到|投稿可?考虑|(?<!主)编著?的|主演的?|导演的?|执导的?)"
    r"[ ]?[有是如为包括含:]{0,3}(?:《[^《》]{1,30}》(?:[、,和与及或 ]|以及){0,3}){0,4}\Z"
    r"|(?:电影|影片|纪录片|电视剧|小说|[短中长]篇|歌曲|专辑)[^《》。;论文研著书\n]{0,12}(?:《[^《》]{1,30}》[^《》。;论\n]{0,20}){0,4}\Z"
)
OTHER_AFTER = re.compile(
    r"(?:[ ]?(?:[、,和与及或]|以及)?[ ]?《[^《》\n]{1,30}》){0,4}[ ]?(?:一?[书剧片]|近[年几]"
    r"|\d{4}[ ]?年?(?:以来|以后|之后)|中?(?:检索|搜索|查找)|这[本部]|(?:公开|慕)?课程?|讲座|专栏"
    r"|数据集?|语料库?"
    r"|杂志|期刊|学报|电影|小说|纪录片|游戏|则让"
    r"|里[面的]?|中的(?:人物|角色|故事)|平台|软件|标准|(?:经常|常|都|也|还){0,3}(?:刊[登载发]|会发表|发表[了过]|收录)"
    r"|\((?:GB|ISO|IEC|DB\d|YY|HJ|JT)\b"
    r"|等?(?:文件|法律|法规|期刊"
    r"|杂志|刊物|课程|数据集|书籍?))"
)
# A site that holds no papers: what links to it is code, a course, a page.
OTHER_SITE = re.compile(
    r"//(?:[\w-]+\.)?(?:github\.(?:com|io)|gitlab\.com|youtube\.com|youtu\.be|wikipedia\.org|kaggle\.com"
    r"|coursera\.org|udemy\.com"
    r"|medium\.com|huggingface\.co|zhihu\.com|bilibili\.com|csdn\.net|paperswithcode\.com|stackoverflow\.com"
    r"|pytorch\.org)/",
    re.IGNORECASE,
)
# Journals, conferences and sites: no papers.
VENUE = re.compile(
    r"(?:IEEE(?! \d)|ACM|AAAI|Proc(?:eedings|\.)|Journal|Transactions|Annals|Advances in (?:[Nn]eural|[Ii]nformation)|"
    r"International "
    r"(?:Journal|Conference|Joint)|(?:Annual )?(?:Conference|Review) (?:on|of)|Nature(?: [A-Z]\w+){0,3}\Z|"
    r"Science(?: [A-Z]\w+)?\Z|[A-Z]\w+ Sciences?\Z|(?:Frontiers|Trends) in [A-Z]|"
    r"(?:[A-Z][\w.-]+ ){0,4}(?:University|Institute|College|Laboratory)(?: of(?: [A-Z]\w+){1,4})?\Z|"
    r"(?:Google|Semantic) Scholar|Papers [Ww]ith Code|Connected Papers|(?:ACL|CVF) |"
    r"Web of Science|ResearchGate|Physical Review|"
    r"(?:NeurIPS|ICML|ICLR|CVPR|ICCV|ECCV|EMNLP|KDD|WWW|SIGIR|IJCAI|NIPS)\b[ ]?['’]?\d{0,4}\Z|"
    r".{4,30} Review of Books\Z|The (?:Guardian|Economist|Atlantic|New Yorker|(?:New York )?Times)\Z|"
    r"Pattern Recognition\Z|Neural (?:Computation|Networks)\Z)"
    r"|(?:[A-Z][\w-]*[ ]){1,3}(?:Archive|Database|Data ?[Ss]et|Repository|Library|Toolkit|Toolbox|Portal"
    r"|Website|Newsletter"
    r"|Treebank|Leaderboard|Podcast)\Z"
    r"|(?:[A-Z][\w&'’-]*[ ]){1,3}(?:Journal|Quarterly|Bulletin|Magazine|(?:Law|Economic|Psychological|Science) Review)"
    r"(?: (?:of|on|for|in) [^:\n]{3,50})?\Z"
    r"|.{2,16}(?:学报|杂志|期刊|会议)\Z|.{2,20}(?:平台|官网|网站|公众号)\Z"
)
# What goes before titles that are no papers'.
OTHER_SORT = re.compile(r"\b(?:films?|movies?|novels?|songs?|albums?|games?|products?|shows?|TV)\b", re.IGNORECASE)
