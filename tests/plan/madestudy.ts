import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { writeFold } from '../../src/data/index.ts';

/** A folder with a made-up small Adience: folds, both kinds of pictures, and a few definitions in the published layout. */
export interface MadeAdience {
  readonly folds: number;
  readonly people: number;
  readonly photos: number;
}

const ages = ['(0, 2)', '(25, 32)', '(60, 100)'];

/** Writes files below a folder. */
export function writeTree(dir: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
}

/** Faces whose brightness tells the age and whose tint the gender; those that are only rotated are no squares. */
export async function writeAdience(
  dir: string,
  { folds, people, photos }: MadeAdience = { folds: 3, people: 10, photos: 2 },
): Promise<void> {
  for (let fold = 0; fold < folds; fold++) {
    const rows = [];
    for (let p = 0; p < people; p++) {
      for (let i = 0; i < photos; i++) {
        const [user, original] = [`${fold}${p}@N0`, `photo_${i}.jpg`];
        const [age, gender] = [(p + i) % 3, p % 2];
        rows.push({ user, original, face: '1', age: ages[age], gender: gender === 0 ? 'm' : 'f' });
        const background = { r: 40 + 80 * age, g: 30 + 12 * i, b: 60 + 120 * gender };
        const picture = (width: number, height: number) =>
          sharp({ create: { width, height, channels: 3, background } })
            .jpeg()
            .toBuffer();
        writeTree(dir, {
          [`aligned/${user}/landmark_aligned_face.1.${original}`]: await picture(40, 40),
          [`faces/${user}/coarse_tilt_aligned_face.1.${original}`]: await picture(44, 36),
        });
      }
    }
    writeTree(dir, { [`folds/fold_${fold}_data.txt`]: writeFold(rows) });
  }
}

const net = (classes: number, input: string, end: string): string => `name: "small"
${input}
layer {
  name: "conv1"  type: "Convolution"  bottom: "data"  top: "conv1"
  convolution_param { num_output: 4  kernel_size: 5  stride: 3  weight_filler { type: "msra" } }
}
layer { name: "relu1"  type: "ReLU"  bottom: "conv1"  top: "conv1" }
layer {
  name: "fc8_${classes}"  type: "InnerProduct"  bottom: "conv1"  top: "fc8"
  inner_product_param { num_output: ${classes}  weight_filler { type: "xavier" } }
}
${end}
`;

const far = '/home/somebody/code/AgeGender';

/** A definition in the published layout, for pictures of 32 pixels of which 24 are seen. `crops`: ``, `_unaligned`, `_mixed`. */
export function writeDefinition(
  dir: string,
  name: string,
  { folds = 3, crops = /_(?:mixed|unaligned)$/.exec(name)?.[0] ?? '' } = {},
): void {
  const target = name.startsWith('age') ? 'age' : 'gender';
  const classes = target === 'age' ? 8 : 2;
  const files: Record<string, string> = {
    'deploy.prototxt': net(
      classes,
      'input: "data"\ninput_shape { dim: 1  dim: 3  dim: 24  dim: 24 }',
      'layer { name: "prob"  type: "Softmax"  bottom: "fc8"  top: "prob" }',
    ),
  };
  for (let fold = 0; fold < folds; fold++) {
    const layer = (phase: string, list: string) => `layer {
  name: "data"  type: "Data"  top: "data"  top: "label"  include { phase: ${phase} }
  transform_param { crop_size: 24  mirror: ${phase === 'TRAIN'}  mean_file: "${far}/mean_image${crops}/Test_fold_is_${fold}/mean.binaryproto" }
  data_param { source: "${far}/lmdb${crops}/Test_fold_is_${fold}/${target}_${list}_lmdb"  backend: LMDB  batch_size: 4 }
}`;
    files[`train_val_test_fold_is_${fold}.prototxt`] = net(
      classes,
      `${layer('TRAIN', 'train')}\n${layer('TEST', 'val')}`,
      'layer { name: "loss"  type: "SoftmaxWithLoss"  bottom: "fc8"  bottom: "label"  top: "loss" }\n' +
        'layer { name: "accuracy"  type: "Accuracy"  bottom: "fc8"  bottom: "label"  top: "accuracy"  include { phase: TEST } }',
    );
    files[`solver_test_fold_is_${fold}.prototxt`] =
      `net: "train_val_test_fold_is_${fold}.prototxt"\ntest_iter: 1000\ntest_interval: 1000\nbase_lr: 0.001\n` +
      'lr_policy: "fixed"\nmomentum: 0.9\nmax_iter: 950\ndisplay: 20\nsnapshot: 50\nsnapshot_prefix: "small"\n';
  }
  writeTree(join(dir, 'definitions', name), files);
}
