"""The command ``samwidget``: SAM's tasks for files and folders, without a line of Python.

``app`` is the table of commands and turns what happens into exit statuses; ``task_commands`` and
``model_commands`` have their options. ``inputs`` finds the images, ``outputs`` says where results
go, ``running`` takes one image after the other. torch is imported when a model is opened, and only
then.
"""

from __future__ import annotations

from samwidget.cli.app import main

__all__ = ["main"]
