"""Makes the files that laion-clap needs, in their real format and with random weights.

It is a program, because the hub's library reads HF_HOME once, at import. With HF_HOME set to an
empty folder, it fills the cache there and writes a checkpoint to the given path.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

REVISION = "0" * 40
WORDS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "a", "b", "c"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c"]


def snapshot(home: Path, model: str) -> Path:
    """Make the folder of a model in the hub's cache, with the layout of the hub's library."""
    root = home / "hub" / f"models--{model.replace('/', '--')}"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text(REVISION)
    folder = root / "snapshots" / REVISION
    folder.mkdir(parents=True)
    return folder


def byte_level(folder: Path, kind: str) -> None:
    """Tokenizer files of the RoBERTa and BART kind."""
    from tokenizers import Tokenizer
    from tokenizers.models import BPE

    vocabulary = {word: index for index, word in enumerate(WORDS)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    Tokenizer(BPE(vocabulary, [], unk_token="<unk>")).save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512}))
    (folder / "config.json").write_text(json.dumps({"model_type": kind}))


def word_piece(folder: Path) -> None:
    """Tokenizer files of the BERT kind."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece

    vocabulary = {word: index for index, word in enumerate(SPECIAL)}
    (folder / "vocab.txt").write_text("\n".join(SPECIAL))
    Tokenizer(WordPiece(vocabulary, unk_token="[UNK]")).save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512}))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))


def fill(home: Path) -> None:
    """A hub cache with the three models: tokenizers, and a text model of one layer."""
    import torch
    from transformers import RobertaConfig, RobertaModel

    torch.manual_seed(1)
    roberta = snapshot(home, "roberta-base")
    byte_level(roberta, "roberta")
    # The width is CLAP's. One layer instead of twelve, because no text is embedded.
    config = RobertaConfig(
        vocab_size=len(WORDS), hidden_size=768, num_hidden_layers=1, num_attention_heads=12,
        intermediate_size=64, max_position_embeddings=514, pad_token_id=1,
    )  # fmt: skip
    RobertaModel(config).save_pretrained(roberta)
    byte_level(snapshot(home, "facebook/bart-base"), "bart")
    word_piece(snapshot(home, "bert-base-uncased"))


def checkpoint(path: Path) -> None:
    """A random checkpoint of HTSAT-tiny in the format of the published ones."""
    import laion_clap
    import numpy as np
    import torch

    torch.manual_seed(2)
    table = laion_clap.CLAP_Module(enable_fusion=False, device="cpu").model.state_dict()
    named = {f"module.{name}": tensor for name, tensor in table.items()}
    named["module.text_branch.embeddings.position_ids"] = torch.arange(514)[None]
    torch.save({"epoch": 1, "best": np.float64(0.5), "state_dict": named}, path)


if __name__ == "__main__":
    fill(Path(os.environ["HF_HOME"]))
    checkpoint(Path(sys.argv[1]))
