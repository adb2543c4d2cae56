// Runs a plan of fake units in a process of its own, as limn run does: node runner.mjs PLAN WORKERS [ONLY…]; prints each change.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { execute } from '../../dist/plan/execute.node.js';
import { readPlan } from '../../dist/plan/planfile.js';
import { gateScript, processes } from '../../dist/plan/processes.node.js';

const [file, workers, ...only] = process.argv.slice(2);
const fake = new URL('./fake.mjs', import.meta.url).pathname;
const [stop, kill] = [new AbortController(), new AbortController()];
process.on('SIGINT', () => (stop.signal.aborted ? kill : stop).abort());
await execute(readPlan(readFileSync(file, 'utf8'), file), {
  root: dirname(file),
  executor: processes([process.execPath, '--import', gateScript().href, fake]),
  workers: Number(workers),
  ...(only.length > 0 && { only }),
  limn: 'test',
  stop: stop.signal,
  kill: kill.signal,
  poll: 50,
  patience: 10,
  onChange: ({ unit, state, what = '', found }) =>
    process.stdout.write(`${state} ${unit.name}${found ? ' (before)' : ''}${what && `: ${what}`}\n`),
});
