"""Who says what in a prompt that a chat template has made."""

from __future__ import annotations

# Openings and endings of a user's turn: ChatML (Qwen, SmolLM2), Llama 3, Gemma, Mistral and Llama 2.
_MARKS = (
    ("<|im_start|>user\n", "<|im_end|>"),
    ("<|start_header_id|>user<|end_header_id|>", "<|eot_id|>"),
    ("<start_of_turn>user\n", "<end_of_turn>"),
    ("[INST]", "[/INST]"),
)


def turns(prompt: str) -> tuple[list[str], list[str]]:
    """What the user says, at least once, and what stands between that: the answers, with the template's marks.

    A prompt in which no turn is recognised is what the user says.

    >>> turns("<|im_start|>user\\nA?<|im_end|>\\n<|im_start|>assistant\\n")
    (['A?'], [])
    """
    for opening, ending in _MARKS:
        parts = [part.partition(ending) for part in prompt.split(opening)[1:]]
        if parts and (said := [user.strip() for user, _, _ in parts])[-1]:
            return said, [rest for _, _, rest in parts[:-1]]
    return [prompt.strip()], []
