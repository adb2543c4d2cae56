import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../cli/limn.ts';
import { until } from '../plan/units.ts';
import { type Running, signal, start } from './process.ts';
import type { Subject } from './subjects.ts';

/** A subject at work in a place of its own. */
export interface Trial {
  readonly subject: Subject;
  /** The folder with all inputs, where commands are called. */
  readonly dir: string;
  /** The output, from there on. */
  readonly out: string;
  /** Milliseconds that the undisturbed command works from when its folder is there, and bytes that it writes. */
  readonly alone: { readonly works: number; readonly bytes: number };
}

export interface Disturbance {
  readonly name: string;
  /** Whether the command has to get over it; otherwise it may fail with a message, or be killed. */
  readonly harmless?: true;
  /** Whether none can end well: the command has to fail. */
  readonly fatal?: true;
  /** What a message has to name where the command fails. */
  readonly says?: RegExp;
  /** Whether this machine can do it; everywhere unless given. */
  readonly possible?: () => boolean;
  /** Calls the command and disturbs it. The ends of all processes. */
  run(trial: Trial): Promise<readonly Outcome[]>;
  /** Takes back what was done to the place. */
  after?(trial: Trial): void;
}

const call = ({ subject, dir, out }: Trial, shell?: string): Running =>
  start(subject.words.replaceAll('OUT', out).split(' '), dir, shell);

/** Where the command writes while it works. */
const workplace = ({ subject, dir, out }: Trial): string => join(dir, subject.unfinished?.(out) ?? out);

/** Waits until the command has its folder and has done a share of its work, or has ended. */
async function midway(trial: Trial, running: Running, share: number): Promise<void> {
  let ended = false;
  void running.ended.then(() => {
    ended = true;
  });
  await until(() => ended || existsSync(workplace(trial)));
  await Promise.race([running.ended, sleep(share * trial.alone.works)]);
}

const during =
  (share: number, disturb: (trial: Trial, running: Running) => void | Promise<void>): Disturbance['run'] =>
  async (trial) => {
    const running = call(trial);
    await midway(trial, running, share);
    await disturb(trial, running);
    return [await running.ended];
  };

const shares = [0, 0.15, 0.35, 0.5, 0.65, 0.8, 0.95];
const percent = (share: number): string => `${Math.round(100 * share)} %`;

const signals: Disturbance[] = shares.flatMap((share) => [
  {
    name: `SIGKILL at ${percent(share)}`,
    run: during(share, (_, { child }) => signal(child, 'SIGKILL')),
  },
  {
    name: `SIGTERM at ${percent(share)}`,
    run: during(share, (_, { child }) => signal(child, 'SIGTERM')),
  },
  {
    name: `SIGINT twice at ${percent(share)}`,
    run: during(share, async (_, { child }) => {
      signal(child, 'SIGINT');
      await sleep(30);
      signal(child, 'SIGINT');
    }),
  },
]);

const killedAgain: Disturbance = {
  name: 'SIGKILL four times',
  async run(trial) {
    const ends: Outcome[] = [];
    for (const share of [0.2, 0.3, 0.4, 0.5]) ends.push(...(await during(share, kill)(trial)));
    return ends;
  },
};
const kill = (_: Trial, { child }: Running) => signal(child, 'SIGKILL');

/** A disk in the place of the trial's folder. */
const disk = (trial: Trial): string => join(trial.dir, dirname(trial.out));
const shell = (command: string, ...words: string[]) => void execFileSync(command, words, { stdio: 'ignore' });
const unmount = (trial: Trial) => shell('umount', disk(trial));
const remount = (trial: Trial, options: string) => shell('mount', '-o', `remount,${options}`, disk(trial));

/** Whether this process may mount disks. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const place = '/tmp/limn-chaos-mount';
  mkdirSync(place, { recursive: true });
  try {
    shell('mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', place);
    shell('umount', place);
    return true;
  } catch {
    return false;
  }
}
let mounts: boolean | undefined;
const mountable = (): boolean => {
  mounts ??= mayMount();
  return mounts;
};

const fullDisks: Disturbance[] = [0.05, 0.3, 0.6, 0.9].map((share) => ({
  name: `a disk full at ${percent(share)}`,
  says: /no space left on the disk.*; free some space/,
  possible: mountable,
  async run(trial) {
    const pages = Math.max(2, Math.floor((share * trial.alone.bytes) / 4096));
    mkdirSync(disk(trial), { recursive: true });
    shell('mount', '-t', 'tmpfs', '-o', `size=${4 * pages}k`, 'none', disk(trial));
    // What must be there before is there on a larger one.
    if (trial.subject.before) {
      remount(trial, 'size=64m');
      await prepare(trial);
      remount(trial, `size=${4 * pages + 16}k`);
    }
    const ends = [await call(trial).ended];
    remount(trial, 'size=64m');
    return ends;
  },
  after: unmount,
}));

/** Calls what a subject needs. */
export async function prepare({ subject, dir, out }: Trial): Promise<void> {
  if (!subject.before) return;
  const { code, stderr } = await start(subject.before.replaceAll('OUT', out).split(' '), dir).ended;
  if (code !== 0) throw new Error(stderr);
}

const readOnlyDisk: Disturbance = {
  name: 'a disk that turns read-only',
  fatal: true,
  says: /the file system is read-only; choose another folder/,
  possible: mountable,
  async run(trial) {
    mkdirSync(disk(trial), { recursive: true });
    shell('mount', '-t', 'tmpfs', '-o', 'size=64m', 'none', disk(trial));
    await prepare(trial);
    remount(trial, 'ro');
    const ends = [await call(trial).ended];
    remount(trial, 'rw');
    return ends;
  },
  after: unmount,
};

const readOnlyFolder: Disturbance = {
  name: 'a read-only folder',
  fatal: true,
  says: /permission denied/,
  possible: () => process.platform !== 'win32' && process.getuid?.() !== 0,
  async run(trial) {
    mkdirSync(disk(trial), { recursive: true });
    chmodSync(disk(trial), 0o555);
    const ends = [await call(trial).ended];
    chmodSync(disk(trial), 0o755);
    return ends;
  },
};

/** Of a plan that is gone before the command has read it, there is no more to say than that. */
const vanished = /was removed|or replaced|taken over|plan\.json: no such file/;

/** Puts the folder away: what a process had written by then is judged there. */
function moveAway(trial: Trial): string | undefined {
  const place = workplace(trial);
  if (!existsSync(place)) return undefined;
  renameSync(place, asideOf(place));
  return place;
}

export const asideOf = (place: string): string => `${place}-aside`;

const folders: Disturbance[] = [0, 0.3, 0.7].flatMap((share) => {
  const after = (trial: Trial) => rmSync(asideOf(workplace(trial)), { recursive: true, force: true });
  return [
    {
      name: `the folder removed at ${percent(share)}`,
      says: vanished,
      run: during(share, (trial) => void moveAway(trial)),
      after,
    },
    {
      name: `the folder replaced at ${percent(share)}`,
      says: vanished,
      run: during(share, (trial) => {
        const place = moveAway(trial);
        if (place !== undefined) mkdirSync(place);
      }),
      after,
    },
  ];
});

const limited = (name: string, line: string, rest: Partial<Disturbance> = {}): Disturbance => ({
  name,
  ...rest,
  run: async (trial) => [await call(trial, line).ended],
});

const twice: Disturbance = {
  name: 'two processes at once',
  says: /in use by another process of limn/,
  run: (trial) => Promise.all([call(trial).ended, call(trial).ended]),
};

const paused: Disturbance = {
  name: 'stopped for a second at 40 %',
  harmless: true,
  run: during(0.4, async (_, { child }) => {
    signal(child, 'SIGSTOP');
    await sleep(1000);
    signal(child, 'SIGCONT');
  }),
};

/** Everything that is done to every subject. */
export const disturbances: readonly Disturbance[] = [
  ...signals,
  killedAgain,
  paused,
  twice,
  ...folders,
  ...fullDisks,
  readOnlyDisk,
  readOnlyFolder,
  limited('64 open files', 'ulimit -n 64; limn', { harmless: true }),
  limited('files of at most 2 KiB', 'ulimit -f 2; limn', { says: /the file is too large/ }),
  limited('stdin closed', 'limn <&-', { harmless: true }),
  limited('stdout closed', 'limn >&-'),
  limited('stderr closed', 'limn 2>&-', { harmless: true }),
  limited('nothing open', 'limn <&- >&- 2>&-'),
  ...(existsSync('/dev/full')
    ? [limited('stdout full', 'limn >/dev/full', { says: /the output cannot be written: no space left/ })]
    : []),
];
