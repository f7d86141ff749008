"""Every public header compiles alone, with warnings as errors: it includes what it uses."""

import subprocess
import sys
from pathlib import Path

compiler = sys.argv[1]
headers = sorted(Path("include/kir").glob("*.hpp"))
if not headers:
    sys.exit("no header in include/kir: the check would prove nothing")
failed = []
for header in headers:
    flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wshadow", "-Wpedantic", "-Werror", "-Iinclude"]
    program = f'#include "kir/{header.name}"\n'
    if subprocess.run([compiler, *flags, "-x", "c++", "-"], input=program, text=True).returncode:
        failed.append(str(header))
print(f"{len(headers)} headers, {len(failed)} that do not compile alone: {failed}")
sys.exit(bool(failed))
