#!/usr/bin/env bash
# Gets what the build needs; quick when nothing is missing, and safe to run again after it was interrupted.
#   scripts/bootstrap.sh              missing Debian/Ubuntu packages (apt-get, with sudo unless root) and a .venv with requirements.txt
#   PYTHON=... scripts/bootstrap.sh   uses that interpreter and what the machine has; downloads nothing, names what is missing
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

required_packages=(g++ git python3-venv libeigen3-dev nlohmann-json3-dev libbenchmark-dev catch2 libcli11-dev libjpeg-dev libpng-dev)
optional_packages=(ccache libhwy-dev)
requirements=scripts/requirements.txt

say() { echo "bootstrap: $*"; }
fail() {
  echo "bootstrap: $*" >&2
  exit 2
}

# Prints those of its arguments that dpkg does not have installed.
missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# ---------------------------------------------------------------------------------------------------------------------
# System packages

install_system_packages() {
  local distribution missing as_root=()
  distribution=$(. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-${ID:-}}") || true
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "'${distribution:-this system}' has no apt-get, so no system package is installed. The build is tried with what is here;"
    say "it needs what Debian calls: ${required_packages[*]} (optional: ${optional_packages[*]})"
    return
  fi
  mapfile -t missing < <(missing_packages "${required_packages[@]}" "${optional_packages[@]}")
  [ ${#missing[@]} -gt 0 ] || return 0

  say "installing with apt-get: ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "no sudo: as root, run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  # A third-party source that does not answer fails the update, and is no reason to stop: the install decides.
  "${as_root[@]}" apt-get -qq -o DPkg::Lock::Timeout=300 update || say "apt-get update failed in part"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]} (known to work: Debian 12, Ubuntu 24.04; this is '${distribution}')"
}

# ---------------------------------------------------------------------------------------------------------------------
# Python

# .venv is whole when its stamp holds the hash of the requirements and it runs; else pip is run again, and goes on where it stopped.
fill_venv() {
  local stamp=.venv/kir-requirements.sha256 wanted attempt
  wanted=$(sha256sum <"$requirements")

  # Two makes at once: the second waits here, and then finds the stamp.
  exec 9<"$requirements"
  flock 9
  if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && venv_runs; then return; fi
  rm -f "$stamp"

  if ! venv_runs; then
    python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null ||
      fail "python3 is '$(python3 --version 2>&1 || true)'; Python 3.11 to 3.14 is needed, or PYTHON=... with torch"
    say "making .venv with $(python3 --version)"
    python3 -m venv --clear .venv
  fi
  say "installing $requirements from PyPI (about 3 GB with torch; some minutes, once)"
  for attempt in 1 2 3; do
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --retries 10 -r "$requirements" && break
    [ "$attempt" -lt 3 ] || fail "pip could not install $requirements; run the same command again to go on"
    say "pip failed, attempt $((attempt + 1)) of 3"
  done
  echo "$wanted" >"$stamp.part"
  mv "$stamp.part" "$stamp"
  say ".venv is ready: $(.venv/bin/python --version)"
}

# The scripts in a .venv hold its path, so one that was moved is made anew.
venv_runs() {
  grep -qsF " $PWD/.venv" .venv/pyvenv.cfg && .venv/bin/python -m pip --version >/dev/null 2>&1
}

# PYTHON=...: nothing is changed; what is missing is named.
describe_given_python() {
  local missing
  # -P: a folder of this repository is not taken for a package of its name (kernels).
  "$KIR_PYTHON" -P - <<'PROGRAM' || fail "PYTHON: '$PYTHON' cannot serve: it must be Python 3.11 or newer and have torch and numpy"
import importlib.metadata
import importlib.util
import sys

required = "torch numpy".split()
optional = "torchvision transformers PIL safetensors skimage jinja2 matplotlib pytest xdist jsonschema mypy kernels pdoc scikit_build_core".split()
missing = [name for name in required + optional if importlib.util.find_spec(name) is None]
if set(missing) & set(optional):
    print("bootstrap: not available, and so skipped by name in the tests:", ", ".join(name for name in missing if name in optional))
if sys.version_info < (3, 11) or set(missing) & set(required):
    sys.exit(1)
versions = [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "torchvision", "transformers") if name not in missing]
print(f"bootstrap: using {sys.executable} (Python {sys.version.split()[0]}; {', '.join(versions)}); nothing is downloaded")
PROGRAM

  if command -v dpkg-query >/dev/null; then
    missing=$(missing_packages "${required_packages[@]/python3-venv/g++}" | sort -u | tr '\n' ' ')
    [ -z "$missing" ] || say "not installed, and the build may stop for want of it: $missing(apt-get install it)"
    missing=$(missing_packages "${optional_packages[@]}" | tr '\n' ' ')
    [ -z "$missing" ] || say "not installed, and done without: $missing"
  fi
  missing=$(for tool in ruff clang-format; do command -v "$tool" >/dev/null || echo "$tool"; done | tr '\n' ' ')
  [ -z "$missing" ] || say "not available, and so skipped by name in the tests: $missing"
  command -v ninja >/dev/null || fail "ninja is not on PATH, and PYTHON was given, so nothing is downloaded"
  cmake --version 2>/dev/null | awk 'NR == 1 { split($3, v, "."); exit !(v[1] > 3 || (v[1] == 3 && v[2] >= 25)) }' ||
    fail "cmake 3.25 or newer is not on PATH, and PYTHON was given, so nothing is downloaded"
}

. scripts/tools.sh
if [ -z "${PYTHON:-}" ]; then
  install_system_packages
  fill_venv
else
  describe_given_python
fi
