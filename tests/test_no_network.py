import json
import subprocess
import sys

from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.prompts import citation_line

# Runs `paperqa` with sockets that raise, and says how often one was asked for.
BLOCKED = """
import socket, sys
asked = []
def refuse(*arguments, **options):
    asked.append(arguments)
    raise OSError("the network is blocked")
class Refused(socket.socket):
    __init__ = refuse
socket.socket = Refused
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
sys.addaudithook(lambda event, details: refuse(event) if event in {"socket.connect", "socket.getaddrinfo"} else None)
from paperqa_ext.cli import main
status = main(sys.argv[1:])
print("sockets asked for:", len(asked))
sys.exit(status)
"""


def test_the_whole_check_asks_for_no_network(tmp_path, papers, index):
    real = [paper for paper in papers if len(paper.title) > 40 and paper.authors][:2]
    answers = [
        citation_line(real[0], 1),
        f"1. **Hierarchical Prompt Distillation for Underwater Tomography** — A. Nobody (2021).\n{citation_line(real[1], 2)}",
        f"1. **{real[1].title}** — Yann Nobody ({real[1].year}). https://arxiv.org/abs/{real[0].id}",
    ]
    predictions = tmp_path / FILE_NAME
    predictions.write_text(
        "".join(json.dumps({"prompt": "q", "predict": text, "label": ""}) + "\n" for text in answers)
    )
    output = tmp_path / "reports"
    command = ["check", predictions, "--index", index.path, "--output", output]
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, *map(str, command)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("sockets asked for: 0\n"), done.stdout
    report = json.loads((output / "hallucination_report.json").read_text())
    assert report["citations"] == 4
