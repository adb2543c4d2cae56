import { count, duration, short } from '../../common/format.ts';
import { clipped } from '../../common/quoted.ts';
import type { Change, UnitState } from '../../plan/execute.node.ts';
import type { Unit } from '../../plan/index.ts';
import { type Reached, reached } from '../../plan/progress.node.ts';
import { erase as eraseLines, toStderr } from '../terminal.ts';

/** What is known of many units, on stderr. */
export interface Board {
  readonly change: (change: Change) => void;
  /** A line for people. */
  say(line: string): void;
  close(): void;
}

/** A unit that runs, since when, and what was first seen of it. */
interface Running {
  readonly unit: Unit;
  readonly since: number;
  first?: Reached & { readonly at: number };
  last?: Reached & { readonly at: number };
}

/** On a terminal a few lines that are drawn anew every second; elsewhere a line for each change. `root` is the plan's folder. */
export function openBoard(root: string, total: number): Board {
  const isTerminal = process.stderr.isTTY === true;
  const states = new Map<Unit, UnitState>();
  const running = new Map<Unit, Running>();
  let drawn = 0;
  let closed = false;

  const erase = () => {
    if (drawn > 0) eraseLines({ up: drawn });
    drawn = 0;
  };
  const draw = () => {
    erase();
    const lines = boardLines(states, running, total, process.stderr.columns || 80)
      // What has left the screen could not be drawn anew.
      .slice(0, Math.max(1, (process.stderr.rows || 24) - 2));
    toStderr(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const refresh = async () => {
    const at = performance.now();
    for (const each of running.values()) {
      const now = await reached(each.unit, root);
      if (!now) continue;
      each.last = { ...now, at };
      each.first ??= each.last;
    }
    if (!closed) draw();
  };
  const timer = isTerminal ? setInterval(() => void refresh(), 1000) : undefined;
  const line = (text: string) => {
    if (isTerminal) erase();
    toStderr(`${text}\n`);
    if (isTerminal) draw();
  };

  return {
    change(change) {
      const { unit, state, found } = change;
      states.set(unit, state);
      if (state === 'running') running.set(unit, { unit, since: performance.now() });
      else running.delete(unit);
      // That units wait or were done long ago is no news.
      const isNews = !found && state !== 'waiting' && !(isTerminal && state === 'running');
      if (isNews || change.what) line(`${new Date().toTimeString().slice(0, 8)} ${changeText(change)}`);
      else if (isTerminal && states.size === total) draw();
    },
    say: line,
    close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      erase();
    },
  };
}

/** `done     age_net/fold-0/train in 3.2 s`. */
function changeText({ unit, state, what, took }: Change): string {
  const time =
    took === undefined ? '' : state === 'done' ? ` in ${duration(took)}` : ` after ${duration(took)}`;
  const words = { elsewhere: 'runs elsewhere', waiting: 'tried again later' } as Partial<
    Record<UnitState, string>
  >;
  return `${(words[state] ?? state).padEnd(8)} ${unit.name}${time}${what ? `: ${what}` : ''}`;
}

/** The board: a line for all units, then one for each that runs, none wider than `width`. */
export function boardLines(
  states: ReadonlyMap<Unit, UnitState>,
  running: ReadonlyMap<Unit, Running>,
  total: number,
  width: number,
): string[] {
  const counts = new Map<UnitState, number>();
  for (const state of states.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
  const done = counts.get('done') ?? 0;
  const bar = 24;
  const full = Math.round((done / Math.max(1, total)) * bar);
  const rest = (['running', 'elsewhere', 'waiting', 'failed', 'blocked', 'stopped'] as const).flatMap(
    (state) => {
      const n = counts.get(state);
      return n ? [`${count(n)} ${state}`] : [];
    },
  );
  const head = [`${count(done)} of ${count(total)} done`, ...rest].join(' · ');
  const lines = [...running.values()].map((each) => `  ${runningText(each)}`);
  return [`${'━'.repeat(full)}${'╌'.repeat(bar - full)} ${head}`, ...lines].map((text) =>
    clipped(text, width - 1),
  );
}

/** The same once, of units that others run: how many are in which state, and how far each is that runs. */
export async function boardOf(
  root: string,
  units: readonly (Change & { readonly node?: string | undefined })[],
): Promise<string> {
  const states = new Map(units.map(({ unit, state }): [Unit, UnitState] => [unit, state]));
  const running = await Promise.all(
    units
      .filter(({ state }) => state === 'running')
      .map(async ({ unit, node }) => {
        const at = await reached(unit, root);
        return `  ${[unit.name, node ?? [], at ? progressText(at) : []].flat().join(' · ')}`;
      }),
  );
  // A file or a program takes lines of any length.
  const lines = boardLines(states, new Map(), units.length, process.stdout.columns || Infinity);
  return `${[...lines, ...running].join('\n')}\n`;
}

const progressText = ({ iteration, iterations, loss }: Reached): string[] => [
  `${count(iteration)} of ${count(iterations)}`,
  ...(loss === undefined ? [] : [`loss ${short(loss)}`]),
];

function runningText({ unit, since, first, last }: Running): string {
  const parts = [unit.name];
  if (last) {
    parts.push(...progressText(last));
    const steps = last.iteration - first!.iteration;
    if (steps > 0) {
      const left = ((last.at - first!.at) / steps) * (last.iterations - last.iteration);
      parts.push(`${duration(left)} left`);
    }
  }
  if (parts.length < 4) parts.push(`for ${duration(performance.now() - since)}`);
  return parts.join(' · ');
}
