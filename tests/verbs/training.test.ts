import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as node from '../../src/node.node.ts';
import type { TrainEvent, TrainResult } from '../../src/verbs/train/train.node.ts';
import { folder } from '../cli/limn.ts';
import { resultOf, sandbox } from '../cli/training.ts';

/** The built library: its threads have scripts of their own. */
const limn = (await import(new URL('../../dist/node.node.js', import.meta.url).href)) as typeof node;
const { LimnError } = (await import(new URL('../../dist/index.js', import.meta.url).href)) as {
  LimnError: typeof Error;
};

let dir: string;
let request: Parameters<typeof limn.train>[0];
const events: TrainEvent[] = [];
let result: TrainResult;

beforeAll(async () => {
  dir = await sandbox();
  request = { solver: join(dir, 'solver.prototxt'), threads: 1, output: join(dir, 'run') };
  result = await limn.train(request, undefined, { on: (event) => events.push(event) });
}, 120_000);

describe('a training', () => {
  it('tells what happens in order, and how it ended, as plain data', () => {
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.indexOf('start')).toBeLessThan(kinds.indexOf('progress'));
    expect(events.find(({ kind }) => kind === 'start')).toEqual({
      ...{ kind: 'start', iteration: 0, total: 20, images: 6 },
    });
    expect(events.filter(({ kind }) => kind === 'progress')).toEqual(
      Array.from({ length: 20 }, (_, i) => ({
        ...{ kind: 'progress', what: 'iterations', done: i + 1, total: 20, loss: expect.any(Number) },
      })),
    );
    // What is copied and filled is said before it begins.
    expect(kinds.slice(0, kinds.indexOf('start'))).toContain('note');
    expect(JSON.parse(JSON.stringify(result))).toMatchObject({
      ...{ how: 'done', iteration: 20, seed: 7 },
      files: { model: join(dir, 'run/tiny_iter_20.caffemodel') },
    });
  });

  it('stops with a snapshot when it is asked to, and goes on to the same bits', async () => {
    const output = join(dir, 'asked');
    let done = 0;
    let closed = false;
    const listen = () => ({
      take: () => (done === 6 ? ('stop' as const) : undefined),
      close() {
        closed = true;
      },
    });
    const on = (event: TrainEvent) => {
      if (event.kind === 'progress') done = event.done;
    };
    const stopped = await limn.train({ ...request, output }, undefined, { on, listen });
    expect(stopped).toMatchObject({ how: 'stopped', iteration: 6 });
    expect(closed).toBe(true);
    await limn.train({ ...request, output, snapshot: output });
    expect(resultOf(output)).toEqual(resultOf(join(dir, 'run')));
  });

  it.each([
    [6, 'a snapshot of its own'],
    [12, 'the snapshot that was just written'],
    [18, 'one again'],
  ])('is not kept by a test from stopping: after %i iterations, with %s', async (at) => {
    const output = join(dir, `tested-${at}`);
    let [done, calls] = [0, 0];
    // The first is after the iteration, the others after batches of the test.
    const listen = () => ({
      take: () => (done === at && ++calls === 3 ? ('stop' as const) : undefined),
      close() {},
    });
    const on = (event: TrainEvent) => {
      if (event.kind === 'progress') done = event.done;
    };
    const stopped = await limn.train({ ...request, output }, undefined, { on, listen });
    expect(stopped).toMatchObject({ how: 'stopped', iteration: at });
    expect(calls).toBe(3);
    expect(readdirSync(output)).toContain(`tiny_iter_${at}.limnstate`);
    await limn.train({ ...request, output, snapshot: output });
    expect(resultOf(output)).toEqual(resultOf(join(dir, 'run')));
  });

  it('may stop in its first test, with nothing to keep', async () => {
    const output = join(dir, 'untrained');
    const listen = () => ({ take: () => 'stop' as const, close() {} });
    const stopped = await limn.train({ ...request, output }, undefined, { listen });
    expect(stopped).toMatchObject({ how: 'stopped', iteration: 0 });
    expect(readdirSync(output).filter((name) => /iter/.test(name))).toEqual([]);
  });

  it('ends by a signal after the iteration that runs, with its last snapshot whole', async () => {
    const output = join(dir, 'aborted');
    const ending = new AbortController();
    const on = (event: TrainEvent) => {
      if (event.kind === 'progress' && event.done === 6) ending.abort(new Error('enough'));
    };
    await expect(
      limn.train({ ...request, output }, undefined, { on, signal: ending.signal }),
    ).rejects.toThrow('enough');
    expect(readdirSync(output).filter((name) => name.endsWith('.limnstate'))).toEqual([
      'tiny_iter_4.limnstate',
    ]);
    await limn.train({ ...request, output, snapshot: output });
    expect(resultOf(output)).toEqual(resultOf(join(dir, 'run')));
  });

  it('names fields where requests contradict themselves or the run', async () => {
    const error = await limn
      .train({ ...request, weights: ['a.caffemodel'], snapshot: 'b' })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LimnError);
    expect(error).toMatchObject({
      kind: 'request',
      message: 'weights: a snapshot has its own weights; give weights or snapshot, not both',
    });
    await expect(limn.train({ ...request, snapshot: request.output, seed: 8 })).rejects.toMatchObject({
      kind: 'request',
      message: 'seed: the snapshot was made with 7, got 8; leave it out',
    });
    await expect(limn.train({ ...request, set: { max_itr: '3' } })).rejects.toThrow(
      "set: a solver has no field 'max_itr'",
    );
    await expect(limn.train({ ...request, set: { max_iter: 'x' } })).rejects.toThrow(/^set max_iter/);
    // A folder with a finished run in it is not trained into again.
    await expect(limn.train(request)).rejects.toThrow(/go on (from it )?with snapshot '/);
  });
});

describe('a test', () => {
  const model = () => ({
    model: join(dir, 'train_val.prototxt'),
    weights: [join(dir, 'run/tiny_iter_20.caffemodel')],
  });

  it('tells each batch in order and gives their mean', async () => {
    const batches: number[] = [];
    const accuracies: number[] = [];
    const tested = await limn.test({ ...model(), iterations: 4, threads: 1 }, limn.nodeHost, {
      on: (event) => {
        if (event.kind !== 'batch') return;
        batches.push(event.batch);
        accuracies.push(event.outputs.find(({ name }) => name === 'accuracy')!.value);
      },
    });
    expect(batches).toEqual([0, 1, 2, 3]);
    const mean = accuracies.reduce((sum, x) => sum + x, 0) / 4;
    expect(tested.outputs.find(({ name }) => name === 'accuracy')!.value).toBeCloseTo(mean, 12);
    // Four batches of six show the eight pictures three times.
    expect(tested).toMatchObject({ iterations: 4, notes: [{ kind: 'test-repeats' }] });
  });

  it('ends by a signal', async () => {
    const ending = new AbortController();
    const on = () => ending.abort(new Error('enough'));
    await expect(
      limn.test({ ...model(), iterations: 9, threads: 1 }, limn.nodeHost, { on, signal: ending.signal }),
    ).rejects.toThrow('enough');
  });

  it.each([
    [{ weights: undefined }, /^weights: .* has none of its own/],
    [{ data: 'x' }, /^data: .* names its data itself; map it with map or dataRoot/],
    [{ model: 'net.onnx' }, /^weights: .*net.onnx has its own/],
    [{ model: 'net.onnx', weights: undefined }, /^data: .*net.onnx names no data/],
  ])('of %j is refused', async (change, message) => {
    writeFileSync(join(dir, 'net.onnx'), new Uint8Array([8, 8, 18, 4]));
    const asked = { ...model(), ...change };
    if (asked.model === 'net.onnx') asked.model = join(dir, asked.model);
    await expect(limn.test(asked, limn.nodeHost)).rejects.toMatchObject({
      kind: 'request',
      message: expect.stringMatching(message),
    });
  });
});

describe('a plan', () => {
  /** Units that note what they are asked, done by the program that asks for them. */
  const spec = (name: string) => {
    const to = folder();
    writeFileSync(
      join(to, 'spec.yaml'),
      `definitions: ${JSON.stringify(join(dir, '..'))}
only: ${JSON.stringify(dir.split('/').at(-1))}
seeds: [1, 2]
train: {solver: solver.prototxt, threads: 1, set: {max_iter: 8}}
`,
    );
    return { to, spec: join(to, 'spec.yaml'), output: join(to, name) };
  };

  it('is done by any executor, which is given requests as plain data', async () => {
    const { to, ...asked } = spec('plan.json');
    const { counts, units } = await limn.plan(asked);
    expect(counts).toEqual({ train: 2 });
    const requests: unknown[] = [];
    const changes: string[] = [];
    const executor: Parameters<typeof limn.runPlan>[1] = {
      async attempt({ task, root, unit }) {
        expect(root).toBe(to);
        requests.push(JSON.parse(JSON.stringify(task.request)));
        if (unit === undefined || task.request.seed === 2) return { kind: 'failed', what: 'no machine' };
        const at = (path: unknown) => join(root, String(path));
        const { output } = task.request;
        await limn.train({ ...task.request, output: at(output) } as never);
        return { kind: 'done' };
      },
    };
    const { units: states } = await limn.runPlan({ plan: asked.output, workers: 2 }, executor, {
      on: (event) => {
        if (event.kind === 'start') changes.push(`start ${event.units}`);
        else changes.push(`${event.change.state} ${event.change.unit.request.seed}`);
      },
    });
    expect(requests).toEqual(units.map(({ request: each }) => each));
    expect(changes[0]).toBe('start 2');
    expect(states.map(({ state, what }) => [state, what])).toEqual([
      ['done', undefined],
      ['failed', 'no machine'],
    ]);
    expect(existsSync(join(to, units[0].folder, 'done.json'))).toBe(true);
    await expect(limn.runPlan({ plan: asked.output, only: ['none'] }, executor)).rejects.toMatchObject({
      kind: 'request',
      message: expect.stringMatching(/^only: no unit fits none; names are like /),
    });
  });

  it('stops with what it does by a signal, and goes on to the bits of a training that was not stopped', async () => {
    const { to, ...asked } = spec('plan.json');
    const { units } = await limn.plan(asked);
    const straight = join(to, 'straight');
    const set = { max_iter: '8' };
    await limn.train({ ...request, seed: 1, set, output: straight });
    const ending = new AbortController();
    const only = [units[0].id];
    const stopped = await limn.runPlan({ plan: asked.output, only }, undefined, {
      stop: ending.signal,
      on: (event) => {
        if (event.kind === 'change' && event.change.state === 'running')
          setTimeout(() => ending.abort(), 1500);
      },
    });
    expect(['stopped', 'done']).toContain(stopped.units[0].state);
    const { units: ended } = await limn.runPlan({ plan: asked.output, only });
    expect(ended[0].state).toBe('done');
    expect(
      readFileSync(join(to, units[0].outputs[0])).equals(
        readFileSync(join(straight, 'tiny_iter_8.caffemodel')),
      ),
    ).toBe(true);
  });
});
