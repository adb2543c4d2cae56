import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Unit } from '../../src/plan/index.ts';
import { folder, limn, main } from '../cli/limn.ts';
import { missingOfSlurm, type Slurm, startSlurm } from './slurm.ts';

const missing = missingOfSlurm.join(', ');

/** A network that tells bright pictures from dark ones; `outputs` of them makes one that no label list fits. */
const network = (name: string) => `name: "${name}"
layer { name: "data" type: "ImageData" top: "data" top: "label" transform_param { scale: 0.004 mirror: true }
  image_data_param { source: "/gone/list.txt" root_folder: "/gone/" batch_size: 4 } }
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }`;

const deploy = (inputs: number) => `name: "net"
input: "data" input_shape { dim: 1 dim: 3 dim: ${inputs} dim: ${inputs} }
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 2 } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }`;

describe.skipIf(missing !== '')(
  `Slurm${missing && ` (not here: ${missing}; apt-get install slurm-wlm munge)`}`,
  () => {
    let dir = '';
    let slurm: Slurm;

    beforeAll(async () => {
      dir = folder();
      const { default: sharp } = await import('sharp');
      const lines: string[] = [];
      for (let i = 0; i < 12; i++) {
        const background = { r: 20 * i, g: (i % 2) * 200, b: 90 };
        await sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toFile(join(dir, `${i}.png`));
        lines.push(`${i}.png ${i % 2}`);
      }
      writeFileSync(join(dir, 'list.txt'), `${lines.join('\n')}\n`);
      // Of the bad one, what was trained does not fit what is deployed.
      for (const [name, inputs] of [
        ['wrong', 9],
        ['good', 8],
        ['late', 8],
      ] as const) {
        mkdirSync(join(dir, 'nets', name), { recursive: true });
        const write = (file: string, text: string) =>
          writeFileSync(join(dir, 'nets', name, `${file}.prototxt`), text);
        write('net', network(name));
        write('deploy', deploy(inputs));
        const steps = name === 'wrong' ? 10 : 800;
        const solver = 'base_lr: 0.01 lr_policy: "fixed" momentum: 0.9 snapshot: 10 snapshot_prefix: "s"';
        write('solver', `net: "net.prototxt" max_iter: ${steps} display: ${steps} ${solver}`);
      }
      writeFileSync(
        join(dir, 'spec.yaml'),
        `definitions: nets
train: {solver: solver.prototxt, map: {/gone: .}, threads: 1, keep: 2}
import: {prototxt: deploy.prototxt, scale: 0.004}
evaluate:
  seen: {data: list.txt, batch: 4, threads: 1}
  parts: {data: list.txt, batch: 4, threads: 1, shards: 2}
`,
      );
      for (const name of ['here', 'there', 'cancelled'])
        expect(await limn(['plan', 'spec.yaml', '-o', `${name}/plan.json`], dir)).toMatchObject({ code: 0 });
      slurm = await startSlurm(folder());
      await until(() => slurm.call('sinfo', '-h', '-o', '%t').trim() === 'idle');
    }, 120_000);

    afterAll(() => slurm?.stop());

    const call = (...args: string[]) => limn(args, dir, slurm.env);

    it('runs a plan to the same bits as one machine, though a node dies, one is drained and a time limit passes', async () => {
      const here = limn(['run', 'here/plan.json', '--only', 'good/*', 'late/*'], dir);
      const units = unitsOf(join(dir, 'there/plan.json'));
      const there = join(dir, 'there');
      const run = follow(
        ['run', 'there/plan.json', '--on', 'slurm', '--time', '1', '--grace', '5', '--mem', '200M'],
        dir,
        slurm,
      );
      const [good, late] = ['good/train', 'late/train'].map((name) => units.get(name)!);
      // One training stands still until its time is up.
      const held = await workerOf(late, there);
      process.kill(held, 'SIGSTOP');
      // The node of the other one dies.
      const lost = await workerOf(good, there);
      process.kill(lost, 'SIGSTOP');
      const { units: running } = JSON.parse((await call('status', 'there/plan.json', '--json')).stdout);
      const node = (name: string): string =>
        running.find((each: { name: string }) => each.name === name).node;
      const [dead, other] = [node('good/train'), node('late/train')];
      expect(new Set([dead, other])).toEqual(new Set(['n1', 'n2']));
      slurm.killNode(dead);
      await until(() => /stopping/.test(logOf(units, 'late/train', there)));
      process.kill(held, 'SIGCONT');
      await until(() => slurm.call('sinfo', '-h', '-n', dead, '-o', '%t').startsWith('down'));
      slurm.startNode(dead);
      await until(() => slurm.call('sinfo', '-h', '-n', dead, '-o', '%t').trim() !== 'down');
      slurm.call('scontrol', 'update', `NodeName=${other}`, 'State=DRAIN', 'Reason=test');
      const { code, stdout } = await run.ended;
      slurm.call('scontrol', 'update', `NodeName=${other}`, 'State=RESUME');
      expect(stdout).toMatch(/^failed: wrong\/import: .*\n.*\n18 units: .*13 done/m);
      expect(code).toBe(1);
      expect(slurm.call('squeue', '-h')).toBe('');
      expect(logOf(units, 'late/train', there)).toMatch(/stopped by the time limit: requeued/);
      for (const name of ['good', 'late'])
        expect(readFileSync(join(there, units.get(`${name}/train`)!.folder, 'output.log'), 'utf8')).toMatch(
          /"snapshot":/,
        );
      expect(await here).toMatchObject({ code: 0 });
      for (const unit of units.values())
        if (!unit.name.startsWith('wrong')) sameBytes(unit, join(dir, 'here'), there);
      const status = await call('status', 'there/plan.json');
      expect(status.stdout).toMatch(/blocked/);
    }, 3120_000);

    it('takes units out of the queue: those that run save what they have, and what is done stays', async () => {
      const plan = 'cancelled/plan.json';
      const submitted = await call('run', plan, '--on', 'slurm', '--only', 'good/*', '--detach');
      expect(submitted).toMatchObject({ code: 0, stderr: '' });
      expect(submitted.stdout).toMatch(
        /^job \d+: train, 1 unit\n(job .*\n)+6 submitted, 0 in the queue before, 0 done\n$/,
      );
      const again = await call('run', plan, '--on', 'slurm', '--only', 'good/*', '--detach');
      expect(again.stdout).toBe('0 submitted, 6 in the queue before, 0 done\n');
      const training = unitsOf(join(dir, plan)).get('good/train')!;
      const held = await workerOf(training, join(dir, 'cancelled'));
      process.kill(held, 'SIGSTOP');
      const cancelled = await call('cancel', plan);
      process.kill(held, 'SIGCONT');
      expect(cancelled).toMatchObject({ code: 0, stdout: '5 units cancelled, 1 stopping\n' });
      await until(() => slurm.call('squeue', '-h') === '');
      const { counts } = JSON.parse((await call('status', plan, '--only', 'good/*', '--json')).stdout);
      expect(counts).toEqual({ stopped: 1, blocked: 5 });
      // Here it goes on from what was saved.
      expect(await limn(['run', plan, '--only', 'good/train'], dir)).toMatchObject({ code: 0 });
      expect(readFileSync(join(dir, 'cancelled', training.folder, 'output.log'), 'utf8')).toMatch(
        /"snapshot":/,
      );
      sameBytes(training, join(dir, 'here'), join(dir, 'cancelled'));
      expect((await call('cancel', plan)).stdout).toBe('nothing to cancel: no unit is in the queue\n');
    }, 240_000);

    it('says what Slurm says where it refuses, and leaves nothing behind', async () => {
      const refused = await call('run', 'cancelled/plan.json', '--on', 'slurm', '--partition', 'none');
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(/^limn: cancelled\/plan\.json: slurm: .*[Ii]nvalid partition/);
      expect(readdirSync(join(dir, 'cancelled/slurm')).filter((name) => /^\d+$/.test(name))).toEqual(['1']);
    }, 120_000);
  },
);

/** Holds what a unit made in one place against what it made in another. */
function sameBytes({ name, outputs }: Unit, one: string, other: string): void {
  for (const file of outputs) {
    const [a, b] = [one, other].map((root) => readFileSync(join(root, file)));
    // A result says when and where it was made: nothing else may differ.
    expect(a.equals(b), `${name}: ${file}`).toBe(true);
  }
}

const unitsOf = (plan: string): ReadonlyMap<string, Unit> =>
  new Map((JSON.parse(readFileSync(plan, 'utf8')).units as Unit[]).map((unit) => [unit.name, unit]));

/** The process that trains a unit, once there is something to go on from. */
async function workerOf({ folder: path, resume }: Unit, root: string): Promise<number> {
  const snapshots = join(root, resume!.folder);
  await until(
    () => existsSync(snapshots) && readdirSync(snapshots).some((name) => name.endsWith('.limnstate')),
  );
  const lock = readdirSync(join(root, path)).find((name) => /^lock\.\d+$/.test(name))!;
  return JSON.parse(readFileSync(join(root, path, lock), 'utf8')).worker.pid;
}

/** What the job of a unit says. */
function logOf(units: ReadonlyMap<string, Unit>, name: string, root: string): string {
  const { jobs } = JSON.parse(readFileSync(join(root, 'slurm/1/jobs.json'), 'utf8'));
  for (const job of jobs as { name: string; units: Record<string, string> }[])
    for (const [task, id] of Object.entries(job.units))
      if (id === units.get(name)!.id) {
        const path = join(root, 'slurm/1', `${job.name}-${task}.log`);
        return existsSync(path) ? readFileSync(path, 'utf8') : '';
      }
  throw new Error(`${name} was not submitted`);
}

/** A command that is followed while it goes on. */
function follow(args: readonly string[], cwd: string, { env }: Slurm) {
  const child: ChildProcess = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (text) => {
    stdout += text;
  });
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
}

/** Waits until something is so; the test's own time limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 100));
}
