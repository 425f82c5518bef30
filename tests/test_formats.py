import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.errors import PredictionsError
from paperqa_ext.predictions.formats import BATCH, LLAMAFACTORY, format_of

CHAT = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "答"}, "finish_reason": "stop"}]}
RESPONSES = {
    "object": "response",
    "output": [
        {"type": "reasoning", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "答", "annotations": []}]},
    ],
}


def batch(body, **more):
    response = {"status_code": 200, "request_id": "r", "body": body}
    return {"id": "batch_req_1", "custom_id": "q-1", "response": response, "error": None, **more}


def read(row, field=None):
    return format_of(row, field).read(row)


def test_llamafactory_and_its_vllm_script():
    row = {"prompt": "<|im_start|>user\n问<|im_end|>", "predict": "答", "label": "标签\n"}
    assert format_of(row, None) is LLAMAFACTORY
    assert read(row) == tuple(row.values())


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (CHAT, "答"),
        (RESPONSES, "答"),
        ({"choices": [{"text": "答", "index": 0}]}, "答"),
        ({"choices": [{"message": {"content": None, "refusal": "I cannot."}}]}, "I cannot."),
        ({"choices": [{"message": {"content": None}}]}, ""),
        ({"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}]}, "No."),
        ({"output": []}, ""),
    ],
    ids=["chat", "responses", "completions", "refusal", "no content", "refusal of responses", "nothing said"],
)
def test_openai_batch_output(body, answer):
    assert format_of(batch(body), None) is BATCH
    assert read(batch(body)) == ("q-1", answer, "")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (batch(None, response=None, error={"code": "batch_expired", "message": "late"}), "no answer: .*batch_expired"),
        (batch({}, response={"status_code": 429, "body": {"error": "slow down"}}), "no answer: .*429"),
        (batch({"choices": CHAT["choices"] * 2}), "holds no single answer"),
        (batch({"choices": []}), "holds no single answer"),
        (batch({"choices": [{"message": {"content": ["x"]}}]}), "holds no single answer"),
        (batch({"choices": [{"message": {"content": 5}}]}), "holds no single answer"),
        (batch(None), "holds no single answer"),
        (batch("text"), "holds no single answer"),
        (batch({"output": [{"type": "message", "content": [{"type": "audio"}]}]}), "holds no single answer"),
    ],
)
def test_batch_lines_without_an_answer(row, message):
    with pytest.raises(PredictionsError, match=f"field 'response': .*{message}"):
        read(row)


def test_a_field_of_plain_rows():
    assert read({"response": "答"}, "response") == ("", "答", "")
    assert read({"prompt": "q", "label": None, "out": "a"}, "out") == ("q", "a", "")
    assert read({"prompt": "q", "predict": "a", "label": "b"}, "label") == ("q", "b", "b")
    with pytest.raises(PredictionsError, match="field 'answer': missing, or not a string; keys found: response"):
        read({"response": "x"}, "answer")


def test_an_unknown_row_says_how_to_name_its_field():
    with pytest.raises(PredictionsError, match="--field NAME"):
        read({"question": "q", "response": "a"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "output", "text", "type", "refusal", "body", "status_code"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_response_is_an_answer_or_a_named_error(response):
    row = {"custom_id": 1, "response": response}
    try:
        answer = read(row)
    except PredictionsError as error:
        assert error.field == "response"
    else:
        assert all(isinstance(text, str) for text in answer)
        json.dumps(answer)
