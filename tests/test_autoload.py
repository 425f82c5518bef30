import subprocess
import sys

import pytest

COUNT = "import sys, paperqa_ext.autoload as a; print(sum(isinstance(f, a._AfterImport) for f in sys.meta_path))"


def python(program, **env):
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=300,
        env={"PATH": "/usr/bin:/bin", **env},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_torch_installs_it_once():
    assert python(f"import torch; {COUNT}; a.install(); {COUNT}").split() == ["1", "1"]


def test_it_can_be_turned_off():
    assert python(f"import torch; {COUNT}", PAPERQA_HOOK="0") == "0"


def test_it_imports_nothing_heavy():
    program = "import sys; before = set(sys.modules); import paperqa_ext.autoload as a; a.install(); print(sorted(set(sys.modules) - before))"
    loaded = python(program)
    assert "paperqa_ext.autoload" in loaded
    for heavy in ("numpy", "scipy", "pyarrow", "torch", "llamafactory"):
        assert f"'{heavy}'" not in loaded


@pytest.mark.parametrize(
    "module", ["llamafactory.train.sft.trainer", pytest.param("llamafactory.train.sft", marks=pytest.mark.slow)]
)
def test_the_trainer_is_wrapped_once_however_it_is_imported(module):
    program = (
        f"import {module}\nfrom llamafactory.train.sft.trainer import CustomSeq2SeqTrainer as T\n"
        f"print(hasattr(T.save_predictions, '_checked_by_paperqa'), T.save_predictions.__name__)\n{COUNT}\n"
        "from paperqa_ext.hook import attach\nattach(T)\n"
        "print(hasattr(T.save_predictions.__wrapped__, '__wrapped__'))"
    )
    assert python(program).splitlines()[-3:] == ["True save_predictions", "0", "False"]


def test_a_trainer_of_another_kind_is_left_alone_and_told():
    program = (
        "import sys, types, paperqa_ext.autoload as a\nsys.stderr = sys.stdout\na._attach(types.ModuleType('other'))"
    )
    assert python(program).startswith("paperqa-ext: what this run predicts will not be checked: AttributeError")
