import { expect, it } from 'vitest';
import { parsePrototxt, upgradeNet } from '../../../src/caffe/index.ts';
import { dataSettings } from '../../../src/training/batches/layer.ts';

const settings = (layer: string) => {
  const net = upgradeNet(parsePrototxt(layer, 'net.prototxt'), 'net.prototxt');
  return dataSettings(net.layer[0], 'net.prototxt');
};

it('reads a data layer, an old one too', () => {
  const old = `layers { name: "data" type: DATA top: "data" top: "label"
    data_param { source: "train_lmdb" backend: LMDB batch_size: 50 crop_size: 227 mirror: true mean_file: "mean" rand_skip: 3 } }`;
  expect(settings(old)).toEqual({
    name: 'data',
    where: "net.prototxt:1:1: layer 'data'",
    data: 'data',
    label: 'label',
    batchSize: 50,
    randomSkip: 3,
    source: { kind: 'database', path: 'train_lmdb', colour: 'as-stored' },
    crop: 227,
    mirror: true,
    scale: 1,
    meanFile: 'mean',
    meanValues: [],
  });
  const list = `layer { name: "faces" type: "ImageData" top: "x"
    transform_param { scale: 0.5 mean_value: 1 mean_value: 2 mean_value: 3 }
    image_data_param { source: "list" root_folder: "/a/" new_height: 4 new_width: 5 is_color: false shuffle: true } }`;
  expect(settings(list)).toMatchObject({
    label: undefined,
    batchSize: 1,
    source: {
      kind: 'list',
      path: 'list',
      folder: '/a/',
      size: { height: 4, width: 5 },
      colour: 'grey',
      shuffle: true,
    },
    crop: undefined,
    scale: 0.5,
    meanFile: undefined,
    meanValues: [1, 2, 3],
  });
});

const database = 'data_param { source: "db" backend: LMDB batch_size: 2 }';

it.each([
  ['type: "Data" top: "x"', 'it does not say where its pictures are; give it a data_param'],
  ['type: "HDF5Data" top: "x"', 'batches cannot be read by a layer of type HDF5Data; use Data with'],
  [`type: "Data" ${database}`, '0 tops; give one for pictures, one for labels'],
  ['type: "Data" top: "x" data_param { backend: LMDB batch_size: 2 }', 'it has no source'],
  ['type: "Data" top: "x" data_param { source: "db" backend: LMDB }', 'it has no batch_size'],
  ['type: "Data" top: "x" data_param { source: "db" batch_size: 2 }', "'db' is a LevelDB database"],
  [
    'type: "Data" top: "x" data_param { source: "db" batch_size: 2 backend: LEVELDB }',
    "'db' is a LevelDB database by its backend (LEVELDB unless given), which limn does not read; make an LMDB database of its pictures, and write backend: LMDB",
  ],
  [
    `type: "Data" top: "x" ${database} transform_param { mean_file: "m" mean_value: 1 }`,
    'it has both mean_file and mean_value; keep one',
  ],
  [
    `type: "Data" top: "x" ${database} transform_param { force_color: true force_gray: true }`,
    'it has both force_color and force_gray',
  ],
  [
    'type: "ImageData" top: "x" image_data_param { source: "l" new_height: 3 }',
    'it has one of new_height and new_width',
  ],
])('refuses %s', (text, message) => {
  expect(() => settings(`layer { name: "d" ${text} }`)).toThrow(`net.prototxt:1:1: layer 'd': ${message}`);
});
