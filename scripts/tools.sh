# Sourced by the Makefile and by bootstrap.sh, in the repository's root: which interpreter and which tools serve.
# Without PYTHON those of .venv; with PYTHON=... that interpreter, the tools on PATH, and then those beside the interpreter.
if [ -z "${PYTHON:-}" ]; then
  KIR_PYTHON="$PWD/.venv/bin/python"
  PATH="$PWD/.venv/bin:$PATH"
else
  KIR_PYTHON=$("$PYTHON" -c 'import sys; print(sys.executable)') || {
    echo "PYTHON: '$PYTHON' does not run; give a Python 3.11 or newer that has torch and numpy, or leave PYTHON out" >&2
    exit 2
  }
  PATH="$PATH:${KIR_PYTHON%/*}"
fi
export KIR_PYTHON PATH
