import { execFile } from 'node:child_process';
import { failEnvironment, LimnError } from '../../common/error.ts';

/** How a task of a job stands with Slurm. */
export interface SlurmTask {
  /** Slurm's own word: `PENDING`, `RUNNING`, `TIMEOUT` … */
  readonly state: string;
  readonly node?: string | undefined;
  /** Why it waits, in Slurm's word. */
  readonly reason?: string | undefined;
  /** `1:0`: exit code and signal. */
  readonly exitCode?: string | undefined;
}

/** Tasks by `JOB_TASK`. */
export type SlurmTasks = ReadonlyMap<string, SlurmTask>;

/** Submits a script; returns the job's id. Errors: what Slurm says. */
export async function sbatch(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await call('sbatch', ['--parsable', ...args]);
  // Of a federation the cluster's name follows.
  const [, id] = /^(\d+)/.exec(stdout) ?? [];
  return code === 0 && id !== undefined ? id : refused('sbatch', stderr || stdout);
}

/** All of the caller's tasks that wait or run. Errors: Slurm does not answer. */
export async function liveTasks(): Promise<SlurmTasks> {
  const { code, stdout, stderr } = await call('squeue', ['--me', '-h', '-r', '-o', '%F_%K|%T|%N|%r']);
  if (code !== 0) refused('squeue', stderr);
  return new Map(
    linesOf(stdout).map((line): [string, SlurmTask] => {
      const [id, state, node, reason] = line.split('|');
      return [id, { state, node: node || undefined, reason: reason === 'None' ? undefined : reason }];
    }),
  );
}

/** How tasks of jobs ended, as far as Slurm still knows: by its accounting, or, where there is none, by the controller's memory. */
export async function endedTasks(jobs: readonly string[]): Promise<SlurmTasks> {
  if (jobs.length === 0) return new Map();
  const words = ['-n', '-P', '-X', '-o', 'JobID,State,ExitCode,NodeList', '-j', jobs.join(',')];
  const accounts = await call('sacct', words, true);
  if (accounts.code === 0) return accounted(accounts.stdout);
  const found = new Map<string, SlurmTask>();
  for (const job of jobs) {
    const { code, stdout } = await call('scontrol', ['show', 'job', job, '--oneliner']);
    if (code === 0) for (const [id, task] of remembered(stdout)) found.set(id, task);
  }
  return found;
}

/** Lines of sacct: `12_3|CANCELLED by 1000|0:0|n1`. */
function accounted(text: string): SlurmTasks {
  return new Map(
    linesOf(text).map((line): [string, SlurmTask] => {
      const [id, state, exitCode, node] = line.split('|');
      return [id, { state: state.split(' ')[0], exitCode, node }];
    }),
  );
}

/** Lines of scontrol: `JobId=14 ArrayJobId=12 ArrayTaskId=3 … JobState=FAILED …`; of tasks that wait together, one line. */
function remembered(text: string): SlurmTasks {
  return new Map(
    linesOf(text).flatMap((line): [string, SlurmTask][] => {
      const field = (name: string) => new RegExp(`(?:^| )${name}=(\\S+)`).exec(line)?.[1];
      const [job, tasks, state] = [field('ArrayJobId'), field('ArrayTaskId'), field('JobState')];
      if (job === undefined || state === undefined) return [];
      const task = { state, exitCode: field('ExitCode'), node: field('NodeList'), reason: field('Reason') };
      return numbersIn(tasks).map((n) => [`${job}_${n}`, task]);
    }),
  );
}

/** `0-2,5%3` → 0, 1, 2, 5. */
function numbersIn(ranges = ''): number[] {
  return ranges
    .replace(/%.*/, '')
    .split(',')
    .flatMap((range) => {
      const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
      if (from === undefined) return [];
      return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
    });
}

/** Ends tasks: those that wait at once; those that run are told by USR2, or, `now`, killed. */
export async function scancel(tasks: readonly string[], now: boolean): Promise<void> {
  const ways = now ? [[]] : [['--state=PENDING'], ['--state=RUNNING', '--batch', '--signal=USR2']];
  for (const words of ways) {
    for (let i = 0; i < tasks.length; i += 500) {
      const { code, stderr } = await call('scancel', [...words, ...tasks.slice(i, i + 500)]);
      // What has ended meanwhile needs no end.
      if (code !== 0 && !/Invalid job id|already completing/i.test(stderr)) refused('scancel', stderr);
    }
  }
}

/** The number that no task of an array reaches. */
export async function maxArraySize(): Promise<number> {
  const { code, stdout, stderr } = await call('scontrol', ['show', 'config']);
  if (code !== 0) refused('scontrol', stderr);
  return Math.max(1, Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(stdout)?.[1] ?? 1001));
}

function refused(program: string, said: string): never {
  const lines = linesOf(said).map((line) => line.replace(/^\w+: (error: )?/, '').trim());
  return failEnvironment('slurm', lines.join('; ') || `${program} failed and said nothing`);
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls one of Slurm's programs. Errors: there is none, unless it is `optional`. */
function call(program: string, args: readonly string[], optional = false): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT' && !optional) return reject(missing(program));
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
}

const missing = (program: string): LimnError =>
  new LimnError(
    'slurm',
    `there is no ${program} here`,
    "call limn where Slurm's programs are, such as on a login node",
    { kind: 'environment' },
  );
