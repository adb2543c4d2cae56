import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { writeNpy } from '../../src/image/index.ts';
import type { LimnJob, NetName } from '../bench.ts';
import { prepare } from './jobs.ts';

/*
 * limn in a process of its own, with the protocol of peers/server.py:
 * node server.js JOB NET BATCH THREADS FOLDER, where FOLDER holds the exported network.
 */

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const [job, net, batch, threads, folder] = process.argv.slice(2) as [
  LimnJob,
  NetName,
  string,
  string,
  string,
];

const run = await prepare(job, net, Number(batch), Number(threads), folder);
await run();
await run();
say({ ready: true, job, net, batch: Number(batch), note: null });
for await (const line of createInterface(process.stdin)) {
  if (line === 'quit') break;
  if (line === 'run') {
    const start = performance.now();
    await run();
    say({ ms: performance.now() - start });
  } else if (line === 'memory') {
    say({ peak_mb: process.resourceUsage().maxRSS / 1024 });
  } else if (line.startsWith('save ')) {
    const path = line.slice('save '.length);
    writeFileSync(path, writeNpy(await run()));
    say({ saved: path });
  } else {
    say({ error: `unknown command '${line}'` });
  }
}
process.exit(0);
