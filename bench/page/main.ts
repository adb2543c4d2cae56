import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { hasChromium } from '../../tests/conformance/chromium.ts';
import { serveSite, site } from '../../tests/studio/site.ts';
import { type Measured, steps, visit } from './visit.ts';

/*
 * How long the page of `limn studio` takes to answer, and how large it is. `--against FOLDER` takes turns with another build of it
 * (a copy of dist/studio), so that whatever else the machine does slows down both. `--model FILE.onnx` gives the page
 * that network, too.
 */

const { values: given } = parseArgs({
  options: {
    against: { type: 'string' },
    model: { type: 'string' },
    rounds: { type: 'string', default: '7' },
  },
});
const rounds = Number(given.rounds);

if (!hasChromium) process.exit(0);

const folders = [site, ...(given.against === undefined ? [] : [resolve(given.against)])];
const visits: Measured[][] = folders.map(() => []);
for (let round = 0; round < rounds; round++) {
  // Each is the first as often as the other: what comes first was seen to be slower.
  const turn = [...folders.entries()];
  for (const [i, folder] of round % 2 === 0 ? turn : turn.reverse()) {
    const server = await serveSite({ folder });
    visits[i].push(await visit(server.address, given.model));
    await server.close();
  }
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const told = (values: readonly number[]) =>
  `${Math.round(median(values))} (${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))})`;

const row = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);
const against = folders.length > 1;
row([
  `ms, median of ${rounds} (least–most)`,
  'this build',
  ...(against ? ['the other', 'this / other'] : []),
]);
row(['---', '---:', ...(against ? ['---:', '---:'] : [])]);
for (const step of steps) {
  for (const kind of ['ms', 'processor'] as const) {
    const [own, other] = visits.map((all) => all.map((each) => each[step][kind]));
    if (own.some(Number.isNaN)) continue;
    const ratio = other && median(own.map((value, round) => value / other[round])).toFixed(2);
    row([
      kind === 'ms' ? step : `${step}: processor time`,
      told(own),
      ...(other ? [told(other), `${ratio}`] : []),
    ]);
  }
}

console.log('\n| file | kB | kB, gzip |\n| --- | ---: | ---: |');
for (const path of readdirSync(site, { recursive: true, encoding: 'utf8' }).sort()) {
  if (!/\.(js|css|wasm|onnx|html)$/.test(path)) continue;
  const bytes = readFileSync(join(site, path));
  const kB = (size: number) => (size / 1000).toFixed(1);
  row([path.replace(/-[\w-]{8}\./, '-….'), kB(bytes.length), kB(gzipSync(bytes).length)]);
}
