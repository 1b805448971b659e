"""Which models there are by name: where their weights come from and how to be sure of them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from samwidget.values.errors import quoted


class CheckpointError(RuntimeError):
    """Weights cannot be found, fetched or read; the text says what came and what to do."""


@dataclass(frozen=True)
class Record:
    """One model that can be opened by name.

    Attributes
    ----------
    name
        The name of its row in :data:`samwidget.models.config.CONFIGS`.
    aliases
        Other names that people know it by; upper and lower case are the same.
    file_name
        How its file is called, in the cache too.
    licence
        Of the weights, as an SPDX identifier.
    url
        Where the owner publishes the file. None for what ships inside this package.
    size_bytes, sha256, md5
        Of the file at ``url``, as far as they are known: not every owner tells all of them.
    """

    name: str
    aliases: tuple[str, ...]
    file_name: str
    licence: str
    url: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    md5: str | None = None

    @property
    def parameters(self) -> int:
        """How many numbers the model has."""
        return _COSTS[self.name][0]

    @property
    def encoder_gflop(self) -> float:
        """Billions of multiplications and additions that embedding an image takes."""
        return _COSTS[self.name][1]


_SAM2_COSTS = {
    "t": (31_440_721, 286.8),
    "s": (38_538_577, 354.4),
    "b": (73_328_401, 640.5),
    "l": (216_924_865, 1815.2),
}
_COSTS = {
    "nano": (5_695_989, 3.8),
    "mobile_sam": (9_803_524, 77.5),
    "vit_b": (93_735_472, 941.7),
    "vit_l": (312_342_832, 2850.8),
    "vit_h": (641_090_608, 5666.0),
    "hq_vit_tiny": (10_252_036, 77.5),
    "hq_vit_b": (94_806_576, 941.7),
    "hq_vit_l": (313_676_080, 2850.8),
    "hq_vit_h": (642_686_000, 5666.0),
}
for _size, _cost in _SAM2_COSTS.items():
    _COSTS[f"sam2_{_size}"] = _COSTS[f"sam2.1_{_size}"] = _cost


_META = "https://dl.fbaipublicfiles.com/segment_anything/"

# The hexadecimal digits in Meta's file names are the start of the MD5, not of the SHA-256.
_FIRST_FAMILY = (
    Record("nano", ("samwidget-nano",), "nano.safetensors", "Apache-2.0"),
    Record(
        "mobile_sam",
        ("mobilesam", "mobile-sam", "vit_t", "sam_vit_t"),
        "mobile_sam.pt",
        "Apache-2.0",
        "https://github.com/ChaoningZhang/MobileSAM/raw/master/weights/mobile_sam.pt",
        40_728_226,
        "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
    ),
    Record(
        "vit_b",
        ("sam_b", "sam_vit_b", "sam_vit_b_01ec64", "sam-vit-base", "facebook/sam-vit-base"),
        "sam_vit_b_01ec64.pth",
        "Apache-2.0",
        _META + "sam_vit_b_01ec64.pth",
        375_042_383,
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    ),
    Record(
        "vit_l",
        ("sam_l", "sam_vit_l", "sam_vit_l_0b3195", "sam-vit-large", "facebook/sam-vit-large"),
        "sam_vit_l_0b3195.pth",
        "Apache-2.0",
        _META + "sam_vit_l_0b3195.pth",
        1_249_524_607,
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
    ),
    Record(
        "vit_h",
        ("sam_h", "sam_vit_h", "sam_vit_h_4b8939", "sam-vit-huge", "facebook/sam-vit-huge"),
        "sam_vit_h_4b8939.pth",
        "Apache-2.0",
        _META + "sam_vit_h_4b8939.pth",
        2_564_550_879,
        "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
    ),
)


def _sam2(
    release: str,
    day: str,
    size: str,
    size_bytes: int | None = None,
    sha256: str | None = None,
    md5: str | None = None,
) -> Record:
    """Give the record of a SAM 2, whose names follow a rule."""
    version = "" if release == "2" else ".1"
    name = f"sam2{version}_{size[0]}"
    stem = f"sam2{version}_hiera_{size}"
    hugging_face = f"sam2{version}-hiera-{size.replace('_', '-')}"
    return Record(
        name,
        (stem, hugging_face, f"facebook/{hugging_face}"),
        f"{stem}.pt",
        "Apache-2.0",
        f"https://dl.fbaipublicfiles.com/segment_anything_2/{day}/{stem}.pt",
        size_bytes,
        sha256,
        md5,
    )


def _hq(size: str, size_bytes: int | None, sha256: str | None, md5: str | None) -> Record:
    """Give the record of an HQ-SAM, whose names follow a rule."""
    stem = f"sam_hq_vit_{size}"
    return Record(
        f"hq_vit_{size}",
        (stem, f"sam_hq_{size}", f"hq_sam_{size}"),
        f"{stem}.pth",
        "Apache-2.0",
        f"https://huggingface.co/lkeab/hq-sam/resolve/main/{stem}.pth",
        size_bytes,
        sha256,
        md5,
    )


RECORDS = (
    *_FIRST_FAMILY,
    _sam2("2.1", "092824", "tiny", 156_008_466,
          "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69"),
    _sam2("2.1", "092824", "small", None,
          "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38"),
    _sam2("2.1", "092824", "base_plus", None,
          "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5"),
    _sam2("2.1", "092824", "large", None,
          "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318"),
    _sam2("2", "072824", "tiny", md5="99eacccce4ada0b35153d4fd7af05297"),
    _sam2("2", "072824", "small", md5="7f320dbeb497330a2472da5a16c7324d"),
    _sam2("2", "072824", "base_plus", md5="09dc5a3d7719f64aaea1d37341ef26f2"),
    _sam2("2", "072824", "large", md5="08083462423be3260cd6a5eef94dc01c"),
    _hq("tiny", None, "0f32c075ccdd870ae54db2f7630e7a0878ede5a2b06d05d6fe02c65a82fb7196", None),
    _hq("b", None, None, "c6b8953247bcfdc8bb8ef91e36a6cacc"),
    _hq("l", None, None, "08947267966e4264fb39523eccc33f86"),
    _hq("h", None, "a7ac14a085326d9fa6199c8c698c4f0e7280afdbb974d2c4660ec60877b45e35",
        "3560f6b6a5a6edacd814a1325c39640a"),
)  # fmt: skip
"""Every model that can be opened by name."""

WEIGHT_ENDINGS = (".pt", ".pth", ".safetensors", ".bin", ".ckpt")

_REFUSED = {
    "sam3": "SAM 3, whose weights are given only to those who ask for them",
    "facebook/sam3": "SAM 3, whose weights are given only to those who ask for them",
    "edge_sam": "EdgeSAM, whose licence forbids commercial use",
    "edgesam": "EdgeSAM, whose licence forbids commercial use",
    "efficient_sam": "EfficientSAM, which knows neither background points nor masks as prompts",
    "efficientsam": "EfficientSAM, which knows neither background points nor masks as prompts",
    "fastsam": "FastSAM, which is a detector and not a Segment Anything model",
    "zigeng/slimsam": "SlimSAM, which is not fetched by name; download its folder from Hugging "
    "Face and give the path",
}
"""How names begin, and why nothing is opened by them."""


def resolve(name: str) -> Record:
    """Find a model by any of its names.

    Parameters
    ----------
    name
        Such as ``"vit_b"``, ``"sam_b.pt"`` or ``"facebook/sam-vit-base"``; a file's ending and
        upper case do not matter.

    Raises
    ------
    CheckpointError
        When there is no such model; the text lists those that there are.

    Examples
    --------
    >>> resolve("sam_b.pt").name
    'vit_b'
    """
    record = find_record(name)
    if record is not None:
        return record
    plain = _plain(name)
    for start, reason in _REFUSED.items():
        if plain.startswith(start):
            raise CheckpointError(f"{quoted(name)} is {reason}. {_supported()}")
    near = get_close_matches(plain[:100], [known for known in _BY_NAME if "/" not in known], 1)
    hint = f" Is {near[0]!r} meant?" if near else ""
    raise CheckpointError(
        f"there is no model, file or folder {quoted(name)}.{hint} {_supported()} "
        "A path to a file of weights is fine, too."
    )


def find_record(name: str) -> Record | None:
    """Like :func:`resolve`, but None for a name that is no model's."""
    return _BY_NAME.get(_plain(name))


def _plain(name: str) -> str:
    plain = name.strip().lower()
    for ending in WEIGHT_ENDINGS:
        plain = plain.removesuffix(ending)
    return plain


def _supported() -> str:
    return "Models: " + ", ".join(repr(record.name) for record in RECORDS) + "."


_BY_NAME = {alias: record for record in RECORDS for alias in (record.name, *record.aliases)}
