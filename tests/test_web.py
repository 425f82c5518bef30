"""LLaMA-Factory's web chat with verified answers, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chatting import FAKE

from paperqa_ext.chat.grounding import Grounding
from paperqa_ext.chat.model import load
from paperqa_ext.chat.web import create_page, web_model

CHROMIUM = shutil.which("chromium")
CHINESE, ENGLISH = "请推荐 2022 年关于图神经网络的论文", "Recommend 2021 papers on reinforcement learning."


@pytest.fixture(scope="module")
def web(chat_config: Path, searchable: Path) -> Any:
    return load(chat_config, ["max_new_tokens=150"], Grounding(searchable, "grounded"), web_model())


def test_an_answer_ends_with_how_much_of_it_is_verified(web):
    verdicts: list[dict[str, Any]] = []
    messages = [{"role": "user", "content": CHINESE}]
    answer = "".join(web.stream_chat(messages, verdicts=verdicts, max_new_tokens=300))
    assert answer.rsplit("\n", 1)[1][0] in "✓✗" and "条引用" in answer and verdicts
    web.grounding.mode = "free"
    try:
        answer = "".join(web.stream_chat(messages, max_new_tokens=30))
    finally:
        web.grounding.mode = "grounded"
    assert answer.startswith(f"1. ~~**{FAKE}") and answer.endswith("得到核实。")


def test_the_model_is_not_told_how_much_was_verified(web, monkeypatch):
    seen: list[Any] = []
    monkeypatch.setattr(web.grounding, "plan", lambda messages: seen.extend(messages) or 1 / 0)
    history = [
        {"role": "user", "content": ENGLISH},
        {"role": "assistant", "content": "1. **A**\n\n✓ 1 of 1 citations verified."},
        {"role": "user", "content": "only 2021"},
    ]
    with pytest.raises(ZeroDivisionError):
        list(web.stream_chat(history))
    assert [message["content"] for message in seen] == [ENGLISH, "1. **A**", "only 2021"]


@pytest.fixture
def address(web: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)  # LLaMA-Factory keeps files of its own in the working directory
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    page = create_page(web)
    page.queue().launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
    yield page.local_url
    page.close()


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
def test_in_a_browser_links_can_be_followed_and_inventions_are_struck_through(web, address, tmp_path):
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1400})
        page.route("**/*", lambda route: route.continue_() if "127.0.0.1" in route.request.url else route.abort())
        page.set_default_timeout(120_000)
        page.goto(address)
        answers = page.locator(".bot.message")
        for number, (question, count) in enumerate([(CHINESE, "条引用"), (ENGLISH, "citations verified")]):
            page.locator("textarea").last.fill(question)
            page.get_by_role("button", name="Submit").click()
            answer = answers.nth(number)
            expect(answer).to_contain_text(count, timeout=120_000)
            links = answer.locator("a[href^='https://arxiv.org/abs/']")
            assert links.count() > 0
            assert (
                answer.locator("del").count() == 0
                or "cut off" in answer.inner_text()
                or "未写完" in answer.inner_text()
            )
        page.screenshot(path=tmp_path / "grounded.png")
        web.grounding.mode = "free"
        page.locator("textarea").last.fill(ENGLISH)
        page.get_by_role("button", name="Submit").click()
        expect(answers.nth(2)).to_contain_text("citations verified", timeout=120_000)
        web.grounding.mode = "grounded"
        assert FAKE in answers.nth(2).locator("del").first.inner_text()
        page.screenshot(path=tmp_path / "free.png")
        browser.close()
