"""Vivero's way into a Python program: Python imports 'sitecustomize' by itself at its start.

It does as good as nothing: it waits for an import of multiprocessing (Python 3.8 or newer, Linux), and brings the probe
in then. A sitecustomize of the user's own, further on in the path, runs as it would without us. This file must be
readable to every Python there is, also to Python 2.
"""
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


class _Finder(object):
    """Stands first in sys.meta_path until the modules that the probe knows have been imported."""

    def __init__(self, folder, asked):
        self.folder, self.asked = folder, asked
        self.waits = {"multiprocessing.connection", "multiprocessing.queues", "multiprocessing.process", "multiprocessing.forkserver"}

    def find_spec(self, name, path=None, target=None):
        if name not in self.waits:
            return None
        self.waits.discard(name)
        try:
            if not self.waits:
                sys.meta_path.remove(self)
            from _frozen_importlib_external import PathFinder
            spec = PathFinder.find_spec(name, path, target)
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                self.attach(module)

            spec.loader.exec_module = exec_module
            return spec
        except Exception as e:
            _complain("%s: %r" % (name, e))
            return None  # the next finder finds it, without us

    def attach(self, module):
        try:
            probe = sys.modules.get("vivero_probe")
            if probe is None:
                sys.path.insert(0, _HERE)
                try:
                    import vivero_probe as probe
                finally:
                    sys.path.remove(_HERE)
                probe.begin(self.folder, self.asked)
            probe.attach(module)
        except Exception as e:
            _complain("%s is not recorded: %r" % (module.__name__, e))


def _complain(sentence):
    if os.environ.get("VIVERO_PROBE_DEBUG"):
        sys.stderr.write("vivero: %s\n" % sentence)


def _install():
    folder = os.environ.get("VIVERO_FLIGHT")
    # What was asked when this process started is nothing to the children that it starts later.
    asked = os.environ.pop("VIVERO_ASKED", "")
    if not folder or sys.platform != "linux" or sys.version_info < (3, 8) or sys.implementation.name != "cpython":
        return
    if sys.byteorder == "little":
        sys.meta_path.insert(0, _Finder(folder, asked))


def _chain():
    """Runs the sitecustomize that would have run without this one, and takes our folder out of the path."""
    ours = [p for p in sys.path if os.path.abspath(p or ".") == _HERE]
    for p in ours:
        sys.path.remove(p)
    me = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize  # noqa: F401
    except ImportError as e:
        if getattr(e, "name", "sitecustomize") != "sitecustomize" or "sitecustomize" not in str(e):
            raise
    finally:
        # The import system looks for the module that it has just run.
        sys.modules.setdefault("sitecustomize", me)


try:
    _install()
except Exception as _e:
    _complain("off: %r" % (_e,))
_chain()
