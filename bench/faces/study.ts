import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { definitions, type Kind, kinds, rootOf, solverText, type Target } from './trainings.ts';
import { limn, type Work, write } from './work.ts';

/** Pixels of a side of what both networks see, and of the faces in the databases that it is cut from. */
const side = { crop: 112, photo: 128 } as const;

const folds = [0, 1, 2, 3, 4] as const;

/** The endings of the published definitions: faces aligned, only rotated, both. */
const preparations = ['', '_unaligned', '_mixed'] as const;

/** The published names, of which a study reads what a network is and what it starts from. */
const nameOf: Readonly<Record<Kind, string>> = {
  scratch: 'net_definitions',
  finetuned: 'finetuning_googlenet',
};

/** Fewer than where a network is trained once: there are thirty trainings for each target. */
const iterations: Readonly<Record<Kind, number>> = { scratch: 400, finetuned: 200 };

/** A table of results for each stage: what an earlier one has trained is not trained again. */
const stages = [
  { targets: ['gender'], folds: '0-2' },
  { targets: ['gender'], folds: '0-4' },
  { targets: ['age', 'gender'], folds: '0-2' },
  { targets: ['age', 'gender'], folds: '0-4' },
] as const;

/**
 * The paper's study on UTKFace's faces with the two small networks of this folder, in their published layout: does it matter how
 * faces are cut out, which faces are tested, and what a network starts from? All networks see the same pixels. Ends when all
 * stages are done; the first is half an hour of GoogLeNet and as much of AdienceNet.
 */
export async function study(work: Work): Promise<void> {
  const own: Work = { ...work, folder: join(work.folder, 'study') };
  await mkdir(own.folder, { recursive: true });
  for (const [name, to] of Object.entries({
    utkface: work.faces,
    'bvlc_googlenet.caffemodel': work.weights,
  })) {
    if (!existsSync(join(own.folder, name))) await symlink(to, join(own.folder, name));
  }
  for (const target of ['age', 'gender'] as const) {
    for (const kind of ['scratch', 'finetuned'] as const) {
      for (const preparation of preparations) await define(own, target, kind, preparation);
    }
  }
  for (const [i, stage] of stages.entries()) {
    const file = `stage-${i + 1}.yaml`;
    await write(own, file, yamlOf(stage));
    // A study that is done says so in a second.
    await limn(own, 'study/plan.json', ['study', file, '-o', 'study'], { again: true });
  }
}

/** Writes a folder of definitions as the published ones are: networks and solvers of all folds, and the network as it is deployed. */
async function define(own: Work, target: Target, kind: Kind, preparation: string): Promise<void> {
  const folder = `model_definitions/${target}_${nameOf[kind]}${preparation}`;
  const { trainVal, deploy } = await definitions(own, { target, kind, crop: side.crop });
  await write(own, `${folder}/deploy.prototxt`, deploy);
  for (const fold of folds) {
    const places = (kind === 'finetuned' ? trainVal.replaceAll(`${rootOf(trainVal)}/`, '') : trainVal)
      .replaceAll('lmdb_128/mean.binaryproto', 'mean_image/Test_fold_is_0/mean.binaryproto')
      .replaceAll('"lmdb_128/', '"lmdb/Test_fold_is_0/')
      .replaceAll(/"(lmdb|mean_image)\/Test_fold_is_0/g, `"$1${preparation}/Test_fold_is_${fold}`);
    const net = `train_val_test_fold_is_${fold}.prototxt`;
    await write(own, `${folder}/${net}`, places);
    await write(
      own,
      `${folder}/solver_test_fold_is_${fold}.prototxt`,
      solverText(target, { ...kinds[kind].solver, max_iter: iterations[kind] }, net),
    );
  }
}

const yamlOf = ({ targets, folds }: (typeof stages)[number]): string => `name: UTKFace, two small networks
data:
  manifest: utkface/manifest.csv
  folds: 5
  align: true
  size: ${side.photo}
definitions: model_definitions
weights: { googlenet: bvlc_googlenet.caffemodel }
targets: [${targets.join(', ')}]
folds: ${folds}
tests: { own: same, swap: { i: r, r: i } }
crops: center
heatmaps: { photos: 40, composite: epsilon-gamma-box, variant: corrected, average: folds, regions: true }
`;
