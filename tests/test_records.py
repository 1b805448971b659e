from __future__ import annotations

import pytest

from samwidget.models.config import CONFIGS
from samwidget.records import RECORDS, CheckpointError, find_record, resolve


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nano", "nano"),
        ("vit_b", "vit_b"),
        ("sam_b.pt", "vit_b"),
        ("SAM_B.PT", "vit_b"),
        (" vit_l ", "vit_l"),
        ("sam_l.pt", "vit_l"),
        ("sam_h.pt", "vit_h"),
        ("sam_vit_b_01ec64.pth", "vit_b"),
        ("sam_vit_l_0b3195.pth", "vit_l"),
        ("sam_vit_h_4b8939.pth", "vit_h"),
        ("facebook/sam-vit-base", "vit_b"),
        ("facebook/sam-vit-large", "vit_l"),
        ("facebook/sam-vit-huge", "vit_h"),
    ],
)
def test_models_are_known_by_all_their_names(name: str, expected: str) -> None:
    assert resolve(name).name == expected
    assert find_record(name) is resolve(name)


def test_records_agree_with_the_table_of_models() -> None:
    assert [record.name for record in RECORDS] == list(CONFIGS)


def test_no_two_records_share_a_name() -> None:
    names = [name for record in RECORDS for name in (record.name, *record.aliases)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("record", [r for r in RECORDS if r.url], ids=lambda r: r.name)
def test_what_is_fetched_can_be_verified(record: object) -> None:
    url, sha256 = record.url, record.sha256
    assert url.startswith("https://")
    assert url.endswith("/" + record.file_name)
    assert len(bytes.fromhex(sha256)) == 32
    assert record.size_bytes > 3e8


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("mobile_sam.pt", "MobileSAM"),
        ("vit_t", "MobileSAM"),
        ("sam2.1_t.pt", "SAM 2"),
        ("sam2_hiera_tiny.pt", "SAM 2"),
        ("facebook/sam2.1-hiera-tiny", "SAM 2"),
        ("sam_hq_vit_b.pth", "HQ-SAM"),
        ("FastSAM-s.pt", "FastSAM"),
        ("sam3.pt", "SAM 3"),
    ],
)
def test_models_that_are_not_supported_yet_are_called_so(name: str, family: str) -> None:
    with pytest.raises(
        CheckpointError, match=f"is a {family} model, .* not supported yet"
    ) as error:
        resolve(name)
    assert "'nano', 'vit_b', 'vit_l', 'vit_h'" in str(error.value)


def test_an_unknown_name_gets_the_list_and_a_guess() -> None:
    with pytest.raises(CheckpointError, match="no model, file or folder 'vitb'") as error:
        resolve("vitb")
    assert "Is 'vit_b' meant?" in str(error.value)
    assert "Models: 'nano', 'vit_b', 'vit_l', 'vit_h'." in str(error.value)
    with pytest.raises(CheckpointError) as error:
        resolve("quite-another-thing")
    assert "meant" not in str(error.value)
