"""The notebook applications that the widget is tested in, behind one face: :class:`.host.Host`."""
