"""make docs: the API reference of the Python package from its docstrings. usage: make_reference.py FOLDER"""

import sys
from pathlib import Path

import kernel_image_resize as kir
import pdoc

# The package imports these names when they are asked for; pdoc looks only at what is there.
for name in kir.__all__:
    setattr(kir, name, getattr(kir, name))

pdoc.render.configure(docformat="google", show_source=False)
pdoc.pdoc("kernel_image_resize", "kernel_image_resize.cv_utils", output_directory=Path(sys.argv[1]))
