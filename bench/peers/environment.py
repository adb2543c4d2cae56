"""Threads and BLAS for the peers, so that each runs at its best; and a description of both.

Import this before NumPy, PyTorch or OpenCV: libraries read these variables when they load.
"""

import ctypes
import os
import platform
from pathlib import Path


def cpu():
    """The processor's model name and its feature flags."""
    found = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        found.setdefault(key.strip(), value.strip())
    return found.get("model name", platform.processor()), set(found.get("flags", "").split())


def prepare(threads):
    """Set thread counts, and OpenBLAS's kernels where the user has not chosen them.

    Debian's OpenBLAS 0.3.21 takes some newer processors for ancient ones and then runs 2–4 times slower;
    the processor's flags tell it the right kernels on all of them.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(threads))
    flags = cpu()[1]
    if "avx512f" in flags and "avx512vl" in flags:
        os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
    elif "avx2" in flags:
        os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")


def set_threads(job, threads):
    """The library's own setting, which wins over the environment. ONNX Runtime takes it with each session."""
    if job.startswith("torch"):
        import torch

        torch.set_num_threads(threads)
    elif job.startswith("opencv"):
        import cv2

        cv2.setNumThreads(threads)


def blas():
    """The BLAS library that is loaded into this process: its name, and OpenBLAS's choice of kernels."""
    paths = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
    opened = sorted(p for p in paths if "blas" in Path(p).name)
    for path in opened:
        if "openblas" in path:
            library = ctypes.CDLL(path)
            if hasattr(library, "openblas_get_config"):
                library.openblas_get_config.restype = ctypes.c_char_p
                return library.openblas_get_config().decode()
    if any("libblas" in path for path in opened):
        return "reference (slow: install libopenblas0-pthread)"
    return "none"


def version(module):
    try:
        return __import__(module).__version__
    except ImportError:
        return None


def info(threads):
    """Versions, BLAS, threads and processor, to be printed with the results."""
    versions = {module: version(module) for module in ("numpy", "torch", "cv2")}
    return {
        "python": platform.python_version(),
        **versions,
        "blas": blas(),
        "openblas_coretype": os.environ.get("OPENBLAS_CORETYPE"),
        "threads": threads,
        "cpu": cpu()[0],
        "cpus": os.cpu_count(),
    }
