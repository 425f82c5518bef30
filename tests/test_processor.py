import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_tokenizers import KINDS, small_model, small_tokenizer

from paperqa_ext.decode import citing_processor, open_trie
from paperqa_ext.demo.models import small_model as downloaded_model
from paperqa_ext.errors import PaperQAError
from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.papers import Paper
from paperqa_ext.prompts import citation_line

OPENING = re.compile(r"\*\*|《")
BARE = re.compile(r"arxiv[:\]-]|arxiv\.org/|\d{4}\.\d{3}|/\d{7}|(?:^|\n)\[\d", re.IGNORECASE)
# Titles that begin alike, end where others go on, are several papers', or are hard to spell.
ODD = [
    Paper("2201.00001", "Deep", ("Ann Author",), published="2022"),
    Paper("2201.00002", "Deep", ("Ann Author", "B. Other"), published="2021-03"),
    Paper("2201.00003", "Deep Learning", ("Ann Author",), published="2022"),
    Paper("2201.00004", "Deep Learning?", (), published="2022"),
    Paper("", "Deep", ("Ann Author",), published="2022"),
    Paper("", "Deep", ("Ann Author",), published="2022-01"),
    Paper("2201.00005", '"Why" (not)', ("A", "B", "C"), published="2022"),
    Paper("2201.00006", "On C*-algebras  and **", ("X * Y",), published="2022"),
    Paper("2201.00007", "深度学习》 and 《猫", ("张 三",), published="2022"),
    Paper("2201.00008", "深度学习", ("李 四",), published="2022"),
    Paper("hep-th/9901001", "e\u0301tale \u2009 cohomology 😀", ("É",), published="1999"),
    Paper("2201.00009", "1. 2022", (" - ",), published="2022"),
]
PROMPTS = ("Recommend:\n1. **", "《", "x", "Which is arXiv:2201.00001?\n", "**Deep Learning")


def opening_ids(tokenizer):
    """Tokens that end with a mark that opens a citation, to be made likely."""
    return [i for i in range(len(tokenizer)) if re.search(r"(?<!\*)\*\*$|《$", tokenizer.decode([i]))]


class Favour:
    """Makes some tokens likelier."""

    def __init__(self, ids, by):
        self.ids, self.by = ids, by

    def __call__(self, input_ids, scores):
        scores = scores.clone()
        scores[:, self.ids] += self.by
        return scores


def generate(model, tokenizer, processors, prompts=PROMPTS, tokens=150, seed=0, **options):
    """What is generated after each prompt, as text."""
    import torch

    torch.manual_seed(seed)
    inputs = tokenizer(list(prompts), return_tensors="pt", padding=True, padding_side="left")
    inputs.pop("token_type_ids", None)
    output = model.generate(**inputs, max_new_tokens=tokens, logits_processor=processors, **options)
    new = output[:, inputs["input_ids"].shape[1] :]
    return tokenizer.batch_decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def sampled(processors, tokenizer, temperature, seed, prompts=PROMPTS, tokens=150):
    """What a model with random scores would generate after each prompt, as text."""
    import torch

    random = torch.Generator().manual_seed(seed)
    ids = tokenizer(list(prompts), return_tensors="pt", padding=True, padding_side="left")["input_ids"]
    begin = ids.shape[1]
    for _ in range(tokens):
        scores = torch.randn(len(prompts), len(tokenizer) + 7, generator=random) / temperature
        for processor in processors:
            scores = processor(ids, scores)
        ids = torch.cat([ids, torch.multinomial(scores.softmax(-1), 1, generator=random)], dim=1)
    return tokenizer.batch_decode(ids[:, begin:], skip_special_tokens=True, clean_up_tokenization_spaces=False)


def cited(text, papers):
    """The lines that `text` cites; fails if anything in it is cited that is not a line of `papers`, whole or cut off."""
    lines = {citation_line(paper) for paper in papers}
    marked = {"**": {line: line for line in lines}, "《": {_quoted(line): line for line in lines}}
    found, place, free = [], 0, ""
    while opened := OPENING.search(text, place):
        free += text[place : opened.start()] + "\n"
        rest = text[opened.start() :]
        whole = [line for line in marked[opened[0]] if rest.startswith(line)]
        if rest not in whole and any(line.startswith(rest.rstrip("\ufffd")) for line in marked[opened[0]]):
            break  # the limit has cut it, perhaps within a letter
        assert whole, rest
        longest = max(whole, key=len)
        found.append(marked[opened[0]][longest])
        place = opened.start() + len(longest)
    else:
        free += text[place:]
    assert not BARE.search(free), free
    return found


def _quoted(line):
    title, rest = line[2:].split("**", 1)
    return f"《{title}》{rest}"


@pytest.fixture(scope="module")
def tokenizers(papers):
    return {kind: small_tokenizer(kind, [citation_line(paper, 1) for paper in papers[:300]]) for kind in KINDS}


@pytest.fixture(scope="module")
def model(tokenizers):
    return small_model(tokenizers[KINDS[0]])


@pytest.fixture(scope="module")
def records(papers):
    return [*papers[:400], *ODD]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    return indexed(ODD, tmp_path_factory.mktemp("odd"))


def indexed(papers, directory):
    build_index(papers, directory / "index")
    return ReferenceIndex(directory / "index")


@pytest.mark.parametrize("kind", KINDS)
def test_every_citation_is_of_the_records_and_none_comes_twice(kind, tokenizers, records, tmp_path_factory):
    tokenizer = tokenizers[kind]
    favour = Favour(opening_ids(tokenizer), 4.0)
    found = Counter()

    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(
        st.lists(st.integers(0, len(records) - 1), min_size=1, max_size=60, unique=True),
        st.sampled_from([0.3, 1.0, 2.0]),
        st.integers(0, 2**31),
    )
    def check(places, temperature, seed):
        some = [records[place] for place in places]
        trie = open_trie(indexed(some, tmp_path_factory.mktemp("records")), tokenizer)
        processors = [favour, citing_processor(trie, tokenizer)]
        for text in sampled(processors, tokenizer, temperature, seed):
            lines = cited(text, some)
            known = Counter(citation_line(paper) for paper in some)
            assert not Counter(lines) - known
            found.update(lines)

    check()
    assert len(found) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_can_be_cited_with_either_mark(kind, tokenizers, odd):
    """Each alone, then all together: an answer that cites what is left until nothing is."""
    tokenizer = tokenizers[kind]
    trie = open_trie(odd, tokenizer)
    random = np.random.default_rng(0)
    for mark in ("**", "《"):
        lines = Counter()
        for row in range(len(odd)):
            (line,) = cited(written(trie, tokenizer, mark, 1, random, [np.array([row])]), ODD)
            assert line == citation_line(ODD[row])
            lines[line] += 1
        assert len(lines) == len({citation_line(paper) for paper in ODD})
        # Of two with the same line both count; one without id that another goes on from is passed over.
        found = cited(written(trie, tokenizer, mark, 99, random), ODD)
        assert len(ODD) - 2 <= len(found) == len(set(found))


def written(trie, tokenizer, mark, times, random, rows=None):
    """An answer that opens a citation with `mark` whenever it may, `times` at most, as text."""
    import torch

    processor = citing_processor(trie, tokenizer, rows)
    [opening] = trie.spelling.encode([mark], after="x")
    ids, pending = [5], opening * times
    while True:
        scores = processor(torch.tensor([ids]), torch.zeros(1, len(tokenizer)))[0]
        allowed = scores.isfinite().nonzero()[:, 0].numpy()
        if len(allowed) < len(tokenizer) / 2:  # in a citation
            ids.append(int(random.choice(allowed)))
        elif pending and pending[0] in allowed:
            ids.append(pending.pop(0))
        else:
            return tokenizer.decode(ids[1:], clean_up_tokenization_spaces=False)


def test_beams_change_places(tokenizers, model, odd):
    tokenizer = tokenizers[KINDS[0]]
    trie = open_trie(odd, tokenizer)
    found = 0
    for options in (
        {"num_beams": 3},
        {"num_beams": 3, "do_sample": True},
        {"do_sample": True, "num_return_sequences": 2},
    ):
        processors = [Favour(opening_ids(tokenizer), 4.0), citing_processor(trie, tokenizer)]
        for text in generate(model, tokenizer, processors, PROMPTS[:2], 120, **options):
            lines = cited(text, ODD)
            assert not Counter(lines) - Counter(citation_line(paper) for paper in ODD)
            found += len(lines)
    assert found > 5


def test_each_sequence_keeps_to_its_rows_and_then_lists_no_more(tokenizers, odd):
    tokenizer = tokenizers[KINDS[0]]
    trie = open_trie(odd, tokenizer)
    rows = [np.array([0, 2]), np.array([], dtype=np.int64), None]
    listing = [*opening_ids(tokenizer), *tokenizer.encode("\n1.- ", add_special_tokens=False)]
    processors = [Favour(listing, 9.0), citing_processor(trie, tokenizer, rows)]
    first, second, third = sampled(processors, tokenizer, 1.0, 0, ["x"] * 3, 300)
    assert set(cited(first, ODD)) == {citation_line(ODD[0]), citation_line(ODD[2])}
    last = max(first.find(citation_line(ODD[row])[2:]) for row in (0, 2))
    assert not re.search(r"\n(?:\d{1,2}[.)]|[-*] )", first[last:])
    assert cited(second, ODD) == []
    assert not re.search(r"(?:^|\n)(?:\d{1,2}[.)]|[-*] )", second)
    assert len(cited(third, ODD)) > 2


@pytest.mark.parametrize("favoured", ["end", "words", "lines"])
@pytest.mark.parametrize("kind", KINDS)
def test_with_records_of_its_own_an_answer_cites_one_whatever_the_model_wants(kind, favoured, tokenizers, odd):
    tokenizer = tokenizers[kind]
    wanted = {"end": [tokenizer.eos_token_id], "words": tokenizer.encode("a b", add_special_tokens=False)}
    wanted["lines"] = [*wanted["words"], *tokenizer.encode("\n", add_special_tokens=False)]
    rows = [np.array([0, 2]), None, np.array([], dtype=np.int64)]
    favour = Favour(wanted[favoured], 12.0)
    processors = [favour, citing_processor(open_trie(odd, tokenizer), tokenizer, rows, must_cite=True)]
    own, free, none = sampled(processors, tokenizer, 1.0, 0, ["x"] * 3, 120)
    lines = cited(own, ODD)
    assert lines and set(lines) <= {citation_line(ODD[0]), citation_line(ODD[2])}
    lead, _, rest = own.partition("**")
    assert lead.endswith("1. ") and rest and len(lead) < 400 and lead.strip("\n").count("\n") <= 1
    assert cited(free, ODD) == cited(none, ODD) == []


def test_a_numbered_item_is_a_citation(tokenizers, odd):
    tokenizer = tokenizers[KINDS[0]]
    favour = Favour(tokenizer.encode("\n1. Deep [2]", add_special_tokens=False), 7.0)
    found = 0
    for text in sampled(
        [favour, citing_processor(open_trie(odd, tokenizer), tokenizer)], tokenizer, 1.0, 0, tokens=300
    ):
        found += len(cited(text, ODD))
        for item in re.findall(r"(?:^|\n)\d{1,2}[.)、](.*)", text):
            assert any(mark.startswith(item[:3]) or item.startswith(mark) for mark in (" **", "**", " 《", "《")), text
    assert found


def test_beams_of_a_prompt_share_its_rows(tokenizers, model, odd):
    tokenizer = tokenizers[KINDS[0]]
    trie = open_trie(odd, tokenizer)
    processors = [
        Favour(opening_ids(tokenizer), 9.0),
        citing_processor(trie, tokenizer, [np.array([0]), np.array([6])]),
    ]
    texts = generate(model, tokenizer, processors, ["x", "y"], 90, do_sample=True, num_return_sequences=2)
    assert [cited(text, ODD) for text in texts] == [[citation_line(ODD[row])] for row in (0, 0, 6, 6)]


def test_what_may_follow_keeps_its_score(tokenizers, odd):
    import torch

    tokenizer = tokenizers[KINDS[0]]
    processor = citing_processor(open_trie(odd, tokenizer), tokenizer)
    before = torch.rand(2, len(tokenizer))
    processor(torch.tensor([[5], [6]]), before.clone())
    after = processor(torch.tensor([[5, opening_ids(tokenizer)[0]], [6, 7]]), before.clone())
    kept = after.isfinite()
    assert torch.equal(after[kept], before[kept])
    assert 0 < kept[0].sum() < len(ODD) < kept[1].sum()
    exact = before.bfloat16()  # which NumPy does not know
    assert torch.equal(processor(torch.tensor([[5, opening_ids(tokenizer)[0]], [6, 7]]), exact).isfinite(), kept)


def test_a_padded_answer_that_stopped_within_a_citation_goes_on_freely(tokenizers, odd):
    import torch

    tokenizer = tokenizers[KINDS[0]]
    processor = citing_processor(open_trie(odd, tokenizer), tokenizer)
    ids = [5]
    for token in (opening_ids(tokenizer)[0], tokenizer.pad_token_id, tokenizer.pad_token_id):
        processor(torch.tensor([ids]), torch.zeros(1, len(tokenizer)))
        ids.append(token)
    changed = processor(torch.tensor([ids]), torch.zeros(1, len(tokenizer)))
    assert torch.isfinite(changed[0, tokenizer.pad_token_id])


def test_another_tokenizer_and_another_batch_are_refused(tokenizers, papers, odd):
    import torch

    tokenizer = tokenizers[KINDS[0]]
    trie = open_trie(odd, tokenizer)
    with pytest.raises(PaperQAError, match="700 tokens"):
        citing_processor(trie, small_tokenizer(KINDS[0], [paper.title for paper in papers], 700))
    processor = citing_processor(trie, tokenizer, [None, None])
    with pytest.raises(PaperQAError, match="3 sequences"):
        processor(torch.zeros(3, 1, dtype=torch.long), torch.zeros(3, len(tokenizer)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["qwen", "smollm2"])
def test_every_citation_is_of_the_records_with_real_vocabularies(name, index, papers, tiny_qwen3):
    from transformers import AutoTokenizer

    directory = tiny_qwen3 if name == "qwen" else downloaded_model()
    tokenizer = AutoTokenizer.from_pretrained(directory)
    trie = open_trie(index, tokenizer)
    favour = Favour(opening_ids(tokenizer), 8.0)
    found = 0
    for seed, temperature in enumerate((0.5, 1.0, 2.0)):
        for text in sampled([favour, citing_processor(trie, tokenizer)], tokenizer, temperature, seed, tokens=250):
            lines = cited(text, papers)
            assert len(set(lines)) == len(lines)
            found += len(lines)
    assert found > 20
