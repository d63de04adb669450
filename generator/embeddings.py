"""CLAP embeddings of recordings; the only module that uses laion-clap.

laion-clap crops audio longer than ten seconds at random, so one file would give different vectors
(LAION-AI/CLAP issue 166). This module passes only windows of exactly 480,000 samples at 48 kHz, and
a recording's embedding is the mean of the embeddings of its windows.

The operator provides the checkpoint; nothing is downloaded. laion-clap also needs the tokenizers of
three text models in the local cache of the model hub, although this module embeds no text.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oracle.domain.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE = 48_000
WINDOW = 480_000
"""Samples of a window, always ten seconds."""
SIZE = 512
"""Numbers of an embedding."""
READY = "ready"
HUB_MODELS = ("roberta-base", "bert-base-uncased", "facebook/bart-base")
"""Models that laion-clap reads when it is imported."""

_ARCHITECTURES = {768: "HTSAT-tiny", 1024: "HTSAT-base"}
_WIDTH = "audio_projection.0.weight"


def state(checkpoint: Path | None) -> str:
    """READY, or "absent: " and what is missing. It is cheap, because it loads no model."""
    if checkpoint is None:
        return "absent: set REFRAIN_CLAP_CHECKPOINT to a laion-clap checkpoint file"
    if not checkpoint.is_file():
        return f"absent: REFRAIN_CLAP_CHECKPOINT names {checkpoint.name}, which is not a file"
    if importlib.util.find_spec("laion_clap") is None:
        return "absent: laion-clap is not installed; pip install 'refrain[clap]'"
    for model in HUB_MODELS:
        if not _is_cached(model):
            return f"absent: {model} is not in the local hub cache; hf download {model}"
    return READY


def windows(samples: Samples) -> Samples:
    """Ten-second windows that cover every sample.

    Args:
        samples: mono at 48 kHz, shape (frames,), at least one frame.

    Returns:
        Shape (n, 480,000). Shorter audio is repeated as often as it fits, then filled with
        silence, as in CLAP's training. For longer audio the last window ends with the audio.
    """
    import numpy as np

    frames = len(samples)
    if frames < WINDOW:
        whole = np.tile(samples, WINDOW // frames)
        return np.pad(whole, (0, WINDOW - len(whole)))[None]
    starts = [*range(0, frames - WINDOW, WINDOW), frames - WINDOW]
    return np.stack([samples[start : start + WINDOW] for start in starts])


def mono(path: Path) -> Samples:
    """A file as float32 mono at 48 kHz. Raises generator.audio.decode.AudioError."""
    import numpy as np
    import torch
    from torchaudio.functional import resample

    from generator.audio.decode import decode
    from generator.audio.resample import LOWPASS_WIDTH, ROLLOFF, require_ratio

    decoded = decode(path)
    require_ratio(decoded.rate, RATE)
    mixed = torch.from_numpy(decoded.samples.astype(np.float64).mean(axis=1))
    sharp = {"lowpass_filter_width": LOWPASS_WIDTH, "rolloff": ROLLOFF / 100}
    return resample(mixed, decoded.rate, RATE, **sharp).numpy().astype(np.float32)


class Clap:
    """A loaded checkpoint, on the CPU, where equal input gives equal output.

    Args:
        checkpoint: file in laion-clap's format; loading it runs no code from it.

    Raises:
        Unavailable: something is missing; see `state`.
        InvalidInput: the file is not a checkpoint of a known architecture.
    """

    def __init__(self, checkpoint: Path) -> None:
        found = state(checkpoint)
        if found != READY:
            raise Unavailable(found, field="clap")
        weights = _weights(checkpoint)
        self.digest = _digest(checkpoint)
        self._model = _model(weights, checkpoint)

    @staticmethod
    @functools.lru_cache(maxsize=1)
    def cached(checkpoint: Path) -> Clap:
        """The last requested checkpoint, loaded once in this process."""
        return Clap(checkpoint)

    def embed(self, path: Path) -> list[float]:
        """512 numbers with Euclidean norm 1: the mean direction of the file's windows."""
        import numpy as np

        # One window at a time, because sums inside a batch depend on the size of the batch.
        found = [self._window(window) for window in windows(mono(path))]
        mean = np.mean([vector / np.linalg.norm(vector) for vector in found], axis=0)
        norm = float(np.linalg.norm(mean))
        if not np.isfinite(mean).all() or norm < 1e-6:
            raise InvalidInput("has no direction", field="embedding", value=norm)
        return [float(number) for number in mean / norm]

    def _window(self, window: Samples) -> NDArray[np.float64]:
        # laion-clap quantises to 16 bits here, like its training data.
        found: Any = self._model.get_audio_embedding_from_data(x=window[None], use_tensor=False)
        return found[0].astype("float64")


def _model(weights: dict[str, Any], checkpoint: Path) -> Any:
    width = weights[_WIDTH].shape[1] if _WIDTH in weights else None
    if width not in _ARCHITECTURES:
        detail = f"{checkpoint.name} is not a checkpoint of {' or '.join(_ARCHITECTURES.values())}"
        raise InvalidInput(detail, field="clap", value=width)
    fusion = any("fusion_model" in name for name in weights)
    with _quietly():
        import laion_clap

        model = laion_clap.CLAP_Module(
            enable_fusion=fusion, device="cpu", amodel=_ARCHITECTURES[width]
        )
    try:
        model.model.load_state_dict(weights)
    except RuntimeError as error:
        detail = f"{checkpoint.name} does not fit {_ARCHITECTURES[width]}: {str(error)[:200]}"
        raise InvalidInput(detail, field="clap") from error
    return model.eval()


def _weights(checkpoint: Path) -> dict[str, Any]:
    """Names to tensors; laion-clap's own loader would run code from the file."""
    import pickle

    import numpy as np
    import torch

    # The published checkpoints also hold their last loss, as a numpy scalar.
    scalar = np.float64(0).__reduce__()[0]
    allowed: list[Any] = [(scalar, "numpy.core.multiarray.scalar"), np.dtype]
    allowed.append(type(np.dtype("float64")))
    try:
        with torch.serialization.safe_globals(allowed):
            found = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)[:200]
        detail = f"{checkpoint.name} cannot be read as a checkpoint: {reason}"
        raise InvalidInput(detail, field="clap") from error
    table = found.get("state_dict", found) if isinstance(found, dict) else {}
    plain = {name.removeprefix("module."): tensor for name, tensor in table.items()}
    # Position ids are not learnt; newer text models no longer store them.
    plain.pop("text_branch.embeddings.position_ids", None)
    return plain


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Hide the output, warnings and progress bars of laion-clap and its libraries."""
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _is_cached(model: str) -> bool:
    # The hub's library reads this at its first import; else each look-up retries for minutes.
    os.environ["HF_HUB_OFFLINE"] = "1"
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(model, "config.json"), str)


def _digest(checkpoint: Path) -> str:
    with checkpoint.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
