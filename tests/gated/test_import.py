"""One name of gated loads the modules that it needs, and no other."""

import subprocess
import sys
from functools import cache
from importlib.metadata import metadata

import pytest

import gated


@cache
def loaded_after(code: str) -> set[str]:
    """Run the code in a fresh interpreter; return the modules that it loaded."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import gated", {"torch", "gated.cells", "gated.layers"}),
        ("from gated.parameters import count", {"torch", "gated.cells", "gated.layers"}),
        ("from gated import GRUCell", {"gated.layers", "gated.parameters", "gated.figures"}),
        ("from gated import GRU", {"gated.parameters", "gated.figures", "matplotlib"}),
        ("import gated.figures", {"torch", "gated.cells", "gated.parameters"}),
    ],
)
def test_a_name_loads_only_what_it_needs(code: str, absent: set[str]) -> None:
    loaded = loaded_after(code)
    assert "gated" in loaded
    assert not loaded & absent


def test_a_cell_is_loaded_with_its_module() -> None:
    assert {"torch", "gated.cells"} <= loaded_after("from gated import GRUCell")


def test_all_names_are_there_and_listed() -> None:
    for name in gated.__all__:
        assert getattr(gated, name).__name__ == name
    assert {*gated.__all__, "__version__"} <= set(dir(gated))


@pytest.mark.parametrize(
    ("package", "extra", "code"),
    [
        ("drawsvg", "figures", "import gated.figures.drawing"),
        ("drawsvg", "figures", "import gated.figures.sheet"),
        ("onnx", "frameworks", "from gated.convert import onnx_layers as ask; ask(None)"),
        ("onnx", "frameworks", "from gated.convert import onnx_model as ask; ask(None)"),
    ],
)
def test_a_package_that_is_missing_is_named_with_what_brings_it(
    package: str, extra: str, code: str
) -> None:
    script = f"import sys\nsys.modules[{package!r}] = None\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    said = f'{package} is needed here: pip install "gated[{extra}]"'
    assert done.stderr.splitlines()[-1] == f"ModuleNotFoundError: {said}"
    assert extra in (metadata("gated").get_all("Provides-Extra") or [])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("GruCell", "module 'gated' has no attribute 'GruCell'; did you mean 'GRUCell'?"),
        ("LTSM", "module 'gated' has no attribute 'LTSM'; did you mean 'LSTM'?"),
        ("transformer", "module 'gated' has no attribute 'transformer'"),
    ],
)
def test_an_unknown_name_is_named_with_a_near_one(name: str, message: str) -> None:
    with pytest.raises(AttributeError) as raised:
        getattr(gated, name)
    assert str(raised.value) == message
