import { fillUniform } from '../../src/common/random.ts';
import { fillBy, type NetworkPhoto, ranks, squares } from '../../src/faithfulness/index.ts';

const help = `npm run imputation -- [ROUNDS]

Fills in a photo of 3 × 224 × 224 as ROAD does: one order of nine steps, from 10 % to 90 % of the regions, by squares of 16, 8
and 1 pixels that go at random, from the middle out and from the rim in. Seconds of processor time, the least of 5 rounds
unless another number is given.
`;

if (process.argv[2] === '--help') {
  process.stdout.write(help);
  process.exit();
}
const rounds = Number(process.argv[2] ?? 5);
const [channels, height, width] = [3, 224, 224];
const plane = height * width;

/** Waves of many lengths, and noise: smooth and rough parts, as photos have. */
const data = new Float32Array(channels * plane);
fillUniform(data, 1, 1, -20, 20);
for (let i = 0; i < data.length; i++) {
  const [y, x] = [Math.floor((i % plane) / width), i % width];
  for (let wave = 1; wave <= 32; wave *= 2)
    data[i] += (60 / wave) * Math.sin((wave * (x + 2 * y)) / 40 + i / plane);
}
const photo: NetworkPhoto = { data, channels, height, width, index: 0 };

const orders = {
  random: (y: number, x: number) => Math.sin(1e4 * Math.sin(31 * y + 17 * x + 1)),
  'middle out': (y: number, x: number) => -Math.hypot(y - height / 2, x - width / 2),
  'rim in': (y: number, x: number) => Math.hypot(y - height / 2, x - width / 2),
};

/** Seconds of processor time that one order of nine steps takes. */
function filled(side: number, relevance: (y: number, x: number) => number): number {
  const regions = squares(height, width, side);
  const map = Float32Array.from({ length: plane }, (_, p) => relevance(Math.floor(p / width), p % width));
  const rank = ranks({ height, width, data: map }, regions, 'morf', 1, 0);
  const [removed, out] = [new Uint8Array(plane), new Float32Array(data.length)];
  const before = process.cpuUsage();
  const fill = fillBy(photo, 'imputation', 1)();
  for (let step = 1; step <= 9; step++) {
    const gone = Math.round(0.1 * step * regions.count);
    for (let p = 0; p < plane; p++) removed[p] = rank[regions.of[p]] < gone ? 1 : 0;
    fill(removed, out);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

process.stdout.write('| order | squares of 16 | of 8 | of 1 |\n| --- | --: | --: | --: |\n');
for (const [name, relevance] of Object.entries(orders)) {
  const cells = [16, 8, 1].map((side) => {
    const times = Array.from({ length: rounds }, () => filled(side, relevance));
    return Math.min(...times).toFixed(2);
  });
  process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`);
}
