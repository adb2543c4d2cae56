"""Write a benchmark net as Caffe files, so that limn runs exactly what the peers run.

    python3 export.py NET FOLDER        FOLDER/NET.prototxt and FOLDER/NET.caffemodel
"""

import sys
from pathlib import Path

import caffemodel
import nets


def main(name, folder):
    net, target = nets.NETS[name](), Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{name}.prototxt").write_text(caffemodel.prototxt(net))
    (target / f"{name}.caffemodel").write_bytes(caffemodel.write(net, nets.weights(net)))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in nets.NETS:
        sys.exit(f"usage: export.py NET FOLDER, NET one of {', '.join(nets.NETS)}")
    main(*sys.argv[1:])
