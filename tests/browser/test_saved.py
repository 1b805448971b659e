"""A saved notebook shows image and masks although no kernel knows the widget."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hosts.lab import Lab
from playwright.sync_api import expect
from scene import EMPTY, SCENE, SQUARE

pytestmark = pytest.mark.browser

CELLS = (
    SCENE + "mask = np.zeros((300, 400), bool)\nmask[90:210, 260:350] = True\n"
    "widget = SamWidget(scene, objects=[mask])\nwidget",
    "widget.add_mask(scene[..., 0] == 220, 'disk')",
)


def jupyter(lab: Lab, *arguments: str) -> None:
    """Run a command of Jupyter's with the server's own settings."""
    home = lab.root.parent
    own = {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "SAMWIDGET_CACHE": str(home / "cache"),
    }
    command = [sys.executable, "-m", "jupyter", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **own}
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_notebook_that_a_program_ran_shows_its_widget_again(lab: Lab) -> None:
    name = lab.write(CELLS)
    jupyter(lab, "execute", "--inplace", str(lab.root / name))
    # A notebook is trusted by what is in it: another one's differs.
    theirs = (lab.root / name).read_text(encoding="utf-8").replace("'disk'", "'a disk'")
    (lab.root / f"sent-{name}").write_text(theirs, encoding="utf-8")

    jupyter(lab, "trust", str(lab.root / name))
    lab.open(name)
    view = lab.view()
    view.expect_objects(2)  # the second one was made after the widget was shown
    expect(view.root.get_by_text("disk").first).to_be_visible()
    assert view.pixel(*EMPTY) == pytest.approx([40, 70, 60], abs=4)
    assert view.pixel(*SQUARE) != pytest.approx([230, 210, 90], abs=10)

    # Who was sent a notebook does not trust it: the picture stands in for the widget.
    lab.open(f"sent-{name}")
    picture = lab.cell(0).locator("img[src^='data:image/png']")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [400, 300]
    expect(lab.page.get_by_test_id("samwidget")).to_have_count(0)
