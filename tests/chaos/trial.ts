import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesIn, type Outcome } from '../cli/limn.ts';
import { until } from '../plan/units.ts';
import { asideOf, type Disturbance, prepare, type Trial } from './disturbances.ts';
import { start } from './process.ts';
import { contents, type Subject } from './subjects.ts';

/** What an undisturbed run of a subject makes, and how long it takes. */
export interface Alone {
  readonly expected: ReadonlyMap<string, string>;
  readonly works: number;
  readonly bytes: number;
}

let trials = 0;
const place = (subject: Subject): string => `trial-${++trials}-${subject.name}/out`;

export async function runAlone(subject: Subject, dir: string): Promise<Alone> {
  const out = place(subject);
  mkdirSync(dirname(join(dir, out)));
  await prepare({ subject, dir, out, alone: { works: 0, bytes: 0 } });
  const running = start(subject.words.replaceAll('OUT', out).split(' '), dir);
  let [began, ended] = [0, false];
  void running.ended.then(() => {
    ended = true;
  });
  await until(() => ended || readdirSync(dirname(join(dir, out))).length > 0);
  began = Date.now();
  const { code, stderr } = await running.ended;
  if (code !== 0) throw new Error(`${subject.name} fails undisturbed: ${code}: ${stderr}`);
  const bytes = filesIn(join(dir, out)).reduce((sum, name) => sum + statSync(join(dir, out, name)).size, 0);
  return { expected: contents(join(dir, out)), works: Date.now() - began, bytes };
}

/** How a trial went. */
export interface Verdict {
  /** How the disturbed processes ended. */
  readonly ends: readonly Outcome['code'][];
  /** What they said of it, once each. */
  readonly said: readonly string[];
  /** What is wrong; undefined if all is well. */
  readonly fault: string | undefined;
}

/** Runs a subject under a disturbance, then once more as a user would, and holds both against the undisturbed run. */
export async function judge(
  subject: Subject,
  disturbance: Disturbance,
  dir: string,
  alone: Alone,
): Promise<Verdict> {
  const trial: Trial = { subject, dir, out: place(subject), alone };
  const folder = join(dir, trial.out);
  mkdirSync(dirname(folder));
  if (!disturbance.possible) await prepare(trial);
  try {
    const outcomes = await disturbance.run(trial);
    const fault =
      faultOf(outcomes, disturbance, subject) ??
      (outcomes.some(({ code }) => code === 0) ? faultOfEnd(folder, alone) : undefined) ??
      (await faultAfter(trial, alone));
    const said = new Set(outcomes.map(({ stderr }) => stderr.trim()).filter(Boolean));
    return { ends: outcomes.map(({ code }) => code), said: [...said], fault };
  } finally {
    disturbance.after?.(trial);
    rmSync(dirname(folder), { recursive: true, force: true });
  }
}

/** What is wrong with what a process made that ended with 0; its folder may have been moved away when it had ended its work. */
function faultOfEnd(folder: string, alone: Alone): string | undefined {
  const places = [folder, asideOf(folder)].filter((place) => existsSync(place));
  const faults = places.map((place) => differences(place, alone, 'it ended with 0, but'));
  return faults.includes(undefined) ? undefined : (faults[0] ?? 'it ended with 0, but made nothing');
}

/** What is wrong with how processes ended. */
function faultOf(
  outcomes: readonly Outcome[],
  { harmless, fatal, says }: Disturbance,
  { progress }: Subject,
): string | undefined {
  for (const { code, stderr } of outcomes) {
    if (code === 'hangs') return 'it hangs';
    if (/^\s+at |unexpected error|bug in limn|EMFILE|node:internal/m.test(stderr))
      return `it says: ${stderr}`;
    if (fatal && code === 0) return 'it ends with 0';
    if (harmless && code !== 0) return `it ends with ${code}: ${stderr}`;
    const left = progress ? stderr.replaceAll(progress, '') : stderr;
    if (code === 1 && left !== '' && !/^limn: .+\n$/m.test(left)) return `it ends with 1 and says: ${stderr}`;
    if (code === 1 && stderr !== '' && says && !says.test(stderr))
      return `it does not say what is wrong: ${stderr}`;
  }
  return undefined;
}

/** What is wrong with what the same command makes afterwards. */
async function faultAfter(trial: Trial, alone: Alone): Promise<string | undefined> {
  const { subject, dir, out } = trial;
  const folder = join(dir, out);
  const run = (words: string) => start(words.replaceAll('OUT', out).split(' '), dir).ended;
  if (subject.before && !filesIn(dirname(folder)).includes('out/plan.json')) await prepare(trial);
  let again = await run(subject.words);
  for (const [says, words, clear] of subject.goOn ?? []) {
    if (again.code === 0 || !says.test(again.stderr)) continue;
    if (clear) rmSync(folder, { recursive: true });
    again = await run(words);
    break;
  }
  if (again.code !== 0) return `afterwards it ends with ${again.code}: ${again.stderr}`;
  return differences(folder, alone, 'afterwards');
}

function differences(folder: string, { expected }: Alone, when: string): string | undefined {
  const found = contents(folder);
  const names = [...new Set([...expected.keys(), ...found.keys()])];
  const other = names.filter((name) => found.get(name) !== expected.get(name));
  const left = (readdirSync(dirname(folder), { recursive: true }) as string[]).filter((name) =>
    // Nobody can sweep a folder that was moved away.
    /^(?!.*-aside).*(?:\.tmp|\.part)$/.test(name),
  );
  if (other.length > 0)
    return `${when} ${other.join(', ')} ${other.length > 1 ? 'are' : 'is'} not as undisturbed`;
  if (left.length > 0) return `${when} ${left.join(', ')} ${left.length > 1 ? 'are' : 'is'} left`;
  return undefined;
}
