"""A program with no processes: it sees nothing of the probe."""
import sys

print(sys.path[1:], sorted(m for m in sys.modules if m.startswith("vivero")), "multiprocessing" in sys.modules)
raise SystemExit(3)
