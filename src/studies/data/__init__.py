"""What studies read, and the three parts of a data set."""

from typing import Generic, NamedTuple, TypeVar

Part = TypeVar("Part")


class Split(NamedTuple, Generic[Part]):
    """What is trained on, what chooses, and what is tested with."""

    train: Part
    valid: Part
    test: Part
