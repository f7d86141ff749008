import sys

from reports.generate import main

sys.exit(main())
