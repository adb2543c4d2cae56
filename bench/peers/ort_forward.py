"""Forward with ONNX Runtime's own Python package, on the file that limn imported."""

import os
from pathlib import Path

import onnxruntime

import nets


def job(net, count):
    """A function that classifies one fixed batch and returns the probabilities."""
    path = Path(os.environ["LIMN_BENCH"]) / f"{net.name}.onnx"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: nets.batch(net, count)}

    def run():
        return session.run(["prob"], feed)[0]

    run.note = onnxruntime.__version__
    return run
