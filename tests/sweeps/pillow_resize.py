"""Resizes raw RGB images with the Pillow of the Python that runs this file, which needs nothing else.

Reads JSON from stdin: [[image file, height, width, resample, new height, new width, result file], ...]; the files hold
rows of interleaved bytes. Prints the version of Pillow.
"""

import json
import sys
from pathlib import Path

import PIL
from PIL import Image


def main():
    for source, height, width, resample, new_height, new_width, result in json.load(sys.stdin):
        image = Image.frombytes("RGB", (width, height), Path(source).read_bytes())
        Path(result).write_bytes(image.resize((new_width, new_height), Image.Resampling(resample)).tobytes())
    print(PIL.__version__)


main()
