from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from samwidget.models.build import build_empty
from samwidget.models.config import CONFIGS
from samwidget.weights.records import RECORDS, CheckpointError, Record, find_record, resolve


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
def test_what_is_fetched_can_be_verified(record: Record) -> None:
    assert record.url is not None
    assert record.url.startswith("https://")
    assert record.url.endswith("/" + record.file_name)
    assert record.sha256 is not None or record.md5 is not None
    assert record.sha256 is None or len(bytes.fromhex(record.sha256)) == 32
    assert record.md5 is None or len(bytes.fromhex(record.md5)) == 16
    assert record.size_bytes is None or record.size_bytes > 3e7


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mobile_sam.pt", "mobile_sam"),
        ("sam2.1_t.pt", "sam2.1_t"),
        ("sam2.1_hiera_base_plus.pt", "sam2.1_b"),
        ("facebook/sam2.1-hiera-tiny", "sam2.1_t"),
        ("sam2_hiera_large", "sam2_l"),
        ("sam2_b.pt", "sam2_b"),
        ("sam_hq_vit_b.pth", "hq_vit_b"),
        ("sam_hq_vit_tiny", "hq_vit_tiny"),
    ],
)
def test_names_that_people_know(name: str, found: str) -> None:
    assert resolve(name).name == found


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("FastSAM-s.pt", "FastSAM, which is a detector"),
        ("sam3.pt", "SAM 3, whose weights are given only to those who ask"),
        ("edge_sam_3x.pth", "EdgeSAM, whose licence forbids commercial use"),
        ("efficient_sam_vitt.pt", "EfficientSAM, which knows neither background points"),
        ("Zigeng/SlimSAM-uniform-77", "SlimSAM, which is not fetched by name"),
    ],
)
def test_models_that_are_not_supported_are_told_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(CheckpointError, match=f"is {reason}") as error:
        resolve(name)
    assert "'nano', 'mobile_sam', 'vit_b'" in str(error.value)


def test_an_unknown_name_gets_the_list_and_a_guess() -> None:
    with pytest.raises(CheckpointError, match="no model, file or folder 'vitb'") as error:
        resolve("vitb")
    assert "Is 'vit_b' meant?" in str(error.value)
    assert "Models: 'nano', 'mobile_sam', 'vit_b', 'vit_l', 'vit_h', 'sam2.1_t'" in str(error.value)
    with pytest.raises(CheckpointError) as error:
        resolve("quite-another-thing")
    assert "meant" not in str(error.value)


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
def test_parameters_and_cost_are_those_of_the_model(record: Record) -> None:
    config = CONFIGS[record.name]
    model = build_empty(config)
    assert sum(p.numel() for p in model.parameters()) == record.parameters
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        model.encode(torch.empty(1, 3, config.image_size, config.image_size))
    # What is prepared for the decoder comes on top, far less than the encoder itself.
    assert counter.get_total_flops() / 1e9 == pytest.approx(record.encoder_gflop, rel=0.1)
