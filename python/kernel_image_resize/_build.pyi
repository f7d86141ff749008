# _build.py is written by the build.
NAMESPACE: str
CUDA: bool
VERSION: str
