import { openSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type CampaignState, campaign, type Finding } from './campaign.ts';
import { startCoverage } from './coverage.ts';
import { formats } from './formats.ts';

/* The process in which mutants are tried: `node child.js FORMAT SEED FROM TRACE`. It tells its parent what it finds. */

export type Message =
  | { readonly kind: 'found'; readonly finding: Finding }
  | { readonly kind: 'state'; readonly state: CampaignState & { readonly code: number } };

const [name, seed, from, trace] = process.argv.slice(2);
const format = formats.find((each) => each.name === name);
if (!format || !process.send) throw new Error('only main.js starts this');
let stopped = false;
process.on('message', () => {
  stopped = true;
});
const say = (message: Message): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });

// The bundle holds limn and this; packages stand elsewhere.
const here = new URL('.', import.meta.url).href;
const coverage = startCoverage((url) => url.startsWith(here));
let said = performance.now();
await campaign(format, {
  seed: Number(seed),
  from: Number(from),
  trace: openSync(trace, 'w'),
  coverage,
  more: () => !stopped,
  found: (finding) => void say({ kind: 'found', finding }),
  tell: async (state) => {
    // Messages come in between rounds.
    await setImmediate();
    if (!stopped && performance.now() - said < 500) return;
    said = performance.now();
    await say({ kind: 'state', state: { ...state, code: coverage.size } });
  },
});
process.disconnect();
