import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openClassifier } from '../../src/classifier/index.ts';
import { parseManifest } from '../../src/data/index.ts';
import { wilson } from '../../src/evaluation/statistics/wilson.ts';
import { cutFace, type FoundFace, placeFace } from '../../src/faces/index.ts';
import type { FaceAlignment } from '../../src/graph/index.ts';
import type { Image } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { faceApiAgeGender } from '../../src/models/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { openBenchFinder, weightsOf } from './networks.ts';
import { type Work, write } from './work.ts';

interface Way {
  readonly align: FaceAlignment;
  readonly margin: number;
}

const ways: readonly Way[] = [
  ...[-0.1, 0, 0.1, 0.2, 0.35].map((margin): Way => ({ align: 'similarity', margin })),
  ...[-0.1, 0, 0.1, 0.2, 0.35].map((margin): Way => ({ align: 'none', margin })),
  { align: 'rotation', margin: 0 },
];

/** Every so many-eth photo of UTKFace chooses how faces are cut; all of FairFace judge. */
const step = 10;

/**
 * How often face-api's network is right about gender, by how faces are cut out: the way is chosen on UTKFace and judged on
 * FairFace, where the whole photos stand beside it. Photos without a face that is found are counted as whole photos.
 */
export async function cutting(work: Work): Promise<void> {
  const lines = ['collection,align,margin,photos,without a face,right,accuracy,low,high'];
  for (const [name, folder, every] of [
    ['utkface', work.faces, step],
    ['fairface', work.fairface, 1],
  ] as const) {
    for (const line of await collection(name, folder, every, work)) lines.push(line);
    await write(work, 'cutting.csv', `${lines.join('\n')}\n`);
  }
}

async function collection(name: string, folder: string, every: number, work: Work): Promise<string[]> {
  const text = await readFile(join(folder, 'manifest.csv'), 'utf8');
  const rows = parseManifest(text, name).rows.filter((_, i) => i % every === 0);
  const finder = await openBenchFinder();
  const classifier = await openClassifier(faceApiAgeGender(await weightsOf('age_gender')), {
    runtime: nodeRuntime,
    head: 'gender',
    session: { threads: 1 },
  });
  const right = new Map<Way | 'whole', number>();
  let without = 0;
  const count = async (way: Way | 'whole', picture: Image, truth: string) => {
    const [{ predicted }] = await classifier.classify([picture]);
    const isRight = classifier.head.labels![predicted] === truth;
    right.set(way, (right.get(way) ?? 0) + Number(isRight));
  };
  for (const { path, labels } of rows) {
    const photo = await decodeFile(join(folder, path));
    const face: FoundFace | undefined = (await finder.find(photo, { minSize: 20 })).find(
      ({ remarks }) => !remarks.includes('doubtful'),
    );
    if (!face) without += 1;
    await count('whole', photo, labels.gender);
    for (const way of ways) {
      const cut = face ? cutFace(photo, placeFace(face, { ...way, size: 112 })) : photo;
      await count(way, cut, labels.gender);
    }
  }
  await finder.release();
  await classifier.release();
  return [...right].map(([way, n]) => {
    const { low, high } = wilson(n, rows.length);
    const [align, margin] = way === 'whole' ? ['whole photo', ''] : [way.align, way.margin];
    const line = [name, align, margin, rows.length, without, n, n / rows.length, low, high].join(',');
    work.say(line);
    return line;
  });
}
