"""Is this model one whose arithmetic we know, and which arrays are its weights?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.attrs import IDS

from index.entities.matrix import multiply_by_numpy
from index.entities.network import Layer, Network
from index.entities.tokens import Tokeniser
from index.entities.transitions import Decoder, Span, Weights

_LEXICAL = frozenset({"NORM", "PREFIX", "SUFFIX", "SHAPE", "LOWER", "ORTH"})
"""Attributes that a token has by itself, whatever stands beside it."""

_PROBE = (
    "Anna Berg of the Harbour Trust said on Monday that 3,400 people had left Port Ellis for Spain.",
    "U.S.  inquiry",
    "",
)


class Direct:
    """A model's names without its machinery: the same spans in a fraction of the time."""

    def __init__(self, tokeniser: Tokeniser, network: Network, decoder: Decoder) -> None:
        """Take the three parts; `direct` makes them."""
        self._tokeniser = tokeniser
        self._network = network
        self._decoder = decoder

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """Find names.

        Args:
            texts: each read by itself.

        Returns:
            For each text its names: half-open spans in characters, and the model's labels.
        """
        tokens = self._tokeniser.cut(texts)
        if not tokens.types.size:
            return [[] for _ in texts]
        vectors = self._network.vectors(tokens.types, tokens.bounds, self._tokeniser.vectors)
        return [
            [(int(tokens.starts[a]), int(tokens.ends[b - 1]), label) for a, b, label in found]
            for found in self._decoder.spans(vectors, tokens.spaces, tokens.bounds)
        ]


def direct(nlp: Any) -> Direct | None:
    """Take a pipeline of an entity component alone apart.

    Args:
        nlp: a loaded spaCy pipeline.

    Returns:
        The same model, or None when its architecture is another one, or when on a
        probe it does not find what spaCy does.
    """
    try:
        made = _taken_apart(nlp)
    except (AttributeError, KeyError, ValueError, IndexError, TypeError):
        return None  # some layer has another form or name
    if made is None:
        return None
    theirs = [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in nlp.pipe(_PROBE)]
    if made.spans(_PROBE) != theirs:
        return None
    _spare(nlp)
    return made


def _spare(nlp: Any) -> None:
    """Of a new word work out only what the model looks at; spaCy knows a score of other things about it."""
    columns = nlp.get_pipe("ner").model.get_ref("tok2vec").layers[0].layers[0].layers[0].attrs["columns"]
    wanted = {IDS[column] for column in columns}
    getters = nlp.vocab.lex_attr_getters
    nlp.vocab.lex_attr_getters = {attr: getter for attr, getter in getters.items() if attr in wanted}


def _taken_apart(nlp: Any) -> Direct | None:
    if nlp.pipe_names != ["ner"] or type(nlp.tokenizer).__module__ != "spacy.tokenizer":
        return None
    ner = nlp.get_pipe("ner")
    model = ner.model
    lower, upper = model.get_ref("lower"), model.get_ref("upper")
    plain = ner.cfg["beam_width"] == 1 and model.attrs["has_upper"] and not model.attrs["unseen_classes"]
    if not plain or lower.get_dim("nF") != 3 or lower.get_dim("nP") < 2:
        return None
    encoder, _, linear = model.get_ref("tok2vec").layers
    embed, encode = encoder.layers
    columns = embed.layers[0].attrs["columns"]
    layers = encode.layers[0].layers
    if len(embed.layers) != 5 or not set(columns) <= _LEXICAL or encode.attrs["pad"] != len(layers):
        return None
    mixed, mix = embed.layers[2], embed.layers[3]
    multiply_by_numpy(mix)
    tokeniser = Tokeniser(nlp, columns, lambda keys: mix.predict(mixed.predict(keys)))
    network = Network([_layer(layer) for layer in layers])
    return Direct(tokeniser, network, Decoder(_weights(_moves(ner), linear, lower, upper)))


def _layer(residual: Any) -> Layer:
    window, maxout = residual.layers[0].layers
    if window.name != "expand_window" or window.attrs["window_size"] != 1:
        raise ValueError("another window")
    (weighted, norm), drop = maxout.layers[0].layers, maxout.layers[1]
    if (weighted.name, norm.name, drop.name) != ("maxout", "layernorm", "dropout"):
        raise ValueError("another layer")
    return Layer.of(weighted, norm)


def _moves(ner: Any) -> list[str]:
    """Names of the parser's classes in their order; `U-` is its own, for what must not be a name."""
    letters = {1: "B", 2: "I", 3: "L", 4: "U", 5: "O"}
    moves = [
        f"{letters[action]}-{label}".removesuffix("-" if action == 5 else "")
        for action, labels in sorted(ner.moves.labels.items())
        for label in labels
    ]
    if [move for move in moves if move != "U-"] != list(ner.move_names):
        raise ValueError("another order of moves")
    return moves


def _weights(moves: Sequence[str], linear: Any, lower: Any, upper: Any) -> Weights:
    """Two linear layers in a row are one: the token's vector goes to the hidden layer at once."""
    labels = tuple(move[2:] for move in moves if move.startswith("B-"))
    if set(moves) - {"U-"} != {"O"} | {f"{action}-{label}" for action in "BILU" for label in labels}:
        raise ValueError("other moves")
    at = {move: i for i, move in enumerate(moves)}
    rows = {action: [at[f"{action}-{label}"] for label in labels] for action in "BILU"}
    scores, score_bias = upper.get_param("W"), upper.get_param("b")
    hidden, bias, pad = _by_piece(lower.get_param("W")), lower.get_param("b").T, lower.get_param("pad")[0]
    inner, inner_bias = linear.get_param("W"), linear.get_param("b")
    here, first, before = (np.ascontiguousarray((part @ inner).T) for part in hidden)
    constants = [part @ inner_bias for part in hidden]
    bias, pads = bias.reshape(-1), [part.T.reshape(-1) for part in pad]
    outside = [at["O"], *rows["B"], *rows["U"]]
    return Weights(
        here=here,
        first=first,
        before=before,
        open=bias + constants[0] + constants[1] + constants[2],
        closed=bias + constants[0] + pads[1] + pads[2],
        begin=np.ascontiguousarray(scores[outside].T),
        begin_bias=score_bias[outside],
        go_on=np.ascontiguousarray(scores[rows["I"]]),
        go_on_bias=score_bias[rows["I"]],
        end=np.ascontiguousarray(scores[rows["L"]]),
        end_bias=score_bias[rows["L"]],
        labels=labels,
    )


def _by_piece(weights: Any) -> list[Any]:
    """From (feature, hidden, piece, width) to a matrix (piece * hidden, width) for each feature."""
    hidden, pieces, width = weights.shape[1:]
    return [part.transpose(1, 0, 2).reshape(pieces * hidden, width) for part in weights]
