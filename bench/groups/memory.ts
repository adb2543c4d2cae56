import { stat } from 'node:fs/promises';
import { type Bench, exportNet, limn, type NetName, netTitles, peer } from '../bench.ts';
import { importNet } from '../command.ts';
import { NotHere, start } from '../contestant.ts';
import { below, type Section, type Target } from '../section.ts';

/** Networks whose forward and explanation are measured, one image at a time; and trainings, with their batches. */
const nets = ['googlenet', 'vgg16'] as const satisfies readonly NetName[];
const trainings = [
  ['adience', 50],
  ['googlenet', 10],
] as const satisfies readonly (readonly [NetName, number])[];

/** Peak memory of processes that load a network and run it a few times. */
export async function memory(bench: Bench): Promise<Section> {
  const rows: string[][] = [];
  const notes: string[] = [];
  const peaks: Record<string, number> = {};
  const measured = async (what: string, entrant: ReturnType<typeof limn>) => {
    const name = `${what}: ${entrant.name}`;
    bench.say(name);
    try {
      const contestant = await start(entrant);
      for (let i = 0; i < 3; i++) await contestant.run();
      peaks[name] = (await contestant.memory()) / 1e6;
      await contestant.close();
      rows.push([what, entrant.name, peaks[name].toFixed(0)]);
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      notes.push(`${name} is left out: ${error.message}.`);
    }
    return peaks[name];
  };
  const targets: Target[] = [];
  for (const net of nets) {
    // Once: its large weights stay in the file, from where they are mapped.
    const stem = await importNet(bench, net);
    const weights = (await stat(`${stem}.caffemodel`)).size / 1e6;
    const of = netTitles[net];
    notes.push(`The weights of ${of} are ${weights.toFixed(1)} MB.`);
    const forward = await measured(`${of}, forward`, limn(bench, 'limn, .onnx', 'mapped-forward', net, 1));
    await measured(`${of}, forward`, limn(bench, 'limn, Caffe files', 'forward', net, 1));
    const torch = await measured(`${of}, forward`, peer(bench, 'PyTorch', 'torch-forward', net, 1));
    await measured(`${of}, forward`, peer(bench, 'OpenCV', 'opencv-forward', net, 1));
    const explained = await measured(`${of}, LRP`, limn(bench, 'limn, .onnx', 'mapped-lrp', net, 1));
    await measured(`${of}, LRP`, limn(bench, 'limn, Caffe files', 'lrp-taylor', net, 1));
    const lean = await measured(`${of}, LRP`, peer(bench, 'PyTorch, lean', 'torch-lrp-lean', net, 1));
    await measured(`${of}, LRP`, peer(bench, 'PyTorch, Zennit-style', 'torch-lrp-zennit', net, 1));
    if (net === 'googlenet') targets.push(below(`${of}, LRP`, 350, explained, 'MB'));
    if (torch !== undefined) targets.push(below(`${of}, forward: PyTorch's`, torch, forward, 'MB'));
    if (lean !== undefined) targets.push(below(`${of}, LRP: lean PyTorch's`, lean, explained, 'MB'));
  }
  for (const [net, batch] of trainings) {
    await exportNet(bench, net, batch);
    const what = `${netTitles[net]}, a training step on ${batch}`;
    const ours = await measured(what, limn(bench, 'limn', 'training', net, batch));
    const torch = await measured(what, peer(bench, 'PyTorch', 'torch-training', net, batch));
    if (torch !== undefined) targets.push(below(`${what}: PyTorch's`, torch, ours, 'MB'));
  }
  return {
    tables: [{ columns: ['what', 'program', 'peak MB'], rows }],
    targets,
    notes: ['Peaks are those of whole processes, Node and Python included.', ...notes],
    raw: Object.fromEntries(Object.entries(peaks).map(([name, peak]) => [name, [peak]])),
  };
}
