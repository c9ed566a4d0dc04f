"""The encoder-decoder equals torch.nn's layers put together by hand, one sequence at a time."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, tensor, zeros
from torch.nn.functional import cross_entropy

from gated.seq2seq import EncoderDecoder

CELLS = ("gru", "lstm")
ATTENTIONS = (None, "additive", "general", "dot", "scaled")
PAD, BEGIN, END = 0, 1, 2
SOURCES, TARGETS, HIDDEN, TIME = 7, 6, 4, 5

every_model = pytest.mark.parametrize(
    ("cell", "attention"), [(cell, attention) for cell in CELLS for attention in ATTENTIONS]
)
batches = st.tuples(st.lists(st.integers(1, TIME), min_size=1, max_size=4), st.integers(0, 2**32))


def build(cell: Any, attention: Any, seed: int = 0) -> EncoderDecoder:
    torch.manual_seed(seed)
    return EncoderDecoder(SOURCES, TARGETS, HIDDEN, cell, attention).double()


def draw(lengths: list[int], seed: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    source = torch.randint(SOURCES, (len(lengths), TIME), generator=generator)
    target = torch.randint(TARGETS, (len(lengths), 3), generator=generator)
    return source, tensor(lengths), target


def by_hand(model: EncoderDecoder, source: Tensor, target: Tensor) -> tuple[Tensor, Any]:
    """Run one sequence without padding through torch.nn's layers."""
    layers = []
    for ours in (model.encoder, model.decoder):
        kind = getattr(torch.nn, type(ours).__name__)
        layer = kind(HIDDEN, HIDDEN, dtype=torch.float64)
        layer.load_state_dict(ours.state_dict())
        layers.append(layer)
    encoder, decoder = layers
    keys, state = encoder(model.embed_source.weight[source])
    h, _ = decoder(model.embed_target.weight[target], state)
    weights = None
    if model.attention is not None:
        w = dict(model.attention.named_parameters())
        kind = type(model.attention).__name__
        scores = h @ keys.T
        if kind == "AdditiveAttention":
            pairs = (h @ w["weight_query"].T)[:, None] + (keys @ w["weight_key"].T)[None]
            scores = pairs.tanh() @ w["v"]
        elif kind == "GeneralAttention":
            scores = h @ w["weight"] @ keys.T
        elif kind == "ScaledDotAttention":
            scores = scores / HIDDEN**0.5
        weights = scores.exp() / scores.exp().sum(-1, keepdim=True)
        h = (torch.cat([weights @ keys, h], dim=-1) @ model.join.weight.T).tanh()
    return h @ model.predict.weight.T + model.predict.bias, weights


@every_model
@given(batches)
@settings(max_examples=8)
def test_every_sequence_gets_what_it_gets_alone(
    cell: str, attention: str | None, batch: tuple[list[int], int]
) -> None:
    lengths, seed = batch
    model = build(cell, attention, seed)
    source, lengths_, target = draw(lengths, seed)
    logits, weights = model(source, lengths_, target)
    assert logits.shape == (len(lengths), 3, TARGETS)
    for row, length in enumerate(lengths):
        expected, asked = by_hand(model, source[row, :length], target[row])
        torch.testing.assert_close(logits[row], expected, rtol=1e-10, atol=1e-12)
        if weights is None:
            assert asked is None
        else:
            torch.testing.assert_close(weights[row, :, :length], asked, rtol=1e-10, atol=1e-12)
            assert not weights[row, :, length:].any()


@every_model
@given(batches, st.sampled_from([PAD, SOURCES - 1, -100]))
@settings(max_examples=5)
def test_padding_changes_neither_results_nor_gradients(
    cell: str, attention: str | None, batch: tuple[list[int], int], junk: int
) -> None:
    model = build(cell, attention)
    source, lengths, target = draw(*batch)
    padding = torch.arange(TIME) >= lengths.unsqueeze(1)
    results = []
    for given_source in (source, source.masked_fill(padding, junk)):
        logits, _ = model(given_source, lengths, target)
        gradients = torch.autograd.grad(logits.square().sum(), [*model.parameters()])
        results.append([logits, *gradients])
    torch.testing.assert_close(results[1], results[0], rtol=0, atol=0)
    touched = results[0][1].any(dim=1).nonzero().flatten()
    assert {*touched.tolist()} <= {*source[~padding].tolist()}


@every_model
def test_steps_of_a_target_do_not_depend_on_later_ones(cell: str, attention: str | None) -> None:
    model = build(cell, attention)
    source, lengths, target = draw([3, 5], seed=0)
    other = target.clone()
    other[:, 2] = (other[:, 2] + 1) % TARGETS
    logits, changed = (model(source, lengths, read)[0] for read in (target, other))
    torch.testing.assert_close(changed[:, :2], logits[:, :2], rtol=0, atol=0)
    assert not torch.equal(changed[:, 2], logits[:, 2])


@every_model
@given(batches)
@settings(max_examples=5)
def test_greedy_says_what_teacher_forcing_with_its_own_words_holds_for_the_likeliest(
    cell: str, attention: str | None, batch: tuple[list[int], int]
) -> None:
    lengths, seed = batch
    model = build(cell, attention, seed)
    source, lengths_, _ = draw(lengths, seed)
    together = model.greedy(source, lengths_, BEGIN, END, max_steps=6)
    read = torch.cat([torch.full((len(lengths), 1), BEGIN), together.tokens[:, :-1]], dim=1)
    logits, weights = model(source, lengths_, read)
    for row, said in enumerate(together.lengths.tolist()):
        steps = min(said + 1, 6)
        tokens = together.tokens[row]
        assert torch.equal(tokens[:steps], logits[row, :steps].argmax(-1))
        assert (tokens[:said] != END).all()
        assert (tokens[said:] == END).all()
        alone = model.greedy(source[row, None], lengths_[row, None], BEGIN, END, max_steps=6)
        assert torch.equal(alone.tokens[0], tokens[:steps])
        assert alone.lengths.tolist() == [said]
        if attention is None:
            assert together.weights is None
            continue
        assert together.weights is not None
        assert not together.weights.requires_grad
        assert weights is not None
        torch.testing.assert_close(together.weights[row, :steps], weights[row, :steps])


def test_decoding_stops_where_every_sequence_has_ended() -> None:
    model = build("gru", "dot")
    torch.nn.init.zeros_(model.predict.weight)
    source, lengths, _ = draw([3, 5], seed=0)
    for token, shape, said in [(END, (2, 1), [0, 0]), (4, (2, 6), [6, 6])]:
        with torch.no_grad():
            model.predict.bias.copy_(torch.eye(TARGETS)[token])
        decoded = model.greedy(source, lengths, BEGIN, END, max_steps=6)
        assert decoded.tokens.shape == shape
        assert decoded.lengths.tolist() == said
        assert (decoded.tokens == token).all()


def reversals(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Draw sources of one to four tokens, and targets that say them from the last to the first."""
    lengths = torch.randint(1, 5, (count,), generator=generator)
    source = torch.randint(3, 8, (count, 4), generator=generator)
    source = source.masked_fill(torch.arange(4) >= lengths.unsqueeze(1), PAD)
    rows = [
        tensor([BEGIN, *row[:length].flip(0), END])
        for row, length in zip(source, lengths, strict=True)
    ]
    return source, lengths, torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


@every_model
def test_a_model_learns_to_reverse_short_sequences(cell: Any, attention: Any) -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    model = EncoderDecoder(8, 8, 32, cell, attention)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(200):
        source, lengths, target = reversals(32, generator)
        logits, _ = model(source, lengths, target[:, :-1])
        loss = cross_entropy(logits.mT, target[:, 1:], ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    source, lengths, target = reversals(100, generator)
    decoded = model.greedy(source, lengths, BEGIN, END, max_steps=5)
    expected = target[:, 1:].masked_fill(target[:, 1:] == PAD, END)
    assert (decoded.tokens == expected).all(1).float().mean() > 0.9


MODEL = EncoderDecoder(5, 4, 3)
ONE = tensor([1])
ROW = zeros(1, 2, dtype=torch.int64)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: EncoderDecoder(0, 4, 3),
            ValueError,
            "source_vocab_size must be at least 1, got 0",
        ),
        (
            lambda: EncoderDecoder(5, 4.0, 3),  # type: ignore[arg-type]
            TypeError,
            "target_vocab_size must be an int, got 4.0 (float)",
        ),
        (
            lambda: EncoderDecoder(5, 4, 3, "GRU"),  # type: ignore[arg-type]
            ValueError,
            "Unknown cell: 'GRU' is not one of 'gru', 'lstm'; did you mean 'gru'?",
        ),
        (
            lambda: EncoderDecoder(5, 4, 3, "gru", "aditive"),  # type: ignore[arg-type]
            ValueError,
            "Unknown attention: 'aditive' is not one of 'additive', 'general', 'dot', 'scaled'; "
            "did you mean 'additive'?",
        ),
        (
            lambda: MODEL([1, 2], ONE, ROW),
            TypeError,
            "EncoderDecoder: source must be a Tensor, got list",
        ),
        (
            lambda: MODEL(ROW[0], ONE, ROW),
            ValueError,
            "EncoderDecoder: source must be 2D, got 1D of shape (2,)",
        ),
        (
            lambda: MODEL(ROW, ONE, ROW[0]),
            ValueError,
            "EncoderDecoder: target must be 2D, got 1D of shape (2,)",
        ),
        (
            lambda: MODEL(ROW, [1], ROW),
            TypeError,
            "EncoderDecoder: lengths must be a Tensor, got list",
        ),
        (
            lambda: MODEL(ROW, tensor(1), ROW),
            ValueError,
            "EncoderDecoder: lengths must be 1D, got 0D of shape ()",
        ),
        (
            lambda: MODEL(ROW, ONE.float(), ROW),
            RuntimeError,
            "EncoderDecoder: lengths must be torch.int64 or torch.int32, got torch.float32",
        ),
        (
            lambda: MODEL(ROW, tensor([1, 1]), ROW),
            RuntimeError,
            "EncoderDecoder: lengths must have one for each of 1 sources, got 2",
        ),
        (
            lambda: MODEL(ROW, tensor([0]), ROW),
            ValueError,
            "EncoderDecoder: lengths must be from 1 to 2, the time steps, got 0",
        ),
        (
            lambda: MODEL(ROW, tensor([3]), ROW),
            ValueError,
            "EncoderDecoder: lengths must be from 1 to 2, the time steps, got 3",
        ),
        (
            lambda: MODEL(ROW.float(), ONE, ROW),
            RuntimeError,
            "EncoderDecoder: source must be torch.int64 or torch.int32, got torch.float32",
        ),
        (
            lambda: MODEL(ROW[:0], ONE[:0], ROW[:0]),
            RuntimeError,
            "EncoderDecoder: source must have at least one sequence and one step, got shape (0, 2)",
        ),
        (
            lambda: MODEL(ROW, ONE, ROW[:, :0]),
            RuntimeError,
            "EncoderDecoder: target must have at least one sequence and one step, got shape (1, 0)",
        ),
        (
            lambda: MODEL(ROW, ONE, torch.cat([ROW, ROW])),
            RuntimeError,
            "EncoderDecoder: target must have a row for each of 1 sources, got 2",
        ),
        (
            lambda: MODEL(ROW + 5, ONE, ROW),
            IndexError,
            "EncoderDecoder: source must be tokens from 0 to 4, got 5",
        ),
        (
            lambda: MODEL(ROW, ONE, ROW - 1),
            IndexError,
            "EncoderDecoder: target must be tokens from 0 to 3, got -1",
        ),
        (
            lambda: MODEL.greedy(ROW, ONE, 1, 4, 5),
            IndexError,
            "EncoderDecoder: begin and end must be tokens from 0 to 3, got 4",
        ),
        (
            lambda: MODEL.greedy(ROW, ONE, 1, 2, 0),
            ValueError,
            "max_steps must be at least 1, got 0",
        ),
    ],
)
def test_an_error_says_what_came_and_what_was_expected(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message
    assert type(raised.value) is error
