import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.turns import turns

CHATML = "<|im_start|>system\nBe true.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
AGAIN = "Sure.<|im_end|>\n<|im_start|>user\ntwo\nlines<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize(
    ("prompt", "said", "answers"),
    [
        (CHATML.format("第一问"), ["第一问"], []),
        (CHATML.format("one") + AGAIN, ["one", "two\nlines"], ["\n<|im_start|>assistant\nSure.<|im_end|>\n"]),
        ("<|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant", ["hi"], []),
        ("<s>[INST] hello [/INST] Hi.</s>[INST] more? [/INST]", ["hello", "more?"], [" Hi.</s>"]),
        ("no template at all", ["no template at all"], []),
        ("<|im_start|>user\n", ["<|im_start|>user"], []),
        ("", [""], []),
    ],
)
def test_what_is_said_and_answered(prompt, said, answers):
    assert turns(prompt) == (said, answers)


@given(st.text())
def test_of_any_text_something_is_said(text):
    said, answers = turns(text)
    assert len(said) == len(answers) + 1
