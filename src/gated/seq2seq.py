r"""From one sequence to another: a recurrent encoder and decoder, with attention or without.

The encoder reads the source, and the decoder begins in the state that the encoder ends in. It reads
the target one token behind and says which token comes next. Without attention, all that it knows of
the source has to fit into that one state. With attention, each of the decoder's states $h$ asks all
of the encoder's, and the answer joins in the prediction:

$$\tilde h = \tanh(W_c \, [\mathrm{context}; h]), \qquad \mathrm{logits} = W_s \, \tilde h + b_s$$

Every kind of attention stands in this same place, Luong's, so that they can be compared. In
Bahdanau's own model it is the state *before* that asks, and the step to the next state reads the
context.

Source: Sutskever, Vinyals and Le, arXiv 1409.3215, section 2; Luong, Pham and Manning, arXiv
1508.04025, section 3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn, tanh
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gated.attention import AdditiveAttention, DotAttention, GeneralAttention, ScaledDotAttention
from gated.checks import check_rank
from gated.fast import GRU, LSTM
from gated.options import check_choice, check_sizes

CELLS: Final[dict[str, type[GRU] | type[LSTM]]] = {"gru": GRU, "lstm": LSTM}
ATTENTIONS: Final[dict[str, Callable[[int], nn.Module]]] = {
    "additive": lambda size: AdditiveAttention(size, size, size),
    "general": lambda size: GeneralAttention(size, size),
    "dot": lambda size: DotAttention(),
    "scaled": lambda size: ScaledDotAttention(),
}


@dataclass(frozen=True)
class Decoded:
    """What a model says that takes, at every step, the token that it considers the likeliest.

    Attributes:
        tokens: (batch, steps), with `end` at and after the end of a sequence.
        lengths: How many tokens each sequence has before its end: (batch,).
        weights: The weights of attention at every step, (batch, steps, source time), without
            meaning after the end of a sequence; None without attention.
    """

    tokens: Tensor
    lengths: Tensor
    weights: Tensor | None


class EncoderDecoder(nn.Module):
    r"""A recurrent encoder and a recurrent decoder, with attention or without.

    Called with `source`, `lengths` and `target`, the tokens that the decoder reads, as in training
    (*teacher forcing*); returns `(logits, weights)`. With N sequences, S steps of the source and T
    of the target:

    - `source`: (N, S), numbers of tokens; what stands after the end of a sequence is not read
    - `lengths`: (N,), how many tokens of each source are real
    - `target`: (N, T), numbers of tokens, the first of which stands for the beginning
    - `logits`: (N, T, target_vocab_size), at each step for the token after it. No step depends on
      later ones, so that padding of targets need only be left out of the loss
    - `weights` of attention: (N, T, S), zero on padding, or None without attention

    Args:
        source_vocab_size: How many tokens there are in sources.
        target_vocab_size: How many tokens there are in targets, with those for beginning and end.
        hidden_size: Units of the encoder and of the decoder, and features of a token.
        cell: "gru" or "lstm".
        attention: "additive", "general", "dot" or "scaled", as in
            [`gated.attention`][gated.attention], or None.

    Raises:
        ValueError: a size below 1, an unknown cell or attention, a tensor of another rank, a length
            that is not from 1 to S.
        TypeError: an argument of another type.
        RuntimeError: a tensor of another size or dtype, no sequence, no step.
        IndexError: a token that is not in the vocabulary.

    Source: Sutskever, Vinyals and Le, arXiv 1409.3215, section 2; with attention Luong, Pham and
    Manning, arXiv 1508.04025, section 3.
    """

    def __init__(
        self,
        source_vocab_size: int,
        target_vocab_size: int,
        hidden_size: int,
        cell: Literal["gru", "lstm"] = "gru",
        attention: Literal["additive", "general", "dot", "scaled"] | None = None,
    ) -> None:
        check_sizes(
            source_vocab_size=source_vocab_size,
            target_vocab_size=target_vocab_size,
            hidden_size=hidden_size,
        )
        check_choice("cell", cell, CELLS)
        super().__init__()
        self.embed_source = nn.Embedding(source_vocab_size, hidden_size)
        self.embed_target = nn.Embedding(target_vocab_size, hidden_size)
        self.encoder = CELLS[cell](hidden_size, hidden_size, batch_first=True)
        self.decoder = CELLS[cell](hidden_size, hidden_size, batch_first=True)
        self.attention = None
        if attention is not None:
            check_choice("attention", attention, ATTENTIONS)
            self.attention = ATTENTIONS[attention](hidden_size)
            self.join = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.predict = nn.Linear(hidden_size, target_vocab_size)

    def forward(
        self, source: Tensor, lengths: Tensor, target: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        keys, mask, state = self._encode(source, lengths)
        _check_tokens("target", target, self.embed_target)
        if len(target) != len(source):
            raise RuntimeError(
                f"EncoderDecoder: target must have a row for each of {len(source)} sources, "
                f"got {len(target)}"
            )
        logits, weights, _ = self._decode(target, state, keys, mask)
        return logits, weights

    @torch.no_grad()
    def greedy(
        self, source: Tensor, lengths: Tensor, begin: int, end: int, max_steps: int
    ) -> Decoded:
        """Decode step by step: the likeliest token is what the decoder reads next.

        `source`, `lengths` and the errors are those of a call. The tokens `begin` and `end` stand
        for the beginning and the end of a target; where a sequence has not ended before, decoding
        stops after `max_steps`.
        """
        check_sizes(max_steps=max_steps)
        keys, mask, state = self._encode(source, lengths)
        _check_tokens("begin and end", torch.tensor([[begin, end]]), self.embed_target)
        token = source.new_full((len(source), 1), begin)
        ended = torch.zeros_like(token, dtype=torch.bool)
        tokens: list[Tensor] = []
        asked: list[Tensor] = []
        while len(tokens) < max_steps and not ended.all():
            logits, weights, state = self._decode(token, state, keys, mask)
            token = logits.argmax(-1).masked_fill(ended, end)
            ended = token == end
            tokens.append(token)
            if weights is not None:
                asked.append(weights)
        decoded = torch.cat(tokens, dim=1)
        return Decoded(decoded, (decoded != end).sum(1), torch.cat(asked, dim=1) if asked else None)

    def _encode(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Any]:
        """Return all states, on padding zero; where a step is real; and each sequence's last state.

        The last is h, or the pair (h, c), as a layer takes and returns it.
        """
        check_rank("EncoderDecoder", "source", source, (2,))
        mask = _mask(lengths, source)
        source = source.masked_fill(~mask, 0)
        _check_tokens("source", source, self.embed_source)
        packed = pack_padded_sequence(
            self.embed_source(source), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        output, state = self.encoder(packed)
        keys, _ = pad_packed_sequence(output, batch_first=True, total_length=source.shape[1])
        return keys, mask, state

    def _decode(
        self, target: Tensor, state: Any, keys: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor | None, Any]:
        """Return logits, the weights of attention, and the state after the last step."""
        h, state = self.decoder(self.embed_target(target), state)
        if self.attention is None:
            return self.predict(h), None, state
        context, weights = self.attention(h, keys, mask=mask)
        joined = tanh(self.join(torch.cat([context, h], dim=-1)))
        return self.predict(joined), weights, state


def _mask(lengths: Tensor, source: Tensor) -> Tensor:
    """Check lengths; return True where a step is real: (batch, time)."""
    _check_whole("lengths", lengths, 1)
    batch, time = source.shape
    if len(lengths) != batch:
        raise RuntimeError(
            f"EncoderDecoder: lengths must have one for each of {batch} sources, got {len(lengths)}"
        )
    wrong = lengths[(lengths < 1) | (lengths > time)]
    if len(wrong):
        raise ValueError(
            f"EncoderDecoder: lengths must be from 1 to {time}, the time steps, "
            f"got {wrong[0].item()}"
        )
    return torch.arange(time, device=source.device) < lengths.to(source.device).unsqueeze(1)


def _check_whole(name: str, numbers: Tensor, rank: int) -> None:
    check_rank("EncoderDecoder", name, numbers, (rank,))
    if numbers.dtype not in (torch.int32, torch.int64):
        raise RuntimeError(
            f"EncoderDecoder: {name} must be torch.int64 or torch.int32, got {numbers.dtype}"
        )


def _check_tokens(name: str, tokens: Tensor, embedding: nn.Embedding) -> None:
    _check_whole(name, tokens, 2)
    if tokens.numel() == 0:
        raise RuntimeError(
            f"EncoderDecoder: {name} must have at least one sequence and one step, "
            f"got shape {tuple(tokens.shape)}"
        )
    count = embedding.num_embeddings
    wrong = tokens[(tokens < 0) | (tokens >= count)]
    if len(wrong):
        raise IndexError(
            f"EncoderDecoder: {name} must be tokens from 0 to {count - 1}, got {wrong[0].item()}"
        )
