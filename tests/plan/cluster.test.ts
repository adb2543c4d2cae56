import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { collectPlan } from '../../src/plan/cluster/collect.node.ts';
import { writeManifest } from '../../src/plan/cluster/manifest.node.ts';
import { writeScripts } from '../../src/plan/cluster/scripts.node.ts';
import { planStatus } from '../../src/plan/cluster/status.node.ts';
import { filesIn, folder, limn } from '../cli/limn.ts';
import { run, unit, until, writeUnits } from './units.ts';

/** A plan in a folder that a shell would misread, of which the first unit is done. */
let dir = '';
let plan = '';

beforeAll(async () => {
  dir = join(folder(), "it's 100% $HOME");
  mkdirSync(dir, { recursive: true });
  const train = unit('net/train', 'write $/out');
  const model = unit('net/import', 'write $/out', { needs: [train.id] });
  const two = ['a', 'b'].map((name) => unit(`net/${name}`, 'write $/out', { needs: [model.id] }));
  const all = unit('net/all', 'write $/out', { needs: two.map(({ id }) => id) });
  plan = writeUnits(dir, [train, model, ...two, all]);
  await run(plan, 1, 'net/train');
});

describe('batch scripts', () => {
  it('are of the units that are not done, and submitted one after the other', async () => {
    const output = join(dir, 'scripts');
    const resources = {
      partition: 'gpu',
      time: '1-0',
      cpus: 4,
      mem: '8G',
      gres: 'gpu:1',
      sbatch: ['--account=lab'],
    };
    const made = await writeScripts({ plan, output, maxUnits: 3, ...resources });
    expect(made.units).toBe(4);
    expect(filesIn(output)).toEqual(['a.sbatch', 'all.sbatch', 'b.sbatch', 'import.sbatch', 'submit.sh']);
    const script = readFileSync(join(output, 'import.sbatch'), 'utf8');
    const given = script.match(/^#SBATCH .*/gm)!.map((line) => line.slice(8));
    expect(given).toEqual([
      ...['--job-name=limn-import', '--array=0%3', `--chdir="${dir}"`],
      ...[`--output="${output.replace('%', '%%')}/import-%a.log"`, '--open-mode=append', '--requeue'],
      ...[
        '--kill-on-invalid-dep=yes',
        '--signal=B:USR1@120',
        '--partition=gpu',
        '--time=1-0',
        '--cpus-per-task=4',
      ],
      ...['--mem=8G', '--gres=gpu:1', '--account=lab'],
    ]);
    // Each line stands before the first command, or sbatch would not see it.
    expect(script.search(/^[^#\n]/m)).toBeGreaterThan(script.lastIndexOf('#SBATCH'));
    expect(readFileSync(join(output, 'submit.sh'), 'utf8').split('\n').slice(4, 8)).toEqual([
      'job1=$(sbatch --parsable import.sbatch)',
      'job2=$(sbatch --parsable --dependency=aftercorr:$job1 a.sbatch)',
      'job3=$(sbatch --parsable --dependency=aftercorr:$job1 b.sbatch)',
      'job4=$(sbatch --parsable --dependency=aftercorr:$job2:$job3 all.sbatch)',
    ]);
  });

  it('run their unit in the plan, and end as it does', async () => {
    const output = join(dir, 'called');
    // What is called as limn, and as Slurm, says how.
    writeFileSync(join(dir, 'limn.sh'), '#!/bin/bash\nprintf "%s\\n" "$PWD" "$@"\nexit 3\n', { mode: 0o755 });
    await writeScripts({ plan, output, limn: './limn.sh', settle: 2 });
    const env = { ...process.env, SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: '0', SLURMD_NODENAME: 'n1' };
    const call = () =>
      execFileSync('bash', [join(output, 'import.sbatch')], { env, encoding: 'utf8', stdio: 'pipe' });
    const id = unit('net/import', 'nothing').id;
    try {
      call();
      expect.unreachable();
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      expect(status).toBe(3);
      expect(stdout.split('\n')).toEqual([dir, 'run', 'plan.json', '--only', id, '--settle', '2', '']);
    }
    // A node that does not have the folder says so.
    const script = readFileSync(join(output, 'import.sbatch'), 'utf8');
    writeFileSync(join(output, 'import.sbatch'), script.replace(/^plan=.*/m, 'plan=other.json'));
    expect(call).toThrow(
      /limn: n1: .*other\.json is not there: the plan's folder must be at the same path on all nodes/,
    );
  });
});

describe('a task that is told to end', () => {
  const env = { ...process.env, SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: '0', SLURMD_NODENAME: 'n1' };
  /** Starts a task whose limn is these lines of a shell, after the folder of the plan is changed by a line. */
  const task = async (name: string, limnLines: string, change: [from: RegExp, to: string]) => {
    const output = join(dir, name);
    writeFileSync(join(dir, `${name}.sh`), `#!/bin/bash\n${limnLines}\n`, { mode: 0o755 });
    await writeScripts({ plan, output, limn: `./${name}.sh`, settle: 600 });
    const script = readFileSync(join(output, 'import.sbatch'), 'utf8').replace(...change);
    const child = spawn('bash', ['-c', script], {
      env: { ...env, why: 'inherited', runner: '1' },
      stdio: 'pipe',
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { child, said: () => said, ended };
  };

  it.each(['SIGUSR2', 'SIGUSR1', 'SIGTERM'] as const)(
    'by %s hears it while it waits for the shared folder',
    async (signal) => {
      const { child, said, ended } = await task('waits', 'exit 0', [
        /^# A shared folder .*/m,
        'plan=late.json\necho ready',
      ]);
      await until(() => said().includes('ready'));
      child.kill(signal);
      expect(await ended).toBe(143);
    },
  );

  it('by SIGUSR2 tells its unit, and ends as that does', async () => {
    const lines = 'trap "echo asked; exit 130" TERM\necho begun\nsleep 60 & wait';
    const { child, said, ended } = await task('tells', lines, [/$^/, '']);
    await until(() => said().includes('begun'));
    child.kill('SIGUSR2');
    expect(await ended).toBe(130);
    expect(said()).toContain('asked');
  });
});

describe('a Kubernetes job', () => {
  it("is valid by the API's schema, and its pods run the plan where it lies", async () => {
    const output = join(dir, 'kubernetes');
    const { folder: mounted } = await writeManifest({
      plan,
      output,
      maxUnits: 8,
      cpus: 2,
      mem: '4Gi',
      image: 'lab/limn',
    });
    expect(mounted).toBe(dir);
    const job = parse(readFileSync(join(output, 'job.yaml'), 'utf8'));
    expect(() => new Job(job).validate()).not.toThrow();
    expect(() => new Job({ ...job, spec: { ...job.spec, completions: 'many' } }).validate()).toThrow();
    const { completions, parallelism, completionMode, template } = job.spec;
    expect({ completions, parallelism, completionMode }).toEqual({
      completions: 8,
      parallelism: 8,
      completionMode: 'Indexed',
    });
    const [{ image, args, resources, volumeMounts }] = template.spec.containers;
    expect({ image, args }).toEqual({ image: 'lab/limn', args: ['run', plan, '--settle', '60'] });
    expect(resources.limits).toEqual({ cpu: '2', memory: '4Gi' });
    expect(volumeMounts[0]).toEqual({ name: 'plan', mountPath: dir });
    expect(readFileSync(join(output, 'Dockerfile'), 'utf8')).toMatch(/^USER 1000/m);
  });

  it('mounts the folder that holds all that units read', async () => {
    const inner = join(dir, 'deep/work');
    mkdirSync(inner, { recursive: true });
    const inputs = [{ path: '../../data/list.txt' }];
    const other = writeUnits(inner, [unit('a', 'write $/out', { inputs })]);
    expect((await writeManifest({ plan: other, output: join(dir, 'deep/k8s') })).folder).toBe(dir);
  });
});

it('says how a plan stands that was never on a cluster, without asking one', async () => {
  const { units } = await planStatus({ plan });
  expect(units.map(({ unit: { name }, state }) => `${name} ${state}`)).toEqual([
    ...['net/train done', 'net/import waiting', 'net/a waiting', 'net/b waiting', 'net/all waiting'],
  ]);
});

it('collects what is done by names, or says what is not', async () => {
  const output = join(dir, 'collected');
  await expect(collectPlan({ plan, output })).rejects.toThrow(
    /not done: net\/import, net\/a, net\/b, net\/all; wait/,
  );
  expect(() => filesIn(output)).toThrow();
  const { collected, missing } = await collectPlan({ plan, output, partial: true });
  expect([collected, missing.length]).toEqual([['net/train'], 4]);
  expect(filesIn(output)).toEqual(['net/train/out', 'units.csv']);
  expect(readFileSync(join(output, 'net/train/out'), 'utf8')).toBe('written');
  expect(readFileSync(join(output, 'units.csv'), 'utf8')).toMatch(
    /^unit,kind,id,folder,seconds,host,finished,limn\nnet\/train,fake,[0-9a-f]{64},units\/net\/train,[\d.]+,.+,20.*,test\n$/,
  );
});

it.each([
  [
    ['run', 'P', '--partition', 'gpu'],
    /--partition: it is of plans on a cluster; leave it out, or add --on slurm/,
  ],
  [['run', 'P', '--on', 'slurm', '--workers', '2'], /--workers: it says nothing of slurm/],
  [['run', 'P', '--on', 'kubernetes'], /--on kubernetes: limn does not talk to clusters; add --dry-run/],
  [['run', 'P', '--on', 'slurm', '--dry-run'], /--output: missing/],
  [['run', 'P', '--on', 'slurm', '--wait', '--detach'], /--wait: it and --detach exclude each other/],
  [['run', 'P', '--on', 'slurm', '--sbatch', 'account'], /--sbatch.*expected an option/],
])('refuses %j', async (args, message) => {
  const { code, stderr } = await limn(
    args.map((word) => (word === 'P' ? plan : word)),
    dir,
  );
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

it('says that there is no Slurm', async () => {
  const { code, stderr } = await limn(['run', plan, '--on', 'slurm'], dir, { PATH: '/none' });
  expect(stderr).toMatch(/^limn: slurm: there is no scontrol here; call limn where Slurm's programs are/);
  expect(code).toBe(1);
  rmSync(join(dir, 'slurm'), { recursive: true, force: true });
});
