"""One peer as a long-lived process: loads a job, then runs it once per line on its standard input.

    python3 server.py JOB NET BATCH [--threads 2]
    python3 server.py info          versions, BLAS, threads, CPU: one JSON line, then exit

JOB: torch-forward, torch-flipping, opencv-forward, ort-forward, torch-training, torch-lrp-zennit, torch-lrp-lean, and three of them
compiled: torch-compiled-forward, torch-compiled-lrp-lean, torch-compiled-training. NET: googlenet, googlenet_heads,
adience, caffenet, vgg16. Every answer is one JSON line on standard output:

    at start        {"ready": true, "job": …, "net": …, "batch": …, "weights": "trained" | "seeded random",
                     "note": null or a choice the job made}
    after "run"     {"ms": 71.3}            one run on a fixed batch, ready input to result in memory
    after "memory"  {"peak_mb": 812.5}      peak resident memory of this process so far
    after "save F"  {"saved": "F"}          the result of a run (probabilities, relevance, or what the first step of
                    training found) as F, an .npy file
    after "info"    as the command above
    otherwise       {"error": "…"}, and with exit code 1 where it cannot start

It ends with exit code 0 on "quit" or at the end of its input.
"""

import argparse
import importlib
import json
import resource
import sys
import time

import environment

JOBS = {
    "torch-forward": "torch_forward.job",
    "torch-flipping": "torch_flipping.job",
    "opencv-forward": "opencv_forward.job",
    "ort-forward": "ort_forward.job",
    "torch-training": "torch_training.job",
    "torch-lrp-zennit": "lrp_zennit.job",
    "torch-lrp-lean": "lrp_lean.job",
    "torch-compiled-forward": "torch_compiled.forward",
    "torch-compiled-lrp-lean": "torch_compiled.lean",
    "torch-compiled-training": "torch_compiled.training",
}


def say(**answer):
    print(json.dumps(answer), flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("job", choices=[*JOBS, "info"])
    parser.add_argument("net", nargs="?")
    parser.add_argument("batch", nargs="?", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def load(options):
    """The job's function, run twice so that first-time work is done."""
    nets = importlib.import_module("nets")
    if options.net not in nets.NETS:
        raise ValueError(f"no net {options.net}: choose one of {', '.join(nets.NETS)}")
    if options.batch < 1:
        raise ValueError(f"batch {options.batch}: must be at least 1")
    net = nets.NETS[options.net]()
    module, function = JOBS[options.job].split(".")
    run = getattr(importlib.import_module(module), function)(net, options.batch)
    run()
    run()
    note = getattr(run, "note", None)
    say(ready=True, job=options.job, net=net.name, batch=options.batch, weights=nets.source(net), note=note)
    return run


def serve(run, threads):
    for line in sys.stdin:
        word = line.strip()
        if word == "run":
            start = time.perf_counter()
            run()
            say(ms=round((time.perf_counter() - start) * 1000, 3))
        elif word == "memory":
            say(peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1))
        elif word.startswith("save "):
            save(word[5:], run())
        elif word == "info":
            say(**environment.info(threads))
        elif word == "quit":
            return
        else:
            say(error=f"unknown command {word!r}: run, memory, save FILE, info or quit")


def save(path, result):
    """Write probabilities, or the relevance of (scores, relevance)."""
    numpy = importlib.import_module("numpy")
    array = result[1] if isinstance(result, tuple) else result
    numpy.save(path, numpy.ascontiguousarray(array, dtype=numpy.float32))
    say(saved=path)


def main():
    options = arguments()
    environment.prepare(options.threads)
    if options.job == "info":
        say(**environment.info(options.threads))
        return 0
    try:
        environment.set_threads(options.job, options.threads)
        run = load(options)
    except (ImportError, ValueError) as problem:
        say(error=str(problem))
        return 1
    serve(run, options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
