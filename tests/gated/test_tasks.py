"""The tasks of memory: what they ask for stands in what they give to read."""

import pytest
import torch

from gated.tasks import TASKS


@pytest.mark.parametrize("name", TASKS)
def test_a_task_asks_for_what_stands_in_its_input(name: str) -> None:
    task = TASKS[name]
    x, wanted = task.batch(20, 50, torch.Generator().manual_seed(0))
    again, _ = task.batch(20, 50, torch.Generator().manual_seed(0))
    assert torch.equal(x, again)
    assert x.shape[1:] == (50, task.input_size)
    assert len(wanted) == task.asked
    match name:
        case "recall":
            assert torch.equal(x[0].argmax(-1), wanted[0])
            assert (x[1:].argmax(-1) >= 4).all()
        case "adding":
            assert torch.equal(x[..., 1].sum(0), torch.full((50,), 2.0))
            torch.testing.assert_close((x[..., 0] * x[..., 1]).sum(0), wanted[0, :, 0])
        case "copying":
            assert torch.equal(x[:3].argmax(-1), wanted)
            assert (x[22].argmax(-1) == 5).all()
