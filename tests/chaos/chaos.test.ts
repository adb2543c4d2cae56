import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Disturbance, disturbances } from './disturbances.ts';
import { material, type Subject, subjects } from './subjects.ts';
import { summary, type TrialRow } from './summary.ts';
import { type Alone, judge, runAlone } from './trial.ts';

/* Long commands, disturbed while they work and called again, end as if nothing had been. `npm run chaos` tries all; see CONTRIBUTING.md. */

const all = process.env.LIMN_CHAOS !== undefined;
const wanted = new RegExp(process.env.LIMN_CHAOS === 'all' ? '' : (process.env.LIMN_CHAOS ?? ''));

/** What is tried at each change: every disturbance of some kind, every subject a few times. */
const few: Readonly<Record<string, readonly string[]>> = {
  train: ['SIGKILL at 50 %', 'SIGTERM at 35 %', '64 open files'],
  lmdb: ['SIGKILL at 50 %', 'a disk full at 60 %', 'nothing open', 'files of at most 2 KiB'],
  evaluate: ['SIGKILL at 50 %', 'the folder replaced at 30 %', '64 open files', 'SIGINT twice at 35 %'],
  explain: ['SIGKILL at 50 %', 'a disk full at 60 %'],
  concepts: ['SIGKILL at 50 %'],
  clusters: ['SIGKILL at 50 %'],
  run: ['SIGKILL at 50 %', 'two processes at once'],
  plan: ['a disk that turns read-only', 'stdout full'],
  means: ['SIGKILL at 50 %'],
};

let dir: string;
const trials: TrialRow[] = [];

beforeAll(async () => {
  dir = await material();
}, 120_000);

afterAll(() => {
  if (all) process.stdout.write(`\n${summary(trials)}\n`);
});

/** The disturbances of a subject that are wanted and that this machine can do. */
const chosenFor = (subject: Subject): Disturbance[] =>
  disturbances.filter(({ name, possible = () => true }) =>
    all
      ? wanted.test(`${subject.name}: ${name}`) && possible()
      : few[subject.name]?.includes(name) && possible(),
  );

describe.each(
  subjects
    .map((subject) => ({ ...subject, chosen: chosenFor(subject) }))
    .filter(({ chosen }) => chosen.length > 0),
)('limn $words', { timeout: 600_000 }, ({ chosen, ...subject }) => {
  let alone: Alone;
  beforeAll(async () => {
    alone = await runAlone(subject, dir);
  }, 120_000);

  it.each(chosen)('gets over $name', async (disturbance) => {
    const verdict = await judge(subject, disturbance, dir, alone);
    trials.push({ subject: subject.name, disturbance: disturbance.name, verdict });
    expect(verdict.fault).toBeUndefined();
  });
});
