"""Constrained predictions of transformers' own trainer, and (slow) of `llamafactory-cli train` itself."""

import json

import pytest
import yaml
from conftest import REPOSITORY, llamafactory
from small_tokenizers import KINDS, small_model, small_tokenizer
from test_processor import Favour, cited, opening_ids

from paperqa_ext.chat.predict import constrain, narrowing
from paperqa_ext.chat.retrieve import Retriever
from paperqa_ext.errors import IndexUnavailableError
from paperqa_ext.prompts import citation_line, grounded_prompt
from paperqa_ext.settings import Settings


@pytest.fixture(scope="module")
def tokenizer(papers):
    return small_tokenizer(KINDS[0], [citation_line(paper, 1) for paper in papers[:300]])


@pytest.fixture
def trainer(tokenizer, tmp_path):
    from transformers import DataCollatorWithPadding, Seq2SeqTrainer, Seq2SeqTrainingArguments

    return Seq2SeqTrainer(
        small_model(tokenizer),
        Seq2SeqTrainingArguments(
            str(tmp_path), predict_with_generate=True, per_device_eval_batch_size=2, report_to="none", use_cpu=True
        ),
        data_collator=DataCollatorWithPadding(tokenizer),
        processing_class=tokenizer,
    )


def test_what_a_trainer_predicts_cites_the_index_alone(trainer, tokenizer, index, papers):
    questions = [{"input_ids": tokenizer.encode(text, add_special_tokens=False)} for text in ("List:", "Ask", "x **")]
    favour = Favour(opening_ids(tokenizer), 9.0)
    options = {"max_new_tokens": 120, "do_sample": True, "logits_processor": [favour]}
    constrain(trainer, Settings(index=index.path, mode="constrained"))
    predicted = trainer.predict(questions, **options).predictions
    for ids, question in zip(predicted, questions, strict=True):
        text = tokenizer.decode([i for i in ids if i >= 0], skip_special_tokens=True)
        answer = text.partition(tokenizer.decode(question["input_ids"]))[2]
        assert cited(answer, papers)


def test_in_mode_grounded_only_what_is_asked_for_can_be_cited(trainer, tokenizer, searchable, papers):
    asked = [
        "Recommend papers from 2022 on graph neural networks.",
        "Recommend papers from 1850 on graph neural networks.",
    ]
    questions = [{"input_ids": tokenizer.encode(text, add_special_tokens=False)} for text in asked]
    assert [tokenizer.decode(question["input_ids"]) for question in questions] == asked
    constrain(trainer, Settings(index=searchable))
    options = {"max_new_tokens": 200, "do_sample": True, "logits_processor": [Favour(opening_ids(tokenizer), 9.0)]}
    predicted = trainer.predict(questions, **options).predictions
    found, none = (tokenizer.decode([i for i in ids if i >= 0], skip_special_tokens=True) for ids in predicted)
    lines = cited(found.removeprefix(asked[0]), papers)
    assert lines and all("(2022)" in line for line in lines)
    assert "**" not in none and "《" not in none


def test_prompts_are_narrowed_by_all_that_is_said(searchable, papers):
    narrow = narrowing(Retriever(searchable))
    turn = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
    first = turn.format("请推荐 2022 年图神经网络的论文。")
    years = [
        {papers[row].year for row in narrow(text)} for text in (first, first + "好。" + turn.format("换成 2021 年的"))
    ]
    assert years == [{2022}, {2021}]
    assert narrow(turn.format(grounded_prompt("Which?", papers[:2], "en"))) is None


def test_without_an_index_it_says_so_at_once(trainer, tmp_path):
    with pytest.raises(IndexUnavailableError, match="no reference index here"):
        constrain(trainer, Settings(index=tmp_path / "none"))


@pytest.mark.slow
def test_predictions_of_llamafactory_cite_the_index_alone(tiny_qwen3, index, papers, tmp_path):
    config = yaml.safe_load((REPOSITORY / "examples" / "predict.yaml").read_text())
    for key in ("adapter_name_or_path", "quantization_bit", "quantization_method", "bf16_full_eval"):
        config.pop(key)
    output = tmp_path / "predict"
    config |= {
        "model_name_or_path": str(tiny_qwen3), "dataset_dir": str(REPOSITORY), "output_dir": str(output),
        "max_samples": 3, "max_new_tokens": 200, "do_sample": True, "use_cpu": True,
    }  # fmt: skip
    (tmp_path / "predict.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "paperqa.yaml").write_text(
        yaml.safe_dump({"index": str(index.path), "constrained": True, "mode": "constrained"})
    )
    run = llamafactory("train", tmp_path / "predict.yaml", cwd=tmp_path)
    assert run.returncode == 0, run.stderr[-3000:]
    lines = (output / "generated_predictions.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    for line in lines:
        cited(json.loads(line)["predict"], papers)
    assert len(list((index.path / "tries").iterdir())) >= 1
