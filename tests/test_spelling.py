import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_tokenizers import END, KINDS, small_tokenizer

from paperqa_ext.decode.spelling import Spelling
from paperqa_ext.errors import PaperQAError
from paperqa_ext.prompts import citation_line

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request, papers):
    return small_tokenizer(request.param, [citation_line(paper, 1) for paper in papers[:300]])


@pytest.fixture(scope="module")
def spelling(tokenizer):
    return Spelling(tokenizer)


def test_texts_are_spelt_exactly(spelling):
    @settings(max_examples=60, deadline=None)
    @given(_TEXT)
    def check(text):
        for after in ("**", "《", "x"):
            assert spelling.spell(spelling.encode([text], after=after)[0]) == text.encode()

    check()


def test_titles_are_cut_as_the_tokenizer_cuts_them_on_a_line(papers):
    tokenizer = small_tokenizer(KINDS[0], [citation_line(paper, 1) for paper in papers[:300]])
    titles = [paper.title for paper in papers[:200] if paper.title[0].isalpha() and paper.title[-1].isalpha()]
    for title, ids in zip(titles, Spelling(tokenizer).encode(titles, after="**"), strict=True):
        line = tokenizer.encode(f"1. **{title}** — A", add_special_tokens=False)
        start = line.index(ids[0], 3)
        assert line[start : start + len(ids)] == ids


def test_tokens_spell_what_the_tokenizer_decodes(papers, tokenizer, spelling):
    for paper in papers[:50]:
        text = citation_line(paper, 1)
        ids = tokenizer.encode(text, add_special_tokens=False)
        assert spelling.spell(ids).decode().lstrip(" ") == text
        assert tokenizer.decode(ids) == text
    assert spelling.tokens[tokenizer.convert_tokens_to_ids(END)] == b""


def test_padding_that_a_batch_has_set_counts_for_nothing(tokenizer, spelling):
    tokenizer(["a", "longer text"], padding="max_length", max_length=64, truncation=True)
    again = Spelling(tokenizer)
    assert again.hash == spelling.hash
    assert again.encode(["a title"], after="**") == spelling.encode(["a title"], after="**")


def test_other_vocabularies_have_other_hashes(papers, tokenizer, spelling):
    other = small_tokenizer(KINDS[0], [paper.title for paper in papers[300:400]], 700)
    assert Spelling(other).hash != spelling.hash


def test_tokenizers_that_lose_letters_are_refused():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    pieces = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    pieces.pre_tokenizer, pieces.decoder = pre_tokenizers.Whitespace(), decoders.WordPiece()
    with pytest.raises(PaperQAError, match=r"of this kind \(WordPiece\)"):
        Spelling(PreTrainedTokenizerFast(tokenizer_object=pieces))
    with pytest.raises(PaperQAError, match=r"of this kind \(str\)"):
        Spelling("a tokenizer")


def test_what_has_no_token_is_named(papers):
    tokenizer = small_tokenizer(KINDS[2], [paper.title for paper in papers[:50]], 300)
    plan = json.loads(tokenizer.backend_tokenizer.to_str())
    plan["model"]["byte_fallback"] = False
    plan["model"]["vocab"] = {
        token: place for place, token in enumerate(t for t in plan["model"]["vocab"] if not t.startswith("<0x"))
    }
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    poor = Spelling(PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(plan))))
    with pytest.raises(PaperQAError, match="no token for '猫'"):
        poor.encode(["a 猫"], after="**")
