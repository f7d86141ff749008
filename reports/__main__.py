import sys

try:
    from reports.generate import main
except ModuleNotFoundError as error:
    print(f"kir report: the package {error.name} is not installed: nothing was written", file=sys.stderr)
    sys.exit(2)

sys.exit(main())
