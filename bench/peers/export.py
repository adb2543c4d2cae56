"""Write a benchmark net as Caffe files, and its input, so that limn runs exactly what the peers run.

    python3 export.py NET FOLDER [COUNT]    FOLDER/NET.prototxt, NET.training.prototxt, NET.caffemodel and NET.npy,
                                            a batch of COUNT (10)

A smaller batch is the beginning of a larger one.
"""

import sys
from pathlib import Path

import numpy as np

import caffemodel
import nets


def main(name, folder, count=10):
    net, target = nets.NETS[name](), Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{name}.prototxt").write_text(caffemodel.prototxt(net))
    training = caffemodel.training_prototxt(net, int(count), nets.LOSS_WEIGHTS)
    (target / f"{name}.training.prototxt").write_text(training)
    (target / f"{name}.caffemodel").write_bytes(caffemodel.write(net, nets.weights(net)))
    np.save(target / f"{name}.npy", nets.batch(net, int(count)))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in nets.NETS:
        sys.exit(f"usage: export.py NET FOLDER [COUNT], NET one of {', '.join(nets.NETS)}")
    main(*sys.argv[1:])
